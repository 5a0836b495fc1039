"""``agentd user`` and ``agentd phone``."""

from __future__ import annotations

import dataclasses
from typing import Any

import click
from sqlalchemy import Connection

from agentd.administration.console import config_option, fail, json_option, load_config, replace_option
from agentd.administration.database import changed, find, listing, remove, require_new, transaction
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
    columns = ("name", "full_name", "kind", "campaign", "active", "rights", "ingroups")
    listing(load_config(config_path), r.UserSet, columns, as_json=as_json)


@user.command("add")
@config_option
@replace_option
@click.argument("name")
@click.option("--full-name", default="", help="As people know him.")
@click.option("--campaign", default="", help="The campaign of his logins.")
@click.option("--kind", type=click.Choice([kind.value for kind in UserKind]), default="local", show_default=True)
@click.option("--right", "rights", multiple=True, help="A right, such as agent_api or agentcall_manual; repeatable.")
@click.option("--ingroup", "ingroups", multiple=True, help="An in-group whose calls he takes; repeatable.")
@click.option("--custom-three", default="", help="The CRM's own id of him (alt_user).")
@click.password_option("--password", help="Asked for when it is not given.")
def user_add(
    config_path: str,
    name: str,
    full_name: str,
    campaign: str,
    kind: str,
    rights: tuple[str, ...],
    ingroups: tuple[str, ...],
    custom_three: str,
    password: str,
    *,
    replace: bool,
) -> None:
    """Make a user; `agentd user change` changes one that is there.

    With --replace the user of that name becomes this: what is not said here is the default.
    """
    config = load_config(config_path)
    made = User(
        name=name,
        number=0,
        full_name=full_name,
        kind=UserKind(kind),
        password_hash=_hashed(password),
        campaign=campaign,
        rights=frozenset(rights),
        custom={"three": custom_three} if custom_three else {},
        ingroups=_once_each(ingroups),
    )
    with transaction(config) as connection:
        require_new(connection, r.UserSet, name, replace=replace)
        checks.check_user(made)
        management.put_user(connection, made)
    changed(config, f"User {name} is there.")


@user.command("change")
@config_option
@click.argument("name")
@click.option("--full-name", help="As people know him.")
@click.option("--campaign", help="The campaign of his logins.")
@click.option("--kind", type=click.Choice([kind.value for kind in UserKind]))
@click.option("--active/--inactive", default=None, help="Whether he may do anything at all.")
@click.option("--right", "rights", multiple=True, help="Give him a right; repeatable.")
@click.option("--no-right", "no_rights", multiple=True, help="Take a right from him; repeatable.")
@click.option("--ingroup", "ingroups", multiple=True, help="Give him an in-group's calls; repeatable.")
@click.option("--no-ingroup", "no_ingroups", multiple=True, help="Give him none of an in-group's calls; repeatable.")
@click.option("--custom-three", help="The CRM's own id of him (alt_user).")
def user_change(
    config_path: str,
    name: str,
    rights: tuple[str, ...],
    no_rights: tuple[str, ...],
    ingroups: tuple[str, ...],
    no_ingroups: tuple[str, ...],
    custom_three: str | None,
    **others: Any,
) -> None:
    """Change what is said here of a user, and nothing else; `agentd user password` changes his password."""
    config = load_config(config_path)
    with transaction(config) as connection:
        found = _user(connection, name)
        given = {key: value for key, value in others.items() if value is not None}
        if "kind" in given:
            given["kind"] = UserKind(given["kind"])
        custom = found.custom if custom_three is None else {**found.custom, "three": custom_three}
        made = dataclasses.replace(
            found,
            rights=found.rights.union(rights).difference(no_rights),
            custom={key: text for key, text in custom.items() if text},
            ingroups=tuple(name for name in _once_each((*found.ingroups, *ingroups)) if name not in no_ingroups),
            **given,
        )
        checks.check_user(made)
        management.put_user(connection, made)
    changed(config, f"User {name} is changed; rights: {', '.join(sorted(made.rights)) or 'none'}.")


def _user(connection: Connection, name: str) -> User:
    found: User | None = find(connection, r.UserSet, name)
    return found or fail(f"there is no user {name}")


def _once_each(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _hashed(password: str) -> str:
    try:
        checks.check_password(password)
    except checks.Unusable as error:
        fail(str(error))
    return hash_password(password)


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
