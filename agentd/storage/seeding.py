"""What a new site begins with: the statuses that the system gives by itself and agents need, and pause codes."""

from __future__ import annotations

from sqlalchemy import Connection, select

from agentd.core.model import PauseCode, Status
from agentd.storage.blocks import reserve
from agentd.storage.mapping import columns_of
from agentd.storage.tables import campaigns, pause_codes, statuses

__all__ = ["PAUSE_CODES", "STATUSES", "seed", "seed_campaign"]

STATUSES = (
    Status("A", 0, "Answering machine"),
    Status("AA", 0, "Answering machine, found by the system", selectable=False),
    Status("B", 0, "Busy"),
    Status("N", 0, "No answer"),
    Status("NI", 0, "Not interested", human_answered=True),
    Status("SALE", 0, "Sale made", human_answered=True, sale=True),
    Status("DNC", 0, "Do not call", human_answered=True, dnc=True),
    Status("CALLBK", 0, "Call back", human_answered=True, callback=True),
    Status("XFER", 0, "Transferred", human_answered=True),
    Status("DC", 0, "Disconnected number"),
    Status("NEW", 0, "New lead", selectable=False),
    Status("DISPO", 0, "No disposition given", selectable=False),
    Status("REJ", 0, "Rejected", selectable=False),
    Status("CONG", 0, "Congestion", selectable=False),
    Status("CANCEL", 0, "Cancelled by the agent", selectable=False),
    Status("RAXFER", 0, "Transferred by a remote agent", selectable=False),
    Status("DROP", 0, "Gone before an agent was there", selectable=False),
    Status("PU", 0, "Answered, and nobody was there", selectable=False),
    Status("AFTHRS", 0, "Called out of hours", selectable=False),
    Status("NANQUE", 0, "Called when nobody was logged in", selectable=False),
    Status("QFULL", 0, "Called when too many waited", selectable=False),
)
"""Statuses of the system."""

PAUSE_CODES = (
    PauseCode("BREAK", "Short break"),
    PauseCode("LUNCH", "Lunch"),
    PauseCode("MEET", "Meeting", productive=True),
    PauseCode("TRAIN", "Training", productive=True),
)
"""Pause codes of a new campaign."""


def seed(connection: Connection) -> None:
    """Put the system's statuses into a database that has none, and pause codes into campaigns; nothing is overwritten.

    A database in which there are statuses already is left alone.
    """
    if connection.execute(select(statuses.c.code).limit(1)).first() is not None:
        return
    first, _ = reserve(connection, "status", len(STATUSES))
    rows = [
        {"campaign": "", **columns_of(statuses, status), "number": first + place}
        for place, status in enumerate(STATUSES)
    ]
    connection.execute(statuses.insert(), rows)
    for name in connection.execute(select(campaigns.c.name)).scalars().all():
        seed_campaign(connection, name)


def seed_campaign(connection: Connection, campaign: str) -> None:
    """Put pause codes into a campaign that has none."""
    own = pause_codes.c.campaign == campaign
    if connection.execute(select(pause_codes.c.code).where(own).limit(1)).first() is None:
        rows = [{"campaign": campaign, **columns_of(pause_codes, code)} for code in PAUSE_CODES]
        connection.execute(pause_codes.insert(), rows)
