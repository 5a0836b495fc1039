"""Which in-group a name means, and which agent."""

from __future__ import annotations

from agentd.core.errors import InGroupUnknown, UserUnknown
from agentd.core.model import Call, Session
from agentd.core.turn import Turn

__all__ = ["AGENT_DIRECT", "DEFAULT", "named_ingroup", "require_wanted"]

DEFAULT = "DEFAULTINGROUP"  # names the in-group that the call's in-group or campaign transfers to
AGENT_DIRECT = "AGENTDIRECT"  # its callers wait for one agent


def named_ingroup(turn: Turn, session: Session, call: Call, name: str) -> str:
    """Give the in-group that the name means.

    Raises:
        InGroupUnknown: there is no active one of that name, or no default.
    """
    meant = name
    if name == DEFAULT:
        came_through = turn.state.ingroups.get(call.ingroup)
        meant = came_through.transfer_to if came_through is not None else ""
        meant = meant or turn.campaign(session).default_ingroup
    ingroup = turn.state.ingroups.get(meant)
    if ingroup is None or not ingroup.active:
        raise InGroupUnknown(f"there is no in-group {meant or name}", meant or name)
    return meant


def require_wanted(turn: Turn, ingroup: str, wanted: str) -> str:
    """Give the one agent whom the caller waits for: in AGENTDIRECT one must be named.

    Raises:
        UserUnknown
    """
    if ingroup != AGENT_DIRECT:
        return ""
    user = turn.state.users.get(wanted)
    if user is None or not user.active:
        raise UserUnknown(f"there is no agent {wanted}")
    return wanted
