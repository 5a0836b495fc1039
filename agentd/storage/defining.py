"""How tables are defined, so that they mean the same on SQLite and MariaDB; :mod:`agentd.storage.tables` has them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, MetaData, String, Table

__all__ = ["LEG", "LONG", "NAME", "TITLE", "WORD", "key", "metadata", "must", "table"]

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"},
)

WORD, NAME, TITLE, LEG, LONG = String(20), String(40), String(100), String(150), String(255)


def table(name: str, *parts: Any) -> Table:
    """Make a table. Text compares byte by byte, as memory does; MariaDB alone reads the options for that."""
    return Table(name, metadata, *parts, mysql_engine="InnoDB", mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin")


def key(name: str, kind: Any) -> Column[Any]:
    """Make a column of the primary key; its values are given, never counted by the database."""
    return Column(name, kind, primary_key=True, autoincrement=False)


def must(name: str, kind: Any) -> Column[Any]:
    """Make a column that is never NULL."""
    return Column(name, kind, nullable=False)
