"""``agentd callback``: what was promised to leads, by one agent or for anybody of a campaign."""

from __future__ import annotations

from typing import Any

import click

from agentd.administration import outside
from agentd.administration.console import config_option, fail, json_option, load_config, print_json, show
from agentd.administration.database import transaction
from agentd.administration.leads import require_lead
from agentd.administration.options import COUNT, ID, clock, moment
from agentd.administration.things import Verbs
from agentd.core.model import CallbackWish
from agentd.engine.config import Config
from agentd.engine.ports import CallbackQuery, CallbackRow
from agentd.storage.promises import find_callbacks, read_callback

__all__ = ["callback"]

_COLUMNS = ("id", "lead_id", "campaign", "agent", "at", "status", "comments")
_WAITING = "waiting"


_at_help = "When, by this host's clock: '2026-11-25 12:00:00'. One that is past is due at once."


@click.group(cls=Verbs)
def callback() -> None:
    """Callbacks: calls that were promised to leads.

    A daemon that runs makes the changes; without one they go into the database.
    """


@callback.command("list")
@config_option
@json_option
@click.option("--agent", "user", help="Those that this agent is to keep.")
@click.option("--campaign", default="", help="Those of this campaign.")
@click.option("--lead", "lead_id", type=ID, help="Those that were promised to this lead.")
@click.option("--waiting/--over", default=None, help="Those that wait; those that were kept or taken back.")
@click.option("--due-before", type=moment, metavar="TIME", help="Those that are due before then.")
@click.option("--after", type=ID, default=0, help="Those with ids above this one.")
@click.option("--limit", type=COUNT, default=100, show_default=True, help="So many at most.")
def callback_list(config_path: str, *, as_json: bool, **given: Any) -> None:
    """List callbacks, in the order of their ids: all, or those that fit everything that is said."""
    with transaction(load_config(config_path)) as connection:
        rows = [_told(row) for row in find_callbacks(connection, CallbackQuery(**given))]
    readable = [{**row, "at": clock(row["due"])} for row in rows]
    show(readable, _COLUMNS, data=rows if as_json else None)


@callback.command("show")
@config_option
@json_option
@click.argument("callback_id", type=ID)
def callback_show(config_path: str, callback_id: int, *, as_json: bool) -> None:
    """Print all that is known of a callback, as JSON."""
    del as_json  # it is anyway
    print_json(_told(_require(load_config(config_path), callback_id)))


@callback.command("add")
@config_option
@click.argument("lead_id", type=ID)
@click.option("--campaign", required=True, help="The campaign whose agents call.")
@click.option("--at", "due", type=moment, metavar="TIME", required=True, help=_at_help)
@click.option("--agent", default="", help="Who is to call; anybody of the campaign when nobody is named.")
@click.option("--comments", default="", help="What it is about.")
def callback_add(config_path: str, lead_id: int, campaign: str, due: float, agent: str, comments: str) -> None:
    """Promise a lead a call, and print its id."""
    config = load_config(config_path)
    require_lead(config, lead_id)
    wish = CallbackWish(due, anyone=not agent, comments=comments)
    click.echo(outside.set_callback(config, lead_id, campaign, wish, agent))


@callback.command("change")
@config_option
@click.argument("callback_id", type=ID)
@click.option("--at", "due", type=moment, metavar="TIME", help=_at_help)
@click.option("--agent", help="Who is to call; an empty one for anybody of the campaign.")
@click.option("--comments", help="What it is about.")
def callback_change(
    config_path: str, callback_id: int, due: float | None, agent: str | None, comments: str | None
) -> None:
    """Change what is said here of a callback that waits, and nothing else."""
    config = load_config(config_path)
    before = _require_waiting(config, callback_id)
    user = before.user if agent is None else agent
    anyone = before.anyone if agent is None else not agent
    wish = CallbackWish(before.due if due is None else due, anyone, before.comments if comments is None else comments)
    outside.set_callback(config, before.lead_id, before.campaign, wish, "" if anyone else user, callback_id)
    click.echo(f"Callback {callback_id} is changed.")


@callback.command("delete")
@config_option
@click.argument("callback_id", type=ID)
def callback_delete(config_path: str, callback_id: int) -> None:
    """Take a promise back."""
    config = load_config(config_path)
    outside.drop_callback(config, _require_waiting(config, callback_id))
    click.echo(f"Callback {callback_id} is taken back.")


def _require(config: Config, callback_id: int) -> CallbackRow:
    with transaction(config) as connection:
        found = read_callback(connection, callback_id)
    return found or fail(f"there is no callback {callback_id}")


def _require_waiting(config: Config, callback_id: int) -> CallbackRow:
    found = _require(config, callback_id)
    if found.status != _WAITING:
        fail(f"callback {callback_id} was kept already, or taken back")
    return found


def _told(row: CallbackRow) -> dict[str, Any]:
    """A callback as the native API tells it."""
    return {
        "id": row.id,
        "lead_id": row.lead_id,
        "campaign": row.campaign,
        "agent": None if row.anyone else row.user,
        "due": row.due,
        "comments": row.comments or None,
        "status": row.status,
        "created": row.created,
        "made_by_call": row.made_by_call or None,
        "kept_by_call": row.call_id or None,
    }
