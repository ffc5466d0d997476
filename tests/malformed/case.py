"""What a malformed input is: its text, its neighbours, and the mistakes that must be told about it.

`NAME` in a text stands for the case's own name, `FOLDER` for its folder, `WEB` for the address of the test's
web server, `FORBIDDEN` for another port of the same host that no configuration allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

AT_MARK = -1
MARK = "#!"
"""Ends the line of a text on which its mistake must be shown."""
BAD = "bad.yaml"


@dataclass(frozen=True)
class Mistake:
    """A part of the message, and where it must be shown. `file` None means that any file will do."""

    message: str
    field: str = ""
    line: int | None = AT_MARK
    file: str | None = BAD


@dataclass(frozen=True)
class Case:
    """One malformed file beside a healthy one; unless `alone`, healthy documents surround its text too."""

    name: str
    text: str | bytes
    mistakes: tuple[Mistake, ...]
    alone: bool = False
    size: int | None = None
    """The file is filled up with zeros to this size (a sparse file: no disk is used)."""
    more: dict[str, str | bytes] = field(default_factory=dict)
    """Further files, which only the bad one names."""
    links: dict[str, str] = field(default_factory=dict)
    """Symbolic links in the folder, and where they lead."""
    also_served: tuple[str, ...] = ()
    targets: tuple[str, ...] = (BAD,)

    def healthy(self) -> list[str]:
        """The references that must be served."""
        own = ["beside"] if self.alone else ["before", "after", "beside"]
        refs = [f"component:default/{self.name}-{each}" for each in own]
        return [*refs, *(ref.replace("NAME", self.name).lower() for ref in self.also_served)]

    def offset(self) -> int:
        """How many lines of the file stand before the bad text."""
        return 0 if self.alone else component(f"{self.name}-before").count("\n") + 1

    def line(self, mistake: Mistake) -> int | None:
        """The line in the file on which a mistake must be shown."""
        if mistake.line is None:
            return None
        if mistake.line != AT_MARK:
            return mistake.line + (self.offset() if mistake.file == BAD else 0)
        text = self.text if isinstance(self.text, str) else self.text.decode()
        marked = [number for number, line in enumerate(text.split("\n"), 1) if line.endswith(MARK)]
        same_place = [each for each in self.mistakes if each.line == AT_MARK]
        return marked[min(same_place.index(mistake), len(marked) - 1)] + self.offset()


def one(name: str, text: str | bytes, message: str, field: str = "", line: int | None = AT_MARK) -> Case:
    """The usual case: one mistake in one document."""
    return Case(name, text, (Mistake(message, field, line),))


def component(name: str, *, metadata: str = "", spec: str | None = None) -> str:
    """A healthy Component; `metadata` adds lines to it, `spec` replaces all of its lines."""
    lines = ["apiVersion: backstage.io/v1alpha1", "kind: Component", "metadata:", f"  name: {name}"]
    lines += [f"  {line}" for line in metadata.splitlines()]
    lines += ["spec:"]
    given = "type: service\nlifecycle: production\nowner: crew" if spec is None else spec
    lines += [f"  {line}" for line in given.splitlines()]
    return "\n".join(lines) + "\n"
