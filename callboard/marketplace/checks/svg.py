"""Whether an SVG is a drawing and nothing else: an allow-list of elements and attributes."""

from __future__ import annotations

import re
from xml.parsers import expat

_ELEMENTS = {
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "title", "desc", "defs",
    "linearGradient", "radialGradient", "stop", "clipPath", "mask", "symbol", "use", "text", "tspan",
}  # fmt: skip
_ATTRIBUTES = re.compile(
    r"""xmlns(:xlink)?|version|id|class|width|height|viewBox|preserveAspectRatio|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|
    d|points|transform|fill(-rule|-opacity)?|stroke(-\w+)*|opacity|color|offset|stop-(color|opacity)|
    gradient(Units|Transform)|spreadMethod|fx|fy|fr|clip(-path|-rule|PathUnits)|mask|mask(Units|ContentUnits)|
    href|xlink:href|role|aria-[a-z]+|focusable|font-(family|size|weight|style)|text-anchor|dx|dy|
    dominant-baseline|letter-spacing|xml:space|vector-effect|paint-order|pathLength|display|visibility|overflow|
    enable-background""",
    re.VERBOSE,
)
_LOCAL = re.compile(r"#[A-Za-z0-9_.:-]+")
MAX_ELEMENTS = 5_000
MAX_DEPTH = 64


class _RefusedError(Exception):
    pass


def wrong_svg(content: bytes) -> str | None:
    """Why an SVG is refused, in words that go on after "The SVG"; None for a plain drawing."""
    parser = expat.ParserCreate()
    depth = count = 0

    def refuse(words: str) -> None:
        raise _RefusedError(words)

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if count > MAX_ELEMENTS or depth > MAX_DEPTH:
            refuse("has too many elements")
        local = name.removeprefix("svg:")
        if local not in _ELEMENTS or ((depth == 1) != (local == "svg") and local != "svg"):
            refuse(f"holds the element <{name[:40]}>")
        for key, value in attributes.items():
            if not _ATTRIBUTES.fullmatch(key):
                refuse(f"holds the attribute {key[:40]} of <{name[:40]}>")
            if key.endswith("href") and not _LOCAL.fullmatch(value.strip()):
                refuse(f"refers to something outside of it: {value[:60]}")
            if "\\" in value:  # style sheets spell any word with escapes, and no drawing needs them
                refuse(f"holds an escape in {key}")
            folded = re.sub(r"[\s\\]", "", value).lower()
            if any(
                url and not url.strip("'\"").startswith("#") for url in re.findall(r"url\(([^)]*)", folded)
            ):
                refuse(f"refers to something outside of it: {value[:60]}")
            if "script:" in folded or "expression(" in folded:
                refuse(f"holds a script in {key}")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = lambda *_: refuse("has a document type, which could hold entities")
    parser.EntityDeclHandler = lambda *_: refuse("declares entities")
    parser.ProcessingInstructionHandler = lambda *_: refuse("holds a processing instruction")
    try:
        parser.Parse(content, True)
    except _RefusedError as refused:
        return str(refused)
    except expat.ExpatError as error:
        return f"is not well-formed: {error}"
    return None if count else "is empty"
