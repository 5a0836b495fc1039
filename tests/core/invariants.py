"""What is true of every State, whatever was said to the World."""

from __future__ import annotations

from collections import Counter

from agentd.core.model import CallState, Login, PlaceKind, Role, Session, SessionState, State

LIVE = {CallState.DIALLING, CallState.RINGING, CallState.CONNECTED}
OF_SESSION = {"wrapup", "logout", "recall", "nophone", "grace"}
OF_LEG = {"ring", "placed", "hangup", "read", "dial", "join"}


def check_invariants(state: State) -> None:
    """Fail when the State contradicts itself."""
    _calls_have_one_owner(state)
    _leads_are_on_one_screen(state)
    for session in state.sessions.values():
        _state_fits(state, session)
        _phone_fits(state, session)
    _rooms_are_not_shared(state)
    _legs_have_their_call(state)
    _deadlines_are_somebodys(state)


def _calls_have_one_owner(state: State) -> None:
    owned = Counter(call_id for session in state.sessions.values() for call_id in session.calls)
    assert set(owned) == set(state.calls)
    assert all(count == 1 for count in owned.values())
    for session in state.sessions.values():
        for call_id in session.calls:
            assert state.calls[call_id].agent == session.agent
            assert state.calls[call_id].session_id == session.id
    keys = [call.key for call in state.calls.values()]
    assert len(keys) == len(set(keys))


def _leads_are_on_one_screen(state: State) -> None:
    screens: dict[int, str] = {}
    for call in state.calls.values():
        assert screens.setdefault(call.lead_id, call.agent) == call.agent
    assert set(screens) == set(state.leads)


def _state_fits(state: State, session: Session) -> None:
    calls = [state.calls[call_id].state for call_id in session.calls]
    live = [call for call in calls if call in LIVE]
    assert live.count(CallState.CONNECTED) <= 1
    if session.state is SessionState.DIALLING:
        assert len(live) == 1
        assert live[0] in {CallState.DIALLING, CallState.RINGING}
    elif session.state is SessionState.INCALL:
        assert CallState.CONNECTED in live
    elif session.state is SessionState.WRAPUP:
        assert calls
        assert not live
    else:
        assert not calls
        assert session.after is None
        assert not session.queue
    if session.calls:
        assert session.after is not None
    assert bool(session.code) == (session.state is SessionState.PAUSED)
    for call_id in session.calls:
        call = state.calls[call_id]
        assert (call.leg in state.legs) == (call.state in LIVE)


def _phone_fits(state: State, session: Session) -> None:
    assert session.attached == (session.leg != "")
    if session.attached:
        leg = state.legs[session.leg]
        assert leg.role is Role.AGENT
        assert leg.session_id == session.id
        assert leg.place.kind is PlaceKind.CONFERENCE
        assert leg.place.room == session.conference
        assert session.code != "NOPHON"
        assert session.returns is None
    elif session.state is SessionState.PAUSED:
        assert session.code == "NOPHON"
        assert session.returns is not None
    else:
        assert session.state is not SessionState.READY


def _rooms_are_not_shared(state: State) -> None:
    holders: list[Session | Login] = [*state.sessions.values(), *state.logins.values()]
    for taken in ([holder.conference for holder in holders], [holder.phone for holder in holders]):
        assert len(taken) == len(set(taken))
    assert not set(state.sessions) & set(state.logins)


def _legs_have_their_call(state: State) -> None:
    for leg in state.legs.values():
        assert (leg.role is Role.CUSTOMER) == (leg.call_id is not None)
        assert leg.pending is None or state.link_up, "a move is pending that nobody can confirm"
        assert leg.pending is None or f"hangup:{leg.id}" in state.deadlines


def _deadlines_are_somebodys(state: State) -> None:
    for key in state.deadlines:
        what, _, of = key.partition(":")
        if what in OF_SESSION:
            assert of in state.sessions, key
        else:
            assert what in OF_LEG, key
            assert of in state.legs, key
