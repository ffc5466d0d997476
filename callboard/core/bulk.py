"""`insert_rows(...)`: many rows with few statements.

SQLite's driver steps through an `executemany` row by row and takes the interpreter's lock for each, so that
beside a busy thread every row waits for its turn; and SQLAlchemy looks at each row before. A statement that
holds all values runs without the lock, beside whatever else the process does. PostgreSQL's driver sends
the rows of an `executemany` in one go already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from callboard.core.database import chunks

PARAMETERS = 2000  # in one statement, whose values SQLite keeps with it; it would take 32,766


async def insert_rows(
    connection: AsyncConnection, statement: Insert, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Execute an INSERT without values, which may have an ON CONFLICT, for these rows.

    All rows name the same columns, of texts and numbers.
    """
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        await connection.execute(statement, rows)
        return
    names = tuple(rows[0])
    # As for an `executemany`: else it would ask for the keys of the new rows.
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(names), for_executemany=True)
    order = tuple(compiled.positiontup or ())
    if set(order) != set(names) or len(order) != len(names):
        raise ValueError(f"the columns {names} are not all that the statement asks for: {order}")
    one = f"({', '.join('?' * len(order))})"
    before, values, after = str(compiled).partition(f"VALUES {one}")
    assert values
    of_row = itemgetter(*order)
    for part in chunks(rows, PARAMETERS // len(order)):
        found = map(of_row, part)
        given = tuple(found if len(order) == 1 else chain.from_iterable(found))
        sql = f"{before}VALUES {', '.join([one] * len(part))}{after}"
        await connection.exec_driver_sql(sql, given)
