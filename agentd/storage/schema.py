"""The schema's version, as the running daemon checks it. Changing it is :mod:`agentd.storage.migrating`'s."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, select

from agentd.storage.errors import SchemaRefused
from agentd.storage.tables import schema_version

__all__ = ["VERSION", "check_schema", "stored_version"]

VERSION = 4
"""The version of the schema that this agentd was written for."""


def stored_version(connection: Connection) -> tuple[int, int]:
    """Give the database's version, and the oldest version whose agentd can work with it; 0 and 0 if it has none."""
    if not inspect(connection).has_table(schema_version.name):
        return 0, 0
    row = connection.execute(select(schema_version)).one_or_none()
    return (row.version, row.compatible) if row is not None else (0, 0)


def check_schema(connection: Connection) -> None:
    """Refuse a database that this agentd cannot work with.

    Raises:
        SchemaRefused
    """
    version, compatible = stored_version(connection)
    if not version:
        raise SchemaRefused("the database has no tables yet: run `agentd migrate`")
    if version < VERSION:
        raise SchemaRefused(f"the database has schema {version} and needs {VERSION}: run `agentd migrate`")
    if compatible > VERSION:
        raise SchemaRefused(
            f"the database has schema {version}, which needs an agentd that knows schema {compatible}; this one knows "
            f"{VERSION}: install a newer agentd, or restore the backup that the upgrade made"
        )
