"""Gerrit, whose files are shown by Gitiles and fetched through the Gerrit API."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlsplit

from callboard.core.errors import InputError
from callboard.core.integrations import urls
from callboard.core.integrations.integration import Integration, RawRequest, RepositoryPath


def from_base64(content: bytes) -> bytes:
    try:
        return b64decode(content, validate=False)
    except binascii.Error as error:
        raise InputError("The answer of the source host is not valid base64") from error


@dataclass(frozen=True, kw_only=True)
class Gerrit(Integration):
    """`base_url` is that of Gerrit, `raw_base_url` that of Gitiles."""

    type: ClassVar[str] = "gerrit"

    def locate(self, url: str) -> RepositoryPath:
        gitiles = self.raw_base_url or self.base_url
        parts = urls.segments_of(url, gitiles)
        split = parts.index("+") if "+" in parts else 0
        rest = parts[split + 1 :]
        if split == 0:
            raise self.not_a_file(url)
        *owner, name = parts[:split]
        # `refs/heads/main/x` and `refs/tags/v1/x`; anything else is a commit: `<sha>/x`.
        length = 3 if rest[:1] == ["refs"] else 1
        ref, path = "/".join(rest[:length]), rest[length:]
        prefix = urlsplit(gitiles).path.rstrip("/")
        root = f"{prefix}/{urls.escaped(*parts[: len(parts) - len(path)])}".replace("/%2B/", "/+/")
        return RepositoryPath("/".join(owner), name, ref or None, "/".join(path), root)

    def file_url(self, place: RepositoryPath, url: str) -> str:
        if not place.ref or not place.path:
            raise self.not_a_file(url)
        project = f"{place.owner}/{place.name}".strip("/")
        authenticated = "/a" if self.password else ""
        if not place.ref.startswith("refs/heads/"):
            # The branch API knows branches only; Gitiles serves any revision, in base64 as well.
            gitiles = self.raw_base_url or self.base_url
            file = f"{urls.escaped(place.ref)}/{urls.escaped(place.path)}"
            return f"{gitiles}{authenticated}/{urls.escaped(project)}/+/{file}?format=TEXT"
        branch = quote(place.ref.removeprefix("refs/heads/"), safe="")
        file = f"branches/{branch}/files/{quote(place.path, safe='')}/content"
        return f"{self.base_url}{authenticated}/projects/{quote(project, safe='')}/{file}"

    def raw_request(self, url: str) -> RawRequest:
        return RawRequest(self.file_url(self.locate(url), url), self.headers(url), from_base64)
