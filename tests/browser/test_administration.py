"""Sign-in, tokens, plugins, roles and the audit log, by mouse and by keyboard."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, no_horizontal_scroll
from tests.browser.gated import ROLE, Gated, gated_portal, signed_in
from tests.browser.guard import Guard
from tests.browser.pages import DARK_NARROW, TWO_LOOKS, Look, Pages
from tests.portal.platform.wheels import TIDES, made


async def sound(page: Page) -> None:
    await axe(page)
    await no_horizontal_scroll(page)


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_one_signs_in_comes_back_and_signs_out_by_keyboard(
    pages: Pages, gated: Gated, look: Look
) -> None:
    page = await pages.open("/catalog?filters[kind]=api", look=look, base_url=gated.base_url)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in to")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Enter as a guest")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/catalog?filters*")
    menu = page.locator(".user-menu summary")
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".user-menu").get_by_role("link", name="Settings")).to_be_visible()
    await sound(page)
    await page.locator(".user-menu").get_by_role("button", name="Sign out").press("Enter")
    await expect(page.get_by_role("status")).to_have_text("You are signed out.")
    await page.goto("/catalog")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in to")


async def test_signing_in_and_out_needs_no_script(pages: Pages, gated: Gated) -> None:
    page = await pages.open("/organisation", javascript=False, base_url=gated.base_url)
    await page.get_by_role("link", name="Enter as a guest").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Organisation")
    await page.goto("/sign-out")
    await page.get_by_role("link", name="Stay").click()
    await page.goto("/sign-out")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_a_token_is_made_by_keyboard_copied_used_and_revoked(
    pages: Pages, gated: Gated, look: Look
) -> None:
    page = await signed_in(pages, gated, "/settings", look)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_label("Name of a new token").focus()
    await page.keyboard.type(f"nightly {look}")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Copy it now: it is not shown again.")).to_be_visible()
    await sound(page)
    await page.locator("copy-button[for=new-token] button").press("Enter")
    secret = await page.evaluate("navigator.clipboard.readText()")
    assert secret == (await page.locator("#new-token").inner_text()).strip()
    # With the cookie left out, so that only the token counts.
    asked = """secret => fetch('/api/catalog/entities?limit=1', {
      credentials: 'omit', headers: { authorization: `Bearer ${secret}` },
    }).then((answer) => answer.status)"""
    assert await page.evaluate(asked, secret) == 200
    await page.goto("/settings")
    await expect(page.get_by_text(secret)).to_have_count(0)
    await page.get_by_role("button", name=f"Revoke the token nightly {look}").press("Enter")
    await expect(page.get_by_text(f"nightly {look}")).to_have_count(0)


async def test_another_browser_is_signed_out_from_here(pages: Pages, gated: Gated, guard: Guard) -> None:
    guard.allow("401")  # of the stream of changes that the other browser still asks for
    other = await signed_in(pages, gated)
    page = await signed_in(pages, gated, "/settings")
    await page.get_by_role("button", name="Sign out everywhere else").click()
    await expect(page.get_by_role("button", name="End the session of")).to_have_count(1)
    await other.goto("/catalog")
    await expect(other.get_by_role("heading", level=1)).to_contain_text("Sign in to")


async def test_a_plugin_is_looked_at_installed_set_switched_and_removed_by_mouse(
    pages: Pages, gated: Gated
) -> None:
    page = await signed_in(pages, gated, "/admin/plugins")
    await page.get_by_role("link", name="Install a plugin").click()
    await page.get_by_label("Package").fill(gated.plugin.distribution)
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tides")
    await expect(page.get_by_text("Counts the ships.")).to_be_visible()
    await sound(page)
    await page.get_by_label(re.compile("Greeting", re.IGNORECASE)).fill("Moin")
    await page.get_by_role("button", name="Install it").click()
    await expect(page.get_by_text("It needed no restart.")).to_be_visible()
    await sound(page)
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Tides").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Moin from the tides")

    await page.goto(f"/admin/plugins/{gated.plugin.id}")
    await page.get_by_role("button", name="Run now").click()
    await expect(page.get_by_text("The task runs.")).to_be_visible()
    await page.get_by_role("button", name="Disable").click()
    await expect(page.get_by_text("The plugin is disabled.")).to_be_visible()
    await page.get_by_role("button", name="Enable").click()
    await expect(page.get_by_text("The plugin is enabled.")).to_be_visible()
    await page.get_by_role("button", name="Back to the files").click()
    await expect(page.get_by_text("those of the configuration files again")).to_be_visible()
    await page.get_by_role("checkbox", name="The plugin shall go").check()
    await page.get_by_role("button", name="Remove the plugin").click()
    await expect(page.get_by_text("The plugin was removed")).to_be_visible()


async def test_a_page_of_a_plugin_that_breaks_says_so_and_leads_on(
    pages: Pages, gated: Gated, guard: Guard
) -> None:
    guard.allow("500")
    broken = made(TIDES.replace("    settings = view.plugin", "    1 / 0\n    settings = view.plugin"))
    gated.offered.append(broken)
    page = await signed_in(pages, gated, "/admin/plugins/install", DARK_NARROW)
    await page.get_by_label("Package").fill(broken.distribution)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Install it").press("Enter")
    await expect(page.get_by_text("It needed no restart.")).to_be_visible()
    answer = await page.goto(f"/{broken.id}")
    assert answer is not None
    assert answer.status == 500
    await expect(page.get_by_role("heading", level=1)).to_have_text("Something broke")
    await expect(page.get_by_text("ZeroDivisionError")).to_have_count(0)
    await sound(page)
    await page.locator("#main").get_by_role("link", name="Home").press("Enter")
    await page.goto(f"/admin/plugins/{broken.id}")
    await expect(page.get_by_text("What went wrong on this node")).to_be_visible()
    await sound(page)
    await page.get_by_role("checkbox", name="The plugin shall go").press("Space")
    await page.get_by_role("button", name="Remove the plugin").press("Enter")
    await expect(page.get_by_text("The plugin was removed")).to_be_visible()


async def test_the_plan_of_an_installation_stands_where_it_is_narrow_and_dark(
    pages: Pages, gated: Gated, guard: Guard
) -> None:
    guard.allow("400|404|422")
    page = await signed_in(pages, gated, "/admin/plugins/install", DARK_NARROW)
    await page.get_by_label("Package").focus()
    await page.keyboard.type("no-such-package-here")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Package")).to_have_attribute("aria-invalid", "true")
    await sound(page)
    await page.get_by_label("Package").fill(gated.plugin.distribution)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tides")
    await sound(page)
    await page.get_by_role("link", name="Back").press("Enter")
    await expect(page).to_have_url(re.compile("/admin/plugins/install$"))


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_a_role_is_made_filled_brought_back_and_deleted_by_keyboard(
    pages: Pages, gated: Gated, look: Look
) -> None:
    name = f"lamp-lighters-{look}"
    page = await signed_in(pages, gated, "/admin/roles", look)
    await page.get_by_label("Name").focus()
    await page.keyboard.type(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The role was made.")).to_be_visible()
    await page.get_by_label("Add a member").focus()
    await page.keyboard.type("user:default/odile.fernsby")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The member was added.")).to_be_visible()
    await page.get_by_role("link", name="Add a grant").press("Enter")
    await page.get_by_label("Permission", exact=True).focus()
    await page.keyboard.type("catalog.entity.delete")
    await page.get_by_label("Conditions, as YAML").focus()
    await page.keyboard.insert_text("rule: NO_SUCH_RULE\nresourceType: catalog-entity\n")
    await expect(page.locator("#checked")).to_contain_text("NO_SUCH_RULE")
    await sound(page)
    await page.get_by_label("Conditions, as YAML").fill("")
    await page.get_by_role("button", name="Save the grant").press("Enter")
    await expect(page.get_by_text("The grant was saved.")).to_be_visible()
    await sound(page)

    await page.goto("/admin/roles/preview")
    await page.get_by_label("User").focus()
    await page.keyboard.type("odile.fernsby")
    await page.keyboard.press("Tab")
    await page.keyboard.type("catalog.entity.delete")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Allowed", exact=True)).to_be_visible()
    await sound(page)

    await page.goto(f"/admin/roles/role/{name}")
    await page.get_by_role("button", name="Remove grant 1").press("Enter")
    await expect(page.get_by_text("It grants nothing yet.")).to_be_visible()
    await page.get_by_role("navigation", name="Roles").get_by_role("link", name="Versions").press("Enter")
    await page.get_by_role("link", name=re.compile("Version")).nth(2).press("Enter")
    await page.get_by_label("Why").fill("The grant was right")
    await sound(page)
    await page.get_by_role("button", name="Restore version").press("Enter")
    await expect(page.get_by_text("The old version is in force again")).to_be_visible()
    await page.goto(f"/admin/roles/role/{name}")
    await expect(page.get_by_text("catalog.entity.delete")).to_be_visible()
    await page.get_by_role("checkbox", name="The role shall go").press("Space")
    await page.get_by_role("button", name="Delete").press("Enter")
    await expect(page.get_by_text("The role was deleted.")).to_be_visible()


async def test_a_grant_and_a_member_are_changed_by_mouse(pages: Pages, gated: Gated) -> None:
    page = await signed_in(pages, gated, ROLE)
    await page.get_by_role("link", name="Change grant 1").click()
    await expect(page.get_by_label("Conditions, as YAML")).to_have_value(re.compile("IS_ENTITY_OWNER"))
    await page.get_by_role("radio", name="Deny it").check()
    await page.get_by_role("button", name="Save the grant").click()
    await expect(page.locator("tbody")).to_contain_text("denies")
    await page.get_by_role("link", name="Change grant 1").click()
    await page.get_by_role("radio", name="Allow it").check()
    await page.get_by_role("button", name="Save the grant").click()
    await expect(page.locator("tbody")).to_contain_text("allows")
    await page.get_by_label("Add a member").fill("user:default/bram.oakum")
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("button", name="Remove user:default/bram.oakum").click()
    await expect(page.get_by_text("The member was removed.")).to_be_visible()


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_the_audit_log_is_narrowed_opened_and_taken_away(
    pages: Pages, gated: Gated, look: Look
) -> None:
    page = await signed_in(pages, gated, "/admin/audit", look)
    await page.get_by_text("More filters").press("Enter")
    await page.get_by_label("Who").fill("user:development/guest")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("actor=user"))
    who = await page.locator("td[data-label=Who]").all_inner_texts()
    assert who
    assert set(who) == {"user:development/guest"}
    await page.locator("tbody summary").first.press("Enter")
    await sound(page)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader((await (await coming.value).path()).read_text().splitlines()))
    assert len(rows) > len(who)
    await page.get_by_role("link", name="Show all").click()
    await expect(page).to_have_url(re.compile("/admin/audit$"))


async def test_who_may_not_administer_is_told_so_and_offered_nothing(
    pages: Pages, guard: Guard, tmp_path: Path
) -> None:
    guard.allow("403")
    with gated_portal(tmp_path, admin=False) as gated:
        page = await signed_in(pages, gated, look=DARK_NARROW)
        navigation = page.get_by_role("navigation", name="Main", include_hidden=True)
        await expect(navigation.get_by_role("link", include_hidden=True).first).to_be_attached()
        for path in ("/admin/plugins", "/admin/roles", "/admin/audit"):
            await expect(navigation.locator(f'a[href="{path}"]')).to_have_count(0)
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 403
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await sound(page)
        await page.close()  # before its server
