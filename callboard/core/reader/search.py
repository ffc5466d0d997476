"""Finds the files of a repository that match a URL with wildcards, on GitHub and GitLab."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from callboard.core.errors import InputError, NotFoundError
from callboard.core.integrations import Integration, RawRequest, RepositoryPath
from callboard.core.integrations.github import GitHub
from callboard.core.integrations.gitlab import GitLab
from callboard.core.reader.fetching import Answer
from callboard.core.reader.globs import fixed_folder, matches

Get = Callable[[RawRequest], Awaitable[Answer]]

_MAX_PAGES = 1000
_MAX_FILES = 1000


async def matching_files(integration: Integration | None, url: str, get: Get) -> list[str]:
    """The URLs of the matching files, in the order of their paths."""
    if isinstance(integration, GitHub):
        place = _place(integration, url)
        paths = await _github_paths(integration, place, url, get)
    elif isinstance(integration, GitLab):
        place = _place(integration, url)
        paths = await _gitlab_paths(integration, place, url, get)
    else:
        host = f"on {integration.host}" if integration else "outside GitHub and GitLab"
        raise InputError(f"Wildcards in '{url}' cannot be read: searching is not possible {host}")
    found = sorted(path for path in paths if matches(place.path, path))
    if len(found) > _MAX_FILES:
        raise InputError(f"More than {_MAX_FILES} files match '{url}'; use a narrower pattern")
    return [integration.resolve(url, f"/{path}") for path in found]


def _place(integration: Integration, url: str) -> RepositoryPath:
    place = integration.locate(url)
    if not place.path or not place.ref or any("*" in part for part in (place.ref, place.owner, place.name)):
        raise InputError(f"Wildcards may stand only in the path of a file inside a branch: '{url}'")
    return place


async def _github_paths(github: GitHub, place: RepositoryPath, url: str, get: Get) -> list[str]:
    headers = {**github.headers(url), "Accept": "application/vnd.github+json"}
    answer = _json(await get(RawRequest(github.tree_url(place), headers)), url)
    if not isinstance(answer, dict) or not isinstance(answer.get("tree"), list):
        raise _unexpected(url)
    if answer.get("truncated"):
        raise InputError(f"The repository of '{url}' is too large to be searched; name its files instead")
    return _blob_paths(answer["tree"])


async def _gitlab_paths(gitlab: GitLab, place: RepositoryPath, url: str, get: Get) -> list[str]:
    folder, paths, page = fixed_folder(place.path), list[str](), 1
    for _ in range(_MAX_PAGES):
        try:
            answer = await get(RawRequest(gitlab.tree_url(place, folder, page), gitlab.headers(url)))
        except NotFoundError:
            if page == 1 and folder:  # a folder that does not exist holds no match
                return []
            raise
        entries = _json(answer, url)
        if not isinstance(entries, list):
            raise _unexpected(url)
        paths += _blob_paths(entries)
        following = answer.headers.get("x-next-page", "")
        if not following.isdigit() or int(following) <= page:
            return paths
        page = int(following)
    raise InputError(f"The repository of '{url}' is too large to be searched; name its files instead")


def _blob_paths(entries: list[Any]) -> list[str]:
    return [
        entry["path"]
        for entry in entries
        if isinstance(entry, dict) and entry.get("type") == "blob" and isinstance(entry.get("path"), str)
    ]


def _json(answer: Answer, url: str) -> Any:
    try:
        return json.loads(answer.content)
    except ValueError as error:
        raise _unexpected(url) from error


def _unexpected(url: str) -> InputError:
    return InputError(f"The source host answered the search for '{url}' with something unexpected")
