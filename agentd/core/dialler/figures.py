"""What a campaign's own dialling comes to: now, and since midnight (the daemon's local time)."""

from __future__ import annotations

from dataclasses import dataclass

from agentd.core.evolving.counts import day_of
from agentd.core.lines.distribution import is_dialled_for
from agentd.core.model import CallState, DialCounts, SessionState, State

__all__ = ["DiallerFigures", "dialler_figures"]

_UNANSWERED = frozenset({CallState.DIALLING, CallState.RINGING})


@dataclass(frozen=True, slots=True)
class DiallerFigures:
    """A campaign at one moment.

    ``agents`` are logged in to it; ``ready`` of them take its calls and could have one now. ``dialling`` are the calls
    that it has made and that nobody has answered yet, ``waiting`` those answered that are not with an agent yet.
    ``dialled``, ``answered`` and ``dropped`` are today's; ``drop_rate`` is how many percent of those answered were
    dropped, None when none was answered.
    """

    agents: int
    ready: int
    dialling: int
    waiting: int
    dialled: int
    answered: int
    dropped: int
    drop_rate: float | None


def dialler_figures(state: State, campaign: str, now: float) -> DiallerFigures:
    """Give the figures of a campaign."""
    sessions = [session for session in state.sessions.values() if session.campaign == campaign]
    calls = [
        call.state
        for call in state.calls.values()
        if call.direction == "auto" and call.campaign == campaign and not call.agent
    ]
    today = state.dial_counts.get(campaign)
    if today is None or today.day != day_of(now):
        today = DialCounts(day_of(now))
    return DiallerFigures(
        agents=len(sessions),
        ready=sum(is_dialled_for(session, campaign) and session.state is SessionState.READY for session in sessions),
        dialling=sum(how_far in _UNANSWERED for how_far in calls),
        waiting=sum(how_far is CallState.WAITING for how_far in calls),
        dialled=today.dialled,
        answered=today.answered,
        dropped=today.dropped,
        drop_rate=100 * today.dropped / today.answered if today.answered else None,
    )
