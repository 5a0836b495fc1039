"""What is true of every State, whatever was said to the World."""

from __future__ import annotations

from collections import Counter

from agentd.core.calls.finding import ANSWERED, consulted_in
from agentd.core.model import (
    Call,
    CallState,
    Leg,
    Login,
    Place,
    PlaceKind,
    Role,
    Session,
    SessionKind,
    SessionState,
    State,
    Waiting,
    Why,
)

UNANSWERED = {CallState.DIALLING, CallState.RINGING}
LIVE = ANSWERED | UNANSWERED
OF_SESSION = {"wrapup", "logout", "recall", "nophone", "grace", "rest", "timer"}
OF_LEG = {"ring", "placed", "hangup", "read", "dial", "join", "move"}
OF_WAITING = {"offer", "drop", "welcome", "announce", "music"}
OF_CAMPAIGN = {"pace"}
OF_RECORDING = {"recording"}
EXPECTED = {"hangup", "move", "read", "placed"}  # deadlines of a leg of which something is asked
UNSETTLED = {PlaceKind.ASKED, PlaceKind.DIALLING, PlaceKind.UP, PlaceKind.ELSEWHERE}


def check_invariants(state: State) -> None:
    """Fail when the State contradicts itself."""
    _calls_have_one_owner(state)
    _leads_are_those_on_screens(state)
    for session in state.sessions.values():
        _state_fits(state, session)
        _consultation_fits(state, session)
        _phone_fits(state, session)
    for call in state.calls.values():
        _customer_is_where_the_call_says(state, call)
        _third_fits(state, call)
    _lines_fit(state)
    _offers_fit(state)
    _rooms_are_not_shared(state)
    for leg in state.legs.values():
        assert _is_owned(state, leg), f"nobody owns leg {leg}"
        _leg_fits(state, leg)
    _recordings_and_supervisors_follow_a_leg(state)
    _deadlines_are_somebodys(state)


# --- calls -------------------------------------------------------------------------------------------------------


def _calls_have_one_owner(state: State) -> None:
    owned = Counter(call_id for session in state.sessions.values() for call_id in session.calls)
    assert all(count == 1 for count in owned.values())
    assert set(owned) == {call.id for call in state.calls.values() if call.agent}
    for call in state.calls.values():
        assert call.agent or call.state is CallState.WAITING or (call.direction == "auto" and call.state in UNANSWERED)
    for session in state.sessions.values():
        for call_id in session.calls:
            assert state.calls[call_id].agent == session.agent
            assert state.calls[call_id].session_id == session.id
    keys = [call.key for call in state.calls.values()]
    assert len(keys) == len(set(keys))


def _leads_are_those_on_screens(state: State) -> None:
    previews = [session.preview for session in state.sessions.values() if session.preview is not None]
    shown = [preview.lead.id for preview in previews if preview.lead is not None]
    assert len(shown) == len(previews) == len(set(shown))
    assert {call.lead_id for call in state.calls.values()} | set(shown) == set(state.leads)


def _customer_is_where_the_call_says(state: State, call: Call) -> None:
    leg = state.legs.get(call.leg)
    assert (leg is not None) == (call.state in (LIVE | {CallState.WAITING}) - {CallState.THIRD_PARTY}), call
    if leg is None:
        return
    assert leg.role is Role.CUSTOMER
    assert leg.call_id == call.id
    assert (leg.agent, leg.session_id) == (call.agent, call.session_id)
    if call.state in {CallState.DIALLING, CallState.RINGING}:
        assert leg.place.kind in UNSETTLED or is_being_ended(state, leg)
    elif leg.pending is None and leg.place.kind not in UNSETTLED and not is_being_ended(state, leg):
        if call.state is CallState.WAITING:
            return
        room = _where_they_talk(state, call)
        right = {CallState.CONNECTED: room, CallState.HELD: Place(PlaceKind.WAIT), CallState.IVR: Place(PlaceKind.IVR)}
        assert leg.place == right[call.state] or _other_is_coming(state, leg), call


def _where_they_talk(state: State, call: Call) -> Place | None:
    """Where the customer is with his agent: in the agent's conference, or where a remote agent's own leg is."""
    session = state.sessions[call.agent]
    if session.kind is not SessionKind.REMOTE:
        return Place(PlaceKind.CONFERENCE, session.conference)
    far = state.legs.get(call.agent_leg)
    customer = state.legs[call.leg]
    gone = far is None or far.place.kind in UNSETTLED or is_being_ended(state, far)
    return customer.place if far is None or gone else far.place


def _other_is_coming(state: State, leg: Leg) -> bool:
    """Whether of two who go on together this one is there already."""
    return any(
        other.pending is not None and other.pending.about == leg.id and other.pending.goal == leg.place
        for other in state.legs.values()
    )


def _third_fits(state: State, call: Call) -> None:
    assert (call.held_since is not None) == (call.state in {CallState.HELD, CallState.IVR})
    if call.state is CallState.THIRD_PARTY:
        assert call.third_answered is not None
    if not call.third:
        assert call.third_answered is None
        assert consulted_in(state, call.id) is None
        return
    leg = state.legs[call.third]
    assert call.state in ANSWERED
    assert leg.role is Role.THIRD
    assert (leg.call_id, leg.agent, leg.session_id) == (call.id, call.agent, call.session_id)


def _lines_fit(state: State) -> None:
    for leg_id, waiting in state.waiting.items():
        leg, call = state.legs[leg_id], state.calls[waiting.call_id]
        assert waiting.leg == leg_id
        assert leg.call_id == call.id
        assert bool(waiting.campaign) is not bool(waiting.ingroup)
        if waiting.consult:
            assert call.third == leg_id
            assert call.state in ANSWERED
        else:
            assert call.leg == leg_id
            assert call.state is CallState.WAITING
            assert not call.agent
            assert call.ingroup == waiting.ingroup
            assert call.direction == "auto" or not waiting.campaign
    standing = {waiting.call_id for waiting in state.waiting.values() if not waiting.consult}
    assert standing == {call.id for call in state.calls.values() if call.state is CallState.WAITING}


def _offers_fit(state: State) -> None:
    """Nobody is offered to one who is not called for him, or more than an agent can have."""
    offered = Counter(waiting.offered for waiting in state.waiting.values() if waiting.offered)
    ringing = {name for name, session in state.sessions.items() if session.state is SessionState.RINGING}
    for name, count in offered.items():
        session = state.sessions[name]
        if session.kind is SessionKind.REMOTE:
            assert len(session.calls) + count <= session.lines, "a remote agent is called on more lines than he has"
            ringing.discard(name)
        assert session.kind is SessionKind.REMOTE or count == 1, "two are being delivered to one agent"
        assert session.state in {SessionState.RINGING, SessionState.INCALL}
        assert session.state is SessionState.RINGING or session.kind is SessionKind.REMOTE
    assert ringing <= set(offered), "told RINGING with nobody on his way"
    called = [waiting.ringing for waiting in state.waiting.values() if waiting.ringing]
    assert len(called) == len(set(called))
    for waiting in state.waiting.values():
        _is_called_for(state, waiting)


def _is_called_for(state: State, waiting: Waiting) -> None:
    if not waiting.offered:
        assert not waiting.ringing
        return
    assert waiting.entered, "offered before he came to the music"
    session = state.sessions[waiting.offered]
    seated = session.kind in {SessionKind.SEATED, SessionKind.DIALLED_IN}
    assert seated is not bool(waiting.ringing)
    if waiting.ringing:
        leg = state.legs[waiting.ringing]
        assert (leg.role, leg.agent, leg.session_id) == (Role.AGENT, session.agent, session.id)
        assert leg.call_id == (waiting.call_id if session.kind is SessionKind.REMOTE else None)


# --- sessions ----------------------------------------------------------------------------------------------------


def _state_fits(state: State, session: Session) -> None:
    calls = [state.calls[call_id].state for call_id in session.calls]
    live = [call for call in calls if call in LIVE]
    assert live.count(CallState.CONNECTED) <= (session.lines if session.kind is SessionKind.REMOTE else 1)
    assert len(calls) <= session.lines or session.kind is not SessionKind.REMOTE
    answered = [call for call in live if call in ANSWERED]
    if session.state is SessionState.DIALLING:
        assert live
        assert not answered
    elif session.state is SessionState.INCALL:
        assert answered or session.consulted
    elif session.state is SessionState.WRAPUP:
        assert calls
        assert not live
    else:
        assert not calls
    if session.state in {SessionState.PAUSED, SessionState.READY}:
        assert session.after is None
        assert not session.queue
    else:
        assert session.after is not None
    assert bool(session.code) == (session.state is SessionState.PAUSED)
    assert (session.preview is not None) == (session.state is SessionState.PREVIEW)


def _consultation_fits(state: State, session: Session) -> None:
    if not session.consulted:
        return
    call = state.calls[session.consulted]
    leg = state.legs[call.third]
    assert session.state is SessionState.INCALL
    assert not session.calls
    assert call.agent != session.agent
    assert call.third_answered is not None
    assert leg.id not in state.waiting
    assert leg.place.kind is PlaceKind.ELSEWHERE or leg.place.room == session.conference


def _phone_fits(state: State, session: Session) -> None:
    if session.kind is SessionKind.REMOTE:
        assert session.attached
        assert (session.leg, session.phone, session.conference) == ("", "", "")
        return
    assert session.attached == (session.leg != "")
    if session.attached:
        leg = state.legs[session.leg]
        assert leg.role is Role.AGENT
        assert leg.session_id == session.id
        assert leg.place.kind is PlaceKind.CONFERENCE
        assert leg.place.room == session.conference
        assert session.code != "NOPHON"
        assert session.returns is None
    elif session.kind is SessionKind.ON_HOOK:
        assert session.code != "NOPHON"
        assert session.returns is None
    elif session.state is SessionState.PAUSED:
        assert session.code == "NOPHON"
        assert session.returns is not None
    else:
        assert session.state not in {SessionState.READY, SessionState.RINGING}


def _rooms_are_not_shared(state: State) -> None:
    holders: list[Session | Login] = [*state.sessions.values(), *state.logins.values()]
    phones = [holder.phone for holder in holders]
    for taken in ([holder.conference for holder in holders], phones):
        named = [each for each in taken if each]
        assert len(named) == len(set(named))
    assert not set(phones) & {monitor.phone for monitor in state.monitors.values()}
    assert not set(state.sessions) & set(state.logins)


# --- legs --------------------------------------------------------------------------------------------------------


def is_being_ended(state: State, leg: Leg) -> bool:
    """Whether the end of the leg was asked for, or is asked for as soon as Asterisk says where it is."""
    if leg.pending is not None and leg.pending.why is Why.END:
        return True
    return not state.link_up or any(f"{what}:{leg.id}" in state.deadlines for what in ("hangup", "read"))


def _is_owned(state: State, leg: Leg) -> bool:
    """Whether somebody has the leg: a session, a call, a line, or another leg with which it was left."""
    if is_being_ended(state, leg) or leg.place.kind is PlaceKind.ASKED:
        return True
    if leg.left:
        return not leg.peer or leg.peer in state.legs
    if leg.role is Role.AGENT or leg.role is Role.MONITOR:
        session, login = state.sessions.get(leg.agent), state.logins.get(leg.agent)
        of_session = session is not None and session.id == leg.session_id
        return of_session or (login is not None and login.leg == leg.id)
    call = state.calls.get(leg.call_id or 0)
    return call is not None and leg.id in {call.leg, call.third}


def _leg_fits(state: State, leg: Leg) -> None:
    outside = leg.role in {Role.CUSTOMER, Role.THIRD}
    if outside:
        assert (leg.call_id is not None) is not leg.left
    elif leg.call_id is not None:
        assert leg.role is Role.AGENT
        _remote_leg_fits(state, leg)
    if leg.left:
        assert not leg.agent
        assert outside
        assert not leg.peer or state.legs.get(leg.peer) is None or state.legs[leg.peer].peer == leg.id
    if leg.pending is not None and state.link_up:
        assert any(f"{what}:{leg.id}" in state.deadlines for what in EXPECTED), "a move that nobody watches"


def _remote_leg_fits(state: State, leg: Leg) -> None:
    """A remote agent's leg is there for one call, which is his or is being brought to him."""
    session, call = state.sessions.get(leg.agent), state.calls.get(leg.call_id or 0)
    if is_being_ended(state, leg) or leg.place.kind is PlaceKind.ASKED or session is None:
        return
    assert session.kind is SessionKind.REMOTE
    assert call is not None
    waiting = state.waiting.get(call.leg)
    assert call.agent_leg == leg.id or (waiting is not None and waiting.ringing == leg.id), "a leg for no call"


def _recordings_and_supervisors_follow_a_leg(state: State) -> None:
    assert {recording.leg for recording in state.recordings.values()} <= set(state.legs)
    watching = {leg.id for leg in state.legs.values() if leg.role is Role.MONITOR}
    assert set(state.monitors) == watching


def _deadlines_are_somebodys(state: State) -> None:
    for key in state.deadlines:
        what, _, of = key.partition(":")
        if what in OF_SESSION:
            assert of in state.sessions, key
        elif what in OF_RECORDING:
            assert int(of) in state.recordings, key
        elif what in OF_WAITING:
            assert of in state.waiting, key
        elif what in OF_CAMPAIGN:
            assert of, key
        else:
            assert what in OF_LEG, key
            assert of in state.legs, key
