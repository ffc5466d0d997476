"""Reads `integrations.*` of a Backstage configuration into integrations, with Backstage's defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from callboard.core.errors import ConfigError, Path, Problem
from callboard.core.integrations import urls
from callboard.core.integrations.azure import Azure, AzureCredential
from callboard.core.integrations.bitbucket import BitbucketCloud, BitbucketServer
from callboard.core.integrations.gerrit import Gerrit
from callboard.core.integrations.gitea import Gitea
from callboard.core.integrations.github import GitHub
from callboard.core.integrations.gitlab import GitLab
from callboard.core.integrations.harness import Harness
from callboard.core.integrations.integration import Integration

# A hand-written YAML mapping: its values are whatever the operator wrote.
Entry = Mapping[str, Any]


def integrations_of(data: Mapping[str, Any]) -> list[Integration]:
    """Configured integrations, then the public hosts that were not configured, without credentials."""
    problems: list[Problem] = []
    found: list[Integration] = []
    for type_, build in _BUILDERS.items():
        for path, entry in _entries(data, type_, problems):
            integration = _built(build, path, entry, problems)
            if integration:
                found.append(integration)
    if problems:
        raise ConfigError(problems)
    known = {integration.host for integration in found}
    defaults = [build({}, host, False) for host, build in _DEFAULTS.items() if host not in known]
    return found + defaults


def _entries(
    data: Mapping[str, Any], type_: str, problems: list[Problem]
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    integrations = data.get("integrations") or {}
    if not isinstance(integrations, Mapping):
        if type_ == "github":  # report it once
            problems.append(Problem("must be an object", ("integrations",)))
        return
    value = integrations.get(type_) or []
    items = [value] if isinstance(value, Mapping) else value
    if not isinstance(items, list):
        problems.append(Problem("must be an array", ("integrations", type_)))
        return
    for index, item in enumerate(items):
        if isinstance(item, Mapping):
            yield ("integrations", type_, index), item
        else:
            problems.append(Problem("must be an object", ("integrations", type_, index)))


_FIXED_HOSTS = {"bitbucketCloud": "bitbucket.org", "azure": "dev.azure.com"}
_URL_KEYS = ("baseUrl", "apiBaseUrl", "rawBaseUrl", "gitilesBaseUrl", "cloneUrl")


def _built(build: Builder, path: Path, entry: Entry, problems: list[Problem]) -> Integration | None:
    type_ = str(path[1])
    host = "bitbucket.org" if type_ == "bitbucketCloud" else entry.get("host", _FIXED_HOSTS.get(type_))
    before = len(problems)
    if not isinstance(host, str) or urls.host_of(f"https://{host}") != host:
        problems.append(Problem("must be a host name, as in `example.com`", (*path, "host")))
    for key in _URL_KEYS:
        value = entry.get(key)
        if value is not None and (not isinstance(value, str) or urls.host_of(value) is None):
            problems.append(Problem("must be an http(s) URL without credentials", (*path, key)))
    for key in ("token", "username", "password", "appPassword", "apiKey"):
        if entry.get(key) is not None and not isinstance(entry[key], str):
            problems.append(Problem("must be a string", (*path, key)))
    if len(problems) > before or not isinstance(host, str):
        return None
    return build(entry, host, True)


def _url(entry: Entry, key: str, default: str | None) -> str | None:
    value = entry.get(key)
    return str(value).rstrip("/") if value else default


def _text(entry: Entry, key: str) -> str | None:
    # Backstage trims tokens as well: a secret read from a file usually ends with a newline.
    return str(entry[key]).strip() or None if entry.get(key) else None


def _github(entry: Entry, host: str, configured: bool) -> Integration:
    public = host == "github.com"
    return GitHub(
        host=host,
        base_url=f"https://{host}",
        api_base_url=_url(
            entry, "apiBaseUrl", "https://api.github.com" if public else f"https://{host}/api/v3"
        ),
        raw_base_url=_url(entry, "rawBaseUrl", "https://raw.githubusercontent.com" if public else None),
        token=_text(entry, "token"),
        configured=configured,
    )


def _gitlab(entry: Entry, host: str, configured: bool) -> Integration:
    base = _url(entry, "baseUrl", None) or f"https://{host}"
    return GitLab(
        host=host,
        base_url=base,
        api_base_url=_url(entry, "apiBaseUrl", f"{base}/api/v4"),
        token=_text(entry, "token"),
        configured=configured,
    )


def _bitbucket_cloud(entry: Entry, host: str, configured: bool) -> Integration:
    username, token = _text(entry, "username"), _text(entry, "token")
    return BitbucketCloud(
        host=host,
        base_url=f"https://{host}",
        api_base_url=_url(entry, "apiBaseUrl", "https://api.bitbucket.org/2.0"),
        token=None if username else token,
        username=username,
        password=token or _text(entry, "appPassword"),
        configured=configured,
    )


def _bitbucket_server(entry: Entry, host: str, configured: bool) -> Integration:
    return BitbucketServer(
        host=host,
        base_url=f"https://{host}",
        api_base_url=_url(entry, "apiBaseUrl", f"https://{host}/rest/api/1.0"),
        token=_text(entry, "token"),
        username=_text(entry, "username"),
        password=_text(entry, "password"),
        configured=configured,
    )


def _azure(entry: Entry, host: str, configured: bool) -> Integration:
    written = entry.get("credentials") or []
    credentials = [
        AzureCredential(token, tuple(str(name) for name in item.get("organizations") or ()))
        for item in written
        if isinstance(item, Mapping) and (token := _text(item, "personalAccessToken"))
    ]
    if token := _text(entry, "token"):
        credentials.append(AzureCredential(token))
    base = _url(entry, "baseUrl", None) or f"https://{host}"
    return Azure(host=host, base_url=base, credentials=tuple(credentials), configured=configured)


def _gerrit(entry: Entry, host: str, configured: bool) -> Integration:
    base = _url(entry, "baseUrl", None) or f"https://{host}"
    return Gerrit(
        host=host,
        base_url=base,
        raw_base_url=_url(entry, "gitilesBaseUrl", f"https://{host}"),
        username=_text(entry, "username"),
        password=_text(entry, "password"),
        configured=configured,
    )


def _gitea(entry: Entry, host: str, configured: bool) -> Integration:
    return Gitea(
        host=host,
        base_url=_url(entry, "baseUrl", None) or f"https://{host}",
        username=_text(entry, "username"),
        password=_text(entry, "password"),
        configured=configured,
    )


def _harness(entry: Entry, host: str, configured: bool) -> Integration:
    return Harness(
        host=host,
        base_url=_url(entry, "baseUrl", None) or f"https://{host}",
        username=_text(entry, "username"),
        token=_text(entry, "token"),
        password=_text(entry, "apiKey"),
        configured=configured,
    )


Builder = Callable[[Entry, str, bool], Integration]

_BUILDERS: dict[str, Builder] = {
    "github": _github,
    "gitlab": _gitlab,
    "bitbucketCloud": _bitbucket_cloud,
    "bitbucketServer": _bitbucket_server,
    "azure": _azure,
    "gerrit": _gerrit,
    "gitea": _gitea,
    "harness": _harness,
}
_DEFAULTS: dict[str, Builder] = {
    "github.com": _github,
    "gitlab.com": _gitlab,
    "bitbucket.org": _bitbucket_cloud,
    "dev.azure.com": _azure,
}
