"""The one schema, for SQLite and MariaDB. Its history is in sql/; ``agentd check`` and a test compare the two.

Ids that answers carry come from ``id_blocks``, never from the database's own counting. Rows that the journal makes
have keys that the journal gave, so that applying a record twice changes nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, MetaData, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from agentd.storage.columns import Instant, Json

__all__ = [
    "LEAD_FIELDS",
    "agent_log",
    "api_log",
    "calls",
    "campaigns",
    "id_blocks",
    "journal_rejects",
    "leads",
    "legs",
    "lists",
    "metadata",
    "pause_codes",
    "phones",
    "positions",
    "schema_version",
    "sessions",
    "statuses",
    "tokens",
    "users",
]

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"},
)

NAME, TITLE, LONG = String(40), String(100), String(255)


def _table(name: str, *parts: Any) -> Table:
    """Text compares byte by byte, as memory does; MariaDB alone reads the options for that."""
    return Table(name, metadata, *parts, mysql_engine="InnoDB", mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin")


def _key(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _must(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


# --- what the administrator sets up --------------------------------------------------------------------------

users = _table(
    "users",
    _key("name", NAME),
    _must("number", BigInteger),
    _must("full_name", TITLE),
    _must("kind", String(10)),
    _must("password_hash", LONG),
    _must("active", Boolean),
    _must("campaign", NAME),
    _must("user_group", NAME),
    _must("rights", Json),
    _must("custom", Json),
    Unique("number"),
)

phones = _table(
    "phones",
    _key("extension", NAME),
    _must("dial", LONG),
    _must("active", Boolean),
    _must("webphone_url", LONG),
)

campaigns = _table(
    "campaigns",
    _key("name", NAME),
    _must("number", BigInteger),
    _must("title", TITLE),
    _must("active", Boolean),
    Column("wrapup", Integer),
    _must("default_status", String(20)),
    _must("disposition_required", Boolean),
    _must("after_manual", String(10)),
    _must("dial_timeout", Integer),
    _must("dial_prefix", String(20)),
    _must("trunk", LONG),
    _must("caller_id", TITLE),
    _must("dial_allow", Json),
    _must("dial_deny", Json),
    _must("manual_queue", Boolean),
    _must("manual_list", BigInteger),
    _must("search_lists", Json),
    Unique("number"),
)

# The system's statuses have an empty campaign.
statuses = _table(
    "statuses",
    _key("campaign", NAME),
    _key("code", String(20)),
    _must("number", BigInteger),
    _must("title", TITLE),
    _must("selectable", Boolean),
    _must("callback", Boolean),
    _must("human_answered", Boolean),
    _must("sale", Boolean),
    _must("dnc", Boolean),
    Unique("number"),
)

pause_codes = _table(
    "pause_codes",
    _key("campaign", NAME),
    _key("code", String(20)),
    _must("title", TITLE),
    _must("productive", Boolean),
)

tokens = _table(
    "tokens",
    _key("digest", String(64)),
    _must("name", TITLE),
    _must("role", String(20)),
    _must("user", NAME),
    _must("scopes", Json),
    Column("expires", Double),
)

# --- leads ---------------------------------------------------------------------------------------------------

lists = _table(
    "lists",
    _key("id", BigInteger),
    _must("title", TITLE),
    _must("campaign", NAME),
    _must("active", Boolean),
)

LEAD_FIELDS: dict[str, Any] = {
    "vendor_lead_code": String(40),
    "source_id": String(50),
    "gmt_offset_now": String(10),
    "title": String(20),
    "first_name": String(50),
    "middle_initial": String(10),
    "last_name": String(50),
    "address1": TITLE,
    "address2": TITLE,
    "address3": TITLE,
    "city": String(50),
    "state": String(50),
    "province": String(50),
    "postal_code": String(20),
    "country_code": String(10),
    "gender": String(10),
    "date_of_birth": String(20),
    "alt_phone": String(24),
    "email": TITLE,
    "security_phrase": TITLE,
    "comments": Text,
    "rank": Integer,
    "owner": NAME,
}
"""The documents' fields of a lead, beside its number; NULL where nothing is set."""

leads = _table(
    "leads",
    _key("id", BigInteger),
    _must("list_id", BigInteger),
    _must("status", String(20)),
    _must("user", NAME),
    _must("phone_code", String(12)),
    _must("phone_number", String(24)),
    _must("entry_date", Instant),
    _must("modify_date", Instant),
    _must("called_count", Integer),
    _must("called_since_last_reset", Integer),
    Column("last_local_call_time", Instant),
    *(Column(name, kind) for name, kind in LEAD_FIELDS.items()),
    Index("ix_leads_phone_number", "phone_number", "list_id"),
    Index("ix_leads_list_id", "list_id", "status"),
    Index("ix_leads_vendor_lead_code", "vendor_lead_code"),
)

# --- what happened: made from the journal --------------------------------------------------------------------

sessions = _table(
    "sessions",
    _key("id", BigInteger),
    _must("daemon", NAME),
    _must("user", NAME),
    _must("phone", NAME),
    _must("campaign", NAME),
    _must("conference", String(20)),
    _must("source", NAME),
    _must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    _must("reason", NAME),
    _must("ended_source", NAME),
    Index("ix_sessions_user", "user", "started"),
    Index("ix_sessions_started", "started"),
)

# The call log: one row per call, also per call that Asterisk refused.
calls = _table(
    "calls",
    _key("id", BigInteger),
    _must("call_key", String(20)),
    _must("daemon", NAME),
    _must("user", NAME),
    _must("session_id", BigInteger),
    _must("campaign", NAME),
    _must("direction", String(10)),
    _must("list_id", BigInteger),
    _must("lead_id", BigInteger),
    _must("phone_code", String(12)),
    _must("phone_number", String(24)),
    _must("source", NAME),
    _must("vendor_id", NAME),
    _must("started", Instant),
    Column("answered", Instant),
    Column("ended", Instant),
    Column("length", Double),
    Column("talk", Double),
    Column("cause", Integer),
    _must("hung_up_by", String(20)),
    _must("reason", LONG),
    _must("suggested_status", String(20)),
    _must("status", String(20)),
    _must("disposed_by", String(20)),
    Column("disposed", Instant),
    Index("ix_calls_call_key", "call_key"),
    Index("ix_calls_lead_id", "lead_id"),
    Index("ix_calls_user", "user", "started"),
    Index("ix_calls_started", "started"),
    Index("ix_calls_phone_number", "phone_number"),
)

# One row per channel.
legs = _table(
    "legs",
    _key("daemon", NAME),
    _key("id", String(150)),
    _must("role", String(10)),
    _must("user", NAME),
    _must("session_id", BigInteger),
    Column("call_id", BigInteger),
    _must("started", Instant),
    Column("ended", Instant),
    Column("cause", Integer),
    Column("far_end", Boolean),
    Index("ix_legs_call_id", "call_id"),
    Index("ix_legs_session_id", "session_id"),
)

# One row per interval of a session; an interval that goes on has no end.
agent_log = _table(
    "agent_log",
    _key("session_id", BigInteger),
    _key("interval_number", Integer),
    _must("user", NAME),
    _must("state", String(10)),
    _must("code", String(20)),
    _must("productive", Boolean),
    _must("call_id", BigInteger),
    _must("lead_id", BigInteger),
    _must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    Index("ix_agent_log_user", "user", "started"),
    Index("ix_agent_log_started", "started"),
)

# One row per answer line of the agent API, with its document's column names.
api_log = _table(
    "api_log",
    Column("api_id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    _must("user", NAME),
    _must("api_date", Instant),
    _must("api_script", String(10)),
    _must("function", NAME),
    _must("agent_user", NAME),
    _must("value", LONG),
    _must("result", String(10)),
    _must("result_reason", LONG),
    _must("source", NAME),
    _must("data", Text),
    _must("fields", Json),
    _must("journal", String(32)),
    _must("seq", BigInteger),
    Unique("journal", "seq"),
    Index("ix_api_log_api_date", "api_date"),
)

# --- bookkeeping ---------------------------------------------------------------------------------------------

# The next id that nobody has, by kind: lead, call, session, and the numbers of users, campaigns and statuses.
id_blocks = _table("id_blocks", _key("kind", NAME), _must("next", BigInteger))

# How far each journal has been applied. A journal that was given up has an end.
positions = _table(
    "positions",
    _key("daemon", NAME),
    _key("journal", String(32)),
    _must("seq", BigInteger),
    _must("at", Instant),
    Column("given_up", Instant),
)

# Records that the database refused for good, for the administrator to look at.
journal_rejects = _table(
    "journal_rejects",
    _key("daemon", NAME),
    _key("journal", String(32)),
    _key("seq", BigInteger),
    _must("at", Instant),
    _must("kind", NAME),
    _must("fields", Text),
    _must("error", Text),
)

# One row: the schema's version, and the oldest version of the schema whose agentd can work with it.
schema_version = _table(
    "schema_version",
    _key("id", Integer),
    _must("version", Integer),
    _must("compatible", Integer),
)
