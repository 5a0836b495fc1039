"""What Asterisk says of a leg, and what that makes of its call or session."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import arriving, dialling, ending, recording, supervising, thirds, transfers
from agentd.core.calls.arriving import call_of, login_of, session_of
from agentd.core.calls.causes import NORMAL, OUT_OF_ORDER
from agentd.core.calls.finding import ANSWERED, is_auto_dial
from agentd.core.commands import (
    LegAnswered,
    LegAt,
    LegGone,
    LegJoined,
    LegLeft,
    LegPlaced,
    LegRead,
    LegRefused,
    LegRinging,
    MoveRefused,
)
from agentd.core.dialler import auto
from agentd.core.effects import HangUpChannel
from agentd.core.errors import CallGone, DialRefused, PbxRefused, PbxTimeout
from agentd.core.evolving.table import deadline_key
from agentd.core.lines import delivery, standing, treatments
from agentd.core.model import (
    AfterKind,
    Call,
    CallState,
    Campaign,
    Leg,
    Move,
    Place,
    PlaceKind,
    Role,
    Session,
    Why,
)
from agentd.core.sessions import login, phones
from agentd.core.sessions.states import go_to
from agentd.core.sessions.telephones import RING_SLACK, error_of
from agentd.core.turn import Milestone, Turn

__all__ = [
    "answered",
    "at",
    "ended",
    "found",
    "gone",
    "joined",
    "left",
    "move_refused",
    "placed",
    "read",
    "refused",
    "ringing",
]


# --- on the way ----------------------------------------------------------------------------------------------


def placed(turn: Turn, command: LegPlaced) -> None:
    """The channel is there."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        _late(turn, command.leg)
    elif leg.place.kind is PlaceKind.ASKED:
        _comes(turn, leg, PlaceKind.DIALLING)


def _comes(turn: Turn, leg: Leg, kind: PlaceKind) -> None:
    """The leg is on its way; what it was made for may be over since the link was lost."""
    arriving.move(turn, leg, Place(kind))
    if arriving.is_unwanted(turn, leg):
        ending.end_leg(turn, leg.id, by="system")


def _late(turn: Turn, leg_id: str) -> None:
    """A channel that we asked for appears when its leg has been given up: it is ended, lest nobody owns it."""
    if turn.memory.leg_ids.gave(leg_id):
        turn.ask(HangUpChannel(leg_id, "appeared after its leg was given up"))


def ringing(turn: Turn, command: LegRinging) -> None:
    """The far end rings."""
    leg = turn.state.legs.get(command.leg)
    call = call_of(turn, leg) if leg is not None else None
    if call is not None and call.state is CallState.DIALLING:
        turn.record(r.CallRinging(call.id, call.agent))


def answered(turn: Turn, command: LegAnswered) -> None:
    """The channel is up; it is on its way into the conference."""
    leg = turn.state.legs.get(command.leg)
    if leg is not None and leg.place.kind in {PlaceKind.ASKED, PlaceKind.DIALLING}:
        _comes(turn, leg, PlaceKind.UP)
        turn.deadline("join", leg.id, turn.settings.confirm_time)


def joined(turn: Turn, command: LegJoined) -> None:
    """The leg is in a conference."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        _late(turn, command.leg)
    else:
        arriving.arrived(turn, leg, Place(PlaceKind.CONFERENCE, command.room))


def at(turn: Turn, command: LegAt) -> None:
    """The leg hears music or a prompt, talks outside, or listens."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        _late(turn, command.leg)
    else:
        arriving.arrived(turn, leg, command.place)


def left(turn: Turn, command: LegLeft) -> None:
    """The leg left a conference; news of a room where it is not is old news."""
    leg = turn.state.legs.get(command.leg)
    if leg is None or leg.place != Place(PlaceKind.CONFERENCE, command.room):
        return
    turn.record(r.LegMoved(leg.id, Place(PlaceKind.ELSEWHERE)))
    session = session_of(turn, leg)
    if session is not None and session.leg == leg.id:
        phones.lost(turn, session)
    _look_after(turn, leg)


def _look_after(turn: Turn, leg: Leg) -> None:
    """Whoever left a conference and was not asked to has gone astray, unless his end is told soon."""
    if _is_astray(leg) and leg.pending is None:
        turn.deadline("read", leg.id, turn.settings.confirm_time)


def _is_astray(leg: Leg) -> bool:
    """Whether the leg is where nobody knows. An agent's phone is not looked for: it is called again."""
    is_phone = leg.role is Role.AGENT and leg.call_id is None
    return leg.place.kind is PlaceKind.ELSEWHERE and not is_phone


# --- the end -------------------------------------------------------------------------------------------------


def gone(turn: Turn, command: LegGone) -> None:
    """The channel has ended."""
    leg = turn.state.legs.get(command.leg)
    if leg is not None:
        ended(turn, leg, command.cause, far_end=command.far_end)


def ended(turn: Turn, leg: Leg, cause: int, *, far_end: bool) -> None:
    """A leg is no more; its login has failed, its phone is lost, or its call is over."""
    turn.record(r.LegEnded(leg.id, cause, far_end))
    turn.reach(leg.id, Milestone.GONE)
    turn.reach(leg.id, Milestone.PLACED)
    recording.leg_ended(turn, leg, missed=cause == OUT_OF_ORDER)
    if leg.peer:
        ending.end_leg(turn, leg.peer, by="system")
    under_way = login_of(turn, leg)
    session = session_of(turn, leg)
    call = call_of(turn, leg)
    if under_way is not None:
        login.failed(turn, under_way, error_of(under_way.phone, cause))
    elif leg.role is Role.MONITOR:
        supervising.leg_ended(turn, leg, cause)
    elif leg.role is Role.THIRD:
        thirds.ended(turn, leg, cause, _hung_up_by(leg, cause, far_end=far_end))
    elif session is not None and leg.role is Role.AGENT:
        _agent_ended(turn, leg, session, call, cause)
    elif call is not None and call.leg == leg.id:
        _customer_ended(turn, leg, call, cause, far_end=far_end)
    turn.fail(leg.id, CallGone("the channel ended before it could be moved"))
    _widowed(turn, leg)


def _agent_ended(turn: Turn, leg: Leg, session: Session, call: Call | None, cause: int) -> None:
    """His phone is lost, or he did not come to a delivery, or as a remote agent he has hung up."""
    if session.leg != leg.id and delivery.rung_in_vain(turn, session, leg, cause):
        return
    if call is None:
        phones.ended(turn, session, leg)
    elif call.agent_leg == leg.id and call.state in ANSWERED and not _goes_on(turn, call):
        ending.end_leg(turn, call.leg, by="agent")


def _goes_on(turn: Turn, call: Call) -> bool:
    """Whether the customer is on his way to somebody else."""
    customer = turn.state.legs.get(call.leg)
    return customer is not None and customer.pending is not None and customer.pending.why is not Why.END


def _customer_ended(turn: Turn, leg: Leg, call: Call, cause: int, *, far_end: bool) -> None:
    by = _hung_up_by(leg, cause, far_end=far_end)
    if call.state is CallState.WAITING:
        standing.abandoned(turn, call, cause, by)
    elif is_auto_dial(call):
        auto.over(turn, leg, call, cause, by)
    elif call.state is CallState.WRAPPING:
        return
    elif thirds.customer_gone(turn, call, cause, by):
        phones.guard_customer(turn, turn.state.sessions[call.agent])
    else:
        ending.call_over(turn, call, cause, by)


def _widowed(turn: Turn, leg: Leg) -> None:
    """Of two who were to go on together one is gone: the other may be there already."""
    if leg.pending is not None and leg.pending.why in {Why.LEAVE, Why.CONNECT, Why.END}:
        other = turn.state.legs.get(leg.pending.about)
        if other is not None:
            transfers.pair_broken(turn, other)


def _hung_up_by(leg: Leg, cause: int, *, far_end: bool) -> str:
    """Who ended the leg: whoever asked for it, its own side (customer, third), or the PBX for want of time or means."""
    party = leg.role.value
    answered = leg.place.kind not in {PlaceKind.ASKED, PlaceKind.DIALLING, PlaceKind.UP}
    if leg.pending is not None and leg.pending.why is Why.END:
        return leg.pending.by
    if far_end:
        return party
    if not answered and cause not in {NORMAL, 18, 19}:
        return party if cause in {17, 21} else "pbx"
    return "pbx" if answered else "timeout"


def refused(turn: Turn, command: LegRefused) -> None:
    """Asterisk made no channel. Of a leg whose channel was seen this is no news: that channel's end is."""
    leg = turn.state.legs.get(command.leg)
    if leg is None or leg.place.kind is not PlaceKind.ASKED:
        return
    under_way = login_of(turn, leg)
    session = session_of(turn, leg)
    call = call_of(turn, leg)
    turn.record(r.LegEnded(leg.id, command.cause, far_end=False))
    turn.reach(leg.id, Milestone.GONE)
    if under_way is not None:
        error = error_of(under_way.phone, command.cause, reachable=command.reachable)
        login.failed(turn, under_way, error)
    elif leg.role is Role.MONITOR:
        supervising.leg_ended(turn, leg, command.cause)
    elif leg.role is Role.THIRD:
        thirds.refused(turn, leg, command.cause)
    elif session is not None and leg.role is Role.AGENT:
        delivery.rung_in_vain(turn, session, leg, command.cause)
        turn.fail(leg.id, error_of(session.phone, command.cause, reachable=command.reachable))
    elif call is not None and is_auto_dial(call):
        auto.refused(turn, leg, call, command)
    elif session is not None and call is not None:
        _call_refused(turn, session, call, command)
    turn.fail(leg.id, DialRefused(command.reason))


def _call_refused(turn: Turn, session: Session, call: Call, command: LegRefused) -> None:
    """As if the dial had never been: the former state returns, unless something was said meanwhile."""
    after = session.after
    untouched = after == dialling.initial_after(turn.campaign(session), call.before)
    turn.record(r.CallRefused(call.id, call.agent, command.cause, command.reason))
    if session.calls:
        ending.settle(turn, session)
        return
    logging_out = after is not None and after.kind is AfterKind.LOGOUT
    if logging_out or session.queue:
        ending.next_up(turn, session)
    elif call.previewed is not None and after is not None:
        dialling.show(turn, session, call.previewed, after)
    else:
        go_to(turn, session, call.before if untouched or after is None else after)


# --- where it is ---------------------------------------------------------------------------------------------


def read(turn: Turn, command: LegRead) -> None:
    """Where a leg really is, after a confirmation that did not come."""
    leg = turn.state.legs.get(command.leg)
    if leg is None or deadline_key("read", leg.id) not in turn.state.deadlines:
        return  # the answer to what was asked before another move
    turn.deadline("read", leg.id, None)
    if command.place is not None:
        found(turn, leg, command.place)
    elif leg.place.kind is PlaceKind.ASKED:
        refused(turn, LegRefused(leg.id, "no channel appeared", cause=OUT_OF_ORDER))
    else:
        ended(turn, leg, OUT_OF_ORDER, far_end=False)


def found(turn: Turn, leg: Leg, place: Place) -> None:
    """Asterisk was asked and says: the leg is there. What should not be is ended, what was missed is made good."""
    place = _in_other_hands(leg) or place if place.kind is PlaceKind.ELSEWHERE else place
    move = leg.pending
    # Listening or whispering, a supervisor is in one place: if he should change, nobody knows whether he has.
    in_doubt = move is not None and move.why is Why.MODE and leg.place == place
    may_go_on = place.kind is PlaceKind.WAIT and (move is None or move.why is Why.DELIVER)
    if move is not None and (in_doubt or not arriving.is_goal(move, place)):
        turn.record(r.LegPending(leg.id, None))
        turn.fail(leg.id, PbxTimeout("Asterisk did not do it"), Milestone.GONE, Milestone.MOVED)
        if not may_go_on:
            _not_moved(turn, leg, move)
    if leg.pending is None and not may_go_on:
        delivery.take_back(turn, leg)
    if in_doubt or arriving.is_unwanted(turn, leg):
        ending.end_leg(turn, leg.id, by=move.by if move is not None and move.why is Why.END else "system")
    elif place.kind in arriving.SETTLED:
        arriving.arrived(turn, leg, place)
    elif leg.place.kind is PlaceKind.CONFERENCE:
        left(turn, LegLeft(leg.id, leg.place.room))
    elif place.kind is PlaceKind.DIALLING:
        placed(turn, LegPlaced(leg.id))
    elif leg.place.kind in arriving.SETTLED:
        arriving.move(turn, leg, Place(PlaceKind.ELSEWHERE))
        _look_after(turn, leg)
    else:
        answered(turn, LegAnswered(leg.id))
    if leg.pending is None:
        _keep_watch(turn, leg)


def _in_other_hands(leg: Leg) -> Place | None:
    """Where the leg is when it may be in a part of the dialplan that is not ours: in an IVR, or somewhere outside."""
    if leg.place.kind in {PlaceKind.IVR, PlaceKind.OUTSIDE}:
        return leg.place
    goal = leg.pending.goal if leg.pending is not None else None
    return goal if goal is not None and goal.kind is PlaceKind.IVR else None


def _keep_watch(turn: Turn, leg: Leg) -> None:
    """A leg on its way has a deadline; one that fell due in vain, or while there was no link, is set again."""
    session = session_of(turn, leg)
    if session is not None:
        phones.guard_customer(turn, session)
    settings = turn.settings
    if leg.place.kind is PlaceKind.UP or (_is_astray(leg) and deadline_key("read", leg.id) not in turn.state.deadlines):
        _due_at_last(turn, "join", leg, turn.now + settings.confirm_time)
    elif leg.place.kind is PlaceKind.DIALLING and leg.role is Role.AGENT:
        _due_at_last(turn, "ring", leg, leg.started + settings.ring_time + RING_SLACK)
    elif leg.place.kind is PlaceKind.DIALLING and (session is not None or leg.role is Role.CUSTOMER):
        dial_timeout = _dial_timeout(turn, leg, session)
        _due_at_last(turn, "dial", leg, leg.started + dial_timeout + settings.confirm_time)


def _dial_timeout(turn: Turn, leg: Leg, session: Session | None) -> int:
    call = call_of(turn, leg)
    name = session.campaign if session is not None else call.campaign if call is not None else ""
    return (turn.state.campaigns.get(name) or Campaign(name, 0)).dial_timeout


def _due_at_last(turn: Turn, what: str, leg: Leg, when: float) -> None:
    if deadline_key(what, leg.id) not in turn.state.deadlines:
        turn.deadline(what, leg.id, max(0.0, when - turn.now))


def move_refused(turn: Turn, command: MoveRefused) -> None:
    """Asterisk would not: the leg is where it was, and after a hangup it is looked at again before long."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        return
    move = leg.pending
    if move is not None:
        turn.record(r.LegPending(leg.id, None))
        if move.why is Why.END:
            turn.deadline("hangup", leg.id, turn.settings.confirm_time)
        _not_moved(turn, leg, move)
        _look_after(turn, leg)
    turn.fail(leg.id, PbxRefused(command.reason), Milestone.GONE, Milestone.MOVED)


def _not_moved(turn: Turn, leg: Leg, move: Move) -> None:
    """A move that was asked for has not come about: what depended on it does not, either."""
    if move.why in {Why.DELIVER, Why.LINE}:
        delivery.not_moved(turn, leg)
    elif move.why in {Why.ANNOUNCE, Why.TREATMENT}:
        treatments.refused(turn, leg, move)
    elif move.why is Why.HOLD and move.about:
        ending.end_leg(turn, move.about, by="system")
    elif move.why in {Why.BLIND, Why.CLOSER}:
        transfers.not_away(turn, leg)
    elif move.why is Why.RETRIEVE and move.by == "system":  # he is where he should not be: it is tried again
        turn.deadline("read", leg.id, turn.settings.confirm_time)
    elif move.why in {Why.LEAVE, Why.CONNECT} or (move.why is Why.END and move.about):
        for either in (leg, turn.state.legs.get(move.about)):
            if either is not None:
                transfers.pair_broken(turn, either)
