"""Matches the path of a file against the patterns of CODEOWNERS, by GitHub's rules.

The rules are those of gitignore without negation and brackets, and with one of GitHub's own: `docs/*` means
the files of that folder, not those of folders below it.

No pattern takes long, however it is made. A path has positions: before each of its names, and after the last.
A set of positions is the bits of a number, and each part of a pattern turns the positions where it may begin
into those where it may end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from callboard_codeowners.names import Name, name_of

MAX_PATTERN = 1000
MAX_PATH = 4096
MAX_NAME = 255
FOLDERS = "**"


class PatternError(ValueError):
    """A pattern that GitHub does not understand either; the message says why."""


@dataclass(slots=True)
class Path:
    """A path below the root of its repository. One that is too long for a file system matches nothing."""

    names: tuple[str, ...]
    _known: dict[Name, int] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Path:
        names = tuple(part for part in text.split("/") if part)
        usable = len(text) <= MAX_PATH and all(len(name) <= MAX_NAME for name in names)
        return cls(names if usable else ())

    @property
    def before_end(self) -> int:
        """Every position after which there is still a name."""
        return (1 << len(self.names)) - 1

    def after(self, name: Name, positions: int) -> int:
        """Where one may be when the name stood at one of the positions."""
        places = self._known.get(name)
        if places is None:
            places = sum(1 << at for at, one in enumerate(self.names) if name.matches(one))
            self._known[name] = places
        return (positions & places) << 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """`parts` are names, or None for `**`. With `below`, what is in a folder that matches does so too."""

    text: str
    parts: tuple[Name | None, ...]
    below: bool

    def matches(self, path: Path) -> bool:
        """Whether the file is one of those that the pattern means."""
        reached = 1
        for part in self.parts:
            if part is not None:
                reached = path.after(part, reached)
            else:
                lowest = reached & -reached
                reached = path.before_end & ~(lowest - 1)
            if not reached:
                return False
        return self.below or bool(reached >> len(path.names))


def compiled(text: str) -> Pattern:
    """Raises PatternError."""
    if len(text) > MAX_PATTERN:
        raise PatternError(f"the pattern is longer than {MAX_PATTERN} characters")
    if text.startswith("!"):
        raise PatternError("patterns cannot be negated with !")
    parts = _split(text)
    names = [part for part in parts if part]
    if not names:
        raise PatternError("the pattern names no file")
    in_folder = len(parts) > 1 and not parts[-1]
    anywhere = len(parts) == 1 or (in_folder and len(parts) == 2)
    if in_folder:
        # What stands in the folder is meant; `**/` is any folder.
        names += ["*", FOLDERS] if names[-1] == FOLDERS else [FOLDERS]
    if anywhere:
        names.insert(0, FOLDERS)
    made: list[Name | None] = []
    for name in names:
        if name != FOLDERS:
            made.append(name_of(name))
        elif made[-1:] != [None]:
            made.append(None)
    return Pattern(text, tuple(made), below=names[-1] != "*")


def _split(text: str) -> list[str]:
    """The parts between slashes. A backslash keeps the character after it; a slash is always one."""
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "[":
            raise PatternError("ranges in brackets are not understood")
        if text[at] == "\\" and text[at + 1 : at + 2] != "/":
            if at + 1 == len(text):
                raise PatternError("the pattern ends with a backslash")
            at += 1
        elif text[at] == "/":
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]
