"""Which listings the catalog shows, whoever brought them. Pure but for the index that is asked."""

from __future__ import annotations

from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.catalog.ingest.contract import LOCATION
from callboard.core.errors import InputError
from callboard.model.refs import parse_ref


def shown_listing(index: Index, text: str) -> str:
    """The reference of a listing that people can open. Raises InputError, and says what was meant perhaps.

    `text` is a reference whose kind, and namespace where it is `default`, may be left out.
    """
    ref = listing_ref(text)
    row = index.row(ref)
    if row is None:
        others = [one for one in named(index, ref.rpartition("/")[2]) if one != ref]
        meant = f"; there is {' and '.join(one.partition(':')[2] for one in others[:3])}" if others else ""
        raise InputError(f"There is no listing {ref.partition(':')[2][:100]}{meant}")
    if index.values_of(row, "spec.takendown.reason"):
        raise InputError(f"The listing {ref.partition(':')[2]} is taken down")
    return ref


def listing_ref(text: str) -> str:
    """A full reference to a listing, which may not be there. Raises InputError for what names none."""
    ref = parse_ref(text.strip(), "listing")
    if ref.kind.lower() != "listing":
        raise InputError(f"{text[:100]} names no listing")
    return str(ref)


def place_of(index: Index, row: int) -> str:
    """Where an entity comes from, as the catalog noted it."""
    return next(iter(index.values_of(row, f"metadata.annotations.{LOCATION}")), "")


def title_of(index: Index, ref: str) -> str:
    """How people call a listing; its namespace and name where it has no title, or is gone."""
    row = index.row(ref)
    titles = index.values_of(row, "metadata.title") if row is not None else []
    return titles[0] if titles else ref.partition(":")[2]


def named(index: Index, name: str) -> list[str]:
    """Listings of every namespace with a name."""
    kinds = index.fields.get("kind")
    refs = (index.ref(row) for row in as_bitmap(kinds.like("listing"))) if kinds is not None else ()
    return sorted(ref for ref in refs if ref.rpartition("/")[2] == name)
