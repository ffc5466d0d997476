"""Makes a picture that stands alone, with the rules of the style sheets and a value for every variable."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from markupsafe import Markup

from callboard.web.assets import STATIC

Theme = Literal["light", "dark"]

# Read from the bundles, whose comments are gone; both sheets are flat enough for these.
_TOKEN = re.compile(r"--([\w-]+):\s*([^;{}]+)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_AT_RULE = re.compile(r"@[\w-]+[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_PAIR = re.compile(r"light-dark\(\s*([^(),]+|[\w-]+\([^()]*\))\s*,\s*([^(),]+|[\w-]+\([^()]*\))\s*\)")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_VARIABLE = re.compile(r"var\(--([\w-]+)\)")


def standalone(picture: Markup, theme: Theme) -> str:
    """A whole SVG document of a drawn picture, on a ground of its own."""
    head, _, rest = picture.partition(">")
    ground = '<rect class="ground" width="100%" height="100%"/>'
    whole = f"{head}><style>{_style(theme)}</style>{ground}{rest}\n"
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", whole)


@lru_cache(maxsize=2)
def _style(theme: Theme) -> Markup:
    tokens = _tokens(theme)
    sheet = _AT_RULE.sub("", _read("graph.css"))
    rules = []
    for selector, declarations in _RULE.findall(sheet):
        if selector.strip().startswith(".graph-picture"):
            rules.append(f"{selector.strip()}{{{_concrete(declarations.strip(), tokens)}}}")
    font = tokens.get("font", "sans-serif")
    rules.append(f".graph-picture{{font-family:{font}}}.ground{{fill:{tokens.get('surface', 'white')}}}")
    # Our own style sheets; a `<` in them could not be read as XML.
    return Markup("".join(rules)).replace("<", "")  # noqa: S704


def _tokens(theme: Theme) -> dict[str, str]:
    """Values of the first definition of each token, which is the one for every visitor."""
    found: dict[str, str] = {}
    for name, value in _TOKEN.findall(_read("app.css")):
        found.setdefault(name, _PAIR.sub(r"\1" if theme == "light" else r"\2", value.strip()))
    return found


def _concrete(text: str, tokens: dict[str, str]) -> str:
    for _ in range(4):  # a token may be made of another
        text = _VARIABLE.sub(lambda match: tokens.get(match[1], "inherit"), text)
    return text


def _read(name: str) -> str:
    path = STATIC / name
    return path.read_text("utf-8") if path.exists() else ""
