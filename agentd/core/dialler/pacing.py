"""Pacing: how many calls a campaign should be making, as a function of numbers.

The World asks :func:`wanted` after every command. Another way of pacing is another function of the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

__all__ = ["Numbers", "effective_level", "wanted"]

_ROUNDING = 1e-9  # 2.3 calls for each of 10 agents are 23, whatever floats make of it


@dataclass(frozen=True, slots=True)
class Numbers:
    """What pacing goes by, all of one campaign.

    ``free`` agents could have a call now; ``staff`` are these and the ones who will be ready again after the call that
    they have. ``dialling`` are calls that nobody has answered yet, so that they can be cancelled; ``waiting`` those
    answered that are with no agent. ``level`` is how many calls are to be made for each free agent. ``answered`` and
    ``dropped`` are today's: no more than ``max_drop_rate`` percent of those answered should be dropped. ``room`` is how
    many more calls the PBX can take at this moment.
    """

    free: int
    staff: int
    dialling: int = 0
    waiting: int = 0
    level: float = 1.0
    answered: int = 0
    dropped: int = 0
    max_drop_rate: float = 3.0
    room: int = 1_000_000


def wanted(numbers: Numbers) -> int:
    """Give how many calls are to be made now, or (less than 0) how many that nobody has answered are to be cancelled.

    At a level of 1 or less there are never more calls than free agents, so that nobody is dropped because of the pace:
    when an agent gets another call, or pauses, a call that was made for him is cancelled. At a higher level calls go on
    while agents are talking; they are cancelled when there are more than all agents at work would have.
    """
    level = effective_level(numbers)
    calls = numbers.dialling + numbers.waiting
    missing = _calls(numbers.free, level) - calls
    if missing > 0:
        return min(missing, max(0, numbers.room))
    surplus = calls - _calls(numbers.free if level <= 1 else numbers.staff, level)
    return -min(numbers.dialling, max(0, surplus))


def effective_level(numbers: Numbers) -> float:
    """Give the level that counts: no more than 1 while too many of today's answered calls were dropped."""
    too_many = numbers.dropped * 100 > numbers.max_drop_rate * numbers.answered
    return min(numbers.level, 1.0) if too_many else numbers.level


def _calls(agents: int, level: float) -> int:
    """Whole calls for so many agents, at least one if there is any agent and any level."""
    if agents <= 0 or level <= 0:
        return 0
    return max(1, floor(agents * level + _ROUNDING))
