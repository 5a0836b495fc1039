"""The World: the state, and the one way to change it."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any

from agentd.core import (
    commands,
    dialling,
    ending,
    legs,
    link,
    login,
    management,
    pausing,
    phones,
    timers,
)
from agentd.core.commands import Command
from agentd.core.errors import AgentdError
from agentd.core.evolve import deadline_key, evolve
from agentd.core.ids import LegIds
from agentd.core.model import State
from agentd.core.records import DeadlineSet, Record
from agentd.core.turn import Outcome, Settings, Turn, Wait

__all__ = ["World"]

HANDLERS: dict[type[Command], Callable[[Turn, Any], Any]] = {
    commands.LogIn: login.log_in,
    commands.LogOut: login.log_out,
    commands.CallPhone: phones.call_phone,
    commands.Pause: pausing.pause,
    commands.Resume: pausing.resume,
    commands.SetPauseCode: pausing.set_pause_code,
    commands.Dial: dialling.dial,
    commands.HangUp: ending.hang_up,
    commands.Dispose: ending.dispose,
    commands.LegPlaced: legs.placed,
    commands.LegRinging: legs.ringing,
    commands.LegAnswered: legs.answered,
    commands.LegJoined: legs.joined,
    commands.LegLeft: legs.left,
    commands.LegRefused: legs.refused,
    commands.LegGone: legs.gone,
    commands.LegRead: legs.read,
    commands.MoveRefused: legs.move_refused,
    commands.LinkDown: link.down,
    commands.LinkUp: link.up,
    commands.Tick: timers.tick,
    commands.ReferenceChanged: management.reference_changed,
    commands.GrantIds: management.grant_ids,
    commands.LogApiCall: management.log_api_call,
    commands.KeepAnswer: management.keep_answer,
}


class World:
    """The authority. ``apply`` is the only way in; it changes everything that the command asks, or nothing.

    ``boot`` must differ at every start of the daemon: it is part of the ids of the channels that we make.
    """

    def __init__(self, settings: Settings, boot: str, state: State | None = None) -> None:
        self.settings = settings
        self.state = State() if state is None else state
        self.leg_ids = LegIds(boot)
        self.waits: dict[str, list[Wait]] = {}
        self._due: list[tuple[float, str]] = [(when, key) for key, when in self.state.deadlines.items()]
        heapify(self._due)

    def apply(self, command: Command, now: float, operation: int = 0) -> Outcome:
        """Carry out one command.

        ``operation`` (not 0) names the operation that waits for the outcome; it is settled at once unless the
        outcome says ``pending``.

        Raises:
            AgentdError: the command is refused; nothing has changed.
        """
        turn = Turn(self, now, operation)
        try:
            turn.outcome.value = HANDLERS[type(command)](turn, command)
        except AgentdError as error:
            if turn.outcome.records:
                raise RuntimeError(f"{type(command).__name__} was refused after a change") from error
            raise
        return turn.outcome

    def replay(self, record: Record, at: float) -> None:
        """Make a record of the journal true again."""
        evolve(self.state, record, at)
        if isinstance(record, DeadlineSet):
            self.index_deadline(record)

    def next_deadline(self) -> float | None:
        """When a Tick is due next, None when never."""
        while self._due:
            when, key = self._due[0]
            if self.state.deadlines.get(key) == when:
                return when
            heappop(self._due)
        return None

    def index_deadline(self, record: DeadlineSet) -> None:
        """Keep the index of deadlines true (the deadlines themselves are in the state)."""
        if record.when is not None:
            heappush(self._due, (record.when, deadline_key(record.what, record.of)))
