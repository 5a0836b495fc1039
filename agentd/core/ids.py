"""Ids: call keys, leg ids, and the blocks of numbers that the database reserves."""

from __future__ import annotations

from datetime import datetime

from agentd.core.errors import IdsUsedUp
from agentd.core.model import State

__all__ = ["KEY_MEMORY", "LegIds", "call_key", "ids_left", "next_id"]

KEY_MEMORY = 3600.0  # seconds for which a call key is not given again


class LegIds:
    """Unique ids for the channels that we make: ``agd-<boot>-<n>``, where boot differs at every start."""

    def __init__(self, boot: str) -> None:
        self._prefix = f"agd-{boot}-"
        self._count = 0

    def next(self) -> str:
        """Give a new id."""
        self._count += 1
        return f"{self._prefix}{self._count}"

    def gave(self, leg_id: str) -> bool:
        """Say whether an id was given here, since this start."""
        count = leg_id.removeprefix(self._prefix)
        return count != leg_id and count.isdecimal() and int(count) <= self._count


def next_id(state: State, kind: str) -> int:
    """Give the next id of a kind without using it up; a record that carries it does that.

    Raises:
        IdsUsedUp: the reserved block is empty.
    """
    blocks = state.blocks.get(kind)
    if not blocks:
        raise IdsUsedUp(f"no {kind} ids are left")
    return blocks[0].next


def ids_left(state: State, kind: str) -> int:
    """Say how many ids of a kind are left."""
    return sum(block.last - block.next + 1 for block in state.blocks.get(kind, []))


def call_key(state: State, letter: str, lead_id: int, now: float) -> str:
    """Make the 20-character key of a call, in local time as the originals do.

    ``M`` (manual) takes the last nine digits of MMDDHHMMSS and the lead id in ten; ``V`` and ``Y`` take all ten and
    the lead id in nine. A key in use, or given within the last hour, moves on by a second.
    """
    while True:
        moment = datetime.fromtimestamp(now).strftime("%m%d%H%M%S")
        key = f"M{moment[1:]}{lead_id:010d}" if letter == "M" else f"{letter}{moment}{lead_id:09d}"
        if key not in state.keys and all(call.key != key for call in state.calls.values()):
            return key
        now += 1
