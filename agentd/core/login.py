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
    TooManySessions,
    UserUnknown,
)
from agentd.core.ids import next_id
from agentd.core.model import After, AfterKind, Campaign, Login, OwnCode, SessionState, User, UserKind
from agentd.core.moves import rooms_of
from agentd.core.session import TABLE, Do, Verb
from agentd.core.states import enter
from agentd.core.telephones import RING_SLACK, free_phone, holders
from agentd.core.turn import Milestone, Turn

__all__ = ["failed", "log_in", "log_out", "started"]


# --- login ---------------------------------------------------------------------------------------------------


def log_in(turn: Turn, command: LogIn) -> None:
    """Ring the agent's phone; the session begins when it has answered."""
    user = _agent_to_log_in(turn, command.agent)
    phone = free_phone(turn.state, command.phone)
    campaign = _campaign_of(turn, user, command.campaign)
    turn.require_link()
    room = _free_conference(turn)
    session_id = next_id(turn.state, "session")
    leg = turn.memory.leg_ids.next()
    turn.record(r.LoginStarted(user.name, session_id, phone.extension, campaign.name, room, leg, command.source))
    turn.deadline("ring", leg, turn.settings.ring_time + RING_SLACK)
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
    taken = {holder.conference for holder in holders(turn.state)}
    taken |= {room for leg in state.legs.values() for room in rooms_of(leg)}
    for number in range(settings.conference_first, settings.conference_last + 1):
        if str(number) not in taken:
            return str(number)
    raise NoFreeConference("all conferences are taken")


def started(turn: Turn, login: Login) -> None:
    """The phone has answered and sits in its conference: the session begins, paused."""
    user = turn.state.users.get(login.agent)
    turn.record(
        r.SessionStarted(
            login.agent,
            login.session_id,
            login.phone,
            login.campaign,
            login.conference,
            login.leg,
            login.source,
            user.ingroups if user is not None else (),
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
    at_once = cell.do in {Do.END, Do.GIVE_BACK}
    asked_before = session.after is not None and session.after.kind is AfterKind.LOGOUT
    if at_once or (cell.do is Do.GRACE and (asked_before or command.at_once)):
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
