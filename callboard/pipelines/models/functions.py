"""Python in expressions: registry documents and advisories, which no SQL reads well, on either engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import ibis
import ibis.expr.datatypes as dt

from callboard.pipelines.models import advisories, documents

_TEXTS = dt.Array(dt.string)


@ibis.udf.scalar.python(signature=((dt.string, dt.string, dt.string), _TEXTS))
def package_facts(ecosystem, document, day):  # type: ignore[no-untyped-def] # Ibis would read the hints
    """[latest, its day, versions, releases of a year, maintainers, deprecated, runtime, licence, summary].

    An empty text is not known.
    """
    read = documents.read(ecosystem, document)
    until = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
    latest_at = next((one.at for one in read.releases if one.version == read.latest), None)
    values = [
        read.latest,
        latest_at.date() if latest_at else None,
        len(read.releases),
        documents.releases_since(read, until) if any(one.at for one in read.releases) else None,
        read.maintainers,
        int(read.deprecated),
        read.runtime,
        read.license,
        read.description,
    ]
    return ["" if one is None else str(one) for one in values]


@ibis.udf.scalar.python(signature=((dt.string, dt.string), dt.Array(_TEXTS)))
def package_releases(ecosystem, document):  # type: ignore[no-untyped-def] # as above
    """[version, its day, withdrawn] of each version; an empty text is not known."""
    return [
        [one.version, str(one.at.date()) if one.at else "", "1" if one.withdrawn else "0"]
        for one in documents.read(ecosystem, document).releases
    ]


@ibis.udf.scalar.python(signature=((dt.string,), dt.string))
def advisory_severity(document):  # type: ignore[no-untyped-def] # as above
    """low, moderate, high or critical."""
    return advisories.severity(document)


@ibis.udf.scalar.python(signature=((dt.string, dt.string, dt.string, dt.string), dt.boolean))
def advisory_affects(document, ecosystem, package, version):  # type: ignore[no-untyped-def] # as above
    """Whether the record is about this version of the package."""
    return advisories.affects(document, ecosystem, package, version)
