"""`among(...)`: a condition like `IN`, with one parameter however many values there are.

SQLAlchemy writes a parameter for each value of an `IN`, which costs it more time than the database needs to
answer. PostgreSQL takes an array, SQLite the rows of a JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from sqlalchemy import ColumnElement, String, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection


def among(
    connection: AsyncConnection, column: ColumnElement[str], values: Iterable[str]
) -> ColumnElement[bool]:
    """Whether a text column has one of these values, for a statement that this connection will execute."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=ARRAY(String())))
    rows = func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
    return column.in_(select(rows.c.value))
