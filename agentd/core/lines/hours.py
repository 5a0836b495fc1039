"""Opening hours, as an administrator writes them: ``mon-fri 08:00-18:00; sat 09:00-13:00,14:00-16:00``.

Parts are separated by ``;``. Each names days (``mon``, ``mon-fri``, ``mon,wed,fri``; none: every day) and then ranges
of time, of which the end is no longer open. A range whose end is not later than its start runs into the next day, and
belongs to the day on which it began. An empty text is always open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["Hours", "is_open", "is_open_at_offset", "parse", "parse_zone"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60  # minutes
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_JOINT = re.compile(r"\s*([-,])\s*")  # people write 08:00 - 18:00, too
_LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open. ``week`` holds for each day, from Monday, its ranges in minutes after its midnight.

    A range may end after the day does. ``always``: at any time, whatever the week says.
    """

    week: tuple[tuple[tuple[int, int], ...], ...]
    always: bool = False

    def holds(self, moment: datetime) -> bool:
        """Say whether it is open at that time of that day."""
        if self.always:
            return True
        minute = moment.hour * 60 + moment.minute
        today, yesterday = self.week[moment.weekday()], self.week[moment.weekday() - 1]
        return _within(today, minute) or _within(yesterday, minute + _DAY)


def _within(ranges: tuple[tuple[int, int], ...], minute: int) -> bool:
    return any(start <= minute < end for start, end in ranges)


# --- reading -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def parse(text: str) -> Hours:
    """Read opening hours.

    Raises:
        ValueError: the text cannot be read; it says what was expected.
    """
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"hours: expected at most {_LONGEST_TEXT} characters")
    if not text.strip():
        return Hours(((),) * 7, always=True)
    week: list[list[tuple[int, int]]] = [[] for _ in _DAYS]
    for part in _JOINT.sub(r"\1", text.lower()).split(";"):
        words = part.split()
        if not 1 <= len(words) <= 2:
            raise ValueError(f"hours: expected days and times, such as mon-fri 08:00-18:00, in {part!r}")
        days = _days(words[0]) if len(words) == 2 else range(7)
        ranges = [_range(each) for each in words[-1].split(",")]
        for day in days:
            week[day] += ranges
    return Hours(tuple(tuple(sorted(ranges)) for ranges in week))


def _days(text: str) -> set[int]:
    days: set[int] = set()
    for each in text.split(","):
        first, dash, last = each.partition("-")
        start, end = _day(first), _day(last if dash else first)
        days |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return days


def _day(text: str) -> int:
    if text not in _DAYS:
        raise ValueError(f"hours: {text!r} is none of the days {', '.join(_DAYS)}")
    return _DAYS.index(text)


def _range(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if not dash:
        raise ValueError(f"hours: expected a range such as 08:00-18:00 instead of {text!r}")
    start, end = _minute(first), _minute(last)
    if start in {end, _DAY}:
        raise ValueError(f"hours: {text!r} is no time at all; a whole day is 00:00-24:00")
    return start, end if end > start else end + _DAY


def _minute(text: str) -> int:
    found = _TIME.fullmatch(text)
    hours, minutes = (int(found[1]), int(found[2])) if found else (99, 0)
    if minutes >= 60 or hours * 60 + minutes > _DAY:
        raise ValueError(f"hours: {text!r} is not a time from 00:00 to 24:00")
    return hours * 60 + minutes


@lru_cache(maxsize=1024)
def parse_zone(name: str) -> tzinfo | None:
    """Give the time zone of that IANA name; None, which is local time, for the empty one.

    Raises:
        ValueError: there is no such zone on this machine.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown; not a name at all; a folder of them
        raise ValueError(f"timezone: {name!r} is no time zone; expected a name such as Europe/Berlin") from error


# --- asking --------------------------------------------------------------------------------------------------


def is_open(text: str, timezone_name: str, now: float) -> bool:
    """Say whether it is open by the clocks of that time zone (empty: the daemon's).

    Raises:
        ValueError: hours or time zone cannot be read.
    """
    return parse(text).holds(datetime.fromtimestamp(now, parse_zone(timezone_name)))


def is_open_at_offset(text: str, hours_offset: float, now: float) -> bool:
    """Say whether it is open where clocks are so many hours ahead of UTC.

    Raises:
        ValueError: the hours cannot be read, or no clock is so far ahead or behind.
    """
    if not abs(hours_offset) < 24:
        raise ValueError(f"{hours_offset} hours are no offset from UTC")
    return parse(text).holds(datetime.fromtimestamp(now, timezone(timedelta(hours=hours_offset))))
