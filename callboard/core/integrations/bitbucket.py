"""Bitbucket Cloud and Bitbucket Server, which share little more than their name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from callboard.core.errors import InputError
from callboard.core.integrations import urls
from callboard.core.integrations.integration import Integration, RepositoryPath


@dataclass(frozen=True, kw_only=True)
class BitbucketCloud(Integration):
    type: ClassVar[str] = "bitbucketCloud"
    slug_prefix: ClassVar[str | None] = "bitbucket.org"

    def locate(self, url: str) -> RepositoryPath:
        parts = urls.segments_of(url, self.base_url)
        if len(parts) < 2:
            raise self.not_a_file(url)
        owner, name, *rest = parts
        if len(rest) < 2 or rest[0] not in ("src", "raw"):
            return RepositoryPath(owner, name.removesuffix(".git"), None, "", f"/{urls.escaped(owner, name)}")
        return RepositoryPath(owner, name, rest[1], "/".join(rest[2:]), "/" + urls.escaped(*parts[:4]))

    def file_url(self, place: RepositoryPath, url: str) -> str:
        if not place.ref or not place.path:
            raise self.not_a_file(url)
        repository = urls.escaped(place.owner, place.name)
        file = f"{quote(place.ref, safe='')}/{urls.escaped(place.path)}"
        return f"{self.api_base_url}/repositories/{repository}/src/{file}"

    def edit_url(self, url: str) -> str:
        try:
            ref = self.locate(url).ref
        except InputError:
            return url
        parts = urlsplit(url)
        kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("mode", "at")]
        query = urlencode([*kept, ("mode", "edit"), ("at", ref or "")])
        return urlunsplit(parts._replace(query=query))


@dataclass(frozen=True, kw_only=True)
class BitbucketServer(Integration):
    """`/projects/KEY/repos/NAME/browse/path?at=ref`, or `/users/NAME/repos/...` for personal ones."""

    type: ClassVar[str] = "bitbucketServer"
    slug_prefix: ClassVar[str | None] = "bitbucket.org"

    def locate(self, url: str) -> RepositoryPath:
        parts = urls.segments_of(url, self.base_url)
        if len(parts) < 4 or parts[0] not in ("projects", "users") or parts[2] != "repos":
            raise self.not_a_file(url)
        owner = f"~{parts[1]}" if parts[0] == "users" else parts[1]
        ref = parse_qs(urlsplit(url).query).get("at", [None])[0]
        inside = parts[5:] if parts[4:5] in (["browse"], ["raw"]) else []
        prefix = urlsplit(self.base_url).path.rstrip("/")
        root = f"{prefix}/{urls.escaped(*parts[: len(parts) - len(inside)])}"
        return RepositoryPath(owner, parts[3], ref, "/".join(inside), root)

    def file_url(self, place: RepositoryPath, url: str) -> str:
        if not place.path:
            raise self.not_a_file(url)
        at = f"?at={quote(place.ref, safe='')}" if place.ref else ""
        repository = f"projects/{quote(place.owner, safe='~')}/repos/{urls.escaped(place.name)}"
        return f"{self.api_base_url}/{repository}/raw/{urls.escaped(place.path)}{at}"

    def edit_url(self, url: str) -> str:
        # There are no links into its editor; the query is dropped because consumers append to the link.
        return url.partition("?")[0]
