"""What the World is made of: the state, and what goes with it that no checkpoint needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from agentd.core.calls.rates import Rates
from agentd.core.commands.news import Command
from agentd.core.dialler.hopper import Dials
from agentd.core.evolving import evolve
from agentd.core.evolving.table import deadline_key
from agentd.core.ids import LegIds
from agentd.core.leads.promises import Promises
from agentd.core.model import State, Why
from agentd.core.records import DeadlineSet, Record
from agentd.core.settings import Settings

__all__ = ["Memory", "Queued", "Wait"]


@dataclass(eq=False, slots=True)
class Wait:
    """An operation that goes on until each of its legs has reached its milestone.

    ``regardless``: what was asked is done already, so that a leg that never gets there is no failure.
    """

    operation: int
    value: Any
    regardless: bool
    left: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Queued:
    """A command that waits until moves of its legs are done, and will be looked at afresh then; not after ``until``."""

    operation: int
    command: Command
    legs: frozenset[str]
    until: float


class Memory:
    """The state with its rules, what is to be dialled, operations that wait for legs, and an index of the deadlines.

    ``boot`` must differ at every start of the daemon: it is part of the ids of the channels that we make.
    """

    def __init__(self, settings: Settings, boot: str, state: State | None = None) -> None:
        self.settings = settings
        self.state = State() if state is None else state
        self.leg_ids = LegIds(boot)
        self.waits: dict[str, list[tuple[str, Wait]]] = {}
        self.line: list[Queued] = []
        self.dials = Dials(self.state)
        self.hopper = self.dials.hopper
        self.rates = Rates()
        self.promises = Promises(self.state)
        self._due: list[tuple[float, str]] = [(when, key) for key, when in self.state.deadlines.items()]
        heapify(self._due)

    def remember(self, record: Record, at: float) -> None:
        """Make a record true: one that was just made, or one of the journal's again."""
        evolve(self.state, record, at)
        self.dials.noticed(record)
        self.rates.noticed(record, at)
        self.promises.noticed(record)
        if isinstance(record, DeadlineSet) and record.when is not None:
            heappush(self._due, (record.when, deadline_key(record.what, record.of)))

    def next_deadline(self) -> float | None:
        """When a Tick is due next, None when never: for a deadline, a promise, or a command that may wait no longer."""
        due = self._next_due(), self.promises.next()
        times = [*(queued.until for queued in self.line), *(when for when in due if when is not None)]
        return min(times, default=None)

    def _next_due(self) -> float | None:
        while self._due:
            when, key = self._due[0]
            if self.state.deadlines.get(key) == when:
                return when
            heappop(self._due)
        return None

    # --- the line of commands that wait for a move to end ----------------------------------------------------

    def is_moving(self, leg_id: str) -> bool:
        """Whether something is asked for the leg, or for one with which it goes on together, and not confirmed yet."""
        leg = self.state.legs.get(leg_id)
        if leg is None or leg.pending is not None:
            return leg is not None
        moves = [other.pending for other in self.state.legs.values() if other.pending is not None]
        return any(move.about == leg_id and move.why in {Why.LEAVE, Why.CONNECT} for move in moves)

    def next_in_line(self, now: float) -> Queued | None:
        """Take the first command out of the line that need not, or may not, wait any more.

        Nobody overtakes on his own leg.
        """
        taken: set[str] = set()
        for queued in self.line:
            its_turn = not (queued.legs & taken) and not any(self.is_moving(leg) for leg in queued.legs)
            if its_turn or queued.until <= now:
                self.line.remove(queued)
                return queued
            taken |= queued.legs
        return None
