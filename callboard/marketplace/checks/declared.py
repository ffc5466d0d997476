"""What a publisher says about a listing: the form, read and bounded."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from callboard.core.errors import InputError
from callboard.core.http_body import first_mistake

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
        raise ValueError("a tag is lower-case letters and digits, parted by -, + or #")
    return text


Line = Annotated[str, AfterValidator(_line), Field(max_length=120)]
Text = Annotated[str, AfterValidator(_text), Field(max_length=50_000)]
Name = Annotated[str, AfterValidator(_name), Field(max_length=60)]
Tag = Annotated[str, AfterValidator(_tag)]
Url = Annotated[str, AfterValidator(_line), Field(max_length=2000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Link(_Part):
    title: Line
    url: Url


class Price(_Part):
    model: Literal["free", "included", "contact"] = "free"
    text: Line = ""
    url: Url = ""


class Support(_Part):
    provider: Line = ""
    level: Literal["generally-available", "tech-preview", "dev-preview", "community", "none"] = "community"
    contact: Line = ""


class Screenshot(_Part):
    """A picture that was sent, by its sha256."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    alt: Line
    caption: Line = ""


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


def read_declared(value: Any) -> Declared:
    """The fields of a listing from JSON (hence Any). Raises InputError that names the first mistake."""
    try:
        return Declared.model_validate(value)
    except ValidationError as error:
        raise InputError(first_mistake(error, "listing")) from None
