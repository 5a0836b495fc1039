"""One row of a table, as an administrator says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, String, Table, select, update
from sqlalchemy import insert as insert_row

__all__ = ["Unfit", "put_row"]


class Unfit(ValueError):
    """A value that the database has no room for, or that names something that is not there."""


def put_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Make the row of that key be this.

    Raises:
        Unfit: a text is too long. (What an administrator says is never cut in silence.)
    """
    for name, value in values.items():
        kind = table.c[name].type
        if isinstance(value, str) and isinstance(kind, String) and kind.length and len(value) > kind.length:
            raise Unfit(f"{table.name}: {name} may have {kind.length} characters, {value[:20]!r}… has {len(value)}")
    key = [column == values[column.name] for column in table.primary_key.columns]
    if connection.execute(select(*table.primary_key.columns).where(*key).with_for_update()).one_or_none() is None:
        connection.execute(insert_row(table).values(values))
    else:
        connection.execute(update(table).where(*key).values(values))
