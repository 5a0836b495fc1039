"""Who may do what: the same answers for every face."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from twisted.internet.defer import Deferred

from agentd.core.errors import InboundForbidden, ManualDialForbidden, NotLoggedIn, NotPermitted, UserUnknown
from agentd.core.model import State, Token, User, UserKind
from agentd.engine.auth import Authenticator, HashOf, Verdict, token_digest

__all__ = [
    "CHANGE_INGROUPS",
    "FUNCTION_RIGHT",
    "MANUAL_DIAL",
    "MODIFY_CAMPAIGNS",
    "MODIFY_LEADS",
    "Access",
    "PasswordRefused",
    "is_allowed_from",
    "may_use",
    "password_hashes",
    "require_agent",
    "require_ingroup_change",
    "require_manual_dial",
    "require_right_over",
    "user_by_custom_three",
]

MANUAL_DIAL = "agentcall_manual"
"""The right of an agent who may dial by hand."""

CHANGE_INGROUPS = "change_agent_campaign"
"""The right of a user who may say which in-groups' calls agents at work take."""

MODIFY_LEADS = "modify_leads"
"""The right of a user who may change the leads on the agents' screens."""

MODIFY_CAMPAIGNS = "modify_campaigns"
"""The right of a user who may say what happens in the agents' calls."""

FUNCTION_RIGHT = "function:"
"""Begins the rights that limit a user to the functions that they name."""


class PasswordRefused(Exception):
    """A user name and password that do not open the door; ``verdict`` is BAD, LOCK or IPBLOCK."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict


class Access:
    """Lets users in by password and by token."""

    def __init__(self, state: State, authenticator: Authenticator) -> None:
        self._state = state
        self._authenticator = authenticator

    def password(self, user: str, password: str, address: str, *, sure: bool = True) -> Deferred[User]:
        """Give the active user of that name and password, who asks from that address.

        One that is not ``sure`` is good for counting wrong passwords alone. Fails with PasswordRefused.
        """
        verified = self._authenticator.verify(user, password, address)
        return verified.addCallback(self._admit, user, address if sure else "")

    def _admit(self, verdict: Verdict, name: str, address: str) -> User:
        user = self._state.users.get(name)
        if verdict is not Verdict.GOOD:
            raise PasswordRefused(verdict)
        if user is None or not user.active:
            raise PasswordRefused(Verdict.BAD)
        if not is_allowed_from(self._state, user, address):  # known to him alone who has the password
            raise PasswordRefused(Verdict.IPBLOCK)
        return user

    def token(self, plain: str, now: float, address: str | None = None) -> Token | None:
        """Give the bearer token of that text; None when there is none, it has expired, or its user is not active.

        With ``address`` (empty: not sure) also when its user's group is not let in from there.
        """
        token = self._state.tokens.get(token_digest(plain))
        if token is None or (token.expires is not None and now >= token.expires):
            return None
        if token.user:
            user = self._state.users.get(token.user)
            if user is None or not user.active:
                return None
            if address is not None and not is_allowed_from(self._state, user, address):
                return None
        return token


def password_hashes(state: State) -> HashOf:
    """Give what the Authenticator asks: the stored hash of an active user, None for anybody else."""

    def hash_of(name: str) -> str | None:
        user = state.users.get(name)
        return user.password_hash if user is not None and user.active and user.password_hash else None

    return hash_of


def is_allowed_from(state: State, user: User, address: str) -> bool:
    """Whether a user may ask from an address: from any, unless his group is limited to some."""
    group = state.user_groups.get(user.group)
    if group is None or not group.addresses:
        return True
    try:
        asked = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(asked, IPv6Address) and asked.ipv4_mapped is not None:
        asked = asked.ipv4_mapped
    return any(network is not None and asked in network for network in map(_network, group.addresses))


@lru_cache(maxsize=1024)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    """An address or a network; None where it is neither, which lets nobody in."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def may_use(user: User, function: str) -> bool:
    """Whether a user may use a function: all of them, unless rights ``function:…`` name the ones that he may."""
    named = {right for right in user.rights if right.startswith(FUNCTION_RIGHT)}
    return not named or FUNCTION_RIGHT + function in named


def require_agent(state: State, name: str) -> None:
    """Refuse a name that is of no active user who takes calls, unless he is logged in: a session outlives its user.

    Raises:
        UserUnknown
    """
    if name in state.sessions or name in state.logins:
        return
    user = state.users.get(name)
    if user is None or not user.active or user.kind is UserKind.API:
        raise UserUnknown(f"there is no agent {name}")


def require_manual_dial(state: State, agent: str) -> None:
    """Refuse unless the agent is logged in and may dial by hand.

    Raises:
        NotLoggedIn, ManualDialForbidden
    """
    if agent not in state.sessions:
        raise NotLoggedIn(f"{agent} is not logged in")
    user = state.users.get(agent)
    if user is None or MANUAL_DIAL not in user.rights:
        raise ManualDialForbidden(f"{agent} may not dial by hand")


def require_right_over(state: State, user: str, agent: str, right: str) -> None:
    """Refuse unless the agent is logged in, and the user has that right.

    Raises:
        NotLoggedIn, NotPermitted: the first of them that is so.
    """
    if agent not in state.sessions:
        raise NotLoggedIn(f"{agent} is not logged in")
    who = state.users.get(user)
    if who is None or right not in who.rights:
        raise NotPermitted(f"{user} has not the right {right}")


def require_ingroup_change(state: State, user: str, agent: str) -> None:
    """Refuse unless the agent is logged in, his campaign takes in-groups' calls, and the user may say which.

    Raises:
        NotLoggedIn, InboundForbidden, NotPermitted: the first of them that is so.
    """
    session = state.sessions.get(agent)
    if session is None:
        raise NotLoggedIn(f"{agent} is not logged in")
    campaign = state.campaigns.get(session.campaign)
    if campaign is not None and not campaign.inbound:
        raise InboundForbidden(f"campaign {campaign.name} takes no calls of in-groups")
    who = state.users.get(user)
    if who is None or CHANGE_INGROUPS not in who.rights:
        raise NotPermitted(f"{user} may not change the in-groups of agents")


def user_by_custom_three(state: State, value: str) -> User | None:
    """Give the active user whose custom field ``three`` is this; of several, the one with the smallest number."""
    found = [user for user in state.users.values() if user.active and user.custom.get("three") == value]
    return min(found, key=lambda user: user.number, default=None)
