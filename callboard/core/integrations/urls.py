"""URL arithmetic shared by all source-code hosts: origins, joining, and the refusal of path traversal."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from callboard.core.errors import InputError

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What may stand in a URL path unescaped; `%` because the text is escaped already.
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"


def is_absolute(url: str) -> bool:
    return _ABSOLUTE.match(url) is not None


def host_of(url: str) -> str | None:
    """`host` or `host:port` (a default port is dropped), or None for anything that is no plain web URL.

    A URL with user info has no host here: no integration answers for it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"


def origin_of(url: str) -> str | None:
    """`scheme://host[:port]`, or None when there is no host."""
    host = host_of(url)
    return f"{urlsplit(url).scheme}://{host}" if host else None


def joined(base: str, url: str) -> str:
    """`url` as seen from the file `base`, with the query of `base` (it may name the branch).

    Raises InputError for what is no URL, such as an IPv6 address whose brackets do not close.
    """
    try:
        parts = urlsplit(urljoin(base, url))
    except ValueError as error:
        raise InputError(f"'{without_userinfo(url)}' is not a valid URL") from error
    path = quote(parts.path, safe=_PATH_SAFE)
    return urlunsplit((parts.scheme, parts.netloc, path, urlsplit(base).query, parts.fragment))


def under_root(base: str, root: str, url: str) -> str:
    """`/url` below the URL path `root`, on the host and with the query of `base`.

    Dots are resolved inside the root: `/../x` stays in the repository.
    """
    parts = urlsplit(base)
    inside = urlsplit(urljoin("http://root/", quote(url.lstrip("/"), safe=_PATH_SAFE))).path
    return urlunsplit((parts.scheme, parts.netloc, root.rstrip("/") + inside, parts.query, ""))


def segments_of(url: str, base_url: str) -> list[str]:
    """The decoded path segments of `url` below `base_url`.

    Raises InputError for `.` and `..` in any encoding: pasted into an API URL they would leave the
    repository (`/blob/main/%2e%2e/%2e%2e/user`).
    """
    path = urlsplit(url).path
    prefix = urlsplit(base_url).path.rstrip("/")
    if prefix and path.startswith(f"{prefix}/"):
        path = path[len(prefix) :]
    decoded = fully_unquoted(path)
    if any(segment in (".", "..") for segment in re.split(r"[/\\]", decoded)):
        raise InputError(f"Path traversal is not allowed in the URL '{without_userinfo(url)}'")
    return [unquote(segment) for segment in path.split("/") if segment]


def fully_unquoted(text: str) -> str:
    """The text with percent-escapes removed until none is left (`%252e` -> `%2e` -> `.`)."""
    previous = None
    while text != previous:
        previous, text = text, unquote(text)
    return text


def escaped(*segments: str) -> str:
    """Segments joined by slashes, each escaped as one segment; a path may be given whole and split."""
    return "/".join(quote(part, safe="") for segment in segments for part in segment.split("/"))


def without_userinfo(url: str) -> str:
    """The URL as it may stand in a message: what precedes an `@` in the authority is a secret."""
    return re.sub(r"(//)[^/?#]*@", r"\1", url)
