"""When calls are made and lines are open: call times, as agentd writes hours."""

from __future__ import annotations

from typing import Any

from agentd.importing.vicidial.notes import Notes
from agentd.importing.vicidial.source import Source, number, text

__all__ = ["call_times"]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIMES = [f"ct_{day}_{edge}" for day in ("default", *_DAYS) for edge in ("start", "stop")]
_WHOLE_DAY = (0, 2400)


def call_times(source: Source, notes: Notes) -> dict[str, str]:
    """Give the hours of each call time, by its id; one that is never is not among them."""
    found = {}
    columns = " ".join(("call_time_id", *_TIMES, "ct_state_call_times", "ct_holidays"))
    for row in source.rows("vicidial_call_times", columns):
        name = text(row["call_time_id"])
        days = [_hours_of(row, day) for day in _DAYS]
        if not any(days):
            notes.remark("call times", name, "not taken over: it is never")
            continue
        if any(text(row[what]).strip(" |") for what in ("ct_state_call_times", "ct_holidays")):
            notes.remark("call times", name, "its states' own times and holidays are not taken over")
        found[name] = _text(days)
    return found


def _hours_of(row: dict[str, Any], day: str) -> tuple[int, int] | None:
    """From when to when, as HHMM; None for never. A day of zeros is like the others."""
    start, stop = int(number(row[f"ct_{day}_start"])), int(number(row[f"ct_{day}_stop"]))
    if (start, stop) == (0, 0):
        start, stop = int(number(row["ct_default_start"])), int(number(row["ct_default_stop"]))
    return (start, min(stop, 2400)) if start < stop and start < 2400 else None


def _text(days: list[tuple[int, int] | None]) -> str:
    if all(day == _WHOLE_DAY for day in days):
        return ""
    if len(set(days)) == 1:
        return _range(days[0])
    return "; ".join(f"{name[:3]} {_range(day)}" for name, day in zip(_DAYS, days, strict=True) if day is not None)


def _range(day: tuple[int, int] | None) -> str:
    start, stop = day or (0, 0)
    return f"{start // 100:02}:{start % 100:02}-{stop // 100:02}:{stop % 100:02}"
