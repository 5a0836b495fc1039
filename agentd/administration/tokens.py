"""``agentd token``: bearer tokens of the native API."""

from __future__ import annotations

import signal

import click

from agentd.administration.console import config_option, fail, json_option, load_config, print_json, tell_daemon
from agentd.administration.database import changed, find, listing, now, row_of, transaction, values
from agentd.core import records as r
from agentd.core.model import Token
from agentd.engine import checks
from agentd.engine.auth import new_token
from agentd.storage import management

__all__ = ["SCOPES", "token"]

SCOPES = ("sessions", "calls", "leads", "recordings", "supervise", "events", "admin")
"""What a token may be limited to; the native API's scopes."""


@click.group()
def token() -> None:
    """Bearer tokens of the native API."""


@token.command("list")
@config_option
@json_option
def token_list(config_path: str, *, as_json: bool) -> None:
    """List all tokens (their texts are not kept)."""
    columns = ("digest", "name", "role", "user", "scopes", "expires")
    listing(load_config(config_path), r.TokenSet, columns, as_json=as_json)


@token.command("create")
@config_option
@json_option
@click.option("--name", required=True, help="What it is for.")
@click.option("--role", type=click.Choice(["agent", "supervisor", "integration", "admin"]), required=True)
@click.option("--user", "owner", default="", help="Whose it is; a token of role agent acts for this agent alone.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Limit it to this; repeatable.")
@click.option("--days", type=float, default=None, help="How long it is good; for ever when not given.")
def token_create(
    config_path: str,
    name: str,
    role: str,
    owner: str,
    scopes: tuple[str, ...],
    days: float | None,
    *,
    as_json: bool,
) -> None:
    """Make a token and print it (with --json, in `token`); it cannot be shown again."""
    config = load_config(config_path)
    if role == "agent" and not owner:
        fail("a token of role agent needs --user")
    plain, digest = new_token()
    expires = None if days is None else now() + days * 86400
    made = Token(digest, name, role, owner, frozenset(scopes), expires)
    with transaction(config) as connection:
        if owner and find(connection, r.UserSet, owner) is None:
            fail(f"there is no user {owner}")
        checks.check_token(made, now())
        management.put_token(connection, made)
    tell_daemon(config, signal.SIGHUP)
    if as_json:
        print_json({"token": plain, **row_of(made)})
    else:
        click.echo(plain)


@token.command("revoke")
@config_option
@click.argument("digest")
def token_revoke(config_path: str, digest: str) -> None:
    """Take a token away, by its digest or an unambiguous beginning of it (`agentd token list`)."""
    config = load_config(config_path)
    found = [one.digest for one in values(config, r.TokenSet) if digest and one.digest.startswith(digest)]
    if len(found) != 1:
        fail(f"{len(found) or 'no'} tokens begin with {digest}")
    with transaction(config) as connection:
        management.delete_token(connection, found[0])
    changed(config, "The token is revoked.")
