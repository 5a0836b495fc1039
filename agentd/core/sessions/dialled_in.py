"""Agents who call to log in: their channel comes to us, and is nobody's to call again."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.commands import LogInByPhone
from agentd.core.errors import AlreadyLoggedIn
from agentd.core.ids import next_id
from agentd.core.model import Place, PlaceKind, Role, Session, SessionKind, UserKind
from agentd.core.sessions import login, phones
from agentd.core.sessions.telephones import RING_SLACK, known_phone, require_unused
from agentd.core.turn import Turn

__all__ = ["log_in"]

_SITS = frozenset({SessionKind.SEATED, SessionKind.DIALLED_IN})


def log_in(turn: Turn, command: LogInByPhone) -> str:
    """Give the conference into which the agent's channel is to go; when it is there he is logged in, or back.

    One that never gets there is given up after the ring time.
    """
    if command.leg in turn.state.legs:
        raise AlreadyLoggedIn(f"channel {command.leg} has its place already")
    session = turn.state.sessions.get(command.agent)
    if session is not None and session.kind in _SITS and not session.attached:
        return _return(turn, session, command)
    user = login.agent_to_log_in(turn, command.agent, {UserKind.LOCAL})
    _require_phone_of(turn, command)
    campaign = login.campaign_of(turn, user, command.campaign)
    turn.require_link()
    room = login.free_conference(turn)
    session_id = next_id(turn.state, "session")
    who = (user.name, session_id, command.phone, campaign.name, room, command.leg, "phone")
    turn.record(r.LoginStarted(*who, kind=SessionKind.DIALLED_IN, ready=command.ready))
    _expect(turn, command, session_id, room)
    return room


def _return(turn: Turn, session: Session, command: LogInByPhone) -> str:
    """The session's phone is lost: this channel takes its place. One that is being called meanwhile is let go."""
    _require_phone_of(turn, command)
    turn.require_link()
    phones.call_off(turn, session)
    _expect(turn, command, session.id, session.conference)
    return session.conference


def _require_phone_of(turn: Turn, command: LogInByPhone) -> None:
    """Refuse a phone that somebody else has; one that is none of ours is nobody's."""
    if command.phone:
        known_phone(turn.state, command.phone)
        require_unused(turn.state, command.phone, but=command.agent)


def _expect(turn: Turn, command: LogInByPhone, session_id: int, room: str) -> None:
    """The channel is up, and on its way into the conference."""
    turn.record(r.LegAdopted(command.leg, Role.AGENT, session_id, command.agent, None, room))
    turn.record(r.LegMoved(command.leg, Place(PlaceKind.UP)))
    turn.deadline("ring", command.leg, turn.settings.ring_time + RING_SLACK)
