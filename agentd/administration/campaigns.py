"""``agentd campaign``: campaigns are files that the command line reads and writes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec

from agentd.administration.console import (
    config_option,
    fail,
    json_option,
    load_config,
    print_json,
    replace_option,
)
from agentd.administration.database import changed, find, listing, remove, require_new, row_of, transaction
from agentd.core import records as r
from agentd.core.model import Campaign
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
    columns = ("name", "title", "active", "trunk", "wrapup", "default_status")
    listing(load_config(config_path), r.CampaignSet, columns, as_json=as_json)


@campaign.command("add")
@config_option
@replace_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def campaign_add(config_path: str, file: str, *, replace: bool) -> None:
    """Make a campaign from a TOML file; see `agentd campaign show`.

    With --replace the campaign of that name becomes this: what the file does not say is the default, and codes that
    it does not name are gone.
    """
    config = load_config(config_path)
    try:
        values = {"number": 0, **tomllib.loads(Path(file).read_text("utf-8"))}
        made = msgspec.convert(values, Campaign)
        checks.check_keys(values, made)
        checks.check_campaign(made)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, checks.Unusable) as error:
        fail(f"{file}: {error}")
    with transaction(config) as connection:
        require_new(connection, r.CampaignSet, made.name, replace=replace)
        management.put_campaign(connection, made)
    changed(config, f"Campaign {made.name} is there.")


@campaign.command("show")
@config_option
@json_option
@click.argument("name")
def campaign_show(config_path: str, name: str, *, as_json: bool) -> None:
    """Print a campaign as the TOML that `agentd campaign add --replace` reads, or as JSON."""
    with transaction(load_config(config_path)) as connection:
        found = find(connection, r.CampaignSet, name)
    if found is None:
        fail(f"there is no campaign {name}")
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
