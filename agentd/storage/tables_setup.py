"""The tables of what the administrator sets up; :mod:`agentd.storage.tables_leads` has those of leads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique

from agentd.storage.columns import Instant, Json
from agentd.storage.defining import LONG, NAME, TITLE, WORD, key, must, table

__all__ = [
    "audit_log",
    "campaigns",
    "group_aliases",
    "ingroups",
    "pause_codes",
    "phones",
    "presets",
    "statuses",
    "tokens",
    "user_groups",
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

# With ``addresses`` its users are let in only from there.
user_groups = table(
    "user_groups",
    key("name", NAME),
    must("title", TITLE),
    must("addresses", Json),
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
    must("preview", String(10)),
    must("alternative_numbers", Boolean),
    must("refuse_dnc", Boolean),
    must("webform", Text),
    must("webform2", Text),
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

# Numbers that a campaign's agents often call.
presets = table(
    "presets",
    key("campaign", NAME),
    key("code", WORD),
    must("number", NAME),
    must("title", TITLE),
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

# One row per change of what is set up: ``user`` is who, ``face`` through what (``native``, ``cli`` ...), ``kind`` and
# ``name`` what was changed; what it was before and after, without secrets (NULL: it was not there).
audit_log = table(
    "audit_log",
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    must("at", Instant),
    must("user", TITLE),
    must("face", WORD),
    must("kind", NAME),
    must("name", LONG),
    must("action", WORD),
    Column("value_before", Json),
    Column("value_after", Json),
    Index("ix_audit_log_at", "at"),
    Index("ix_audit_log_name", "kind", "name"),
    Index("ix_audit_log_user", "user"),
)
