"""What the world outside is told: the records of the journal as events, by one table.

An event is made of its record alone, so that a journal read again gives the same events. Secrets (users,
tokens, kept answers) and what only the machinery needs (legs, deadlines, id blocks) give none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agentd.core import records as r
from agentd.engine.events import calls, hand, leads, sessions

__all__ = ["NAMES", "SILENT", "Event", "events_of"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has become true. ``agent`` is empty where it concerns everybody."""

    name: str
    agent: str
    data: dict[str, Any]


_TABLE = sessions.TABLE | calls.TABLE | hand.TABLE | leads.TABLE


def events_of(record: r.Record) -> list[Event]:
    """Give the events of a record, in order; most have one or none.

    What memory has learnt of the database is no news.
    """
    entry = _TABLE.get(type(record))
    if entry is None or (isinstance(record, r.CallbackSet) and record.stored):
        return []
    name, tell = entry
    return [Event(name, getattr(record, "agent", ""), tell(record))]


NAMES: frozenset[str] = frozenset(name for name, _ in _TABLE.values())
"""Every name that an event may have."""

SILENT: frozenset[type[r.Record]] = frozenset(
    {
        r.UserSet,
        r.PhoneSet,
        r.CampaignSet,
        r.InGroupSet,
        r.GroupAliasSet,
        r.StatusSet,
        r.TokenSet,
        r.UserGroupSet,
        r.IdsGranted,
        r.DeadlineSet,
        r.LeadCreated,
        r.LegAsked,
        r.LegAdopted,
        r.LegMoved,
        r.LegPending,
        r.LegEnded,
        r.LegLeftBehind,
        r.LegGiven,
        r.WaitingJoined,
        r.WaitingEntered,
        r.RecordingStopping,
        r.AnswerKept,
        r.ApiCalled,
    }
)
"""The records of which nobody outside is told."""
