"""Domains that can be taken away, members who exist, and forms that lose nothing. On both databases."""

from __future__ import annotations

from sqlalchemy import update

from callboard.marketplace.desk import store
from callboard.marketplace.desk.office import Office
from callboard.marketplace.desk.tables import domains
from tests.marketplace.desk.market import EVE, PAT, RAE, Market, entity
from tests.marketplace.desk.test_pages import ROOT, visitor

DOMAIN = "tides.example.org"


async def applied(market: Market, domain: str = DOMAIN) -> None:
    pat = await market.person(PAT)
    await pat.ask("POST", "/publishers", 201, {"name": "acme", "title": "Acme", "domain": domain})


async def prove(market: Market, domain: str = DOMAIN) -> None:
    """As `Publishers.prove` writes it down (which test_proof sees)."""

    async def work(rows: store.Rows) -> None:
        await rows.execute(
            update(domains).where(domains.c.name == domain).values(verified_at=1.0, method="dns")
        )

    await Office(market.context).write(work)


async def test_a_domain_that_cannot_be_proved_is_taken_away_by_its_owner(market: Market) -> None:
    await applied(market)
    pat, rae, eve = [await market.person(one) for one in (PAT, RAE, EVE)]
    path = f"/publishers/acme/domains/{DOMAIN}"
    await eve.refused("DELETE", path, 403)
    await rae.refused("DELETE", path, 403)
    await pat.refused("DELETE", "/publishers/acme/domains/other.example.org", 404)
    await pat.ask("DELETE", path, 204)
    assert (await pat.ask("GET", "/publishers/acme", 200))["domains"] == []
    await pat.ask("POST", "/publishers/acme/domains", 201, {"domain": DOMAIN})  # it can be named anew


async def test_a_community_publisher_needs_no_proof_and_shows_no_claim(market: Market) -> None:
    await applied(market)
    rae = await market.person(RAE)
    await rae.refused("POST", "/publishers/acme/approve", 409, {"type": "verified-partner"})
    await rae.ask("POST", "/publishers/acme/approve", 200, {"type": "community"})
    await market.settled()
    spec = (await market.site.node.entity("publisher:default/acme"))["spec"]
    assert "domains" not in spec
    assert DOMAIN not in str(spec)


async def test_a_mark_keeps_the_last_proof_that_it_rests_on(market: Market) -> None:
    await applied(market)
    pat, rae = await market.person(PAT), await market.person(RAE)
    await prove(market)
    await rae.ask("POST", "/publishers/acme/approve", 200, {"type": "verified-partner"})
    await pat.ask("POST", "/publishers/acme/domains", 201, {"domain": "waves.example.org"})
    assert "needs a domain that is proved" in await pat.refused(
        "DELETE", f"/publishers/acme/domains/{DOMAIN}", 409
    )
    await prove(market, "waves.example.org")
    await pat.ask("DELETE", f"/publishers/acme/domains/{DOMAIN}", 204)
    await market.settled()
    spec = (await market.site.node.entity("publisher:default/acme"))["spec"]
    assert [one["name"] for one in spec["domains"]] == ["waves.example.org"]


async def test_a_domain_is_taken_away_on_the_page(market: Market) -> None:
    await applied(market)
    pat, rae = await visitor(market, PAT), await visitor(market, RAE)
    path = f"{ROOT}/publishers/acme"
    assert f'aria-label="Remove {DOMAIN}"' in await pat.page(path)
    assert f'aria-label="Remove {DOMAIN}"' not in await rae.page(path)
    await pat.post(f"{path}/domains/drop", {"domain": DOMAIN})
    shown = await pat.page(f"{path}?done=dropped")
    assert "The domain was taken away." in shown
    assert f"Remove {DOMAIN}" not in shown


async def test_members_are_users_and_groups_that_there_are(market: Market) -> None:
    pat = await market.publisher()
    await market.person(EVE)  # signed in once, though the catalog does not know her
    await market.site.give(entity("Listing", "x"), group("tide-watchers"))
    path = "/publishers/acme/members"
    for member in ("user:default/a b c", "user:default/nobody", "group:default/nobody", "component:default/x",
                   "user:de fault/eve", "user:default/" + "x" * 300, ""):  # fmt: skip
        await pat.refused("POST", path, 400, {"member": member, "role": "viewer"})
    await pat.ask("POST", path, 200, {"member": EVE, "role": "viewer"})
    done = await pat.ask("POST", path, 200, {"member": "group:tide-watchers", "role": "maintainer"})
    assert [one["member"] for one in done["members"]] == [PAT, EVE, "group:default/tide-watchers"]
    await market.site.give(entity("Listing", "x"))  # who is a member stays one, and can be changed
    await pat.ask("POST", path, 200, {"member": "group:default/tide-watchers", "role": "viewer"})


async def test_only_applications_that_could_be_decided_count(market: Market) -> None:
    pat = await visitor(market, PAT)
    for _ in range(7):
        await pat.post(f"{ROOT}/apply", {"name": "Acme!", "title": "Acme"}, 400)
        await pat.post(f"{ROOT}/apply", {"name": "acme", "title": "Acme", "url": "http://10.0.0.1/"}, 400)
    for number in range(5):
        await pat.post(f"{ROOT}/apply", {"name": f"quay-{'abcde'[number] * 6}", "title": "abcde"[number] * 9})
    for _ in range(2):
        await pat.post(f"{ROOT}/apply", {"name": "quay-aaaaaa", "title": "Again"}, 409)
    typed = {"name": "lighthouse", "title": "Lighthouse", "domain": DOMAIN, "about": "We keep the light."}
    limited = await pat.post(f"{ROOT}/apply", typed, 429)
    assert "Too many: at most 5 within 60 minutes" in limited.text
    for value in typed.values():
        assert value in limited.text


async def test_what_is_refused_on_the_page_of_a_publisher_stays_in_its_form(market: Market) -> None:
    await market.publisher()
    pat, path = await visitor(market, PAT), f"{ROOT}/publishers/acme"
    for below, form, words in (
        ("/edit", {"title": "Acme", "url": "http://10.0.0.1/", "about": "Tide tables since 1911."}, "https:"),
        ("/domains", {"domain": "not a domain"}, "is no domain"),
        ("/members", {"member": "user:default/nobody", "role": "owner"}, "There is no user"),
        ("/tokens", {"token-name": "nightly", "scope": "read", "days": "9999"}, "1 to"),
        (
            "/tokens",
            {"token-name": "nightly", "scope": "read", "days": "30", "listing": "nothere"},
            "nothere",
        ),
    ):
        refused = await pat.post(f"{path}{below}", form, 404 if form.get("listing") else 400)
        assert words in refused.text
        for name, value in form.items():
            if name not in ("role", "scope"):
                assert value in refused.text, name


def group(name: str) -> dict[str, object]:
    made = entity("Group", name, type="team", children=[])
    return {**made, "apiVersion": "backstage.io/v1alpha1"}
