"""Harness Code: `/ng/account/A/module/code/orgs/O/projects/P/repos/R/files/REF/~/path`."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlsplit

from callboard.core.errors import InputError
from callboard.core.integrations import urls
from callboard.core.integrations.integration import Integration, RawRequest, RepositoryPath, basic

_MARKERS = ("account", "orgs", "projects", "repos")


def from_content_json(content: bytes) -> bytes:
    """The file inside Harness's answer: `{"content": {"data": <base64>}}`."""
    try:
        return b64decode(json.loads(content)["content"]["data"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("The answer of the source host does not hold a file") from error


@dataclass(frozen=True, kw_only=True)
class Harness(Integration):
    type: ClassVar[str] = "harness"

    def locate(self, url: str) -> RepositoryPath:
        parts = urls.segments_of(url, self.base_url)
        names = {key: parts[i + 1] for i, key in enumerate(parts[:-1]) if key in _MARKERS and i < 12}
        if len(names) < len(_MARKERS):
            raise self.not_a_file(url)
        owner = "/".join(names[key] for key in _MARKERS[:-1])
        prefix = urlsplit(self.base_url).path.rstrip("/")
        if "files" not in parts or "~" not in parts:
            return RepositoryPath(owner, names["repos"], None, "", f"{prefix}/{urls.escaped(*parts)}")
        files, tilde = parts.index("files"), parts.index("~")
        root = f"{prefix}/{urls.escaped(*parts[: tilde + 1])}"
        ref = "/".join(parts[files + 1 : tilde])
        return RepositoryPath(owner, names["repos"], ref or None, "/".join(parts[tilde + 1 :]), root)

    def file_url(self, place: RepositoryPath, url: str) -> str:
        if not place.ref or not place.path:
            raise self.not_a_file(url)
        account = quote(place.owner.partition("/")[0], safe="")
        query = f"routingId={account}&include_commit=false&ref={quote(place.ref, safe='')}"
        return f"{self._code_url(place)}/content/{urls.escaped(place.path)}?{query}"

    def raw_request(self, url: str) -> RawRequest:
        return RawRequest(self.file_url(self.locate(url), url), self.headers(url), from_content_json)

    def headers(self, url: str) -> dict[str, str]:
        if self.token and self.username:
            return {"Authorization": basic(self.username, self.token)}
        if self.password:
            return {"x-api-key": self.password}
        return super().headers(url)

    def edit_url(self, url: str) -> str:
        try:
            place = self.locate(url)
        except InputError:
            return url
        return f"{self._code_url(place)}/edit/{urls.escaped(place.path)}"

    def _code_url(self, place: RepositoryPath) -> str:
        return f"{self.base_url}/gateway/code/api/v1/repos/{urls.escaped(place.owner, place.name)}/+"
