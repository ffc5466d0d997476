"""All source-code hosts of a configuration, and the questions the catalog asks about URLs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from callboard.core.errors import InputError
from callboard.core.integrations import urls
from callboard.core.integrations.integration import Integration, RawRequest
from callboard.core.integrations.settings import integrations_of


@dataclass(frozen=True, slots=True)
class Integrations:
    """The hosts in order of preference: the configured first, then those present by default."""

    all: tuple[Integration, ...]

    @classmethod
    def from_config(cls, data: Mapping[str, Any]) -> Integrations:
        """From the whole configuration. Raises ConfigError with every mistake in `integrations`."""
        return cls(tuple(integrations_of(data)))

    def by_url(self, url: str) -> Integration | None:
        host = urls.host_of(url)
        return next((known for known in self.all if known.host == host), None) if host else None

    def raw_request(self, url: str) -> RawRequest:
        """The request for the raw content; a URL of no integration is fetched as it is, uncredentialed."""
        integration = self.by_url(url)
        return integration.raw_request(url) if integration else RawRequest(url)

    def resolve_url(self, base: str, url: str) -> str:
        """`url` seen from the file `base`; absolute URLs stay, a leading slash is the repository root."""
        integration = self.by_url(base)
        if integration:
            return integration.resolve(base, url)
        return url if urls.is_absolute(url) else urls.joined(base, url)

    def edit_url(self, url: str) -> str:
        integration = self.by_url(url)
        return integration.edit_url(url) if integration else url

    def source_location(self, url: str) -> str:
        """The value of `backstage.io/source-location`: the folder of the file, with a trailing slash."""
        return "url:" + self.resolve_url(url, "./")

    def slug_annotation(self, url: str) -> tuple[str, str] | None:
        """`("github.com/project-slug", "owner/name")`, or None when the URL names no repository."""
        integration = self.by_url(url)
        if integration is None or integration.slug_prefix is None:
            return None
        try:
            place = integration.locate(url)
        except InputError:
            return None
        return f"{integration.slug_prefix}/project-slug", f"{place.owner}/{place.name}"

    def same_repository(self, a: str, b: str) -> bool:
        """Whether both URLs lead into one repository, on any branch; outside integrations, one origin."""
        first, second = self.by_url(a), self.by_url(b)
        if first is None and second is None:
            return urls.origin_of(a) is not None and urls.origin_of(a) == urls.origin_of(b)
        if first is None or first is not second:
            return False
        try:
            return _repository(first, a) == _repository(first, b)
        except InputError:
            return False

    def origins(self) -> Iterable[str]:
        return (origin for integration in self.all for origin in integration.origins)


def _repository(integration: Integration, url: str) -> tuple[str, str, str]:
    place = integration.locate(url)
    # Azure keeps the organization in the root, which elsewhere also holds the branch.
    outer = place.root if integration.type == "azure" else ""
    # The services compare owners and names without case.
    return outer.lower(), place.owner.lower(), place.name.lower()
