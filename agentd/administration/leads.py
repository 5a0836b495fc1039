"""``agentd lead``: the people in the lists."""

from __future__ import annotations

from typing import Any

import click

from agentd.administration import outside
from agentd.administration.console import config_option, fail, json_option, load_config, print_json, show
from agentd.administration.database import transaction
from agentd.administration.options import COUNT, ID, options, pair
from agentd.administration.things import Verbs
from agentd.core.model import NEW, Lead
from agentd.engine.config import Config
from agentd.engine.kinds import LIST, Named
from agentd.engine.ports import LeadQuery, LeadRow
from agentd.storage.leads import find_leads, read_lead_row
from agentd.storage.management.things import read_thing

__all__ = ["lead", "require_lead"]

_COLUMNS = ("id", "list_id", "status", "phone_code", "phone_number", "alt_phone", "first_name", "last_name", "called")
_PAGE = 1000

_OWN = {"list_id": "list_id", "number": "phone_number", "phone_code": "phone_code", "status": "status"}


@click.group(cls=Verbs)
def lead() -> None:
    """Leads: the people in the lists.

    A daemon that runs makes the changes; without one they go into the database.
    """


@lead.command("list")
@config_option
@json_option
@click.option("--list", "list_id", type=ID, help="Those in this list.")
@click.option("--status", default="", help="Those with this status.")
@click.option("--number", default="", help="Those who have this number, as one of their three.")
@click.option("--vendor-lead-code", default="", help="Those with this code.")
@click.option("--name", default="", help="Those whose first or last name begins so.")
@click.option("--after", type=ID, default=0, help="Those with ids above this one.")
@click.option("--limit", type=COUNT, default=100, show_default=True, help="So many at most; 0 for all.")
def lead_list(config_path: str, *, as_json: bool, limit: int, **given: Any) -> None:
    """List leads, in the order of their ids: all, or those that fit everything that is said."""
    query = LeadQuery(**given, limit=min(limit, _PAGE) or _PAGE)
    rows: list[dict[str, Any]] = []
    with transaction(load_config(config_path)) as connection:
        while found := find_leads(connection, query):
            rows += [_told(row) for row in found]
            if len(found) < query.limit or (limit and len(rows) >= limit):
                break
            left = min(limit - len(rows), _PAGE) if limit else _PAGE
            query = LeadQuery(**{**given, "after": found[-1].lead.id}, limit=left)
    show(rows, _COLUMNS, data=rows if as_json else None)


@lead.command("show")
@config_option
@json_option
@click.argument("lead_id", type=ID)
def lead_show(config_path: str, lead_id: int, *, as_json: bool) -> None:
    """Print all that is known of a lead, as JSON."""
    del as_json  # it is anyway
    print_json(_told(require_lead(load_config(config_path), lead_id)))


_fields = options(
    click.option("--status", help="His status."),
    click.option("--phone-code", help="The country code of his number."),
    click.option(
        "--set",
        "fields",
        multiple=True,
        type=pair,
        metavar="FIELD=TEXT",
        help="Another field, such as first_name=Bob; an empty text clears it. Repeatable.",
    ),
)


@lead.command("add")
@config_option
@click.option("--list", "list_id", type=ID, required=True, help="The list that he goes into.")
@click.argument("number")
@_fields
def lead_add(config_path: str, number: str, list_id: int, **given: Any) -> None:
    """Keep a new lead, and print his id."""
    config = load_config(config_path)
    with transaction(config) as connection:
        if read_thing(connection, Named(LIST, str(list_id))) is None:
            fail(f"there is no list {list_id}")
    code = config.defaults.phone_code if given["phone_code"] is None else given["phone_code"]
    fields = {name: text for name, text in given["fields"] if text}
    click.echo(outside.add_lead(config, Lead(0, list_id, given["status"] or NEW, code, number, fields)))


@lead.command("change")
@config_option
@click.argument("lead_id", type=ID)
@click.option("--list", "list_id", type=ID, help="The list that he is in from now on.")
@click.option("--number", help="His main number.")
@_fields
def lead_change(config_path: str, lead_id: int, **given: Any) -> None:
    """Change what is said here of a lead, and nothing else."""
    config = load_config(config_path)
    require_lead(config, lead_id)
    own = {name: str(given[option]) for option, name in _OWN.items() if given[option] is not None}
    fields = dict(given["fields"]) | own
    if not fields:
        raise click.UsageError("Nothing was said that is to be changed.")
    outside.change_lead(config, lead_id, fields)
    click.echo(f"Lead {lead_id} is changed.")


@lead.command("delete")
@config_option
@click.argument("lead_id", type=ID)
def lead_delete(config_path: str, lead_id: int) -> None:
    """Forget a lead who is on nobody's screen; his calls stay in the log."""
    config = load_config(config_path)
    require_lead(config, lead_id)
    outside.delete_lead(config, lead_id)
    click.echo(f"Lead {lead_id} is gone.")


def require_lead(config: Config, lead_id: int) -> LeadRow:
    """Give a lead; ends the command when there is none."""
    with transaction(config) as connection:
        found = read_lead_row(connection, lead_id)
    return found or fail(f"there is no lead {lead_id}")


def _told(row: LeadRow) -> dict[str, Any]:
    """A lead as the native API tells him."""
    one = row.lead
    return {
        "id": one.id,
        "list_id": one.list_id,
        "status": one.status,
        "phone_code": one.phone_code,
        "phone_number": one.phone_number,
        **one.fields,
        "user": row.user or None,
        "entered": row.entered,
        "changed": row.changed,
        "called": row.called,
        "last_call": row.last_call,
    }
