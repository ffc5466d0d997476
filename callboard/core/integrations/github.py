"""GitHub and GitHub Enterprise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from callboard.core.integrations import urls
from callboard.core.integrations.integration import Integration, RawRequest, RepositoryPath

_KINDS = ("blob", "tree", "raw", "edit", "blame")
_KIND = re.compile(r"(//[^/]+/[^/]+/[^/]+/)(?:blob|tree|edit)/")


@dataclass(frozen=True, kw_only=True)
class GitHub(Integration):
    type: ClassVar[str] = "github"
    slug_prefix: ClassVar[str | None] = "github.com"

    def locate(self, url: str) -> RepositoryPath:
        parts = urls.segments_of(url, self.base_url)
        if len(parts) < 2:
            raise self.not_a_file(url)
        owner, name, *rest = parts
        if len(rest) < 2 or rest[0] not in _KINDS:
            return RepositoryPath(owner, name.removesuffix(".git"), None, "", f"/{urls.escaped(owner, name)}")
        root = "/" + urls.escaped(*parts[:4])
        return RepositoryPath(owner, name, rest[1], "/".join(rest[2:]), root)

    def file_url(self, place: RepositoryPath, url: str) -> str:
        if not place.ref or not place.path:
            raise self.not_a_file(url)
        repository, path = urls.escaped(place.owner, place.name), urls.escaped(place.path)
        if self._through_api:
            return f"{self.api_base_url}/repos/{repository}/contents/{path}?ref={quote(place.ref, safe='')}"
        return f"{self.raw_base_url}/{repository}/{urls.escaped(place.ref)}/{path}"

    def raw_request(self, url: str) -> RawRequest:
        request = super().raw_request(url)
        if self._through_api:
            request.headers["Accept"] = "application/vnd.github.raw+json"
        return request

    def tree_url(self, place: RepositoryPath) -> str:
        """Lists all files of a branch."""
        ref = quote(place.ref or "HEAD", safe="")
        return (
            f"{self.api_base_url}/repos/{urls.escaped(place.owner, place.name)}/git/trees/{ref}?recursive=1"
        )

    def resolve(self, base: str, url: str) -> str:
        # GitHub answers for a file under `tree` as under `blob`, but not for a folder under `blob`.
        resolved = super().resolve(base, url)
        if urls.host_of(resolved) != self.host:
            return resolved
        return _KIND.sub(r"\1tree/", resolved, count=1)

    def edit_url(self, url: str) -> str:
        return _KIND.sub(r"\1edit/", url, count=1)

    @property
    def _through_api(self) -> bool:
        # The raw host needs no rate limit but knows no tokens of private repositories.
        return bool(self.api_base_url and (self.token or not self.raw_base_url))
