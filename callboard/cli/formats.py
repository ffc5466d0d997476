"""A lint report as text, JSON, SARIF 2.1.0 or GitHub workflow commands: pure, a report in, a string out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from callboard import __version__
from callboard.catalog.lint import Report
from callboard.core.errors import Problem

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "InputError": "The descriptor does not follow the rules of its format or kind.",
    "ConflictError": "Two descriptors claim the same entity.",
    "NotFoundError": "A file that is named does not exist.",
    "NotAllowedError": "A file that is named must not be read from here.",
}


def as_text(report: Report) -> str:
    """`file:line:column: field: message`, one a line, and a summary."""
    lines = [str(problem) for problem in report.problems]
    return "\n".join([*lines, _summary(report)])


def as_json(report: Report) -> str:
    """Counts and problems, for programs."""
    problems = [
        {
            "name": one.name,
            "message": one.message,
            "field": one.field,
            "source": one.source,
            "line": one.line,
            "column": one.column,
        }
        for one in report.problems
    ]
    return json.dumps({"files": report.files, "entities": report.entities, "problems": problems}, indent=2)


def as_sarif(report: Report) -> str:
    """One SARIF run; rules are the names of errors."""
    names = sorted({*_RULES, *(problem.name for problem in report.problems)})
    rules = [
        {"id": name, "shortDescription": {"text": _RULES.get(name, "A problem in a descriptor.")}}
        for name in names
    ]
    driver = {"name": "callboard", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(problem, names) for problem in report.problems],
    }
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _sarif_result(problem: Problem, names: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.name,
        "ruleIndex": names.index(problem.name),
        "level": "error",
        "message": {"text": _sentence(problem)},
    }
    if problem.source is not None:
        place: dict[str, Any] = {"artifactLocation": {"uri": quote(_relative(problem.source))}}
        if problem.line is not None:
            place["region"] = {"startLine": problem.line, "startColumn": problem.column or 1}
        result["locations"] = [{"physicalLocation": place}]
    return result


def as_github(report: Report) -> str:
    """Workflow commands, which GitHub shows as annotations beside the lines."""
    lines = []
    for problem in report.problems:
        place = {
            "file": _relative(problem.source) if problem.source else None,
            "line": problem.line,
            "col": problem.column,
            "title": problem.name,
        }
        properties = ",".join(
            f"{key}={_property(value)}" for key, value in place.items() if value is not None
        )
        lines.append(f"::error {properties}::{_data(_sentence(problem))}")
    return "\n".join([*lines, _summary(report)])


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}


def _summary(report: Report) -> str:
    count = len(report.problems)
    found = "no problems" if count == 0 else "1 problem" if count == 1 else f"{count} problems"
    return f"{report.entities} entities in {report.files} files: {found}"


def _sentence(problem: Problem) -> str:
    return f"{problem.field}: {problem.message}" if problem.path else problem.message


def _relative(source: str) -> str:
    """Below the working directory the path that a repository knows, otherwise as it is."""
    relative = os.path.relpath(source)
    return source.replace(os.sep, "/") if relative.startswith("..") else relative.replace(os.sep, "/")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")
