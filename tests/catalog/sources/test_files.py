"""Reading local files: whole, also when they do not tell their size, and where they really lie."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from callboard.catalog.sources.files import read_file, without_links
from callboard.core.errors import InputError


@pytest.mark.parametrize("size", [0, 1, 5_000, 100_000])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "one").write_bytes(content)
    assert read_file(str(tmp_path / "one")) == content


def test_a_pipe_that_tells_no_size_is_read_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(b"x" * 300))
    writer.start()
    assert read_file(str(path), max_bytes=1000) == b"x" * 300
    writer.join()


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 11)
    with pytest.raises(InputError, match="at most 10 are read"):
        read_file(str(tmp_path / "one"), max_bytes=10)


@pytest.mark.parametrize("name", ["file", "link", "chain", "aside/file", "absent", "to nothing", "round"])
def test_links_are_followed_as_realpath_follows_them(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "chain").symlink_to("link")
    (tmp_path / "aside").symlink_to(tmp_path)
    (tmp_path / "to nothing").symlink_to("absent")
    (tmp_path / "round").symlink_to("round")
    assert without_links(str(tmp_path / name)) == os.path.realpath(tmp_path / name)


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert without_links(str(tmp_path / "pipe")) == os.path.realpath(tmp_path / "pipe")
