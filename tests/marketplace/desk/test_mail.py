"""Every step of the desk is mailed to those it concerns, in sentences."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from callboard.catalog.ingest.contract import LOCATION, ORIGIN
from callboard.marketplace.desk.letters import FORMS, letter
from callboard.marketplace.desk.phrases import PHRASES
from tests.marketplace.desk.market import EVE, PAT, RAE, Market
from tests.marketplace.wheels import wheel

DESK, ACME = "desk@example.org", "pat@example.org"
RAW = re.compile(r"user:default|plugin:callboard|resubmit|fail-checks|pass-checks|request-changes|[{}]")


def user(name: str, shown: str) -> dict[str, Any]:
    profile = {"displayName": shown, "email": f"{name}@example.org"}
    place = f"file:/users/{name}.yaml"
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "User",
        "metadata": {"name": name, "annotations": {LOCATION: place, ORIGIN: place}},
        "spec": {"profile": profile, "memberOf": []},
    }


async def mailed(market: Market, folder: Path) -> list[tuple[str, str, str]]:
    """Address, subject and text of what was sent since it was asked last."""
    await market.posted()
    found = []
    for file in sorted(folder.glob("*.eml")):  # noqa: ASYNC240 - a few small files
        message = message_from_bytes(file.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        text = message.get_content().replace("\r\n", "\n")
        found.append((str(message["To"]), str(message["Subject"]), text))
        file.unlink()
    for _, subject, text in found:
        assert RAW.search(subject + text) is None, f"{subject}\n{text}"
        assert re.search(r"^(https?://\S+)?/marketplace\S*$", text, re.M), text  # where to go on
    return sorted(found)


def to(found: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(address, subject) for address, subject, _ in found]


@pytest.mark.parametrize("step", FORMS)
def test_a_letter_says_who_did_what_why_and_where_to_go_on(step: str) -> None:
    made = letter(
        step, who="Rae", title="Tides {x}", publisher="Acme", detail="1.0", reason="It counts\nwrong.",
        link="https://portal.example.org/here",
    )  # fmt: skip
    assert "\n" not in made.subject
    assert "Tides {x}" in made.subject
    assert "  It counts\n  wrong." in made.text
    assert made.text.endswith("\nhttps://portal.example.org/here\n")
    first = made.text.split("\n")[0]
    assert first[0].isupper()
    assert first.endswith(".")


def test_every_step_that_is_written_down_has_words_and_every_one_but_drafting_has_a_letter() -> None:
    assert set(PHRASES) - set(FORMS) == {"create"}


async def test_the_way_to_the_shelf_is_mailed_step_by_step(market: Market, tmp_path: Path) -> None:
    folder = tmp_path / "desk" / "mail"
    await market.site.give(user("pat", "Pat Example"), user("rae", "Rae Reviewer"))
    pat, rae = await market.person(PAT), await market.person(RAE)
    await pat.ask("POST", "/publishers", 201, {"name": "acme", "title": "Acme", "about": "We make tides."})
    found = await mailed(market, folder)
    assert to(found) == [
        (DESK, "Acme applies as a publisher"),
        (ACME, "Your application as Acme was received"),
    ]
    assert "Pat Example applies for Acme" in found[0][2]
    assert "We make tides." in found[0][2]
    await rae.ask("POST", "/publishers/acme/approve", 200, {"reason": "Welcome."})
    [(_, subject, text)] = await mailed(market, folder)
    assert subject == "Acme is approved as a publisher"
    assert "Rae Reviewer approved Acme" in text
    assert "Welcome." in text

    id = await market.drafted(pat, wheel(), license="MIT")
    await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    handed, back = await mailed(market, folder)
    assert handed[1] == "Tides was handed in"
    assert back[1] == "Tides was sent back by the checks"
    assert "- The listing says MIT, the wheel Apache-2.0" in back[2]
    told = await pat.ask("GET", f"/submissions/{id}", 200)
    fields = {**told["listing"], "license": "Apache-2.0"}
    await pat.ask("PUT", f"/submissions/{id}", 200, {"listing": fields})
    await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    assert to(await mailed(market, folder)) == [
        (DESK, "Tides waits for review"),
        (ACME, "Tides is in review"),
        (ACME, "Tides was handed in again"),
    ]
    await rae.ask("POST", f"/submissions/{id}/comment", 200, {"text": "What about neaps?"})
    [(address, subject, text)] = await mailed(market, folder)
    assert (address, subject) == (ACME, "Rae Reviewer commented on Tides")
    assert "  What about neaps?" in text
    await pat.ask("POST", f"/submissions/{id}/comment", 200, {"text": "Those too."})
    assert to(await mailed(market, folder)) == [
        (DESK, "Pat Example commented on Tides"), (ACME, "Pat Example commented on Tides"),
    ]  # fmt: skip
    await rae.ask("POST", f"/submissions/{id}/request-changes", 200, {"text": "Say more."})
    await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    await rae.ask("POST", f"/submissions/{id}/approve", 200, {"text": "Fine."})
    await pat.ask("POST", f"/submissions/{id}/publish", 200, {})
    subjects = [subject for address, subject in to(await mailed(market, folder)) if address == ACME]
    assert subjects == [
        "Changes of Tides are requested", "Tides 1.0 is published", "Tides is approved",
        "Tides is in review", "Tides was handed in again",
    ]  # fmt: skip


async def test_what_happens_later_is_mailed_as_well(market: Market, tmp_path: Path) -> None:
    folder = tmp_path / "desk" / "mail"
    people = [user("pat", "Pat Example"), user("rae", "Rae"), user("eve", "Eve")]
    await market.site.give(*people)
    pat, rae = await market.publisher(), await market.person(RAE)
    eve = await market.publisher("eves", EVE)
    await market.published(wheel())
    await mailed(market, folder)

    await pat.ask("POST", "/publishers/acme/domains", 201, {"domain": "tides.example.org"})
    await pat.ask("PUT", "/publishers/acme", 200, {"title": "Acme", "contact": "new@example.org"})
    await pat.ask("POST", "/publishers/acme/members", 200, {"member": EVE, "role": "viewer"})
    body = {"name": "ci", "scopes": ["release"]}
    token = await pat.ask("POST", "/publishers/acme/tokens", 201, body)
    await pat.client.delete(f"/api/marketplace/publishers/acme/tokens/{token['id']}")
    found = await mailed(market, folder)
    assert set(to(found)) >= {
        (ACME, "Acme names the domain tides.example.org"),
        (ACME, "The profile of Acme was changed"),
        ("new@example.org", "The profile of Acme was changed"),
        ("eve@example.org", "The members of Acme changed"),
        (ACME, "The members of Acme changed"),
        (ACME, "The tokens of Acme changed"),
    }
    assert any("ci was revoked" in text for _, _, text in found)

    await pat.ask("POST", "/listings/tides/releases/1.0/yank", 200, {"reason": "It counts wrong."})
    await pat.ask("POST", "/listings/tides/releases/1.0/unyank", 200, {})
    await pat.ask("POST", "/listings/tides/deprecate", 200, {"reason": "No time."})
    await pat.ask("POST", "/listings/tides/revive", 200, {})
    await pat.ask("POST", "/listings/tides/transfer", 200, {"publisher": "eves"})
    await eve.ask("POST", "/listings/tides/accept", 200, {})
    found = await mailed(market, folder)
    mine = [subject for address, subject in to(found) if address == "new@example.org"]
    assert mine == [
        "Tides 1.0 is back", "Tides 1.0 is yanked", "Tides has a new publisher", "Tides is deprecated",
        "Tides is maintained again", "Tides is offered to eves",
    ]  # fmt: skip
    assert ("eve@example.org", "Tides is offered to eves") in to(found)
    assert any("No time." in text for _, subject, text in found if subject == "Tides is deprecated")

    report = {"listing": "tides", "kind": "malware", "text": "It mines coins."}
    made = await pat.ask("POST", "/reports", 201, report)
    await rae.ask("POST", "/listings/tides/take-down", 200, {"reason": "It mines coins."})
    decision = {"dismissed": False, "decision": "It was taken down."}
    await rae.ask("POST", f"/reports/{made['id']}/decide", 200, decision)
    await rae.ask("POST", "/publishers/eves/suspend", 200, {"reason": "Coins."})
    await rae.ask("POST", "/publishers/eves/resume", 200, {})
    found = await mailed(market, folder)
    assert set(to(found)) >= {
        (DESK, "Tides was reported: malware"),
        (ACME, "Your report of Tides was received"),
        (ACME, "Your report of Tides was acted on"),
        ("eve@example.org", "Tides was taken down"),
        ("eve@example.org", "Eves is suspended"),
        ("eve@example.org", "Eves is no longer suspended"),
    }
