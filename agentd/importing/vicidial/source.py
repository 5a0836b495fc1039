"""Reading the tables of a VICIdial, of whatever version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Engine, MetaData, Select, Table, func, inspect, select

from agentd.core.lines.hours import parse_zone
from agentd.importing.wishes import ImportRefused

__all__ = ["Source", "number", "text", "words", "yes"]

_PAGE = 1000  # rows of a long table that are read at a time

_REQUIRED = ("vicidial_users", "vicidial_campaigns", "vicidial_list")


class Source:
    """A VICIdial's database. ``timezone`` is the one of its times (an IANA name; empty: that of this machine)."""

    def __init__(self, engine: Engine, timezone: str = "") -> None:
        """Look whether it is one.

        Raises:
            ImportRefused: it is none; there is no such time zone.
            SQLAlchemyError: the database is away.
        """
        try:
            self._zone = parse_zone(timezone)
        except ValueError as error:
            raise ImportRefused(str(error)) from error
        self.timezone = timezone
        self._engine = engine
        self.table = cache(self._table)
        missing = [name for name in _REQUIRED if self.table(name) is None]
        if missing:
            raise ImportRefused(f"this is no VICIdial's database: it has no table {missing[0]}")
        url = engine.url
        self.name = f"{url.host or 'localhost'}:{url.port or 3306}/{url.database}"

    def _table(self, name: str) -> Table | None:
        """The table with the columns that it has; None if there is none."""
        found = inspect(self._engine)
        if not found.has_table(name):
            return None
        return Table(name, MetaData(), *(Column(each["name"], each["type"]) for each in found.get_columns(name)))

    def rows(self, name: str, columns: str, order: str = "") -> list[dict[str, Any]]:
        """Give the rows of a table, with these columns (separated by spaces; None where there is no such column)."""
        table = self.table(name)
        if table is None:
            return []
        query = select(*_there(table, columns))
        return self._found(columns, query.order_by(*_there(table, order)) if order else query)

    def pages(self, name: str, columns: str, key: str, after: Any, **only: Any) -> Iterator[dict[str, Any]]:
        """Give the rows of a long table in the order of a key, from behind a value of it on.

        They are read a page at a time: whoever works with the table meanwhile waits for no more than that (MyISAM locks
        a table as long as it is read). ``only`` are columns, and the values or lists of values that they have.
        """
        table = self.table(name)
        if table is None:
            return
        query = select(*_there(table, columns)).order_by(table.c[key]).limit(_PAGE)
        for column, value in only.items():
            one = isinstance(value, str) or not isinstance(value, Iterable)
            query = query.where(table.c[column] == value if one else table.c[column].in_(list(value)))
        while found := self._found(columns, query.where(table.c[key] > after)):
            yield from found
            after = found[-1][key]

    def _found(self, columns: str, query: Select[Any]) -> list[dict[str, Any]]:
        nothing = dict.fromkeys(columns.split())
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings()
            return [nothing | {str(name): value for name, value in row.items()} for row in rows]

    def count(self, name: str, by: str) -> dict[Any, int]:
        """Give how many rows of a table have which value in a column."""
        table = self.table(name)
        if table is None:
            return {}
        query = select(table.c[by], func.count()).group_by(table.c[by])
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def range(self, name: str, column: str) -> tuple[int, int] | None:
        """Give the least and the greatest number in a column; None if there is no row."""
        table = self.table(name)
        if table is None:
            return None
        with self._engine.connect() as connection:
            low, high = connection.execute(select(func.min(table.c[column]), func.max(table.c[column]))).one()
        return None if low is None else (int(low), int(high))

    def moment(self, value: Any) -> datetime | None:
        """Give a time of the database's as ours, in UTC; None where there is none (MySQL's 0000-00-00, too)."""
        if not isinstance(value, datetime) or value.year < 1971:
            return None
        local = value.replace(tzinfo=self._zone) if self._zone is not None else value
        return local.astimezone(UTC).replace(tzinfo=None)


def _there(table: Table, columns: str) -> list[Column[Any]]:
    return [table.c[name] for name in columns.split() if name in table.c]


# --- values --------------------------------------------------------------------------------------------------


def text(value: Any) -> str:
    """Give a text; its words for "nothing" (---NONE---, ---DISABLED---) are none."""
    found = "" if value is None else str(value).strip()
    return "" if found.startswith("---") and found.endswith("---") else found


def yes(value: Any) -> bool:
    """Tell whether a flag is set: Y or 1."""
    return str(value) in {"Y", "1"}


def number(value: Any, otherwise: float = 0) -> float:
    """Give a number, whatever type it is kept as."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return otherwise


def words(value: Any) -> tuple[str, ...]:
    """Give the words of a list that is kept as a text such as " SALES SERVICE -"."""
    return tuple(word for word in text(value).split() if word.strip("-"))
