"""What could be registered from a URL: the descriptors it holds, or a first draft of one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from callboard.catalog.sources.files import DESCRIPTOR_NAMES
from callboard.core.errors import CallboardError, InputError
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.core.yaml import read_documents
from callboard.model.refs import entity_ref


async def analyze(
    reader: UrlReader, integrations: Integrations, target: str, registered: set[str]
) -> dict[str, Any]:
    """`registered` holds the targets that are locations already. Raises InputError for what is no URL."""
    try:
        parts = urlsplit(target)
    except ValueError:  # the brackets of an IPv6 address that does not end
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{target} is not an absolute URL")
    existing = await _existing(reader, target, registered)
    generated = [] if existing else [{"entity": _draft(integrations, target), "fields": []}]
    return {"existingEntityFiles": existing, "generateEntities": generated}


async def _existing(reader: UrlReader, target: str, registered: set[str]) -> list[dict[str, Any]]:
    """Descriptors at the URL itself when it names a YAML file, else found by searching the repository."""
    try:
        if target.endswith((".yaml", ".yml")):
            files = [await reader.read(target)]
        else:
            files = await reader.search(f"{target.rstrip('/')}/**/{DESCRIPTOR_NAMES[0]}")
    except CallboardError:
        return []  # nothing can be looked up there: a draft is still of use
    return [
        {
            "location": {"type": "url", "target": file.url},
            "isRegistered": file.url in registered,
            "entity": document.value,
        }
        for file in files
        for document in read_documents(file.content, file.url)
        if isinstance(document.value, dict) and _has_ref(document.value)
    ]


def _has_ref(value: dict[str, Any]) -> bool:
    try:
        return bool(entity_ref(value))
    except (CallboardError, KeyError, TypeError, AttributeError):
        return False


def _draft(integrations: Integrations, target: str) -> dict[str, Any]:
    path = [part for part in urlsplit(target).path.split("/") if part]
    metadata: dict[str, Any] = {"name": path[-1].removesuffix(".git") if path else urlsplit(target).hostname}
    slug = integrations.slug_annotation(target)
    if slug is not None:
        metadata["name"] = slug[1].rpartition("/")[2]
        metadata["annotations"] = {slug[0]: slug[1]}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": metadata,
        "spec": {"type": "other", "lifecycle": "unknown"},
    }
