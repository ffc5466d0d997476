"""The portal as somebody else would see it: what a user may do, and every role and grant that says so."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from callboard.access.permissions.criteria import as_json
from callboard.access.permissions.types import Result
from callboard.access.roles.document import as_yaml
from callboard.access.roles.evaluate import Explanation
from callboard.core.errors import InputError, NotFoundError
from callboard.model.refs import parse_ref
from callboard.portal.roles.counts import Seen, kinds_seen
from callboard.portal.roles.desk import asker, page, read, roles_of
from callboard.portal.roles.pages import refs_of_kind
from callboard.portal.roles.versions import sentence
from callboard.web.view import View

ENTITY = "catalog-entity"
FIRST = "catalog.entity.read"


async def preview(view: View) -> Response:
    """`user`, `permission` and perhaps `entity`: the decision, why it is so, and what the user would see."""
    _, context = await read(view)
    roles = roles_of(view)
    user, permission = view.query.get("user", "").strip(), view.query.get("permission", FIRST).strip()
    entity = view.query.get("entity", "").strip()
    found: Explanation | None = None
    wrong = ""
    if user:
        try:
            ref = str(parse_ref(entity, "component")) if entity else None
            found = await roles.explain(asker(view), user, permission, ref)
        except (InputError, NotFoundError) as error:
            wrong = str(error)
    seen: Sequence[Seen] = []
    if found is not None and not entity and found.permission.resource_type == ENTITY:
        seen = kinds_seen(view.queries, found.decision, roles.known.rules)
    return await page(
        view,
        "preview.html",
        status=400 if wrong else 200,
        user=user,
        permission=permission,
        entity=entity,
        found=found,
        wrong=wrong,
        seen=seen,
        about_entities=found is not None and found.permission.resource_type == ENTITY,
        exists=found is None or view.index.row(found.user) is not None,
        tone=_tone(found),
        sentence=sentence,
        as_yaml=lambda criteria: as_yaml(as_json(criteria)),
        permissions=sorted(one.name for one in roles.known.permissions),
        users=refs_of_kind(view.index, "user"),
        **context,
    )


def _tone(found: Explanation | None) -> str:
    tones = {Result.ALLOW: "good", Result.DENY: "bad", Result.CONDITIONAL: "note"}
    return tones[found.decision.result] if found else ""
