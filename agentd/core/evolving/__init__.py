"""How each record changes the State. The only code that writes to it, at work and in replay alike."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.evolving import calls, hand, kept, leads, lines, sessions
from agentd.core.evolving.table import HANDLERS
from agentd.core.model import State

__all__ = ["PARTS", "evolve"]

PARTS = (kept, sessions, calls, hand, lines, leads)
"""The modules that say it, each for its own records."""


def evolve(state: State, record: r.Record, at: float) -> None:
    """Make the record true in the state."""
    agent = _whose(state, record)
    HANDLERS[type(record)](state, record, at)
    session = state.sessions.get(agent)
    if session is not None:
        session.revision += 1


def _whose(state: State, record: r.Record) -> str:
    """Give the agent whose picture the record changes; records of a leg name only the leg."""
    leg = state.legs.get(getattr(record, "leg", ""))
    agent: str = getattr(record, "agent", leg.agent if leg is not None else "")
    return agent
