"""Commands that keep what others decided: reference data, id blocks, the API log, idempotent answers."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.commands import GrantIds, KeepAnswer, LogApiCall, ReferenceChanged
from agentd.core.turn import Turn

__all__ = ["grant_ids", "keep_answer", "log_api_call", "reference_changed"]


def reference_changed(turn: Turn, command: ReferenceChanged) -> None:
    """Users, phones, campaigns, statuses or tokens are now these."""
    for change in command.changes:
        turn.record(change)


def grant_ids(turn: Turn, command: GrantIds) -> None:
    """A new block of ids, used when those before it are used up."""
    turn.record(r.IdsGranted(command.kind, command.first, command.last))


def log_api_call(turn: Turn, command: LogApiCall) -> None:
    """One row of the API log."""
    turn.record(command.record)


def keep_answer(turn: Turn, command: KeepAnswer) -> None:
    """What was said to an Idempotency-Key."""
    turn.record(r.AnswerKept(command.key, command.answer))
