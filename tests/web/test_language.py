from __future__ import annotations

import struct
from pathlib import Path

import pytest

from callboard.plugins import Plugin
from callboard.portal.plugins import PLUGINS
from callboard.web.contributions import Languages
from callboard.web.language import Texts, in_template, in_template_plural
from tests.portal.conftest import OpenSite, open_site  # noqa: F401 - a fixture

GERMAN = {
    "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n",
    "Settings": "Einstellungen",
    "Search": "Suche",
    "%(num)s result\0%(num)s results": "%(num)s Treffer\0%(num)s Treffer",
}


def compiled(texts: dict[str, str]) -> bytes:
    """A gettext .mo file (its format: the GNU gettext manual, 10.3)."""
    pairs = [(key.encode(), value.encode()) for key, value in sorted(texts.items())]
    start = 28 + 16 * len(pairs)
    originals, translations, content = b"", b"", b""
    for key, _ in pairs:
        originals += struct.pack("<II", len(key), start + len(content))
        content += key + b"\0"
    for _, value in pairs:
        translations += struct.pack("<II", len(value), start + len(content))
        content += value + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + originals + translations + content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "locale" / "de" / "LC_MESSAGES" / "callboard.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled(GERMAN))
    return tmp_path / "locale"


@pytest.mark.parametrize(
    ("wanted", "accepted", "chosen"),
    [
        (None, "", "en"),
        (None, "de-CH, en;q=0.5", "de"),
        (None, "en;q=0.2, de;q=0.9", "de"),
        (None, "fr, *;q=0.1", "en"),
        ("en", "de", "en"),
        ("de", "en", "de"),
        ("fr", "de", "de"),
        (None, "de;q=x, ;;;, \x00", "en"),
    ],
)
def test_the_visitor_decides_then_the_browser(
    folder: Path, wanted: str | None, accepted: str, chosen: str
) -> None:
    assert Texts([Languages(folder)]).chosen(wanted, accepted) == chosen


async def test_a_page_is_in_the_language_that_was_asked_for(
    open_site: OpenSite,  # noqa: F811 - the fixture
    folder: Path,
) -> None:
    site = await open_site(plugins=(*PLUGINS, Plugin("german", "German", (Languages(folder),))))
    assert "Settings" in await site.page("/settings")
    text = await site.page("/settings", accept_language="de")
    assert '<html lang="de"' in text
    assert "Einstellungen" in text
    await site.post("/settings", {"language": "de"})
    assert "Einstellungen" in await site.page("/settings")
    await site.post("/settings", {"language": "xx"}, 400)


def test_a_text_that_somebody_else_wrote_is_escaped_in_a_template() -> None:
    assert in_template("<script>%s") == "&lt;script&gt;%s"
    assert in_template("Hello, %(name)s", name="<b>") == "Hello, &lt;b&gt;"
    assert in_template_plural("%(num)s <i>", "%(num)s <b>", 2) == "2 &lt;b&gt;"
