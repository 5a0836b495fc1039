"""``agentd user`` and ``agentd phone``."""

from __future__ import annotations

from dataclasses import replace

import click

from agentd.administration.console import config_option, fail, json_option, load_config
from agentd.administration.database import changed, listing, transaction, values
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
    columns = ("name", "full_name", "kind", "campaign", "active", "rights")
    listing(load_config(config_path), r.UserSet, "user", columns, as_json=as_json)


@user.command("add")
@config_option
@click.argument("name")
@click.option("--full-name", default="", help="As people know him.")
@click.option("--campaign", default="", help="The campaign of his logins.")
@click.option("--kind", type=click.Choice([kind.value for kind in UserKind]), default="local", show_default=True)
@click.option("--right", "rights", multiple=True, help="A right, such as agent_api or agentcall_manual; repeatable.")
@click.option("--custom-three", default="", help="The CRM's own id of him (alt_user).")
@click.password_option("--password", help="Asked for when it is not given.")
def user_add(
    config_path: str,
    name: str,
    full_name: str,
    campaign: str,
    kind: str,
    rights: tuple[str, ...],
    custom_three: str,
    password: str,
) -> None:
    """Make a user, or change the one of that name."""
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
    )
    with transaction(config) as connection:
        checks.check_user(made)
        management.put_user(connection, made)
    changed(config, f"User {name} is there.")


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
    found = next((one for one in values(config, r.UserSet, "user") if one.name == name), None)
    if found is None:
        fail(f"there is no user {name}")
    with transaction(config) as connection:
        management.put_user(connection, replace(found, password_hash=_hashed(password)))
    changed(config, f"User {name} has another password.")


@user.command("delete")
@config_option
@click.argument("name")
def user_delete(config_path: str, name: str) -> None:
    """Take a user away, and his tokens; his history stays."""
    config = load_config(config_path)
    with transaction(config) as connection:
        gone = management.delete_user(connection, name)
    if not gone:
        fail(f"there is no user {name}")
    changed(config, f"User {name} is gone.")


# --- phones -----------------------------------------------------------------------------------------------------------


@click.group()
def phone() -> None:
    """Phones of this PBX that agents log in on."""


@phone.command("list")
@config_option
@json_option
def phone_list(config_path: str, *, as_json: bool) -> None:
    """List all phones."""
    listing(load_config(config_path), r.PhoneSet, "phone", ("extension", "dial", "active"), as_json=as_json)


@phone.command("add")
@config_option
@click.argument("extension")
@click.option("--dial", default="", help="What Asterisk dials; PJSIP/EXTENSION when it is not given.")
@click.option("--webphone-url", default="", help="The URL of its web phone.")
def phone_add(config_path: str, extension: str, dial: str, webphone_url: str) -> None:
    """Make a phone, or change the one of that extension."""
    config = load_config(config_path)
    with transaction(config) as connection:
        made = Phone(extension, dial or f"PJSIP/{extension}", webphone_url=webphone_url)
        checks.check_phone(made)
        management.put_phone(connection, made)
    changed(config, f"Phone {extension} is there.")


@phone.command("delete")
@config_option
@click.argument("extension")
def phone_delete(config_path: str, extension: str) -> None:
    """Take a phone away."""
    config = load_config(config_path)
    with transaction(config) as connection:
        gone = management.delete_phone(connection, extension)
    if not gone:
        fail(f"there is no phone {extension}")
    changed(config, f"Phone {extension} is gone.")
