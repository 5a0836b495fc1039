"""Rows of a file as leads: each field checked and put into the form that agentd has it in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from agentd.core.dialler.leads import offset_of
from agentd.importing.columns import Columns
from agentd.importing.numbers import BadNumber, Number, Numbers
from agentd.importing.texts import BadText, clean
from agentd.importing.zones import Zones
from agentd.storage.bulk import LEAD_ROW
from agentd.storage.tables import LEAD_FIELDS, leads

__all__ = ["FIELDS", "BadRow", "LeadRows"]

FIELDS = ("phone_number", "phone_code", "status", *LEAD_FIELDS)
"""What a column may be."""

_STATUS = re.compile(r"[A-Za-z0-9_-]{1,6}")
_CODE = re.compile(r"(?:\+|00)?([1-9][0-9]{0,3})(?:\.0)?")  # .0 is a spreadsheet's
_MAYBE_NUMBER = re.compile(r"\+?[0-9 ().,/-]{6,30}")
_LONGEST_TEXT = 16_000  # characters, of a column without a length of its own
_INTEGER = 2**31


class BadRow(ValueError):
    """A row that is no lead; the text says why."""


class LeadRows:
    """Makes rows of the database of a file's rows."""

    def __init__(self, columns: Columns, list_id: int, numbers: Numbers, zones: Zones) -> None:
        absent = LEAD_FIELDS.keys() - columns.places.keys() - {"gmt_offset_now"}  # what no lead has takes no time
        self._row = {name: value for name, value in LEAD_ROW.items() if name not in absent} | {"list_id": list_id}
        self._numbers = numbers
        self._zones = zones
        places = dict(columns.places)
        self._number = places.pop("phone_number")
        self._code = places.pop("phone_code", None)
        self._fields = [(name, place, _limit(name)) for name, place in places.items()]
        self.unread = 0

    def read(self, cells: Sequence[str], width: int) -> dict[str, Any]:
        """Give the row of the lead whom these cells tell; ``width`` is how many columns the file has.

        ``unread`` counts second and third numbers that are none, and stay as they are written.

        Raises:
            BadRow
        """
        if len(cells) != width and (len(cells) < width or any(cells[width:])):
            raise BadRow(f"has {len(cells)} columns, and the first line {width}")
        row = dict(self._row)
        for name, place, limit in self._fields:
            text = self._text(name, cells[place])
            if text:
                if len(text) > limit:
                    raise BadRow(f"{name} has {len(text)} characters, and may have {limit}")
                row[name] = _CHECKS[name](text) if name in _CHECKS else text
        number = self._main_number(cells)
        row["phone_code"], row["phone_number"] = number.code, number.national
        self._other_numbers(row, number)
        if row["gmt_offset_now"] is None:
            row["gmt_offset_now"] = self._zones.offset(number.digits)
        return row

    def _text(self, name: str, cell: str) -> str:
        try:
            return clean(cell)
        except BadText as error:
            raise BadRow(f"{name} {error}") from error

    def _main_number(self, cells: Sequence[str]) -> Number:
        text = self._text("phone_number", cells[self._number])
        if not text:
            raise BadRow("phone_number is empty")
        code = self._text("phone_code", cells[self._code]) if self._code is not None else ""
        found = _CODE.fullmatch(code)
        if code and found is None:
            raise BadRow(f"phone_code {code[:20]!r} is no country's code")
        try:
            return self._numbers.read(text, found[1] if found else "")
        except BadNumber as error:
            raise BadRow(f"phone_number {text[:30]!r} {error}") from error

    def _other_numbers(self, row: dict[str, Any], main: Number) -> None:
        """Those that are numbers as the main one is: without its code, or with + and another one."""
        for name in ("alt_phone", "address3"):
            text = row.get(name)
            if text is None or (name == "address3" and not _MAYBE_NUMBER.fullmatch(text)):
                continue
            try:
                number = self._numbers.read(text, main.code)
            except BadNumber:
                self.unread += 1
                continue
            row[name] = number.national if number.code == main.code else f"+{number.digits}"


def _limit(name: str) -> int:
    return getattr(leads.c[name].type, "length", None) or _LONGEST_TEXT


def _status(text: str) -> str:
    if not _STATUS.fullmatch(text):
        raise BadRow(f"status {text[:20]!r} is no status: expected 1 to 6 letters, digits, _ or -")
    return text


def _rank(text: str) -> int:
    try:
        rank = int(text)
    except ValueError:
        rank = _INTEGER
    if not -_INTEGER <= rank < _INTEGER:
        raise BadRow(f"rank {text[:20]!r} is no whole number")
    return rank


def _offset(text: str) -> str:
    hours = offset_of(text)
    if hours is None:
        raise BadRow(f"gmt_offset_now {text!r} is no offset from UTC in hours")
    return f"{hours:.2f}"


_CHECKS: dict[str, Callable[[str], Any]] = {"status": _status, "rank": _rank, "gmt_offset_now": _offset}
