"""The desk of a running portal, and the people who come to it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx

from callboard.catalog.ingest.contract import LOCATION, ORIGIN
from callboard.marketplace.desk.office import Office
from callboard.marketplace.desk.outbox import deliver
from callboard.plugins import PluginContext
from callboard.testing.portal import client_of
from tests.marketplace.wheels import FIELDS
from tests.plugins.install.wheels import Made
from tests.portal.site import Site

API = "/api/marketplace"
PAT, RAE, EVE, MAX = "user:default/pat", "user:default/rae", "user:default/eve", "user:default/max"
"""A publisher, a reviewer, another publisher, and somebody who may do nothing here."""

MAKERS = [
    "marketplace.publisher.create",
    "marketplace.submission.create",
    "marketplace.listing.manage",
    "marketplace.report.create",
]
ROLES = {
    "roles": [
        {
            "name": "makers",
            "members": [PAT, EVE],
            "grants": [{"permission": name, "effect": "allow"} for name in [*MAKERS, "catalog.entity.read"]],
        },
        {
            "name": "reviewers",
            "members": [RAE],
            "grants": [
                {"permission": name, "effect": "allow"}
                for name in ("marketplace.review", "marketplace.takedown", "catalog.entity.read")
            ],
        },
    ]
}


def config(folder: Path, **further: Any) -> dict[str, str]:
    """Keys of app-config.yaml as environment variables hold them."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "roles.yaml"
    file.write_text(json.dumps(ROLES))
    given = {
        "permission_enabled": True,
        "permission_roles_file": str(file),
        "marketplace_mail": {
            "sink": "file",
            "folder": str(folder / "mail"),
            "operators": ["desk@example.org"],
        },
        **further,
    }
    return {name: json.dumps(value) for name, value in given.items()}


def entity(kind: str, name: str, namespace: str = "default", **spec: Any) -> dict[str, Any]:
    """An entity of the Marketplace as a file describes it; `title` is its own, all else its spec."""
    title = spec.pop("title", name.title())
    annotations = spec.pop("annotations", {})
    place = "file:/shelf/test.yaml"
    return {
        "apiVersion": "callboard.io/v1alpha1",
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": namespace,
            "title": title,
            "annotations": {**annotations, LOCATION: place, ORIGIN: place},
        },
        "spec": spec,
    }


class Person:
    """Somebody with a token who asks the API; a refusal is an answer like others."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def ask(self, method: str, path: str, status: int, body: Any = None, **given: Any) -> Any:
        """JSON of the answer (of any shape), which must have this status."""
        sent = {"json": body} if body is not None else {}
        answer = await self.client.request(method, f"{API}{path}", **sent, **given)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code}\n{answer.text[:2000]}"
        return answer.json() if answer.content else None

    async def send(self, method: str, path: str, filename: str, content: bytes, status: int = 200) -> Any:
        headers = {"content-type": "application/octet-stream", "x-filename": filename}
        return await self.ask(method, path, status, content=content, headers=headers)

    async def refused(self, method: str, path: str, status: int, body: Any = None, **given: Any) -> str:
        """The words of a refusal."""
        return str((await self.ask(method, path, status, body, **given))["error"]["message"])


class Market:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.people: dict[str, Person] = {}

    async def person(self, ref: str) -> Person:
        if ref not in self.people:
            token, _ = await self.site.host.access.identity.tokens.issue_user_token(ref, (ref,), live=False)
            self.people[ref] = Person(client_of(self.site.host, authorization=f"Bearer {token}"))
        return self.people[ref]

    def bearing(self, token: str) -> Person:
        return Person(client_of(self.site.host, authorization=f"Bearer {token}"))

    @property
    def context(self) -> PluginContext:
        return self.site.host.live.contexts["marketplace-desk"]

    async def publisher(self, name: str = "acme", owner: str = PAT) -> Person:
        """The owner of an approved publisher."""
        person, rae = await self.person(owner), await self.person(RAE)
        await person.ask(
            "POST", "/publishers", 201, {"name": name, "title": name.title(), "contact": "pat@example.org"}
        )
        await rae.ask("POST", f"/publishers/{name}/approve", 200, {"type": "community"})
        return person

    async def drafted(self, person: Person, made: Made, publisher: str = "acme", **fields: Any) -> str:
        """The id of a submission with a wheel."""
        listing = {**FIELDS, **fields}
        draft = await person.ask("POST", "/submissions", 201, {"publisher": publisher, "listing": listing})
        await person.send("PUT", f"/submissions/{draft['id']}/wheel", made.filename, made.content)
        return str(draft["id"])

    async def published(self, made: Made, publisher: str = "acme", owner: str = PAT, **fields: Any) -> None:
        """Through the whole flow, to the shelf."""
        person, rae = await self.person(owner), await self.person(RAE)
        id = await self.drafted(person, made, publisher, **fields)
        handed = await person.ask("POST", f"/submissions/{id}/submit", 200, {})
        assert handed["state"] == "in-review", handed["findings"]
        await rae.ask("POST", f"/submissions/{id}/approve", 200, {"text": "Fine."})
        await person.ask("POST", f"/submissions/{id}/publish", 200, {})
        await self.settled()

    async def settled(self) -> None:
        """Wait until the catalog shows what was published."""
        await self.site.node.settled()

    async def posted(self) -> None:
        """Send all mail that waits, beside what is being sent."""
        office = Office(self.context)
        await asyncio.gather(*office.shared.tasks)
        while await deliver(office.database, office.settings.mail):
            pass

    async def close(self) -> None:
        for person in self.people.values():
            await person.client.aclose()
