"""The file that describes a listing: its fields, its pictures, and the chapters that stand in files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callboard.cli.marketplace_remote import read
from callboard.cli.remote import fail


@dataclass(frozen=True, slots=True)
class Shot:
    file: Path
    alt: str = ""
    caption: str = ""


@dataclass(slots=True)
class Described:
    """`fields` are JSON (hence Any) that the server reads; `shots` is None where the file names none."""

    fields: dict[str, Any]
    icon: Path | None = None
    shots: list[Shot] | None = field(default=None)


def described(path: Path) -> Described:
    """What a YAML or JSON file says of a listing. Files are named from its folder. Ends the command else."""
    fields = _mapping(path)
    made = Described(fields)
    icon = fields.pop("icon", None)
    if icon is not None:
        made.icon = _file(path, icon, "icon")
    shots = fields.pop("screenshots", None)
    if shots is not None:
        made.shots = [_shot(path, one, at) for at, one in enumerate(_list(path, shots, "screenshots"))]
    chapters = fields.get("documentation")
    if chapters is not None:
        listed = _list(path, chapters, "documentation")
        fields["documentation"] = [_chapter(path, one, at) for at, one in enumerate(listed)]
    return made


def _shot(path: Path, one: Any, at: int) -> Shot:
    """A screenshot (JSON, hence Any): a file, or a mapping with what is said of it."""
    given = one if isinstance(one, dict) else {"file": one}
    if further := sorted(set(map(str, given)) - {"file", "alt", "caption"}):
        fail(f"{path}: screenshots[{at}].{further[0]} is no field of a screenshot: file, alt, caption")
    texts = {name: given.get(name) or "" for name in ("alt", "caption")}
    return Shot(_file(path, given.get("file"), f"screenshots[{at}].file"), **texts)


def _chapter(path: Path, one: Any, at: int) -> Any:
    """A chapter (JSON, hence Any) with its Markdown; `file` names where that stands."""
    if not isinstance(one, dict) or "file" not in one:
        return one  # the server says what is wrong with it
    where = _file(path, one["file"], f"documentation[{at}].file")
    try:
        markdown = read(where).decode()
    except UnicodeDecodeError:
        fail(f"{where} is not UTF-8")
    return {**{name: value for name, value in one.items() if name != "file"}, "markdown": markdown}


def _file(path: Path, value: Any, name: str) -> Path:
    if not isinstance(value, str) or not value:
        fail(f"{path}: {name} must name a file")
    return path.parent / value


def _list(path: Path, value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        fail(f"{path}: {name} must be a list")
    return value


def _mapping(path: Path) -> dict[str, Any]:
    from callboard.core.yaml import read_documents

    documents = read_documents(read(path), str(path))
    value = documents[0].value if len(documents) == 1 and documents[0].problem is None else None
    if not isinstance(value, dict):
        fail(str(documents[0].problem) if documents and documents[0].problem else f"{path} must be a mapping")
    return value
