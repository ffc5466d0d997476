"""Files of GitHub and GitLab through their APIs, on a real server, with credentials that stay home."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pytest

from callboard.core.errors import InputError, NotAllowedError, NotFoundError, NotModifiedError
from callboard.core.reader import UrlReader
from tests.core.reader.conftest import ReaderFactory
from tests.core.reader.servers import Server, answer, redirect

CANARY = "canary-secret"
FILE = "https://ghe.example/o/r/blob/main/docs/a%20b.yaml"
CONTENTS = "/api/v3/repos/o/r/contents/docs/a%20b.yaml?ref=main"
PROJECT = "/api/v4/projects/g%2Fs%2Fp/repository"


def github(server: Server, **more: Any) -> dict[str, Any]:
    return {"github": [{"host": "ghe.example", "apiBaseUrl": server.url("/api/v3"), "token": CANARY, **more}]}


def gitlab(server: Server) -> dict[str, Any]:
    return {"gitlab": [{"host": "git.example", "apiBaseUrl": server.url("/api/v4"), "token": CANARY}]}


async def test_a_github_file_is_read_through_the_api(server: Server, reader_of: ReaderFactory) -> None:
    server.routes[CONTENTS] = answer(b"kind: A", ETag='"v1"')
    result = await reader_of(integrations=github(server)).read(FILE)
    assert (result.content, result.etag, result.url) == (b"kind: A", '"v1"', FILE)
    assert server.seen[0].headers["authorization"] == f"Bearer {CANARY}"
    assert server.seen[0].headers["accept"] == "application/vnd.github.raw+json"


async def test_an_unchanged_github_file_is_not_modified(server: Server, reader_of: ReaderFactory) -> None:
    server.routes[CONTENTS] = answer(status=304)
    with pytest.raises(NotModifiedError):
        await reader_of(integrations=github(server)).read(FILE, etag='"v1"')


async def test_a_gitlab_file_is_asked_for_with_its_path_as_one_segment(
    server: Server, reader_of: ReaderFactory
) -> None:
    server.routes[f"{PROJECT}/files/docs%2Fa.yaml/raw?ref=main"] = answer(b"kind: A")
    result = await reader_of(integrations=gitlab(server)).read(
        "https://git.example/g/s/p/-/blob/main/docs/a.yaml"
    )
    assert result.content == b"kind: A"
    assert server.seen[0].headers["authorization"] == f"Bearer {CANARY}"


async def test_wrapped_contents_are_unwrapped(server: Server, reader_of: ReaderFactory) -> None:
    base = server.url("")
    integrations = {
        "gerrit": [{"host": "gerrit.example", "baseUrl": base, "username": "u", "password": CANARY}],
        "harness": [{"host": "harness.example", "baseUrl": base, "token": CANARY}],
        "gitea": [{"host": "gitea.example", "baseUrl": base, "password": CANARY}],
    }
    server.routes["/a/projects/p/branches/main/files/a.yaml/content"] = answer(b64encode(b"gerrit"))
    body = json.dumps({"content": {"data": b64encode(b"harness").decode()}}).encode()
    content = "/gateway/code/api/v1/repos/A/O/P/R/+/content/a.yaml?routingId=A&include_commit=false&ref=main"
    server.routes[content] = answer(body)
    server.routes["/api/v1/repos/o/r/raw/a.yaml?ref=main"] = answer(b"gitea")
    reader = reader_of(integrations=integrations)
    urls = [
        "https://gerrit.example/p/+/refs/heads/main/a.yaml",
        "https://harness.example/ng/account/A/module/code/orgs/O/projects/P/repos/R/files/main/~/a.yaml",
        "https://gitea.example/o/r/src/branch/main/a.yaml",
    ]
    assert [(await reader.read(url)).content for url in urls] == [b"gerrit", b"harness", b"gitea"]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_named_without_being_shown(
    server: Server, reader_of: ReaderFactory, status: int
) -> None:
    server.routes[CONTENTS] = answer(CANARY.encode(), status)
    with pytest.raises(NotAllowedError, match=r"integrations\.github.*ghe\.example") as caught:
        await reader_of(integrations=github(server)).read(FILE)
    error: BaseException | None = caught.value
    while error:
        assert CANARY not in f"{error!r}{error}"
        error = error.__cause__


async def test_credentials_stay_behind_when_a_redirect_changes_the_host(
    server: Server, other: Server, reader_of: ReaderFactory
) -> None:
    server.routes[CONTENTS] = redirect(other.url("/elsewhere"))
    other.routes["/elsewhere"] = answer(b"found")
    assert (await reader_of(other.host, integrations=github(server)).read(FILE)).content == b"found"
    assert "authorization" not in other.seen[0].headers
    assert CANARY not in str(other.seen)


async def test_a_redirect_within_the_api_keeps_the_credentials(
    server: Server, reader_of: ReaderFactory
) -> None:
    server.routes[CONTENTS] = redirect("/api/v3/repositories/7/contents/x", 301)
    server.routes["/api/v3/repositories/7/contents/x"] = answer(b"renamed")
    assert (await reader_of(integrations=github(server)).read(FILE)).content == b"renamed"
    assert server.seen[1].headers["authorization"] == f"Bearer {CANARY}"


async def test_a_foreign_host_that_redirects_back_chooses_nothing_with_our_credentials(
    server: Server, other: Server, reader_of: ReaderFactory
) -> None:
    server.routes[CONTENTS] = redirect(other.url("/bounce"))
    other.routes["/bounce"] = redirect(server.url("/api/v3/user"))
    server.routes["/api/v3/user"] = answer(b"x")
    await reader_of(other.host, integrations=github(server)).read(FILE)
    assert "authorization" not in server.seen[1].headers


async def test_an_allowed_host_cannot_borrow_the_way_inside_of_an_integration(
    server: Server, other: Server, reader_of: ReaderFactory
) -> None:
    integrations = {"gitea": [{"host": other.host, "baseUrl": other.url(""), "password": CANARY}]}
    server.routes["/a"] = redirect(other.url("/api/v1/admin"))
    with pytest.raises(NotAllowedError, match="private or reserved"):
        await reader_of(server.host, integrations=integrations).read(server.url("/a"))
    assert other.seen == []


async def test_an_api_address_is_no_address_for_users(server: Server, reader_of: ReaderFactory) -> None:
    with pytest.raises(NotAllowedError, match="is not allowed"):
        await reader_of(integrations=github(server)).read(server.url("/api/v3/user"))
    assert server.seen == []


async def test_traversal_out_of_the_repository_is_refused(server: Server, reader_of: ReaderFactory) -> None:
    with pytest.raises(InputError, match="traversal"):
        await reader_of(integrations=github(server)).read(
            "https://ghe.example/o/r/blob/main/%2e%2e/%2e%2e/user"
        )
    assert server.seen == []


def test_a_reader_shows_no_secrets(server: Server) -> None:
    reader = UrlReader.from_config({"integrations": github(server)})
    assert CANARY not in repr(reader) + repr(reader.integrations) + repr(vars(reader))


TREE = [
    {"type": "blob", "path": "catalog-info.yaml"},
    {"type": "blob", "path": "a/catalog-info.yaml"},
    {"type": "blob", "path": "a/b/catalog-info.yml"},
    {"type": "tree", "path": "a"},
    {"type": "blob", "path": ".hidden/catalog-info.yaml"},
    {"type": "commit", "path": "submodule"},
    {"type": "blob", "path": "a/other.yaml"},
]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**/catalog-info.yaml", ["a/catalog-info.yaml", "catalog-info.yaml"]),
        ("*/catalog-info.yaml", ["a/catalog-info.yaml"]),
        ("**/catalog-info.{yaml,yml}*", ["a/b/catalog-info.yml", "a/catalog-info.yaml", "catalog-info.yaml"]),
        ("a/*.yaml", ["a/catalog-info.yaml", "a/other.yaml"]),
        (".hidden/*.yaml", [".hidden/catalog-info.yaml"]),
        ("none/*.yaml", []),
    ],
)
async def test_a_search_on_github_reads_the_matching_files(
    server: Server, reader_of: ReaderFactory, pattern: str, found: list[str]
) -> None:
    server.routes["/api/v3/repos/o/r/git/trees/main?recursive=1"] = answer(
        json.dumps({"tree": TREE}).encode()
    )
    for entry in TREE:
        path = entry["path"]
        server.routes[f"/api/v3/repos/o/r/contents/{path}?ref=main"] = answer(path.encode())
    results = await reader_of(integrations=github(server)).search(
        f"https://ghe.example/o/r/blob/main/{pattern}"
    )
    assert [result.content.decode() for result in results] == found
    assert [result.url for result in results] == [
        f"https://ghe.example/o/r/tree/main/{path}" for path in found
    ]


async def test_a_search_on_gitlab_turns_all_pages(server: Server, reader_of: ReaderFactory) -> None:
    listing = f"{PROJECT}/tree?recursive=true&per_page=100&page={{}}&path=a&ref=main"
    first, second = [TREE[1], TREE[3]], [TREE[6]]
    server.routes[listing.format(1)] = answer(json.dumps(first).encode(), X_Next_Page="2")
    server.routes[listing.format(2)] = answer(json.dumps(second).encode(), X_Next_Page="")
    for name in ("catalog-info", "other"):
        server.routes[f"{PROJECT}/files/a%2F{name}.yaml/raw?ref=main"] = answer(name.encode())
    results = await reader_of(integrations=gitlab(server)).search(
        "https://git.example/g/s/p/-/blob/main/a/*.yaml"
    )
    assert [result.content for result in results] == [b"catalog-info", b"other"]
    assert all(seen.headers["authorization"] == f"Bearer {CANARY}" for seen in server.seen)


async def test_a_search_in_a_missing_folder_of_gitlab_finds_nothing(
    server: Server, reader_of: ReaderFactory
) -> None:
    url = "https://git.example/g/s/p/-/blob/main/missing/*.yaml"
    assert await reader_of(integrations=gitlab(server)).search(url) == []


async def test_a_file_that_vanishes_during_a_search_is_not_left_out_silently(
    server: Server, reader_of: ReaderFactory
) -> None:
    server.routes["/api/v3/repos/o/r/git/trees/main?recursive=1"] = answer(
        json.dumps({"tree": TREE}).encode()
    )
    with pytest.raises(NotFoundError):
        await reader_of(integrations=github(server)).search("https://ghe.example/o/r/blob/main/a/*.yaml")


@pytest.mark.parametrize("body", [b"[]", b"no json", b'{"tree": [], "truncated": true}', b'{"tree": 5}'])
async def test_an_unusable_listing_is_an_input_error(
    server: Server, reader_of: ReaderFactory, body: bytes
) -> None:
    server.routes["/api/v3/repos/o/r/git/trees/main?recursive=1"] = answer(body)
    with pytest.raises(InputError, match="search"):
        await reader_of(integrations=github(server)).search("https://ghe.example/o/r/blob/main/**/a.yaml")


@pytest.mark.parametrize(
    "path", ["*/r/blob/main/a.yaml", "o/r/blob/*/a.yaml", "o/*", "o/r/blob/main/../*.yaml"]
)
async def test_wildcards_stand_only_inside_a_branch(
    server: Server, reader_of: ReaderFactory, path: str
) -> None:
    with pytest.raises(InputError):
        await reader_of(integrations=github(server)).search(f"https://ghe.example/{path}")
    assert server.seen == []


async def test_the_default_hosts_are_asked_without_credentials(reader_of: ReaderFactory) -> None:
    asked: list[str] = []

    async def nowhere(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["10.0.0.1"]

    reader = reader_of(resolver=nowhere)
    for url in ("https://github.com/o/r/blob/main/a.yaml", "https://gitlab.com/o/r/-/blob/main/a.yaml"):
        assert reader.integrations.raw_request(url).headers == {}
        with pytest.raises(NotAllowedError, match="private or reserved"):
            await reader.read(url)
    assert asked == ["raw.githubusercontent.com", "gitlab.com"]
