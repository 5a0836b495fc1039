"""The tables of leads, of what was promised to them, and of what is brought in from elsewhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Text

from agentd.core.model import FIELDS, FieldKind, LeadField
from agentd.storage.columns import Instant, Json
from agentd.storage.defining import LONG, NAME, TITLE, WORD, key, must, table

__all__ = [
    "LEAD_FIELDS",
    "CallbackStatus",
    "callbacks",
    "crm_activities",
    "dnc",
    "import_progress",
    "leads",
    "lists",
]

SHORT = 255  # characters; a longer text is a TEXT

lists = table(
    "lists",
    key("id", BigInteger),
    must("title", TITLE),
    must("campaign", NAME),
    must("active", Boolean),
)


def _column_type(known: LeadField) -> Any:
    if known.kind is FieldKind.INTEGER:
        return Integer
    return String(known.length) if known.length <= SHORT else Text


LEAD_FIELDS: dict[str, Any] = {name: _column_type(known) for name, known in FIELDS.items()}
"""The documents' fields of a lead, beside its number; NULL where nothing is set."""

leads = table(
    "leads",
    key("id", BigInteger),
    must("list_id", BigInteger),
    must("status", WORD),
    must("user", NAME),
    must("phone_code", String(12)),
    must("phone_number", String(24)),
    must("entry_date", Instant),
    must("modify_date", Instant),
    must("called_count", Integer),
    must("called_since_last_reset", Integer),
    Column("last_local_call_time", Instant),
    *(Column(name, kind) for name, kind in LEAD_FIELDS.items()),
    Index("ix_leads_phone_number", "phone_number", "list_id"),
    Index("ix_leads_dialling", "list_id", "status", "gmt_offset_now", "last_local_call_time", "rank"),
    Index("ix_leads_vendor_lead_code", "vendor_lead_code"),
    Index("ix_leads_list_id", "list_id", "id"),
    Index("ix_leads_alt_phone", "alt_phone"),
    Index("ix_leads_address3", "address3"),
    Index("ix_leads_last_name", "last_name"),
    Index("ix_leads_first_name", "first_name"),
)

# Numbers that campaigns must not dial by themselves; those of the system have an empty campaign.
dnc = table(
    "dnc",
    key("campaign", NAME),
    key("number", String(24)),
)


class CallbackStatus(StrEnum):
    """Whether a promise to call again has been kept."""

    WAITING = "waiting"
    DONE = "done"
    DROPPED = "dropped"


# Promises to call again, made in the call ``made_by_call`` (0: in none). One that is done was kept by the call
# ``call_id`` (0: none). Where ``anyone`` may keep it, the campaign dials it by itself; else it is ``user``'s.
callbacks = table(
    "callbacks",
    key("id", BigInteger),
    must("lead_id", BigInteger),
    must("campaign", NAME),
    must("user", NAME),
    must("due_at", Instant),
    must("anyone", Boolean),
    must("comments", Text),
    must("status", WORD),
    must("created", Instant),
    must("call_id", BigInteger),
    must("made_by_call", BigInteger),
    Index("ix_callbacks_user", "user", "status", "due_at"),
    Index("ix_callbacks_due_at", "campaign", "status", "due_at"),
    Index("ix_callbacks_lead_id", "lead_id"),
    Index("ix_callbacks_call_id", "call_id"),
)

# What a CRM has planned: to call ``number`` of ``account`` about ``subject``. The id is the CRM's own.
crm_activities = table(
    "crm_activities",
    key("id", NAME),
    must("number", NAME),
    must("phone_code", String(12)),
    must("account", NAME),
    must("subject", LONG),
)

# How far the import of a file has come, so that it goes on there when it was stopped; ``source`` tells the file and
# where it goes to, ``position`` is in bytes, ``line`` the last that was brought in, ``counts`` what became of them.
import_progress = table(
    "import_progress",
    key("source", LONG),
    must("position", BigInteger),
    must("line", BigInteger),
    must("counts", Json),
    must("started", Instant),
    must("changed", Instant),
    Column("ended", Instant),
)
