"""Login and logout."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from agentd.core import records as r
from agentd.core.calls import ending, numbers
from agentd.core.calls.moves import rooms_of
from agentd.core.commands import LogIn, LogOut
from agentd.core.errors import (
    AgentdError,
    AlreadyLoggedIn,
    CampaignUnknown,
    LoginCancelled,
    NoFreeConference,
    NoOutsideNumber,
    NotAnAgent,
    TooManySessions,
    UserUnknown,
)
from agentd.core.ids import next_id
from agentd.core.model import (
    After,
    AfterKind,
    Campaign,
    DialMethod,
    Login,
    OwnCode,
    SessionKind,
    SessionState,
    User,
    UserKind,
)
from agentd.core.sessions import phones
from agentd.core.sessions.states import enter
from agentd.core.sessions.table import TABLE, Do, Verb
from agentd.core.sessions.telephones import RING_SLACK, free_phone, holders
from agentd.core.turn import Milestone, Turn

__all__ = ["agent_to_log_in", "campaign_of", "failed", "free_conference", "log_in", "log_out", "started"]

_AGENTS = frozenset({UserKind.LOCAL, UserKind.REMOTE})
_ON_PHONES = frozenset({UserKind.LOCAL})


# --- login ---------------------------------------------------------------------------------------------------


def log_in(turn: Turn, command: LogIn) -> None:
    """Ring the agent's phone; the session begins when it has answered.

    That of a remote agent, or of one whose phone is rung for each call, begins at once: nothing is asked of Asterisk.
    A remote agent has no phone here, so that one that is named is a mistake.
    """
    user = agent_to_log_in(turn, command.agent, _ON_PHONES if command.phone else _AGENTS)
    if user.kind is UserKind.REMOTE:
        _begin_remote(turn, user, command)
        return
    phone = free_phone(turn.state, command.phone or user.phone)
    campaign = campaign_of(turn, user, command.campaign)
    if user.on_hook:
        room = free_conference(turn)
        _begin(turn, user, campaign, command, SessionKind.ON_HOOK, phone.extension, room)
        return
    turn.require_link()
    room = free_conference(turn)
    session_id = next_id(turn.state, "session")
    leg = turn.memory.leg_ids.next()
    login = (user.name, session_id, phone.extension, campaign.name, room, leg, command.source)
    turn.record(r.LoginStarted(*login, ready=command.ready))
    turn.deadline("ring", leg, turn.settings.ring_time + RING_SLACK)
    phones.ring(turn, phone, leg, session_id, user.name, room)
    turn.wait(leg, Milestone.JOINED)


def agent_to_log_in(turn: Turn, name: str, kinds: Container[UserKind]) -> User:
    """Give the user, who is an agent of one of these kinds and is not logged in.

    Raises:
        UserUnknown, NotAnAgent, AlreadyLoggedIn
    """
    user = turn.state.users.get(name)
    if user is None or not user.active:
        raise UserUnknown(f"there is no agent {name}")
    if user.kind not in kinds:
        raise NotAnAgent(f"{name} takes no calls that way")
    if name in turn.state.sessions or name in turn.state.logins:
        raise AlreadyLoggedIn(f"{name} is logged in already")
    return user


def campaign_of(turn: Turn, user: User, name: str) -> Campaign:
    """Give the campaign of that name, with no name the user's own, else the default.

    Raises:
        CampaignUnknown
    """
    wanted = name or user.campaign or turn.settings.default_campaign
    campaign = turn.state.campaigns.get(wanted)
    if campaign is None or not campaign.active:
        raise CampaignUnknown(f"there is no campaign {wanted}" if wanted else "no campaign was named")
    return campaign


def free_conference(turn: Turn) -> str:
    """Give a conference that no agent has.

    Raises:
        TooManySessions, NoFreeConference
    """
    _require_room_for_one_more(turn)
    state, settings = turn.state, turn.settings
    taken = {holder.conference for holder in holders(state)}
    taken |= {room for leg in state.legs.values() for room in rooms_of(leg)}
    for number in range(settings.conference_first, settings.conference_last + 1):
        if str(number) not in taken:
            return str(number)
    raise NoFreeConference("all conferences are taken")


def _require_room_for_one_more(turn: Turn) -> None:
    limit = turn.settings.max_sessions
    if len(turn.state.sessions) + len(turn.state.logins) >= limit:
        raise TooManySessions(f"{limit} agents are logged in, the limit of this PBX")


def started(turn: Turn, login: Login) -> None:
    """The phone has answered and sits in its conference: the session begins."""
    user = turn.state.users.get(login.agent) or User(login.agent, 0)
    campaign = turn.state.campaigns.get(login.campaign) or Campaign(login.campaign, 0)
    who = (login.agent, login.session_id, login.phone, login.campaign, login.conference, login.leg, login.source)
    _enter_session(turn, r.SessionStarted(*who, kind=login.kind, **_takes(user, campaign)), ready=login.ready)
    turn.reach(login.leg, Milestone.JOINED)


def failed(turn: Turn, login: Login, error: AgentdError) -> None:
    """The login came to nothing; whatever is left of its channel is ended."""
    turn.record(r.LoginEnded(login.agent, error.reason))
    turn.fail(login.leg, error)
    ending.end_leg(turn, login.leg, by="system")


# --- sessions that begin at once -----------------------------------------------------------------------------


def _begin_remote(turn: Turn, user: User, command: LogIn) -> None:
    """A remote agent has no phone here: he is ready from the start."""
    campaign = campaign_of(turn, user, command.campaign)
    _require_outside_number(turn, user, campaign)
    _require_room_for_one_more(turn)
    _begin(turn, user, campaign, command, SessionKind.REMOTE, "", "")


def _require_outside_number(turn: Turn, user: User, campaign: Campaign) -> None:
    """Raises NoOutsideNumber, or NumberNotAllowed when the campaign may not dial it."""
    number = user.outside_number
    if not number:
        raise NoOutsideNumber(f"{user.name} has no outside number")
    if numbers.is_extension(number):
        numbers.extension_resource(turn.state, number, turn.settings.extensions)
    else:
        numbers.trunk_resource(campaign, None, "", number)


def _begin(
    turn: Turn, user: User, campaign: Campaign, command: LogIn, kind: SessionKind, phone: str, conference: str
) -> None:
    session_id = next_id(turn.state, "session")
    who = (user.name, session_id, phone, campaign.name, conference, "", command.source)
    remote = kind is SessionKind.REMOTE
    begun = r.SessionStarted(*who, kind=kind, lines=user.lines if remote else 1, **_takes(user, campaign))
    _enter_session(turn, begun, ready=command.ready or remote)


def _takes(user: User, campaign: Campaign) -> dict[str, Any]:
    """Whose calls the agent takes, as far as his campaign lets him."""
    return {
        "ingroups": user.ingroups if campaign.inbound else (),
        "blended": user.blended and campaign.dial_method is DialMethod.RATIO,
        "ranks": dict(user.ranks),
    }


def _enter_session(turn: Turn, begun: r.SessionStarted, *, ready: bool) -> None:
    """Every session begins with the interval LOGIN, be it of no length."""
    turn.record(begun)
    session = turn.state.sessions[begun.agent]
    enter(turn, session, SessionState.PAUSED, OwnCode.LOGIN)
    if ready:
        enter(turn, session, SessionState.READY)


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
    ending.give_back(turn, session)  # a remote agent may be called while he has another call
    if cell.do is Do.CANCEL:
        ending.end_current(turn, session, by="agent")
