"""``agentd import vicidial``, with which the group of imports is whole: taking over what a VICIdial was set up with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError

from agentd.administration.console import config_option, fail, json_option, load_config, print_json, show
from agentd.administration.database import now, take_up
from agentd.administration.importing import PATIENCE, dry_option, import_group, note, opened, reasons
from agentd.storage.database import connect

if TYPE_CHECKING:  # read when the command runs
    from agentd.importing.vicidial.notes import Notes

__all__ = ["import_group", "import_vicidial"]

_COUNTS = ("kind", "found", "new", "known", "left_out")


@import_group.command("vicidial")
@config_option
@json_option
@dry_option
@click.option("--campaign", "campaigns", multiple=True, help="This campaign and what belongs to it; repeatable.")
@click.option("--what", help="Only these kinds, separated by commas: users,phones,...  [default: all]")
@click.option("--trunk", default="", help="What Asterisk dials for an outside number, such as PJSIP/{number}@carrier.")
@click.option(
    "--dial", default="", help="What it dials for a phone, such as PJSIP/{extension}; by its protocol if not."
)
@click.option("--timezone", default="", help="The zone of its times, such as Europe/Berlin; this machine's if not.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False), help="Where the URL's password is.")
@click.argument("dsn")
def import_vicidial(
    config_path: str,
    dsn: str,
    what: str | None,
    timezone: str,
    password_file: str | None,
    *,
    as_json: bool,
    **given: Any,
) -> None:
    """Take over users, phones, campaigns, in-groups, lists, leads and more from a VICIdial's database.

    DSN is its URL, such as mysql://cron@db.example.com/asterisk. It is only read. What is here already stays as it is.
    """
    from agentd.importing.vicidial.moving import KINDS, Move, MoveWish  # noqa: PLC0415 - it takes its time
    from agentd.importing.vicidial.source import Source  # noqa: PLC0415

    config = load_config(config_path)
    kinds = KINDS if what is None else tuple(what.replace("-", "_").split(","))
    if unknown := set(kinds) - set(KINDS):
        fail(f"--what: {', '.join(sorted(unknown))} is none of {', '.join(KINDS)}")
    wish = MoveWish(kinds=kinds, **given)
    with reasons(), click.progressbar(length=1, label="Leads", file=sys.stderr) as bar:
        engine = _connected(dsn, password_file)
        try:
            source = Source(engine, timezone)
            bar.length = sum(source.count("vicidial_list", "list_id").values())
            with opened(config) as ours:
                move = Move(ours, source, wish, now(), lambda read: bar.update(read - bar.pos))
                move.run()
                if not wish.dry:
                    note(ours, "vicidial", source.name, {row["kind"]: row["new"] for row in move.notes.counts})
        finally:
            engine.dispose()
    _summary(move.notes, as_json=as_json)
    if not wish.dry and take_up(config) and not as_json:
        click.echo("The running daemon takes it up.")


def _connected(dsn: str, password_file: str | None) -> Engine:
    try:
        url = make_url(dsn)
    except ArgumentError:
        fail("the DSN cannot be read: expected a URL such as mysql://cron@db.example.com/asterisk")
    if url.get_backend_name() not in {"mysql", "mariadb"}:
        fail("the DSN is not one of MariaDB or MySQL")
    if password_file is not None:
        url = url.set(password=Path(password_file).read_text("utf-8").strip())
    return connect(url.render_as_string(hide_password=False), timeout=PATIENCE)


def _summary(notes: Notes, *, as_json: bool) -> None:
    if as_json:
        print_json({"counts": notes.counts, "remarks": notes.remarks})
        return
    show(notes.counts, _COUNTS)
    for remark in notes.remarks:
        more = f" and {remark['count'] - len(remark['names'])} more" if remark["count"] > len(remark["names"]) else ""
        line = f"{remark['kind']}: {', '.join(remark['names'])}{more}: {remark['what']}"
        click.echo("".join(char if char.isprintable() else "?" for char in line))
