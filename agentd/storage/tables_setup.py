"""The tables of what the administrator sets up, and of leads."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique

from agentd.storage.columns import Instant, Json
from agentd.storage.defining import LONG, NAME, TITLE, WORD, key, must, table

__all__ = [
    "LEAD_FIELDS",
    "CallbackStatus",
    "callbacks",
    "campaigns",
    "dnc",
    "group_aliases",
    "ingroups",
    "leads",
    "lists",
    "pause_codes",
    "phones",
    "statuses",
    "tokens",
    "users",
]

users = table(
    "users",
    key("name", NAME),
    must("number", BigInteger),
    must("full_name", TITLE),
    must("kind", String(10)),
    must("password_hash", LONG),
    must("active", Boolean),
    must("campaign", NAME),
    must("user_group", NAME),
    must("rights", Json),
    must("custom", Json),
    must("ingroups", Json),
    must("ranks", Json),
    must("blended", Boolean),
    must("phone", NAME),
    must("pin_hash", LONG),
    must("on_hook", Boolean),
    must("outside_number", NAME),
    must("outside_lines", Integer),
    Unique("number"),
)

phones = table(
    "phones",
    key("extension", NAME),
    must("dial", LONG),
    must("active", Boolean),
    must("webphone_url", LONG),
)


def _treatment(name: str) -> tuple[Column[Any], Column[Any]]:
    """What becomes of a caller: the kind, and the prompt, extension, in-group or mailbox that goes with it."""
    return must(f"{name}_kind", WORD), must(f"{name}_to", TITLE)


campaigns = table(
    "campaigns",
    key("name", NAME),
    must("number", BigInteger),
    must("title", TITLE),
    must("active", Boolean),
    Column("wrapup", Integer),
    must("default_status", WORD),
    must("disposition_required", Boolean),
    must("after_manual", String(10)),
    must("dial_timeout", Integer),
    must("dial_prefix", WORD),
    must("trunk", LONG),
    must("caller_id", TITLE),
    must("dial_allow", Json),
    must("dial_deny", Json),
    must("manual_queue", Boolean),
    must("manual_list", BigInteger),
    must("search_lists", Json),
    must("park_music", NAME),
    must("ivr_context", String(80)),
    must("ivr_prompt", TITLE),
    must("leave_message", TITLE),
    must("default_ingroup", NAME),
    must("recording", String(10)),
    must("recording_format", String(10)),
    must("inbound", Boolean),
    must("dial_method", WORD),
    must("auto_dial_level", Double),
    must("max_drop_rate", Double),
    must("drop_seconds", Double),
    *_treatment("drop"),
    must("dial_statuses", Json),
    must("redial_after", Integer),
    must("call_hours", LONG),
    must("timezone", NAME),
    must("hopper", Integer),
    Unique("number"),
)

ingroups = table(
    "ingroups",
    key("name", NAME),
    must("number", BigInteger),
    must("title", TITLE),
    must("active", Boolean),
    must("music", NAME),
    must("transfer_to", NAME),
    must("pick", WORD),
    must("priority", Integer),
    must("list_id", BigInteger),
    must("search_lists", Json),
    must("welcome", TITLE),
    must("announce_every", Integer),
    must("announce_position", Boolean),
    must("announce_wait", Boolean),
    must("ring_time", Integer),
    must("service_level", Integer),
    must("hours", LONG),
    must("timezone", NAME),
    *_treatment("after_hours"),
    *_treatment("no_agent"),
    must("max_waiting", Integer),
    *_treatment("full"),
    must("drop_after", Integer),
    *_treatment("drop"),
    Unique("number"),
)

# Outbound caller ids that have names.
group_aliases = table(
    "group_aliases",
    key("name", NAME),
    must("caller_id", String(30)),
    must("title", TITLE),
    must("active", Boolean),
)

# The system's statuses have an empty campaign.
statuses = table(
    "statuses",
    key("campaign", NAME),
    key("code", WORD),
    must("number", BigInteger),
    must("title", TITLE),
    must("selectable", Boolean),
    must("callback", Boolean),
    must("human_answered", Boolean),
    must("sale", Boolean),
    must("dnc", Boolean),
    Unique("number"),
)

pause_codes = table(
    "pause_codes",
    key("campaign", NAME),
    key("code", WORD),
    must("title", TITLE),
    must("productive", Boolean),
)

tokens = table(
    "tokens",
    key("digest", String(64)),
    must("name", TITLE),
    must("role", WORD),
    must("user", NAME),
    must("scopes", Json),
    Column("expires", Double),
)

# --- leads ---------------------------------------------------------------------------------------------------

lists = table(
    "lists",
    key("id", BigInteger),
    must("title", TITLE),
    must("campaign", NAME),
    must("active", Boolean),
)

LEAD_FIELDS: dict[str, Any] = {
    "vendor_lead_code": String(40),
    "source_id": String(50),
    "gmt_offset_now": String(10),
    "title": WORD,
    "first_name": String(50),
    "middle_initial": String(10),
    "last_name": String(50),
    "address1": TITLE,
    "address2": TITLE,
    "address3": TITLE,
    "city": String(50),
    "state": String(50),
    "province": String(50),
    "postal_code": WORD,
    "country_code": String(10),
    "gender": String(10),
    "date_of_birth": WORD,
    "alt_phone": String(24),
    "email": TITLE,
    "security_phrase": TITLE,
    "comments": Text,
    "rank": Integer,
    "owner": NAME,
}
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


# Promises to call again. One that is done was kept by the call ``call_id`` (0: none). Where ``anyone`` may keep it, the
# campaign dials it by itself; else it is ``user``'s.
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
    Index("ix_callbacks_due_at", "campaign", "status", "due_at"),
    Index("ix_callbacks_lead_id", "lead_id"),
    Index("ix_callbacks_call_id", "call_id"),
)
