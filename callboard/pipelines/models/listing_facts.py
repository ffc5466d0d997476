"""What is known of a listing on a day: the inputs of its health, each null where it is not known."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Last, Latest, Model, NotNull, Range, Same
from callboard.pipelines.models.advisories import SEVERITIES
from callboard.pipelines.models.functions import advisory_affects
from callboard.pipelines.models.shapes import days, flags, newest, shape, text, whole

KEPT = 35  # days that a document counts when no newer one was fetched


def expression(given: Given) -> ir.Table:
    listings, day = given["listings"], ibis.literal(given.day)
    # Documents exist of far more packages than listings have.
    wanted = given["listing_packages"].distinct()
    packages = newest(given["packages"], "ecosystem", "package").drop("day")
    own = wanted.join(packages, ["ecosystem", "package"])
    released = own.group_by("listing").aggregate(
        released_on=own.latest_on.max(),
        releases_365d=own.releases_365d.sum(),
        maintainers=own.maintainers.max(),
        packages_deprecated=own.deprecated.cast("int64").sum(),
        packages_known=own.count(),
        runtime=own.runtime.max(),
    )
    repositories = newest(given["repositories"], "url")
    hosted = repositories.select(
        repository=repositories.url,
        median_days_to_close=repositories.median_days_to_close.floor().cast("int64"),
        contributors=repositories.contributors,
        archived=repositories.archived,
        last_release_on=repositories.last_release_at.date(),
    )
    found = _vulnerable(given, own)
    joined = listings.left_join(released, "listing").drop("listing_right")
    joined = joined.left_join(hosted, "repository").drop("repository_right")
    joined = joined.left_join(found, "listing").drop("listing_right")
    scanned = joined.scanned.fill_null(0) > 0
    # Registries know releases of packages; the repository is asked where there is none.
    released_on = ibis.coalesce(joined.released_on, joined.last_release_on)
    return joined.select(
        joined.listing,
        day=day,
        days_since_release=day.delta(released_on, unit="day"),
        releases_365d=joined.releases_365d,
        median_days_to_close=joined.median_days_to_close,
        maintainers=ibis.coalesce(joined.maintainers, joined.contributors),
        **{one: scanned.ifelse(joined[one], ibis.null("int64")) for one in SEVERITIES},
        supports=ibis.coalesce(joined.supports_callboard, joined.supports_backstage),
        runtime=joined.runtime,
        documented=joined.documented,
        readme_bytes=joined.readme_bytes,
        lifecycle=joined.lifecycle,
        packages_known=joined.packages_known,
        packages_deprecated=joined.packages_deprecated,
        archived=joined.archived,
    )


def _vulnerable(given: Given, own: ir.Table) -> ir.Table:
    """For each listing: `scanned` packages (their ecosystem was exported), and advisories by severity."""
    exported = given["vulnerabilities"].drop("day")
    ecosystems = exported.select("ecosystem").distinct()
    looked_at = own.join(ecosystems, "ecosystem")
    scanned = looked_at.group_by("listing").aggregate(scanned=looked_at.count())
    named = own.join(exported, ["ecosystem", "package"])
    about = named.filter(
        named.latest.notnull()
        & advisory_affects(named.document, named.ecosystem, named.package, named.latest)
    )
    counts = about.group_by("listing").aggregate(
        **{one: about.id.nunique(where=about.severity == one) for one in SEVERITIES}
    )
    both = scanned.left_join(counts, "listing").drop("listing_right")
    return both.mutate(**{one: both[one].fill_null(0) for one in SEVERITIES})


MODEL = Model(
    name="listing_facts",
    layer="staged",
    expression=expression,
    schema=shape(
        text("listing"),
        days("day"),
        whole(
            "days_since_release",
            "releases_365d",
            "median_days_to_close",
            "maintainers",
            *SEVERITIES,
        ),
        text("supports", "runtime"),
        flags("documented"),
        whole("readme_bytes"),
        text("lifecycle"),
        whole("packages_known", "packages_deprecated"),
        flags("archived"),
    ),
    keys=("listing", "day"),
    inputs=(
        Input("staged", "listings", Same()),
        Input("staged", "listing_packages", Same()),
        Input("staged", "packages", Last(KEPT)),
        Input("staged", "repositories", Last(KEPT)),
        Input("staged", "vulnerabilities", Latest(KEPT)),
    ),
    grain="a listing on a day",
    description="The measured inputs of health: releases, people, issues, advisories about the newest "
    "versions, stated support, documents.",
    checks=(
        NotNull(("lifecycle",)),
        Range("days_since_release", 0),
        Range("maintainers", 0),
        Range("readme_bytes", 0),
    ),
)
