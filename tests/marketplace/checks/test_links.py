"""Which addresses a listing may link, in fields and in texts: the same rule everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from callboard.marketplace.checks import Known, Submitted, read_declared
from callboard.marketplace.checks.links import check_links, check_text_links, wrong_contact, wrong_url
from callboard.marketplace.checks.run import check
from tests.marketplace.wheels import FIELDS, README, wheel

GOOD = "https://code.example.org/tides"
REFUSED = [
    "http://code.example.org/",
    "ftp://code.example.org/",
    "//code.example.org/",
    "https://10.0.0.1/steal",
    "https://10.0.0.1./steal",
    "https://[::1]/",
    "https://127.1/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://%31%30.0.0.1/",
    "https://\uff11\uff10.0.0.1/",
    "https://10\u30020\u30020\u30021/",
    "https://localhost:8080/",
    "https://localhost./",
    "https://wiki/",
    "https://wiki.corp/",
    "https://printer.local/",
    "https://db.internal./",
    "https://me@code.example.org/",
    "https://code.example.org\\@10.0.0.1/",
    "https:\\\\10.0.0.1/",
    "https:10.0.0.1",
    "javascript:alert(1)",
    "nonsense",
]


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_not_everybody_reaches_is_refused(url: str) -> None:
    assert wrong_url(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        GOOD,
        "https://xn--bcher-kva.example.org/",
        "https://b\u00fccher.org/a?b=c#d",
        "https://1.example.org:8443/",
    ],
)
def test_an_address_of_a_public_host_is_taken(url: str) -> None:
    assert wrong_url(url) is None


BAD = "http://10.0.0.5/x"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"links": [{"title": "Source", "url": GOOD}, {"title": "Docs", "url": BAD}]}, "links[1].url"),
        ({"links": [{"title": "nonsense", "url": "nonsense"}]}, "links[0].url"),
        ({"price": {"model": "contact", "url": BAD}}, "price.url"),
        ({"support": {"contact": "http://10.0.0.1/steal"}}, "support.contact"),
        ({"support": {"contact": "//10.0.0.1/steal"}}, "support.contact"),
        ({"support": {"contact": "mailto:a@example.org,b@example.org"}}, "support.contact"),
        ({"description": f"See [x]({BAD})."}, "description"),
        ({"description": f"See [x][1].\n\n[1]: {BAD}"}, "description"),
        ({"description": f"![x]({BAD})"}, "description"),
        ({"description": "[x](//10.0.0.5/x)"}, "description"),
        ({"description": "[x](/\\10.0.0.5/x)"}, "description"),
        ({"installation": "Open <http://localhost:8080/>."}, "installation"),
        ({"installation": f'<a href="{BAD}">x</a>'}, "installation"),
        ({"highlights": ["Fast", f"[Faster]({BAD})"]}, "highlights[1]"),
        ({"documentation": [{"title": "Usage", "markdown": f"[x]({BAD})"}]}, "documentation[0]"),
    ],
)
def test_every_field_that_links_keeps_the_rule_and_is_named(fields: dict[str, Any], field: str) -> None:
    found = list(check_links(read_declared({**FIELDS, **fields})))
    assert [(one.level, one.code, one.field) for one in found] == [("error", "link-refused", field)]


@pytest.mark.parametrize(
    "text",
    [
        f"[x]({GOOD}) and [y](#usage) and [z](docs/usage.md)",
        "Write to <pat@example.org> or [us](mailto:pat@example.org?subject=Tides).",
        "Run `curl http://localhost:8080/` and open http://localhost:8080/ yourself.",
        "```\n[x](http://10.0.0.5/x)\n```",
    ],
)
def test_what_leads_to_nobodys_network_may_stand_in_a_text(text: str) -> None:
    assert not list(check_text_links(text, "description"))


@pytest.mark.parametrize(
    "text", ["", "pat@example.org", "mailto:pat@example.org", GOOD, "#tides on the chat", "Slack: #tides"]
)
def test_a_contact_is_mail_the_web_or_words(text: str) -> None:
    assert wrong_contact(text) is None


def test_the_readme_and_the_changelog_keep_the_rule() -> None:
    made = wheel(readme=f"{README}\n[x]({BAD})\n")
    given = Submitted(made.filename, made.content, read_declared(FIELDS), changelog=f"[y]({BAD})")
    found = check(given, Known("acme")).findings
    assert sorted((one.code, one.field) for one in found) == [
        ("link-refused", "README"),
        ("link-refused", "changelog"),
    ]


def test_a_text_full_of_refused_addresses_is_told_in_part() -> None:
    text = " ".join(f"[x](http://10.0.0.5/{number})" for number in range(500))
    assert len(list(check_text_links(text, "description"))) == 10
