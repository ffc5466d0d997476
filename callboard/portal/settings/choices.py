"""Which settings there are, and what each of them may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.core.errors import InputError

THEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
DENSITIES = (("comfortable", "Comfortable"), ("compact", "Compact"))
MAX_USERS = 500
"""So many users are offered in a list; a larger organisation types a reference."""


def chosen(
    form: Mapping[str, Sequence[str]], index: Index, languages: Sequence[str]
) -> dict[str, str | None]:
    """The settings of a posted form. Raises InputError for a value that is not offered."""
    found: dict[str, str | None] = {}
    for key, offered in (("theme", THEMES), ("density", DENSITIES)):
        if key in form:
            value = form[key][-1]
            if value not in dict(offered):
                raise InputError(f"{key} must be one of {', '.join(dict(offered))}")
            found[key] = value
    if "usage" in form:
        found["usage"] = "yes" if form["usage"][-1] == "yes" else "no"
    if "language" in form:
        found["language"] = language = form["language"][-1] or None
        if language is not None and language not in languages:
            raise InputError(f"There are no texts in the language {language}")
    if "me" in form:
        found["me"] = _user(form["me"][-1].strip().lower(), index)
    return found


def _user(ref: str, index: Index) -> str | None:
    """A reference to a user of the catalog, in short or in full; nothing for nobody."""
    if not ref:
        return None
    head, colon, rest = ref.partition(":")
    kind, name = (head, rest) if colon else ("user", head)
    full = f"{kind}:{name if '/' in name else f'default/{name}'}"
    if kind != "user" or index.row(full) is None:
        raise InputError(f"There is no user {ref} in the catalog")
    return full


def users(index: Index) -> list[str]:
    """References of the first users by name, for a list to choose from."""
    kinds = index.fields.get("kind")
    rows = as_bitmap(kinds.like("user")) if kinds is not None else ()
    return sorted(index.ref(row) for row in rows)[:MAX_USERS]
