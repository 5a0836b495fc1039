"""Who asks: a bearer token, its role and its scopes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentd.core.model import Token
from agentd.dialects.native.replies import Refused, problem

__all__ = ["ROLES", "Caller", "Role", "Scope"]


class Scope(StrEnum):
    """What a token may be used for."""

    SESSIONS = "sessions"
    CALLS = "calls"
    LEADS = "leads"
    RECORDINGS = "recordings"
    SUPERVISE = "supervise"
    EVENTS = "events"
    ADMIN = "admin"


class Role(StrEnum):
    """Who a token is for. An agent's reaches his own session alone."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    INTEGRATION = "integration"
    ADMIN = "admin"


_ALL = frozenset(Scope)

ROLES: dict[str, frozenset[Scope]] = {
    Role.AGENT: _ALL - {Scope.ADMIN, Scope.SUPERVISE},
    Role.SUPERVISOR: _ALL - {Scope.ADMIN},
    Role.INTEGRATION: _ALL - {Scope.ADMIN, Scope.SUPERVISE},
    Role.ADMIN: _ALL,
}
"""The most that a role may have; a token that names scopes has those of them that its role may have."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The token that came with a request."""

    token: Token

    @property
    def scopes(self) -> frozenset[str]:
        """What it may be used for; nothing if it is for an agent and names none."""
        if self.only_agent == "":
            return frozenset()
        most = ROLES.get(self.token.role, frozenset())
        return most & self.token.scopes if self.token.scopes else most

    @property
    def name(self) -> str:
        """Who it is, for the records: the token's user, or its own name where it has none."""
        return self.token.user or self.token.name

    @property
    def only_agent(self) -> str | None:
        """The one agent whose session it reaches; None where it reaches all."""
        return self.token.user if self.token.role == Role.AGENT else None

    def require(self, scope: Scope) -> None:
        """Refuse (403) without that scope. Raises Refused."""
        if scope not in self.scopes:
            detail = f"The token has not the scope {scope.value}."
            raise Refused(problem(403, "not_permitted", detail, scope=scope.value))

    def require_agent(self, agent: str) -> None:
        """Refuse (403) when that agent is out of reach. Raises Refused."""
        if not self.reaches(agent):
            raise Refused(problem(403, "not_permitted", "The token is for another agent's session."))

    def require_more_than_agent(self, detail: str) -> None:
        """Refuse (403) a token that is an agent's own; ``detail`` says why. Raises Refused."""
        if self.only_agent is not None:
            raise Refused(problem(403, "not_permitted", detail))

    def reaches(self, agent: str) -> bool:
        """Whether that agent's session is within reach."""
        return self.only_agent is None or self.only_agent == agent
