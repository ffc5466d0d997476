"""What URLs of the source hosts mean: which file, which repository, which links."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.core.errors import ConfigError, InputError
from callboard.core.integrations import Integrations

CANARY = "canary-secret"
CONFIG: dict[str, Any] = {
    "integrations": {
        "github": [
            {"host": "ghe.example", "token": CANARY},
            {
                "host": "raw.example",
                "rawBaseUrl": "https://raw.example/raw",
                "apiBaseUrl": "https://raw.example/api",
            },
        ],
        "gitlab": [{"host": "git.example", "baseUrl": "https://git.example/gl", "token": f"{CANARY}\n"}],
        "bitbucketServer": [{"host": "bb.example:7990", "username": "u", "password": CANARY}],
        "azure": [
            {
                "host": "dev.azure.com",
                "credentials": [
                    {"organizations": ["org"], "personalAccessToken": f"{CANARY}-org"},
                    {"personalAccessToken": f"{CANARY}-any"},
                ],
            }
        ],
        "gitea": [{"host": "gitea.example", "password": CANARY}],
        "gerrit": [
            {
                "host": "gerrit.example",
                "gitilesBaseUrl": "https://gerrit.example/gitiles",
                "username": "u",
                "password": CANARY,
            }
        ],
        "harness": [{"host": "app.harness.io", "token": CANARY}],
    }
}
KNOWN = Integrations.from_config(CONFIG)

GITHUB = "https://github.com/o/r/blob/main/a/c.yaml"
GITLAB = "https://gitlab.com/g/s/p/-/blob/main/a/c.yaml"
OLD_GITLAB = "https://gitlab.com/g/p/blob/main/a/c.yaml"
SUBPATH_GITLAB = "https://git.example/gl/g/p/-/blob/main/a/c.yaml"
CLOUD = "https://bitbucket.org/o/r/src/main/a/c.yaml"
SERVER = "https://bb.example:7990/projects/P/repos/r/browse/a/c.yaml?at=refs%2Fheads%2Fmain"
PERSONAL = "https://bb.example:7990/users/jo/repos/r/browse/c.yaml"
AZURE = "https://dev.azure.com/org/p/_git/r?path=%2Fa%2Fc.yaml&version=GBmain"
GITEA = "https://gitea.example/o/r/src/branch/main/a/c.yaml"
GERRIT = "https://gerrit.example/gitiles/a/p/+/refs/heads/main/a/c.yaml"
HARNESS = "https://app.harness.io/ng/account/A/module/code/orgs/O/projects/P/repos/R/files/refs/heads/main/~/a/c.yaml"
OTHER = "https://elsewhere.example/a/c.yaml"


def test_public_hosts_are_known_without_configuration() -> None:
    hosts = [integration.host for integration in Integrations.from_config({}).all]
    assert hosts == ["github.com", "gitlab.com", "bitbucket.org", "dev.azure.com"]
    assert not any(integration.configured for integration in Integrations.from_config({}).all)


def test_a_configured_public_host_replaces_the_default() -> None:
    known = Integrations.from_config({"integrations": {"github": [{"host": "github.com", "token": "t"}]}})
    assert [i.host for i in known.all].count("github.com") == 1
    assert known.raw_request(GITHUB).headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        (GITHUB, "https://raw.githubusercontent.com/o/r/main/a/c.yaml"),
        (
            GITHUB.replace("github.com", "ghe.example"),
            "https://ghe.example/api/v3/repos/o/r/contents/a/c.yaml?ref=main",
        ),
        (GITHUB.replace("github.com", "raw.example"), "https://raw.example/raw/o/r/main/a/c.yaml"),
        (GITHUB.replace("blob", "tree"), "https://raw.githubusercontent.com/o/r/main/a/c.yaml"),
        (GITLAB, "https://gitlab.com/api/v4/projects/g%2Fs%2Fp/repository/files/a%2Fc.yaml/raw?ref=main"),
        (OLD_GITLAB, "https://gitlab.com/api/v4/projects/g%2Fp/repository/files/a%2Fc.yaml/raw?ref=main"),
        (
            SUBPATH_GITLAB,
            "https://git.example/gl/api/v4/projects/g%2Fp/repository/files/a%2Fc.yaml/raw?ref=main",
        ),
        (CLOUD, "https://api.bitbucket.org/2.0/repositories/o/r/src/main/a/c.yaml"),
        (
            SERVER,
            "https://bb.example:7990/rest/api/1.0/projects/P/repos/r/raw/a/c.yaml?at=refs%2Fheads%2Fmain",
        ),
        (PERSONAL, "https://bb.example:7990/rest/api/1.0/projects/~jo/repos/r/raw/c.yaml"),
        (
            AZURE,
            "https://dev.azure.com/org/p/_apis/git/repositories/r/items?api-version=6.0&path=%2Fa%2Fc.yaml&version=main",
        ),
        (GITEA, "https://gitea.example/api/v1/repos/o/r/raw/a/c.yaml?ref=main"),
        (GERRIT, "https://gerrit.example/a/projects/a%2Fp/branches/main/files/a%2Fc.yaml/content"),
        (
            GERRIT.replace("refs/heads/main", "refs/tags/v1"),
            "https://gerrit.example/gitiles/a/a/p/+/refs/tags/v1/a/c.yaml?format=TEXT",
        ),
        (
            HARNESS,
            "https://app.harness.io/gateway/code/api/v1/repos/A/O/P/R/+/content/a/c.yaml"
            "?routingId=A&include_commit=false&ref=refs%2Fheads%2Fmain",
        ),
        (OTHER, OTHER),
    ],
)
def test_a_file_url_becomes_the_request_for_its_raw_content(url: str, fetched: str) -> None:
    assert KNOWN.raw_request(url).url == fetched


@pytest.mark.parametrize(
    ("url", "beside", "at_root", "above"),
    [
        (
            GITHUB,
            "https://github.com/o/r/tree/main/a/x.yaml",
            "https://github.com/o/r/tree/main/x.yaml",
            "https://github.com/o/r/tree/main/x.yaml",
        ),
        (
            GITLAB,
            "https://gitlab.com/g/s/p/-/blob/main/a/x.yaml",
            "https://gitlab.com/g/s/p/-/blob/main/x.yaml",
            "https://gitlab.com/g/s/p/-/blob/main/x.yaml",
        ),
        (
            SERVER,
            "https://bb.example:7990/projects/P/repos/r/browse/a/x.yaml?at=refs%2Fheads%2Fmain",
            "https://bb.example:7990/projects/P/repos/r/browse/x.yaml?at=refs%2Fheads%2Fmain",
            "https://bb.example:7990/projects/P/repos/r/browse/x.yaml?at=refs%2Fheads%2Fmain",
        ),
        (
            AZURE,
            "https://dev.azure.com/org/p/_git/r?path=%2Fa%2Fx.yaml&version=GBmain",
            "https://dev.azure.com/org/p/_git/r?path=%2Fx.yaml&version=GBmain",
            "https://dev.azure.com/org/p/_git/r?path=%2Fx.yaml&version=GBmain",
        ),
        (
            GERRIT,
            "https://gerrit.example/gitiles/a/p/+/refs/heads/main/a/x.yaml",
            "https://gerrit.example/gitiles/a/p/+/refs/heads/main/x.yaml",
            "https://gerrit.example/gitiles/a/p/+/refs/heads/main/x.yaml",
        ),
        (
            OTHER,
            "https://elsewhere.example/a/x.yaml",
            "https://elsewhere.example/x.yaml",
            "https://elsewhere.example/x.yaml",
        ),
    ],
)
def test_relative_urls_are_seen_from_the_file(url: str, beside: str, at_root: str, above: str) -> None:
    assert KNOWN.resolve_url(url, "./x.yaml") == beside
    assert KNOWN.resolve_url(url, "x.yaml") == beside
    assert KNOWN.resolve_url(url, "/x.yaml") == at_root
    assert KNOWN.resolve_url(url, "../x.yaml") == above
    assert KNOWN.resolve_url(url, "https://absolute.example/x") == "https://absolute.example/x"


def test_a_root_relative_url_cannot_leave_the_repository() -> None:
    assert KNOWN.resolve_url(GITHUB, "/../../../x/y.yaml") == "https://github.com/o/r/tree/main/x/y.yaml"
    assert (
        KNOWN.same_repository(GITHUB, KNOWN.resolve_url(GITHUB, "../../../../other/s/blob/main/x")) is False
    )


@pytest.mark.parametrize(
    ("url", "edited"),
    [
        (GITHUB, "https://github.com/o/r/edit/main/a/c.yaml"),
        (GITHUB.replace("blob", "tree"), "https://github.com/o/r/edit/main/a/c.yaml"),
        (GITLAB, "https://gitlab.com/g/s/p/-/edit/main/a/c.yaml"),
        (CLOUD, f"{CLOUD}?mode=edit&at=main"),
        (SERVER, "https://bb.example:7990/projects/P/repos/r/browse/a/c.yaml"),
        (GITEA, "https://gitea.example/o/r/_edit/main/a/c.yaml"),
        (HARNESS, "https://app.harness.io/gateway/code/api/v1/repos/A/O/P/R/+/edit/a/c.yaml"),
        (AZURE, AZURE),
        (GERRIT, GERRIT),
        (OTHER, OTHER),
        ("not a url", "not a url"),
    ],
)
def test_a_view_url_becomes_an_edit_url(url: str, edited: str) -> None:
    assert KNOWN.edit_url(url) == edited


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        (GITHUB, "url:https://github.com/o/r/tree/main/a/"),
        (GITLAB, "url:https://gitlab.com/g/s/p/-/blob/main/a/"),
        (AZURE, "url:https://dev.azure.com/org/p/_git/r?path=%2Fa%2F&version=GBmain"),
        (OTHER, "url:https://elsewhere.example/a/"),
    ],
)
def test_the_source_location_is_the_folder_of_the_file(url: str, folder: str) -> None:
    assert KNOWN.source_location(url) == folder


@pytest.mark.parametrize(
    ("url", "annotation"),
    [
        ("https://github.com/lighthouse/lamp", ("github.com/project-slug", "lighthouse/lamp")),
        ("https://github.com/lighthouse/lamp.git", ("github.com/project-slug", "lighthouse/lamp")),
        (GITHUB, ("github.com/project-slug", "o/r")),
        (GITHUB.replace("github.com", "ghe.example"), ("github.com/project-slug", "o/r")),
        ("https://gitlab.com/g/s/p", ("gitlab.com/project-slug", "g/s/p")),
        (SUBPATH_GITLAB, ("gitlab.com/project-slug", "g/p")),
        (CLOUD, ("bitbucket.org/project-slug", "o/r")),
        (AZURE, ("dev.azure.com/project-slug", "p/r")),
        ("https://github.com/lighthouse", None),
        (GITEA, None),
        (OTHER, None),
    ],
)
def test_the_slug_annotation_names_the_repository(url: str, annotation: tuple[str, str] | None) -> None:
    assert KNOWN.slug_annotation(url) == annotation


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (GITHUB, "https://github.com/O/R/tree/other/x.yaml", True),
        (GITHUB, "https://github.com/o/r2/blob/main/x.yaml", False),
        (GITHUB, "https://ghe.example/o/r/blob/main/x.yaml", False),
        (GITHUB, "https://raw.githubusercontent.com/o/r/main/x.yaml", False),
        (AZURE, AZURE.replace("/org/", "/org2/"), False),
        (AZURE, AZURE.replace("main", "dev"), True),
        (OTHER, "https://elsewhere.example/b", True),
        (OTHER, "http://elsewhere.example/b", False),
        ("file:///a", "file:///a", False),
    ],
)
def test_repositories_are_compared_on_any_branch(a: str, b: str, same: bool) -> None:
    assert KNOWN.same_repository(a, b) is same


@pytest.mark.parametrize(
    "dots", ["..", "%2e%2e", "%252e%252e", ".%2E", "..%2f..", "..%5c", "a%2f..%2fb", "."]
)
@pytest.mark.parametrize("url", [GITHUB, GITLAB, CLOUD, GITEA, SERVER, GERRIT, HARNESS])
def test_path_traversal_is_refused_in_every_encoding(url: str, dots: str) -> None:
    with pytest.raises(InputError, match="traversal"):
        KNOWN.raw_request(url.replace("/c.yaml", f"/{dots}/user"))


def test_path_traversal_is_refused_in_the_query_of_azure() -> None:
    with pytest.raises(InputError, match="traversal"):
        KNOWN.raw_request("https://dev.azure.com/org/p/_git/r?path=/%252e%252e/x")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/o/r",
        "https://github.com/o",
        "https://github.com/",
        "https://github.com/o/r/pulls/1/x",
        "https://gitlab.com/g/p",
        "https://bitbucket.org/o/r/pull-requests/1",
        "https://dev.azure.com/org/p",
        "https://dev.azure.com/org/p/_git/r",
        "https://dev.azure.com/org/p/_git/r?path=/x&version=GTtag",
        "https://bb.example:7990/dashboard",
        "https://gerrit.example/c/1",
        "https://app.harness.io/ng/account/A",
    ],
)
def test_a_url_that_is_no_file_is_refused_clearly(url: str) -> None:
    with pytest.raises(InputError, match="URL"):
        KNOWN.raw_request(url)


def test_the_azure_token_is_chosen_by_organization() -> None:
    org = KNOWN.raw_request(AZURE).headers
    assert org != KNOWN.raw_request(AZURE.replace("/org/", "/org2/")).headers
    assert set(org) == {"Authorization"}


def test_a_url_with_user_info_belongs_to_no_integration() -> None:
    assert KNOWN.by_url("https://user:pass@github.com/o/r/blob/main/x.yaml") is None
    assert KNOWN.by_url("https://github.com@evil.example/o/r/blob/main/x.yaml") is None
    assert KNOWN.by_url("ssh://github.com/o/r") is None
    assert KNOWN.by_url("https://github.com:443/o/r") is not None
    assert KNOWN.by_url("https://github.com:8443/o/r") is None


def test_secrets_are_in_no_representation() -> None:
    shown = repr(KNOWN) + str(KNOWN)
    for url in (
        GITHUB.replace("github.com", "ghe.example"),
        SUBPATH_GITLAB,
        SERVER,
        AZURE,
        GITEA,
        GERRIT,
        HARNESS,
    ):
        request = KNOWN.raw_request(url)
        assert "Authorization" in request.headers
        shown += repr(request)
    assert CANARY not in shown
    assert "Authorization" not in shown


def test_every_mistake_of_the_configuration_is_reported_with_its_place() -> None:
    with pytest.raises(ConfigError) as caught:
        Integrations.from_config(
            {
                "integrations": {
                    "github": [{"token": CANARY}, {"host": "https://x"}, {"host": "a.b", "token": 5}],
                    "gitlab": "x",
                    "gitea": [3, {"host": "g.x", "baseUrl": f"https://u:{CANARY}@g.x"}],
                }
            }
        )
    assert [problem.field for problem in caught.value.problems] == [
        "integrations.github[0].host",
        "integrations.github[1].host",
        "integrations.github[2].token",
        "integrations.gitlab",
        "integrations.gitea[0]",
        "integrations.gitea[1].baseUrl",
    ]
    assert CANARY not in str(caught.value)


@given(st.text(max_size=60))
def test_no_text_breaks_the_questions_about_urls(text: str) -> None:
    for url in (text, f"https://github.com/{text}", f"https://dev.azure.com/{text}", f"https://{text}/a"):
        KNOWN.edit_url(url)
        KNOWN.slug_annotation(url)
        KNOWN.same_repository(url, GITHUB)


@given(st.text(max_size=40))
def test_a_request_never_leaves_the_origins_of_its_integration(text: str) -> None:
    for base in (GITHUB, GITLAB, CLOUD, GITEA, AZURE, GERRIT, HARNESS):
        try:
            request = KNOWN.raw_request(base + text)
        except InputError:
            continue
        integration = KNOWN.by_url(base + text)
        assert integration is not None
        assert any(request.url.startswith(f"{origin}/") for origin in integration.origins)
