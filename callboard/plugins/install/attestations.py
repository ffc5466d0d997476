"""Who built a wheel: the attestations that an index offers beside it (PEP 740), verified where possible.

The index is asked for the file's `provenance` in its JSON (PEP 691); the Marketplace gives that of its own
wheels. It is verified with the package `pypi-attestations`, which the extra `attestations` installs; without
it the plan says that nobody did.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import orjson

from callboard.core.errors import InputError
from callboard.plugins.install.resolve import Source, credentials
from callboard.plugins.install.statements import is_verifiable, provenance_of, read_statements
from callboard.plugins.install.wheel import Wheel

ACCEPT = {"accept": "application/vnd.pypi.simple.v1+json"}
MAX_ANSWER = 20 * 1024 * 1024
SECONDS = 20.0


async def verified_facts(source: Source, wheel: Wheel, provenance: bytes | None = None) -> dict[str, Any]:
    """What is known of a wheel's making, as JSON (hence Any). Raises InputError when an attestation is false.

    `sha256` was compared with what the index said. `attestation` is `verified` with its `publisher`, `stated`
    with the publisher that it names itself and the reason why nobody verified it, `unverified` with the
    reason, or `none`. `provenance` is that of a source which is no index.
    """
    facts: dict[str, Any] = {"sha256": wheel.sha256, "attestation": "none"}
    if provenance is not None:
        return {**facts, **await asyncio.to_thread(stated_facts, wheel.filename, wheel.sha256, provenance)}
    if source.folder is not None or source.local is not None:
        return facts
    if source.index is None:
        return {**facts, "attestation": "unverified", "reason": "`plugins.index.url` names no index to ask"}
    try:
        async with asyncio.timeout(SECONDS):
            provenance = await _provenance(source.index, wheel)
    except (httpx.HTTPError, TimeoutError, ValueError) as error:
        return {**facts, "attestation": "unverified", "reason": f"cannot be read: {type(error).__name__}"}
    if provenance is None:
        return facts
    return {**facts, **await asyncio.to_thread(_verify, wheel.filename, wheel.sha256, provenance)}


def stated_facts(filename: str, sha256: str, provenance: bytes) -> dict[str, Any]:
    """`attestation` and `publisher` of a provenance, verified where it can be, else stated; it blocks.

    Raises InputError for one that is false or about another file.
    """
    statements = read_statements(provenance, filename, sha256)
    claims = dict(statements[0].claims)
    if all(is_verifiable(one) for one in statements):
        found = _verify(filename, sha256, provenance_of(statements))
    else:
        found = {"attestation": "unverified", "reason": "nobody can verify a publisher of this kind"}
    if found["attestation"] == "verified":
        return found
    return {"attestation": "stated", "publisher": claims, "reason": found["reason"]}


async def _provenance(index: str, wheel: Wheel) -> bytes | None:
    """The provenance document of a wheel; None where the index offers none."""
    page = f"{index.rstrip('/')}/{wheel.name}/"
    async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
        status, kind, content = await _bounded(client, page, index)
        if status != 200 or "json" not in kind:
            return None
        files: list[dict[str, Any]] = orjson.loads(content).get("files", [])
        known = next((one for one in files if one.get("filename") == wheel.filename), {})
        if not known.get("provenance"):
            return None
        url = urljoin(page, str(known["provenance"]))
        there, here = urlsplit(url), urlsplit(page)
        if (there.scheme, there.hostname, there.port) != (here.scheme, here.hostname, here.port):
            raise ValueError("the provenance is on another host")
        status, _, content = await _bounded(client, url, index)
        if status != 200:
            raise ValueError("the provenance cannot be had")
        return content


async def _bounded(client: httpx.AsyncClient, url: str, index: str) -> tuple[int, str, bytes]:
    """Status, content type and content of an answer. Raises ValueError for one that is too large."""
    parts, size = [], 0
    async with client.stream("GET", url, headers=ACCEPT, auth=credentials(url, index)) as answer:
        async for part in answer.aiter_bytes():
            size += len(part)
            if size > MAX_ANSWER:
                raise ValueError("the answer is too large")
            parts.append(part)
    return answer.status_code, answer.headers.get("content-type", ""), b"".join(parts)


def _verify(filename: str, sha256: str, provenance: bytes) -> dict[str, Any]:
    """Raises InputError for a provenance that is false; whose trust root cannot be had is unverified."""
    try:
        from pypi_attestations import AttestationError, Distribution, Provenance
        from sigstore.errors import Error as SigstoreError  # type: ignore[import-not-found,unused-ignore]  # extra
    except ImportError:
        return {"attestation": "unverified", "reason": "the package pypi-attestations is not installed"}
    try:
        document = Provenance.model_validate_json(provenance)
    except ValueError:
        raise InputError(f"{filename}: its provenance cannot be read") from None
    distribution = Distribution(name=filename, digest=sha256)
    publishers = []
    for bundle in document.attestation_bundles:
        for attestation in bundle.attestations:
            try:
                try:
                    attestation.verify(bundle.publisher, distribution)
                except (SigstoreError, OSError):  # the newest trust root cannot be fetched
                    attestation.verify(bundle.publisher, distribution, offline=True)
            except AttestationError as error:
                raise InputError(f"{filename}: its attestation is false: {error}") from None
            except (SigstoreError, OSError) as error:
                return {"attestation": "unverified", "reason": f"{type(error).__name__}: {error}"[:300]}
            publishers.append(bundle.publisher.model_dump(mode="json"))
    if not publishers:
        return {"attestation": "unverified", "reason": "the provenance holds no attestation"}
    return {"attestation": "verified", "publisher": publishers[0]}
