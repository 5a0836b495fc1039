"""The schema and the journal that the database follows; and whether the daemon would start."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock as NoTime

from agentd.administration.console import fail
from agentd.administration.database import now, transaction
from agentd.engine.clock import WallClock
from agentd.engine.config import Config, ConfigError
from agentd.engine.owner import become_owner
from agentd.storage.errors import StorageError
from agentd.storage.opening import open_journal
from agentd.storage.positions import JournalFacts, accept_journal
from agentd.storage.seeding import seed

__all__ = ["check", "migrate"]


def migrate(config: Config, *, as_sql: bool, accept_journal: bool) -> None:
    """Bring the schema up to date, or print the statements that make it. A new database has the usual statuses."""
    from agentd.storage.migrating import migrate as upgrade  # noqa: PLC0415 - Alembic takes its time, and `run` none
    from agentd.storage.migrating import migration_sql  # noqa: PLC0415

    if as_sql:
        migration_sql(config.database_url, sys.stdout)
        return
    try:
        config.state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        become_owner(config.state_dir)
        done = upgrade(config.database_url)
        if not done.before:
            with transaction(config) as connection:
                seed(connection)
        if accept_journal:
            _accept_journal(config)
    except (StorageError, ValueError, OSError) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        fail(f"the database: {getattr(error, 'orig', None) or error}")
    if done.backup is not None:
        click.echo(f"The database as it was is in {done.backup}.")
    unchanged = f"The schema is up to date ({done.after})."
    click.echo(unchanged if done.before == done.after else f"The schema went from {done.before} to {done.after}.")


def check(config: Config, code: int = 1) -> None:
    """Refuse what the daemon would refuse at its start, as far as it can be known without starting."""
    try:
        config.check_secrets()
    except ConfigError as error:
        fail(str(error), code)


def first_time(config: Config) -> None:
    """Make the SQLite database when there is none: a daemon that is started for the first time just works."""
    file = make_url(config.database_url)
    if file.get_backend_name() == "sqlite" and file.database and not Path(file.database).exists():
        migrate(config, as_sql=False, accept_journal=False)


def _accept_journal(config: Config) -> None:
    """Go on with the journal that is in its folder, whatever the database followed before."""
    opened = open_journal(config.journal_dir, config.daemon.name, WallClock(NoTime()), maybeDeferred, lambda _: None)
    journal = opened.journal
    facts = JournalFacts(journal.daemon, journal.name, journal.first, journal.last)
    with transaction(config) as connection:
        seq = accept_journal(connection, facts, now())
    Deferred.fromCoroutine(journal.close())
    click.echo(f"The database goes on with the journal {journal.name} after record {seq}.")
