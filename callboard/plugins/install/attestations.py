"""Who built a wheel: the attestations that an index offers beside it (PEP 740), verified where possible.

The index is asked for the file's `provenance` in its JSON (PEP 691). It is verified with the package
`pypi-attestations`, which the extra `attestations` installs; without it the plan says that nobody did.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import structlog

from callboard.core.errors import InputError
from callboard.plugins.install.resolve import Source
from callboard.plugins.install.wheel import Wheel

log = structlog.get_logger(__name__)
ACCEPT = {"accept": "application/vnd.pypi.simple.v1+json"}
MAX_ANSWER = 20 * 1024 * 1024
SECONDS = 20.0


async def verified_facts(source: Source, wheel: Wheel) -> dict[str, Any]:
    """What is known of a wheel's making, as JSON (hence Any). Raises InputError when an attestation is false.

    `sha256` was compared with what the index said. `attestation` is `verified` with its `publisher`,
    `unverified` with the reason, or `none`.
    """
    facts: dict[str, Any] = {"sha256": wheel.sha256, "attestation": "none"}
    if source.index is None or source.folder is not None or source.local is not None:
        return facts
    try:
        async with asyncio.timeout(SECONDS):
            provenance = await _provenance(source.index, wheel)
    except (httpx.HTTPError, TimeoutError, ValueError) as error:
        return {**facts, "attestation": "unverified", "reason": f"cannot be read: {type(error).__name__}"}
    if provenance is None:
        return facts
    return {**facts, **await asyncio.to_thread(_verify, wheel, provenance)}


async def _provenance(index: str, wheel: Wheel) -> bytes | None:
    """The provenance document of a wheel; None where the index offers none."""
    page = f"{index.rstrip('/')}/{wheel.name}/"
    async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
        answer = await client.get(page, headers=ACCEPT)
        if answer.status_code != 200 or "json" not in answer.headers.get("content-type", ""):
            return None
        files: list[dict[str, Any]] = answer.json().get("files", [])
        known = next((one for one in files if one.get("filename") == wheel.filename), {})
        if not known.get("provenance"):
            return None
        url = urljoin(page, str(known["provenance"]))
        if urlsplit(url)[:2] != urlsplit(page)[:2]:
            raise ValueError("the provenance is on another host")
        answer = await client.get(url)
        if answer.status_code != 200 or len(answer.content) > MAX_ANSWER:
            raise ValueError("the provenance cannot be had")
        return answer.content


def _verify(wheel: Wheel, provenance: bytes) -> dict[str, Any]:
    try:
        from pypi_attestations import (
            AttestationError,
            Distribution,
            Provenance,
            VerificationError,
        )
    except ImportError:
        return {"attestation": "unverified", "reason": "the package pypi-attestations is not installed"}
    import tempfile
    from pathlib import Path

    try:
        document = Provenance.model_validate_json(provenance)
    except ValueError:
        raise InputError(f"{wheel.filename}: its provenance cannot be read") from None
    with tempfile.TemporaryDirectory(prefix="callboard-attested-") as folder:
        path = Path(folder) / wheel.filename
        path.write_bytes(wheel.content)
        distribution = Distribution.from_file(path)
        publishers = []
        for bundle in document.attestation_bundles:
            for attestation in bundle.attestations:
                try:
                    attestation.verify(bundle.publisher, distribution)
                except VerificationError as error:
                    raise InputError(f"{wheel.filename}: its attestation is false: {error}") from None
                except (AttestationError, OSError, RuntimeError) as error:
                    return {"attestation": "unverified", "reason": f"{type(error).__name__}: {error}"[:300]}
                publishers.append(bundle.publisher.model_dump(mode="json"))
    if not publishers:
        return {"attestation": "unverified", "reason": "the provenance holds no attestation"}
    return {"attestation": "verified", "publisher": publishers[0]}
