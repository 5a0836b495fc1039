"""Login and logout."""

from __future__ import annotations

from agentd.core import ending, phones
from agentd.core import records as r
from agentd.core.commands import LogIn, LogOut
from agentd.core.errors import (
    AgentdError,
    AlreadyLoggedIn,
    CampaignUnknown,
    LoginCancelled,
    NoFreeConference,
    NotAnAgent,
    PhoneHasNoDialString,
    PhoneInUse,
    PhoneUnknown,
    TooManySessions,
    UserUnknown,
)
from agentd.core.ids import next_id
from agentd.core.model import After, AfterKind, Campaign, Login, OwnCode, Phone, Session, SessionState, User, UserKind
from agentd.core.session import TABLE, Do, Verb
from agentd.core.states import enter
from agentd.core.turn import Milestone, Turn

__all__ = ["failed", "log_in", "log_out", "started"]


# --- login ---------------------------------------------------------------------------------------------------


def log_in(turn: Turn, command: LogIn) -> None:
    """Ring the agent's phone; the session begins when it has answered."""
    user = _agent_to_log_in(turn, command.agent)
    phone = _free_phone(turn, command.phone)
    campaign = _campaign_of(turn, user, command.campaign)
    turn.require_link()
    room = _free_conference(turn)
    session_id = next_id(turn.state, "session")
    leg = turn.memory.leg_ids.next()
    turn.record(r.LoginStarted(user.name, session_id, phone.extension, campaign.name, room, leg, command.source))
    turn.deadline("ring", leg, turn.settings.ring_time + phones.RING_SLACK)
    phones.ring(turn, phone, leg, session_id, user.name, room)
    turn.wait(leg, Milestone.JOINED)


def _agent_to_log_in(turn: Turn, name: str) -> User:
    user = turn.state.users.get(name)
    if user is None or not user.active:
        raise UserUnknown(f"there is no agent {name}")
    if user.kind is not UserKind.LOCAL:
        raise NotAnAgent(f"{name} takes no calls on a phone of this PBX")
    if name in turn.state.sessions or name in turn.state.logins:
        raise AlreadyLoggedIn(f"{name} is logged in already")
    return user


def _free_phone(turn: Turn, extension: str) -> Phone:
    phone = turn.state.phones.get(extension)
    if phone is None or not phone.active:
        raise PhoneUnknown(f"there is no phone {extension}")
    for holder in _holders(turn):
        if holder.phone == extension:
            raise PhoneInUse(f"phone {extension} is in use by {holder.agent}", extension, holder.agent)
    if not phone.dial:
        raise PhoneHasNoDialString(f"phone {extension} has no dial string")
    return phone


def _holders(turn: Turn) -> list[Session | Login]:
    """Whoever has a phone and a conference."""
    return [*turn.state.sessions.values(), *turn.state.logins.values()]


def _campaign_of(turn: Turn, user: User, name: str) -> Campaign:
    wanted = name or user.campaign or turn.settings.default_campaign
    campaign = turn.state.campaigns.get(wanted)
    if campaign is None or not campaign.active:
        raise CampaignUnknown(f"there is no campaign {wanted}" if wanted else "no campaign was named")
    return campaign


def _free_conference(turn: Turn) -> str:
    state, settings = turn.state, turn.settings
    if len(state.sessions) + len(state.logins) >= settings.max_sessions:
        raise TooManySessions(f"{settings.max_sessions} agents are logged in, the limit of this PBX")
    taken = {holder.conference for holder in _holders(turn)}
    taken |= {room for leg in state.legs.values() for room in (leg.room, leg.place.room)}
    for number in range(settings.conference_first, settings.conference_last + 1):
        if str(number) not in taken:
            return str(number)
    raise NoFreeConference("all conferences are taken")


def started(turn: Turn, login: Login) -> None:
    """The phone has answered and sits in its conference: the session begins, paused."""
    turn.record(
        r.SessionStarted(
            login.agent,
            login.session_id,
            login.phone,
            login.campaign,
            login.conference,
            login.leg,
            login.source,
        )
    )
    enter(turn, turn.state.sessions[login.agent], SessionState.PAUSED, OwnCode.LOGIN)
    turn.reach(login.leg, Milestone.JOINED)


def failed(turn: Turn, login: Login, error: AgentdError) -> None:
    """The login came to nothing; whatever is left of its channel is ended."""
    turn.record(r.LoginEnded(login.agent, error.reason))
    turn.fail(login.leg, error)
    ending.end_leg(turn, login.leg, by="system")


# --- logout --------------------------------------------------------------------------------------------------


def log_out(turn: Turn, command: LogOut) -> None:
    """End the session, now or after the call."""
    login = turn.state.logins.get(command.agent)
    if login is not None:
        failed(turn, login, LoginCancelled(f"{command.agent} was logged out meanwhile"))
        return
    session = turn.session(command.agent)
    cell = TABLE[session.state][Verb.LOGOUT]
    asked_before = session.after is not None and session.after.kind is AfterKind.LOGOUT
    if cell.do is Do.END or (cell.do is Do.GRACE and (asked_before or command.at_once)):
        leg = session.leg
        ending.end_session(turn, session, reason="logout", source=command.source)
        if leg in turn.state.legs and turn.state.link_up:
            turn.wait(leg, Milestone.GONE, regardless=True)
        return
    if not asked_before:
        turn.record(r.AfterSet(session.agent, After(AfterKind.LOGOUT, command.source)))
        if cell.do in {Do.GRACE, Do.CANCEL}:
            turn.deadline("logout", session.agent, turn.settings.logout_grace)
    if cell.do is Do.CANCEL:
        ending.end_current(turn, session, by="agent")
