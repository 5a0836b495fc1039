"""A number must not be called any more: what was remembered to be dialled is not."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls.numbers import digits_of, ways_to_write
from agentd.core.errors import OnDncList
from agentd.core.turn import Turn

__all__ = ["give_up"]


def give_up(turn: Turn, number: str, campaign: str) -> None:
    """The number is on the list of the system (no ``campaign``) or of one: agents who were to dial it will not.

    Those whose campaign refuses such numbers; what is dialled from now on is looked for in the lists before.
    """
    listed = digits_of(number)
    for session in turn.state.sessions.values():
        if not turn.campaign(session).refuse_dnc or campaign not in {"", session.campaign}:
            continue
        for place, request in reversed(list(enumerate(session.queue))):
            if listed in ways_to_write(request.number, (request.dial_prefix or "") + request.phone_code):
                turn.record(r.DialUnqueued(session.agent, OnDncList.reason, place))
