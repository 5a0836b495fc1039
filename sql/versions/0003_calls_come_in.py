"""Calls come in: lines, deliveries, treatments, remote and on-hook agents, calls that campaigns dial, DNC, callbacks.

What is added to older tables has defaults, so that an agentd that knows schema 1 or 2 alone can go on beside this one.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def _create(name: str, *parts: Any) -> sa.Table:
    return op.create_table(name, *parts, mysql_engine="InnoDB", mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin")


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _add(table: str, name: str, kind: Any, default: str) -> None:
    """Add a column that is never NULL; ``default`` is an SQL literal, which the rows that are there get."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(default)))


def _add_treatment(table: str, name: str, kind: str = "hangup") -> None:
    _add(table, f"{name}_kind", sa.String(20), f"'{kind}'")
    _add(table, f"{name}_to", sa.String(100), "''")


def _users() -> None:
    # MySQL takes a default of a TEXT column in parentheses only, SQLite takes them, too.
    _add("users", "ranks", sa.Text, "('{}')")
    _add("users", "blended", sa.Boolean, "0")
    _add("users", "phone", sa.String(40), "''")
    _add("users", "pin_hash", sa.String(255), "''")
    _add("users", "on_hook", sa.Boolean, "0")
    _add("users", "outside_number", sa.String(40), "''")
    _add("users", "outside_lines", sa.Integer, "1")


def _campaigns() -> None:
    _add("campaigns", "inbound", sa.Boolean, "1")
    _add("campaigns", "dial_method", sa.String(20), "'ratio'")
    _add("campaigns", "auto_dial_level", sa.Double, "0")
    _add("campaigns", "max_drop_rate", sa.Double, "3")
    _add("campaigns", "drop_seconds", sa.Double, "2")
    _add_treatment("campaigns", "drop")
    _add("campaigns", "dial_statuses", sa.Text, "('[\"NEW\"]')")
    _add("campaigns", "redial_after", sa.Integer, "3600")
    _add("campaigns", "call_hours", sa.String(255), "'09:00-21:00'")
    _add("campaigns", "timezone", sa.String(40), "''")
    _add("campaigns", "hopper", sa.Integer, "50")


def _ingroups() -> None:
    _add("ingroups", "pick", sa.String(20), "'longest'")
    _add("ingroups", "priority", sa.Integer, "0")
    _add("ingroups", "list_id", sa.BigInteger, "0")
    _add("ingroups", "search_lists", sa.Text, "('[]')")
    _add("ingroups", "welcome", sa.String(100), "''")
    _add("ingroups", "announce_every", sa.Integer, "0")
    _add("ingroups", "announce_position", sa.Boolean, "1")
    _add("ingroups", "announce_wait", sa.Boolean, "0")
    _add("ingroups", "ring_time", sa.Integer, "20")
    _add("ingroups", "service_level", sa.Integer, "20")
    _add("ingroups", "hours", sa.String(255), "''")
    _add("ingroups", "timezone", sa.String(40), "''")
    _add_treatment("ingroups", "after_hours")
    _add_treatment("ingroups", "no_agent", "wait")
    _add("ingroups", "max_waiting", sa.Integer, "0")
    _add_treatment("ingroups", "full")
    _add("ingroups", "drop_after", sa.Integer, "0")
    _add_treatment("ingroups", "drop")


def _dialling() -> None:
    """In which order leads are dialled, whom campaigns must not dial, and whom they have promised to."""
    order = ["list_id", "status", "gmt_offset_now", "last_local_call_time", "rank"]
    op.create_index("ix_leads_dialling", "leads", order)
    op.drop_index("ix_leads_list_id", "leads")  # of which it is the beginning
    _create("dnc", _key("campaign", sa.String(40)), _key("number", sa.String(24)))
    _create(
        "callbacks",
        _key("id", sa.BigInteger),
        _must("lead_id", sa.BigInteger),
        _must("campaign", sa.String(40)),
        _must("user", sa.String(40)),
        _must("due_at", INSTANT),
        _must("anyone", sa.Boolean),
        _must("comments", sa.Text),
        _must("status", sa.String(20)),
        _must("created", INSTANT),
        _must("call_id", sa.BigInteger),
    )
    op.create_index("ix_callbacks_call_id", "callbacks", ["call_id"])
    op.create_index("ix_callbacks_due_at", "callbacks", ["campaign", "status", "due_at"])
    op.create_index("ix_callbacks_lead_id", "callbacks", ["lead_id"])


def _calls() -> None:
    _add("sessions", "kind", sa.String(20), "'seated'")
    _add("calls", "did", sa.String(40), "''")
    op.add_column("calls", sa.Column("wait", sa.Double, nullable=True))
    _add("calls", "treated", sa.String(20), "''")
    op.create_index("ix_calls_ingroup", "calls", ["ingroup", "started"])


def _lines() -> None:
    """Who waited where, to whom he was offered, and what became of him if to nobody."""
    _create(
        "line_log",
        _key("call_id", sa.BigInteger),
        _key("seq", sa.BigInteger),
        _must("leg", sa.String(150)),
        _must("ingroup", sa.String(40)),
        _must("campaign", sa.String(40)),
        _must("wanted", sa.String(40)),
        _must("priority", sa.Integer),
        _must("consult", sa.Boolean),
        _must("started", INSTANT),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
        _must("reason", sa.String(20)),
    )
    op.create_index("ix_line_log_ingroup", "line_log", ["ingroup", "started"])
    op.create_index("ix_line_log_started", "line_log", ["started"])
    _create(
        "offers",
        _key("call_id", sa.BigInteger),
        _key("seq", sa.BigInteger),
        _must("user", sa.String(40)),
        _must("ingroup", sa.String(40)),
        _must("started", INSTANT),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
        _must("outcome", sa.String(20)),
        sa.Column("cause", sa.Integer, nullable=True),
    )
    op.create_index("ix_offers_started", "offers", ["started"])
    op.create_index("ix_offers_user", "offers", ["user", "started"])
    _create(
        "treatment_log",
        _key("call_id", sa.BigInteger),
        _key("seq", sa.BigInteger),
        _must("ingroup", sa.String(40)),
        _must("campaign", sa.String(40)),
        _must("reason", sa.String(20)),
        _must("how", sa.String(20)),
        _must("target", sa.String(100)),
        _must("at", INSTANT),
    )
    op.create_index("ix_treatment_log_at", "treatment_log", ["at"])
    _create(
        "ingroup_log",
        _key("session_id", sa.BigInteger),
        _key("seq", sa.BigInteger),
        _must("user", sa.String(40)),
        _must("ingroups", sa.Text),
        _must("blended", sa.Boolean),
        _must("at", INSTANT),
    )
    op.create_index("ix_ingroup_log_at", "ingroup_log", ["at"])
    op.create_index("ix_ingroup_log_user", "ingroup_log", ["user", "at"])


def upgrade() -> None:
    """Add the columns and tables, and note the schema's version."""
    _users()
    _campaigns()
    _ingroups()
    _dialling()
    _calls()
    _lines()
    op.execute("UPDATE schema_version SET version = 3")
