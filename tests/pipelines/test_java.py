"""Finding Java."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipelines import java


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_412"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("command not found", 0),
    ],
)
def test_the_feature_release_is_read(said: str, number: int) -> None:
    assert java.parsed(said) == number


def test_an_old_java_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java.find() is None
    program.write_text("#!/bin/sh\necho 'openjdk version \"17.0.2\"' >&2\n")
    assert java.find() == str(program)
