"""``agentd``: the command line. Every command has ``--help``; where it prints data, ``--json`` prints it for programs.

Exit codes: 0 done; 1 refused or failed, with the reason on standard error; 2 wrong usage; 78 (``agentd run``) a
configuration that no restart will mend.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import click

from agentd import __version__
from agentd.administration import (
    audit,
    callbacks,
    campaigns,
    codes,
    dnc,
    leads,
    lines,
    lists,
    moving,
    people,
    schema,
    sessions,
    tokens,
)
from agentd.administration.asking import ask
from agentd.administration.console import config_option, fail, json_option, load_config, print_json, show, tell_daemon

__all__ = ["main"]

EXIT_CONFIG = os.EX_CONFIG


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="agentd")
def main() -> None:
    """Call-centre control for Asterisk."""


for group in (
    people.user,
    people.usergroup,
    people.phone,
    campaigns.campaign,
    codes.disposition,
    codes.pausecode,
    codes.preset,
    lines.ingroup,
    lines.alias,
    lists.lead_list,
    leads.lead,
    callbacks.callback,
    dnc.dnc,
    moving.import_group,
    tokens.token,
    sessions.session,
    audit.audit,
):
    main.add_command(group)


# --- the daemon ----------------------------------------------------------------------------------------------


@main.command()
@config_option
def run(config_path: str) -> None:
    """Run the daemon in the foreground, as systemd does."""
    config = load_config(config_path, EXIT_CONFIG)
    schema.check(config, EXIT_CONFIG)
    schema.first_time(config)
    from agentd.main import run as run_daemon  # noqa: PLC0415 - Twisted's reactor is for the daemon alone

    sys.exit(run_daemon(config))


@main.command()
@config_option
def check(config_path: str) -> None:
    """Check the configuration as the daemon does at its start, and start nothing."""
    config = load_config(config_path)
    schema.check(config)
    click.echo(f"{config_path}: good")


@main.command()
@config_option
@click.option("--sql", "as_sql", is_flag=True, help="Print the statements for a database administrator instead.")
@click.option("--accept-journal", is_flag=True, help="Go on with the journal that is there, whatever was before.")
def migrate(config_path: str, *, as_sql: bool, accept_journal: bool) -> None:
    """Bring the database's schema up to date; a SQLite file is copied before."""
    schema.migrate(load_config(config_path), as_sql=as_sql, accept_journal=accept_journal)


@main.command()
@config_option
def reload(config_path: str) -> None:
    """Have the running daemon read users, phones, campaigns, in-groups and whatever else was set up again."""
    config = load_config(config_path)
    if not tell_daemon(config, signal.SIGHUP):
        fail("the daemon is not running")
    click.echo("The daemon reloads.")


@main.command()
@config_option
@json_option
def status(config_path: str, *, as_json: bool) -> None:
    """Tell how the running daemon is; exit code 1 when it cannot take commands."""
    found = ask(load_config(config_path), "GET", "/readyz")
    if as_json:
        print_json(found)
    else:
        parts = [{"part": name, **part} for name, part in found["parts"].items()]
        show([{"part": "agentd", "state": found["status"], "detail": ""}, *parts], ("part", "state", "detail"))
    sys.exit(1 if found["status"] == "down" else 0)


# --- the demo ------------------------------------------------------------------------------------------------


_folder_option = click.option("--dir", "folder", help="The demo's folder, `demo` when it is not said.")


@main.group(invoke_without_command=True)
@_folder_option
@click.option("--port", default=8077, show_default=True, help="The port of the HTTP listener.")
@click.option("--no-agents", is_flag=True, help="Begin with nobody logged in.")
@click.pass_context
def demo(context: click.Context, folder: str | None, port: int, *, no_agents: bool) -> None:
    """Run everything on this machine, touching nothing outside a folder (see the README); or tell it what to do."""
    context.obj = folder or "demo"
    if context.invoked_subcommand is None:
        from agentd.sandbox.demo import main as run_demo  # noqa: PLC0415 - the daemon does without the sandbox

        sys.exit(run_demo(Path(context.obj), port, on_duty=not no_agents))


@demo.command("call")
@_folder_option
@json_option
@click.argument("ingroup")
@click.option("--agent", default="", help="The only agent who will do.")
@click.option("--number", default="", help="The customer's number; a new one when it is not given.")
@click.option("--priority", default=0, help="His rank in the line; the higher, the sooner.")
@click.pass_obj
def demo_call(
    parent: str, folder: str | None, ingroup: str, agent: str, number: str, priority: int, *, as_json: bool
) -> None:
    """Send a customer into an in-group of the running demo, and print the key of his call (all of it with --json)."""
    from agentd.sandbox import orders  # noqa: PLC0415
    from agentd.sandbox.errors import SandboxError  # noqa: PLC0415

    try:
        came = orders.call(Path(folder or parent), ingroup, number, agent, priority)
    except SandboxError as error:
        fail(str(error))
    if as_json:
        print_json(came)
    else:
        click.echo(came["key"])


@demo.command("dialler")
@_folder_option
@click.argument("state", type=click.Choice(["on", "off"]))
@click.pass_obj
def demo_dialler(parent: str, folder: str | None, state: str) -> None:
    """Have the running demo dial its leads for blended agents who are free, or stop it at once."""
    from agentd.sandbox import orders  # noqa: PLC0415
    from agentd.sandbox.errors import SandboxError  # noqa: PLC0415

    try:
        campaign = orders.dialler(Path(folder or parent), on=state == "on")
    except SandboxError as error:
        fail(str(error))
    click.echo(f"The dialler of {campaign} is {state}.")


if __name__ == "__main__":
    main()
