"""Users, phones and tokens, as an administrator changes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, select

from agentd.core.model import Phone, Token, User, UserGroup
from agentd.core.records import PhoneSet, Record, TokenSet, UserGroupSet, UserSet
from agentd.engine.kinds import USER, By
from agentd.storage.blocks import user_number
from agentd.storage.management.audit import log_change_of
from agentd.storage.management.rows import alone, put_row
from agentd.storage.mapping import columns_of
from agentd.storage.reference import read_user
from agentd.storage.tables import phones, tokens, user_groups, users

__all__ = [
    "delete_phone",
    "delete_token",
    "delete_user",
    "delete_user_group",
    "put_phone",
    "put_token",
    "put_user",
    "put_user_group",
    "set_agent_lines",
    "set_custom",
]


def put_user(connection: Connection, user: User) -> list[Record]:
    """Make or change a user. The number is given here (and kept), whatever the object says."""
    number = connection.execute(select(users.c.number).where(users.c.name == user.name)).scalar_one_or_none()
    user = replace(user, number=user_number(connection, user.name) if number is None else number)
    put_row(connection, users, columns_of(users, user))
    return [UserSet(user.name, user)]


def delete_user(connection: Connection, name: str) -> list[Record]:
    """Take a user away, and his tokens; his history stays. Gives nothing if there was none."""
    gone: list[Record] = []
    for digest in connection.execute(select(tokens.c.digest).where(tokens.c.user == name)).scalars().all():
        gone += delete_token(connection, digest)
    if connection.execute(delete(users).where(users.c.name == name)).rowcount:
        gone.append(UserSet(name, None))
    return gone


def set_agent_lines(
    connection: Connection, agent: str, ingroups: Sequence[str], *, blended: bool, by: By | None = None
) -> list[Record]:
    """Make these the in-groups that a user takes when he logs in, and whether he takes his campaign's calls besides.

    Gives nothing if there is no such user.
    """
    return _set(connection, agent, by, ingroups=tuple(ingroups), blended=blended)


def _set(connection: Connection, name: str, by: By | None, **values: Any) -> list[Record]:
    """Change what is said of a user, if there is one."""
    alone(connection)
    before = read_user(connection, name)
    if before is None:
        return []
    after = replace(before, **values)
    log_change_of(connection, by, USER, before, after)
    return put_user(connection, after)


def set_custom(connection: Connection, name: str, key: str, value: str, by: By | None = None) -> list[Record]:
    """Give a user's custom field a value (empty: none). Gives nothing if there is no such user."""
    alone(connection)
    user = read_user(connection, name)
    custom = {} if user is None else user.custom | {key: value}
    return _set(connection, name, by, custom={each: text for each, text in custom.items() if text})


def put_user_group(connection: Connection, group: UserGroup) -> list[Record]:
    """Make or change a group of users."""
    put_row(connection, user_groups, columns_of(user_groups, group))
    return [UserGroupSet(group.name, group)]


def delete_user_group(connection: Connection, name: str) -> list[Record]:
    """Take a group of users away; users who name it stay as they are. Gives nothing if there was none."""
    gone = connection.execute(delete(user_groups).where(user_groups.c.name == name)).rowcount
    return [UserGroupSet(name, None)] if gone else []


def put_phone(connection: Connection, phone: Phone) -> list[Record]:
    """Make or change a phone."""
    put_row(connection, phones, columns_of(phones, phone))
    return [PhoneSet(phone.extension, phone)]


def delete_phone(connection: Connection, extension: str) -> list[Record]:
    """Take a phone away. Gives nothing if there was none."""
    gone = connection.execute(delete(phones).where(phones.c.extension == extension)).rowcount
    return [PhoneSet(extension, None)] if gone else []


def put_token(connection: Connection, token: Token) -> list[Record]:
    """Make or change a bearer token."""
    put_row(connection, tokens, columns_of(tokens, token))
    return [TokenSet(token.digest, token)]


def delete_token(connection: Connection, digest: str) -> list[Record]:
    """Revoke a bearer token. Gives nothing if there was none."""
    gone = connection.execute(delete(tokens).where(tokens.c.digest == digest)).rowcount
    return [TokenSet(digest, None)] if gone else []
