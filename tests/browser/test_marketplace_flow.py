"""A plugin's whole way in three browsers: its publisher, a reviewer, and an engineer of the portal.

One real server with sign-in and permissions on. At each step, what the others may not do is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.checks import axe
from tests.browser.guard import Guard
from tests.browser.pages import Pages
from tests.marketplace.wheels import png, wheel
from tests.servers import Server, running_server

DESK = "/marketplace/desk"
LISTING = "/marketplace/plugins/default/tides"
MAKES = ("publisher.create", "submission.create", "listing.manage", "report.create")
ROLES = {
    "makers": ("pat", [f"marketplace.{one}" for one in MAKES]),
    "reviewers": ("rae", ["marketplace.review", "marketplace.takedown"]),
    "engineers": ("ola", ["plugins.read", "plugins.install", "plugins.update", "catalog.operations.read"]),
}


@dataclass(frozen=True)
class Three:
    """The pages of the three, each with a session of its own."""

    pat: Page
    rae: Page
    ola: Page


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Server]:
    users = "\n---\n".join(
        json.dumps(
            {
                "apiVersion": "backstage.io/v1alpha1",
                "kind": "User",
                "metadata": {"name": name},
                "spec": {"profile": {"email": f"{name}@example.org"}, "memberOf": []},
            }
        )
        for name in ("pat", "rae", "ola")
    )
    (tmp_path / "users.yaml").write_text(users)
    roles = [
        {
            "name": name,
            "members": [f"user:default/{who}"],
            "grants": [
                {"permission": one, "effect": "allow"} for one in (*permissions, "catalog.entity.read")
            ],
        }
        for name, (who, permissions) in ROLES.items()
    ]
    (tmp_path / "roles.yaml").write_text(json.dumps({"roles": roles}))
    proxy = {
        "trustedAddresses": ["127.0.0.1"],
        "headers": {"user": "X-User"},
        "signIn": {"resolvers": [{"resolver": "usernameMatchingUserEntityName"}]},
    }
    config = {
        "auth": {"environment": "development", "providers": {"trusted-header": {"development": proxy}}},
        "permission": {"enabled": True, "roles": {"file": str(tmp_path / "roles.yaml")}},
        "marketplace": {"mail": {"sink": "file", "folder": str(tmp_path / "mail")}},
        "catalog": {"rules": [{"allow": ["User", "Location"]}]},
    }
    file = tmp_path / "app-config.json"
    file.write_text(json.dumps(config))
    env = {"UV_CACHE_DIR": str(tmp_path / "uv")}
    with running_server([tmp_path / "users.yaml", "--config", file], env, data=tmp_path / "data") as server:
        yield server


async def entered(pages: Pages, market: Server, name: str) -> Page:
    """A browser of its own, whose proxy says who sits before it."""
    page = await pages.open(base_url=market.base_url)
    page.context.set_default_timeout(60_000)  # installing asks uv, which a busy machine lets wait
    await page.context.set_extra_http_headers({"X-User": name})
    await page.goto("/sign-in")
    await page.get_by_role("link", name="Single sign-on").click()
    await page.wait_for_url(lambda url: "/sign-in" not in url and "/api/" not in url)
    return page


async def refused(page: Page, path: str, status: int = 403) -> None:
    """The page is not for this person."""
    answer = await page.goto(path)
    assert answer is not None
    assert answer.status == status, f"{path}: {answer.status}"


async def posted(page: Page, path: str, form: dict[str, str], status: int) -> None:
    """What a form would send that this person is not shown."""
    origin = re.sub(r"(https?://[^/]+).*", r"\1", page.url)
    answer = await page.request.post(path, form={**form}, headers={"origin": origin, "accept": "text/html"})
    assert answer.status == status, f"{path}: {answer.status} {await answer.text()}"


def file_of(version: str) -> FilePayload:
    made = wheel(version=version)
    return {"name": made.filename, "mimeType": "application/octet-stream", "buffer": made.content}


async def test_three_people_bring_a_plugin_from_its_application_to_its_yank(
    pages: Pages, market: Server, guard: Guard
) -> None:
    guard.allow(r": (403|404|409)$")
    guard.allow("status of (403|404|409)")
    people = Three(*[await entered(pages, market, name) for name in ("pat", "rae", "ola")])
    await apply(people)
    submission = await submit(people)
    await review(people, submission)
    await install(people)
    await update(people, market)
    await yank(people)


async def apply(people: Three) -> None:
    pat, rae, ola = people.pat, people.rae, people.ola
    await refused(ola, f"{DESK}/apply")
    await refused(rae, f"{DESK}/apply")
    await pat.goto(f"{DESK}/apply")
    await axe(pat)
    await pat.get_by_label("Name", exact=True).fill("acme")
    await pat.get_by_label("Title").fill("Acme Harbours")
    await pat.get_by_label("Contact").fill("pat@example.org")
    await pat.get_by_role("button", name="Apply").click()
    await expect(pat.get_by_role("status").first).to_contain_text("The application was sent")
    await refused(pat, f"{DESK}/review")
    await refused(ola, f"{DESK}/publishers/acme")
    await posted(pat, f"{DESK}/publishers/acme/decide", {"decision": "approve"}, 403)
    await rae.goto(f"{DESK}/review")
    await axe(rae)
    await rae.get_by_role("button", name="Approve Acme Harbours").click()
    await expect(rae.get_by_role("status").first).to_contain_text("Decided")


async def submit(people: Three) -> str:
    pat, rae, ola = people.pat, people.rae, people.ola
    await refused(ola, f"{DESK}/publishers/acme/submit")
    await refused(rae, f"{DESK}/publishers/acme/submit")
    await pat.goto(f"{DESK}/publishers/acme")
    await axe(pat)
    await pat.get_by_role("link", name="Submit a plugin").click()
    await axe(pat)
    await pat.get_by_label("Name", exact=True).fill("tides")
    await pat.get_by_label("Title").fill("Tides")
    await pat.get_by_label("Summary").fill("High and low water beside every harbour")
    await pat.get_by_label("Categories").fill("Monitoring")
    await pat.get_by_label("Licence").fill("MIT")
    await pat.get_by_label("Wheel").set_input_files(file_of("1.0"))
    icon: FilePayload = {"name": "icon.png", "mimeType": "image/png", "buffer": png()}
    await pat.get_by_label("Icon").set_input_files(icon)
    await pat.get_by_role("button", name="Save").click()
    await expect(pat.get_by_role("heading", name="Tides", level=1)).to_be_visible()
    submission = re.sub(r".*(/marketplace/desk/submissions/\w+).*", r"\1", pat.url)
    await refused(rae, submission, 404)
    await refused(ola, submission, 404)
    await pat.get_by_role("button", name="Hand in").click()
    await expect(pat.get_by_role("table")).to_contain_text("The listing says MIT, the wheel Apache-2.0")
    await axe(pat)
    await pat.get_by_role("link", name="Change it").click()
    await pat.get_by_label("Licence").fill("Apache-2.0")
    await pat.get_by_role("button", name="Save").click()
    await pat.get_by_role("button", name="Hand in").click()
    await expect(pat.get_by_text("in review").first).to_be_visible()
    return submission


async def review(people: Three, submission: str) -> None:
    pat, rae, ola = people.pat, people.rae, people.ola
    await refused(ola, f"{DESK}/review")
    await refused(ola, submission, 404)
    await posted(pat, submission, {"action": "approve"}, 403)
    await rae.goto(f"{DESK}/review")
    await rae.get_by_role("link", name="Tides").click()
    await axe(rae)
    await expect(rae.get_by_role("button", name="Publish")).to_have_count(0)
    await rae.get_by_label("Words").fill("Say in the description where the tides come from.")
    await rae.get_by_role("button", name="Request changes").click()
    await expect(rae.get_by_text("changes requested").first).to_be_visible()
    await posted(rae, submission, {"action": "approve"}, 409)
    await pat.goto(submission)
    await expect(pat.get_by_text("Say in the description").first).to_be_visible()
    await pat.get_by_role("link", name="Change it").click()
    await pat.get_by_label("Description").fill("From the **harbour master**.")
    await pat.get_by_role("button", name="Save").click()
    await pat.get_by_role("button", name="Hand in").click()
    await rae.goto(submission)
    await rae.get_by_label("Words").fill("Thank you.")
    await rae.get_by_role("button", name="Approve").click()
    await posted(rae, submission, {"action": "publish"}, 403)
    await pat.goto(submission)
    await pat.get_by_role("button", name="Publish").click()
    await expect(pat.get_by_role("status").first).to_contain_text("It is published")


async def install(people: Three) -> None:
    pat, rae, ola = people.pat, people.rae, people.ola
    for other in (pat, rae):
        await refused(other, "/admin/plugins/install")
        await posted(other, "/admin/plugins/install/plan", {"source": "marketplace:tides"}, 403)
    await pat.goto(LISTING)
    await expect(pat.get_by_role("link", name="Install", exact=True)).to_have_count(0)
    await expect(pat.get_by_text("callboard plugins install marketplace:tides")).to_be_visible()
    await ola.goto(LISTING)
    await axe(ola)
    await ola.get_by_role("link", name="Install", exact=True).click()
    await expect(ola.get_by_label("Package")).to_have_value("marketplace:tides")
    await ola.get_by_role("button", name="Look at it").click()
    await expect(ola.get_by_text("callboard-plugin-tides 1.0")).to_be_visible()
    await ola.get_by_role("button", name="Install it").click()
    await expect(ola.get_by_role("status").first).to_contain_text("The plugin is installed")
    await ola.goto("/tides")
    await expect(ola.get_by_text("version 1.0")).to_be_visible()


async def update(people: Three, market: Server) -> None:
    pat, ola = people.pat, people.ola
    await pat.goto(f"{DESK}/publishers/acme")
    await pat.get_by_label("Name of the token").fill("ci")
    await pat.get_by_role("button", name="Make a token").click()
    token = await pat.locator("#new-token").inner_text()
    made = wheel(version="1.1")
    async with httpx.AsyncClient(base_url=market.base_url) as ci:
        headers = {"authorization": f"Bearer {token.strip()}", "content-type": "application/octet-stream"}
        answer = await ci.post(
            "/api/marketplace/listings/tides/releases",
            content=made.content,
            headers={**headers, "x-filename": made.filename},
        )
    assert answer.status_code == 201, answer.text
    await ola.goto("/admin")
    await ola.get_by_role("button", name="Look at the update of tides").click()
    await expect(ola.get_by_text("replaces 1.0")).to_be_visible()
    await ola.get_by_role("button", name="Install it").click()
    await ola.goto("/tides")
    await expect(ola.get_by_text("version 1.1")).to_be_visible()
    await ola.goto("/admin/plugins/tides")
    await ola.get_by_role("button", name="Go back to 1.0").click()
    await ola.goto("/tides")
    await expect(ola.get_by_text("version 1.0")).to_be_visible()


async def yank(people: Three) -> None:
    pat, rae, ola = people.pat, people.rae, people.ola
    form = {"action": "yank", "version": "1.0", "reason": "no reason"}
    await posted(ola, f"{DESK}/listings/tides", form, 403)
    await posted(rae, f"{DESK}/listings/tides", form, 403)
    await pat.goto(f"{DESK}/listings/tides")
    await axe(pat)
    await pat.get_by_label("Why 1.0").fill("It counts wrong.")
    await pat.get_by_role("button", name="Yank 1.0").click()
    await expect(pat.get_by_role("table")).to_contain_text("It counts wrong.")
    await ola.goto("/admin")
    await expect(ola.get_by_text("It counts wrong.")).to_be_visible()
    await ola.goto("/admin/plugins/install?source=marketplace:tides")
    await ola.get_by_role("button", name="Look at it").click()
    await expect(ola.get_by_text("callboard-plugin-tides 1.1")).to_be_visible()
