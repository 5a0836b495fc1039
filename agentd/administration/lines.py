"""``agentd ingroup`` and ``agentd alias``: the lines in which callers wait, and outbound caller ids with names."""

from __future__ import annotations

import dataclasses
import urllib.parse
from typing import Any

import click
from sqlalchemy import Connection

from agentd.administration.asking import ask
from agentd.administration.console import (
    config_option,
    fail,
    json_option,
    load_config,
    print_json,
    replace_option,
    show,
)
from agentd.administration.database import changed, find, listing, names, remove, require_new, row_of, transaction
from agentd.administration.options import choice_option, list_ids, options, said, treatment
from agentd.core import records as r
from agentd.core.model import GroupAlias, InGroup, Pick
from agentd.engine import checks
from agentd.storage import management

__all__ = ["alias", "ingroup"]

_WHAT = "wait, hangup, message:SOUND, extension:NUMBER, ingroup:NAME or voicemail:BOX."

_ingroup_options = options(
    click.option("--title", help="As people know it."),
    click.option("--active/--inactive", default=None, help="Whether it takes calls."),
    click.option("--music", help="The class of music on hold; empty for the PBX's default."),
    click.option("--transfer-to", help="The in-group that DEFAULTINGROUP means for its calls; empty for none."),
    choice_option("--pick", Pick, help="Which free agent gets the next caller."),
    click.option("--priority", type=int, help="Its rank among an agent's lines, -99 to 99; the higher, the sooner."),
    click.option("--list", "list_id", type=int, help="The list into which new callers go."),
    click.option(
        "--search-lists", type=list_ids, metavar="ID,ID,...", help="Where callers are looked for; empty: all."
    ),
    click.option("--welcome", help="The sound that a caller hears first; empty for none."),
    click.option("--announce-every", type=int, help="Seconds between announcements; 0 for none."),
    click.option("--announce-position/--no-announce-position", default=None, help="Whether they tell his place."),
    click.option("--announce-wait/--no-announce-wait", default=None, help="Whether they tell how long it may take."),
    click.option("--ring-time", type=int, help="Seconds for which an on-hook or remote agent is rung."),
    click.option("--service-level", type=int, help="Seconds within which a call should be answered."),
    click.option("--hours", help="When it is open, such as 'mon-fri 08:00-18:00; sat 09:00-13:00'; empty: always."),
    click.option("--timezone", help="The time zone of the hours, such as Europe/Berlin; empty: the daemon's."),
    click.option("--after-hours", type=treatment, help=f"What becomes of those who come at another time: {_WHAT}"),
    click.option("--no-agent", type=treatment, help="The same of those who find nobody logged in."),
    click.option("--max-waiting", type=int, help="How many may wait; 0 for no limit."),
    click.option("--full", type=treatment, help="What becomes of those who come when so many wait."),
    click.option("--drop-after", type=int, help="Seconds that a caller waits at most; 0 for no limit."),
    click.option("--drop", type=treatment, help="What becomes of those who have waited for so long."),
)


@click.group()
def ingroup() -> None:
    """In-groups: the lines in which callers wait for an agent."""


@ingroup.command("list")
@config_option
@json_option
def ingroup_list(config_path: str, *, as_json: bool) -> None:
    """List all in-groups."""
    columns = ("name", "title", "active", "pick", "priority", "hours", "drop_after", "drop", "transfer_to")
    listing(load_config(config_path), r.InGroupSet, columns, as_json=as_json)


@ingroup.command("show")
@config_option
@click.argument("name")
def ingroup_show(config_path: str, name: str) -> None:
    """Print all that an in-group is set up with, as JSON."""
    with transaction(load_config(config_path)) as connection:
        print_json(row_of(_ingroup(connection, name)))


@ingroup.command("add")
@config_option
@replace_option
@click.argument("name")
@_ingroup_options
def ingroup_add(config_path: str, name: str, *, replace: bool, **given: Any) -> None:
    """Make an in-group. With --replace the in-group of that name becomes this: what is not said is the default."""
    config = load_config(config_path)
    with transaction(config) as connection:
        require_new(connection, r.InGroupSet, name, replace=replace)
        _put(connection, InGroup(name, 0), given)
    changed(config, f"In-group {name} is there.")


@ingroup.command("change")
@config_option
@click.argument("name")
@_ingroup_options
def ingroup_change(config_path: str, name: str, **given: Any) -> None:
    """Change what is said here of an in-group, and nothing else."""
    config = load_config(config_path)
    with transaction(config) as connection:
        _put(connection, _ingroup(connection, name), given)
    changed(config, f"In-group {name} is changed.")


def _ingroup(connection: Connection, name: str) -> InGroup:
    found: InGroup | None = find(connection, r.InGroupSet, name)
    return found or fail(f"there is no in-group {name}")


def _put(connection: Connection, before: InGroup, given: dict[str, Any]) -> None:
    made = dataclasses.replace(before, **said(given))
    checks.check_ingroup(made, {*names(connection, r.InGroupSet), made.name})
    management.put_ingroup(connection, made)


@ingroup.command("delete")
@config_option
@click.argument("name")
def ingroup_delete(config_path: str, name: str) -> None:
    """Take an in-group away; its calls' history stays."""
    remove(load_config(config_path), management.delete_ingroup, "in-group", name)


_FIGURES = ("name", "waiting", "longest_wait", "agents", "ready", "offered", "answered", "abandoned", "dropped")
_CALLERS = ("position", "key", "number", "lead_id", "priority", "wanted", "offered")


@ingroup.command("status")
@config_option
@json_option
@click.argument("name", required=False)
def ingroup_status(config_path: str, name: str | None, *, as_json: bool) -> None:
    """Tell how the lines are now, and what became of today's callers; with a name also who waits in that one."""
    config = load_config(config_path)
    if name is None:
        found = ask(config, "GET", "/api/v1/ingroups")["ingroups"]
        show(found, (*_FIGURES, "service_level"), data=found if as_json else None)
        return
    one = ask(config, "GET", f"/api/v1/ingroups/{urllib.parse.quote(name, safe='')}")
    show([one], (*_FIGURES, "service_level"), data=one if as_json else None)
    if not as_json and one["callers"]:
        click.echo()
        show(one["callers"], _CALLERS)


# --- group aliases ----------------------------------------------------------------------------------------------------


@click.group()
def alias() -> None:
    """Group aliases: outbound caller ids that have names."""


@alias.command("list")
@config_option
@json_option
def alias_list(config_path: str, *, as_json: bool) -> None:
    """List all group aliases."""
    columns = ("name", "caller_id", "title", "active")
    listing(load_config(config_path), r.GroupAliasSet, columns, as_json=as_json)


@alias.command("add")
@config_option
@replace_option
@click.argument("name")
@click.argument("caller_id")
@click.option("--title", default="", help="As people know it.")
@click.option("--active/--inactive", default=True, show_default=True, help="Whether agents may use it.")
def alias_add(config_path: str, name: str, caller_id: str, title: str, *, active: bool, replace: bool) -> None:
    """Make a group alias. With --replace the alias of that name becomes this."""
    config = load_config(config_path)
    made = GroupAlias(name, caller_id, title, active)
    with transaction(config) as connection:
        require_new(connection, r.GroupAliasSet, name, replace=replace)
        checks.check_group_alias(made)
        management.put_group_alias(connection, made)
    changed(config, f"Group alias {name} is there.")


@alias.command("delete")
@config_option
@click.argument("name")
def alias_delete(config_path: str, name: str) -> None:
    """Take a group alias away."""
    remove(load_config(config_path), management.delete_group_alias, "group alias", name)
