"""``agentd user`` and ``agentd phone``."""

from __future__ import annotations

import dataclasses
from typing import Any

import click
from sqlalchemy import Connection

from agentd.administration.console import config_option, fail, json_option, load_config, replace_option
from agentd.administration.database import changed, find, listing, remove, require_new, transaction
from agentd.administration.options import choice_option, options, ranked, said
from agentd.core import records as r
from agentd.core.model import Phone, User, UserKind
from agentd.engine import checks
from agentd.engine.auth import hash_password
from agentd.storage import management

__all__ = ["phone", "user"]


@click.group()
def user() -> None:
    """Users: agents, supervisors, and programs that use an API."""


@user.command("list")
@config_option
@json_option
def user_list(config_path: str, *, as_json: bool) -> None:
    """List all users."""
    columns = ("name", "full_name", "kind", "campaign", "active", "rights", "ingroups", "blended")
    listing(load_config(config_path), r.UserSet, columns, as_json=as_json)


_user_options = options(
    click.option("--full-name", help="As people know him."),
    click.option("--campaign", help="The campaign of his logins."),
    choice_option("--kind", UserKind, help="How he takes calls; local when it is never said."),
    click.option("--active/--inactive", default=None, help="Whether he may do anything at all."),
    click.option("--right", "rights", multiple=True, help="Give him a right, such as agentcall_manual; repeatable."),
    click.option(
        "--ingroup",
        "ingroups",
        multiple=True,
        type=ranked,
        metavar="NAME[:RANK]",
        help="Give him an in-group's calls; his rank there is -9 to 9, and 0 when it is never said. Repeatable.",
    ),
    click.option("--blended/--not-blended", default=None, help="Whether he takes his campaign's calls, too."),
    click.option("--phone", help="The extension by which he is known when he calls to log in; empty for none."),
    click.option(
        "--pin",
        prompt="PIN",
        prompt_required=False,
        hide_input=True,
        confirmation_prompt=True,
        help="What he enters on a phone to log in; asked for when it is not given, and an empty one is none.",
    ),
    click.option("--on-hook/--in-conference", default=None, help="Whether his phone is rung for each call."),
    click.option("--outside-number", help="Where a remote agent is reached."),
    click.option("--lines", type=int, help="How many calls a remote agent may have at a time, 1 to 50."),
    click.option("--custom-three", help="The CRM's own id of him (alt_user)."),
)


@user.command("add")
@config_option
@replace_option
@click.argument("name")
@_user_options
@click.password_option("--password", help="Asked for when it is not given.")
def user_add(config_path: str, name: str, password: str, *, replace: bool, **given: Any) -> None:
    """Make a user; `agentd user change` changes one that is there.

    With --replace the user of that name becomes this: what is not said here is the default.
    """
    config = load_config(config_path)
    made = _changed(User(name, 0, password_hash=_hashed(password)), given)
    with transaction(config) as connection:
        require_new(connection, r.UserSet, name, replace=replace)
        _put(connection, made)
    changed(config, f"User {name} is there.")


@user.command("change")
@config_option
@click.argument("name")
@_user_options
@click.option("--no-right", "no_rights", multiple=True, help="Take a right from him; repeatable.")
@click.option("--no-ingroup", "no_ingroups", multiple=True, help="Give him none of an in-group's calls; repeatable.")
def user_change(config_path: str, name: str, **given: Any) -> None:
    """Change what is said here of a user, and nothing else; `agentd user password` changes his password."""
    config = load_config(config_path)
    with transaction(config) as connection:
        made = _changed(_user(connection, name), given)
        _put(connection, made)
    changed(config, f"User {name} is changed; rights: {', '.join(sorted(made.rights)) or 'none'}.")


def _changed(before: User, given: dict[str, Any]) -> User:
    """The user as the options say, the rest as before."""
    values = said(given)
    rights, ingroups = values.pop("rights"), values.pop("ingroups")
    no_rights, no_ingroups = values.pop("no_rights", ()), values.pop("no_ingroups", ())
    ranks = before.ranks | {name: rank for name, rank in ingroups if rank is not None}
    custom = before.custom | ({"three": values.pop("custom_three")} if "custom_three" in values else {})
    if "pin" in values:
        values["pin_hash"] = _hashed_pin(values.pop("pin"))
    names = dict.fromkeys((*before.ingroups, *(name for name, _ in ingroups)))
    return dataclasses.replace(
        before,
        rights=before.rights.union(rights).difference(no_rights),
        ingroups=tuple(name for name in names if name not in no_ingroups),
        ranks={name: rank for name, rank in ranks.items() if rank and name not in no_ingroups},
        custom={key: text for key, text in custom.items() if text},
        **values,
    )


def _put(connection: Connection, made: User) -> None:
    checks.check_user(made)
    management.put_user(connection, made)


def _user(connection: Connection, name: str) -> User:
    found: User | None = find(connection, r.UserSet, name)
    return found or fail(f"there is no user {name}")


def _hashed(password: str) -> str:
    try:
        checks.check_password(password)
    except checks.Unusable as error:
        fail(str(error))
    return hash_password(password)


def _hashed_pin(pin: str) -> str:
    if not pin:
        return ""
    try:
        checks.check_pin(pin)
    except checks.Unusable as error:
        fail(str(error))
    return hash_password(pin)


@user.command("password")
@config_option
@click.argument("name")
@click.password_option("--password", help="Asked for when it is not given.")
def user_password(config_path: str, name: str, password: str) -> None:
    """Give a user another password."""
    config = load_config(config_path)
    hashed = _hashed(password)
    with transaction(config) as connection:
        management.put_user(connection, dataclasses.replace(_user(connection, name), password_hash=hashed))
    changed(config, f"User {name} has another password.")


@user.command("delete")
@config_option
@click.argument("name")
def user_delete(config_path: str, name: str) -> None:
    """Take a user away, and his tokens; his history stays."""
    remove(load_config(config_path), management.delete_user, "user", name)


# --- phones -----------------------------------------------------------------------------------------------------------


@click.group()
def phone() -> None:
    """Phones of this PBX that agents log in on."""


@phone.command("list")
@config_option
@json_option
def phone_list(config_path: str, *, as_json: bool) -> None:
    """List all phones."""
    listing(load_config(config_path), r.PhoneSet, ("extension", "dial", "active"), as_json=as_json)


@phone.command("add")
@config_option
@replace_option
@click.argument("extension")
@click.option("--dial", default="", help="What Asterisk dials; PJSIP/EXTENSION when it is not given.")
@click.option("--webphone-url", default="", help="The URL of its web phone.")
def phone_add(config_path: str, extension: str, dial: str, webphone_url: str, *, replace: bool) -> None:
    """Make a phone. With --replace the phone of that extension becomes this."""
    config = load_config(config_path)
    with transaction(config) as connection:
        require_new(connection, r.PhoneSet, extension, replace=replace)
        made = Phone(extension, dial or f"PJSIP/{extension}", webphone_url=webphone_url)
        checks.check_phone(made)
        management.put_phone(connection, made)
    changed(config, f"Phone {extension} is there.")


@phone.command("delete")
@config_option
@click.argument("extension")
def phone_delete(config_path: str, extension: str) -> None:
    """Take a phone away."""
    remove(load_config(config_path), management.delete_phone, "phone", extension)
