"""Plugins come, are configured and go while the portal runs, on either database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from callboard.plugins.storage import PluginStorage
from callboard.plugins.tables import (
    plugin_artifacts,
    plugin_data,
    plugin_installations,
    plugin_settings,
    plugin_tasks,
)
from tests.catalog.nodes import component
from tests.portal.platform.conftest import Open
from tests.portal.platform.reading import form_of, text_of
from tests.portal.platform.wheels import TIDES, Made, index_of, made
from tests.portal.site import Site

CRANE = "/catalog/default/component/crane"


async def rows_of(site: Site, plugin: str) -> dict[str, int]:
    """How many rows each table has of a plugin; of all wheels."""
    found = {}
    async with site.node.runtime.database.read() as rows:
        for table in (plugin_settings, plugin_installations, plugin_data, plugin_tasks):
            query = select(func.count()).select_from(table).where(table.c.plugin == plugin)
            found[table.name] = (await rows.execute(query)).scalar_one()
        query = select(func.count()).select_from(plugin_artifacts)
        found[plugin_artifacts.name] = (await rows.execute(query)).scalar_one()
    return found


async def status_of(site: Site, path: str) -> int:
    return (await site.client.get(path)).status_code


async def api(site: Site, method: str, path: str, status: int = 200, json: Any = None, **more: Any) -> Any:
    answer = await site.client.request(method, f"/api/plugins{path}", json=json, **more)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def installed(site: Site, source: str) -> str:
    """Install by the pages; the page that is shown then."""
    plan = (await site.post("/admin/plugins/install/plan", {"source": source}, 200)).text
    answer = await site.post("/admin/plugins/install", form_of(plan, "/admin/plugins/install"))
    return await site.page(answer.headers["location"])


async def test_a_plugin_of_an_index_comes_is_set_switched_and_goes_by_the_pages(
    portal: Open, tmp_path: Path
) -> None:
    one = made()
    with index_of(one) as (url, _):
        site = await portal(plugins_index_url=url)
        await site.give(component("crane"))
        assert await status_of(site, f"/{one.id}") == 404
        plan = (await site.post("/admin/plugins/install/plan", {"source": one.distribution}, 200)).text
        for said in (
            "Tides",
            "Says how high the water is.",
            f"{one.distribution} 1.0",
            "nobody attests who made it",
            "Cards of entities Tide of it",
            "Note the level, every 60 minutes",
            f"HTTP API /api/{one.id}",
            "Read every entity, whatever permissions say",
            "Counts the ships.",
            "What the page says",
        ):
            assert said in text_of(plan), said
        assert await status_of(site, f"/{one.id}") == 404
        typed = {
            **form_of(plan, "/admin/plugins/install"),
            "config/greeting": "Moin",
            "config/token": "pssst",
        }
        answer = await site.post("/admin/plugins/install", typed)
    path = f"/admin/plugins/{one.id}"
    assert answer.headers["location"] == f"{path}?done=installed"
    # Everything below happens without the index, and nothing was restarted.
    page = await site.page(f"{path}?done=installed")
    assert "It needed no restart" in text_of(page)
    assert "pssst" not in page
    assert "Moin from the tides" in await site.page(f"/{one.id}")
    assert "The tide of crane" in await site.page(CRANE)
    assert (await site.client.get(f"/api/{one.id}/level")).json() == {"level": "Moin"}
    assert f'href="/{one.id}"' in await site.page("/")

    form = {**form_of(page, f"{path}/config"), "config/greeting": "Servus"}
    await site.post(f"{path}/config", form)
    assert "Servus from the tides" in await site.page(f"/{one.id}")
    secret = site.host.live.contexts[one.id].config.token.get_secret_value()  # type: ignore[union-attr]
    assert secret == "pssst"

    await site.post(f"{path}/disable", {})
    assert await status_of(site, f"/{one.id}") == 404
    assert "The tide of crane" not in await site.page(CRANE)
    assert "disabled" in text_of(await site.page(path))
    await site.post(f"{path}/enable", {})
    assert "Servus from the tides" in await site.page(f"/{one.id}")

    await site.post(f"{path}/tasks/note/run", {})
    for _ in range(100):
        if "just now" in text_of(await site.page(path)).partition("Note the level")[2]:
            break
        await asyncio.sleep(0.05)
    assert await PluginStorage(site.node.runtime.database, one.id).get("noted") is True
    assert set((await rows_of(site, one.id)).values()) == {1}
    folder = tmp_path / "search" / "plugins" / one.id
    assert folder.is_dir()

    await site.post(f"{path}/remove", {}, 400)
    site.host.installer._grace = 0.0  # requests that began before have ended
    answer = await site.post(f"{path}/remove", {"sure": "yes"})
    assert answer.headers["location"] == "/admin/plugins?done=removed"
    for gone in (f"/{one.id}", f"/api/{one.id}/level", path):
        assert await status_of(site, gone) == 404
    assert "The tide of crane" not in await site.page(CRANE)
    assert set((await rows_of(site, one.id)).values()) == {0}
    for _ in range(100):
        if not folder.exists():
            break
        await asyncio.sleep(0.05)
    assert not folder.exists()


async def test_a_folder_of_wheels_on_the_server_is_planned_and_installed(
    portal: Open, tmp_path: Path
) -> None:
    one = made()
    site = await portal()
    plan = await site.host.admin.plan(str(one.into(tmp_path / "wheels")))
    assert (plan.plugin, plan.version, plan.replaces) == (one.id, "1.0", None)
    found = await site.host.admin.install(plan, "somebody")
    assert (found.status.state, found.health) == ("live", "healthy")
    assert "Ahoy from the tides" in await site.page(f"/{one.id}")
    page = text_of(await site.page(f"/admin/plugins/{one.id}"))
    assert plan.wheels[0].sha256 in page.replace(" ", "")
    assert "somebody" in page


async def test_the_same_cycle_over_the_api(portal: Open) -> None:
    one = made()
    with index_of(one) as (url, _):
        site = await portal(plugins_index_url=url)
        plan = await api(site, "POST", "/plan", json={"source": f"{one.distribution}==1.0"})
        assert plan["manifest"]["id"] == one.id
        assert [wheel["filename"] for wheel in plan["wheels"]] == [one.filename]
        assert plan["wheels"][0]["size"] == len(one.content)
        assert plan["new_needs"] == ["catalog.read"]
        assert plan["verified"]["attestation"] == "none"
        source = {"source": plan["source"]}
        await api(site, "POST", "", 409, {**source, "fingerprint": "0" * 16})
        await api(site, "GET", f"/{one.id}", 404)
        shown = await api(site, "POST", "", 201, {**source, "fingerprint": plan["fingerprint"]})
    assert (shown["state"], shown["health"], shown["origin"]) == ("live", "healthy", "installed")
    config = {"greeting": "Moin", "token": "pssst"}
    shown = await api(site, "PUT", f"/{one.id}/config", json={"config": config})
    assert shown["setting"]["config"] == {"greeting": "Moin", "token": "••••••"}
    assert "pssst" not in str(await api(site, "GET", ""))
    refused = await api(site, "PUT", f"/{one.id}/config", 400, {"config": {"seconds": "soon"}})
    assert f"{one.id}.seconds" in refused["error"]["message"]
    refused = await api(site, "PUT", f"/{one.id}/config", 400, {"config": shown["setting"]["config"]})
    assert "config.token" in refused["error"]["message"]
    assert (await api(site, "POST", f"/{one.id}/disable"))["state"] == "disabled"
    assert (await api(site, "POST", f"/{one.id}/enable"))["state"] == "live"
    assert (await site.client.get(f"/api/{one.id}/level")).json() == {"level": "Moin"}
    tasks = (await api(site, "GET", "/tasks"))["items"]
    own = [task["task"] for task in tasks if task["plugin"] == one.id]
    assert own == ["note"]
    shown = await api(site, "PUT", f"/{one.id}/config", json={"config": None})
    assert shown["setting"]["config"] is None
    await api(site, "DELETE", f"/{one.id}", 204)
    await api(site, "DELETE", f"/{one.id}", 404)
    await api(site, "POST", "/catalog/disable", 400)


async def test_a_wheel_is_uploaded_planned_and_installed(portal: Open) -> None:
    one = made()
    site = await portal()
    headers = {"content-type": "application/octet-stream", "x-filename": one.filename}
    sent = await api(site, "POST", "/upload", 201, content=one.content, headers=headers)
    plan = await api(site, "POST", "/plan", json={"source": sent["source"]})
    assert plan["source"] == one.filename
    assert plan["wheels"][0]["sha256"] == sent["sha256"]
    assert "Tides" in await installed(site, sent["source"])
    await api(site, "POST", "/plan", 404, {"source": sent["source"]})
    wrong = {**headers, "content-type": "multipart/form-data; boundary=x"}
    await api(site, "POST", "/upload", 415, content=one.content, headers=wrong)
    await api(site, "POST", "/upload", 400, content=one.content[:-40], headers=headers)
    for name in ("", "../x-1.0-py3-none-any.whl", "x-1.0-py3-none-..%2f.whl", "x.zip"):
        await api(site, "POST", "/upload", 400, content=one.content, headers={**headers, "x-filename": name})


async def test_a_newer_version_takes_the_place_of_the_older_and_keeps_its_settings(portal: Open) -> None:
    one = made()
    later = TIDES.replace("from the", "from").replace(
        'Need("catalog.read", "Counts the ships."),',
        'Need("catalog.read", "Counts the ships."), Need("network", "Asks the harbour."),',
    )
    with index_of(one) as (url, served):
        site = await portal(plugins_index_url=url)
        await installed(site, one.distribution)
        path = f"/admin/plugins/{one.id}"
        form = form_of(await site.page(path), f"{path}/config")
        await site.post(f"{path}/config", {**form, "config/greeting": "Moin"})
        served.append(made(later, version="1.1", like=one))
        plan = (
            await site.post("/admin/plugins/install/plan", {"source": f"{one.distribution}==1.1"}, 200)
        ).text
        assert "replaces 1.0" in text_of(plan)
        assert text_of(plan).count(" new ") == 1
        await site.post("/admin/plugins/install", form_of(plan, "/admin/plugins/install"))
    assert site.host.live.contexts[one.id].plugin.version in ("", "1.1")
    assert "1.1" in text_of(await site.page(path))
    assert "Moin from the tides" in await site.page(f"/{one.id}")


async def test_what_changed_since_it_was_looked_at_is_not_installed(portal: Open) -> None:
    one = made()
    with index_of(one) as (url, served):
        site = await portal(plugins_index_url=url)
        plan = (await site.post("/admin/plugins/install/plan", {"source": one.distribution}, 200)).text
        served.append(made(version="2.0", like=one))
        answer = await site.post(
            "/admin/plugins/install",
            {**form_of(plan, "/admin/plugins/install"), "source": f"{one.distribution}==2.0"},
            409,
        )
        assert "not what you looked at" in text_of(answer.text)
        await site.post("/admin/plugins/install", form_of(answer.text, "/admin/plugins/install"))
    assert "2.0" in text_of(await site.page(f"/admin/plugins/{one.id}"))


@pytest.mark.parametrize(
    "source",
    [
        "/etc",
        ".",
        "callboard",
        "./callboard",
        "x @ /tmp",
        "x @ https://example.org/x.whl",
        "file:///etc/passwd",
        "https://example.org/x-1.0-py3-none-any.whl",
        "no-such-package-anywhere",
        "x; python_version > '3'",
        "--index-url=http://example.org/",
        "x==1.0\n--extra-index-url http://example.org/",
        "upload:guessed",
        "",
        "x" * 300,
    ],
)
async def test_only_names_and_uploads_are_sources(portal: Open, source: str) -> None:
    with index_of(made()) as (url, _):
        site = await portal(plugins_index_url=url)
        status = 404 if source.startswith("upload:") else 400
        refused = await api(site, "POST", "/plan", status, {"source": source})
        assert "/tmp" not in refused["error"]["message"]
        page = await site.post("/admin/plugins/install/plan", {"source": source}, status)
        assert 'class="wrong"' in page.text


async def test_an_upload_is_private_and_the_oldest_makes_room(portal: Open) -> None:
    from callboard.core.errors import NotFoundError
    from callboard.portal.platform.sources import MOST, Uploads

    uploads, plugins = Uploads(), [made() for _ in range(MOST + 1)]
    kept = [await uploads.keep("jane", one.filename, one.content) for one in plugins]
    assert uploads.find(kept[-1].id, "jane").path.read_bytes() == plugins[-1].content
    for id, owner in ((kept[0].id, "jane"), (kept[1].id, "joe"), ("x", "jane")):
        with pytest.raises(NotFoundError):
            uploads.find(id, owner)
    assert not kept[0].path.exists()


def test_the_wheels_of_these_tests_differ() -> None:
    one: Made = made()
    assert one.id != made().id
