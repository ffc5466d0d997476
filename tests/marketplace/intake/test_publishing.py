"""The age of listings of the open directory, from what the pipelines read of the registry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callboard.marketplace.intake.lifecycle import GONE
from callboard.pipelines.lake import Lake
from callboard.pipelines.published import PublishedReader, missing_now
from callboard.publishing import LakeTimes
from tests.core.reader.servers import Route, Server, answer, running
from tests.marketplace.conftest import until
from tests.marketplace.intake.test_sources import GOOD
from tests.portal.conftest import OpenSite
from tests.portal.site import Site


@pytest.fixture
def registry() -> Iterator[Server]:
    with running() as server:
        yield server


def today() -> date:
    return datetime.now(UTC).date()


def packument(name: str, *ages: int, modified: int = 0) -> Route:
    """What the registry says of a package whose versions are so many days old; the last is the latest."""
    times = {
        f"1.{place}.0": f"{today() - timedelta(days=age)}T09:00:00.000Z" for place, age in enumerate(ages)
    }
    body: dict[str, Any] = {
        "name": name,
        "dist-tags": {"latest": [*times][-1]},
        "time": {"modified": f"{today() - timedelta(days=modified)}T09:00:00.000Z", **times},
        "versions": {version: {} for version in times},
    }
    return answer(json.dumps(body).encode())


def write(folder: Path, name: str, status: str) -> None:
    text = GOOD.replace("@harbour/plugin-tides", name).replace("status: inactive", f"status: {status}")
    (folder / f"{name}.yaml").write_text(text)


async def opened(open_site: OpenSite, registry: Server, folder: Path, lake: Path, **further: Any) -> Site:
    settings = {
        "enabled": True,
        "lake": {"url": str(lake)},
        "sources": {"npm": {"url": registry.url("")}, "limits": {"perSecond": 100, "tries": 1}, **further},
    }
    return await open_site(
        config={
            "marketplace_directories": json.dumps([{"target": str(folder), "namespace": "open"}]),
            "pipelines": json.dumps(settings),
            "backend_reading_allow": json.dumps([{"host": registry.host}]),
        },
        interval=0.3,
    )


async def state(site: Site, name: str) -> tuple[str, dict[str, str], list[str]]:
    spec = (await site.node.entity(f"listing:open/{name}"))["spec"]
    return spec["lifecycle"], spec["lifecycleFrom"], spec.get("missingPackages", [])


async def test_the_newest_version_decides_and_a_missing_package_is_named(
    open_site: OpenSite, registry: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "directory"
    folder.mkdir()
    registry.routes = {
        "/fresh": packument("fresh", 900, 10),
        "/edge": packument("edge", 365),
        "/silent": packument("silent", 800, 400, modified=1),
        "/dead": packument("dead", 500, modified=0),
        "/hotfix": packument("hotfix", 20, 700),  # the latest by its tag is not the newest
        "/unpublished": answer(
            json.dumps({"name": "unpublished", "time": {"unpublished": {"time": "2024-01-01"}}}).encode()
        ),
        "/broken": answer(b"{", 200),
    }
    for name in ("fresh", "edge", "silent", "dead", "hotfix", "unpublished", "gone"):
        write(folder, name, "archived" if name == "fresh" else "active")
    write(folder, "broken", "archived")
    site = await opened(open_site, registry, folder, tmp_path / "lake")
    await until(site, lambda: len(site.node.names("listing")) == 8)
    # Nobody has looked: what the files say, and it is said that it is so.
    assert await state(site, "fresh") == ("archived", {"by": "file"}, [])
    assert await state(site, "gone") == ("active", {"by": "file"}, [])

    await site.host.pipelines.run()
    assert site.host.published is not None
    await site.host.published.refresh()
    index = site.node.runtime.index
    await until(
        site,
        lambda: (
            [*index.values_of(index.row("listing:open/gone") or 0, "spec.lifecyclefrom.by")] == ["missing"]
        ),
    )
    await until(
        site,
        lambda: [*index.values_of(index.row("listing:open/dead") or 0, "spec.lifecycle")] == ["archived"],
    )

    def day(age: int) -> dict[str, str]:
        return {"by": "publishing", "newest": str(today() - timedelta(days=age))}

    assert await state(site, "fresh") == ("active", day(10), [])
    assert await state(site, "edge") == ("active", day(365), [])
    assert await state(site, "silent") == ("inactive", day(400), [])
    assert await state(site, "dead") == ("archived", day(500), [])
    assert await state(site, "hotfix") == ("active", day(20), [])
    assert await state(site, "gone") == ("inactive", {"by": "missing"}, ["gone"])
    assert await state(site, "unpublished") == ("inactive", {"by": "missing"}, ["unpublished"])
    assert await state(site, "broken") == ("archived", {"by": "file"}, [])
    problems: list[dict[str, Any]] = await site.node.catalog.problems()
    assert sorted((Path(one["source"]).name, one["line"], one["field"]) for one in problems) == [
        ("gone.yaml", 8, "npmPackageName"),
        ("unpublished.yaml", 8, "npmPackageName"),
    ]
    page = await site.page("/marketplace/plugins/open/gone")
    assert "These packages do not exist where they should" in page


async def test_what_is_known_counts_from_the_first_moment(
    open_site: OpenSite, registry: Server, tmp_path: Path
) -> None:
    """A portal that starts again does not fall back to what files say until somebody looks once more."""
    folder, lake = tmp_path / "directory", tmp_path / "lake"
    folder.mkdir()
    write(folder, "gone", "active")
    remember(Lake(lake), gone=today())
    site = await opened(open_site, registry, folder, lake)
    await until(site, lambda: "listing:open/gone" in site.node.refs)
    assert await state(site, "gone") == ("inactive", {"by": "missing"}, ["gone"])


async def test_a_portal_of_samples_judges_no_directory(
    open_site: OpenSite, registry: Server, tmp_path: Path
) -> None:
    folder, lake = tmp_path / "directory", tmp_path / "lake"
    folder.mkdir()
    write(folder, "gone", "active")
    remember(Lake(lake), gone=today())
    site = await opened(open_site, registry, folder, lake, recorded={"folder": str(tmp_path)})
    await until(site, lambda: "listing:open/gone" in site.node.refs)
    assert await state(site, "gone") == ("active", {"by": "file"}, [])


async def test_times_of_a_recording_are_not_known(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    staged(lake, today(), ("tides", today() - timedelta(days=900)))
    real, played = LakeTimes(lake), LakeTimes(lake, lambda: True)
    assert await real.refresh()
    assert await played.refresh()
    assert real.newest("npm", "tides") == today() - timedelta(days=900)
    assert played.newest("npm", "tides") is None
    assert real.newest("npm", "waves") is None
    assert not await real.refresh()


def staged(lake: Lake, day: date, *packages: tuple[str, date | None]) -> None:
    import pyarrow as pa

    from callboard.pipelines.models.package_versions import MODEL

    rows = [
        {
            "ecosystem": "npm",
            "package": name,
            "version": "1.0.0",
            "day": day,
            "published_on": on,
            "withdrawn": False,
        }
        for name, on in packages
    ]
    lake.write("staged", "package_versions", day, pa.Table.from_pylist(rows, MODEL.schema))


def remember(lake: Lake, **missing: date) -> None:
    folder = Path(lake.root) / "_state"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "npm.json").write_text(json.dumps({"missing": {k: str(v) for k, v in missing.items()}}))


async def test_the_last_answer_of_the_registry_counts(tmp_path: Path) -> None:
    """Yesterday's answer counts for what was not read today; what came back is not missing."""
    lake, now = Lake(tmp_path), today()
    old, new = now - timedelta(days=500), now - timedelta(days=3)
    staged(lake, now - timedelta(days=40), ("forgotten", old))
    staged(lake, now - timedelta(days=1), ("tides", old), ("waves", old), ("back", old), ("gone", old))
    staged(lake, now, ("tides", new), ("back", old), ("undated", None))
    remember(lake, back=now - timedelta(days=1), gone=now, never=now)
    days, missing = PublishedReader(lake).load()
    assert days == {("npm", "tides"): new, ("npm", "waves"): old, ("npm", "back"): old}
    assert missing == {("npm", "gone"), ("npm", "never")}
    times = LakeTimes(lake)
    await times.refresh()
    assert times.newest("npm", "gone") is GONE
    remember(lake)
    assert await times.refresh()
    assert times.newest("npm", "gone") == old
    (Path(lake.root) / "_state" / "npm.json").write_text("{")
    await times.refresh()
    assert times.newest("npm", "never") is None


def test_what_a_source_remembers_as_missing() -> None:
    day = date(2026, 3, 12)
    before = {"back": "2026-03-01", "silent": "2026-03-01", "unlisted": "2026-03-01"}
    found = missing_now(before, {"gone": day}, {"back", "tides"}, {"back", "silent", "gone", "tides"})
    assert found == {"silent": "2026-03-01", "gone": "2026-03-12"}


async def test_a_lake_of_nothing_knows_nothing(tmp_path: Path) -> None:
    times = LakeTimes(Lake(tmp_path / "lake"))
    await times.refresh()
    assert times.newest("npm", "tides") is None
