"""A portal that one signs in to, with roles, an audit log, and an index of one plugin to install."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.async_api import Page

import callboard
from tests.browser.pages import LIGHT_WIDE, Look, Pages
from tests.portal.platform.wheels import Made, index_of, made
from tests.servers import Server, running_server

EXAMPLE = Path(callboard.__file__).parent / "example" / "catalog-info.yaml"
CONDITIONS = (
    "rule: IS_ENTITY_OWNER\nresourceType: catalog-entity\nparams:\n  claims: [group:default/lantern-line]\n"
)
ROLE = "/admin/roles/role/harbour-masters"


@dataclass(frozen=True)
class Gated:
    """The portal, and the plugins that its index offers. Version 4 of the roles holds one with a grant."""

    server: Server
    offered: list[Made]

    @property
    def plugin(self) -> Made:
        return self.offered[0]

    @property
    def base_url(self) -> str:
        return self.server.base_url


@contextmanager
def gated_portal(folder: Path, *, admin: bool = True) -> Iterator[Gated]:
    """Guests may enter; they may do everything, or nothing but what everyone may when they are no `admin`."""
    with index_of(made()) as (url, offered):
        config = {
            "auth": {"environment": "development", "providers": {"guest": {}}},
            "permission": {
                "enabled": True,
                "roles": {"admins": ["user:development/guest"] if admin else []},
            },
            "plugins": {"index": {"url": url}},
        }
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "app-config.json"
        file.write_text(json.dumps(config))
        env = {"UV_CACHE_DIR": str(folder / "uv")}
        with running_server([EXAMPLE, "--config", file], env, data=folder / "data") as server:
            if admin:
                _make_a_role(server.base_url)
            yield Gated(server, offered)


async def signed_in(pages: Pages, gated: Gated, path: str = "/", look: Look = LIGHT_WIDE) -> Page:
    """A page of somebody who entered as a guest, and came back to the path."""
    page = await pages.open(path, look=look, base_url=gated.base_url)
    await page.get_by_role("link", name="Enter as a guest").click()
    await page.wait_for_url(lambda url: "/sign-in" not in url and "/api/" not in url)
    return page


def _make_a_role(base_url: str) -> None:
    with httpx.Client(base_url=base_url, headers={"accept": "text/html", "origin": base_url}) as visitor:
        start = "/api/auth/guest/start?env=development&flow=redirect&redirectUrl=%2F"
        assert visitor.get(start, follow_redirects=True).status_code == 200
        steps = (
            ("/admin/roles", {"name": "harbour-masters"}),
            (ROLE, {"title": "Harbour masters", "description": "Look after what the line owns."}),
            (f"{ROLE}/members", {"add": "group:default/lantern-line"}),
            (
                f"{ROLE}/grants/new",
                {"effect": "allow", "permission": "catalog.entity.*", "conditions": CONDITIONS},
            ),
        )
        for version, (path, fields) in enumerate(steps):
            answer = visitor.post(path, data={"version": str(version), "action": "", **fields})
            assert answer.status_code == 303, answer.text
