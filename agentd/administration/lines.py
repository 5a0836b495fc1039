"""``agentd ingroup`` and ``agentd alias``: the lines in which callers wait, and outbound caller ids with names."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from agentd.administration.console import config_option, fail, json_option, load_config, replace_option
from agentd.administration.database import changed, find, listing, remove, require_new, transaction
from agentd.core import records as r
from agentd.core.model import GroupAlias, InGroup
from agentd.engine import checks
from agentd.storage import management

__all__ = ["alias", "ingroup"]


@click.group()
def ingroup() -> None:
    """In-groups: the lines in which callers wait for an agent."""


@ingroup.command("list")
@config_option
@json_option
def ingroup_list(config_path: str, *, as_json: bool) -> None:
    """List all in-groups."""
    columns = ("name", "title", "active", "music", "transfer_to")
    listing(load_config(config_path), r.InGroupSet, columns, as_json=as_json)


@ingroup.command("add")
@config_option
@replace_option
@click.argument("name")
@click.option("--title", default="", help="As people know it.")
@click.option("--music", default="", help="The class of music on hold; the PBX's default when it is not given.")
@click.option("--transfer-to", default="", help="The in-group that DEFAULTINGROUP means for its calls.")
def ingroup_add(config_path: str, name: str, title: str, music: str, transfer_to: str, *, replace: bool) -> None:
    """Make an in-group. With --replace the in-group of that name becomes this."""
    config = load_config(config_path)
    made = InGroup(name, 0, title, music=music, transfer_to=transfer_to)
    with transaction(config) as connection:
        require_new(connection, r.InGroupSet, name, replace=replace)
        checks.check_ingroup(made)
        management.put_ingroup(connection, made)
    changed(config, f"In-group {name} is there.")


@ingroup.command("change")
@config_option
@click.argument("name")
@click.option("--title", help="As people know it.")
@click.option("--active/--inactive", default=None, help="Whether it takes calls.")
@click.option("--music", help="The class of music on hold; empty for the PBX's default.")
@click.option("--transfer-to", help="The in-group that DEFAULTINGROUP means for its calls; empty for none of its own.")
def ingroup_change(config_path: str, name: str, **given: Any) -> None:
    """Change what is said here of an in-group, and nothing else."""
    config = load_config(config_path)
    with transaction(config) as connection:
        found: InGroup | None = find(connection, r.InGroupSet, name)
        if found is None:
            fail(f"there is no in-group {name}")
        made = dataclasses.replace(found, **_said(given))
        checks.check_ingroup(made)
        management.put_ingroup(connection, made)
    changed(config, f"In-group {name} is changed.")


@ingroup.command("delete")
@config_option
@click.argument("name")
def ingroup_delete(config_path: str, name: str) -> None:
    """Take an in-group away; its calls' history stays."""
    remove(load_config(config_path), management.delete_ingroup, "in-group", name)


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


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}
