"""Leads, dispositions, administration: previews, promises of agents, presets, user groups, the audit log, imports.

What is added to older tables has defaults, so that an agentd that knows an older schema alone can go on beside this.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
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


def _setup() -> None:
    _add("campaigns", "preview", sa.String(10), "'enabled'")
    _add("campaigns", "alternative_numbers", sa.Boolean, "0")
    _add("campaigns", "refuse_dnc", sa.Boolean, "0")
    # MySQL takes a default of a TEXT column in parentheses only, SQLite takes them, too.
    _add("campaigns", "webform", sa.Text, "('')")
    _add("campaigns", "webform2", sa.Text, "('')")
    _create("user_groups", _key("name", sa.String(40)), _must("title", sa.String(100)), _must("addresses", sa.Text))
    _create(
        "presets",
        _key("campaign", sa.String(40)),
        _key("code", sa.String(20)),
        _must("number", sa.String(40)),
        _must("title", sa.String(100)),
    )


def _audit_log() -> None:
    _create(
        "audit_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        _must("at", INSTANT),
        _must("user", sa.String(100)),
        _must("face", sa.String(20)),
        _must("kind", sa.String(40)),
        _must("name", sa.String(255)),
        _must("action", sa.String(20)),
        sa.Column("value_before", sa.Text, nullable=True),
        sa.Column("value_after", sa.Text, nullable=True),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"])
    op.create_index("ix_audit_log_name", "audit_log", ["kind", "name"])
    op.create_index("ix_audit_log_user", "audit_log", ["user"])


def _leads() -> None:
    """By what leads are looked for."""
    op.create_index("ix_leads_list_id", "leads", ["list_id", "id"])
    op.create_index("ix_leads_alt_phone", "leads", ["alt_phone"])
    op.create_index("ix_leads_address3", "leads", ["address3"])
    op.create_index("ix_leads_last_name", "leads", ["last_name"])
    op.create_index("ix_leads_first_name", "leads", ["first_name"])


def _calls() -> None:
    _add("calls", "code", sa.String(40), "''")
    _add("calls", "which", sa.String(20), "'MAIN'")
    _add("calls", "preview", sa.Boolean, "0")
    _add("callbacks", "made_by_call", sa.BigInteger, "0")
    op.create_index("ix_callbacks_user", "callbacks", ["user", "status", "due_at"])


def _from_elsewhere() -> None:
    _create(
        "crm_activities",
        _key("id", sa.String(40)),
        _must("number", sa.String(40)),
        _must("phone_code", sa.String(12)),
        _must("account", sa.String(40)),
        _must("subject", sa.String(255)),
    )
    _create(
        "import_progress",
        _key("source", sa.String(255)),
        _must("position", sa.BigInteger),
        _must("line", sa.BigInteger),
        _must("counts", sa.Text),
        _must("started", INSTANT),
        _must("changed", INSTANT),
        sa.Column("ended", INSTANT, nullable=True),
    )


# --- the SQL door --------------------------------------------------------------------------------------------------

LIVE_AGENTS = (
    ("user", sa.String(40)),
    ("server_ip", sa.String(100)),
    ("conf_exten", sa.String(20)),
    ("extension", sa.String(40)),
    ("status", sa.String(10)),
    ("lead_id", sa.BigInteger),
    ("campaign_id", sa.String(40)),
    ("uniqueid", sa.String(150)),
    ("callerid", sa.String(20)),
    ("comments", sa.String(20)),
    ("closer_campaigns", sa.Text),
    ("outbound_autodial", sa.String(1)),
    ("on_hook_agent", sa.String(1)),
    ("pause_code", sa.String(20)),
    ("preview_lead_id", sa.BigInteger),
    ("last_state_change", INSTANT),
    ("last_update_time", INSTANT),
)
ORDERS = (
    ("external_hangup", sa.String(1)),
    ("external_status", sa.String(255)),
    ("external_pause", sa.String(20)),
    ("external_pause_code", sa.String(20)),
    ("external_dial", sa.String(255)),
    ("external_dtmf", sa.String(100)),
    ("external_park", sa.String(40)),
    ("external_recording", sa.String(20)),
    ("external_transferconf", sa.String(255)),
)
API_LOG = "api_id, user, api_date, api_script, `function`, agent_user, value, result, result_reason, source, data"


def _sql_door() -> None:
    _create(
        "live_agents",
        _key("live_agent_id", sa.BigInteger),
        _must("daemon", sa.String(40)),
        *(_must(name, kind) for name, kind in (*LIVE_AGENTS, *ORDERS)),
    )
    op.create_index("ix_live_agents_user", "live_agents", ["user"])
    op.create_index("ix_live_agents_daemon", "live_agents", ["daemon"])
    shown = ", ".join(name for name, _ in (("live_agent_id", None), *LIVE_AGENTS, *ORDERS))
    for brand in ("vicidial", "ytel"):
        op.execute(f"CREATE VIEW {brand}_live_agents AS SELECT {shown} FROM live_agents")  # noqa: S608 - names of our own
        op.execute(f"CREATE VIEW {brand}_api_log AS SELECT {API_LOG} FROM api_log")  # noqa: S608 - likewise
        if op.get_context().dialect.name == "sqlite":  # whose views take no writing; MariaDB's do
            _take_orders_through(f"{brand}_live_agents")


def _take_orders_through(view: str) -> None:
    names = [name for name, _ in ORDERS]
    changes = ", ".join(f"{name} = NEW.{name}" for name in names)
    done = f"UPDATE live_agents SET {changes} WHERE live_agent_id = OLD.live_agent_id"  # noqa: S608 - likewise
    op.execute(f"CREATE TRIGGER {view}_orders INSTEAD OF UPDATE OF {', '.join(names)} ON {view} BEGIN {done}; END")


def upgrade() -> None:
    """Add the columns and tables, and note the schema's version."""
    _setup()
    _audit_log()
    _leads()
    _calls()
    _from_elsewhere()
    _sql_door()
    op.execute("UPDATE schema_version SET version = 4")
