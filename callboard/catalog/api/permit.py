"""Gives the endpoints the catalog as whoever sent the request may use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request

from callboard.access.principals import principal_of
from callboard.catalog.permitted import Permitted
from callboard.catalog.query import Queries
from callboard.catalog.visibility import Visibility, open_to_all

if TYPE_CHECKING:
    from callboard.catalog.service import Catalog

PermittedOf = Callable[[Request], Permitted]


def permitted_of(catalog: Catalog, visibility: Visibility | None) -> PermittedOf:
    """Without `visibility` everyone may do everything."""
    sight = visibility or open_to_all(Queries(catalog.index))
    return lambda request: Permitted(catalog, sight, sight.permissions, principal_of(request.scope))
