"""The models that Callboard comes with, one file each."""

from callboard.pipelines.declaration import Model
from callboard.pipelines.models import (
    adoption,
    catalog_growth,
    downloads_daily,
    downloads_weekly,
    events,
    health,
    health_parts,
    listing_downloads_weekly,
    listing_facts,
    listing_packages,
    listings,
    ownership_coverage,
    package_versions,
    packages,
    rankings,
    repositories,
    searches_without_result,
    usage_by,
    usage_daily,
    vulnerabilities,
)

MODELS: tuple[Model, ...] = (
    downloads_daily.MODEL,  # first, since it takes longest to write, and others can be made meanwhile
    packages.MODEL,
    package_versions.MODEL,
    vulnerabilities.MODEL,
    repositories.MODEL,
    listings.MODEL,
    listing_packages.MODEL,
    listing_facts.MODEL,
    events.MODEL,
    downloads_weekly.MODEL,
    listing_downloads_weekly.MODEL,
    health_parts.MODEL,
    health.MODEL,
    rankings.MODEL,
    adoption.MODEL,
    usage_daily.MODEL,
    usage_by.MODEL,
    searches_without_result.MODEL,
    catalog_growth.MODEL,
    ownership_coverage.MODEL,
)
