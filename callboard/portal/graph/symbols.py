"""The icons of kinds as symbols inside a picture, because an exported picture can load nothing."""

from __future__ import annotations

import re
from functools import lru_cache

from callboard.web.assets import STATIC

_SYMBOL = re.compile(r'<symbol id="([\w-]+)"([^>]*)>(.*?)</symbol>', re.DOTALL)
_PLAIN = (
    ' viewBox="0 0 24 24"',
    '<circle cx="12" cy="12" r="7" fill="none" stroke="currentColor" stroke-width="2"/>',
)


def symbol(icon: str, id: str) -> str:
    """The `<symbol>` of an icon of the sprite under another id; icons it does not have are a circle."""
    attributes, drawn = _sprite().get(icon, _PLAIN)
    return f'<symbol id="{id}"{attributes}>{drawn}</symbol>'


@lru_cache(maxsize=1)
def _sprite() -> dict[str, tuple[str, str]]:
    path = STATIC / "icons.svg"
    text = path.read_text("utf-8") if path.exists() else ""
    return {name: (attributes, drawn) for name, attributes, drawn in _SYMBOL.findall(text)}
