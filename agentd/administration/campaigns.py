"""``agentd campaign``: campaigns are files that the command line reads and writes; some of it, options change."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from agentd.administration.console import config_option, fail, json_option, load_config, print_json, replace_option
from agentd.administration.database import apply, changed, everything, one, transaction
from agentd.administration.options import choice_option, list_ids, options, said, treatment
from agentd.administration.things import Shelf, commands, require
from agentd.core.model import Campaign, DialMethod, PreviewRule
from agentd.engine import checks
from agentd.engine.kinds import CAMPAIGN, PAUSE_CODE, PRESET, STATUS, Action, Kind, Named, view

__all__ = ["campaign"]

_PARTS: dict[str, Kind] = {"statuses": STATUS, "pause_codes": PAUSE_CODE, "presets": PRESET}

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
    choice_option("--preview", PreviewRule, help="Whether agents may, or must, look at a lead before they dial."),
    click.option(
        "--alternative-numbers/--main-numbers", default=None, help="Whether another number of a lead may be dialled."
    ),
    click.option("--refuse-dnc/--allow-dnc", default=None, help="Whether numbers not to call are refused by hand."),
    click.option("--manual-queue/--no-manual-queue", default=None, help="Whether several dials wait for a call's end."),
    click.option("--manual-list", type=int, help="The list into which leads go that agents bring along; 0 for none."),
    click.option(
        "--search-lists", type=list_ids, metavar="ID,ID,...", help="Where numbers are looked for; empty: that list."
    ),
    click.option("--webform", help="The address that WEBFORM opens, with {lead_id} and its like in it; empty: none."),
    click.option("--webform2", help="The same of WEBFORM2."),
)


def _values(_named: Named, _before: Any, given: dict[str, Any]) -> dict[str, Any]:
    values = said(given)
    statuses = values.pop("dial_statuses")
    return values | ({"dial_statuses": statuses} if statuses else {})


_SHELF = Shelf(
    CAMPAIGN,
    "campaign",
    "Campaigns, with their statuses, pause codes and presets.",
    ("name", "title", "active", "trunk", "inbound", "dial_method", "auto_dial_level", "call_hours", "preview"),
    _campaign_options,
    values=_values,
)
campaign = commands(_SHELF)


# --- as files ---------------------------------------------------------------------------------------------------------


@campaign.command("add")
@config_option
@replace_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@_campaign_options
def campaign_add(config_path: str, file: str, *, replace: bool, **given: Any) -> None:
    """Make a campaign from a TOML file (see `agentd campaign show`); options go before what it says.

    With --replace the campaign of that name becomes this: what is not said is the default. Statuses, pause codes and
    presets are those of the file, if it names any.
    """
    config = load_config(config_path)
    values = _read(file)
    name = values.pop("name")
    parts = [(kind, values.pop(field)) for field, kind in _PARTS.items() if field in values]
    named = Named(CAMPAIGN, name)
    with transaction(config) as connection:
        there = one(connection, named) is not None
        if there and not replace:
            fail(f"{name} is there already; --replace puts this in its place")
        said_of_it = values | _values(named, None, given)
        apply(connection, Action.REPLACE if there else Action.CREATE, named, said_of_it)
        for kind, codes in parts:
            _put_parts(connection, kind, name, codes)
    changed(config, f"Campaign {name} is there.")


def _read(file: str) -> dict[str, Any]:
    """What a file says of a campaign, with nothing in it that would do nothing."""
    try:
        values: dict[str, Any] = tomllib.loads(Path(file).read_text("utf-8"))
        made = msgspec.convert({"number": 0, **values, **_whole_parts(values)}, Campaign)
        checks.check_keys(values, made)
    except (ValueError, msgspec.ValidationError) as error:
        fail(f"{file}: {error}")
    values.pop("number", None)
    return values


def _whole_parts(values: dict[str, Any]) -> dict[str, Any]:
    """The statuses, pause codes and presets of a file with what need not be said of each. Raises ValueError."""
    parts = {field: values[field] for field in _PARTS if field in values}
    for field, codes in parts.items():
        if not isinstance(codes, dict) or not all(isinstance(part, dict) for part in codes.values()):
            raise ValueError(f"{field}: expected a table for each code")
    return {
        field: {code: {"code": code, "number": 0, **part} for code, part in codes.items()}
        for field, codes in parts.items()
    }


def _put_parts(connection: Connection, kind: Kind, name: str, codes: dict[str, dict[str, Any]]) -> None:
    """Make these the codes of a campaign."""
    there = {named.key: named for named, _ in everything(connection, kind, name)}
    for code in there.keys() - codes.keys():
        apply(connection, Action.DELETE, there[code])
    for code, values in codes.items():
        if values.get("code", code) != code:
            fail(f"{kind.name}: {code!r} has the code {values['code']!r}; they must be the same")
        action = Action.REPLACE if code in there else Action.CREATE
        said_of_it = {field: value for field, value in values.items() if field in kind.said}
        apply(connection, action, Named(kind, code, name), said_of_it)


@campaign.command("show")
@config_option
@json_option
@click.argument("name")
def campaign_show(config_path: str, name: str, *, as_json: bool) -> None:
    """Print a campaign as the TOML that `agentd campaign add --replace` reads, or as JSON."""
    with transaction(load_config(config_path)) as connection:
        found = view(CAMPAIGN, require(connection, Named(CAMPAIGN, name)))
        for field, kind in _PARTS.items():
            found[field] = {named.key: view(kind, part) for named, part in everything(connection, kind, name)}
    if as_json:
        print_json(found)
    else:
        click.echo(_toml(found), nl=False)


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
