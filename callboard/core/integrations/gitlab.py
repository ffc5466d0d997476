"""GitLab, also below a path of its host (`https://example.com/gitlab`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlencode, urlsplit

from callboard.core.integrations import urls
from callboard.core.integrations.integration import Integration, RepositoryPath

_KINDS = ("blob", "tree", "raw", "edit", "blame")
_KIND = re.compile(r"/-/(?:blob|tree|edit)/")


@dataclass(frozen=True, kw_only=True)
class GitLab(Integration):
    type: ClassVar[str] = "gitlab"
    slug_prefix: ClassVar[str | None] = "gitlab.com"

    def locate(self, url: str) -> RepositoryPath:
        parts = urls.segments_of(url, self.base_url)
        # `/group/sub/project/-/blob/main/x` today, `/group/project/blob/main/x` in old links.
        split = next((i for i, part in enumerate(parts) if i >= 2 and part in ("-", *_KINDS)), len(parts))
        project, rest = parts[:split], parts[split:]
        if len(project) < 2:
            raise self.not_a_file(url)
        if rest[:1] == ["-"]:
            rest = rest[1:]
        owner, name = "/".join(project[:-1]), project[-1].removesuffix(".git")
        prefix = urlsplit(self.base_url).path.rstrip("/")
        if len(rest) < 2 or rest[0] not in _KINDS:
            return RepositoryPath(owner, name, None, "", f"{prefix}/{urls.escaped(*project)}")
        path = rest[2:]
        root = f"{prefix}/{urls.escaped(*parts[: len(parts) - len(path)])}"
        return RepositoryPath(owner, name, rest[1], "/".join(path), root)

    def file_url(self, place: RepositoryPath, url: str) -> str:
        if not place.ref or not place.path:
            raise self.not_a_file(url)
        path, ref = quote(place.path, safe=""), quote(place.ref, safe="")
        return f"{self._project_url(place)}/repository/files/{path}/raw?ref={ref}"

    def tree_url(self, place: RepositoryPath, folder: str, page: int) -> str:
        """One page of the list of all files below a folder of a branch."""
        query = {"recursive": "true", "per_page": "100", "page": str(page)}
        if folder:
            query["path"] = folder
        if place.ref:
            query["ref"] = place.ref
        return f"{self._project_url(place)}/repository/tree?{urlencode(query)}"

    def edit_url(self, url: str) -> str:
        return _KIND.sub("/-/edit/", url, count=1)

    def _project_url(self, place: RepositoryPath) -> str:
        # The API takes the escaped path in place of the numeric id, which saves a request a file.
        return f"{self.api_base_url}/projects/{quote(f'{place.owner}/{place.name}', safe='')}"
