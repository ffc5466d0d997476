"""Names of entities made of the names that others write."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 200
SHORT = 63


def entity_name(text: str, longest: int = LONGEST) -> str:
    """A valid name of an entity that keeps what can be kept: `@scope/plugin` becomes `scope-plugin`."""
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", _plain(text)).strip("-_.")
    return _short(name, text, longest)


def publisher_name(text: str) -> str:
    """The name of a publisher: `Red Hat, Inc.` and `red hat inc` are one, `red-hat-inc`."""
    name = re.sub(r"[^a-z0-9]+", "-", _plain(text).lower()).strip("-")
    return _short(name, text, SHORT)


def tag(text: str) -> str:
    """A valid tag, or an empty text when nothing is left of it."""
    return re.sub(r"[^a-z0-9:+#]+", "-", _plain(text).lower()).strip("-")[:SHORT].strip("-")


def _plain(text: str) -> str:
    """Letters without their accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _short(name: str, text: str, longest: int) -> str:
    """The name, told apart by a hash where it is too long or nothing is left of it."""
    if name and len(name) <= longest:
        return name
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    kept = name[: longest - 9].rstrip("-_.")
    return f"{kept}-{digest}" if kept else f"unnamed-{digest}"
