"""The final entity: what processing gave, with its relations, its status and who it came from.

Pure: values in, value out. The store calls it for each entity that must be stitched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

ORPHAN = "backstage.io/orphan"
REJECTED_URL = "https://backstage.io/annotation-rejected-for-security-reasons"
STATUS_TYPE = "backstage.io/catalog-processing"
_URL_ANNOTATIONS = ("backstage.io/view-url", "backstage.io/edit-url")


@dataclass(frozen=True, slots=True)
class Final:
    """`body` is served as it is; `hash` is equal when nothing that people see has changed."""

    hash: str
    body: str
    parents: str


def build_final(
    entity_id: str,
    processed: str,
    errors: str,
    relations: Iterable[tuple[str, str]],
    parents: Sequence[str],
    *,
    orphan: bool,
) -> Final:
    """`processed` and `errors` are JSON; `relations` are `(type, target ref)` from other entities."""
    entity: dict[str, Any] = orjson.loads(processed)
    metadata: dict[str, Any] = entity["metadata"]
    own = [(item["type"], item["targetRef"]) for item in entity.get("relations", ())]
    entity["relations"] = [{"type": kind, "targetRef": target} for kind, target in sorted({*own, *relations})]
    annotations = metadata.get("annotations") or {}
    if orphan:
        metadata["annotations"] = annotations = {**annotations, ORPHAN: "true"}
    for name in _URL_ANNOTATIONS:
        if _is_script(annotations.get(name)):
            annotations[name] = REJECTED_URL
    items = [_status_item(error) for error in orjson.loads(errors)] if errors != "[]" else []
    if items:
        entity["status"] = {"items": items}
    content = orjson.dumps(entity, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    metadata["uid"] = entity_id
    metadata["etag"] = digest
    parents_json = orjson.dumps(sorted(parents))
    whole = hashlib.sha1(digest.encode() + parents_json, usedforsecurity=False).hexdigest()
    return Final(whole, orjson.dumps(entity).decode(), parents_json.decode())


def _is_script(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower().startswith("javascript:")


def _status_item(error: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": STATUS_TYPE,
        "level": "error",
        "message": f"{error['name']}: {error['message']}",
        "error": error,
    }
