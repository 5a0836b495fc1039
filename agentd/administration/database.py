"""The database as commands use it: one transaction each, what is in it, and changes of that."""

from __future__ import annotations

import os
import pwd
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import click
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.task import Clock as NoTime

from agentd.administration.console import fail, tell_daemon
from agentd.core.errors import AgentdError
from agentd.engine.clock import WallClock
from agentd.engine.config import Config
from agentd.engine.kinds import CAMPAIGN, Action, By, Change, Kind, Named, Part, ThingQuery
from agentd.engine.owner import become_owner
from agentd.storage.database import connect
from agentd.storage.errors import StorageError
from agentd.storage.management.changing import carry_out
from agentd.storage.management.things import find_things, read_thing
from agentd.storage.schema import check_schema

__all__ = ["apply", "by", "changed", "everything", "now", "one", "take_up", "transaction", "who"]

_FACE = "cli"
_ALL = 2**31 - 1


@contextmanager
def transaction(config: Config) -> Iterator[Connection]:
    """A transaction, as the user whose files these are; what is wrong with the database ends the command.

    So does what is refused; then nothing is changed.
    """
    who()  # as long as it is known
    try:
        become_owner(config.state_dir)
        engine = connect(config.database_url)
        try:
            with engine.begin() as connection:
                check_schema(connection)
                yield connection
        finally:
            engine.dispose()
    except (StorageError, AgentdError, ValueError, OSError) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        fail(f"the database: {getattr(error, 'orig', None) or error}")


@cache
def who() -> str:
    """Give the name of the user of this host who has called the command, for the audit log."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may have users without names
        return str(os.getuid())


def changed(config: Config, what: str) -> None:
    """Say that it is done, and have the running daemon take it up."""
    click.echo(what + (" The running daemon takes it up." if take_up(config) else ""))


def take_up(config: Config) -> bool:
    """Have the running daemon read what is set up again; False when there is none."""
    return tell_daemon(config, signal.SIGHUP)


def one(connection: Connection, named: Named) -> Any | None:
    """Give a thing; None if there is none."""
    return read_thing(connection, named)


def everything(connection: Connection, kind: Kind, campaign: str | None = None) -> Iterator[tuple[Named, Any]]:
    """Give all things of a kind, with where they are; parts of campaigns of that campaign alone, when it is named."""
    for owner in _owners(connection, kind, campaign):
        for thing in find_things(connection, kind, ThingQuery(owner, limit=_ALL)):
            yield Named(kind, kind.key_of(thing), owner), thing


def _owners(connection: Connection, kind: Kind, campaign: str | None) -> list[str]:
    if campaign is not None or kind.part is Part.NEVER:
        return [campaign or ""]
    named = [found.name for found in find_things(connection, CAMPAIGN, ThingQuery(limit=_ALL))]
    return ["", *named] if kind.part is Part.MAYBE else named


def apply(connection: Connection, action: Action, named: Named, values: Mapping[str, Any] | None = None) -> Any:
    """Make a change, with its row of the audit log; gives the thing as it is now. Raises what ends the command."""
    return carry_out(connection, Change(action, named, by(), values or {})).thing


def by() -> By:
    """Who changes something, and when, as the audit log tells it."""
    return By(who(), _FACE, now())


def now() -> float:
    """The time, in epoch seconds."""
    return WallClock(NoTime()).now()
