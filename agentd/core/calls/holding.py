"""Hold and retrieve: the customer hears music or the campaign's prompt, and comes back."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls.finding import customer_leg
from agentd.core.calls.moves import ask_move, require_free_conference
from agentd.core.commands import HoldCall, RetrieveCall
from agentd.core.effects import Hold, Join, Prompt
from agentd.core.errors import AnotherCallConnected, NoIvr
from agentd.core.model import Call, CallState, Leg, Move, Place, PlaceKind, Session, Why
from agentd.core.sessions.states import require_phone
from agentd.core.turn import Milestone, Turn

__all__ = ["ask_hold", "ask_retrieve", "came_back", "held", "hold", "retrieve", "retrieved"]

_WAIT = Place(PlaceKind.WAIT)
_IVR = Place(PlaceKind.IVR)


def hold(turn: Turn, command: HoldCall) -> None:
    """Send the customer to the music or the prompt; where he is already there is nothing to do."""
    session = turn.session(command.agent)
    call, leg = customer_leg(turn.state, session, command.call_id)
    if turn.in_line(leg.id):
        return
    if call.state is (CallState.IVR if command.ivr else CallState.HELD):
        return
    turn.require_link()
    if command.ivr:
        _ask_ivr(turn, session, call, leg)
    else:
        ask_hold(turn, session, leg)
    turn.wait(leg.id, Milestone.MOVED)


def ask_hold(turn: Turn, session: Session, leg: Leg, *, third: str = "") -> None:
    """Ask for music; ``third`` is the leg of a third party who is called only if the customer gets it."""
    ask_move(turn, leg, Move(Why.HOLD, "agent", _WAIT, third), Hold(leg.id, turn.campaign(session).park_music))


def _ask_ivr(turn: Turn, session: Session, call: Call, leg: Leg) -> None:
    campaign = turn.campaign(session)
    if not campaign.ivr_context and not campaign.ivr_prompt:
        raise NoIvr(f"campaign {campaign.name} has no IVR")
    require_free_conference(turn, session, call)  # he comes back by himself
    effect = Prompt(leg.id, session.conference, campaign.ivr_context, campaign.ivr_prompt)
    ask_move(turn, leg, Move(Why.IVR, "agent", _IVR), effect)


def retrieve(turn: Turn, command: RetrieveCall) -> None:
    """Bring the customer back; where he is with the agent there is nothing to do."""
    session = turn.session(command.agent)
    call, leg = customer_leg(turn.state, session, command.call_id)
    if turn.in_line(leg.id):
        return
    if call.state is CallState.CONNECTED:
        return
    require_phone(session)
    turn.require_link()
    require_free_conference(turn, session, call)
    ask_retrieve(turn, session, leg, by="agent")
    turn.wait(leg.id, Milestone.MOVED)


def ask_retrieve(turn: Turn, session: Session, leg: Leg, *, by: str) -> None:
    """Ask for the leg to come into the agent's conference."""
    room = session.conference
    ask_move(turn, leg, Move(Why.RETRIEVE, by, Place(PlaceKind.CONFERENCE, room)), Join(leg.id, room))


def held(turn: Turn, call: Call, place: Place) -> None:
    """The customer is with the music or the prompt."""
    where = CallState.IVR if place.kind is PlaceKind.IVR else CallState.HELD
    if call.state is not where:
        turn.record(r.CallHeld(call.id, call.agent, where.value))


def came_back(turn: Turn, session: Session, call: Call, leg: Leg) -> None:
    """The customer is in the agent's conference unasked. If somebody else has that, he goes back to the music."""
    try:
        require_free_conference(turn, session, call)
    except AnotherCallConnected:
        if leg.pending is None:
            ask_hold(turn, session, leg)
    else:
        retrieved(turn, call, by="ivr")


def retrieved(turn: Turn, call: Call, *, by: str) -> None:
    """The customer is with the agent again."""
    turn.record(r.CallRetrieved(call.id, call.agent, by))
