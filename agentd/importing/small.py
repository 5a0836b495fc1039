"""Files whose rows have keys of their own, so that one that was stopped is just imported once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine

from agentd.core.calls.numbers import clean_number
from agentd.core.errors import NumberNotAllowed
from agentd.engine import checks
from agentd.engine.ports import Activity
from agentd.importing.columns import Columns
from agentd.importing.leads import BadRow
from agentd.importing.numbers import BadNumber, Numbers
from agentd.importing.rejects import Rejects
from agentd.importing.running import BATCH
from agentd.importing.sheets import Row, Sheet
from agentd.importing.texts import BadText, clean
from agentd.storage import activities, bulk
from agentd.storage.database import READS, transact
from agentd.storage.tables import dnc

__all__ = ["ACTIVITY_FIELDS", "Activities", "DncNumbers", "Keyed", "KeyedCounts", "bring"]

_T = TypeVar("_T")

ACTIVITY_FIELDS = ("id", "number", "phone_code", "account", "subject")
_LENGTHS = {"id": 40, "account": 40, "subject": 255}
_CODE = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class KeyedCounts:
    """What became of a file's rows; ``known`` were there before."""

    rows: int = 0
    imported: int = 0
    known: int = 0
    bad: int = 0


class Keyed(Protocol[_T]):
    """A file whose rows have keys: how to read a row, and how to bring rows in."""

    @property
    def header(self) -> Sequence[str]:
        """The names of its columns."""

    @property
    def rows(self) -> Iterator[Row]:
        """The rows that are to be read."""

    def read(self, row: Row) -> _T:
        """Give what a row means. Raises BadRow."""

    def write(self, connection: Connection, found: Sequence[_T]) -> int:
        """Bring in what rows mean; gives how many were not there before."""


def bring(engine: Engine, keyed: Keyed[_T], rejects: Rejects, tell: Callable[[], object], *, dry: bool) -> KeyedCounts:
    """Bring in a file's rows, a piece in each transaction; ``tell`` is called after each.

    Raises:
        Unreadable, SQLAlchemyError, OSError: it stops there.
    """
    counts = KeyedCounts()
    engine = engine.execution_options(**{READS: True}) if dry else engine
    rows = keyed.rows
    while batch := list(islice(rows, BATCH)):
        good = []
        for row in batch:
            try:
                good.append(_good(keyed, row))
            except BadRow as error:
                rejects.write(row.line, str(error), row.cells)
        new = transact(engine, lambda connection, good=good: keyed.write(connection, good))  # type: ignore[misc]
        counts = KeyedCounts(
            counts.rows + len(batch),
            counts.imported + new,
            counts.known + len(good) - new,
            counts.bad + len(batch) - len(good),
        )
        tell()
    return counts


def _good(keyed: Keyed[_T], row: Row) -> _T:
    if row.problem:
        raise BadRow(row.problem)
    return keyed.read(row)


# --- numbers not to call -------------------------------------------------------------------------------------


class DncNumbers:
    """A file of numbers: one a line, or a column of it."""

    def __init__(self, sheet: Sheet, campaign: str, said: Mapping[str, str], *, dry: bool) -> None:
        """``campaign`` is whose list they go on (empty: the system's).

        Raises:
            Unmapped: it begins with no number, and no column is one of numbers.
        """
        self._campaign = campaign
        self._dry = dry
        self._rows = sheet.rows()
        self._place = 0
        self.header: list[str] = [""] * len(sheet.header)
        if said or not any(char.isdigit() for char in sheet.header[0]):
            self._place = Columns.of(sheet.header, ("phone_number",), said, ("phone_number",)).places["phone_number"]
            self.header = next(self._rows).cells

    @property
    def rows(self) -> Iterator[Row]:
        """The rows that have numbers."""
        return self._rows

    def read(self, row: Row) -> str:
        """Give the number of a row: digits alone. Raises BadRow."""
        if len(row.cells) <= self._place:
            raise BadRow(f"has {len(row.cells)} columns, and the number is in number {self._place + 1}")
        try:
            number = clean_number(row.cells[self._place].strip()).removeprefix("+")
            checks.check_dnc(number)
        except (NumberNotAllowed, checks.Unusable) as error:
            raise BadRow("is no telephone number") from error
        return number

    def write(self, connection: Connection, numbers: Sequence[str]) -> int:
        """Put them on the list; gives how many were not on it."""
        wanted = dict.fromkeys(numbers)
        known = bulk.there(connection, dnc, "number", wanted, dnc.c.campaign == self._campaign)
        new = [{"campaign": self._campaign, "number": number} for number in wanted if number not in known]
        if not self._dry:
            bulk.add_missing(connection, dnc, new)
        return len(new)


# --- CRM activities ------------------------------------------------------------------------------------------


class Activities:
    """A file of what a CRM has planned; what is there under the same id becomes what the file says."""

    def __init__(self, sheet: Sheet, numbers: Numbers, said: Mapping[str, str], *, dry: bool) -> None:
        """Raises Unmapped."""
        self._columns = Columns.of(sheet.header, ACTIVITY_FIELDS, said, ("id", "number"))
        self.header = sheet.header
        self._numbers = numbers
        self._dry = dry
        self._rows = sheet.rows()
        next(self._rows)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of the columns that say nothing."""
        return self._columns.ignored

    @property
    def rows(self) -> Iterator[Row]:
        """The rows below the first line."""
        return self._rows

    def read(self, row: Row) -> Activity:
        """Give the activity of a row. Raises BadRow."""
        if len(row.cells) != len(self.header):
            raise BadRow(f"has {len(row.cells)} columns, and the first line {len(self.header)}")
        values = {name: self._text(name, row.cells[place]) for name, place in self._columns.places.items()}
        code = values.get("phone_code", "").removeprefix("+")
        if code and not _CODE.fullmatch(code):
            raise BadRow(f"phone_code {code[:20]!r} is no country's code")
        if not values["id"]:
            raise BadRow("id is empty")
        try:
            number = self._numbers.read(values["number"], code)
        except BadNumber as error:
            raise BadRow(f"number {values['number'][:30]!r} {error}") from error
        return Activity(
            values["id"], number.national, number.code, values.get("account", ""), values.get("subject", "")
        )

    @staticmethod
    def _text(name: str, cell: str) -> str:
        try:
            text = clean(cell)
        except BadText as error:
            raise BadRow(f"{name} {error}") from error
        limit = _LENGTHS.get(name, len(text))
        if len(text) > limit:
            raise BadRow(f"{name} has {len(text)} characters, and may have {limit}")
        return text

    def write(self, connection: Connection, found: Sequence[Activity]) -> int:
        """Keep them; gives how many were not there."""
        if self._dry:
            return sum(activities.read_activity(connection, one.id) is None for one in found)
        return sum(activities.put_activity(connection, one, replace=True) for one in found)
