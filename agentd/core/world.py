"""The World: the state, and the one way to change it."""

from __future__ import annotations

from collections.abc import Callable
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
from agentd.core.memory import Memory
from agentd.core.turn import Outcome, Turn

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


class World(Memory):
    """The authority. ``apply`` is the only way in; it changes everything that the command asks, or nothing."""

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
