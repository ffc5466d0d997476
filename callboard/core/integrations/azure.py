"""Azure DevOps, whose URLs name the file in the query: `/org/project/_git/repo?path=/x.yaml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from callboard.core.errors import InputError
from callboard.core.integrations import urls
from callboard.core.integrations.integration import Integration, RepositoryPath, basic

_BRANCH = "GB"


@dataclass(frozen=True, slots=True)
class AzureCredential:
    """A personal access token, for the organizations named or, when none is, for all others."""

    token: str = field(repr=False)
    organizations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Azure(Integration):
    type: ClassVar[str] = "azure"
    slug_prefix: ClassVar[str | None] = "dev.azure.com"

    credentials: tuple[AzureCredential, ...] = field(default=(), repr=False)

    def locate(self, url: str) -> RepositoryPath:
        organization, project, repository = self._repository(url)
        query = dict(parse_qsl(urlsplit(url).query))
        version = query.get("version", "")
        if version and not version.startswith(_BRANCH):
            raise InputError(f"Azure URL version must point to a git branch: '{urls.without_userinfo(url)}'")
        path = query.get("path", "").strip("/")
        if any(segment in (".", "..") for segment in urls.fully_unquoted(path).split("/")):
            raise InputError(f"Path traversal is not allowed in the URL '{urls.without_userinfo(url)}'")
        # `owner` is the project, as in the annotation; the organization is found again in `file_url`.
        ref = version.removeprefix(_BRANCH) or None
        return RepositoryPath(project, repository, ref, path, f"/{organization}".rstrip("/"))

    def file_url(self, place: RepositoryPath, url: str) -> str:
        if not place.path:
            raise self.not_a_file(url)
        root = urls.escaped(*[part for part in (place.root.strip("/"), place.owner) if part])
        query = {"api-version": "6.0", "path": f"/{place.path}"}
        if place.ref:
            query["version"] = place.ref
        items = f"_apis/git/repositories/{urls.escaped(place.name)}/items"
        return f"{self.base_url}/{root}/{items}?{urlencode(query)}"

    def headers(self, url: str) -> dict[str, str]:
        organization = self._organization(url)
        named = [c for c in self.credentials if organization in c.organizations]
        chosen = named or [c for c in self.credentials if not c.organizations]
        return {"Authorization": basic("", chosen[0].token)} if chosen else {}

    def resolve(self, base: str, url: str) -> str:
        if urls.is_absolute(url):
            return url
        try:
            place = self.locate(base)
        except InputError:
            return urls.joined(base, url)
        parts = urlsplit(base)
        # A trailing slash tells a folder from a file when joining, so the path is taken as written.
        query = parse_qsl(parts.query)
        written = next((value for key, value in query if key == "path"), f"/{place.path}")
        path = urlsplit(urljoin(f"https://repository{quote(written)}", quote(url))).path
        updated = [pair for pair in query if pair[0] != "path"]
        index = next((i for i, pair in enumerate(query) if pair[0] == "path"), len(updated))
        updated.insert(index, ("path", path))
        return urlunsplit(parts._replace(query=urlencode(updated), fragment=""))

    def _organization(self, url: str) -> str:
        if self.host.endswith(".visualstudio.com"):
            return self.host.partition(".")[0]
        return self._repository(url)[0].partition("/")[0]

    def _repository(self, url: str) -> tuple[str, str, str]:
        """Organization (empty where the host names it), project and repository."""
        parts = urls.segments_of(url, self.base_url)
        git = parts.index("_git") if "_git" in parts else -1
        if git < 0 or len(parts) < git + 2:
            raise InputError(f"Azure URL must point to a git repository: '{urls.without_userinfo(url)}'")
        before, repository = parts[:git], parts[git + 1]
        if self.host.endswith(".visualstudio.com"):
            return "", before[-1] if before else repository, repository
        if len(before) == 1:
            return before[0], repository, repository
        if len(before) in (2, 3):
            return "/".join(before[:-1]), before[-1], repository
        raise InputError(f"Azure URL must point to a git repository: '{urls.without_userinfo(url)}'")
