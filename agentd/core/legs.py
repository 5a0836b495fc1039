"""What Asterisk says of a leg, and what that makes of its call or session."""

from __future__ import annotations

from agentd.core import ending, login, phones
from agentd.core import records as r
from agentd.core.causes import NORMAL, OUT_OF_ORDER
from agentd.core.commands import (
    LegAnswered,
    LegGone,
    LegJoined,
    LegLeft,
    LegPlaced,
    LegRead,
    LegRefused,
    LegRinging,
    MoveRefused,
)
from agentd.core.dialling import initial_after
from agentd.core.effects import HangUpChannel, HangUpLeg
from agentd.core.errors import DialRefused, PbxRefused
from agentd.core.evolve import deadline_key
from agentd.core.model import (
    AfterKind,
    Call,
    CallState,
    Leg,
    Login,
    Place,
    PlaceKind,
    Role,
    Session,
    SessionState,
)
from agentd.core.phones import RING_SLACK
from agentd.core.states import enter, go_to
from agentd.core.turn import Milestone, Turn

__all__ = [
    "answered",
    "ended",
    "found",
    "gone",
    "joined",
    "left",
    "login_of",
    "move_refused",
    "placed",
    "read",
    "refused",
    "ringing",
    "session_of",
]


def login_of(turn: Turn, leg: Leg) -> Login | None:
    """Give the login that the leg was made for, while it is under way."""
    under_way = turn.state.logins.get(leg.agent)
    return under_way if under_way is not None and under_way.leg == leg.id else None


def session_of(turn: Turn, leg: Leg) -> Session | None:
    """Give the live session that the leg belongs to."""
    session = turn.state.sessions.get(leg.agent)
    return session if session is not None and session.id == leg.session_id else None


def _call_of(turn: Turn, leg: Leg) -> Call | None:
    return turn.state.calls.get(leg.call_id) if leg.call_id is not None else None


# --- on the way ----------------------------------------------------------------------------------------------


def placed(turn: Turn, command: LegPlaced) -> None:
    """The channel is there."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        _late(turn, command.leg)
    elif leg.place.kind is PlaceKind.ASKED:
        _move(turn, leg, Place(PlaceKind.DIALLING))


def _move(turn: Turn, leg: Leg, place: Place) -> None:
    """The leg is there. When its channel is seen for the first time, a hangup asked for before goes out again."""
    first_seen = leg.place.kind is PlaceKind.ASKED
    if leg.place != place:
        turn.record(r.LegMoved(leg.id, place))
    if first_seen:
        turn.reach(leg.id, Milestone.PLACED)
        if leg.pending is not None:
            turn.ask(HangUpLeg(leg.id))


def _late(turn: Turn, leg_id: str) -> None:
    """A channel that we asked for appears when its leg has been given up: it is ended, lest nobody owns it."""
    if turn.memory.leg_ids.gave(leg_id):
        turn.ask(HangUpChannel(leg_id, "appeared after its leg was given up"))


def ringing(turn: Turn, command: LegRinging) -> None:
    """The far end rings."""
    leg = turn.state.legs.get(command.leg)
    call = _call_of(turn, leg) if leg is not None else None
    if call is not None and call.state is CallState.DIALLING:
        turn.record(r.CallRinging(call.id, call.agent))


def answered(turn: Turn, command: LegAnswered) -> None:
    """The channel is up; it is on its way into the conference."""
    leg = turn.state.legs.get(command.leg)
    if leg is not None and leg.place.kind in {PlaceKind.ASKED, PlaceKind.DIALLING}:
        _move(turn, leg, Place(PlaceKind.UP))
        turn.deadline("join", leg.id, turn.settings.confirm_time)


def joined(turn: Turn, command: LegJoined) -> None:
    """The leg is in a conference: the agent's phone for his session, the customer for the call."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        _late(turn, command.leg)
        return
    _move(turn, leg, Place(PlaceKind.CONFERENCE, command.room))
    under_way = login_of(turn, leg)
    session = session_of(turn, leg)
    if under_way is not None:
        _login_joined(turn, under_way, command.room)
    elif session is None:
        ending.end_leg(turn, leg.id, by="system")
    elif leg.role is Role.AGENT:
        phones.joined(turn, session, leg)
    else:
        _customer_joined(turn, session, leg)


def _login_joined(turn: Turn, under_way: Login, room: str) -> None:
    if room == under_way.conference:
        login.started(turn, under_way)
    else:
        login.failed(turn, under_way, PbxRefused("the phone entered another conference"))


def _customer_joined(turn: Turn, session: Session, leg: Leg) -> None:
    call = _call_of(turn, leg)
    if call is None or call.state is CallState.CONNECTED:
        return
    if leg.place.room != session.conference:
        ending.end_leg(turn, leg.id, by="pbx")
    else:
        turn.record(r.CallAnswered(call.id, call.agent))
        enter(turn, session, SessionState.INCALL, call_id=call.id)
        phones.guard_customer(turn, session)


def left(turn: Turn, command: LegLeft) -> None:
    """The leg left a conference; news of a room where it is not is old news."""
    leg = turn.state.legs.get(command.leg)
    if leg is None or leg.place != Place(PlaceKind.CONFERENCE, command.room):
        return
    turn.record(r.LegMoved(leg.id, Place(PlaceKind.ELSEWHERE)))
    session = session_of(turn, leg)
    if session is not None and session.leg == leg.id:
        phones.lost(turn, session)


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
    under_way = login_of(turn, leg)
    session = session_of(turn, leg)
    call = _call_of(turn, leg)
    if under_way is not None:
        login.failed(turn, under_way, phones.error_of(under_way.phone, cause))
    elif session is not None and leg.role is Role.AGENT:
        phones.ended(turn, session, leg)
    elif call is not None and call.leg == leg.id and call.state is not CallState.WRAPPING:
        ending.call_over(turn, call, cause, _hung_up_by(leg, call, cause, far_end=far_end))


def _hung_up_by(leg: Leg, call: Call, cause: int, *, far_end: bool) -> str:
    if leg.pending is not None:
        return leg.pending.by
    if far_end:
        return "customer"
    if call.answered is None and cause not in {NORMAL, 18, 19}:
        return "customer" if cause in {17, 21} else "pbx"
    return "timeout" if call.answered is None else "pbx"


def refused(turn: Turn, command: LegRefused) -> None:
    """Asterisk made no channel. Of a leg whose channel was seen this is no news: that channel's end is."""
    leg = turn.state.legs.get(command.leg)
    if leg is None or leg.place.kind is not PlaceKind.ASKED:
        return
    under_way = login_of(turn, leg)
    session = session_of(turn, leg)
    call = _call_of(turn, leg)
    turn.record(r.LegEnded(leg.id, command.cause, far_end=False))
    turn.reach(leg.id, Milestone.GONE)
    if under_way is not None:
        error = phones.error_of(under_way.phone, command.cause, reachable=command.reachable)
        login.failed(turn, under_way, error)
    elif session is not None and leg.role is Role.AGENT:
        turn.fail(leg.id, phones.error_of(session.phone, command.cause, reachable=command.reachable))
    elif session is not None and call is not None:
        _call_refused(turn, session, call, command)
    turn.fail(leg.id, DialRefused(command.reason))


def _call_refused(turn: Turn, session: Session, call: Call, command: LegRefused) -> None:
    """As if the dial had never been: the former state returns, unless something was said meanwhile."""
    after = session.after
    untouched = after == initial_after(turn.campaign(session), call.before)
    turn.record(r.CallRefused(call.id, call.agent, command.cause, command.reason))
    logging_out = after is not None and after.kind is AfterKind.LOGOUT
    if logging_out or session.queue:
        ending.next_up(turn, session)
    else:
        go_to(turn, session, call.before if untouched or after is None else after)


# --- where it is ---------------------------------------------------------------------------------------------


def read(turn: Turn, command: LegRead) -> None:
    """Where a leg really is, after a confirmation that did not come."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        return
    turn.deadline("read", leg.id, None)
    if command.place is not None:
        found(turn, leg, command.place)
    elif leg.place.kind is PlaceKind.ASKED:
        refused(turn, LegRefused(leg.id, "no channel appeared", cause=OUT_OF_ORDER))
    else:
        ended(turn, leg, OUT_OF_ORDER, far_end=False)


def found(turn: Turn, leg: Leg, place: Place) -> None:
    """Asterisk was asked and says: the leg is there. What should not be is ended, what was missed is made good."""
    if _is_unwanted(turn, leg):
        ending.end_leg(turn, leg.id, by="system")
    elif place.kind is PlaceKind.CONFERENCE:
        joined(turn, LegJoined(leg.id, place.room))
    elif leg.place.kind is PlaceKind.CONFERENCE:
        left(turn, LegLeft(leg.id, leg.place.room))
    elif place.kind is PlaceKind.DIALLING:
        placed(turn, LegPlaced(leg.id))
    else:
        answered(turn, LegAnswered(leg.id))
    if leg.pending is None:
        _keep_watch(turn, leg)


def _is_unwanted(turn: Turn, leg: Leg) -> bool:
    """Whether the login, session or call that the leg was made for is over."""
    if leg.role is Role.CUSTOMER:
        call = _call_of(turn, leg)
        return call is None or call.state is CallState.WRAPPING
    return login_of(turn, leg) is None and session_of(turn, leg) is None


def _keep_watch(turn: Turn, leg: Leg) -> None:
    """A leg on its way has a deadline; one that fell due in vain, or while there was no link, is set again."""
    session = session_of(turn, leg)
    if session is not None:
        phones.guard_customer(turn, session)
    settings = turn.settings
    if leg.place.kind is PlaceKind.UP:
        _due_at_last(turn, "join", leg, turn.now + settings.confirm_time)
    elif leg.place.kind is PlaceKind.DIALLING and leg.role is Role.AGENT:
        _due_at_last(turn, "ring", leg, leg.started + settings.ring_time + RING_SLACK)
    elif leg.place.kind is PlaceKind.DIALLING and session is not None:
        dial_timeout = turn.campaign(session).dial_timeout
        _due_at_last(turn, "dial", leg, leg.started + dial_timeout + settings.confirm_time)


def _due_at_last(turn: Turn, what: str, leg: Leg, when: float) -> None:
    if deadline_key(what, leg.id) not in turn.state.deadlines:
        turn.deadline(what, leg.id, max(0.0, when - turn.now))


def move_refused(turn: Turn, command: MoveRefused) -> None:
    """Asterisk would not: the leg is where it was, and is looked at again before long."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        return
    if leg.pending is not None:
        turn.record(r.LegPending(leg.id, None))
        turn.deadline("hangup", leg.id, turn.settings.confirm_time)
    turn.fail(leg.id, PbxRefused(command.reason), Milestone.GONE)
