"""What the World is made of: the state, and what goes with it that no checkpoint needs."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

from agentd.core.evolve import deadline_key, evolve
from agentd.core.ids import LegIds
from agentd.core.model import State
from agentd.core.records import DeadlineSet, Record
from agentd.core.settings import Settings

__all__ = ["Memory", "Wait"]


@dataclass(frozen=True, slots=True)
class Wait:
    """An operation that goes on until its leg reaches a milestone; ``regardless``: done too when it never does."""

    operation: int
    milestone: str
    value: Any
    regardless: bool


class Memory:
    """The state with its rules, the operations that wait for legs, and an index of the deadlines.

    ``boot`` must differ at every start of the daemon: it is part of the ids of the channels that we make.
    """

    def __init__(self, settings: Settings, boot: str, state: State | None = None) -> None:
        self.settings = settings
        self.state = State() if state is None else state
        self.leg_ids = LegIds(boot)
        self.waits: dict[str, list[Wait]] = {}
        self._due: list[tuple[float, str]] = [(when, key) for key, when in self.state.deadlines.items()]
        heapify(self._due)

    def remember(self, record: Record, at: float) -> None:
        """Make a record true: one that was just made, or one of the journal's again."""
        evolve(self.state, record, at)
        if isinstance(record, DeadlineSet) and record.when is not None:
            heappush(self._due, (record.when, deadline_key(record.what, record.of)))

    def next_deadline(self) -> float | None:
        """When a Tick is due next, None when never."""
        while self._due:
            when, key = self._due[0]
            if self.state.deadlines.get(key) == when:
                return when
            heappop(self._due)
        return None
