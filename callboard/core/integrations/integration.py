"""One configured source-code host, and what every kind of host can do with a URL.

The kinds (`github.py`, `gitlab.py`, ...) override how a URL is taken apart and how a file is requested.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from callboard.core.errors import InputError
from callboard.core.integrations import urls

# Hosts of the public services. A name of these that resolves to a private address is an attack, whatever
# the configuration says about tokens; every other configured host may well be internal.
PUBLIC_HOSTS = frozenset(
    {
        "github.com", "api.github.com", "raw.githubusercontent.com", "gitlab.com", "bitbucket.org",
        "api.bitbucket.org", "dev.azure.com", "gitea.com", "app.harness.io",
    }
)  # fmt: skip


def as_is(content: bytes) -> bytes:
    return content


@dataclass(frozen=True, slots=True)
class RawRequest:
    """The GET that fetches a file: headers (credentials among them) and how to unwrap the answer."""

    url: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    decode: Callable[[bytes], bytes] = field(default=as_is, repr=False)


@dataclass(frozen=True, slots=True)
class RepositoryPath:
    """Where a URL points inside a repository. `root` is the URL path that stands before `path`."""

    owner: str
    name: str
    ref: str | None
    path: str
    root: str


@dataclass(frozen=True, kw_only=True)
class Integration:
    """A source-code host. Credentials are kept out of its representation.

    `base_url` is the web root without a trailing slash; `configured` is False for the hosts that are
    present by default.
    """

    type: ClassVar[str]
    slug_prefix: ClassVar[str | None] = None

    host: str
    base_url: str
    api_base_url: str | None = None
    raw_base_url: str | None = None
    token: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    configured: bool = True

    def locate(self, url: str) -> RepositoryPath:
        """Take a URL apart. Raises InputError when it does not lead into a repository."""
        raise NotImplementedError

    def file_url(self, place: RepositoryPath, url: str) -> str:
        """The URL that serves the raw file. Raises InputError when `place` is no file."""
        raise NotImplementedError

    def raw_request(self, url: str) -> RawRequest:
        return RawRequest(self.file_url(self.locate(url), url), self.headers(url))

    def headers(self, url: str) -> dict[str, str]:
        """Headers for every request to this host, about the repository at `url`."""
        if self.username and self.password:
            return {"Authorization": basic(self.username, self.password)}
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def resolve(self, base: str, url: str) -> str:
        """`url` relative to the file `base`; a leading slash means the root of the repository."""
        if urls.is_absolute(url):
            return url
        if not url.startswith("/"):
            return urls.joined(base, url)
        return urls.under_root(base, self.locate(base).root, url)

    def edit_url(self, url: str) -> str:
        return url

    @property
    def origins(self) -> frozenset[str]:
        """Where requests, and with them credentials, may go: the configured addresses and nothing else."""
        found = (urls.origin_of(url) for url in (self.base_url, self.api_base_url, self.raw_base_url) if url)
        return frozenset(origin for origin in found if origin)

    def may_be_internal(self, host: str) -> bool:
        """Whether the operator named this host, so that a private address is intended."""
        return self.configured and host not in PUBLIC_HOSTS

    def not_a_file(self, url: str) -> InputError:
        return InputError(f"Incorrect URL: '{urls.without_userinfo(url)}' is not a file on {self.host}")


def basic(username: str, password: str) -> str:
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()
