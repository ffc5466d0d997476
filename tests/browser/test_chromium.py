"""The Chromium of the tests is the one that is named, else the one that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import chromium


def program(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def _nothing_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_where_there_is_none_none_is_found() -> None:
    assert chromium.find() is None


def test_the_one_on_the_path_is_found_and_the_named_one_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = program(tmp_path, "chromium-browser")
    assert chromium.find() == installed
    named = program(tmp_path, "my-browser")
    monkeypatch.setenv(chromium.VARIABLE, named)
    assert chromium.find() == named


def test_a_named_one_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(chromium.VARIABLE, "/no/such/browser")
    with pytest.raises(FileNotFoundError, match="CHROMIUM=/no/such/browser"):
        chromium.find()
