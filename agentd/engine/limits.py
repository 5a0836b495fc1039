"""How often something may happen: two limiters on plain numbers, both with bounded memory.

They never ask for the time: the caller passes ``now`` in seconds, from any origin, not running backwards.
The key that was not used for the longest time is forgotten when ``max_keys`` is reached.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

__all__ = ["Allowance", "SlidingWindow", "TokenBucket"]

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a limiter said, with the numbers that the rate limit headers carry."""

    allowed: bool
    limit: int
    """How many are allowed in all."""
    remaining: int
    """How many more are allowed at this moment."""
    reset: int
    """Whole seconds, rounded up, until everything is allowed again."""
    retry_after: int
    """Whole seconds, rounded up, until one more is allowed; 0 when one is allowed now."""


class _Memory(Generic[Key, Kept]):
    """A dictionary that forgets the least recently used key beyond ``size``."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("room for one key at least")
        self._size = size
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Kept | None:
        """What is kept for a key, which is a use of it."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: Key, kept: Kept) -> None:
        """Keep it as the most recently used."""
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def drop(self, key: Key) -> None:
        """Forget a key; nothing happens if it is not there."""
        self._kept.pop(key, None)


class SlidingWindow(Generic[Key]):
    """At most ``limit`` times in any ``period`` seconds, exactly: each time is remembered.

    For small limits such as wrong passwords in 15 minutes or dials in an hour.
    """

    def __init__(self, limit: int, period: float, *, max_keys: int = 10_000) -> None:
        if limit < 1 or period <= 0:
            raise ValueError("limit and period must be positive")
        self.limit = limit
        self.period = period
        self._times: _Memory[Key, deque[float]] = _Memory(max_keys)

    def __len__(self) -> int:
        return len(self._times)

    def count(self, key: Key, now: float) -> int:
        """How many fall into the period that ends now."""
        times = self._times.get(key)
        if times is None:
            return 0
        while times and times[0] + self.period <= now:
            times.popleft()
        if not times:
            self._times.drop(key)
        return len(times)

    def full(self, key: Key, now: float) -> bool:
        """Whether one more would be too many."""
        return self.count(key, now) >= self.limit

    def add(self, key: Key, now: float) -> None:
        """Count one, whether it is allowed or not; beyond the limit the oldest is forgotten."""
        times = self._times.get(key)
        if times is None:
            times = deque(maxlen=self.limit)
        times.append(now)
        self._times.put(key, times)

    def take_back(self, key: Key, when: float) -> None:
        """Undo one :meth:`add` of exactly that time; nothing happens if it is not remembered any more."""
        times = self._times.get(key)
        if times is not None and when in times:
            times.remove(when)
            if not times:
                self._times.drop(key)

    def clear(self, key: Key) -> None:
        """Forget all that was counted for a key."""
        self._times.drop(key)

    def look(self, key: Key, now: float) -> Allowance:
        """What one more would be told, without counting it."""
        count = self.count(key, now)
        times = self._times.get(key)
        reset = times[-1] + self.period - now if times else 0.0
        wait = max(1, ceil(times[0] + self.period - now)) if times and count >= self.limit else 0
        return Allowance(count < self.limit, self.limit, max(0, self.limit - count), ceil(reset), wait)

    def take(self, key: Key, now: float) -> Allowance:
        """Count one if it is allowed. A refused one is not counted: insisting does not prolong the wait."""
        if self.full(key, now):
            return self.look(key, now)
        self.add(key, now)
        after = self.look(key, now)
        return Allowance(True, after.limit, after.remaining, after.reset, 0)


class TokenBucket(Generic[Key]):
    """``rate`` a second on average, ``burst`` at once. Two numbers a key, whatever the rate."""

    def __init__(self, rate: float, burst: int, *, max_keys: int = 10_000) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError("rate and burst must be positive")
        self.rate = rate
        self.burst = burst
        self._levels: _Memory[Key, tuple[float, float]] = _Memory(max_keys)

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, key: Key, now: float) -> Allowance:
        """Take one token if there is one. A refused caller takes nothing."""
        level, since = self._levels.get(key) or (float(self.burst), now)
        level = min(float(self.burst), level + max(0.0, now - since) * self.rate)
        allowed = level >= 1.0
        if allowed:
            level -= 1.0
        self._levels.put(key, (level, max(now, since)))
        return Allowance(
            allowed,
            self.burst,
            int(level),
            ceil((self.burst - level) / self.rate),
            0 if allowed else ceil((1.0 - level) / self.rate),
        )
