"""Chooses how much of the tree of groups a page shows, and what it tells of each group."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from callboard.catalog.index import Index
from callboard.portal.organisation.organisation import Organisation
from callboard.portal.organisation.ownership import Counts, by_kind
from callboard.web.titles import NAMES

SHOWN = 200  # groups on one page
CHILDREN = 40  # of one group, unless the page is about it
DEPTH = 8
ALL_OPEN = 40  # a tree of so few groups is shown unfolded
_WILD = re.compile(r"[\\%_]")  # of the patterns of the index

Title = Callable[[int], str]
"""Gives the name of a row as people know it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A group. `people` and `owned` count with all groups below it, `direct` and `own` without.

    `total` is how many child groups it has, of which `children` are shown. `leads_back` is True where the
    same group stands above: a circle is shown once around. `matches` is where the text sought stands.
    """

    ref: str
    title: str
    type: str
    direct: int
    people: int
    own: int
    owned: int
    kinds: Counts
    total: int
    missing: Sequence[str]
    children: Sequence[Branch] = ()
    leads_back: bool = False
    open: bool = False
    matches: tuple[int, int] | None = None

    @property
    def hidden(self) -> int:
        return 0 if self.leads_back else self.total - len(self.children)


@dataclass(slots=True)
class _Draft:
    row: int
    above: _Draft | None
    depth: int
    children: list[_Draft] = field(default_factory=list)
    leads_back: bool = False


@dataclass(frozen=True, slots=True)
class Sought:
    """A filter of the tree: its text in lower case, the groups found, and those with all above them."""

    text: str
    found: Collection[int]
    kept: Collection[int]


class Growth:
    """Makes the branches of one page out of the organisation."""

    def __init__(self, index: Index, whole: Organisation, title: Title, sought: Sought | None = None) -> None:
        self._index = index
        self._whole = whole
        self._title = title
        self._sought = sought

    def ordered(self, rows: Iterable[int]) -> list[int]:
        """Rows by name, without those that the filter leaves out."""
        kept = rows if self._sought is None else (row for row in rows if row in self._sought.kept)
        return sorted(kept, key=lambda row: (self._title(row).lower(), self._index.ref(row)))

    def branch(self, row: int) -> Branch:
        """One group without its children."""
        return self._branch(_Draft(row, None, 0), unfolded=False)

    def branches(self, rows: Iterable[int], within: int | None = None) -> list[Branch]:
        """These groups with what fits below them, level by level; `within` is the group they belong to."""
        root = None if within is None else _Draft(within, None, -1)
        drafts = [_Draft(row, root, 0) for row in rows]
        for draft in drafts:
            draft.leads_back = draft.row == within
        shown, ahead = len(drafts), deque(drafts)
        while ahead and shown < SHOWN:
            draft = ahead.popleft()
            if draft.leads_back or draft.depth >= DEPTH:
                continue
            rows = self.ordered(self._whole.tree.children[draft.row])
            for row in rows[: min(CHILDREN, SHOWN - shown)]:
                child = _Draft(row, draft, draft.depth + 1, leads_back=_stands_above(draft, row))
                draft.children.append(child)
                ahead.append(child)
                shown += 1
        unfolded = shown <= ALL_OPEN or self._sought is not None
        return [self._branch(draft, unfolded=unfolded) for draft in drafts]

    def _branch(self, draft: _Draft, *, unfolded: bool) -> Branch:
        row, whole, index = draft.row, self._whole, self._index
        title = self._title(row)
        matches = None
        if self._sought is not None and row in self._sought.found:
            # Lower case may be longer than the text itself (İ); then no place is marked.
            at = title.lower().find(self._sought.text) if len(title.lower()) == len(title) else -1
            matches = (at, at + len(self._sought.text)) if at >= 0 else (0, len(title))
        return Branch(
            ref=index.ref(row),
            title=title,
            type=next(iter(index.values_of(row, "spec.type")), ""),
            direct=len(whole.members[row]),
            people=len(whole.all_members[row]),
            own=len(whole.owned[row]),
            owned=len(whole.all_owned[row]),
            kinds=by_kind(whole.all_owned[row], whole.kinds),
            total=len(whole.tree.children[row]),
            missing=whole.missing.get(row, ()),
            children=[self._branch(child, unfolded=unfolded) for child in draft.children],
            leads_back=draft.leads_back,
            open=bool(draft.children) and (unfolded or draft.depth == 0),
            matches=matches,
        )


def _stands_above(draft: _Draft | None, row: int) -> bool:
    while draft is not None:
        if draft.row == row:
            return True
        draft = draft.above
    return False


def seek(index: Index, whole: Organisation, text: str) -> Sought:
    """The groups whose name, title or type holds the text, with all that stand above them."""
    low = text.lower()
    pattern = _WILD.sub(r"\\\g<0>", low)
    found: set[int] = set()
    for key in (*NAMES, "spec.type"):
        haystack = index.haystack(key)
        if haystack is not None:
            found.update(row for row in haystack.contains(pattern) if row in whole.members)
    return Sought(low, found, whole.tree.above(found))
