"""The database as commands use it: one transaction each, and what is in it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import click
import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.task import Clock as NoTime

from agentd.administration.console import fail, show, tell_daemon
from agentd.core import records as r
from agentd.engine.clock import WallClock
from agentd.engine.config import Config
from agentd.engine.owner import become_owner
from agentd.storage.database import connect
from agentd.storage.errors import StorageError
from agentd.storage.reference import read_reference
from agentd.storage.schema import check_schema

__all__ = ["changed", "find", "listing", "names", "now", "remove", "require_new", "row_of", "transaction", "values"]


@contextmanager
def transaction(config: Config) -> Iterator[Connection]:
    """A transaction, as the user whose files these are; what is wrong with the database ends the command."""
    try:
        become_owner(config.state_dir)
        engine = connect(config.database_url)
        try:
            with engine.begin() as connection:
                check_schema(connection)
                yield connection
        finally:
            engine.dispose()
    except (StorageError, ValueError, OSError) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        fail(f"the database: {getattr(error, 'orig', None) or error}")


def changed(config: Config, what: str) -> None:
    """Say that it is done, and have the running daemon take it up."""
    known = tell_daemon(config, signal.SIGHUP)
    click.echo(what + (" The running daemon takes it up." if known else ""))


def values(config: Config, kind: type[r.Record]) -> list[Any]:
    """Give what the reference data has of a kind."""
    with transaction(config) as connection:
        return list(_of_kind(connection, kind).values())


def find(connection: Connection, kind: type[r.Record], key: str) -> Any:
    """Give what the reference data has of a kind under a key (a user's name, a phone's extension); None: nothing."""
    return _of_kind(connection, kind).get(key)


def names(connection: Connection, kind: type[r.Record]) -> list[str]:
    """Give the keys of all that the reference data has of a kind."""
    return list(_of_kind(connection, kind))


def require_new(connection: Connection, kind: type[r.Record], key: str, *, replace: bool) -> None:
    """Refuse to make what is there already, unless it is to be replaced; ends the command."""
    if not replace and find(connection, kind, key) is not None:
        fail(f"{key} is there already; --replace puts this in its place")


def remove(config: Config, delete: Callable[[Connection, str], list[r.Record]], kind: str, key: str) -> None:
    """Take away what the function deletes, and say so; ends the command when there is none."""
    with transaction(config) as connection:
        if not delete(connection, key):
            fail(f"there is no {kind} {key}")
    changed(config, f"{kind.capitalize()} {key} is gone.")


def _of_kind(connection: Connection, kind: type[r.Record]) -> dict[str, Any]:
    """Reference data of a kind by its key; a record of it has these two fields."""
    key, value = (field.name for field in fields(kind))
    found = [record for record in read_reference(connection) if isinstance(record, kind)]
    return {getattr(record, key): getattr(record, value) for record in found}


def row_of(value: Any) -> dict[str, Any]:
    """Give a value as plain data, without what is secret."""
    row: dict[str, Any] = msgspec.to_builtins(value)
    for secret in ("password_hash", "pin_hash"):
        row.pop(secret, None)
    return row


def listing(config: Config, kind: type[r.Record], columns: tuple[str, ...], *, as_json: bool) -> None:
    """Print all values of a kind, as a table or as JSON."""
    rows = [row_of(value) for value in values(config, kind)]
    show(rows, columns, data=rows if as_json else None)


def now() -> float:
    """The time, in epoch seconds."""
    return WallClock(NoTime()).now()
