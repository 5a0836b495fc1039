"""How often agents dial, and how often numbers are dialled by them. A restart of the daemon begins to count anew."""

from __future__ import annotations

from collections import deque

from agentd.core import records as r
from agentd.core.calls.numbers import EXTENSION_DIGITS, is_extension

__all__ = ["Rates"]

_MINUTE = 60.0
_HOUR = 3600.0
_TOLD_APART = EXTENSION_DIGITS + 1  # digits that all numbers outside have


class Rates:
    """The dials of the last minute by agent, and those of the last hour by number."""

    def __init__(self) -> None:
        self._by_agent: dict[str, deque[float]] = {}
        self._of_number: dict[str, deque[float]] = {}

    def noticed(self, record: r.Record, at: float) -> None:
        """Count a dial that was begun."""
        if isinstance(record, r.CallStarted | r.ThirdAsked) and record.number:
            self._count(record.agent, record.number, at)
        elif isinstance(record, r.CallTransferred) and record.how == "blind":
            self._count(record.agent, record.to, at)

    def _count(self, agent: str, number: str, at: float) -> None:
        self._add(self._by_agent, agent, at, at - _MINUTE)
        if not is_extension(number):
            self._add(self._of_number, _digits(number), at, at - _HOUR)

    def _add(self, table: dict[str, deque[float]], name: str, at: float, until: float) -> None:
        """Count it, and forget what is too old: of this one, and the first in the table, which was not seen for long.

        One look a dial at another one is enough.
        """
        times = table.setdefault(name, deque())
        times.append(at)
        _since(times, until)
        name = next(iter(table))
        times = table.pop(name)
        if times and times[-1] > until:
            table[name] = times

    def by_agent(self, agent: str, now: float) -> int:
        """Give how often the agent has dialled in the last minute."""
        return _since(self._by_agent.get(agent), now - _MINUTE)

    def of_number(self, number: str, now: float) -> int:
        """Give how often agents have dialled the number in the last hour."""
        return _since(self._of_number.get(_digits(number)), now - _HOUR)


def _digits(number: str) -> str:
    """The end of a number: what is before it may as well be told as its phone code, or in a prefix."""
    return number[-_TOLD_APART:]


def _since(times: deque[float] | None, since: float) -> int:
    if times is None:
        return 0
    while times and times[0] <= since:
        times.popleft()
    return len(times)
