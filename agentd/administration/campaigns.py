"""``agentd campaign``: campaigns are files that the command line reads and writes; some of it, options change."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from agentd.administration.console import (
    config_option,
    fail,
    json_option,
    load_config,
    print_json,
    replace_option,
)
from agentd.administration.database import changed, find, listing, names, remove, require_new, row_of, transaction
from agentd.administration.options import choice_option, options, said, treatment
from agentd.core import records as r
from agentd.core.model import Campaign, DialMethod
from agentd.engine import checks
from agentd.storage import management

__all__ = ["campaign"]


@click.group()
def campaign() -> None:
    """Campaigns, with their statuses and pause codes."""


@campaign.command("list")
@config_option
@json_option
def campaign_list(config_path: str, *, as_json: bool) -> None:
    """List all campaigns."""
    columns = ("name", "title", "active", "trunk", "inbound", "dial_method", "auto_dial_level", "call_hours")
    listing(load_config(config_path), r.CampaignSet, columns, as_json=as_json)


_campaign_options = options(
    click.option("--title", help="As people know it."),
    click.option("--active/--inactive", default=None, help="Whether agents may log in to it, and it dials."),
    click.option("--inbound/--no-inbound", default=None, help="Whether its agents may take calls of in-groups."),
    choice_option("--dial-method", DialMethod, help="Whether it may dial by itself (ratio)."),
    click.option("--auto-dial-level", type=float, help="How many calls it dials for each free agent; 0 for none."),
    click.option("--max-drop-rate", type=float, help="Per cent of answered calls without an agent that are too many."),
    click.option("--drop-seconds", type=float, help="Seconds, 2 at most, within which who answers gets an agent."),
    click.option(
        "--drop",
        type=treatment,
        help="What becomes of one who gets none: hangup, message:SOUND, extension:NUMBER, ingroup:NAME, voicemail:BOX.",
    ),
    click.option("--dial-status", "dial_statuses", multiple=True, help="Dial leads of this status; repeatable."),
    click.option("--redial-after", type=int, help="Seconds after which a lead is dialled again."),
    click.option("--call-hours", help="When leads are dialled, by their own clocks: such as 'mon-fri 09:00-20:00'."),
    click.option("--timezone", help="The time zone of leads of whom none is known; empty: the daemon's."),
    click.option("--hopper", type=int, help="How many leads are held ready."),
)


@campaign.command("add")
@config_option
@replace_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@_campaign_options
def campaign_add(config_path: str, file: str, *, replace: bool, **given: Any) -> None:
    """Make a campaign from a TOML file (see `agentd campaign show`); options go before what it says.

    With --replace the campaign of that name becomes this: what is not said is the default, and codes that the file
    does not name are gone.
    """
    config = load_config(config_path)
    with transaction(config) as connection:
        try:
            values = {"number": 0, **tomllib.loads(Path(file).read_text("utf-8"))}
            made = msgspec.convert(values, Campaign)
            checks.check_keys(values, made)
            made = _changed(made, given)
            _check(connection, made)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, checks.Unusable) as error:
            fail(f"{file}: {error}")
        require_new(connection, r.CampaignSet, made.name, replace=replace)
        management.put_campaign(connection, made)
    changed(config, f"Campaign {made.name} is there.")


@campaign.command("change")
@config_option
@click.argument("name")
@_campaign_options
def campaign_change(config_path: str, name: str, **given: Any) -> None:
    """Change what is said here of a campaign, and nothing else; `show` and `add --replace` change the rest."""
    config = load_config(config_path)
    with transaction(config) as connection:
        made = _changed(_campaign(connection, name), given)
        _check(connection, made)
        management.put_campaign(connection, made)
    changed(config, f"Campaign {name} is changed.")


def _changed(before: Campaign, given: dict[str, Any]) -> Campaign:
    values = said(given)
    values["dial_statuses"] = values["dial_statuses"] or before.dial_statuses
    return dataclasses.replace(before, **values)


def _check(connection: Connection, made: Campaign) -> None:
    checks.check_campaign(made, names(connection, r.InGroupSet))


def _campaign(connection: Connection, name: str) -> Campaign:
    found: Campaign | None = find(connection, r.CampaignSet, name)
    return found or fail(f"there is no campaign {name}")


@campaign.command("show")
@config_option
@json_option
@click.argument("name")
def campaign_show(config_path: str, name: str, *, as_json: bool) -> None:
    """Print a campaign as the TOML that `agentd campaign add --replace` reads, or as JSON."""
    with transaction(load_config(config_path)) as connection:
        found = _campaign(connection, name)
    if as_json:
        print_json(row_of(found))
    else:
        click.echo(_toml(row_of(found)), nl=False)


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
    remove(load_config(config_path), management.delete_campaign, "campaign", name)
