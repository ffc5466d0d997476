"""What a publisher says about a listing: the form, read and bounded."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from callboard.core.errors import InputError
from callboard.model.refs import parse_ref

_Read = TypeVar("_Read", bound=BaseModel)
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
TAG = re.compile(r"[a-z0-9]+(?:[-+#][a-z0-9]+)*")


def _line(text: str) -> str:
    text = text.strip()
    if not text.isprintable():
        raise ValueError("must be one line that can be read")
    return text


def _text(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text.replace("\n", "").replace("\t", "").isprintable():
        raise ValueError("holds characters that cannot be read")
    return text


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError("must be lower-case letters and digits, parted by hyphens")
    return text


def _tag(text: str) -> str:
    if not TAG.fullmatch(text) or len(text) > 63:
        raise ValueError("must be lower-case letters and digits, parted by -, + or #")
    return text


def _listing(text: str) -> str:
    """A reference to a listing in lower case; the kind and the namespace may be left out."""
    try:
        ref = parse_ref(text.strip(), "listing")
    except InputError as error:
        raise ValueError(f"must name listings: {error}") from None
    if ref.kind.lower() != "listing":
        raise ValueError(f"must name listings, not a {ref.kind.lower()}")
    return str(ref).lower()


Line = Annotated[str, AfterValidator(_line), Field(max_length=120)]
Text = Annotated[str, AfterValidator(_text), Field(max_length=50_000)]
Name = Annotated[str, AfterValidator(_name), Field(max_length=60)]
Tag = Annotated[str, AfterValidator(_tag)]
Related = Annotated[str, AfterValidator(_listing), Field(max_length=300)]
Url = Annotated[str, AfterValidator(_line), Field(max_length=2000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Link(_Part):
    title: Line
    url: Url  # any text: `checks.links` says which ones are refused, and why


class Price(_Part):
    model: Literal["free", "included", "contact"] = "free"
    text: Line = ""
    url: Url = ""


class Support(_Part):
    provider: Line = ""
    level: Literal["generally-available", "tech-preview", "dev-preview", "community", "none"] = "community"
    contact: Line = ""


class Chapter(_Part):
    """A part of the documentation, beside the README."""

    title: Annotated[str, AfterValidator(_line), Field(min_length=1, max_length=100)]
    markdown: Text
    type: Literal["about", "usage", "installation", "configuration", ""] = ""


class Screenshot(_Part):
    """A picture that was sent, by its sha256."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    alt: Annotated[str, AfterValidator(_line), Field(max_length=200)] = ""
    caption: Annotated[str, AfterValidator(_line), Field(max_length=300)] = ""


class Declared(_Part):
    """Everything of a listing that is not read from its wheel."""

    name: Name
    title: Annotated[str, AfterValidator(_line), Field(min_length=1, max_length=80)]
    summary: Annotated[str, AfterValidator(_line), Field(min_length=10, max_length=170)]
    description: Text = ""
    installation: Text = ""
    highlights: Annotated[list[Line], Field(max_length=12)] = []
    categories: Annotated[list[Line], Field(min_length=1, max_length=5)]
    tags: Annotated[list[Tag], Field(max_length=20)] = []
    license: Line
    price: Price = Price()
    support: Support = Support()
    links: Annotated[list[Link], Field(max_length=12)] = []
    documentation: Annotated[list[Chapter], Field(max_length=12)] = []
    related: Annotated[list[Related], Field(max_length=12)] = []


def read_declared(value: Any) -> Declared:
    """The fields of a listing from JSON (hence Any). Raises InputError that names the first mistake."""
    return _read(Declared, value, "the listing")


def read_screenshot(value: Any) -> Screenshot:
    """What is said of a picture (JSON, hence Any). Raises InputError."""
    return _read(Screenshot, value, "the screenshot")


def _read(kind: type[_Read], value: Any, whole: str) -> _Read:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        details = sorted(error.errors(include_url=False), key=lambda one: one["type"] != "missing")
        raise InputError(_mistake(details[0], whole)) from None


def _mistake(detail: ErrorDetails, whole: str) -> str:
    """One mistake as a sentence, in the words of who fills in a form."""
    place = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in detail["loc"]).lstrip(".")
    given, context = detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return f"{place} is missing"
        case "extra_forbidden":
            return f"{place} is no field of {whole}"
        case "too_short" | "too_long" | "string_too_short" | "string_too_long":
            least = detail["type"].endswith("short")
            bound = context["min_length" if least else "max_length"]
            size = len(given) if isinstance(given, str) else context["actual_length"]
            what = ("character" if isinstance(given, str) else "entry", "" if bound == 1 else "s")
            unit = "entries" if what == ("entry", "s") else "".join(what)
            has = f"it has {size:,}" if size else "it is empty"
            return f"{place} must have at {'least' if least else 'most'} {bound:,} {unit}; {has}"
        case "literal_error":
            allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ")
            return f"{place} must be one of: {allowed}"
        case "value_error":
            return f"{place} {context['error']}"
        case "string_type":
            return f"{place} must be a text"
        case "list_type":
            return f"{place} must be a list"
        case "string_pattern_mismatch":
            return f"{place} must be the sha256 of a picture that was sent"
        case _:
            return f"{place or whole} must be a mapping of fields"
