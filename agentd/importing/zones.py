"""The clocks where a number is: the area that it belongs to, as far as its first digits tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

__all__ = ["Zones"]


class Zones:
    """Tells how far clocks are ahead of UTC at one moment: an import's, so that all of its leads are treated alike."""

    def __init__(self, now: float) -> None:
        self._now = datetime.fromtimestamp(now, UTC)
        self._offset = lru_cache(maxsize=65536)(self._offset_of_prefix)
        self._of_zone = cache(self._offset_of_zone)

    def offset(self, digits: str) -> str | None:
        """Give the hours for a number with its country's code, as leads have them (``-5.00``).

        None where the number may be in several zones with different clocks, or nothing is known.
        """
        return self._offset(digits[:TIMEZONE_LONGEST_PREFIX])

    def _offset_of_prefix(self, prefix: str) -> str | None:
        for length in range(len(prefix), 0, -1):
            zones = TIMEZONE_DATA.get(prefix[:length])
            if zones:
                offsets = {self._of_zone(zone) for zone in zones}
                found = offsets.pop() if len(offsets) == 1 else None
                return None if found is None else f"{found / timedelta(hours=1):.2f}"
        return None

    def _offset_of_zone(self, zone: str) -> timedelta | None:
        try:
            return self._now.astimezone(ZoneInfo(zone)).utcoffset()
        except (KeyError, ValueError, OSError):  # this machine does not know it
            return None
