"""Refusals about in-groups, remote agents, and agents who call to log in.

:mod:`agentd.core.errors` has every class; it is the one to import from.
"""

from __future__ import annotations

from agentd.core.errors.hand import AgentdError

__all__ = ["AutoDialForbidden", "InGroupsMissing", "InboundForbidden", "NoOutsideNumber", "PhoneNotOurs", "PinWrong"]


class InboundForbidden(AgentdError):
    """The campaign's agents take no calls of in-groups."""

    reason = "inbound_forbidden"


class AutoDialForbidden(AgentdError):
    """The campaign's dial method makes no calls by itself."""

    reason = "auto_dial_forbidden"

    def __init__(self, message: str, campaign: str) -> None:
        super().__init__(message)
        self.campaign = campaign


class InGroupsMissing(AgentdError):
    """In-groups are to be added or removed, and none was named."""

    reason = "ingroups_missing"


class NoOutsideNumber(AgentdError):
    """A remote agent can be reached only at a number, and has none."""

    reason = "no_outside_number"


class PhoneNotOurs(AgentdError):
    """The agent's phone is not called by agentd: he called himself, is rung for each call, or is elsewhere."""

    reason = "phone_not_ours"


class PinWrong(AgentdError):
    """Who called to log in has not shown that he is that agent."""

    reason = "pin_wrong"
