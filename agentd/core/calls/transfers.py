"""Transfers: the customer goes on without the agent, who is in wrap-up at once."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import records as r
from agentd.core.calls import dialling, ending, holding
from agentd.core.calls.causes import NORMAL
from agentd.core.calls.finding import ANSWERED, Transferred, answered_third, consulted_in, live_call
from agentd.core.calls.moves import ask_move, free_left_room
from agentd.core.commands import ConnectCalls, LeaveMessage, LeaveThreeWay, TransferBlind, TransferToInGroup
from agentd.core.effects import Hold, Join, JoinBoth, Part, PlayMessage, SendOut
from agentd.core.errors import (
    AgentdError,
    CallNotFound,
    IdsUsedUp,
    NoLiveCall,
    NoMessage,
    NoThirdParty,
    NumberMissing,
)
from agentd.core.ids import next_id
from agentd.core.lines import delivery, naming, standing, treatments
from agentd.core.model import Call, CallState, Leg, Move, Place, PlaceKind, Session, Why
from agentd.core.sessions.closing import require_status
from agentd.core.sessions.states import require_seat
from agentd.core.turn import Milestone, Turn

__all__ = [
    "back_to_line",
    "blind",
    "connect",
    "is_alone",
    "leave_message",
    "leave_three_way",
    "may_wait_again",
    "not_away",
    "out",
    "pair_broken",
    "stands_in_line",
    "taken",
    "to_ingroup",
    "together",
]

_OUTSIDE = Place(PlaceKind.OUTSIDE)
_WAIT = Place(PlaceKind.WAIT)


def _customer(turn: Turn, session: Session, call_id: int | None) -> tuple[Call, Leg]:
    call = live_call(turn.state, session, call_id)
    leg = turn.state.legs.get(call.leg)
    if leg is None:
        raise NoLiveCall("the customer has gone")
    return call, leg


# --- to somebody outside -------------------------------------------------------------------------------------


def blind(turn: Turn, command: TransferBlind) -> Transferred | None:
    """Send the customer on to a number."""
    session = turn.session(command.agent)
    call, leg = _customer(turn, session, command.call_id)
    if turn.in_line(leg.id):
        return None
    if not command.number:
        raise NumberMissing("there is no number to transfer to")
    if command.status:
        require_status(turn, session, command.status)
    resource = dialling.outside(turn, session, call, command.number, exactly=command.exactly)
    caller_id = dialling.caller_id(turn, session, command.group_alias)
    room = free_left_room(turn.state)
    effect = SendOut(leg.id, resource, command.number, caller_id, turn.campaign(session).dial_timeout, room)
    move = Move(Why.BLIND, "agent", Place(PlaceKind.OUTSIDE, room), command.number, status=command.status)
    _goes_alone(turn, call)
    ask_move(turn, leg, move, effect)
    return _when_moved(turn, call, leg)


def leave_message(turn: Turn, command: LeaveMessage) -> Transferred | None:
    """Play the campaign's message to the customer."""
    session = turn.session(command.agent)
    require_seat(session)
    call, leg = _customer(turn, session, command.call_id)
    if turn.in_line(leg.id):
        return None
    dialling.caller_id(turn, session, command.group_alias)
    message = turn.campaign(session).leave_message
    if not message:
        raise NoMessage(f"campaign {session.campaign} has no message to leave")
    turn.require_link()
    ask_move(turn, leg, Move(Why.MESSAGE, "agent", _OUTSIDE, message), PlayMessage(leg.id, message))
    return _when_moved(turn, call, leg)


def _goes_alone(turn: Turn, call: Call) -> None:
    """The end of a remote agent's leg will not be the customer's."""
    if call.agent_leg:
        turn.ask(Part(call.agent_leg))


def _over(turn: Turn, call: Call, move: Move) -> None:
    """The customer has gone on, and the call gets the status that came with the wish."""
    if move.status:
        turn.record(r.StatusKept(call.id, call.agent, move.status))
    ending.call_over(turn, call, NORMAL, "transfer")


def _when_moved(turn: Turn, call: Call, *legs: Leg, ingroup: str = "") -> Transferred:
    done = Transferred(call.id, call.key, ingroup)
    turn.wait_all([(leg.id, Milestone.MOVED) for leg in legs], done)
    return done


def not_away(turn: Turn, leg: Leg) -> None:
    """The customer of a remote agent did not get away; if that one has hung up meanwhile, he goes, too."""
    if is_alone(turn, turn.state.calls.get(leg.call_id or 0)):
        ending.end_leg(turn, leg.id, by="agent")


def is_alone(turn: Turn, call: Call | None) -> bool:
    """Whether the call's customer was a remote agent's, who has hung up."""
    return call is not None and call.agent_leg != "" and call.agent_leg not in turn.state.legs


def out(turn: Turn, call: Call, leg: Leg, move: Move) -> None:
    """The customer talks with somebody, or hears something, outside: he belongs to no agent any more."""
    ending.let_third_go(turn, call, by="agent")
    turn.record(r.CallTransferred(call.id, call.agent, move.why.value, move.about))
    turn.record(r.LegLeftBehind(leg.id, ""))
    _over(turn, call, move)


# --- to another agent ----------------------------------------------------------------------------------------


def to_ingroup(turn: Turn, command: TransferToInGroup) -> Transferred | None:
    """Put the customer into the line of an in-group."""
    session = turn.session(command.agent)
    call, leg = _customer(turn, session, command.call_id)
    if turn.in_line(leg.id):
        return None
    ingroup = naming.named_ingroup(turn, session, call, command.ingroup)
    wanted = naming.require_wanted(turn, ingroup, command.wanted)
    dialling.caller_id(turn, session, command.group_alias)
    if command.status:
        require_status(turn, session, command.status)
    turn.require_link()
    next_id(turn.state, "call")
    music = turn.state.ingroups[ingroup].music
    _goes_alone(turn, call)
    ask_move(turn, leg, Move(Why.CLOSER, "agent", _WAIT, ingroup, wanted, command.status), Hold(leg.id, music))
    return _when_moved(turn, call, leg, ingroup=ingroup)


def may_wait_again(turn: Turn, call: Call) -> bool:
    """Whether a caller whose agent was lost can go back to his line."""
    return turn.state.link_up and call.ingroup in turn.state.ingroups and call.state in ANSWERED


def back_to_line(turn: Turn, call: Call, leg: Leg) -> None:
    """Put a caller whose agent was lost back into his line, at the place that his wait so far gives him.

    In AGENTDIRECT it is that agent for whom he waits again.
    """
    music = turn.state.ingroups[call.ingroup].music
    wanted = call.agent if call.ingroup == naming.AGENT_DIRECT else ""
    ask_move(turn, leg, Move(Why.CLOSER, "system", _WAIT, call.ingroup, wanted), Hold(leg.id, music))


def stands_in_line(turn: Turn, call: Call, leg: Leg, move: Move) -> None:
    """The customer is in the wait: from now on he is a caller of the in-group."""
    try:
        next_id(turn.state, "call")
    except IdsUsedUp as error:  # no id for the new call: he stays with his agent
        holding.held(turn, call, _WAIT)
        turn.fail(leg.id, error, Milestone.MOVED)
        return
    ending.let_third_go(turn, call, by="agent")
    since = turn.now if move.by == "agent" else call.started  # an agent who was lost costs him no place
    turn.record(r.CallTransferred(call.id, call.agent, move.why.value, move.about))
    standing.new_waiting_call(turn, call, leg, move.about, move.wanted, since)
    treatments.entered(turn, turn.state.waiting[leg.id], leg)
    _over(turn, call, move)


# --- two who go on together ----------------------------------------------------------------------------------


def leave_three_way(turn: Turn, command: LeaveThreeWay) -> Transferred | None:
    """Let customer and third party talk on; a consulted agent owns the call."""
    session = turn.session(command.agent)
    require_seat(session)
    call, leg = _customer(turn, session, command.call_id)
    if turn.in_line(leg.id, *([call.third] if call.third else [])):
        return None
    third = answered_third(turn.state, call)
    if third is None:
        raise NoThirdParty(f"call {call.id} has no third party")
    turn.require_link()
    consulted = consulted_in(turn.state, call.id)
    if consulted is not None:
        next_id(turn.state, "call")
        place = Place(PlaceKind.CONFERENCE, consulted.conference)
        ask_move(turn, leg, Move(Why.TAKE, "agent", place, consulted.agent), Join(leg.id, place.room))
        return _when_moved(turn, call, leg)
    _ask_together(turn, leg, third, Why.LEAVE)
    return _when_moved(turn, call, leg, third)


def connect(turn: Turn, command: ConnectCalls) -> None:
    """Let the customers of two calls talk with each other."""
    session = turn.session(command.agent)
    require_seat(session)
    if command.call_id == command.other_id:
        raise CallNotFound("two different calls are needed")
    _, leg = _customer(turn, session, command.call_id)
    _, other = _customer(turn, session, command.other_id)
    if turn.in_line(leg.id, other.id):
        return
    turn.require_link()
    _ask_together(turn, leg, other, Why.CONNECT)
    turn.wait_all([(leg.id, Milestone.MOVED), (other.id, Milestone.MOVED)])


def _ask_together(turn: Turn, leg: Leg, other: Leg, why: Why) -> None:
    room = free_left_room(turn.state)
    place = Place(PlaceKind.CONFERENCE, room)
    effect = JoinBoth(leg.id, other.id, room)
    ask_move(turn, leg, Move(why, "agent", place, other.id), effect)
    ask_move(turn, other, Move(why, "agent", place, leg.id), effect)


def together(turn: Turn, leg: Leg, move: Move) -> None:
    """One of two is in their conference; when both are there, they go on without the agent."""
    other = turn.state.legs.get(move.about)
    if other is not None and other.pending == replace(move, about=leg.id):
        return
    if other is None or other.pending is not None or other.place != leg.place:
        pair_broken(turn, leg)
    else:
        calls = [call for call in turn.state.calls.values() if call.id in {leg.call_id, other.call_id}]
        to = _named(calls, move.why)
        for call in calls:
            if move.why is Why.CONNECT:
                ending.let_third_go(turn, call, by="agent")
            turn.record(r.CallTransferred(call.id, call.agent, move.why.value, to[call.id]))
        turn.record(r.LegLeftBehind(leg.id, other.id))
        turn.record(r.LegLeftBehind(other.id, leg.id))
        for call in calls:
            if call.state in ANSWERED:
                ending.call_over(turn, call, NORMAL, "transfer")


def _named(calls: list[Call], why: Why) -> dict[int, str]:
    """With whom each call's customer goes on."""
    if why is Why.LEAVE:
        return {call.id: call.third_number for call in calls}
    return {call.id: next(other.number for other in calls if other is not call) for call in calls}


def pair_broken(turn: Turn, leg: Leg) -> None:
    """Of two who should go on together only this one is left, or came: he goes back to the agent, or ends."""
    call = turn.state.calls.get(leg.call_id or 0)
    session = turn.state.sessions.get(leg.agent)
    if call is None or session is None or leg.pending is not None:
        return
    if leg.place.kind is PlaceKind.CONFERENCE and leg.place.room != session.conference:
        _as_before(turn, session, call, leg)


def _as_before(turn: Turn, session: Session, call: Call, leg: Leg) -> None:
    """Bring back whoever went in vain: to the agent, or to the music where another may be with the agent by now."""
    if leg.id == call.third or call.state is CallState.CONNECTED:
        holding.ask_retrieve(turn, session, leg, by="system")
    else:
        holding.ask_hold(turn, session, leg)


def taken(turn: Turn, call: Call, leg: Leg, move: Move) -> None:
    """The customer is in the consulted agent's conference: that agent owns the call from now."""
    try:
        consulted = _still_consulted(turn, call, move.about)
    except AgentdError as error:
        _as_before(turn, turn.state.sessions[call.agent], call, leg)
        turn.fail(leg.id, error, Milestone.MOVED)
        return
    third = call.third
    ingroup = call.third_number
    turn.record(r.ConsultEnded(call.id, consulted.agent))
    turn.record(r.CallTransferred(call.id, call.agent, "consult", consulted.agent))
    new = standing.new_waiting_call(turn, call, leg, ingroup, consulted.agent, turn.now)
    turn.record(r.WaitingEnded(leg.id, new.id, ingroup, "delivered"))
    delivery.take(turn, consulted, new, leg)
    ending.end_leg(turn, third, by="agent")
    ending.call_over(turn, call, NORMAL, "transfer")


def _still_consulted(turn: Turn, call: Call, agent: str) -> Session:
    """Give the session of the consulted agent, who can own the call now.

    Raises:
        NoThirdParty, IdsUsedUp
    """
    session = turn.state.sessions.get(agent)
    if session is None or session.consulted != call.id:
        raise NoThirdParty(f"{agent} has gone meanwhile")
    next_id(turn.state, "call")
    return session
