"""Reads what a URL of the graph asks for, and writes such URLs; the parameters are those of Backstage's page.

Ours alone is `follow`, the direction of the walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from callboard.core.errors import InputError
from callboard.model.refs import parse_ref
from callboard.portal.graph.layout import Orientation
from callboard.portal.graph.traverse import Follow, Scope

PATH = "/catalog-graph"
MAX_ROOTS = 50
DEEPEST = 100  # more steps than any chain of relations has; an endless walk is asked for by name

Curve = Literal["curveMonotoneX", "curveStepBefore"]
_ENDLESS = {"", "infinity", "infinite", "all", "∞"}
_INDEXED = re.compile(r"\[\d*\]$")  # Backstage writes lists as `name[]` or `name[0]`
_WORD = re.compile(r"\w{1,100}")
_SWITCHES = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


@dataclass(frozen=True, slots=True)
class Address:
    """What is to be drawn. `roots` are full references in lower case, `problems` what was not understood."""

    roots: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)
    orientation: Orientation = "LR"
    curve: Curve = "curveMonotoneX"
    problems: tuple[str, ...] = ()

    def query(self) -> str:
        """The query string: only what differs from what a plain link means."""
        plain, scope = Address(), self.scope
        pairs: list[tuple[str, str]] = [("rootEntityRefs[]", root) for root in self.roots]
        if scope.depth != plain.scope.depth:
            pairs.append(("maxDepth", "all" if scope.depth is None else str(scope.depth)))
        if scope.follow != plain.scope.follow:
            pairs.append(("follow", scope.follow))
        pairs += [("selectedKinds[]", kind) for kind in sorted(scope.kinds)]
        pairs += [("selectedRelations[]", relation) for relation in sorted(scope.relations)]
        if not scope.merge:
            pairs.append(("mergeRelations", "false"))
        if not scope.one_way:
            pairs.append(("unidirectional", "false"))
        if self.orientation != plain.orientation:
            pairs.append(("direction", self.orientation))
        if self.curve != plain.curve:
            pairs.append(("curve", self.curve))
        return urlencode(pairs, safe="[]:/")

    def url(self, path: str = PATH) -> str:
        """The shareable address of this picture."""
        query = self.query()
        return f"{path}?{query}" if query else path

    def around(self, *roots: str) -> Address:
        """The same view of other entities."""
        return replace(self, roots=roots)

    def scoped(self, **changes: Any) -> Address:
        """The same roots with fields of the scope replaced; their types are those of `Scope`."""
        return replace(self, scope=replace(self.scope, **changes))


def read_address(parameters: Iterable[tuple[str, str]]) -> Address:
    """Understands as much as it can; every misunderstanding becomes a sentence in `problems`."""
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        given.setdefault(_INDEXED.sub("", name), []).append(value.strip())
    problems: list[str] = []
    roots = _roots(given.get("rootEntityRefs", ()), problems)
    scope = Scope(
        depth=_depth(given.get("maxDepth", ()), problems),
        follow=_one_of(given, "follow", get_args(Follow), "both", problems),
        kinds=frozenset(kind.lower() for kind in _words(given, "selectedKinds", problems)),
        relations=frozenset(_words(given, "selectedRelations", problems)),
        merge=_switch(given, "mergeRelations", problems),
        one_way=_switch(given, "unidirectional", problems),
    )
    return Address(
        roots=roots,
        scope=scope,
        orientation=_one_of(given, "direction", get_args(Orientation), "LR", problems),
        curve=_one_of(given, "curve", get_args(Curve), "curveMonotoneX", problems),
        problems=tuple(problems),
    )


def _roots(texts: Iterable[str], problems: list[str]) -> tuple[str, ...]:
    roots: dict[str, None] = {}
    for text in filter(None, texts):
        try:
            roots[str(parse_ref(text, default_kind="component"))] = None
        except InputError as error:
            problems.append(f"{str(error)[:1].upper()}{str(error)[1:]}.")
    if len(roots) > MAX_ROOTS:
        problems.append(f"The graph begins at {MAX_ROOTS} entities at most; the first {MAX_ROOTS} are shown.")
    return tuple(roots)[:MAX_ROOTS]


def _depth(texts: Sequence[str], problems: list[str]) -> int | None:
    plain = Scope().depth
    if not texts:
        return plain
    text = texts[-1]
    if text.lower() in _ENDLESS:
        return None
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= DEEPEST and len(text) < 5:
        return int(text)
    problems.append(f'The depth "{text}" must be a whole number from 1 to {DEEPEST}, or "all".')
    return plain


def _words(given: dict[str, list[str]], name: str, problems: list[str]) -> list[str]:
    words = [word for text in given.get(name, ()) for word in text.split(",") if word]
    wrong = [word for word in words if not _WORD.fullmatch(word)]
    if wrong:
        problems.append(f'{name} holds "{wrong[0]}", which is no name of a kind or relation.')
    return [word for word in words if _WORD.fullmatch(word)]


def _switch(given: dict[str, list[str]], name: str, problems: list[str]) -> bool:
    """The last value counts, so that a form can send "false" before the box that says "true"."""
    texts = given.get(name)
    if not texts:
        return True
    if texts[-1].lower() not in _SWITCHES:
        problems.append(f'{name} must be true or false, not "{texts[-1]}".')
    return _SWITCHES.get(texts[-1].lower(), True)


def _one_of(
    given: dict[str, list[str]], name: str, known: Sequence[str], plain: str, problems: list[str]
) -> Any:
    """One of the words of a Literal, hence Any; compared without case, as links are typed by people too."""
    texts = given.get(name)
    if not texts or not texts[-1]:
        return plain
    found = {word.lower(): word for word in known}.get(texts[-1].lower())
    if found is None:
        problems.append(f'{name} must be one of {", ".join(known)}, not "{texts[-1]}".')
    return found or plain
