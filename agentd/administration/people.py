"""``agentd user``, ``agentd usergroup`` and ``agentd phone``."""

from __future__ import annotations

from typing import Any

import click

from agentd.administration.console import config_option, load_config
from agentd.administration.database import apply, changed, transaction
from agentd.administration.options import choice_option, options, pair, ranked, said
from agentd.administration.things import Shelf, commands, require
from agentd.core.model import User, UserKind
from agentd.engine.kinds import PHONE, USER, USER_GROUP, Action, Named

__all__ = ["phone", "user", "usergroup"]


# --- users ------------------------------------------------------------------------------------------------------------


_user_options = options(
    click.option("--full-name", help="As people know him."),
    click.option("--campaign", help="The campaign of his logins."),
    click.option("--group", help="His user group; empty for none."),
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
    click.option(
        "--custom",
        multiple=True,
        type=pair,
        metavar="NAME=TEXT",
        help="One of the CRM's five fields: one, two, three, four, five. Repeatable; an empty text clears it.",
    ),
)
_taking_away = options(
    click.option("--no-right", "no_rights", multiple=True, help="Take a right from him; repeatable."),
    click.option("--no-ingroup", "no_ingroups", multiple=True, help="Give him no calls of an in-group; repeatable."),
)


def _user_values(_named: Named, before: User | None, given: dict[str, Any]) -> dict[str, Any]:
    """What is said of a user: rights, in-groups and custom fields are given and taken one by one."""
    values = said(given)
    if before is None:
        before = User("", 0)
        values.setdefault("pin", "")  # whom he takes the place of may have had one
    rights = before.rights.union(values.pop("rights")).difference(values.pop("no_rights", ()))
    custom = before.custom | dict(values.pop("custom"))
    if "custom_three" in values:
        custom["three"] = values.pop("custom_three")
    lines = _lines(before, values.pop("ingroups"), values.pop("no_ingroups", ()))
    custom = {name: text for name, text in custom.items() if text}
    return values | lines | {"rights": sorted(rights), "custom": custom}


def _lines(before: User, ingroups: tuple[Any, ...], no_ingroups: tuple[str, ...]) -> dict[str, Any]:
    ranks = before.ranks | {name: rank for name, rank in ingroups if rank is not None}
    names = dict.fromkeys((*before.ingroups, *(name for name, _ in ingroups)))
    return {
        "ingroups": [name for name in names if name not in no_ingroups],
        "ranks": {name: rank for name, rank in ranks.items() if rank and name not in no_ingroups},
    }


user = commands(
    Shelf(
        USER,
        "user",
        "Users: agents, supervisors, and programs that use an API.",
        ("name", "full_name", "kind", "group", "campaign", "active", "rights", "ingroups", "blended"),
        _user_options,
        adding=click.password_option("--password", help="Asked for when it is not given."),
        changing=_taking_away,
        values=_user_values,
    )
)


@user.command("password")
@config_option
@click.argument("name")
@click.password_option("--password", help="Asked for when it is not given.")
def user_password(config_path: str, name: str, password: str) -> None:
    """Give a user another password."""
    config = load_config(config_path)
    named = Named(USER, name)
    with transaction(config) as connection:
        require(connection, named)
        apply(connection, Action.CHANGE, named, {"password": password})
    changed(config, f"User {name} has another password.")


# --- their groups -----------------------------------------------------------------------------------------------------


def _group_values(_named: Named, _before: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What is said of a group: the addresses that are named take the place of those before."""
    addresses, everywhere = given.pop("addresses"), given.pop("no_addresses")
    return said(given) | ({"addresses": addresses} if addresses or everywhere else {})


usergroup = commands(
    Shelf(
        USER_GROUP,
        "usergroup",
        "Groups of users, who may be let in from some addresses alone.",
        ("name", "title", "addresses"),
        options(
            click.option("--title", help="As people know it."),
            click.option(
                "--address",
                "addresses",
                multiple=True,
                help="An address or network, such as 10.1.0.0/16: they are let in from there alone. Repeatable.",
            ),
            click.option("--from-everywhere", "no_addresses", is_flag=True, help="They are let in from everywhere."),
        ),
        values=_group_values,
    )
)


# --- phones -----------------------------------------------------------------------------------------------------------


def _phone_values(named: Named, before: Any, given: dict[str, Any]) -> dict[str, Any]:
    return ({"dial": f"PJSIP/{named.key}"} if before is None else {}) | said(given)


phone = commands(
    Shelf(
        PHONE,
        "phone",
        "Phones of this PBX that agents log in on.",
        ("extension", "dial", "active", "webphone_url"),
        options(
            click.option("--dial", help="What Asterisk dials; PJSIP/EXTENSION when it is never said."),
            click.option(
                "--webphone-url",
                help="The address of its web phone, with {extension}, {agent}, {campaign} and {conference} in it.",
            ),
            click.option("--active/--inactive", default=None, help="Whether agents may log in on it."),
        ),
        values=_phone_values,
    )
)
