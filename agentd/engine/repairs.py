"""How far Asterisk and the World had drifted apart when the link came (back) up: counted and logged, never hidden.

The records of a LinkUp's turn tell; they begin with the LinkChanged that it alone makes.
"""

from __future__ import annotations

from twisted.logger import Logger

from agentd.core import records as r
from agentd.engine.ports import Entry

__all__ = ["REPAIRS", "Repairs"]

REPAIRS = ("legs_ended", "legs_adopted", "legs_moved", "legs_unwanted", "phones_lost")
"""What is counted: legs whose channel was gone; channels that had taken a leg's place; legs that were elsewhere; legs
whose login, session or call was over; sessions whose phone was not in the conference."""


class Repairs:
    """Counts since the start, in ``counts``; :meth:`noticed` is to be registered with ``Engine.listen``."""

    log = Logger()

    def __init__(self) -> None:
        self.counts = dict.fromkeys(REPAIRS, 0)

    def noticed(self, entries: list[Entry]) -> None:
        """Look at the records of one turn."""
        first = entries[0].record
        if not isinstance(first, r.LinkChanged) or not first.up:
            return
        found = _differences(entries)
        for what, number in found.items():
            self.counts[what] += number
        if any(found.values()):
            text = ", ".join(f"{what.replace('_', ' ')}: {number}" for what, number in found.items() if number)
            self.log.warn("the link is up; what differed from Asterisk is repaired ({differences})", differences=text)


def _differences(entries: list[Entry]) -> dict[str, int]:
    """How many legs and phones differed; a leg that was adopted has not moved besides."""
    found: dict[str, set[str]] = {what: set() for what in REPAIRS}
    for entry in entries:
        match entry.record:
            case r.LegEnded(leg=leg):
                found["legs_ended"].add(leg)
            case r.LegAdopted(leg=leg):
                found["legs_adopted"].add(leg)
            case r.LegMoved(leg=leg):
                found["legs_moved"].add(leg)
            case r.LegPending(leg=leg, move=move) if move is not None:
                found["legs_unwanted"].add(leg)
            case r.PhoneLost(agent=agent):
                found["phones_lost"].add(agent)
    found["legs_moved"] -= found["legs_adopted"]
    return {what: len(those) for what, those in found.items()}
