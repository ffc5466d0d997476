"""From what a provider says about a person to the user of the catalog."""

from __future__ import annotations

from typing import Any

import pytest

from callboard.access.signin.profile import Profile, SignInError, profile_of_claims
from callboard.access.signin.providers.microsoft import profile_of as microsoft_profile
from callboard.access.signin.resolvers import Resolver, resolve
from tests.access.signin.people import JANE, PEOPLE, SAM, TEAM

BY_EMAIL = Resolver("emailMatchingUserEntityProfileEmail")
BY_LOCAL_PART = Resolver("emailLocalPartMatchingUserEntityName")
BY_NAME = Resolver("usernameMatchingUserEntityName")
BY_ID = Resolver("userIdMatchingUserEntityAnnotation", annotation="github.com/user-id")


def person(**facts: Any) -> Profile:
    return Profile(subject=facts.pop("subject", "0"), **facts)


@pytest.mark.parametrize(
    ("resolver", "profile", "ref"),
    [
        (BY_EMAIL, person(email="jane@harbour.example"), JANE),
        (BY_EMAIL, person(email="JANE@Harbour.example"), JANE),
        (BY_EMAIL, person(email="jane+portal@harbour.example"), JANE),
        (BY_LOCAL_PART, person(email="Sam@elsewhere.example"), SAM),
        (BY_NAME, person(username="Jane"), JANE),
        (Resolver("preferredUsernameMatchingUserEntityName"), person(username="jane"), JANE),
        (Resolver("forwardedUserMatchingUserEntityName"), person(username="jane"), JANE),
        (BY_ID, person(subject="101"), JANE),
        (
            Resolver("emailMatchingUserEntityAnnotation", annotation="okta.com/email"),
            person(email="jane@harbour.example"),
            JANE,
        ),
    ],
)
async def test_each_resolver_finds_its_user(resolver: Resolver, profile: Profile, ref: str) -> None:
    found = await resolve([resolver], profile, PEOPLE)
    assert found.ref == ref
    assert found.owns == (ref, TEAM)
    assert found.live


@pytest.mark.parametrize(
    "profile",
    [
        person(),
        person(email="nobody@harbour.example", username="nobody", subject="9"),
        person(email="jane", username="user:default/jane"),
        person(username="default/jane"),
        person(username="../jane"),
        person(username=""),
        person(email="twins@harbour.example"),
        person(email="jane@harbour.example@evil.example"),
        person(email="@harbour.example"),
    ],
)
async def test_everybody_else_hears_the_same_words(profile: Profile) -> None:
    with pytest.raises(SignInError) as caught:
        await resolve([BY_EMAIL, BY_NAME, BY_ID], profile, PEOPLE)
    assert str(caught.value) == str(SignInError("refused", ""))
    assert caught.value.status == 401


async def test_resolvers_are_tried_in_order() -> None:
    both = person(email="sam@harbour.example", username="jane")
    assert (await resolve([BY_EMAIL, BY_NAME], both, PEOPLE)).ref == SAM
    assert (await resolve([BY_NAME, BY_EMAIL], both, PEOPLE)).ref == JANE
    assert (await resolve([BY_ID, BY_NAME], both, PEOPLE)).ref == JANE


async def test_a_user_that_two_entities_claim_is_nobody() -> None:
    twins = person(email="twins@harbour.example", username="jane")
    with pytest.raises(SignInError):
        await resolve([BY_EMAIL, BY_NAME], twins, PEOPLE)


async def test_a_domain_that_is_not_allowed_ends_the_search() -> None:
    careful = Resolver("emailLocalPartMatchingUserEntityName", allowed_domains=("harbour.example",))
    assert (await resolve([careful], person(email="jane@harbour.example"), PEOPLE)).ref == JANE
    for domain in ("evil.example", "harbour.example.evil.example", "sub.harbour.example"):
        with pytest.raises(SignInError):
            await resolve([careful, BY_NAME], person(email=f"jane@{domain}", username="jane"), PEOPLE)


async def test_somebody_outside_of_the_catalog_is_let_in_only_on_demand() -> None:
    open_to_all = Resolver("usernameMatchingUserEntityName", without_user=True)
    found = await resolve([open_to_all], person(username="Newcomer"), PEOPLE)
    assert found.ref == "user:default/newcomer"
    assert found.owns == ("user:default/newcomer",)
    assert not found.live


async def test_a_newcomer_never_becomes_a_user_whom_the_catalog_knows() -> None:
    """The e-mail is another's, but its local part is the name of a user."""
    open_to_all = Resolver("emailMatchingUserEntityProfileEmail", without_user=True)
    with pytest.raises(SignInError):
        await resolve([open_to_all], person(email="jane@elsewhere.example"), PEOPLE)


def test_an_email_counts_unless_the_provider_says_it_is_not_verified() -> None:
    claims = {"sub": "1", "email": "jane@harbour.example"}
    assert profile_of_claims(claims).email == "jane@harbour.example"
    assert profile_of_claims({**claims, "email_verified": True}).email == "jane@harbour.example"
    for denied in (False, "false"):
        assert profile_of_claims({**claims, "email_verified": denied}).email is None


def test_claims_of_the_wrong_type_are_nothing() -> None:
    found = profile_of_claims(
        {"sub": "1", "email": ["x"], "name": {"a": 1}, "picture": "javascript:alert(1)"}
    )
    assert found == Profile(subject="1")
    with pytest.raises(SignInError):
        profile_of_claims({"sub": 1})


def test_microsoft_knows_people_by_their_object_id() -> None:
    claims = {"sub": "pairwise", "oid": "object", "email": "jane@harbour.example", "name": "Jane"}
    assert microsoft_profile(claims).subject == "object"
    assert microsoft_profile(claims).email == "jane@harbour.example"
    assert microsoft_profile({**claims, "xms_edov": False}).email is None
    assert microsoft_profile({**claims, "xms_edov": "1"}).email == "jane@harbour.example"
