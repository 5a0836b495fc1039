"""The commands that work on the database: users, phones, campaigns, tokens, the schema. See cli.py."""

from __future__ import annotations

import json
import os
import signal
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock as NoTime

from agentd.core import records as r
from agentd.core.model import Campaign, Phone, Token, User, UserKind
from agentd.engine import checks
from agentd.engine.auth import hash_password, new_token
from agentd.engine.clock import WallClock
from agentd.engine.config import Config, ConfigError, load
from agentd.engine.pidfile import holder
from agentd.storage import management
from agentd.storage.database import connect
from agentd.storage.errors import StorageError
from agentd.storage.migrating import migrate as upgrade
from agentd.storage.migrating import migration_sql
from agentd.storage.opening import open_journal
from agentd.storage.positions import JournalFacts, accept_journal
from agentd.storage.reference import read_reference
from agentd.storage.schema import check_schema

__all__ = [
    "DEFAULT_CONFIG",
    "SCOPES",
    "campaign",
    "check",
    "config_option",
    "fail",
    "json_option",
    "load_config",
    "migrate",
    "phone",
    "show",
    "tell_daemon",
    "token",
    "user",
]

DEFAULT_CONFIG = "/etc/agentd/agentd.toml"

SCOPES = ("sessions", "calls", "leads", "recordings", "supervise", "events", "admin")
"""What a token may be limited to; the native API's scopes."""

config_option = click.option(
    "--config",
    "config_path",
    default=DEFAULT_CONFIG,
    show_default=True,
    envvar="AGENTD_CONFIG",
    help="The configuration file.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def fail(message: str) -> NoReturn:
    """End with exit code 1 and the reason."""
    click.echo(f"agentd: {message}", err=True)
    sys.exit(1)


def load_config(path: str) -> Config:
    """Read the configuration, or end with what is wrong with it."""
    try:
        return load(Path(path))
    except ConfigError as error:
        fail(str(error))


def show(rows: list[dict[str, Any]], columns: tuple[str, ...], data: Any = None) -> None:
    """Print rows as a table, or the data instead as JSON."""
    if data is not None:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    cells = [tuple(_cell(row.get(name)) for name in columns) for row in rows]
    widths = [max(len(line[n]) for line in (columns, *cells)) for n in range(len(columns))]
    for line in (columns, *cells):
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    """A value on one line; what could move a terminal's cursor is shown as a question mark."""
    return "".join(char if char.isprintable() else "?" for char in ("" if value is None else str(value)))


def tell_daemon(config: Config, number: signal.Signals) -> bool:
    """Send the running daemon a signal; False when there is none, or it is not ours to tell."""
    pid = holder(config.pid_file)
    try:
        if pid is not None:
            os.kill(pid, number)
    except OSError:
        return False
    return pid is not None


# --- the database --------------------------------------------------------------------------------------------


@contextmanager
def _database(config: Config) -> Iterator[Connection]:
    """A transaction; what is wrong with the database ends the command."""
    try:
        engine = connect(config.database_url)
        with engine.begin() as connection:
            check_schema(connection)
            yield connection
        engine.dispose()
    except (StorageError, ValueError) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        fail(f"the database: {getattr(error, 'orig', None) or error}")


def _changed(config: Config, what: str) -> None:
    """Say that it is done, and have the running daemon take it up."""
    known = tell_daemon(config, signal.SIGHUP)
    click.echo(what + (" The running daemon takes it up." if known else ""))


def migrate(config: Config, *, as_sql: bool, accept_journal: bool) -> None:
    """Bring the schema up to date, or print the statements that make it."""
    if as_sql:
        migration_sql(config.database_url, sys.stdout)
        return
    try:
        config.state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        done = upgrade(config.database_url)
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


def check(config: Config) -> None:
    """Refuse what the daemon would refuse at its start, as far as it can be known without starting."""
    try:
        _ = (config.ami_secret, config.crystal_secrets, config.crystal_networks, config.database_url)
    except (ConfigError, ValueError) as error:
        fail(str(error))


def _accept_journal(config: Config) -> None:
    """Go on with the journal that is in its folder, whatever the database followed before."""
    opened = open_journal(config.journal_dir, config.daemon.name, WallClock(NoTime()), maybeDeferred, lambda _: None)
    journal = opened.journal
    facts = JournalFacts(journal.daemon, journal.name, journal.first, journal.last)
    with _database(config) as connection:
        seq = accept_journal(connection, facts, _now())
    Deferred.fromCoroutine(journal.close())
    click.echo(f"The database goes on with the journal {journal.name} after record {seq}.")


def _values(config: Config, kind: type[r.Record], name: str) -> list[Any]:
    with _database(config) as connection:
        found = [getattr(record, name) for record in read_reference(connection) if isinstance(record, kind)]
    return [value for value in found if value is not None]


def _row(value: Any) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(value)
    row.pop("password_hash", None)
    return row


def _list(config: Config, kind: type[r.Record], name: str, columns: tuple[str, ...], *, as_json: bool) -> None:
    rows = [_row(value) for value in _values(config, kind, name)]
    show(rows, columns, data=rows if as_json else None)


# --- users ---------------------------------------------------------------------------------------------------


@click.group()
def user() -> None:
    """Users: agents, supervisors, and programs that use an API."""


@user.command("list")
@config_option
@json_option
def user_list(config_path: str, *, as_json: bool) -> None:
    """List all users."""
    columns = ("name", "full_name", "kind", "campaign", "active", "rights")
    _list(load_config(config_path), r.UserSet, "user", columns, as_json=as_json)


@user.command("add")
@config_option
@click.argument("name")
@click.option("--full-name", default="", help="As people know him.")
@click.option("--campaign", default="", help="The campaign of his logins.")
@click.option("--kind", type=click.Choice([kind.value for kind in UserKind]), default="local", show_default=True)
@click.option("--right", "rights", multiple=True, help="A right, such as agent_api or agentcall_manual; repeatable.")
@click.option("--custom-three", default="", help="The CRM's own id of him (alt_user).")
@click.password_option("--password", help="Asked for when it is not given.")
def user_add(
    config_path: str,
    name: str,
    full_name: str,
    campaign: str,
    kind: str,
    rights: tuple[str, ...],
    custom_three: str,
    password: str,
) -> None:
    """Make a user, or change the one of that name."""
    config = load_config(config_path)
    made = User(
        name=name,
        number=0,
        full_name=full_name,
        kind=UserKind(kind),
        password_hash=_hashed(password),
        campaign=campaign,
        rights=frozenset(rights),
        custom={"three": custom_three} if custom_three else {},
    )
    with _database(config) as connection:
        checks.check_user(made)
        management.put_user(connection, made)
    _changed(config, f"User {name} is there.")


def _hashed(password: str) -> str:
    try:
        checks.check_password(password)
    except checks.Unusable as error:
        fail(str(error))
    return hash_password(password)


@user.command("password")
@config_option
@click.argument("name")
@click.password_option("--password", help="Asked for when it is not given.")
def user_password(config_path: str, name: str, password: str) -> None:
    """Give a user another password."""
    config = load_config(config_path)
    found = next((one for one in _values(config, r.UserSet, "user") if one.name == name), None)
    if found is None:
        fail(f"there is no user {name}")
    with _database(config) as connection:
        management.put_user(connection, replace(found, password_hash=_hashed(password)))
    _changed(config, f"User {name} has another password.")


@user.command("delete")
@config_option
@click.argument("name")
def user_delete(config_path: str, name: str) -> None:
    """Take a user away, and his tokens; his history stays."""
    config = load_config(config_path)
    with _database(config) as connection:
        gone = management.delete_user(connection, name)
    if not gone:
        fail(f"there is no user {name}")
    _changed(config, f"User {name} is gone.")


# --- phones --------------------------------------------------------------------------------------------------


@click.group()
def phone() -> None:
    """Phones of this PBX that agents log in on."""


@phone.command("list")
@config_option
@json_option
def phone_list(config_path: str, *, as_json: bool) -> None:
    """List all phones."""
    _list(load_config(config_path), r.PhoneSet, "phone", ("extension", "dial", "active"), as_json=as_json)


@phone.command("add")
@config_option
@click.argument("extension")
@click.option("--dial", default="", help="What Asterisk dials; PJSIP/EXTENSION when it is not given.")
@click.option("--webphone-url", default="", help="The URL of its web phone.")
def phone_add(config_path: str, extension: str, dial: str, webphone_url: str) -> None:
    """Make a phone, or change the one of that extension."""
    config = load_config(config_path)
    with _database(config) as connection:
        made = Phone(extension, dial or f"PJSIP/{extension}", webphone_url=webphone_url)
        checks.check_phone(made)
        management.put_phone(connection, made)
    _changed(config, f"Phone {extension} is there.")


@phone.command("delete")
@config_option
@click.argument("extension")
def phone_delete(config_path: str, extension: str) -> None:
    """Take a phone away."""
    config = load_config(config_path)
    with _database(config) as connection:
        gone = management.delete_phone(connection, extension)
    if not gone:
        fail(f"there is no phone {extension}")
    _changed(config, f"Phone {extension} is gone.")


# --- campaigns -----------------------------------------------------------------------------------------------


@click.group()
def campaign() -> None:
    """Campaigns, with their statuses and pause codes."""


@campaign.command("list")
@config_option
@json_option
def campaign_list(config_path: str, *, as_json: bool) -> None:
    """List all campaigns."""
    columns = ("name", "title", "active", "trunk", "wrapup", "default_status")
    _list(load_config(config_path), r.CampaignSet, "campaign", columns, as_json=as_json)


@campaign.command("add")
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def campaign_add(config_path: str, file: str) -> None:
    """Make a campaign, or change the one of that name, from a TOML file; see `agentd campaign show`."""
    config = load_config(config_path)
    try:
        values = {"number": 0, **tomllib.loads(Path(file).read_text("utf-8"))}
        made = msgspec.convert(values, Campaign)
        checks.check_keys(values, made)
        checks.check_campaign(made)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, checks.Unusable) as error:
        fail(f"{file}: {error}")
    with _database(config) as connection:
        management.put_campaign(connection, made)
    _changed(config, f"Campaign {made.name} is there.")


@campaign.command("show")
@config_option
@click.argument("name")
def campaign_show(config_path: str, name: str) -> None:
    """Print a campaign as the TOML that `agentd campaign add` reads."""
    found = next(
        (one for one in _values(load_config(config_path), r.CampaignSet, "campaign") if one.name == name), None
    )
    if found is None:
        fail(f"there is no campaign {name}")
    click.echo(_toml(_row(found)), nl=False)


def _toml(values: dict[str, Any], table: str = "") -> str:
    """A dictionary of plain values and tables as TOML; None is left out. JSON's strings and lists are TOML's, too."""
    lines = [f"[{table}]"] if table else []
    tables = []
    for key, value in values.items():
        if isinstance(value, dict):
            tables.append(_toml(value, f"{table}.{json.dumps(key)}" if table else key) if value else "")
        elif value is not None:
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, ""]) + "".join(text and f"\n{text}" for text in tables)


@campaign.command("delete")
@config_option
@click.argument("name")
def campaign_delete(config_path: str, name: str) -> None:
    """Take a campaign away, with its statuses and pause codes."""
    config = load_config(config_path)
    with _database(config) as connection:
        gone = management.delete_campaign(connection, name)
    if not gone:
        fail(f"there is no campaign {name}")
    _changed(config, f"Campaign {name} is gone.")


# --- tokens --------------------------------------------------------------------------------------------------


@click.group()
def token() -> None:
    """Bearer tokens of the native API."""


@token.command("list")
@config_option
@json_option
def token_list(config_path: str, *, as_json: bool) -> None:
    """List all tokens (their texts are not kept)."""
    columns = ("digest", "name", "role", "user", "scopes", "expires")
    _list(load_config(config_path), r.TokenSet, "token", columns, as_json=as_json)


@token.command("create")
@config_option
@click.option("--name", required=True, help="What it is for.")
@click.option("--role", type=click.Choice(["agent", "supervisor", "integration", "admin"]), required=True)
@click.option("--user", "owner", default="", help="Whose it is; a token of role agent acts for this agent alone.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Limit it to this; repeatable.")
@click.option("--days", type=float, default=None, help="How long it is good; for ever when not given.")
def token_create(
    config_path: str, name: str, role: str, owner: str, scopes: tuple[str, ...], days: float | None
) -> None:
    """Make a token and print it; it cannot be shown again."""
    config = load_config(config_path)
    if role == "agent" and not owner:
        fail("a token of role agent needs --user")
    plain, digest = new_token()
    expires = None if days is None else _now() + days * 86400
    made = Token(digest, name, role, owner, frozenset(scopes), expires)
    with _database(config) as connection:
        checks.check_token(made, _now())
        management.put_token(connection, made)
    tell_daemon(config, signal.SIGHUP)
    click.echo(plain)


@token.command("revoke")
@config_option
@click.argument("digest")
def token_revoke(config_path: str, digest: str) -> None:
    """Take a token away, by its digest or an unambiguous beginning of it (`agentd token list`)."""
    config = load_config(config_path)
    found = [one.digest for one in _values(config, r.TokenSet, "token") if digest and one.digest.startswith(digest)]
    if len(found) != 1:
        fail(f"{len(found) or 'no'} tokens begin with {digest}")
    with _database(config) as connection:
        management.delete_token(connection, found[0])
    _changed(config, "The token is revoked.")


def _now() -> float:
    return WallClock(NoTime()).now()
