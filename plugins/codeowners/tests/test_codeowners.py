"""From a CODEOWNERS file to the owner of an entity, in a real catalog, from a host and from a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from callboard_codeowners import sources

from callboard.testing import CatalogUnderTest, Sent, UnhealthyEntityError, WebServer

RAW = "/api/v1/repos/acme/lamps/raw/"


def lamp(location: str, *, kind: str = "Component", name: str = "lamp", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "annotations": {"backstage.io/managed-by-location": location}},
        "spec": {"type": "service", "lifecycle": "production", **spec},
    }


def on_host(web_server: WebServer, path: str = "services/lamp/catalog-info.yaml") -> str:
    return f"url:{web_server.url('/acme/lamps/src/branch/main/')}{path}"


def raw(place: str) -> str:
    escaped = place.replace(" ", "%20")
    return f"{RAW}{escaped}?ref=main"


def owned_by(entity: dict[str, Any]) -> str:
    return str(next(one["targetRef"] for one in entity["relations"] if one["type"] == "ownedBy"))


async def test_an_entity_gets_the_owner_of_its_path(catalog: CatalogUnderTest, web_server: WebServer) -> None:
    web_server.files[raw("CODEOWNERS")] = "* @acme/all\n/services/lamp/ @acme/Lamp-Crew @ann\n"
    final = await catalog.process(lamp(on_host(web_server)))
    assert final["spec"]["owner"] == "lamp-crew"
    assert owned_by(final) == "group:default/lamp-crew"
    other = await catalog.process(lamp(on_host(web_server, "x.yaml"), name="x"))
    assert other["spec"]["owner"] == "all"


@pytest.mark.parametrize("place", [".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"])
async def test_the_file_is_found_in_each_of_its_places(
    catalog: CatalogUnderTest, web_server: WebServer, place: str
) -> None:
    web_server.files[raw(place)] = "* @ACME/lamps\n"
    final = await catalog.process(lamp(on_host(web_server)))
    assert owned_by(final) == "group:default/lighting"


async def test_an_owner_that_is_given_stays(catalog: CatalogUnderTest, web_server: WebServer) -> None:
    web_server.files[raw("CODEOWNERS")] = "* @acme/all\n"
    final = await catalog.process(lamp(on_host(web_server), owner="crew"))
    assert final["spec"]["owner"] == "crew"
    assert web_server.asked == []


async def test_a_group_gets_no_owner(catalog: CatalogUnderTest, web_server: WebServer) -> None:
    web_server.files[raw("CODEOWNERS")] = "* @acme/all\n"
    group = lamp(on_host(web_server), kind="Group")
    group["spec"] = {"type": "team", "children": []}
    assert "owner" not in (await catalog.process(group))["spec"]


async def test_one_repository_is_read_once_for_all_its_entities(
    catalog: CatalogUnderTest, web_server: WebServer
) -> None:
    web_server.files[raw("CODEOWNERS")] = "* @acme/all\n"
    await catalog.give(*(lamp(on_host(web_server, f"{n}.yaml"), name=f"l{n}") for n in range(20)))
    assert web_server.paths() == [raw("CODEOWNERS")]


async def test_an_unchanged_file_is_not_sent_again_and_a_changed_one_counts(
    catalog: CatalogUnderTest, web_server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FRESH", 0.0)
    web_server.files[raw("CODEOWNERS")] = "* @acme/all\n"
    await catalog.process(lamp(on_host(web_server)))
    await catalog.refresh("component:default/lamp")
    assert "if-none-match" in web_server.asked[-1].headers
    assert (await _lamp(catalog))["spec"]["owner"] == "all"
    web_server.files[raw("CODEOWNERS")] = "* @acme/others\n"
    await catalog.refresh("component:default/lamp")
    assert (await _lamp(catalog))["spec"]["owner"] == "others"


async def test_a_host_that_fails_takes_no_owner_away(
    catalog: CatalogUnderTest, web_server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FRESH", 0.0)
    web_server.files[raw("CODEOWNERS")] = "* @acme/all\n"
    await catalog.process(lamp(on_host(web_server)))
    web_server.files[raw("CODEOWNERS")] = Sent(503)
    await catalog.refresh("component:default/lamp")
    final = await _lamp(catalog)
    assert final["spec"]["owner"] == "all"
    assert "status" not in final


async def test_bad_lines_and_a_missing_file_stop_no_entity(
    catalog: CatalogUnderTest, web_server: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    web_server.files[raw("CODEOWNERS")] = "[a-z]x @acme/no\n!x @acme/no\n* @acme/all\n"
    final = await catalog.process(lamp(on_host(web_server)))
    assert final["spec"]["owner"] == "all"
    said = capsys.readouterr().out
    assert "CODEOWNERS:1" in said
    assert "CODEOWNERS:2" in said
    del web_server.files[raw("CODEOWNERS")]
    with pytest.raises(UnhealthyEntityError, match="owner"):  # as without the plugin: a component needs one
        await catalog.process(
            lamp(f"url:{web_server.url('/acme/ropes/src/branch/main/x.yaml')}", name="rope")
        )
    assert catalog.health("codeowners").failures == 0


async def test_a_host_that_is_no_source_host_is_not_asked(
    catalog: CatalogUnderTest, web_server: WebServer
) -> None:
    await catalog.give(lamp(f"url:http://localhost:{web_server.port}/x.yaml"))
    assert web_server.asked == []


# Descriptors on disk


def repository(folder: Path, content: str = "/lamp/ @acme/lamp-crew\n") -> str:
    """A checkout; the location of the descriptor in it."""
    (folder / ".git").mkdir(parents=True)
    (folder / "lamp").mkdir()
    (folder / "CODEOWNERS").write_text(content)
    (folder / "lamp" / "catalog-info.yaml").write_text("kind: Component\nmetadata: {name: lamp}\n")
    return f"file:{folder}/lamp/catalog-info.yaml"


async def test_a_descriptor_on_disk_gets_the_owner_of_its_repository(
    catalog: CatalogUnderTest, tmp_path: Path
) -> None:
    location = repository(tmp_path / "lamps")
    catalog.runtime.confinement.add(str(tmp_path))
    assert (await catalog.process(lamp(location)))["spec"]["owner"] == "lamp-crew"


async def test_a_change_of_the_file_reaches_the_entity(catalog: CatalogUnderTest, tmp_path: Path) -> None:
    location = repository(tmp_path / "lamps")
    catalog.runtime.confinement.add(str(tmp_path))
    await catalog.process(lamp(location))
    (tmp_path / "lamps" / "CODEOWNERS").write_text("* @acme/other\n")
    await catalog.runtime.connection("test").refresh([f"file:{tmp_path}/lamps/CODEOWNERS"])
    await catalog.give()
    assert (await _lamp(catalog))["spec"]["owner"] == "other"


async def test_a_file_above_the_repository_is_not_read(catalog: CatalogUnderTest, tmp_path: Path) -> None:
    location = repository(tmp_path / "outer" / "lamps")
    (tmp_path / "outer" / "lamps" / "CODEOWNERS").unlink()
    (tmp_path / "outer" / "CODEOWNERS").write_text("* @acme/outer\n")
    catalog.runtime.confinement.add(str(tmp_path))
    await catalog.give(lamp(location))
    with pytest.raises(UnhealthyEntityError, match="owner"):
        await catalog.process(lamp(location))


async def test_a_file_is_read_only_where_the_portal_may(catalog: CatalogUnderTest, tmp_path: Path) -> None:
    with pytest.raises(UnhealthyEntityError, match="owner"):
        await catalog.process(lamp(repository(tmp_path / "lamps")))


@pytest.mark.parametrize("trick", ["link", "chain", "pipe", "folder"])
async def test_links_that_lead_out_and_what_is_no_file_are_refused(
    catalog: CatalogUnderTest, tmp_path: Path, trick: str
) -> None:
    location = repository(tmp_path / "lamps")
    file = tmp_path / "lamps" / "CODEOWNERS"
    file.unlink()
    (tmp_path / "secret").write_text("* @acme/secret\n")
    if trick == "link":
        file.symlink_to(tmp_path / "secret")
    elif trick == "chain":
        (tmp_path / "lamps" / "docs").symlink_to(tmp_path)
        file.symlink_to("docs/secret")
    elif trick == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    catalog.runtime.confinement.add(str(tmp_path))
    with pytest.raises(UnhealthyEntityError, match="owner"):
        await catalog.process(lamp(location))


async def _lamp(catalog: CatalogUnderTest) -> dict[str, Any]:
    found = await catalog.entity("component:default/lamp")
    assert found is not None
    return found
