"""``agentd token``: bearer tokens of the native API."""

from __future__ import annotations

from typing import Any

import click

from agentd.administration.console import config_option, fail, json_option, load_config, print_json
from agentd.administration.database import apply, changed, everything, now, take_up, transaction
from agentd.administration.options import options, said
from agentd.administration.things import Shelf, commands
from agentd.engine.auth import new_token
from agentd.engine.checks import ROLES, SCOPES
from agentd.engine.kinds import TOKEN, Action, Named, view

__all__ = ["token"]

_DAY = 86_400

_SHELF = Shelf(
    TOKEN,
    "token",
    "Bearer tokens of the native API. Their texts are not kept: they are known by their digests.",
    ("digest", "name", "role", "user", "scopes", "expires"),
    options(
        click.option("--name", help="What it is for."),
        click.option("--role", type=click.Choice(ROLES), help="Whom it is for."),
        click.option("--user", help="Whose it is; a token of role agent acts for this agent alone."),
        click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Limit it; repeatable."),
        click.option("--days", type=float, help="How long it is good from now on; for ever when it is never said."),
    ),
    values=lambda _named, _before, given: _values(given),
)
token = commands(_SHELF)
for _verb in ("add", "delete"):  # `create` and `revoke`, which have ways of their own
    del token.commands[_verb]


def _values(given: dict[str, Any]) -> dict[str, Any]:
    values = said(given)
    scopes, days = values.pop("scopes"), values.pop("days", None)
    values |= {"scopes": scopes} if scopes else {}
    return values | ({} if days is None else {"expires": now() + days * _DAY})


@token.command("create")
@config_option
@json_option
@_SHELF.options
def token_create(config_path: str, *, as_json: bool, **given: Any) -> None:
    """Make a token and print it (with --json, in `token`); it cannot be shown again. It needs --name and --role."""
    config = load_config(config_path)
    values = _values(given)
    if values.get("role") == "agent" and not values.get("user"):
        fail("a token of role agent needs --user")
    plain, digest = new_token()
    with transaction(config) as connection:
        made = apply(connection, Action.CREATE, Named(TOKEN, digest), {"user": "", **values})
    take_up(config)
    if as_json:
        print_json({"token": plain, **view(TOKEN, made)})
    else:
        click.echo(plain)


@token.command("revoke")
@config_option
@click.argument("digest")
def token_revoke(config_path: str, digest: str) -> None:
    """Take a token away, by its digest or an unambiguous beginning of it (`agentd token list`)."""
    config = load_config(config_path)
    with transaction(config) as connection:
        found = [named for named, _ in everything(connection, TOKEN) if digest and named.key.startswith(digest)]
        if len(found) != 1:
            fail(f"{len(found) or 'no'} tokens begin with {digest}")
        apply(connection, Action.DELETE, found[0])
    changed(config, "The token is revoked.")
