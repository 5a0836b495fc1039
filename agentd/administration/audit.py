"""``agentd audit``: who has changed what is set up."""

from __future__ import annotations

import json
from typing import Any

import click
import msgspec

from agentd.administration.console import config_option, json_option, load_config, show
from agentd.administration.database import transaction
from agentd.administration.options import COUNT, ID, clock, moment
from agentd.administration.things import Verbs
from agentd.engine.kinds import KINDS
from agentd.engine.ports import AuditQuery
from agentd.storage.management.audit import find_audit

__all__ = ["audit"]

_COLUMNS = ("id", "time", "who", "face", "kind", "name", "action", "now")


@click.group(cls=Verbs)
def audit() -> None:
    """Who has changed what: users, phones, campaigns and whatever else is set up."""


@audit.command("list")
@config_option
@json_option
@click.option("--who", default="", help="What this user has changed.")
@click.option("--kind", default="", type=click.Choice(["", *KINDS]), help="Changes of this kind of thing.")
@click.option("--name", default="", help="Changes of the thing of this name; of a part of a campaign: CAMPAIGN/CODE.")
@click.option("--since", type=moment, metavar="TIME", help="From then on: '2026-11-25 12:00:00', by this host's clock.")
@click.option("--until", type=moment, metavar="TIME", help="Before then.")
@click.option("--before", type=ID, help="Rows with ids below this one.")
@click.option("--limit", type=COUNT, default=100, show_default=True, help="So many at most.")
def audit_list(config_path: str, *, as_json: bool, **given: Any) -> None:
    """List changes, the newest first: all, or those that fit everything that is said."""
    with transaction(load_config(config_path)) as connection:
        found = find_audit(connection, AuditQuery(**given))
    rows: list[dict[str, Any]] = msgspec.to_builtins(found)
    readable = [{**row, "time": clock(row["at"]), "now": _words(row["after"])} for row in rows]
    show(readable, _COLUMNS, data=rows if as_json else None)


def _words(after: dict[str, Any] | None) -> str:
    return "" if after is None else json.dumps(after, ensure_ascii=False)
