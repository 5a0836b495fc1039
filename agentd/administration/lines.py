"""``agentd ingroup`` and ``agentd alias``: the lines in which callers wait, and outbound caller ids with names."""

from __future__ import annotations

import urllib.parse

import click

from agentd.administration.asking import ask
from agentd.administration.console import config_option, json_option, load_config, show
from agentd.administration.options import choice_option, list_ids, options, treatment
from agentd.administration.things import Shelf, commands
from agentd.core.model import Pick
from agentd.engine.kinds import GROUP_ALIAS, INGROUP

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


ingroup = commands(
    Shelf(
        INGROUP,
        "ingroup",
        "In-groups: the lines in which callers wait for an agent.",
        ("name", "title", "active", "pick", "priority", "hours", "drop_after", "drop", "transfer_to"),
        _ingroup_options,
    )
)


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


alias = commands(
    Shelf(
        GROUP_ALIAS,
        "alias",
        "Group aliases: outbound caller ids that have names.",
        ("name", "caller_id", "title", "active"),
        options(
            click.option("--title", help="As people know it."),
            click.option("--active/--inactive", default=None, help="Whether agents may use it."),
        ),
        adding=click.argument("caller_id"),
        changing=click.option("--caller-id", help="The number that is shown."),
    )
)
