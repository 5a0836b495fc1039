"""DTMF digits for the outside party of a call. Which ones they are is kept nowhere: they may be a card's number."""

from __future__ import annotations

import re

from agentd.core import records as r
from agentd.core.calls.finding import answered_third, named_call
from agentd.core.commands import SendDtmf
from agentd.core.effects import SendDigits
from agentd.core.errors import DigitsInvalid, NotPossibleNow
from agentd.core.model import Call, CallState, Leg, Session
from agentd.core.sessions.states import require_seat
from agentd.core.turn import Turn

__all__ = ["send"]

_DIGITS = re.compile("[0-9A-D*#,]{1,100}")
_PARKED = frozenset({CallState.HELD, CallState.IVR})


def send(turn: Turn, command: SendDtmf) -> None:
    """Put the digits in line for the customer, or whoever is in the agent's conference in his place."""
    session = turn.session(command.agent)
    if not _DIGITS.fullmatch(command.digits):
        raise DigitsInvalid("expected 1 to 100 of the characters 0-9 A-D * # and ,")
    call = named_call(turn.state, session, command.call_id)
    require_seat(session)
    leg = _far_end(turn, session, call) if call is not None else None
    if call is None or leg is None:
        raise NotPossibleNow("no outside party is answered")
    if turn.in_line(leg.id):
        return
    turn.require_link()
    count = len(command.digits) - command.digits.count(",")
    turn.record(r.DigitsSent(call.id, session.agent, leg.id, count))
    turn.ask(SendDigits(leg.id, command.digits))


def _far_end(turn: Turn, session: Session, call: Call) -> Leg | None:
    """The customer in the agent's conference; else the third party there; else the customer who is held."""
    customer = turn.state.legs.get(call.leg)
    if customer is not None and call.state is CallState.CONNECTED:
        return customer
    third = answered_third(turn.state, call)
    if third is not None and third.place.room == session.conference:
        return third
    return customer if call.state in _PARKED else None
