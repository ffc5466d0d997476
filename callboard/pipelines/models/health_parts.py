"""The parts of health: points by rules that fit in a sentence, with the inputs in words.

`docs/reference/pipelines.md` states the same rules, and a test computes its example.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, Same
from callboard.pipelines.models.advisories import SEVERITIES
from callboard.pipelines.models.shapes import days, real, rounded, shape, text

WEIGHTS = {"critical": 100, "high": 75, "moderate": 40, "low": 10}  # percent of all points that one costs
README = 2000  # bytes that earn all points


@dataclass(frozen=True, slots=True)
class Part:
    """`share` (0 to 1) of `most` points; null is not known, and then `reason` is not shown."""

    name: str
    title: str
    most: int
    share: ir.NumericValue
    reason: ir.StringValue


def expression(given: Given) -> ir.Table:
    facts = given["listing_facts"]
    return ibis.union(*(_rows(facts, part) for part in parts(facts)))


def parts(facts: ir.Table) -> tuple[Part, ...]:
    """All parts, in the order in which pages show them; their `most` add up to 100."""
    return (
        _cadence(facts),
        _issues(facts),
        _maintainers(facts),
        _vulnerabilities(facts),
        _compatibility(facts),
        _documentation(facts),
        _deprecation(facts),
    )


def _rows(facts: ir.Table, part: Part) -> ir.Table:
    known = part.share.notnull()
    points = rounded(part.share.cast("float64") * part.most, 1)
    return facts.select(
        facts.listing,
        facts.day,
        part=ibis.literal(part.name),
        title=ibis.literal(part.title),
        points=known.ifelse(points, 0.0),
        most=known.ifelse(float(part.most), 0.0),
        reason=known.ifelse(
            part.reason, f"Not known, so its {part.most} points are left out and the others weigh more."
        ),
    )


def _falling(value: ir.IntegerValue, full: int, none: int) -> ir.FloatingValue:
    """1 up to `full`, 0 from `none`, on a straight line between."""
    return ((none - value.cast("float64")) / (none - full)).clip(lower=0.0, upper=1.0)


def _number(value: ir.Value) -> ir.StringValue:
    return value.cast("int64").cast("string")


def _cadence(facts: ir.Table) -> Part:
    recent = _falling(facts.days_since_release, 90, 730)
    often = (facts.releases_365d.cast("float64") / 6).clip(upper=1.0)
    days_ago = "The last release was " + _number(facts.days_since_release) + " days ago"
    both = facts.releases_365d.notnull()
    return Part(
        "release_cadence",
        "Release cadence",
        20,
        both.ifelse((recent + often) / 2, recent),
        both.ifelse(
            days_ago
            + " (all of one half up to 90, none from 730), and "
            + _number(facts.releases_365d)
            + " versions came in 365 days (all of the other half from 6).",
            days_ago + " (all points up to 90, none from 730).",
        ),
    )


def _issues(facts: ir.Table) -> Part:
    return Part(
        "issue_responsiveness",
        "Issue responsiveness",
        15,
        _falling(facts.median_days_to_close, 7, 180),
        "Half of the closed issues were closed within "
        + _number(facts.median_days_to_close)
        + " days (all points up to 7, none from 180).",
    )


def _maintainers(facts: ir.Table) -> Part:
    return Part(
        "maintainers",
        "Maintainers",
        15,
        (facts.maintainers.cast("float64") / 3).clip(upper=1.0),
        "It has " + _number(facts.maintainers) + " maintainers (a third of the points each, up to 3).",
    )


def _vulnerabilities(facts: ir.Table) -> Part:
    cost = facts.critical * 0
    for severity, weight in WEIGHTS.items():
        cost += facts[severity] * weight
    share = ((100 - cost.cast("float64")) / 100).clip(lower=0.0)
    said = ibis.literal("Advisories about the newest version: ")
    for severity in reversed(SEVERITIES):
        said += (facts[severity] > 0).ifelse(_number(facts[severity]) + f" {severity}, ", "")
    costs = ", ".join(f"{weight} % for a {severity} one" for severity, weight in WEIGHTS.items())
    lost = _number(cost.clip(upper=100))
    return Part(
        "vulnerabilities",
        "Vulnerabilities",
        20,
        share,
        (cost > 0).ifelse(
            said + "which cost " + lost + f" % of the points ({costs}).",
            "No advisory is known about the newest version.",
        ),
    )


def _compatibility(facts: ir.Table) -> Part:
    supports, runtime = facts.supports.notnull(), facts.runtime.notnull()
    return Part(
        "compatibility",
        "Compatibility",
        10,
        (supports.cast("int64") + runtime.cast("int64")).cast("float64") / 2,
        "It states "
        + supports.ifelse("which versions of the portal it supports", "no supported version of the portal")
        + " and "
        + runtime.ifelse("which runtime it needs", "no runtime that it needs")
        + " (half of the points each).",
    )


def _documentation(facts: ir.Table) -> Part:
    readme = (facts.readme_bytes.cast("float64") / README).clip(upper=1.0)
    return Part(
        "documentation",
        "Documentation",
        10,
        (facts.documented.cast("int64") + readme) / 2,
        facts.documented.ifelse("It has documentation", "It has no documentation")
        + " (half of the points), and a readme of "
        + _number(facts.readme_bytes)
        + f" bytes (the other half from {README}).",
    )


def _deprecation(facts: ir.Table) -> Part:
    lifecycle = facts.lifecycle.lower() == "deprecated"
    archived = facts.archived.fill_null(False)
    known = facts.packages_known.fill_null(0)
    packages = (known > 0) & (facts.packages_deprecated.fill_null(0) == known)
    gone = lifecycle | archived | packages
    reason = ibis.cases(
        (lifecycle, "Its lifecycle is deprecated, so there are no points."),
        (archived, "Its repository is archived, so there are no points."),
        (packages, "The newest versions of all its packages are withdrawn, so there are no points."),
        else_="Neither deprecated, archived nor withdrawn: all points.",
    )
    return Part("deprecation", "Not deprecated", 10, gone.ifelse(0.0, 1.0), reason)


MODEL = Model(
    name="health_parts",
    layer="marts",
    expression=expression,
    schema=shape(text("listing"), days("day"), text("part", "title"), real("points", "most"), text("reason")),
    keys=("listing", "day", "part"),
    inputs=(Input("staged", "listing_facts", Same()),),
    grain="a part of a listing's health on a day",
    description="Points of at most `most`, and the measured reason. A part that is not known has 0 of 0.",
    checks=(NotNull(("points", "most", "reason")), Range("points", 0, 20), Range("most", 0, 20)),
)
