"""What is taken out of values before they are written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.access.audit.redact import MAX_URL, REMOVED, clean_meta, clean_text, clean_url, is_secret


@pytest.mark.parametrize(
    "name",
    [
        *(
            "token",
            "accessToken",
            "access_token",
            "X-Token",
            "id_token_hint",
            "clientSecret",
            "password",
            "PASSWD",
        ),
        *(
            "key",
            "api_key",
            "apiKey",
            "code",
            "state",
            "nonce",
            "sig",
            "X-Amz-Signature",
            "auth",
            "session_id",
        ),
        *("Authorization", "cookie", "client_assertion", "privateKey", "otp"),
    ],
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "entityRef",
        "author",
        "status",
        "keyword",
        "monkey",
        "encode",
        "signal",
        "filter",
        "limit",
        "statement",
    ],
)
def test_other_names_are_left_alone(name: str) -> None:
    assert not is_secret(name)


def test_values_of_secret_parameters_are_removed_from_a_url_and_the_rest_stays_as_sent() -> None:
    query = b"a=%20b&token=canary&Api%5FKey=canary&%74oken=canary&flag&code=canary&empty="
    assert clean_url(b"/api/x%2Fy?z", query) == (
        f"/api/x%2Fy?a=%20b&token={REMOVED}&Api%5FKey={REMOVED}&%74oken={REMOVED}&flag&code={REMOVED}&empty="
    )


def test_a_url_is_one_line_of_bounded_length() -> None:
    assert clean_url(b"/a\r\nb\x00", b"") == "/a��b�"
    assert len(clean_url(b"/" + b"x" * 10_000, b"")) == MAX_URL


def test_meta_is_bounded_and_without_the_values_of_secret_keys() -> None:
    found = clean_meta(
        {"ref": "component:default/x", "token": "canary", "in": [{"password": "canary", "n": 2**60}]}
    )
    assert found == {
        "ref": "component:default/x",
        "token": REMOVED,
        "in": [{"password": REMOVED, "n": str(2**60)}],
    }
    assert len(clean_meta(list(range(1000)))) == 50
    deep: list[object] = []
    for _ in range(1000):
        deep = [deep]
    assert len(str(clean_meta(deep))) < 20


@given(st.text(), st.integers(1, 50))
def test_a_clean_text_is_printable_utf_8_within_its_limit(text: str, limit: int) -> None:
    found = clean_text(text, limit)
    assert len(found) <= limit
    assert "\x00" not in found
    assert "\n" not in found
    found.encode()
