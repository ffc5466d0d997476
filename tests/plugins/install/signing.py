"""Attestations as CI makes them: signed with the key of a certificate that claims to be of a workflow."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

WORKFLOW = "https://code.example/harbour/tides/.github/workflows/release.yml@refs/tags/v1.0"
PUBLISH = "https://docs.example/attestations/publish/v1"
PAYLOAD = "application/vnd.in-toto+json"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def certificate(key: ec.EllipticCurvePrivateKey, identity: str = WORKFLOW) -> bytes:
    name = x509.Name([])
    now = datetime.now(UTC)
    repository = b"https://code.example/harbour/tides"
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(minutes=10))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)]), critical=True)
        .add_extension(
            x509.UnrecognizedExtension(
                x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.12"), bytes([0x0C, len(repository)]) + repository
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


def statement(sha256: str, name: str, *, predicate: str = PUBLISH, **changed: Any) -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": sha256}}],
        "predicateType": predicate,
        "predicate": None,
        **changed,
    }


def attestation(
    said: dict[str, Any], *, identity: str = WORKFLOW, signed: bytes | None = None
) -> dict[str, Any]:
    """One of PEP 740; `signed` is what was signed in place of the statement."""
    key = ec.generate_private_key(ec.SECP256R1())
    payload = json.dumps(said).encode()
    body = payload if signed is None else signed
    text = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(body), body)
    return {
        "version": 1,
        "verification_material": {
            "certificate": encoded(certificate(key, identity)),
            "transparency_entries": [{"logIndex": "1"}],
        },
        "envelope": {
            "statement": encoded(payload),
            "signature": encoded(key.sign(text, ec.ECDSA(hashes.SHA256()))),
        },
    }


def bundle(given: dict[str, Any]) -> dict[str, Any]:
    """The same as Sigstore writes it."""
    material, envelope = given["verification_material"], given["envelope"]
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": material["certificate"]},
            "tlogEntries": material["transparency_entries"],
        },
        "dsseEnvelope": {
            "payload": envelope["statement"],
            "payloadType": PAYLOAD,
            "signatures": [{"sig": envelope["signature"]}],
        },
    }
