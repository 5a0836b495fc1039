"""The World: the state, and the one way to change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agentd.core import commands, link, management, timers
from agentd.core.calls import (
    dialling,
    digits,
    holding,
    legs,
    previewing,
    recording,
    supervising,
    thirds,
    timing,
    transfers,
)
from agentd.core.commands import Command
from agentd.core.dialler import auto
from agentd.core.errors import AgentdError
from agentd.core.leads import callbacks, keeping
from agentd.core.lines import delivery, standing
from agentd.core.memory import Memory
from agentd.core.sessions import choosing, closing, dialled_in, login, pausing, phones
from agentd.core.turn import Outcome, Settled, Turn

__all__ = ["World"]

HANDLERS: dict[type[Command], Callable[[Turn, Any], Any]] = {
    # from the faces
    commands.LogIn: login.log_in,
    commands.LogInByPhone: dialled_in.log_in,
    commands.LogOut: login.log_out,
    commands.CallPhone: phones.call_phone,
    commands.Pause: pausing.pause,
    commands.Resume: pausing.resume,
    commands.SetPauseCode: pausing.set_pause_code,
    commands.ChangeInGroups: choosing.change,
    commands.Dial: dialling.dial,
    commands.ActOnPreview: previewing.act,
    commands.HangUp: closing.hang_up,
    commands.Dispose: closing.dispose,
    commands.HoldCall: holding.hold,
    commands.RetrieveCall: holding.retrieve,
    commands.DialThird: thirds.dial,
    commands.HangUpThird: thirds.hang_up,
    commands.TransferBlind: transfers.blind,
    commands.LeaveMessage: transfers.leave_message,
    commands.TransferToInGroup: transfers.to_ingroup,
    commands.LeaveThreeWay: transfers.leave_three_way,
    commands.ConnectCalls: transfers.connect,
    commands.SendDtmf: digits.send,
    commands.BeginRecording: recording.begin,
    commands.StopRecordings: recording.stop,
    commands.MuteRecordings: recording.mute,
    commands.Supervise: supervising.supervise,
    commands.EndSupervision: supervising.end,
    commands.SetTimer: timing.set_timer,
    commands.UpdateLead: keeping.update,
    commands.AddLead: keeping.add,
    commands.DeleteLead: keeping.delete,
    commands.ChangeDnc: keeping.change_dnc,
    commands.SetCallback: callbacks.change,
    commands.DropCallback: callbacks.drop,
    commands.CallArrived: standing.arrived,
    # from the switch
    commands.LegPlaced: legs.placed,
    commands.LegRinging: legs.ringing,
    commands.LegAnswered: legs.answered,
    commands.LegJoined: legs.joined,
    commands.LegAt: legs.at,
    commands.LegLeft: legs.left,
    commands.LegRefused: legs.refused,
    commands.LegGone: legs.gone,
    commands.LegRead: legs.read,
    commands.MoveRefused: legs.move_refused,
    commands.RecordingBegun: recording.begun,
    commands.RecordingSilenced: recording.silenced,
    commands.RecordingOver: recording.over,
    commands.RecordingRefused: recording.refused,
    commands.LinkDown: link.down,
    commands.LinkUp: link.up,
    # from timers and management
    commands.Tick: timers.tick,
    commands.ReferenceChanged: management.reference_changed,
    commands.GrantIds: management.grant_ids,
    commands.LogApiCall: management.log_api_call,
    commands.KeepAnswer: management.keep_answer,
    commands.RecordingFileGone: recording.file_gone,
    commands.HopperFilled: auto.filled,
    commands.StopDialling: auto.stop,
}


class World(Memory):
    """The authority. ``apply`` is the only way in; it changes everything that the command asks, or nothing."""

    def apply(self, command: Command, now: float, operation: int = 0) -> Outcome:
        """Carry out one command, and what waited for it.

        ``operation`` (not 0) names the operation that waits for the outcome; it is settled at once unless the
        outcome says ``pending``.

        Raises:
            AgentdError: the command is refused; nothing has changed.
        """
        outcome = self._carry_out(Turn(self, now, operation, command))
        self._offer(now, outcome)
        while (queued := self.next_in_line(now)) is not None:
            self._in_turn(Turn(self, now, queued.operation, queued.command, queued.until), outcome)
            self._offer(now, outcome)
        return outcome

    def _offer(self, now: float, outcome: Outcome) -> None:
        """Whoever waits is brought to an agent, if one is free now; campaigns dial for those who are left."""
        turn = Turn(self, now, 0, commands.Tick())
        if self.state.waiting:
            delivery.offer(turn)
        auto.pace(turn)
        _add(outcome, turn.outcome)

    def _carry_out(self, turn: Turn) -> Outcome:
        try:
            turn.outcome.value = HANDLERS[type(turn.command)](turn, turn.command)
        except AgentdError as error:
            if turn.outcome.records:
                raise RuntimeError(f"{type(turn.command).__name__} was refused after a change") from error
            raise
        return turn.outcome

    def _in_turn(self, turn: Turn, outcome: Outcome) -> None:
        """A command out of the line is looked at afresh; the engine knows its operation as pending."""
        try:
            turn.too_late()
            done = self._carry_out(turn)
        except AgentdError as error:
            outcome.settled.append(Settled(turn.operation, None, error))
            return
        _add(outcome, done)
        if not done.pending:
            outcome.settled.append(Settled(turn.operation, done.value))


def _add(outcome: Outcome, more: Outcome) -> None:
    outcome.records += more.records
    outcome.effects += more.effects
    outcome.settled += more.settled
