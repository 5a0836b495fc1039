"""Users, phones and tokens, as an administrator changes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, select

from agentd.core.model import Phone, Token, User
from agentd.core.records import PhoneSet, Record, TokenSet, UserSet
from agentd.storage.blocks import user_number
from agentd.storage.management.rows import put_row
from agentd.storage.mapping import columns_of
from agentd.storage.reference import read_user
from agentd.storage.tables import phones, tokens, users

__all__ = [
    "delete_phone",
    "delete_token",
    "delete_user",
    "put_phone",
    "put_token",
    "put_user",
    "set_agent_lines",
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


def set_agent_lines(connection: Connection, agent: str, ingroups: Sequence[str], *, blended: bool) -> list[Record]:
    """Make these the in-groups that a user takes when he logs in, and whether he takes his campaign's calls besides.

    Gives nothing if there is no such user.
    """
    user = read_user(connection, agent)
    return [] if user is None else put_user(connection, replace(user, ingroups=tuple(ingroups), blended=blended))


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
