"""What the providers of plain OAuth 2 share: GitHub and GitLab."""

from __future__ import annotations

from callboard.access.signin.entry import Entry
from callboard.access.signin.profile import profile_of_claims
from callboard.access.signin.provider import Fixed, OAuthProvider


def plain(
    entry: Entry, title: str, endpoints: Fixed, scopes: tuple[str, ...], annotations: dict[str, str]
) -> OAuthProvider:
    """A provider whose API, not an ID token, says who the person is."""
    prompt = entry.optional("prompt")
    return OAuthProvider(
        id=entry.id,
        title=entry.text("title", title),
        client_id=entry.text("clientId"),
        client_secret=entry.secret("clientSecret"),
        endpoints=endpoints,
        scopes=(*scopes, *(one for one in entry.words("additionalScopes") if one not in scopes)),
        callback_url=entry.callback_url,
        resolvers=entry.resolvers(annotations),
        profile_of=profile_of_claims,
        parameters={"prompt": prompt} if prompt and prompt != "auto" else {},
        token_auth="client_secret_post",  # noqa: S106 - the name of a method
    )
