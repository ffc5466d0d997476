"""Reads what is stated about who built a wheel: in-toto statements in signed envelopes (DSSE), by hand.

Taken are attestations and provenance of PEP 740 and bundles of Sigstore. What is checked: that each is well
formed, speaks of exactly this file, and was signed with the key of its own certificate. What is not: whether
that certificate is one of an authority that anybody trusts, which is what `attestations` does where the
package for it is installed. So whatever stands here is *stated, not verified*.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from callboard.core.errors import InputError

MAX_BYTES = 256 * 1024
MOST = 10
PAYLOAD = "application/vnd.in-toto+json"
STATEMENTS = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
PREDICATES = re.compile(r"https://\S+/(attestations/publish/v1|provenance/v1|provenance/v0\.2)")
"""What says who made something: PEP 740's publishing, and SLSA's provenance. Others say other things."""
MEDIA = "application/vnd.dev.sigstore.bundle"
_ARC = "1.3.6.1.4.1.57264.1."
_CLAIMS = {
    f"{_ARC}8": "issuer",
    f"{_ARC}12": "repository",
    f"{_ARC}13": "commit",
    f"{_ARC}18": "workflow",
    f"{_ARC}21": "run",
}
"""The extensions of a certificate of Fulcio that are read."""
_WORKFLOW = re.compile(r"https://[^/\s]+/([^/\s]+/[^/\s]+)/\.github/workflows/([^/@\s]+)@\S+")


@dataclass(frozen=True, slots=True)
class Statement:
    """One attestation of a file, in the form of PEP 740 (JSON), with what its certificate claims."""

    predicate: str
    claims: Mapping[str, str]
    attestation: Mapping[str, Any]


def read_statements(content: bytes, filename: str, sha256: str) -> tuple[Statement, ...]:
    """What is stated about a file. Raises InputError that says what is wrong, or false, with it."""
    if len(content) > MAX_BYTES:
        raise InputError(f"An attestation has at most {MAX_BYTES // 1024} KiB")
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InputError(f"The attestation is no JSON: {error}") from None
    given = list(_attestations(value))
    if not 0 < len(given) <= MOST:
        raise InputError(f"There must be 1 to {MOST} attestations, not {len(given)}")
    return tuple(_statement(one, filename, sha256.lower()) for one in given)


def is_verifiable(one: Statement) -> bool:
    """Whether its certificate claims a publisher of a kind that can be verified."""
    return bool(_publisher(one.claims)["kind"] == "GitHub")


def provenance_of(statements: tuple[Statement, ...]) -> bytes:
    """The provenance document of PEP 740. The publisher is who the certificates claim it is."""
    bundles = [
        {"publisher": _publisher(one.claims), "attestations": [dict(one.attestation)]} for one in statements
    ]
    return orjson.dumps({"version": 1, "attestation_bundles": bundles})


def _attestations(value: Any) -> Iterator[Mapping[str, Any]]:
    """The attestations in any of the forms that are taken (JSON, hence Any), in the form of PEP 740."""
    if isinstance(value, list):
        for one in value:
            yield from _attestations(one)
    elif not isinstance(value, dict):
        raise InputError("An attestation must be an object")
    elif "attestation_bundles" in value:
        for bundle in _list(value["attestation_bundles"], "attestation_bundles"):
            yield from _attestations(_list(bundle.get("attestations"), "attestations"))
    elif str(value.get("mediaType", "")).startswith(MEDIA):
        yield _of_bundle(value)
    elif value.get("version") == 1 and "envelope" in value:
        yield value
    else:
        raise InputError("It is neither an attestation of PEP 740 nor a bundle of Sigstore with an envelope")


def _of_bundle(bundle: Mapping[str, Any]) -> Mapping[str, Any]:
    """A bundle of Sigstore as an attestation of PEP 740."""
    envelope, material = _object(bundle, "dsseEnvelope"), _object(bundle, "verificationMaterial")
    if envelope.get("payloadType") != PAYLOAD:
        raise InputError(f"payloadType must be {PAYLOAD}")
    signatures = _list(envelope.get("signatures"), "signatures")
    if len(signatures) != 1:
        raise InputError("An envelope must have exactly one signature")
    if "certificate" in material:
        certificate = _object(material, "certificate").get("rawBytes")
    elif "x509CertificateChain" in material:
        chain = _list(_object(material, "x509CertificateChain").get("certificates"), "certificates")
        certificate = chain[0].get("rawBytes") if chain else None
    else:
        raise InputError("It is signed with a key that has no certificate, so it says of nobody who that is")
    return {
        "version": 1,
        "verification_material": {
            "certificate": certificate,
            "transparency_entries": material.get("tlogEntries") or [],
        },
        "envelope": {"statement": envelope.get("payload"), "signature": signatures[0].get("sig")},
    }


def _statement(given: Mapping[str, Any], filename: str, sha256: str) -> Statement:
    envelope, material = _object(given, "envelope"), _object(given, "verification_material")
    payload = _decoded(envelope.get("statement"), "statement")
    certificate = _certificate(_decoded(material.get("certificate"), "certificate"))
    _check_signature(certificate, _decoded(envelope.get("signature"), "signature"), payload)
    try:
        statement = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise InputError("The statement in the envelope is no JSON") from None
    if not isinstance(statement, dict) or statement.get("_type") not in STATEMENTS:
        raise InputError("The envelope holds no statement of in-toto")
    predicate = str(statement.get("predicateType", ""))
    if PREDICATES.fullmatch(predicate) is None:
        raise InputError(
            f"A statement of the type {predicate[:100] or 'that is missing'} does not say who made it"
        )
    _check_subject(_list(statement.get("subject"), "subject"), filename, sha256)
    return Statement(predicate, _claims(certificate), given)


def _check_subject(subjects: list[Mapping[str, Any]], filename: str, sha256: str) -> None:
    for one in subjects:
        digest, name = one.get("digest"), str(one.get("name", ""))
        if isinstance(digest, dict) and str(digest.get("sha256", "")).lower() == sha256:
            if name.endswith(".whl") and name.rpartition("/")[2] != filename:
                raise InputError(f"The statement calls this file {name[:200]}")
            return
    raise InputError(f"The statement is not about this file: none of its subjects has the sha256 {sha256}")


def _check_signature(certificate: x509.Certificate, signature: bytes, payload: bytes) -> None:
    """Raises InputError unless the key of the certificate signed the payload, as DSSE writes it."""
    signed = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)
    try:
        key = certificate.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(
                signature, signed, ec.ECDSA(hashes.SHA384() if key.key_size > 256 else hashes.SHA256())
            )
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
        else:
            raise InputError("It is signed with a kind of key that is not read here")
    except InvalidSignature:
        raise InputError(
            "It was not signed with the key of its certificate: it is false, or was changed"
        ) from None
    except (UnsupportedAlgorithm, ValueError) as error:
        raise InputError(f"The key of its certificate cannot be read: {error}") from None


def _certificate(content: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(content)
    except ValueError:
        raise InputError("Its certificate cannot be read") from None


def _claims(certificate: x509.Certificate) -> dict[str, str]:
    """Who it was issued to, as it says itself."""
    found: dict[str, str] = {}
    try:
        extensions = list(certificate.extensions)
    except ValueError:
        raise InputError("The extensions of its certificate cannot be read") from None
    for one in extensions:
        if isinstance(one.value, x509.SubjectAlternativeName):
            names = [*one.value.get_values_for_type(x509.UniformResourceIdentifier)]
            names += one.value.get_values_for_type(x509.RFC822Name)
            if names:
                found["identity"] = names[0][:500]
        claim = _CLAIMS.get(one.oid.dotted_string)
        if claim and isinstance(one.value, x509.UnrecognizedExtension) and (text := _utf8(one.value.value)):
            found[claim] = text
    return found


def _utf8(value: bytes) -> str:
    """A DER UTF8String of up to 500 printable characters; empty for anything else."""
    if len(value) < 2 or value[0] != 0x0C:
        return ""
    start = 2 if value[1] < 0x80 else 2 + (value[1] & 0x7F)
    try:
        text = value[start:].decode()
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() and len(text) <= 500 else ""


def _publisher(claims: Mapping[str, str]) -> dict[str, Any]:
    """As PEP 740 names publishers: a workflow of GitHub by repository and file, others by their identity."""
    found = _WORKFLOW.fullmatch(claims.get("identity", ""))
    if found is not None:
        return {"kind": "GitHub", "repository": found[1], "workflow": found[2], "environment": None}
    return {"kind": "Stated", **claims}


def _decoded(value: Any, name: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) and value else _absent(name)
    except binascii.Error:
        raise InputError(f"{name} must be base64") from None


def _absent(name: str) -> bytes:
    raise InputError(f"{name} is missing in the attestation")


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    if not isinstance(found, dict):
        raise InputError(f"{name} is missing in the attestation")
    return found


def _list(value: Any, name: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise InputError(f"{name} must be a list of objects")
    return value
