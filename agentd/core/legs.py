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
from agentd.core.effects import HangUpLeg
from agentd.core.errors import DialRefused, PbxRefused
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
from agentd.core.states import enter, go_to
from agentd.core.turn import Milestone, Turn

__all__ = [
    "answered",
    "ended",
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
    return under_way if under_way is not None and under_way.session_id == leg.session_id else None


def session_of(turn: Turn, leg: Leg) -> Session | None:
    """Give the live session that the leg belongs to."""
    session = turn.state.sessions.get(leg.agent)
    return session if session is not None and session.id == leg.session_id else None


def _call_of(turn: Turn, leg: Leg) -> Call | None:
    return turn.state.calls.get(leg.call_id) if leg.call_id is not None else None


# --- on the way ----------------------------------------------------------------------------------------------


def placed(turn: Turn, command: LegPlaced) -> None:
    """The channel is there; a hangup that came before it goes out again."""
    leg = turn.state.legs.get(command.leg)
    if leg is None or leg.place.kind is not PlaceKind.ASKED:
        return
    turn.record(r.LegMoved(leg.id, Place(PlaceKind.DIALLING)))
    turn.reach(leg.id, Milestone.PLACED)
    if leg.pending is not None:
        turn.ask(HangUpLeg(leg.id))


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
        turn.record(r.LegMoved(leg.id, Place(PlaceKind.UP)))
        turn.reach(leg.id, Milestone.PLACED)
        turn.deadline("dial", leg.id, None)
        turn.deadline("join", leg.id, turn.settings.confirm_time)


def joined(turn: Turn, command: LegJoined) -> None:
    """The leg is in a conference: the agent's phone for his session, the customer for the call."""
    leg = turn.state.legs.get(command.leg)
    if leg is None or leg.place == Place(PlaceKind.CONFERENCE, command.room):
        return
    turn.record(r.LegMoved(leg.id, Place(PlaceKind.CONFERENCE, command.room)))
    turn.reach(leg.id, Milestone.PLACED)
    under_way = login_of(turn, leg)
    session = session_of(turn, leg)
    call = _call_of(turn, leg)
    if under_way is not None and under_way.leg == leg.id and under_way.conference == command.room:
        login.started(turn, under_way)
    elif session is None:
        ending.end_leg(turn, leg.id, by="system")
    elif session.conference != command.room or leg.pending is not None:
        return
    elif leg.role is Role.AGENT and not session.attached:
        phones.back(turn, session, leg.id)
    elif call is not None and call.state in {CallState.DIALLING, CallState.RINGING}:
        turn.record(r.CallAnswered(call.id, call.agent))
        enter(turn, session, SessionState.INCALL, call_id=call.id)


def left(turn: Turn, command: LegLeft) -> None:
    """The leg left a conference; news of a room where it is not is old news."""
    leg = turn.state.legs.get(command.leg)
    if leg is None or leg.place != Place(PlaceKind.CONFERENCE, command.room):
        return
    turn.record(r.LegMoved(leg.id, Place(PlaceKind.ELSEWHERE)))
    session = session_of(turn, leg)
    if session is not None and session.attached and session.leg == leg.id:
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
    if under_way is not None and under_way.leg == leg.id:
        login.failed(turn, under_way, phones.error_of(under_way.phone, cause))
    elif session is not None and leg.role is Role.AGENT and session.leg == leg.id:
        phones.lost(turn, session)
    elif session is not None and call is not None and call.state is not CallState.WRAPPING:
        ending.call_over(turn, call, cause, _hung_up_by(leg, call, cause, far_end=far_end))


def _hung_up_by(leg: Leg, call: Call, cause: int, *, far_end: bool) -> str:
    if leg.pending is not None:
        return leg.pending.by
    if far_end:
        return "customer"
    if call.answered is None and cause not in {0, NORMAL, 18, 19}:
        return "customer" if cause in {17, 21} else "pbx"
    return "timeout" if call.answered is None else "pbx"


def refused(turn: Turn, command: LegRefused) -> None:
    """Asterisk made no channel."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        return
    under_way = login_of(turn, leg)
    session = session_of(turn, leg)
    call = _call_of(turn, leg)
    turn.record(r.LegEnded(leg.id, command.cause, far_end=False))
    turn.reach(leg.id, Milestone.GONE)
    if under_way is not None and under_way.leg == leg.id:
        error = phones.error_of(under_way.phone, command.cause, reachable=command.reachable)
        login.failed(turn, under_way, error)
    elif session is not None and call is not None:
        _call_refused(turn, session, call, command)
    turn.fail(leg.id, DialRefused(command.reason))


def _call_refused(turn: Turn, session: Session, call: Call, command: LegRefused) -> None:
    """As if the dial had never been: the former state returns, unless something was said meanwhile."""
    after = session.after
    untouched = after == initial_after(turn.state.campaigns[session.campaign], call.before)
    turn.record(r.CallRefused(call.id, call.agent, command.cause, command.reason))
    logging_out = after is not None and after.kind is AfterKind.LOGOUT
    if logging_out or session.queue:
        ending.next_up(turn, session)
    else:
        go_to(turn, session, call.before if untouched or after is None else after)


def read(turn: Turn, command: LegRead) -> None:
    """Where a leg really is, after a confirmation that did not come."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        return
    place = command.place
    if place is None and leg.place.kind is PlaceKind.ASKED:
        refused(turn, LegRefused(leg.id, "no channel appeared", cause=OUT_OF_ORDER))
    elif place is None:
        ended(turn, leg, OUT_OF_ORDER, far_end=False)
    elif place.kind is PlaceKind.CONFERENCE:
        joined(turn, LegJoined(leg.id, place.room))
    elif leg.place.kind is PlaceKind.CONFERENCE:
        left(turn, LegLeft(leg.id, leg.place.room))
    elif leg.place.kind is PlaceKind.ASKED:
        placed(turn, LegPlaced(leg.id))


def move_refused(turn: Turn, command: MoveRefused) -> None:
    """Asterisk would not: the leg is where it was."""
    leg = turn.state.legs.get(command.leg)
    if leg is None:
        return
    if leg.pending is not None:
        turn.record(r.LegPending(leg.id, None))
    turn.fail(leg.id, PbxRefused(command.reason), Milestone.GONE)
