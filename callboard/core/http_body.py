"""Reading a request body, JSON or a form: bounded in size, time and depth, JSON against a pydantic model.

The wording of what is wrong follows the recordings ("request/body must have required property 'target'").
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import ClientDisconnect, Request

from callboard.core.errors import InputError
from callboard.core.http import PayloadTooLargeError, RequestTimeoutError, UnsupportedMediaTypeError

MAX_BODY = 10 * 1024 * 1024
MAX_DEPTH = 100
MAX_FIELDS = 20_000
BODY_TIMEOUT = 30.0
# Who sends slower than this after the first seconds holds a connection rather than sends something.
MIN_RATE = 1000.0  # bytes a second
GRACE = 5.0  # seconds

Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: Request, *, limit: int = MAX_BODY, seconds: float = BODY_TIMEOUT) -> bytes:
    """The raw body. PayloadTooLargeError past `limit` bytes; RequestTimeoutError past `seconds`, or when less
    than `MIN_RATE` bytes a second came after the first `GRACE` seconds."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise PayloadTooLargeError(f"request entity too large: at most {limit} bytes are read")
    chunks: list[bytes] = []
    size = 0
    started = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(min(seconds, GRACE)) as patience:
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise PayloadTooLargeError(f"request entity too large: at most {limit} bytes are read")
                chunks.append(chunk)
                if size > MIN_RATE * GRACE:
                    patience.reschedule(started + min(seconds, size / MIN_RATE))
    except TimeoutError:
        raise RequestTimeoutError("the body did not arrive in time") from None
    except ClientDisconnect:
        raise InputError("request aborted") from None
    return b"".join(chunks)


async def read_form(request: Request, *, limit: int) -> dict[str, list[str]]:
    """The fields of a posted form, URL-encoded as the pages send it; other types are refused, files too."""
    media = _media_type(request)
    if media and media != "application/x-www-form-urlencoded":
        raise UnsupportedMediaTypeError(f"unsupported media type {media}, expected a URL-encoded form")
    raw = await read_body(request, limit=limit)
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise InputError("The form is not valid: it must be URL-encoded UTF-8") from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


async def read_json(request: Request, *, limit: int = MAX_BODY, seconds: float = BODY_TIMEOUT) -> Any:
    """The body as an object or array (hence Any); nothing at all reads as `{}`, as it does in Backstage.

    The content type may be missing or any JSON type; other types are refused.
    """
    raw = await read_body(request, limit=limit, seconds=seconds)
    if not raw.strip():
        return {}
    media = _media_type(request)
    if media and media != "application/json" and not media.endswith("+json"):
        raise UnsupportedMediaTypeError(f"unsupported media type {media}, expected application/json")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InputError(f"The body is not valid JSON: {error}") from None
    if not isinstance(value, dict | list):
        raise InputError("The body is not valid JSON: expected an object or an array")
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and too_deep(value):
        raise InputError(f"The body is nested more than {MAX_DEPTH} levels deep")
    return value


def too_deep(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether a parsed JSON value nests further than `limit`: such values cannot be written back safely."""
    level: Sequence[Any] = [value]
    for _ in range(limit + 1):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


async def read_model(request: Request, model: type[Model]) -> Model:
    """The body as `model`; InputError words the first thing wrong with it."""
    return check_model(await read_json(request), model)


def check_model(value: Any, model: type[Model]) -> Model:
    """`value`, just parsed from JSON, as `model`."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InputError(first_mistake(error)) from None


def first_mistake(error: ValidationError, root: str = "request/body") -> str:
    """One sentence about the mistake an Ajv validator meets first: missing properties, then the rest."""
    details = sorted(error.errors(include_url=False), key=lambda one: one["type"] != "missing")
    return _sentence(details[0], root)


def _sentence(detail: ErrorDetails, root: str) -> str:
    where = "/".join([root, *(str(part) for part in detail["loc"])])
    parent = "/".join([root, *(str(part) for part in detail["loc"][:-1])])
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return f"{parent} must have required property '{detail['loc'][-1]}'"
        case "extra_forbidden":
            return f"{parent} must NOT have additional properties: unrecognized '{detail['loc'][-1]}'"
        case "string_type":
            return f"{where} must be string"
        case "list_type":
            return f"{where} must be array"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"{where} must be object"
        case "int_type" | "int_from_float":
            return f"{where} must be integer"
        case "float_type":
            return f"{where} must be number"
        case "literal_error":
            allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
            return f"{where} must be equal to one of the allowed values: {allowed}"
        case _:
            return f"{where} is not valid: {detail['msg']}"


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
