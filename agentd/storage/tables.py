"""The one schema, for SQLite and MariaDB. Its history is in sql/; ``agentd check`` and a test compare the two.

Ids that answers carry come from ``id_blocks``, never from the database's own counting. Rows that the journal makes
have keys that the journal gave, so that applying a record twice changes nothing.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Text

from agentd.storage.columns import Instant
from agentd.storage.defining import NAME, key, metadata, must, table
from agentd.storage.tables_door import live_agents
from agentd.storage.tables_leads import (
    LEAD_FIELDS,
    CallbackStatus,
    callbacks,
    crm_activities,
    dnc,
    import_progress,
    leads,
    lists,
)
from agentd.storage.tables_log import (
    agent_log,
    api_log,
    calls,
    ingroup_log,
    legs,
    line_log,
    offers,
    park_log,
    recording_mutes,
    recordings,
    sessions,
    supervision_log,
    supervision_modes,
    third_log,
    transfer_log,
    treatment_log,
)
from agentd.storage.tables_setup import (
    audit_log,
    campaigns,
    group_aliases,
    ingroups,
    pause_codes,
    phones,
    presets,
    statuses,
    tokens,
    user_groups,
    users,
)

__all__ = [
    "LEAD_FIELDS",
    "CallbackStatus",
    "agent_log",
    "api_log",
    "audit_log",
    "callbacks",
    "calls",
    "campaigns",
    "crm_activities",
    "dnc",
    "group_aliases",
    "id_blocks",
    "import_progress",
    "ingroup_log",
    "ingroups",
    "journal_rejects",
    "leads",
    "legs",
    "line_log",
    "lists",
    "live_agents",
    "metadata",
    "offers",
    "park_log",
    "pause_codes",
    "phones",
    "positions",
    "presets",
    "recording_mutes",
    "recordings",
    "schema_version",
    "sessions",
    "statuses",
    "supervision_log",
    "supervision_modes",
    "third_log",
    "tokens",
    "transfer_log",
    "treatment_log",
    "user_groups",
    "users",
]

# The next id that nobody has, by kind: lead, call, session, recording, callback, and the numbers of users, campaigns,
# in-groups and statuses.
id_blocks = table("id_blocks", key("kind", NAME), must("next", BigInteger))

# How far each journal has been applied. A journal that was given up has an end.
positions = table(
    "positions",
    key("daemon", NAME),
    key("journal", String(32)),
    must("seq", BigInteger),
    must("at", Instant),
    Column("given_up", Instant),
)

# Records that the database refused for good, for the administrator to look at.
journal_rejects = table(
    "journal_rejects",
    key("daemon", NAME),
    key("journal", String(32)),
    key("seq", BigInteger),
    must("at", Instant),
    must("kind", NAME),
    must("fields", Text),
    must("error", Text),
)

# One row: the schema's version, and the oldest version of the schema whose agentd can work with it.
schema_version = table(
    "schema_version",
    key("id", Integer),
    must("version", Integer),
    must("compatible", Integer),
)
