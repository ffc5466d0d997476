"""What a file says, and whom that means."""

from __future__ import annotations

import pytest
from callboard_codeowners.owners import owner_of
from callboard_codeowners.parsing import parse
from callboard_codeowners.settings import Settings

FILE = b"""\xef\xbb\xbf# who looks after what
*           @acme/everyone  # a remark
/docs/      @ann docs@example.com
/docs/free/
bad[1].js   @acme/x
!no         @acme/x
/src        not-an-owner
/src/a\\ b/ @acme/blank\r
"""


def test_the_last_line_that_matches_counts() -> None:
    file = parse(FILE)
    assert file.owners_of("x") == ("@acme/everyone",)
    assert file.owners_of("docs/x") == ("@ann", "docs@example.com")
    assert file.owners_of("docs/free/x") == ()
    assert file.owners_of("src/a b/c") == ("@acme/blank",)
    assert file.owners_of("src/x") == ("@acme/everyone",)


def test_bad_lines_are_named_and_passed_over() -> None:
    mistakes = parse(FILE).mistakes
    assert [one.line for one in mistakes] == [5, 6, 7]
    assert "brackets" in mistakes[0].message
    assert "!" in mistakes[1].message
    assert "not-an-owner" in mistakes[2].message


def test_the_headings_of_gitlab_give_owners_to_lines_without_any() -> None:
    file = parse(b"[Docs][2] @acme/writers\n*.md\n*.rst @ann\n^[Rest]\n/src @acme/group/crew\n")
    assert file.mistakes == ()
    assert file.owners_of("a.md") == ("@acme/writers",)
    assert file.owners_of("a.rst") == ("@ann",)
    assert file.owners_of("src/x") == ("@acme/group/crew",)


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("@acme/Lamp-Crew", "lamp-crew"),
        ("@acme/sub/crew", "crew"),
        ("@ann", "User:ann"),
        ("Ann@example.com", "Ann"),
        ("@ACME/lamps", "group:default/lighting"),
        ("bob@example.com", "user:default/bob"),
    ],
)
def test_an_owner_is_called_as_in_backstage_unless_the_mapping_says_otherwise(
    owner: str, expected: str
) -> None:
    settings = Settings(
        mapping={"@acme/Lamps": "group:default/lighting", "bob@example.com": "user:default/bob"}
    )
    assert owner_of((owner, "@other"), settings.mapping) == expected


def test_nobody_is_owner_of_what_has_none() -> None:
    assert owner_of((), {}) is None


def test_a_mapping_to_what_is_no_reference_is_refused() -> None:
    with pytest.raises(ValueError, match="@acme/lamps"):
        Settings(mapping={"@acme/lamps": "group:"})
