"""``agentd session``: agents at work, through the running daemon."""

from __future__ import annotations

import urllib.parse
from typing import Any

import click

from agentd.administration.asking import ask
from agentd.administration.console import config_option, json_option, load_config, print_json, show

__all__ = ["session"]

_SESSIONS = "/api/v1/sessions"
_MOST = 100


def _path(agent: str) -> str:
    return f"{_SESSIONS}/{urllib.parse.quote(agent, safe='')}"


@click.group()
def session() -> None:
    """Agents' sessions: look at them, begin and end them."""


@session.command("list")
@config_option
@json_option
def session_list(config_path: str, *, as_json: bool) -> None:
    """List all sessions."""
    config = load_config(config_path)
    sessions: list[dict[str, Any]] = []
    path = f"{_SESSIONS}?limit={_MOST}"
    while path:
        page = ask(config, "GET", path)
        sessions += page["sessions"]
        cursor = page.get("next")
        path = f"{_SESSIONS}?limit={_MOST}&cursor={cursor}" if cursor else ""
    rows = [{**one, "extension": one["phone"]["extension"], "in-groups": " ".join(one["ingroups"])} for one in sessions]
    columns = ("agent", "kind", "state", "code", "campaign", "extension", "conference", "in-groups")
    show(rows, columns, data=sessions if as_json else None)


@session.command("show")
@config_option
@click.argument("agent")
def session_show(config_path: str, agent: str) -> None:
    """Print the whole snapshot of an agent's session, as JSON."""
    print_json(ask(load_config(config_path), "GET", _path(agent)))


@session.command("login")
@config_option
@click.argument("agent")
@click.option("--phone", default="", help="The extension of his phone; his own when it is not given.")
@click.option("--campaign", default="", help="The campaign; his own when it is not given.")
@click.option("--ready", is_flag=True, help="Have him ready for calls at once. A remote agent is anyway.")
def session_login(config_path: str, agent: str, phone: str, campaign: str, *, ready: bool) -> None:
    """Log an agent in. The phone of one who is to sit in a conference rings, and has to be answered."""
    body: dict[str, Any] = {"agent": agent}
    body |= {key: value for key, value in {"phone": phone, "campaign": campaign, "ready": ready}.items() if value}
    made = ask(load_config(config_path), "POST", _SESSIONS, body)
    click.echo(f"{agent} is logged in: {_words(made)}.")


@session.command("logout")
@config_option
@click.argument("agent")
@click.option("--at-once", is_flag=True, help="Do not wait for a disposition in wrap-up.")
def session_logout(config_path: str, agent: str, *, at_once: bool) -> None:
    """Log an agent out, now or after his call."""
    left = ask(load_config(config_path), "DELETE", _path(agent) + ("?at_once=true" if at_once else ""))
    click.echo(f"{agent} will be logged out after the call." if "later" in left else f"{agent} is logged out.")


@session.command("pause")
@config_option
@click.argument("agent")
@click.option("--code", default="", help="A pause code of his campaign.")
def session_pause(config_path: str, agent: str, code: str) -> None:
    """Pause an agent, now or after his call."""
    body = {"state": "paused"} | ({"code": code} if code else {})
    click.echo(f"{agent}: {_words(ask(load_config(config_path), 'PATCH', _path(agent), body))}.")


@session.command("ready")
@config_option
@click.argument("agent")
def session_ready(config_path: str, agent: str) -> None:
    """Make an agent ready for calls, now or after the one that he has."""
    click.echo(f"{agent}: {_words(ask(load_config(config_path), 'PATCH', _path(agent), {'state': 'ready'}))}.")


def _words(found: dict[str, Any]) -> str:
    """A session's state as people read it, with what comes after the call."""
    state = f"{found['state']} {found['code'] or ''}".rstrip()
    after = found.get("after")
    return state if not after else f"{state}, then {after['state']} {after.get('code') or ''}".rstrip()
