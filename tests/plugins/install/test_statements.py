"""What is stated about who built a wheel: read by hand, and refused when it is false."""

from __future__ import annotations

import json
from typing import Any

import pytest

from callboard.core.errors import InputError
from callboard.plugins.install.statements import (
    MAX_BYTES,
    is_verifiable,
    provenance_of,
    read_statements,
)
from tests.plugins.install.signing import PUBLISH, WORKFLOW, attestation, bundle, statement

SHA, OTHER = "a" * 64, "b" * 64
WHEEL = "tides-1.0-py3-none-any.whl"
GOOD = attestation(statement(SHA, WHEEL))


def read(value: Any) -> Any:
    return read_statements(json.dumps(value).encode(), WHEEL, SHA)


@pytest.mark.parametrize(
    "value",
    [
        GOOD,
        [GOOD],
        bundle(GOOD),
        {"version": 1, "attestation_bundles": [{"publisher": {"kind": "GitHub"}, "attestations": [GOOD]}]},
    ],
)
def test_attestations_are_read_in_every_form(value: Any) -> None:
    (one,) = read(value)
    assert one.predicate == PUBLISH
    assert dict(one.claims) == {"identity": WORKFLOW, "repository": "https://code.example/harbour/tides"}
    assert one.attestation == GOOD
    assert is_verifiable(one)


def test_what_is_kept_is_the_provenance_of_the_standard_and_can_be_read_again() -> None:
    document = provenance_of(read([GOOD, bundle(GOOD)]))
    value = json.loads(document)
    assert value["version"] == 1
    assert [one["publisher"] for one in value["attestation_bundles"]] == [
        {"kind": "GitHub", "repository": "harbour/tides", "workflow": "release.yml", "environment": None}
    ] * 2
    assert len(read_statements(document, WHEEL, SHA)) == 2


def test_a_publisher_of_another_kind_is_only_stated() -> None:
    (one,) = read(attestation(statement(SHA, WHEEL), identity="https://build.example/tides"))
    assert not is_verifiable(one)
    value = json.loads(provenance_of((one,)))
    assert value["attestation_bundles"][0]["publisher"]["identity"] == "https://build.example/tides"


def changed(**parts: Any) -> dict[str, Any]:
    return {**GOOD, **parts}


def envelope(**parts: Any) -> dict[str, Any]:
    return changed(envelope={**GOOD["envelope"], **parts})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("text", "must be an object"),
        ({}, "neither an attestation"),
        ([], "1 to 10 attestations, not 0"),
        ([GOOD] * 11, "not 11"),
        (attestation(statement(OTHER, WHEEL)), "not about this file"),
        (attestation(statement(SHA, "waves-1.0-py3-none-any.whl")), "calls this file waves"),
        (attestation(statement(SHA, WHEEL, subject=[])), "not about this file"),
        (attestation(statement(SHA, WHEEL, subject="tides")), "must be a list"),
        (attestation(statement(SHA, WHEEL, _type="x")), "no statement of in-toto"),
        (attestation(statement(SHA, WHEEL, predicate="https://x.example/sbom/v1")), "does not say who made"),
        (attestation(statement(SHA, WHEEL), signed=b"another"), "it is false, or was changed"),
        (changed(verification_material={}), "certificate is missing"),
        (changed(verification_material={"certificate": "AAAA"}), "certificate cannot be read"),
        (envelope(signature="AAAA"), "it is false, or was changed"),
        (envelope(signature="not base64!"), "must be base64"),
        (envelope(statement=7), "statement is missing"),
        ({**bundle(GOOD), "verificationMaterial": {"publicKey": {"hint": "x"}}}, "has no certificate"),
        ({**bundle(GOOD), "dsseEnvelope": {"payloadType": "text/plain"}}, "payloadType must be"),
        ({"attestation_bundles": [7]}, "must be a list"),
    ],
)  # fmt: skip
def test_what_is_false_or_no_attestation_is_refused_with_the_reason(value: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(value)


def test_an_attestation_has_a_greatest_size() -> None:
    with pytest.raises(InputError, match="at most 256 KiB"):
        read_statements(b" " * (MAX_BYTES + 1), WHEEL, SHA)
    with pytest.raises(InputError, match="no JSON"):
        read_statements(b"{", WHEEL, SHA)
