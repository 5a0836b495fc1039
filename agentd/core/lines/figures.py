"""What a line looks like now and what became of its callers today, in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from agentd.core.evolving.counts import day_of
from agentd.core.model import LineCounts, SessionState, State

__all__ = ["LineFigures", "expected_minutes", "line_figures"]


@dataclass(frozen=True, slots=True)
class LineFigures:
    """The numbers of an in-group. Times are in seconds; what cannot be said for want of calls is None.

    Of today (since the daemon's midnight): ``offered`` callers came, of whom so many were ``answered``, ``abandoned``
    the line, or were ``dropped`` for want of an agent; ``average_wait`` is that of the answered, ``average_talk`` of
    calls that have ended; ``service_level`` is the percentage of all who left the line that was answered in time.

    Of now: ``waiting`` callers, the one who has been there for ``longest_wait``, the ``agents`` logged in who take the
    in-group, and those of them who are ``ready``.
    """

    ingroup: str
    offered: int
    answered: int
    abandoned: int
    dropped: int
    waiting: int
    longest_wait: float
    agents: int
    ready: int
    average_wait: float | None
    average_talk: float | None
    service_level: float | None


def line_figures(state: State, ingroup: str, now: float) -> LineFigures:
    """Give the numbers of an in-group; consultations, which wait in line with the callers, are none of them."""
    counts = _today(state, ingroup, now)
    lines = [each for each in state.waiting.values() if each.ingroup == ingroup and not each.consult]
    agents = [session for session in state.sessions.values() if ingroup in session.ingroups]
    left = counts.answered + counts.abandoned + counts.dropped
    return LineFigures(
        ingroup=ingroup,
        offered=counts.offered,
        answered=counts.answered,
        abandoned=counts.abandoned,
        dropped=counts.dropped,
        waiting=len(lines),
        longest_wait=max((max(0.0, now - each.since) for each in lines), default=0.0),
        agents=len(agents),
        ready=sum(session.state is SessionState.READY for session in agents),
        average_wait=counts.waited / counts.answered if counts.answered else None,
        average_talk=counts.talked / counts.ended if counts.ended else None,
        service_level=100 * counts.in_time / left if left else None,
    )


def expected_minutes(state: State, ingroup: str, position: int, now: float) -> int | None:
    """Say how long whoever is at that place (the first is 1) may wait, in whole minutes, rounded up.

    It is the place times the average length of today's conversations, divided by the agents logged in who take the
    in-group, as if they all talked and took the callers in turn. None before the first conversation of the day is over.
    """
    figures = line_figures(state, ingroup, now)
    if figures.average_talk is None:
        return None
    return math.ceil(position * figures.average_talk / max(1, figures.agents) / 60)


def _today(state: State, ingroup: str, now: float) -> LineCounts:
    counts, today = state.line_counts.get(ingroup), day_of(now)
    return counts if counts is not None and counts.day == today else LineCounts(today)
