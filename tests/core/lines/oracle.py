"""The rules of distribution in other words than the code's: what BEHAVIOUR says of In-groups."""

from __future__ import annotations

from agentd.core.model import Pick, PlaceKind, Role, Session, SessionKind, SessionState, State, Waiting

__all__ = ["can_be_brought", "is_before", "is_better", "is_free", "would_do"]


def would_do(session: Session, who: Waiting) -> bool:
    """Whether the agent takes such a caller."""
    if who.consult and session.kind is SessionKind.REMOTE:
        return False
    if who.wanted:
        return who.wanted == session.agent
    sits = session.kind in {SessionKind.SEATED, SessionKind.DIALLED_IN}
    own = {(session.campaign, "")} if session.blended and sits else set()
    lines = {("", name) for name in session.ingroups} | own
    return (who.campaign, who.ingroup) in lines


def is_before(state: State, one: Waiting, other: Waiting) -> bool:
    """Whether one goes before the other by rank alone, without a look at the ids."""
    if bool(one.campaign) != bool(other.campaign):
        return bool(one.campaign)
    ranks = [state.ingroups[each.ingroup].priority if each.ingroup in state.ingroups else 0 for each in (one, other)]
    if ranks[0] != ranks[1]:
        return ranks[0] > ranks[1]
    return one.priority > other.priority or (one.priority == other.priority and one.since < other.since)


def is_better(state: State, who: Waiting, one: Session, other: Session) -> bool:
    """Whether the in-group prefers one agent to the other for the caller."""
    pick = state.ingroups[who.ingroup].pick if who.ingroup in state.ingroups else Pick.LONGEST
    first, second = one.ranks.get(who.ingroup, 0), other.ranks.get(who.ingroup, 0)
    if pick is Pick.RANDOM:
        return False
    if pick is Pick.RANK and first != second:
        return first > second
    first, second = one.taken.get(who.ingroup, 0), other.taken.get(who.ingroup, 0)
    if pick is Pick.FEWEST and first != second:
        return first < second
    return one.since < other.since


def can_be_brought(state: State, who: Waiting) -> bool:
    """Whether the caller hears the music, and nothing is about to happen to him."""
    leg = state.legs[who.leg]
    quiet = leg.place.kind is PlaceKind.WAIT and leg.pending is None and not who.offered
    return quiet and f"offer:{who.leg}" not in state.deadlines


def is_free(state: State, session: Session) -> bool:
    """Whether a caller can be brought to the agent's phone; that of a remote one is not looked at."""
    if session.state is not SessionState.READY or session.kind is SessionKind.REMOTE:
        return False
    if f"rest:{session.agent}" in state.deadlines or session.attached == (session.kind is SessionKind.ON_HOOK):
        return False
    others = [leg for leg in state.legs.values() if leg.role is not Role.AGENT]
    goals = [leg.pending.goal for leg in others if leg.pending is not None and leg.pending.goal is not None]
    return session.conference not in {place.room for place in [*goals, *(leg.place for leg in others)]}
