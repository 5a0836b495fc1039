"""Column types that mean the same on SQLite and MariaDB, and values that fit into them.

Times are UTC with microseconds. What the journal brings is cut and bent to fit, so that a database has no reason to
refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import BigInteger, DateTime, Dialect, Float, Integer, Table, Text, TypeDecorator
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from agentd.storage.codec import writable

__all__ = ["Instant", "Json", "Seconds", "epoch", "fitted", "moment"]

_LATEST = 253_402_300_799.0  # the last second of the year 9999

TEXT_LIMIT = 16_000  # characters; MariaDB's TEXT has 65,535 bytes, and a character up to four

Instant = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
"""A time in UTC, with microseconds."""


class Json(TypeDecorator[Any]):
    """A small list or mapping, as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - as SQLAlchemy calls it
        """Give the text for the database; a set is a sorted list."""
        if value is None:
            return None
        return msgspec.json.encode(writable(msgspec.to_builtins(value)), order="deterministic").decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Give the value that the text means."""
        return None if value is None else msgspec.json.decode(value)


class Seconds(FunctionElement[float]):
    """The seconds from the second time to the first, to the microsecond, so that intervals add up to their session."""

    type = Float()
    inherit_cache = True


@compiles(Seconds, "sqlite")
def _seconds_sqlite(element: Seconds, compiler: SQLCompiler, **options: Any) -> str:
    # SQLite (3.40) reckons times in whole milliseconds: microseconds are taken from the text, "...:SS.ffffff".
    later, earlier = (compiler.process(clause, **options) for clause in element.clauses)
    whole = f"(strftime('%s', substr({later}, 1, 19)) - strftime('%s', substr({earlier}, 1, 19)))"
    micros = f"({whole} * 1000000 + (substr({later}, 21) - substr({earlier}, 21)))"
    return f"{micros} / 1000000.0"


@compiles(Seconds, "mysql", "mariadb")
def _seconds_mysql(element: Seconds, compiler: SQLCompiler, **options: Any) -> str:
    later, earlier = (compiler.process(clause, **options) for clause in element.clauses)
    # 1e6 makes it a division of doubles, as SQLite's is; one of decimals would keep four digits.
    return f"TIMESTAMPDIFF(MICROSECOND, {earlier}, {later}) / 1e6"


def moment(at: float) -> datetime:
    """Give an instant as the database keeps it: UTC, without saying so. It is one of the years 1970 to 9999."""
    return datetime.fromtimestamp(max(0.0, min(at, _LATEST)), UTC).replace(tzinfo=None)


def epoch(instant: datetime) -> float:
    """Give the instant that :func:`moment` was given, to the microsecond."""
    return instant.replace(tzinfo=UTC).timestamp()


def fitted(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values as they fit into the columns of the same names."""
    kinds = _kinds(table)
    return {name: _fit(kinds[name], value) for name, value in values.items()}


@cache
def _kinds(table: Table) -> dict[str, object]:
    """The types of a table's columns, which SQLAlchemy takes longer to find than all the fitting takes."""
    return {column.name: column.type for column in table.columns}


def _fit(kind: object, value: Any) -> Any:
    if isinstance(value, str):
        if isinstance(kind, Integer):
            return _number(kind, value)
        length = getattr(kind, "length", None) or TEXT_LIMIT
        return (value if value.isascii() else str(writable(value)))[:length]
    if isinstance(value, int) and isinstance(kind, Integer) and not isinstance(value, bool):
        return _bent(kind, value)
    return value


def _number(kind: Integer, value: str) -> int | None:
    """A whole number from text; None from what is none."""
    try:
        return _bent(kind, int(value))
    except ValueError:
        return None


def _bent(kind: Integer, value: int) -> int:
    limit = 1 << (63 if isinstance(kind, BigInteger) else 31)
    return max(-limit, min(value, limit - 1))
