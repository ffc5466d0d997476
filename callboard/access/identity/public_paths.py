"""Pages that anyone may read without signing in, as plugins contribute them.

Who reads them so is nobody (`principals.NOBODY`), whom permissions show nothing: such a page must say itself
what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callboard.core.config import Config
from callboard.plugins.contract import Contribution

_KEPT = {"", "api", "admin", "-", "settings", "sign-in", "catalog"}
"""First parts of paths that no plugin may open: what is there trusts that somebody looked who asks."""


def _always(_: Config) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class PublicPaths(Contribution):
    """Paths for GET and HEAD. `*` stands for anything but a slash; `/**` at the end for everything below.

    They are public where the configuration says so (`when`). ValueError for a path that no plugin may open.
    """

    paths: tuple[str, ...]
    when: Callable[[Config], bool] = _always

    def __post_init__(self) -> None:
        for path in self.paths:
            first = path.removeprefix("/").partition("/")[0]
            if not path.startswith("/") or first in _KEPT or first.startswith("*"):
                raise ValueError(f"{path} cannot be made public")


def patterns(contributed: Iterable[PublicPaths], config: Config) -> tuple[str, ...]:
    """Regular expressions of whole paths."""
    return tuple(_pattern(path) for one in contributed if one.when(config) for path in one.paths)


def _pattern(path: str) -> str:
    below = path.endswith("/**")
    text = re.escape(path.removesuffix("/**")).replace(r"\*", "[^/]*")
    return f"{text}/.+" if below else text
