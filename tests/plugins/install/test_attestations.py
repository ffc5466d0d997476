"""What an index says about who built a wheel (PEP 740)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from callboard.core.errors import InputError
from callboard.plugins.install import attestations
from callboard.plugins.install.attestations import verified_facts
from callboard.plugins.install.resolve import Source, read_source
from callboard.plugins.install.wheel import Wheel, read_wheel
from tests.plugins.install.wheels import Index, package_index, plugin

MADE = plugin().made()
EMPTY = json.dumps({"version": 1, "attestation_bundles": []}).encode()
needs_the_extra = pytest.mark.skipif(not find_spec("pypi_attestations"), reason="the extra is not installed")


@pytest.fixture
def index() -> Iterator[Index]:
    with package_index() as running:
        running.wheels = [MADE]
        yield running


@pytest.fixture
def wheel() -> Wheel:
    return read_wheel(MADE.filename, MADE.content)


def source(index: Index) -> Source:
    return read_source("callboard-plugin-tides", index.url)


async def test_an_index_without_attestations_is_no_mistake(index: Index, wheel: Wheel) -> None:
    assert await verified_facts(source(index), wheel) == {"sha256": wheel.sha256, "attestation": "none"}


async def test_without_a_configured_index_the_plan_says_that_nobody_asked(
    wheel: Wheel, tmp_path: Path
) -> None:
    facts = await verified_facts(read_source("callboard-plugin-tides"), wheel)
    assert facts["attestation"] == "unverified"
    assert "plugins.index.url" in facts["reason"]
    local = read_source(str(MADE.at(tmp_path)))
    assert (await verified_facts(local, wheel))["attestation"] == "none"


@pytest.mark.skipif(bool(find_spec("pypi_attestations")), reason="the extra is installed")
async def test_without_the_extra_an_attestation_is_present_but_not_verified(
    index: Index, wheel: Wheel
) -> None:
    index.provenance = {MADE.filename: EMPTY}
    facts = await verified_facts(source(index), wheel)
    assert facts["attestation"] == "unverified"
    assert "pypi-attestations is not installed" in facts["reason"]


async def test_the_password_of_the_index_is_used(index: Index, wheel: Wheel) -> None:
    index.password, index.provenance = "s3cret", {MADE.filename: EMPTY}
    url = index.url.replace("//", "//ann:s3cret@")
    facts = await verified_facts(read_source("callboard-plugin-tides", url), wheel)
    assert facts["attestation"] == "unverified"
    assert f"/provenance/{MADE.filename}" in index.asked


async def test_a_provenance_on_another_host_is_not_fetched(index: Index, wheel: Wheel) -> None:
    with package_index() as other:
        index.provenance_host = other.url.removesuffix("/simple")
        index.provenance = {MADE.filename: EMPTY}
        facts = await verified_facts(source(index), wheel)
        assert (facts["attestation"], other.asked) == ("unverified", [])


async def test_an_answer_that_is_too_large_is_not_read(
    index: Index, wheel: Wheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attestations, "MAX_ANSWER", 10)
    assert (await verified_facts(source(index), wheel))["attestation"] == "unverified"


@needs_the_extra
async def test_a_provenance_that_cannot_be_read_is_refused(index: Index, wheel: Wheel) -> None:
    index.provenance = {MADE.filename: b'{"version": 1}'}
    with pytest.raises(InputError, match="its provenance cannot be read"):
        await verified_facts(source(index), wheel)


@needs_the_extra
async def test_a_provenance_without_an_attestation_verifies_nothing(index: Index, wheel: Wheel) -> None:
    index.provenance = {MADE.filename: EMPTY}
    assert (await verified_facts(source(index), wheel))["attestation"] == "unverified"
