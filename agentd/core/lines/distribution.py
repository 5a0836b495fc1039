"""Distribution: which of those who wait goes to which of the agents who are free.

A function of its arguments: the same state always gives the same pair. Source: "In-groups" in docs/behaviour.md.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from agentd.core.model import Pick, Session, SessionKind, State, Waiting

__all__ = ["choose", "in_order", "is_dialled_for", "takes"]

_SEATED = frozenset({SessionKind.SEATED, SessionKind.DIALLED_IN})


def choose(waiting: Iterable[Waiting], free: Sequence[Session], state: State) -> tuple[Waiting, Session] | None:
    """Give the first of those who wait for whom one of the free agents will do, and that agent; None for nobody."""
    if not free:
        return None
    by_name = {session.agent: session for session in free}
    in_vain: set[tuple[str, str, bool]] = set()
    for each in in_order(waiting, state):
        line = (each.campaign, each.ingroup, each.consult)
        if each.wanted:
            one = by_name.get(each.wanted)
            candidates = [one] if one is not None else []
        else:
            candidates = [] if line in in_vain else list(free)
        takers = [session for session in candidates if takes(session, each)]
        if takers:
            return each, _pick(takers, each, state)
        if not each.wanted:
            in_vain.add(line)
    return None


def in_order(waiting: Iterable[Waiting], state: State) -> list[Waiting]:
    """Sort those who wait: whom a campaign dialled, then by in-group priority, caller priority, and longest wait."""

    def place(each: Waiting) -> tuple[bool, int, int, float, str]:
        ingroup = state.ingroups.get(each.ingroup)
        priority = ingroup.priority if ingroup is not None else 0
        return not each.campaign, -priority, -each.priority, each.since, each.leg

    return sorted(waiting, key=place)


def takes(session: Session, waiting: Waiting) -> bool:
    """Say whether the agent takes calls of the line in which somebody waits, or is the one whom he wants.

    A remote agent, who has no conference, is not consulted.
    """
    if waiting.consult and session.kind is SessionKind.REMOTE:
        return False
    if waiting.wanted:
        return session.agent == waiting.wanted
    if waiting.campaign:
        return is_dialled_for(session, waiting.campaign)
    return waiting.ingroup in session.ingroups


def is_dialled_for(session: Session, campaign: str) -> bool:
    """Say whether the campaign makes calls for the agent.

    He must sit in his conference: who answers is not to wait until a phone is picked up.
    """
    return session.blended and session.campaign == campaign and session.kind in _SEATED


# --- which agent ---------------------------------------------------------------------------------------------


def _pick(takers: list[Session], waiting: Waiting, state: State) -> Session:
    ingroup = state.ingroups.get(waiting.ingroup)
    pick = ingroup.pick if ingroup is not None else Pick.LONGEST
    if pick is Pick.RANDOM:
        takers.sort(key=lambda session: session.agent)
        return random.Random(waiting.leg).choice(takers)  # noqa: S311 - a lot drawn again gives the same agent

    def rank(session: Session) -> tuple[int, float, str]:
        preferred = 0
        if pick is Pick.RANK:
            preferred = -session.ranks.get(waiting.ingroup, 0)
        elif pick is Pick.FEWEST:
            preferred = session.taken.get(waiting.ingroup, 0)
        return preferred, session.since, session.agent

    return min(takers, key=rank)
