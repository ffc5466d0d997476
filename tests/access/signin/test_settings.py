"""Reading `auth.providers`: Backstage's keys, and mistakes with the place where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from callboard.access.signin.pending import new_keys
from callboard.access.signin.provider import Discovered, Fixed, GuestProvider, OAuthProvider
from callboard.access.signin.settings import SignInSettings, read_signin_settings
from callboard.core.config import load_config
from callboard.core.errors import ConfigError
from tests.access.signin.door import config_of

CLIENT: dict[str, Any] = {
    "clientId": "portal",
    "clientSecret": "canary-of-the-secret",
    "signIn": {"resolvers": [{"resolver": "emailMatchingUserEntityProfileEmail"}]},
}
CONFIG = """\
auth:
  environment: production
  providers:
    okta:
      production:
        clientId: portal
        clientSecret: canary-of-the-secret
        audience: http://okta.example
        signIn:
          resolvers:
            - resolver: emailMatchingUserEntityAnnotation
    github:
      production:
        clientId: portal
        clientSecret: canary-of-the-secret
        signIn:
          resolvers:
            - resolver: byHoroscope
    guest: {}
    gitlab:
      development:
        clientId: only in development
"""


def read(providers: dict[str, Any], **config: Any) -> SignInSettings:
    return read_signin_settings(config_of(providers, **config))


def only(providers: dict[str, Any], **config: Any) -> OAuthProvider:
    [found] = read(providers, **config).providers
    assert isinstance(found, OAuthProvider)
    return found


def test_every_mistake_is_told_with_its_line_and_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "app-config.yaml"
    path.write_text(CONFIG)
    with pytest.raises(ConfigError) as caught:
        read_signin_settings(load_config([path], {}))
    told = {(problem.field, problem.line) for problem in caught.value.problems}
    assert told == {
        ("auth.providers.okta.production.audience", 8),
        ("auth.providers.github.production.signIn.resolvers[0].resolver", 18),
        ("auth.providers.guest", 19),
    }
    assert "canary" not in str(caught.value)


def test_nothing_shows_a_secret() -> None:
    provider = only({"google": {"development": CLIENT}})
    assert "canary" not in repr(provider)
    assert "canary" not in str(provider)
    keys = new_keys()
    assert keys.state not in repr(keys)
    assert keys.browser not in str(keys)


@pytest.mark.parametrize("name", ["clientId", "clientSecret", "signIn"])
def test_what_a_provider_needs_is_required(name: str) -> None:
    given = {key: value for key, value in CLIENT.items() if key != name}
    with pytest.raises(ConfigError, match=name):
        read({"google": {"development": given}})


@pytest.mark.parametrize(
    ("id", "more", "words"),
    [
        ("oidc", {}, "metadataUrl"),
        ("oidc", {"metadataUrl": "http://login.example"}, "https"),
        ("oidc", {"metadataUrl": "https://user:pass@login.example"}, "user and password"),
        (
            "oidc",
            {"metadataUrl": "https://login.example", "tokenSignedResponseAlg": "none"},
            "must be one of",
        ),
        (
            "oidc",
            {"metadataUrl": "https://login.example", "tokenSignedResponseAlg": "HS256"},
            "must be one of",
        ),
        (
            "oidc",
            {"metadataUrl": "https://login.example", "tokenEndpointAuthMethod": "none"},
            "must be one of",
        ),
        (
            "oidc",
            {"metadataUrl": "https://login.example", "callbackUrl": "https://evil.example/x"},
            "this site",
        ),
        ("microsoft", {"tenantId": "common"}, "one tenant"),
        ("microsoft", {}, "tenantId"),
        ("okta", {}, "audience"),
        ("github", {"enterpriseInstanceUrl": "ftp://x"}, "address"),
        ("githb", {}, "no such provider"),
        ("oauth2-proxy", {}, "trustedAddresses"),
        ("oauth2-proxy", {"trustedAddresses": ["0.0.0.0/0"]}, "every address"),
        ("oauth2-proxy", {"trustedAddresses": ["proxy"]}, "address or a network"),
        ("trusted-header", {"trustedAddresses": ["10.0.0.1"]}, "either headers or jwt"),
        ("trusted-header", {"trustedAddresses": ["10.0.0.1"], "jwt": {"header": "x"}}, "jwksUrl"),
    ],
)
def test_what_cannot_be_used_is_refused(id: str, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read({id: {"development": {**CLIENT, **more}}})


def test_annotation_resolvers_need_an_annotation() -> None:
    resolvers = [{"resolver": "userIdMatchingUserEntityAnnotation"}]
    given = {**CLIENT, "metadataUrl": "https://login.example", "signIn": {"resolvers": resolvers}}
    with pytest.raises(ConfigError, match="annotation"):
        read({"oidc": {"development": given}})
    resolvers[0]["annotation"] = "login.example/id"
    assert only({"oidc": {"development": given}}).resolvers[0].annotation == "login.example/id"


def test_only_the_providers_of_the_environment_are_used() -> None:
    providers = {"google": {"production": CLIENT}, "guest": {}}
    assert [one.id for one in read(providers).providers] == ["guest"]
    with pytest.raises(ConfigError, match="without any proof"):
        read(providers, auth_environment="production")


def test_a_guest_outside_of_development_is_insisted_on_by_name() -> None:
    allowed = {"guest": {"dangerouslyAllowOutsideDevelopment": True}}
    [guest] = read(allowed, auth_environment="production").providers
    assert isinstance(guest, GuestProvider)
    assert guest.user_ref == "user:development/guest"
    assert guest.owns is None


def test_providers_of_backstage_that_are_not_here_are_left_out() -> None:
    assert read({"atlassian": {"development": CLIENT}}).providers == ()


def test_addresses_of_the_known_sites() -> None:
    github = only({"github": {"development": CLIENT}}).endpoints
    assert isinstance(github, Fixed)
    assert github.authorize == "https://github.com/login/oauth/authorize"
    assert github.token == "https://github.com/login/oauth/access_token"
    assert github.user == "https://api.github.com/user"
    gitlab = only({"gitlab": {"development": {**CLIENT, "audience": "https://git.example/"}}}).endpoints
    assert isinstance(gitlab, Fixed)
    assert gitlab.user == "https://git.example/api/v4/user"


@pytest.mark.parametrize(
    ("id", "more", "metadata", "issuer"),
    [
        (
            "google",
            {},
            "https://accounts.google.com/.well-known/openid-configuration",
            "https://accounts.google.com",
        ),
        (
            "microsoft",
            {"tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47"},
            "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0/.well-known/openid-configuration",
            "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
        ),
        (
            "microsoft",
            {"tenantId": "harbour.example"},
            "https://login.microsoftonline.com/harbour.example/v2.0/.well-known/openid-configuration",
            None,
        ),
        (
            "okta",
            {"audience": "https://harbour.okta.com", "authServerId": "aus1"},
            "https://harbour.okta.com/oauth2/aus1/.well-known/openid-configuration",
            "https://harbour.okta.com/oauth2/aus1",
        ),
        (
            "oidc",
            {"metadataUrl": "https://login.example/realms/x"},
            "https://login.example/realms/x/.well-known/openid-configuration",
            "https://login.example/realms/x",
        ),
    ],
)
def test_metadata_of_the_known_issuers(
    id: str, more: dict[str, Any], metadata: str, issuer: str | None
) -> None:
    endpoints = only({id: {"development": {**CLIENT, **more}}}).endpoints
    assert isinstance(endpoints, Discovered)
    assert endpoints.metadata_url == metadata
    assert endpoints.issuer == issuer


def test_scopes_prompt_and_hints_are_asked_for_as_configured() -> None:
    more = {
        "tenantId": "harbour.example",
        "additionalScopes": "User.Read offline_access",
        "domainHint": "harbour",
    }
    provider = only({"microsoft": {"development": {**CLIENT, **more, "prompt": "login"}}})
    assert provider.scopes == ("openid", "profile", "email", "User.Read", "offline_access")
    assert provider.parameters == {"domain_hint": "harbour", "prompt": "login"}
    assert only({"google": {"development": {**CLIENT, "prompt": "auto"}}}).parameters == {}


async def test_the_address_for_github_has_everything() -> None:
    from callboard.access.signin.oauth import OAuthFlow

    keys = new_keys()
    url = await OAuthFlow(only({"github": {"development": CLIENT}})).authorization_url(keys)
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == ("github.com", "/login/oauth/authorize")
    assert query["scope"] == ["read:user user:email"]
    assert query["state"] == [keys.state]
    assert query["code_challenge_method"] == ["S256"]
    assert "nonce" not in query
    assert keys.verifier not in url
    assert "canary" not in url
