"""Which in-groups' calls an agent takes, and whether he takes his campaign's besides: changed while he is logged in."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.commands import ChangeInGroups, Choice
from agentd.core.errors import AutoDialForbidden, InboundForbidden, InGroupsMissing, InGroupUnknown
from agentd.core.model import Campaign, DialMethod, Session, State
from agentd.core.turn import Turn

__all__ = ["change", "chosen"]


def change(turn: Turn, command: ChangeInGroups) -> tuple[str, ...]:
    """Change what the agent takes from now on; what is being delivered to him already goes on. Gives his in-groups."""
    session = turn.session(command.agent)
    ingroups, blended = chosen(turn.state, session, command)
    if (ingroups, blended) != (session.ingroups, session.blended):
        turn.record(r.InGroupsChanged(session.agent, session.id, ingroups, blended))
    return ingroups


def chosen(state: State, session: Session, command: ChangeInGroups) -> tuple[tuple[str, ...], bool]:
    """Give the in-groups that the agent would take, and whether his campaign's calls besides; nothing is changed.

    Raises:
        InboundForbidden, AutoDialForbidden, InGroupsMissing, InGroupUnknown: asked in this order.
    """
    _require_allowed(state, session, command)
    return _chosen(session.ingroups, command), session.blended if command.blended is None else command.blended


def _require_allowed(state: State, session: Session, command: ChangeInGroups) -> None:
    campaign = state.campaigns.get(session.campaign) or Campaign(session.campaign, 0)
    if not campaign.inbound:
        raise InboundForbidden(f"the agents of campaign {campaign.name} take no calls of in-groups")
    if command.blended and campaign.dial_method is not DialMethod.RATIO:
        raise AutoDialForbidden(f"campaign {campaign.name} does not dial by itself", campaign.name)
    if not command.ingroups and command.choice is not Choice.CHANGE:
        raise InGroupsMissing(f"{command.choice} needs an in-group")
    for name in command.ingroups:
        if name not in state.ingroups:
            raise InGroupUnknown(f"there is no in-group {name}", name)


def _chosen(has: tuple[str, ...], command: ChangeInGroups) -> tuple[str, ...]:
    """In the order in which they were named first; nothing twice."""
    if command.choice is Choice.REMOVE:
        return tuple(name for name in has if name not in command.ingroups)
    kept = has if command.choice is Choice.ADD else ()
    return tuple(dict.fromkeys([*kept, *command.ingroups]))
