"""Plugins that cannot be loaded, that raise, that are slow: they are shown so, and the rest goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.routing import Route

from callboard.catalog.contributions import EntityProcessor
from callboard.plugins import Plugin
from callboard.plugins.contributions import Router, ScheduledTask
from callboard.web.contributions import EntityCard, Page
from tests.catalog.nodes import component
from tests.portal.platform.conftest import Open
from tests.portal.platform.reading import text_of
from tests.portal.platform.wheels import TIDES, made
from tests.portal.site import Site


async def broken(*_: object) -> object:
    raise RuntimeError("the mast <b>broke</b>")


async def slow(*_: object) -> None:
    await asyncio.sleep(30)


class Sinking:
    name = "SinkingProcessor"

    async def pre_process(self, entity: dict[str, object], context: object) -> dict[str, object]:
        raise RuntimeError("it leaks")


FAILING = Plugin(
    id="failing",
    title="Failing",
    contributions=(
        Page("/failing", broken),  # type: ignore[arg-type]  # it never answers
        EntityCard("failing", "Failing", "failing/none.html", broken),  # type: ignore[arg-type]
        Router(lambda _: [Route("/x", broken)]),
        ScheduledTask("late", slow, every=3600, title="Come late", timeout=0.05),
        EntityProcessor("SinkingProcessor", lambda _: Sinking()),
    ),
)


async def answer(_: object) -> JSONResponse:
    return JSONResponse({})


FINE = Plugin(id="fine", title="Fine", contributions=(Router(lambda _: [Route("/x", answer)]),))


async def said_of(site: Site, plugin: str, *texts: str) -> str:
    """The text of the plugin's page, as soon as it says all of this."""
    found = ""
    for _ in range(120):
        found = text_of(await site.page(f"/admin/plugins/{plugin}"))
        if all(text in found for text in texts):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{texts} not in {found}")


async def test_what_raises_is_unhealthy_with_its_places_and_the_rest_goes_on(portal: Open) -> None:
    site = await portal(FAILING, FINE)
    await site.give(component("crane"))
    await site.page("/failing", 500)
    page = await said_of(site, "failing", "unhealthy", "the page /failing", "the mast <b>broke</b>")
    assert "<b>broke" not in await site.page("/admin/plugins/failing")
    assert "SinkingProcessor" in page
    assert (await site.client.get("/api/failing/x")).status_code == 500
    await said_of(site, "failing", "GET /api/failing/x")
    listed = await site.page("/admin/plugins")
    assert "These need a look; everything else goes on: Failing" in text_of(listed)
    assert (await site.client.get("/api/fine/x")).status_code == 200
    assert "healthy" in text_of(await site.page("/admin/plugins/fine"))
    assert "crane" in await site.page("/catalog/default/component/crane")


async def test_a_slow_task_is_ended_and_its_page_says_so(portal: Open) -> None:
    site = await portal(FAILING)
    await site.post("/admin/plugins/failing/tasks/late/run", {})
    page = await said_of(site, "failing", "did not finish within 0.05 s", "unhealthy")
    assert "the task late" in page
    assert "Come late" in page
    await site.post("/admin/plugins/failing/tasks/none/run", {}, 404)


async def test_a_plugin_that_cannot_be_loaded_is_shown_with_the_reason_and_can_be_removed(
    portal: Open, tmp_path: Path
) -> None:
    bad, good = made(later="\nraise OSError('no <i>harbour</i>')\n"), made()
    site = await portal()
    for one in (bad, good):
        plan = await site.host.admin.plan(str(one.into(tmp_path / one.id)))
        await site.host.admin.install(plan, "somebody")
    page = await site.page(f"/admin/plugins/{bad.id}")
    for said in ("does not run", "no <i>harbour</i>", "Counts the ships.", "Cards of entities Tide of it"):
        assert said in text_of(page)
    assert "<i>harbour" not in page
    assert "Ahoy" in await site.page(f"/{good.id}")
    assert bad.id in text_of(await site.page("/admin/plugins?show=added"))
    await site.post(f"/admin/plugins/{bad.id}/remove", {"sure": "yes"})
    await site.page(f"/admin/plugins/{bad.id}", 404)


async def test_code_that_declares_more_than_was_approved_does_not_run(portal: Open, tmp_path: Path) -> None:
    more = made(
        later="\nfrom dataclasses import replace\n"
        "PLUGIN = replace(PLUGIN, needs=(Need('catalog.write', 'Takes all.'),))\n"
    )
    site = await portal()
    plan = await site.host.admin.plan(str(more.into(tmp_path / "wheels")))
    found = await site.host.admin.install(plan, "somebody")
    assert found.status.state == "broken"
    assert "something else than its manifest" in text_of(await site.page(f"/admin/plugins/{more.id}"))


async def test_a_broken_declaration_hides_no_other_plugin(portal: Open) -> None:
    wrong = Plugin(id="wrong", title="Wrong", config=int)  # type: ignore[arg-type]  # that is the point
    site = await portal(wrong, FINE)
    assert "Fine" in text_of(await site.page("/admin/plugins?show=callboard"))
    assert "must be a pydantic model" in text_of(await site.page("/admin/plugins/wrong"))
    answer = await site.client.get("/api/plugins/wrong")
    assert answer.json()["state"] == "broken"


async def test_a_manifest_full_of_markup_is_only_text(portal: Open, tmp_path: Path) -> None:
    evil = "</textarea></script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
    source = (
        TIDES.replace('    title="Tides",', f"    title={evil!r},", 1)
        .replace('"Says how high the water is."', repr(evil))
        .replace('"Counts the ships."', repr(evil))
        .replace('"What the page says"', repr(evil))
        .replace('"Tide of it"', repr(evil))
        .replace('"Ahoy"', repr(evil[:20]))
        .replace('title="Note the level"', f"title={evil!r}")
    )
    one = made(source)
    site = await portal()
    headers = {"content-type": "application/octet-stream", "x-filename": one.filename}
    sent = await site.client.post("/api/plugins/upload", content=one.content, headers=headers)
    plan = await site.post("/admin/plugins/install/plan", {"source": sent.json()["source"]}, 200)
    await site.host.admin.install(await site.host.admin.plan(str(one.into(tmp_path / "wheels"))), evil)
    pages = [plan.text, *[await site.page(path) for path in ("/admin/plugins", f"/admin/plugins/{one.id}")]]
    for page in pages:
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in text_of(page).partition("sha256")[0] or "{{ 7*7 }}" in text_of(page)
