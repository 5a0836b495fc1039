"""Calls in hand: in-groups, holds, third parties, transfers, recordings, supervisors.

What is added to older tables has defaults, so that an agentd that knows schema 1 alone can go on beside this one.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
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


def _reference() -> None:
    """What the administrator sets up."""
    # MySQL takes a default of a TEXT column in parentheses only, SQLite takes them, too.
    _add("users", "ingroups", sa.Text, "('[]')")
    _add("campaigns", "park_music", sa.String(40), "''")
    _add("campaigns", "ivr_context", sa.String(80), "''")
    _add("campaigns", "ivr_prompt", sa.String(100), "''")
    _add("campaigns", "leave_message", sa.String(100), "''")
    _add("campaigns", "default_ingroup", sa.String(40), "''")
    _add("campaigns", "recording", sa.String(10), "'ondemand'")
    _add("campaigns", "recording_format", sa.String(10), "'wav'")
    _create(
        "ingroups",
        _key("name", sa.String(40)),
        _must("number", sa.BigInteger),
        _must("title", sa.String(100)),
        _must("active", sa.Boolean),
        _must("music", sa.String(40)),
        _must("transfer_to", sa.String(40)),
        sa.UniqueConstraint("number", name="uq_ingroups_number"),
    )
    _create(
        "group_aliases",
        _key("name", sa.String(40)),
        _must("caller_id", sa.String(30)),
        _must("title", sa.String(100)),
        _must("active", sa.Boolean),
    )


def _calls() -> None:
    """What becomes of a call beside its beginning and its end."""
    _add("calls", "leg", sa.String(150), "''")
    _add("calls", "ingroup", sa.String(40), "''")
    _add("calls", "wanted", sa.String(40), "''")
    _add("calls", "origin", sa.BigInteger, "0")
    op.add_column("calls", sa.Column("held", sa.Double, nullable=True))
    op.create_index("ix_calls_origin", "calls", ["origin"])
    _create(
        "park_log",
        _key("call_id", sa.BigInteger),
        _key("seq", sa.BigInteger),
        _must("user", sa.String(40)),
        _must("place", sa.String(20)),
        _must("started", INSTANT),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
        _must("retrieved_by", sa.String(20)),
    )
    op.create_index("ix_park_log_started", "park_log", ["started"])
    op.create_index("ix_park_log_user", "park_log", ["user", "started"])
    _create(
        "third_log",
        _key("call_id", sa.BigInteger),
        _key("leg", sa.String(150)),
        _must("user", sa.String(40)),
        _must("phone_number", sa.String(40)),
        _must("ingroup", sa.String(40)),
        _must("consulted", sa.String(40)),
        _must("asked", INSTANT),
        sa.Column("answered", INSTANT, nullable=True),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("cause", sa.Integer, nullable=True),
        _must("hung_up_by", sa.String(20)),
    )
    op.create_index("ix_third_log_asked", "third_log", ["asked"])
    op.create_index("ix_third_log_user", "third_log", ["user", "asked"])
    _create(
        "transfer_log",
        _key("call_id", sa.BigInteger),
        _key("seq", sa.BigInteger),
        _must("user", sa.String(40)),
        _must("how", sa.String(20)),
        _must("target", sa.String(100)),
        _must("at", INSTANT),
    )
    op.create_index("ix_transfer_log_at", "transfer_log", ["at"])
    op.create_index("ix_transfer_log_user", "transfer_log", ["user", "at"])


def _recordings() -> None:
    """The recording log, with what is silent in each."""
    _create(
        "recordings",
        _key("id", sa.BigInteger),
        _must("daemon", sa.String(40)),
        _must("user", sa.String(40)),
        _must("session_id", sa.BigInteger),
        _must("call_id", sa.BigInteger),
        _must("lead_id", sa.BigInteger),
        _must("leg", sa.String(150)),
        _must("phone_number", sa.String(40)),
        _must("name", sa.String(100)),
        _must("file", sa.String(100)),
        _must("stage", sa.String(20)),
        _must("asked_by", sa.String(20)),
        _must("asked", INSTANT),
        sa.Column("started", INSTANT, nullable=True),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
        _must("reason", sa.String(20)),
        _must("failed", sa.String(255)),
        sa.Column("removed", INSTANT, nullable=True),
    )
    op.create_index("ix_recordings_asked", "recordings", ["asked"])
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_index("ix_recordings_lead_id", "recordings", ["lead_id"])
    op.create_index("ix_recordings_user", "recordings", ["user", "asked"])
    _create(
        "recording_mutes",
        _key("recording_id", sa.BigInteger),
        _key("seq", sa.BigInteger),
        _must("started", INSTANT),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
    )


def _supervision() -> None:
    """Who listened to whom, when and how."""
    _create(
        "supervision_log",
        _key("daemon", sa.String(40)),
        _key("leg", sa.String(150)),
        _must("user", sa.String(40)),
        _must("session_id", sa.BigInteger),
        _must("phone", sa.String(40)),
        _must("mode", sa.String(20)),
        _must("asked_by", sa.String(40)),
        _must("asked", INSTANT),
        sa.Column("started", INSTANT, nullable=True),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
        sa.Column("cause", sa.Integer, nullable=True),
    )
    op.create_index("ix_supervision_log_asked", "supervision_log", ["asked"])
    op.create_index("ix_supervision_log_user", "supervision_log", ["user", "asked"])
    _create(
        "supervision_modes",
        _key("daemon", sa.String(40)),
        _key("leg", sa.String(150)),
        _key("seq", sa.BigInteger),
        _must("mode", sa.String(20)),
        _must("asked_by", sa.String(40)),
        _must("started", INSTANT),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("length", sa.Double, nullable=True),
    )


def upgrade() -> None:
    """Add the columns and tables, and note the schema's version."""
    _reference()
    _calls()
    _recordings()
    _supervision()
    op.execute("UPDATE schema_version SET version = 2")
