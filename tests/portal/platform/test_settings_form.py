"""The form of a plugin's settings: every kind of field, what is saved, and what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from callboard.portal.platform.schema_form import fields_of
from callboard.portal.platform.schema_input import DASHES, REQUIRED, read, text_of
from tests.portal.platform.conftest import Open
from tests.portal.platform.reading import form_of, main_of
from tests.portal.platform.reading import text_of as said
from tests.portal.platform.wheels import TIDES, Made, made
from tests.portal.site import Site


async def tides(portal: Open, tmp_path: Path, one: Made, **config: str) -> Site:
    site = await portal(**config)
    plan = await site.host.admin.plan(str(one.into(tmp_path / "wheels")))
    await site.host.admin.install(plan, "somebody")
    return site


async def set_now(site: Site, one: Made) -> Any:
    return (await site.host.admin.one(one.id)).setting.config


async def test_every_kind_of_field_is_shown_and_only_what_differs_is_saved(
    portal: Open, tmp_path: Path
) -> None:
    one = made()
    site = await tides(
        portal, tmp_path, one, **{one.id: '{"greeting": "Moin", "hosts": ["a", "b"], "token": "canary"}'}
    )
    path = f"/admin/plugins/{one.id}"
    page = await site.page(path)
    assert "canary" not in page
    form = form_of(page, f"{path}/config")
    assert form == {
        "config/greeting": "Moin",
        "config/seconds": "1.5",
        "config/loud": "yes",
        "config/maybe": "",
        "config/colour": '"red"',
        "config/hosts": "a\nb",
        "config/token": "",
        "config/retry/count": "3",
        "config/weights": "",
    }
    await site.post(f"{path}/config", form)
    assert await set_now(site, one) is None
    changed = {**form, "config/hosts": "a\r\n\r\n c \r\n", "config/maybe": "no", "config/colour": '"blue"'}
    changed |= {"config/retry/count": "5", "config/retry/fast": "yes", "config/weights": "x: 1\ny: 2\n"}
    del changed["config/loud"]
    await site.post(f"{path}/config", changed)
    assert await set_now(site, one) == {
        "loud": False,
        "maybe": False,
        "colour": "blue",
        "hosts": ["a", "c"],
        "retry": {"count": 5, "fast": True},
        "weights": {"x": 1, "y": 2},
    }
    context = site.host.live.contexts[one.id]
    assert context.config.token.get_secret_value() == "canary"  # type: ignore[union-attr]
    page = await site.page(path)
    assert form_of(page, f"{path}/config") == {
        **{name: text.replace("\r\n\r\n c \r\n", "\nc") for name, text in changed.items()},
        "config/weights": form_of(page, f"{path}/config")["config/weights"],
    }
    await site.post(f"{path}/config", {**form_of(page, f"{path}/config"), "config/token": "newer"})
    assert (await set_now(site, one))["token"] == "newer"
    assert "newer" not in await site.page(path)
    answer = await site.post(f"{path}/config", {"reset": "yes"})
    assert answer.headers["location"].endswith("?done=reset")
    assert await set_now(site, one) is None


@pytest.mark.parametrize(
    ("name", "typed", "wrong"),
    [
        ("config/seconds", "soon", "Write a number"),
        ("config/seconds", "1e999", "Write a number"),
        ("config/retry/count", "2.5", "Write a whole number"),
        ("config/retry/count", "12", "less than or equal to 9"),
        ("config/retry/count", "9" * 30, "too large"),
        ("config/greeting", "<script>" * 9, "at most 20 characters"),
        ("config/colour", '"green"', "Choose one of the list"),
        ("config/weights", "x: [1", "Line 1"),
        ("config/weights", "x: heavy", "valid integer"),
        ("config/weights", "- x", "valid dictionary"),
        ("config/weights", "x: ••••••", DASHES),
    ],
)
async def test_a_mistake_stands_next_to_its_field_and_keeps_what_was_typed(
    portal: Open, tmp_path: Path, name: str, typed: str, wrong: str
) -> None:
    one = made()
    site = await tides(portal, tmp_path, one)
    path = f"/admin/plugins/{one.id}"
    form = form_of(await site.page(path), f"{path}/config")
    sent = {**form, name: typed, "config/token": "canary"}
    page = (await site.post(f"{path}/config", sent, 400)).text
    mistakes = re.findall(r'<p class="wrong">(.*?)</p>', main_of(page))
    assert len(mistakes) == 1, mistakes
    assert wrong in said(f"<main>{mistakes[0]}</main>")
    field = re.search(rf'<(?:input|select|textarea)[^>]* name="{name}"[^>]*>', main_of(page))
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert "<script><script>" not in page
    assert "canary" not in page
    if "colour" not in name:
        assert form_of(page, f"{path}/config")[name].strip() == typed
    assert await set_now(site, one) is None


async def test_a_plugin_that_must_be_configured_asks_while_it_is_installed(portal: Open) -> None:
    source = TIDES.replace('greeting: str = Field(default="Ahoy",', "greeting: str = Field(")
    one = made(source)
    site = await portal()
    headers = {"content-type": "application/octet-stream", "x-filename": one.filename}
    sent = await site.client.post("/api/plugins/upload", content=one.content, headers=headers)
    plan = await site.post("/admin/plugins/install/plan", {"source": sent.json()["source"]}, 200)
    form = form_of(plan.text, "/admin/plugins/install")
    page = await site.post("/admin/plugins/install", form, 400)
    assert REQUIRED in page.text
    await site.page(f"/admin/plugins/{one.id}", 404)
    # What only the plugin's own model knows is asked once it is there.
    page = await site.post("/admin/plugins/install", {**form, "config/greeting": "x" * 30}, 400)
    assert "does not accept its settings" in said(page.text)
    assert "at most 20 characters" in said(page.text)
    path = f"/admin/plugins/{one.id}"
    fixed = {**form_of(page.text, f"{path}/config"), "config/greeting": "Moin"}
    await site.post(f"{path}/config", fixed)
    assert "Moin from the tides" in await site.page(f"/{one.id}")


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [],
        {"properties": []},
        {"properties": {"a": 1, "b": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"$ref": "#/$defs/b"}}},
        {"properties": {"a": {"$ref": "http://example.org/x"}}},
        {"properties": {"a": {"anyOf": [1, None]}, "b": {"allOf": [7]}, "c": {"enum": [{}]}}},
        {"properties": {"a": {"type": ["string", "null"]}, "b": {"type": {}, "items": 3}}},
        {"properties": {"a": {"type": "string", "default": {"x": 1}, "minLength": [], "title": 5}}},
        {"required": 5, "properties": {"a/b~c": {"type": "string"}, "": {"type": "integer"}}},
        {"properties": {str(at): {"type": "string"} for at in range(1000)}},
    ],
)
def test_any_json_is_a_schema_that_a_form_survives(schema: Any) -> None:
    fields = fields_of(schema)
    assert len(fields) <= 200
    assert len({one.name for one in fields}) == len(fields)
    for one in fields:
        assert isinstance(text_of(one, {}), str)
        assert isinstance(one.choices, list)
    read(fields, {one.name: ["x"] for one in fields}, {}, {}, {})


class Inner(BaseModel):
    password: str = ""


class Nested(BaseModel):
    servers: list[Inner] = []
    size: int


def test_values_that_the_form_does_not_know_stay() -> None:
    fields = fields_of(Nested.model_json_schema())
    form = {"config/size": ["4"], "config/servers": ["[]"]}
    over, mistakes = read(fields, form, {"size": 4}, {"extra": 1, "size": 3}, {"size": 3})
    assert (over, mistakes) == ({"extra": 1}, {})
    _, mistakes = read(fields, {}, {}, {}, {})
    assert mistakes == {"config/size": REQUIRED}
