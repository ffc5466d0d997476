"""Attestations of releases: taken with a release or after it, kept as provenance, never replaced."""

from __future__ import annotations

import asyncio

from callboard.core.errors import ConflictError, InputError
from callboard.marketplace.desk import store
from callboard.marketplace.desk.artefacts import Artefacts
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.provider import publish_listing
from callboard.marketplace.desk.records import Json, Release, Token
from callboard.plugins.install.attestations import stated_facts
from callboard.plugins.install.statements import provenance_of, read_statements

MEDIA = "application/vnd.pypi.integrity.v1+json"


def read_attested(filename: str, sha256: str, content: bytes) -> tuple[bytes, Json]:
    """The provenance to keep, and what is known by it: `state` is verified or stated. It blocks.

    Raises InputError for what is malformed, false, or about another file.
    """
    try:
        provenance = provenance_of(read_statements(content, filename, sha256))
        facts = stated_facts(filename, sha256, provenance)
    except InputError as error:
        raise InputError(f"The attestation is refused. {error}") from None
    told = {
        "state": facts["attestation"],
        "publisher": facts["publisher"],
        "reason": facts.get("reason", ""),
    }
    return provenance, told


class Attested:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._artefacts = Artefacts(office.database, office.settings.artefacts)

    async def kept(self, filename: str, sha256: str, content: bytes) -> Json:
        """What a release says of an attestation, with the sha256 of its provenance, which is kept."""
        provenance, told = await asyncio.to_thread(read_attested, filename, sha256, content)
        return {**told, "sha256": await self._artefacts.keep(f"{filename}.provenance", MEDIA, provenance)}

    async def attest(self, token: Token, asker: Asker, listing: str, version: str, content: bytes) -> Release:
        """Attest a release that is there. Raises ConflictError where something else is attested already."""
        # Here, not above: releases take attestations, and ask this module for it.
        from callboard.marketplace.desk.releases import check_token

        asker.note("release-attest", "high", listing=listing[:63], version=version[:100])
        self._office.limit(asker, "attest", 60, 3600)
        known = await self._office.read(lambda rows: store.listing(rows, listing))
        check_token(token, known.publisher, listing)
        release = await self._office.read(lambda rows: store.release(rows, listing, version))
        facts = await self.kept(release.filename, release.sha256, content)

        async def work(rows: store.Rows) -> bool:
            now = (await store.release(rows, listing, version)).attested
            if now and now["sha256"] != facts["sha256"]:
                raise ConflictError(f"{listing} {version} is attested already; that is never replaced")
            if now:
                return False
            await store.change_release(rows, listing, version, attested=facts)
            await store.note(rows, known.subject, asker.name, "attest", version)
            return True

        if await self._office.write(work):
            await publish_listing(self._office, listing)
        return await self._office.read(lambda rows: store.release(rows, listing, version))

    async def provenance(self, release: Release) -> bytes | None:
        """The document that is kept of a release; None where nobody attests it."""
        if not release.attested:
            return None
        return (await self._artefacts.content(release.attested["sha256"]))[1]
