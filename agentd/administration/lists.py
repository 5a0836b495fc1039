"""``agentd list``: the lists that leads are in."""

from __future__ import annotations

import click

from agentd.administration.asking import ask, running
from agentd.administration.console import config_option, load_config
from agentd.administration.database import apply, by, changed, transaction
from agentd.administration.options import options
from agentd.administration.things import Shelf, commands, require
from agentd.engine.config import Config
from agentd.engine.kinds import LIST, Action, Named
from agentd.storage.management.changing import empty_list

__all__ = ["lead_list"]

_BATCH = 5000  # leads that one transaction forgets

lead_list = commands(
    Shelf(
        LIST,
        "list",
        "Lists of leads, and which campaign dials them.",
        ("id", "title", "campaign", "active", "leads"),
        options(
            click.option("--title", help="As people know it."),
            click.option("--campaign", help="Whose leads they are; empty for nobody's."),
            click.option("--active/--inactive", default=None, help="Whether the campaign dials them."),
        ),
    )
)


@lead_list.command("delete")
@config_option
@click.option("--with-leads", is_flag=True, help="And all its leads, none of whom may be in a call.")
@click.argument("id")
def list_delete(config_path: str, id: str, *, with_leads: bool) -> None:  # noqa: A002 - as the other commands name it
    """Take one away, unless something needs it; one that has leads stays, unless they are to go as well."""
    config = load_config(config_path)
    named = Named(LIST, id)
    with transaction(config) as connection:
        leads = require(connection, named).leads
        if not (with_leads and leads):
            apply(connection, Action.DELETE, named)
    if with_leads and leads:
        _delete_with_leads(config, named)
    with_them = f", and {leads} lead{'s' if leads > 1 else ''} with it" if leads else ""
    changed(config, f"List {id} is gone{with_them}.")


def _delete_with_leads(config: Config, named: Named) -> None:
    """The daemon that runs does it, who knows which leads are in calls; without one, this command."""
    if running(config):
        while ask(config, "DELETE", f"/api/v1/lists/{named.key}?with_leads=true"):
            continue  # it forgets as many at a time as it has time for
        return
    while True:
        with transaction(config) as connection:
            if not empty_list(connection, int(named.key), _BATCH, by()):
                apply(connection, Action.DELETE, named)
                return
