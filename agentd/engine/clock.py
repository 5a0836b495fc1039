"""The one source of time.

Everything else takes ``now`` as an argument or a :class:`Clock` by injection, so that tests run on numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

__all__ = ["Clock", "TimerSource", "WallClock", "local_time", "utc_iso"]


class TimerSource(Protocol):
    """What a Clock needs of a reactor: relative timers (Twisted's ``IReactorTime``)."""

    def callLater(self, delay: float, function: Callable[..., object], *args: Any) -> IDelayedCall: ...

    def seconds(self) -> float: ...


class Clock:
    """Wall time and timers from one source. ``task.Clock`` serves in tests: its seconds are the wall time."""

    def __init__(self, source: IReactorTime | TimerSource) -> None:
        self._source = source

    def now(self) -> float:
        """Seconds since the epoch, as a float with microseconds."""
        return self._source.seconds()

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, for measuring how long something took."""
        return self._source.seconds()

    def busy(self) -> float:
        """Processor seconds that the reactor has used so far, to be asked for in its thread."""
        return self._source.seconds()

    def later(self, delay: float, function: Callable[..., object], *args: Any) -> IDelayedCall:
        """Call ``function`` after ``delay`` seconds (at once, on the next turn, when it is 0 or less)."""
        return self._source.callLater(max(0.0, delay), function, *args)


class WallClock(Clock):
    """The machine's clock with a reactor's timers (a reactor's own seconds may be anything)."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def busy(self) -> float:
        return time.thread_time()


def utc_iso(when: float) -> str:
    """An instant as ISO 8601 in UTC with milliseconds, such as ``2026-11-20T09:00:00.000Z``."""
    seconds, micro = divmod(round(when * 1e6), 1_000_000)
    return f"{_utc_second(seconds)}.{micro // 1000:03d}Z"


@lru_cache(maxsize=16)
def _utc_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def local_time(when: float) -> datetime:
    """An instant as the daemon's local time, with its offset."""
    return datetime.fromtimestamp(when, UTC).astimezone()
