"""``agentd import``: leads, CRM activities and numbers not to call from files, and what a VICIdial was set up with."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from agentd.administration.console import config_option, fail, json_option, load_config, print_json
from agentd.administration.database import now, who
from agentd.administration.options import Decorator, choice_option, options
from agentd.engine.config import Config
from agentd.engine.kinds import By
from agentd.engine.owner import become_owner
from agentd.importing.wishes import DncCheck, Duplicates, FileWish, ImportRefused, LeadWish, Told
from agentd.storage.database import connect, transact
from agentd.storage.errors import StorageError
from agentd.storage.management import log_act
from agentd.storage.schema import check_schema

if TYPE_CHECKING:
    from agentd.importing.files import Opened

__all__ = ["PATIENCE", "dry_option", "import_group", "note", "opened", "reasons"]

PATIENCE = 60.0
"""Seconds that an import waits for what a running daemon does with the database."""

dry_option = click.option("--dry-run", "dry", is_flag=True, help="Only tell what would come of it.")


@click.group("import")
def import_group() -> None:
    """Bring in leads, numbers not to call, CRM activities, or all of a VICIdial; the daemon may run meanwhile."""


def _file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return options(
        click.option(
            "--map",
            "mapped",
            multiple=True,
            metavar="COLUMN=FIELD,...",
            help="Which column is which field, where the names do not tell; an empty FIELD takes a column out.",
        ),
        click.option("--delimiter", default="", help="What stands between two columns; found out when not said."),
        click.option("--encoding", default="", help="Such as latin-1; UTF-8 when not said, and what a mark tells."),
        click.option("--rejects", default="", help="Where rows go that are not taken.  [default: FILE.rejects.csv]"),
        dry_option,
        click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False)),
    )(command)


_country_options: Decorator = options(
    click.option("--country", default="", help="Where numbers without a country's code are: two letters, such as US."),
    click.option("--phone-code", default="", help="The same as its code, such as 1; the configuration's if neither."),
)


def _wish(given: dict[str, Any]) -> FileWish:
    """What the options of a file say; those are taken out."""
    return FileWish(**{name: given.pop(name) for name in ("path", "rejects", "encoding", "delimiter", "mapped", "dry")})


def _phone_code(config: Config, country: str, phone_code: str) -> str:
    """The code of numbers without one: what was said, else that of the configuration."""
    return phone_code or ("" if country else config.defaults.phone_code)


@import_group.command("leads")
@config_option
@json_option
@click.option("--list", "list_id", type=click.IntRange(1, 10**18 - 1), required=True, help="The list they go into.")
@_country_options
@choice_option(
    "--dnc-check", DncCheck, default="refuse", show_default=True, help="Leads whose number is not to be called."
)
@choice_option("--duplicates", Duplicates, default="list", show_default=True, help="Where one of a number is enough.")
@click.option("--restart", is_flag=True, help="Begin anew what was stopped, or is done already.")
@_file_options
def import_leads(config_path: str, *, as_json: bool, dnc_check: DncCheck, **given: Any) -> None:
    """Import leads from a CSV file into a list.

    One that was stopped goes on where it was when the same command is given again.
    """
    from agentd.importing import files  # noqa: PLC0415 - the numbering plans of the world take their time

    file = _wish(given)
    config = load_config(config_path)
    given["phone_code"] = _phone_code(config, given["country"], given["phone_code"])
    lead = LeadWish(dnc=dnc_check, **given)
    with _at_work(config, file) as (engine, found):
        told = files.import_leads(engine, found, lead, now())
        _note(engine, "leads", file, told)
    _summary(told, file, as_json=as_json)


@import_group.command("activities")
@config_option
@json_option
@_country_options
@_file_options
def import_activities(config_path: str, country: str, phone_code: str, *, as_json: bool, **given: Any) -> None:
    """Import what a CRM has planned, which external_dial finds by its id.

    Columns are id, number, phone_code, account and subject. What is there under the same id becomes what the file says.
    """
    from agentd.importing import files  # noqa: PLC0415

    file = _wish(given)
    config = load_config(config_path)
    with _at_work(config, file) as (engine, found):
        told = files.import_activities(engine, found, country, _phone_code(config, country, phone_code))
        _note(engine, "activities", file, told)
    _summary(told, file, as_json=as_json)


@import_group.command("dnc")
@config_option
@json_option
@click.option("--campaign", default="", help="Not to be called by this campaign; by none when it is not given.")
@_file_options
def import_dnc(config_path: str, campaign: str, *, as_json: bool, **given: Any) -> None:
    """Import numbers not to call: one a line, or a column of a CSV file. What is there already stays there."""
    from agentd.importing import files  # noqa: PLC0415

    file = _wish(given)
    with _at_work(load_config(config_path), file) as (engine, found):
        told = files.import_dnc(engine, found, campaign)
        _note(engine, "dnc", file, told)
    _summary(told, file, as_json=as_json)


# --- what they have in common --------------------------------------------------------------------------------


@contextmanager
def _at_work(config: Config, file: FileWish) -> Iterator[tuple[Engine, Opened]]:
    """The database and the files; what goes wrong ends the command with its reason, and what is done by then stays."""
    from agentd.importing.files import opened_files  # noqa: PLC0415

    with reasons(file.path), _bar(file.path) as tell, opened_files(file, tell) as found, opened(config) as engine:
        yield engine, found


@contextmanager
def opened(config: Config) -> Iterator[Engine]:
    """The database for more than one transaction, as the user whose files these are.

    Raises:
        StorageError, SQLAlchemyError, OSError, ValueError
    """
    who()  # as long as it is known
    become_owner(config.state_dir)
    engine = connect(config.database_url, timeout=PATIENCE)
    try:
        with engine.begin() as connection:
            check_schema(connection)
        yield engine
    finally:
        engine.dispose()


def note(engine: Engine, what: str, name: str, counts: Any) -> None:
    """Keep a row of the audit log: who has imported what, and what became of it."""
    by = By(who(), "cli", now())
    transact(engine, lambda connection: log_act(connection, by, "import", name, what, after=counts))


def _note(engine: Engine, what: str, file: FileWish, told: Told) -> None:
    if not file.dry:
        note(engine, what, os.path.realpath(file.path), told.counts)


@contextmanager
def reasons(path: str = "") -> Iterator[None]:
    """What goes wrong ends the command with its reason, and the file that it is about; what is done by then stays."""
    try:
        yield
    except ImportRefused as error:
        fail(f"{path}: {error}" if path else str(error))
    except (StorageError, ValueError, OSError) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        fail(f"the database: {getattr(error, 'orig', None) or error}; the same command goes on from here")


@contextmanager
def _bar(path: str) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal; gives what to tell the bytes that were read."""
    with click.progressbar(length=os.path.getsize(path), label="Importing", file=sys.stderr) as bar:
        yield lambda position: bar.update(position - bar.pos)


_WORDS = {
    "rows": "rows were read",
    "imported": "were imported",
    "known": "were there already",
    "bad": "were bad",
    "duplicates": "had a number that is there already",
    "dnc": "had a number that must not be called",
    "numbers_unread": "second or third numbers were none, and stay as they were written",
}


def _summary(told: Told, file: FileWish, *, as_json: bool) -> None:
    rejects = file.rejects or f"{file.path}.rejects.csv"
    left = os.path.exists(rejects) and os.path.getsize(rejects) > 0
    if as_json:
        print_json(
            {**told.counts, "ignored": list(told.ignored), "rejects": rejects if left else None, "dry": file.dry}
        )
        return
    if told.begun:
        click.echo(f"It went on behind line {told.begun}; the numbers are those of the whole file.")
    if told.ignored:
        click.echo(f"Not imported were the columns {', '.join(map(repr, told.ignored))}.")
    for name, count in told.counts.items():
        if count or name in {"rows", "imported"}:
            words = _WORDS[name].replace("were imported", "would be imported") if file.dry else _WORDS[name]
            click.echo(f"{count:>10}  {words}")
    if left:
        click.echo(f"Rows that were not taken are in {rejects}, with their reasons.")
