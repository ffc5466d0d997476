"""Gitea and Forgejo: `/owner/repo/src/branch/main/x.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlsplit

from callboard.core.errors import InputError
from callboard.core.integrations import urls
from callboard.core.integrations.integration import Integration, RepositoryPath


@dataclass(frozen=True, kw_only=True)
class Gitea(Integration):
    type: ClassVar[str] = "gitea"

    def locate(self, url: str) -> RepositoryPath:
        parts = urls.segments_of(url, self.base_url)
        if len(parts) < 2:
            raise self.not_a_file(url)
        owner, name, *rest = parts
        prefix = urlsplit(self.base_url).path.rstrip("/")
        if len(rest) < 3 or rest[0] not in ("src", "raw"):
            root = f"{prefix}/{urls.escaped(owner, name)}"
            return RepositoryPath(owner, name.removesuffix(".git"), None, "", root)
        root = f"{prefix}/{urls.escaped(*parts[:5])}"
        return RepositoryPath(owner, name, rest[2], "/".join(rest[3:]), root)

    def file_url(self, place: RepositoryPath, url: str) -> str:
        if not place.ref or not place.path:
            raise self.not_a_file(url)
        repository, path = urls.escaped(place.owner, place.name), urls.escaped(place.path)
        return f"{self.base_url}/api/v1/repos/{repository}/raw/{path}?ref={quote(place.ref, safe='')}"

    def headers(self, url: str) -> dict[str, str]:
        if self.password and not self.username:
            return {"Authorization": f"token {self.password}"}
        return super().headers(url)

    def edit_url(self, url: str) -> str:
        try:
            place = self.locate(url)
        except InputError:
            return url
        if not place.ref:
            return url
        repository = urls.escaped(place.owner, place.name)
        return f"{self.base_url}/{repository}/_edit/{urls.escaped(place.ref)}/{urls.escaped(place.path)}"
