"""What can go wrong: one small tree of exceptions, and the value that describes a mistake in input.

The names and HTTP statuses are those of Backstage's error envelope (contract notes A1), because real
Backstage clients branch on them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

Path = tuple[str | int, ...]


def field_name(path: Path) -> str:
    """`("metadata", "tags", 0)` as people write it: `metadata.tags[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in input, with where it stands.

    `path` leads to the field inside the document; `line` and `column` count from 1; `source` is the file
    path or URL. `name` is the error's name on the wire.
    """

    message: str
    path: Path = ()
    line: int | None = None
    column: int | None = None
    source: str | None = None
    name: str = "InputError"

    @property
    def field(self) -> str:
        return field_name(self.path)

    def at(self, source: str | None, line: int | None = None, column: int | None = None) -> Problem:
        """The same mistake, with its position filled in."""
        return replace(self, source=source, line=line, column=column)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.source, self.line, self.column) if part is not None)
        return ": ".join(part for part in (place, self.field, self.message) if part)


class CallboardError(Exception):
    """Whatever reaches a client as an error envelope. Subclasses name themselves and set the status."""

    name = "Error"
    status = 500


class InputError(CallboardError):
    name = "InputError"
    status = 400


class AuthenticationError(CallboardError):
    name = "AuthenticationError"
    status = 401


class NotAllowedError(CallboardError):
    name = "NotAllowedError"
    status = 403


class NotFoundError(CallboardError):
    name = "NotFoundError"
    status = 404


class ConflictError(CallboardError):
    name = "ConflictError"
    status = 409


class NotModifiedError(CallboardError):
    name = "NotModifiedError"
    status = 304


class NotSupportedError(CallboardError):
    """Backstage's NotImplementedError; renamed here because Python has a built-in of that name."""

    name = "NotImplementedError"
    status = 501


class ServiceUnavailableError(CallboardError):
    """`retry_after` is what a host said when it asked to be left alone: seconds, or a date of HTTP."""

    name = "ServiceUnavailableError"
    status = 503

    def __init__(self, message: str, retry_after: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(message)


class ConfigError(InputError):
    """A configuration that cannot be used; carries every problem found, not just the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
