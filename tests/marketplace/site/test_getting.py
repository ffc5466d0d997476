"""How a listing is installed: by what the installer takes for just this one, never by a bare name."""

from __future__ import annotations

from typing import Any

import pytest

from callboard.marketplace.entities import read_listing, read_release
from callboard.marketplace.site.getting import file_of, install_source, steps_of
from callboard.marketplace.site.links import Links
from tests.marketplace.model.shelves import entity

WHEEL = "acme_tides-1.0-py3-none-any.whl"
PYPI = [{"ecosystem": "pypi", "name": "acme-tides"}]


def release(url: str = "") -> Any:
    return read_release(
        entity("Release", "tides-1", listing="tides", version="1.0", artefact={"url": url} if url else {})
    )


def commands(source: dict[str, str], url: str = "", **spec: Any) -> str:
    listing = read_listing(entity("Listing", "tides", packages=PYPI, source=source, **spec))
    return "\n".join(f"{one.title} {one.code} {one.url}" for one in steps_of(listing, release(url), Links()))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"type": "submission", "ref": "marketplace:other"}, "marketplace:tides"),
        ({"type": "wheel", "ref": "acme-tides"}, "listing:default/tides"),
        ({"type": "extensions"}, ""),
        ({}, ""),
    ],
)
def test_what_is_installed_is_what_its_source_holds(source: dict[str, str], expected: str) -> None:
    listing = read_listing(entity("Listing", "tides", packages=PYPI, source=source))
    assert install_source(listing, release()) == expected
    assert install_source(listing, None) == ""
    told = commands(source)
    assert "install acme-tides" not in told
    assert (f"callboard plugins install {expected}" in told) == bool(expected)


def test_another_portal_is_given_the_file() -> None:
    address = f"https://wheels.example/{WHEEL}"
    told = commands({"type": "submission"}, address)
    assert f"In another portal callboard plugins install ./{WHEEL} {address}" in told
    assert "callboard plugins install ./" not in commands(
        {"type": "submission"}, "https://wheels.example/a;b.whl"
    )


def test_without_any_place_it_is_said_that_there_is_none() -> None:
    assert commands({}).strip() == "In Callboard"
    assert commands({}, installation="As the harbour master says.") == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/a.whl", ("https://x.example/a.whl", "")),
        (
            "/api/marketplace/artefacts/1/a.whl",
            ("https://portal.example/api/marketplace/artefacts/1/a.whl", ""),
        ),
        ("oci://ghcr.io/acme/tides:1!tides", ("", "oci://ghcr.io/acme/tides:1!tides")),
        ("./dynamic-plugins/dist/tides", ("", "./dynamic-plugins/dist/tides")),
        ("//evil.example/a.whl", ("", "//evil.example/a.whl")),
        ("javascript:alert(1)", ("", "javascript:alert(1)")),
        ("file:///srv/wheels/a.whl", ("", "")),
        ("FILE:///srv/wheels/a.whl", ("", "")),
        ("", ("", "")),
    ],
)
def test_only_what_a_browser_may_open_is_a_link(url: str, expected: tuple[str, str]) -> None:
    assert file_of(release(url), Links(portal="https://portal.example")) == expected
