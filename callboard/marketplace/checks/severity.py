"""How severe a vulnerability is, from the fields of its OSV record. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

Severity = Literal["critical", "high", "moderate", "low", ""]
"""Empty: the record does not say."""
_WORDS: Mapping[str, Severity] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "moderate": "moderate",
    "medium": "moderate",
    "low": "low",
}
# The weights and the formula of the base score are those of the CVSS v3.1 specification, section 7.
_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}
_VECTOR = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_INTERACTION = {"N": 0.85, "R": 0.62}


def severity_of(record: Mapping[str, Any], affected: Mapping[str, Any]) -> Severity:
    """What the record (JSON, hence Any) says in a word, or else by its CVSS vector.

    The part about one package counts before the whole record. Vectors of CVSS 2 and 4 are not read.
    """
    for part in (affected, record):
        for name in ("database_specific", "ecosystem_specific"):
            specific = part.get(name)
            word = specific.get("severity") if isinstance(specific, dict) else None
            if isinstance(word, str) and word.lower() in _WORDS:
                return _WORDS[word.lower()]
        scores = [
            score
            for one in part.get("severity") or ()
            if isinstance(one, dict) and one.get("type") == "CVSS_V3"
            if (score := base_score(str(one.get("score", "")))) is not None
        ]
        if scores:
            return rating(max(scores))
    return ""


def rating(score: float) -> Severity:
    """The word of a CVSS score; none for 0."""
    for least, word in ((9.0, "critical"), (7.0, "high"), (4.0, "moderate"), (0.1, "low")):
        if score >= least:
            return _WORDS[word]
    return ""


def base_score(vector: str) -> float | None:
    """The base score of a vector of CVSS 3.0 or 3.1, 0 to 10; None for what is no such vector."""
    head, *parts = vector.strip().split("/")
    if head not in ("CVSS:3.0", "CVSS:3.1"):
        return None
    given = dict(part.split(":", 1) for part in parts if ":" in part)
    try:
        changed = {"U": False, "C": True}[given["S"]]
        exploit = (
            8.22
            * _VECTOR[given["AV"]]
            * _COMPLEXITY[given["AC"]]
            * _PRIVILEGES[given["S"]][given["PR"]]
            * _INTERACTION[given["UI"]]
        )
        lost = 1 - math.prod(1 - _IMPACT[given[name]] for name in ("C", "I", "A"))
    except KeyError:
        return None
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    return _rounded_up(min((1.08 if changed else 1.0) * (impact + exploit), 10.0))


def _rounded_up(value: float) -> float:
    """To one digit, as appendix A of the specification says so that all machines agree."""
    whole = round(value * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10.0
