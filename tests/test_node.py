"""The locks of our npm packages name no host, and Node's failures are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.node import NodeError, run_script

ROOT = Path(__file__).parent.parent
LOCKS = ("tests/client", "tests/browser", "callboard/web/assets")


@pytest.mark.parametrize("folder", LOCKS)
def test_a_lock_names_no_host(folder: str) -> None:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    assert "resolved" not in {key for package in lock["packages"].values() for key in package}


def test_a_script_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "nothing", "private": true}')
    (tmp_path / "package-lock.json").write_text(
        '{"name": "nothing", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "nothing"}}}'
    )
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "script.mjs").write_text("throw new Error('the hull is open')")
    with pytest.raises(NodeError, match="the hull is open"):
        run_script(tmp_path, "script.mjs")
