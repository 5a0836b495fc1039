"""What is true when Asterisk has done all that it was asked, all of it is known, and nothing is due any more."""

from __future__ import annotations

from agentd.core.lines.distribution import takes
from agentd.core.model import AfterKind, CallState, Place, PlaceKind, Role, Session, SessionKind, SessionState, State
from tests.core.asterisk import Asterisk, Channel
from tests.core.desk import Desk

__all__ = ["AGAIN", "check_settled", "free_lines"]

AGAIN = ("announce:", "rest:1029")  # deadlines that come again and again
AT_WORK = {SessionState.READY, SessionState.RINGING, SessionState.INCALL}


def check_settled(desk: Desk, pbx: Asterisk) -> None:
    """Fail when something is left undone, or when what we know of Asterisk is not so."""
    state = desk.state
    assert all(key.startswith(AGAIN) for key in state.deadlines), "deadlines beget deadlines"
    assert not desk.world.waits
    assert not desk.world.line
    assert all(operation.done for operation in desk.operations.values())
    _legs_are_the_channels(state, pbx)
    for session in state.sessions.values():
        assert session.state not in {SessionState.DIALLING, SessionState.RINGING}
        if session.state is SessionState.INCALL:
            assert _somebody_is_there(state, pbx, session), "told INCALL with nobody there"
        _phones_are_up_for_somebody(state, session)
    assert all(callback.is_due or callback.due > desk.now for callback in state.callbacks.values())
    _nobody_waits_for_nothing(state)
    for channel in pbx.channels.values():
        _is_not_alone_in_silence(state, pbx, channel)


def _legs_are_the_channels(state: State, pbx: Asterisk) -> None:
    assert set(state.legs) == set(pbx.channels)
    for leg in state.legs.values():
        really = pbx.channels[leg.id].place
        others_have_him = leg.place.kind in {PlaceKind.IVR, PlaceKind.OUTSIDE}  # so much can be seen, and no more
        there = really.kind in {leg.place.kind, PlaceKind.ELSEWHERE} or really.room == leg.place.room
        assert leg.place == really or (others_have_him and there)
    assert all(leg.pending is None for leg in state.legs.values())


def _somebody_is_there(state: State, pbx: Asterisk, session: Session) -> bool:
    """Whether an outside party, or a colleague, is with the agent or held for him."""
    if session.kind is SessionKind.REMOTE:
        calls = [state.calls[call_id] for call_id in session.calls]
        pairs = [(pbx.channels.get(call.leg), pbx.channels.get(call.agent_leg)) for call in calls]
        return all(one is not None and far is not None and one.place == far.place for one, far in pairs)
    heard = {channel.leg for channel in pbx.heard_in(session.conference)}
    if session.consulted:
        leg = pbx.channels[state.calls[session.consulted].third]
        return leg.place.room == session.conference
    for call_id in session.calls:
        call = state.calls[call_id]
        if call.state in {CallState.HELD, CallState.IVR} and call.leg in pbx.channels:
            return True
        if {call.leg, call.third} & heard:
            return True
    return False


def _phones_are_up_for_somebody(state: State, session: Session) -> None:
    """A phone that is rung for each call is up for a call; a remote agent has as many legs as calls."""
    legs = [leg.id for leg in state.legs.values() if leg.role is Role.AGENT and leg.session_id == session.id]
    if session.kind is SessionKind.REMOTE:
        assert sorted(legs) == sorted(state.calls[call_id].agent_leg for call_id in session.calls)
    elif session.kind is SessionKind.ON_HOOK:
        live = [call_id for call_id in session.calls if state.calls[call_id].state is not CallState.WRAPPING]
        assert not legs or live or session.consulted, "a phone is up for no call"


def _nobody_waits_for_nothing(state: State) -> None:
    """Nobody waits whom an agent who is free would take."""
    for waiting in state.waiting.values():
        if not state.link_up:
            return
        assert waiting.entered
        assert state.legs[waiting.leg].place == Place(PlaceKind.WAIT)
        for session in state.sessions.values():
            assert not (takes(session, waiting) and free_lines(state, session)), f"{waiting} could be with {session}"


def free_lines(state: State, session: Session) -> int:
    """Give how many calls the agent could have besides those that he has, or that are being brought to him."""
    if f"rest:{session.agent}" in state.deadlines:
        return 0
    if session.kind is not SessionKind.REMOTE:
        return int(session.state is SessionState.READY)
    stays = session.after is None or session.after.kind is AfterKind.READY
    offered = sum(waiting.offered == session.agent for waiting in state.waiting.values())
    return session.lines - len(session.calls) - offered if session.state in AT_WORK and stays else 0


def _is_not_alone_in_silence(state: State, pbx: Asterisk, channel: Channel) -> None:
    """A customer hears music (alone in a conference, or in a wait), a prompt, or somebody."""
    if channel.role not in {Role.CUSTOMER, Role.THIRD, None}:
        return
    leg = state.legs[channel.leg]
    assert leg.place.kind not in {PlaceKind.ELSEWHERE, PlaceKind.UP, PlaceKind.DIALLING}
    if channel.place.kind is PlaceKind.CONFERENCE:
        room = [each for each in pbx.in_place(PlaceKind.CONFERENCE) if each.place == channel.place]
        roles = {each.role for each in room}
        assert Role.MONITOR not in roles or Role.AGENT in roles, "alone with a supervisor"
    if leg.left and leg.peer:
        assert pbx.channels[leg.peer].place == channel.place, "the other one of two who were left is not there"
