"""``agentd``: the command line. Every command has ``--help``; where it prints data, ``--json`` prints it for programs.

Exit codes: 0 done; 1 refused or failed, with the reason on standard error; 2 wrong usage; 78 (``agentd run``) a
configuration that no restart will mend.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import click

from agentd import __version__
from agentd.administration import campaigns, lines, people, schema, tokens
from agentd.administration.console import config_option, fail, json_option, load_config, show, tell_daemon
from agentd.engine.config import Config

__all__ = ["main"]

EXIT_CONFIG = os.EX_CONFIG

# Whatever http_proxy says: the token is for the daemon on this host alone.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="agentd")
def main() -> None:
    """Call-centre control for Asterisk."""


for group in (people.user, people.phone, campaigns.campaign, lines.ingroup, lines.alias, tokens.token):
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
@click.option("--dir", "folder", default="demo", show_default=True, help="The demo's folder.")
@click.option("--port", default=8077, show_default=True, help="The port of the HTTP listener.")
@click.option("--no-agents", is_flag=True, help="Begin with nobody logged in.")
def demo(folder: str, port: int, *, no_agents: bool) -> None:
    """Run everything on this machine, touching nothing outside a folder: see the README."""
    from agentd.sandbox.demo import main as run_demo  # noqa: PLC0415 - the daemon does without the sandbox

    sys.exit(run_demo(Path(folder), port, on_duty=not no_agents))


@main.command()
@config_option
def reload(config_path: str) -> None:
    """Have the running daemon read users, phones, campaigns, in-groups and whatever else was set up again."""
    config = load_config(config_path)
    if not tell_daemon(config, signal.SIGHUP):
        fail("the daemon is not running")
    click.echo("The daemon reloads.")


# --- asking the daemon ---------------------------------------------------------------------------------------


def _ask(config: Config, method: str, path: str) -> Any:
    """Ask the running daemon over its HTTP listener, with the token that it leaves for this host."""
    try:
        local = json.loads(config.local_file.read_text("utf-8"))
    except OSError as error:
        fail(f"the daemon is not running, or its files are not yours to read ({error.strerror})")
    base = local["native"] if path.startswith("/api/") else local["url"]
    if not base:
        fail("the daemon's HTTP listener is not one that this command can ask (it needs TCP)")
    headers = {"Authorization": f"Bearer {local['token']}"}
    request = urllib.request.Request(base + path, method=method, headers=headers)  # noqa: S310 - our own listener
    try:
        with _DIRECT.open(request, timeout=40) as answer:
            found = json.loads(answer.read() or b"null")
            return found if answer.status != 202 else {**found, "later": True}
    except urllib.error.HTTPError as error:
        body = error.read()
        if error.code == 503 and path == "/readyz":
            return json.loads(body)
        try:
            fail(json.loads(body)["detail"])
        except (ValueError, KeyError, TypeError):
            fail(f"the daemon answered {error.code}")
    except OSError as error:
        fail(f"the daemon does not answer at {base}: {error}")


@main.command()
@config_option
@json_option
def status(config_path: str, *, as_json: bool) -> None:
    """Tell how the running daemon is; exit code 1 when it cannot take commands."""
    found = _ask(load_config(config_path), "GET", "/readyz")
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        parts = [{"part": name, **part} for name, part in found["parts"].items()]
        show([{"part": "agentd", "state": found["status"], "detail": ""}, *parts], ("part", "state", "detail"))
    sys.exit(1 if found["status"] == "down" else 0)


@main.group()
def session() -> None:
    """Look at agents' sessions, and end them."""


@session.command("list")
@config_option
@json_option
def session_list(config_path: str, *, as_json: bool) -> None:
    """List all sessions."""
    config = load_config(config_path)
    sessions: list[dict[str, Any]] = []
    path = "/api/v1/sessions?limit=100"
    while path:
        page = _ask(config, "GET", path)
        sessions += page["sessions"]
        cursor = page.get("next")
        path = f"/api/v1/sessions?limit=100&cursor={cursor}" if cursor else ""
    rows = [{**one, "extension": one["phone"]["extension"]} for one in sessions]
    show(rows, ("agent", "state", "code", "campaign", "extension", "conference"), data=sessions if as_json else None)


@session.command("show")
@config_option
@click.argument("agent")
def session_show(config_path: str, agent: str) -> None:
    """Print the whole snapshot of an agent's session, as JSON."""
    path = f"/api/v1/sessions/{urllib.parse.quote(agent, safe='')}"
    click.echo(json.dumps(_ask(load_config(config_path), "GET", path), indent=2, ensure_ascii=False))


@session.command("logout")
@config_option
@click.argument("agent")
@click.option("--at-once", is_flag=True, help="Do not wait for a disposition in wrap-up.")
def session_logout(config_path: str, agent: str, *, at_once: bool) -> None:
    """Log an agent out, now or after his call."""
    path = f"/api/v1/sessions/{urllib.parse.quote(agent, safe='')}" + ("?at_once=true" if at_once else "")
    left = _ask(load_config(config_path), "DELETE", path)
    click.echo(f"{agent} will be logged out after the call." if "later" in left else f"{agent} is logged out.")


if __name__ == "__main__":
    main()
