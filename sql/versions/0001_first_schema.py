"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def _create(name: str, *parts: Any) -> sa.Table:
    return op.create_table(name, *parts, mysql_engine="InnoDB", mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin")


def _reference() -> None:
    """What the administrator sets up."""
    _create(
        "users",
        sa.Column("name", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("full_name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("campaign", sa.String(40), nullable=False),
        sa.Column("user_group", sa.String(40), nullable=False),
        sa.Column("rights", sa.Text, nullable=False),
        sa.Column("custom", sa.Text, nullable=False),
        sa.UniqueConstraint("number", name="uq_users_number"),
    )
    _create(
        "phones",
        sa.Column("extension", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("dial", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("webphone_url", sa.String(255), nullable=False),
    )
    _create(
        "campaigns",
        sa.Column("name", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("wrapup", sa.Integer, nullable=True),
        sa.Column("default_status", sa.String(20), nullable=False),
        sa.Column("disposition_required", sa.Boolean, nullable=False),
        sa.Column("after_manual", sa.String(10), nullable=False),
        sa.Column("dial_timeout", sa.Integer, nullable=False),
        sa.Column("dial_prefix", sa.String(20), nullable=False),
        sa.Column("trunk", sa.String(255), nullable=False),
        sa.Column("caller_id", sa.String(100), nullable=False),
        sa.Column("dial_allow", sa.Text, nullable=False),
        sa.Column("dial_deny", sa.Text, nullable=False),
        sa.Column("manual_queue", sa.Boolean, nullable=False),
        sa.Column("manual_list", sa.BigInteger, nullable=False),
        sa.Column("search_lists", sa.Text, nullable=False),
        sa.UniqueConstraint("number", name="uq_campaigns_number"),
    )
    _create(
        "statuses",
        sa.Column("campaign", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(20), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("selectable", sa.Boolean, nullable=False),
        sa.Column("callback", sa.Boolean, nullable=False),
        sa.Column("human_answered", sa.Boolean, nullable=False),
        sa.Column("sale", sa.Boolean, nullable=False),
        sa.Column("dnc", sa.Boolean, nullable=False),
        sa.UniqueConstraint("number", name="uq_statuses_number"),
    )
    _create(
        "pause_codes",
        sa.Column("campaign", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(20), primary_key=True, autoincrement=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("productive", sa.Boolean, nullable=False),
    )
    _create(
        "tokens",
        sa.Column("digest", sa.String(64), primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("user", sa.String(40), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("expires", sa.Double, nullable=True),
    )


def _leads() -> None:
    """Lists and leads."""
    _create(
        "lists",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("campaign", sa.String(40), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    _create(
        "leads",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("list_id", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("user", sa.String(40), nullable=False),
        sa.Column("phone_code", sa.String(12), nullable=False),
        sa.Column("phone_number", sa.String(24), nullable=False),
        sa.Column("entry_date", INSTANT, nullable=False),
        sa.Column("modify_date", INSTANT, nullable=False),
        sa.Column("called_count", sa.Integer, nullable=False),
        sa.Column("called_since_last_reset", sa.Integer, nullable=False),
        sa.Column("last_local_call_time", INSTANT, nullable=True),
        sa.Column("vendor_lead_code", sa.String(40), nullable=True),
        sa.Column("source_id", sa.String(50), nullable=True),
        sa.Column("gmt_offset_now", sa.String(10), nullable=True),
        sa.Column("title", sa.String(20), nullable=True),
        sa.Column("first_name", sa.String(50), nullable=True),
        sa.Column("middle_initial", sa.String(10), nullable=True),
        sa.Column("last_name", sa.String(50), nullable=True),
        sa.Column("address1", sa.String(100), nullable=True),
        sa.Column("address2", sa.String(100), nullable=True),
        sa.Column("address3", sa.String(100), nullable=True),
        sa.Column("city", sa.String(50), nullable=True),
        sa.Column("state", sa.String(50), nullable=True),
        sa.Column("province", sa.String(50), nullable=True),
        sa.Column("postal_code", sa.String(20), nullable=True),
        sa.Column("country_code", sa.String(10), nullable=True),
        sa.Column("gender", sa.String(10), nullable=True),
        sa.Column("date_of_birth", sa.String(20), nullable=True),
        sa.Column("alt_phone", sa.String(24), nullable=True),
        sa.Column("email", sa.String(100), nullable=True),
        sa.Column("security_phrase", sa.String(100), nullable=True),
        sa.Column("comments", sa.Text, nullable=True),
        sa.Column("rank", sa.Integer, nullable=True),
        sa.Column("owner", sa.String(40), nullable=True),
    )
    op.create_index("ix_leads_list_id", "leads", ["list_id", "status"])
    op.create_index("ix_leads_phone_number", "leads", ["phone_number", "list_id"])
    op.create_index("ix_leads_vendor_lead_code", "leads", ["vendor_lead_code"])


def _log() -> None:
    """What happened."""
    _create(
        "sessions",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("daemon", sa.String(40), nullable=False),
        sa.Column("user", sa.String(40), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("campaign", sa.String(40), nullable=False),
        sa.Column("conference", sa.String(20), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("ended_source", sa.String(40), nullable=False),
    )
    op.create_index("ix_sessions_started", "sessions", ["started"])
    op.create_index("ix_sessions_user", "sessions", ["user", "started"])
    _create(
        "calls",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("call_key", sa.String(20), nullable=False),
        sa.Column("daemon", sa.String(40), nullable=False),
        sa.Column("user", sa.String(40), nullable=False),
        sa.Column("session_id", sa.BigInteger, nullable=False),
        sa.Column("campaign", sa.String(40), nullable=False),
        sa.Column("direction", sa.String(10), nullable=False),
        sa.Column("list_id", sa.BigInteger, nullable=False),
        sa.Column("lead_id", sa.BigInteger, nullable=False),
        sa.Column("phone_code", sa.String(12), nullable=False),
        sa.Column("phone_number", sa.String(24), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("vendor_id", sa.String(40), nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("answered", INSTANT, nullable=True),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
        sa.Column("talk", sa.Double, nullable=True),
        sa.Column("cause", sa.Integer, nullable=True),
        sa.Column("hung_up_by", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("suggested_status", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("disposed_by", sa.String(20), nullable=False),
        sa.Column("disposed", INSTANT, nullable=True),
    )
    op.create_index("ix_calls_call_key", "calls", ["call_key"])
    op.create_index("ix_calls_lead_id", "calls", ["lead_id"])
    op.create_index("ix_calls_phone_number", "calls", ["phone_number"])
    op.create_index("ix_calls_started", "calls", ["started"])
    op.create_index("ix_calls_user", "calls", ["user", "started"])
    _create(
        "legs",
        sa.Column("daemon", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(150), primary_key=True, autoincrement=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("user", sa.String(40), nullable=False),
        sa.Column("session_id", sa.BigInteger, nullable=False),
        sa.Column("call_id", sa.BigInteger, nullable=True),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("cause", sa.Integer, nullable=True),
        sa.Column("far_end", sa.Boolean, nullable=True),
    )
    op.create_index("ix_legs_call_id", "legs", ["call_id"])
    op.create_index("ix_legs_session_id", "legs", ["session_id"])
    _create(
        "agent_log",
        sa.Column("session_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("interval_number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("productive", sa.Boolean, nullable=False),
        sa.Column("call_id", sa.BigInteger, nullable=False),
        sa.Column("lead_id", sa.BigInteger, nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
    )
    op.create_index("ix_agent_log_started", "agent_log", ["started"])
    op.create_index("ix_agent_log_user", "agent_log", ["user", "started"])


def _api_log_and_bookkeeping() -> None:
    """The API log, and how far the journal has been applied."""
    _create(
        "api_log",
        sa.Column("api_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("user", sa.String(40), nullable=False),
        sa.Column("api_date", INSTANT, nullable=False),
        sa.Column("api_script", sa.String(10), nullable=False),
        sa.Column("function", sa.String(40), nullable=False),
        sa.Column("agent_user", sa.String(40), nullable=False),
        sa.Column("value", sa.String(255), nullable=False),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("result_reason", sa.String(255), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("journal", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("journal", "seq", name="uq_api_log_journal"),
    )
    op.create_index("ix_api_log_api_date", "api_log", ["api_date"])
    _create(
        "id_blocks",
        sa.Column("kind", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    _create(
        "positions",
        sa.Column("daemon", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("journal", sa.String(32), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("given_up", INSTANT, nullable=True),
    )
    _create(
        "journal_rejects",
        sa.Column("daemon", sa.String(40), primary_key=True, autoincrement=False),
        sa.Column("journal", sa.String(32), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    _create(
        "schema_version",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("compatible", sa.Integer, nullable=False),
    )


def upgrade() -> None:
    """Make the tables, and note the schema's version."""
    _reference()
    _leads()
    _log()
    _api_log_and_bookkeeping()
    op.execute("INSERT INTO schema_version (id, version, compatible) VALUES (1, 1, 1)")
