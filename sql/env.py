"""Alembic's environment: agentd.storage.migrating gives it a connection, or a URL to print statements for."""

from __future__ import annotations

from alembic import context
from sqlalchemy import make_url

from agentd.storage.tables import metadata

attributes = context.config.attributes

if context.is_offline_mode():
    dialect = make_url(attributes["url"]).get_backend_name()
    context.configure(dialect_name=dialect, target_metadata=metadata, literal_binds=True)
else:
    context.configure(connection=attributes["connection"], target_metadata=metadata, compare_type=True)

with context.begin_transaction():
    context.run_migrations()
