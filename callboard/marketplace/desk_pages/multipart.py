"""Reads a posted form with files (multipart/form-data, RFC 7578): bounded, strict, in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from starlette.requests import Request

from callboard.core.errors import InputError
from callboard.core.http import UnsupportedMediaTypeError
from callboard.core.http_body import read_body

MAX_PARTS = 100
MAX_HEAD = 8 * 1024
MAX_FIELD = 256 * 1024
SECONDS = 300.0
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a form. Its name is what a browser says, without any folder."""

    filename: str
    content: bytes


@dataclass(slots=True)
class Parts:
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[File]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The last value of a field; browsers send line breaks as CRLF."""
        return self.fields.get(name, [""])[-1].replace("\r\n", "\n").strip()


async def read_parts(request: Request, *, limit: int) -> Parts:
    """The fields and files. Raises InputError, UnsupportedMediaTypeError, PayloadTooLargeError."""
    media = Message()
    media["content-type"] = request.headers.get("content-type", "")
    if media.get_content_type() != "multipart/form-data":
        raise UnsupportedMediaTypeError("expected a form with files: multipart/form-data")
    boundary = media.get_param("boundary")
    if not isinstance(boundary, str) or not _BOUNDARY.fullmatch(boundary):
        raise InputError("The form is not valid: its parts have no boundary")
    return parsed(await read_body(request, limit=limit, seconds=SECONDS), boundary.encode())


def parsed(body: bytes, boundary: bytes) -> Parts:
    """The parts of a body. Raises InputError for what no browser sends."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    # Before the first boundary stands nothing that counts, after the last one `--`.
    if len(pieces) < 2 or not pieces[-1].startswith(b"--") or len(pieces) - 2 > MAX_PARTS:
        raise InputError("The form is not valid: it is cut off, or has too many parts")
    found = Parts()
    for piece in pieces[1:-1]:
        head, separator, content = piece.partition(b"\r\n\r\n")
        if not separator or not head.startswith(b"\r\n") or len(head) > MAX_HEAD:
            raise InputError("The form is not valid: a part has no head")
        name, filename = _disposition(head)
        if filename is None:
            if len(content) > MAX_FIELD:
                raise InputError(f"The field {name} is too long")
            try:
                found.fields.setdefault(name, []).append(content.decode())
            except UnicodeDecodeError:
                raise InputError("The form is not valid: it must be UTF-8") from None
        elif filename or content:  # a file field that was left empty is sent as well
            found.files.setdefault(name, []).append(File(filename, content))
    return found


def _disposition(head: bytes) -> tuple[str, str | None]:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            names = dict(re.findall(r';\s*([a-z*]+)="((?:[^"\\]|\\.)*)"', value))
            if value.strip().lower().startswith("form-data") and "name" in names:
                filename = names.get("filename")
                # Some browsers sent whole paths; none of them means the folder.
                short = None if filename is None else re.split(r"[\\/]", _unescaped(filename))[-1]
                return _unescaped(names["name"]), short
    raise InputError("The form is not valid: a part has no name")


def _unescaped(text: str) -> str:
    """Browsers write a quote as %22."""
    return text.replace("%22", '"').replace("%0D", "").replace("%0A", "")
