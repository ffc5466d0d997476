from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from callboard.web.compiled import Compiled


def rendered(folder: Path, text: str) -> str:
    """What a process that begins now makes of a template."""
    made = Environment(loader=DictLoader({"a.html": text}), autoescape=True, bytecode_cache=Compiled(folder))
    return made.get_template("a.html").render(name="tide")


@pytest.fixture(autouse=True)
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_the_next_process_uses_what_was_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(tmp_path / "kept", "Hello {{ name }}") == "Hello tide"
    assert len(list((tmp_path / "kept").iterdir())) == 1
    monkeypatch.setattr(Environment, "compile", None)  # nothing is compiled any more
    assert rendered(tmp_path / "kept", "Hello {{ name }}") == "Hello tide"


def test_a_template_that_changed_is_compiled_anew(tmp_path: Path) -> None:
    rendered(tmp_path, "Hello {{ name }}")
    assert rendered(tmp_path, "Bye {{ name }}") == "Bye tide"
    assert rendered(tmp_path, "Bye {{ name }}") == "Bye tide"


def test_a_file_that_is_no_code_is_passed_over(tmp_path: Path) -> None:
    rendered(tmp_path, "Hello {{ name }}")
    [path] = tmp_path.iterdir()
    for content in (b"", b"no code", path.read_bytes()[:-7]):
        path.write_bytes(content)
        assert rendered(tmp_path, "Hello {{ name }}") == "Hello tide"


def test_where_nothing_may_be_written_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    assert rendered(tmp_path / "file", "Hello {{ name }}") == "Hello tide"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(tmp_path / "none", "Hello {{ name }}") == "Hello tide"
    assert os.listdir(tmp_path) == ["file"]
