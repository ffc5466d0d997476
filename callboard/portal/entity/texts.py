"""An entity as the text of a file: JSON or YAML. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import ryaml

from callboard.web.contributions import Entity

SHOWN = 200_000  # characters; browsers choke on more in one element, and nobody reads it


def as_json(entity: Entity) -> str:
    return orjson.dumps(entity, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def as_yaml(entity: Entity) -> str:
    """YAML 1.2, the version that descriptors are read as."""
    return ryaml.dumps(dict(entity))  # type: ignore[attr-defined]  # its stubs forget to export it


def shortened(text: str) -> Mapping[str, Any]:
    """What a page shows of a text: `text`, and `cut`, how many characters of it are left out."""
    return {"text": text[:SHOWN], "cut": max(len(text) - SHOWN, 0)}
