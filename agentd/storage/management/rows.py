"""One row of a table, as an administrator says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, String, Table, Text, select, update
from sqlalchemy import insert as insert_row

from agentd.storage.columns import TEXT_LIMIT, Json
from agentd.storage.tables import schema_version

__all__ = ["Unfit", "alone", "put_row"]


class Unfit(ValueError):
    """A value that the database has no room for, or that names something that is not there.

    ``column`` is the name of its column.
    """

    def __init__(self, message: str, column: str = "") -> None:
        super().__init__(message)
        self.column = column


def alone(connection: Connection) -> None:
    """Let everybody else who changes what is set up wait until this transaction is over.

    What is read after this is as those before have left it. (On SQLite the transaction itself has that effect.)
    """
    connection.execute(select(schema_version.c.id).with_for_update()).all()


def put_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Make the row of that key be this.

    Raises:
        Unfit: a text is too long, or a number too big. (What an administrator says is never cut in silence.)
    """
    for name, value in values.items():
        _require_room(connection, table, name, value)
    key = [column == values[column.name] for column in table.primary_key.columns]
    if connection.execute(select(*table.primary_key.columns).where(*key).with_for_update()).one_or_none() is None:
        connection.execute(insert_row(table).values(values))
    else:
        connection.execute(update(table).where(*key).values(values))


def _require_room(connection: Connection, table: Table, name: str, value: Any) -> None:
    kind = table.c[name].type
    if isinstance(kind, Json):
        size = len(kind.process_bind_param(value, connection.dialect) or "")
        if size > TEXT_LIMIT:
            raise Unfit(f"{table.name}: {name} may have {TEXT_LIMIT} characters in all, and has {size}", name)
    elif isinstance(value, str) and isinstance(kind, String):
        length = kind.length or (TEXT_LIMIT if isinstance(kind, Text) else None)
        if length and len(value) > length:
            raise Unfit(f"{table.name}: {name} may have {length} characters, {value[:20]!r}… has {len(value)}", name)
    elif isinstance(value, int) and isinstance(kind, Integer):
        most: int = 2 ** (63 if isinstance(kind, BigInteger) else 31) - 1
        if not -most <= value <= most:
            raise Unfit(f"{table.name}: {name} may be up to {most}, and not {value}", name)
