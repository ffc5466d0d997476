"""The bundles that are committed are those that the sources give, and they are small."""

from __future__ import annotations

import gzip
from pathlib import Path

from callboard.web.assets import STATIC
from tests.node import run_script

SOURCES = STATIC.parent / "assets"
EVERY_PAGE = ("app.css", "app.js")
LIMIT = 60 * 1024


def test_the_committed_bundles_are_what_the_sources_give(tmp_path: Path) -> None:
    run_script(SOURCES, "build.mjs", tmp_path / "static", timeout=60)
    built = {path.name: path.read_bytes() for path in (tmp_path / "static").iterdir()}
    committed = {path.name: path.read_bytes() for path in STATIC.iterdir()}
    differ = sorted(name for name in built | committed if built.get(name) != committed.get(name))
    assert not differ, f"not as built: {', '.join(differ)}; run `make assets` and commit callboard/web/static"


def test_what_every_page_loads_is_at_most_60_kb_compressed() -> None:
    sizes = {name: len(gzip.compress((STATIC / name).read_bytes())) for name in EVERY_PAGE}
    assert sum(sizes.values()) <= LIMIT, sizes


def test_a_bundle_asks_no_other_host_for_anything() -> None:
    for path in STATIC.glob("*.css"):
        text = path.read_text()
        assert "//" not in text.replace("http://www.w3.org/", ""), path.name
        assert "@import" not in text, path.name
