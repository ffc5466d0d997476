from __future__ import annotations

import pytest

from callboard.portal.organisation.people import asked_offset, initials, mail_link
from callboard.portal.organisation.profile import profile
from tests.catalog.nodes import entity

PICTURE = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Lovelace", "AL"), ("ada.birch", "AB"), ("Ünal", "Ü"), ("Jan van der Berg", "JB"), ("…", "?")],
)
def test_initials_are_of_the_first_and_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize("text", ["", "none", "a b@c.d", "a@b@c", "<a@b.c>", 7, None, ["a@b.c"]])
def test_what_is_no_address_becomes_no_link(text: object) -> None:
    assert mail_link(text) == ""


def test_an_address_cannot_add_fields_to_the_mail() -> None:
    assert mail_link("a@b.c") == "mailto:a@b.c"
    assert mail_link("a@b.c?bcc=x&y") == "mailto:a@b.c%3Fbcc%3Dx%26y"


@pytest.mark.parametrize(
    "picture",
    [
        "https://people.example.com/ada.png",
        "//people.example.com/ada.png",
        "data:text/html,<script>",
        "javascript:alert(1)",
        7,
        PICTURE + "A" * 300_000,
    ],
)
def test_only_a_picture_inside_the_descriptor_is_shown(picture: object) -> None:
    assert profile(entity("User", "ada", profile={"picture": picture})).picture == ""
    assert profile(entity("User", "ada", profile={"picture": PICTURE})).picture == PICTURE


@pytest.mark.parametrize("given", [None, 7, "text", [], {"displayName": 7, "email": {}}])
def test_a_profile_of_the_wrong_shape_shows_the_name(given: object) -> None:
    shown = profile(entity("User", "ada", profile=given))
    assert (shown.name, shown.email, shown.mail) == ("ada", "", "")


@pytest.mark.parametrize("text", [None, "", "-1", "1e3", "x", "999999999999", "٣"])
def test_an_offset_that_is_none_is_the_beginning(text: str | None) -> None:
    assert asked_offset(text) == 0
