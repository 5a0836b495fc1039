"""What is due by time."""

from __future__ import annotations

from collections.abc import Callable

from agentd.core.calls import arriving, ending, firing, recording, transfers
from agentd.core.commands import Tick
from agentd.core.effects import ReadLeg
from agentd.core.errors import PbxRefused, PbxTimeout, PhoneNoAnswer
from agentd.core.leads import callbacks
from agentd.core.lines import announcing, treatments
from agentd.core.model import Session, SessionState
from agentd.core.sessions import login, phones
from agentd.core.turn import Turn

__all__ = ["tick"]


def tick(turn: Turn, _command: Tick) -> None:
    """Carry out everything that is due, the oldest first."""
    due = sorted((when, key) for key, when in turn.state.deadlines.items() if when <= turn.now)
    for _, key in due:
        what, _, of = key.partition(":")
        if turn.state.deadlines.get(key, turn.now + 1) <= turn.now:
            turn.deadline(what, of, None)
            _DUE[what](turn, of)
    callbacks.due(turn)


# --- of a session --------------------------------------------------------------------------------------------


def _wrapup(turn: Turn, session: Session) -> None:
    if session.state is SessionState.WRAPUP:
        ending.complete_default(turn, session, by="wrapup")


def _logout(turn: Turn, session: Session) -> None:
    """The grace is over. A dial that could not even be cancelled holds nobody back; a conversation does."""
    if session.state is SessionState.WRAPUP:
        ending.complete_default(turn, session, by="logout")
    elif session.state is SessionState.DIALLING:
        ending.end_session(turn, session, reason="logout", source=session.source)


def _nophone(turn: Turn, session: Session) -> None:
    if not session.attached:
        ending.end_session(turn, session, reason="nophone", source="timer")


def _grace(turn: Turn, session: Session) -> None:
    """The agent's phone did not come back: a caller is put back into his line, anybody else is let go."""
    if session.attached:
        return
    for call in [turn.state.calls[call_id] for call_id in session.calls]:
        leg = turn.state.legs.get(call.leg)
        if leg is None or not transfers.may_wait_again(turn, call):
            ending.end_leg(turn, call.third if leg is None else leg.id, by="system")
        elif leg.pending is None:
            transfers.back_to_line(turn, call, leg)
        else:  # once he is where he is being moved to
            turn.deadline("grace", session.agent, turn.settings.confirm_time)


def _of_session(handler: Callable[[Turn, Session], None]) -> Callable[[Turn, str], None]:
    def due(turn: Turn, agent: str) -> None:
        session = turn.state.sessions.get(agent)
        if session is not None:
            handler(turn, session)

    return due


# --- of a leg ------------------------------------------------------------------------------------------------


def _ring(turn: Turn, leg_id: str) -> None:
    """A phone has rung long enough, whatever Asterisk says of it."""
    leg = turn.state.legs.get(leg_id)
    if leg is None:
        return
    under_way = arriving.login_of(turn, leg)
    if under_way is not None:
        message = f"phone {under_way.phone} did not answer"
        login.failed(turn, under_way, PhoneNoAnswer(message, under_way.phone))
    elif leg.pending is None:
        session = arriving.session_of(turn, leg)
        if session is None or session.leg != leg.id:
            ending.end_leg(turn, leg.id, by="system")


def _unconfirmed(turn: Turn, leg_id: str) -> None:
    """No channel appeared, or none that should be gone went: Asterisk is asked where it is."""
    if leg_id in turn.state.legs:
        _read(turn, leg_id)


def _read(turn: Turn, leg_id: str) -> None:
    """Asterisk is asked where the leg is, until it has answered; after a break of the link it tells by itself.

    Nobody waits for that, or for another answer.
    """
    turn.fail(leg_id, PbxTimeout("Asterisk did not confirm in time"))
    if turn.state.link_up:
        turn.ask(ReadLeg(leg_id))
        turn.deadline("read", leg_id, turn.settings.confirm_time)


def _dial(turn: Turn, leg_id: str) -> None:
    """A dial has lasted longer than its time, and Asterisk did not end it."""
    ending.end_leg(turn, leg_id, by="timeout")


def _join(turn: Turn, leg_id: str) -> None:
    """A channel was answered and never entered its conference: the dialplan is not as it should be."""
    leg = turn.state.legs.get(leg_id)
    if leg is None:
        return
    under_way = arriving.login_of(turn, leg)
    if under_way is not None:
        login.failed(turn, under_way, PbxRefused("the phone answered but did not enter its conference"))
    else:
        ending.end_leg(turn, leg_id, by="pbx")


_DUE: dict[str, Callable[[Turn, str], None]] = {
    "wrapup": _of_session(_wrapup),
    "logout": _of_session(_logout),
    "recall": _of_session(phones.recall),
    "nophone": _of_session(_nophone),
    "grace": _of_session(_grace),
    "timer": _of_session(firing.due),
    "ring": _ring,
    "placed": _unconfirmed,
    "hangup": _unconfirmed,
    "move": _unconfirmed,
    "recording": lambda turn, recording_id: recording.unconfirmed(turn, int(recording_id)),
    "offer": lambda _turn, _leg: None,  # whoever waits is offered again after every command
    "rest": lambda _turn, _agent: None,  # and an agent who has rested is free again
    "pace": lambda _turn, _campaign: None,  # and campaigns dial again
    "drop": treatments.due,
    "welcome": announcing.welcome,
    "announce": announcing.due,
    "music": announcing.music_due,
    "read": _read,
    "dial": _dial,
    "join": _join,
}
