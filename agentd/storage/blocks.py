"""Ids and numbers that are given once in a database, whoever asks. Functions of a Connection."""

from __future__ import annotations

import re

from sqlalchemy import Column, Connection, func, select, update

from agentd.storage.statements import insert_once
from agentd.storage.tables import (
    callbacks,
    calls,
    campaigns,
    id_blocks,
    ingroups,
    leads,
    recordings,
    sessions,
    statuses,
    users,
)

__all__ = ["reserve", "user_number"]

OTHER_USERS = 1_000_000_000  # the number of the first user whose name is no number

# By kind: where its ids stand, and the first that is ever given.
KINDS: dict[str, tuple[Column[int], int]] = {
    "lead": (leads.c.id, 1),
    "call": (calls.c.id, 1000),
    "session": (sessions.c.id, 1),
    "recording": (recordings.c.id, 1),
    "callback": (callbacks.c.id, 1),
    "user": (users.c.number, OTHER_USERS),
    "campaign": (campaigns.c.number, 1),
    "ingroup": (ingroups.c.number, 1),
    "status": (statuses.c.number, 1),
}

_OWN_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


def reserve(connection: Connection, kind: str, count: int = 1) -> tuple[int, int]:
    """Reserve ``count`` ids that nobody has and nobody will get; gives the first and the last.

    They lie above everything that is in the tables, so an import raises them.

    Raises:
        KeyError: there is no such kind.
    """
    column, lowest = KINDS[kind]
    one = id_blocks.c.kind == kind
    query = select(id_blocks.c.next).where(one).with_for_update()
    following = connection.execute(query).scalar_one_or_none()
    if following is None:
        # Another daemon may be the first at the same time: one row comes of it, and the other waits for it.
        connection.execute(insert_once(id_blocks, connection.dialect.name), {"kind": kind, "next": lowest})
        following = connection.execute(query).scalar_one()
    highest = connection.execute(select(func.max(column))).scalar_one_or_none()
    first = max(following, lowest, (highest or 0) + 1)
    connection.execute(update(id_blocks).where(one).values(next=first + count))
    return first, first + count - 1


def user_number(connection: Connection, name: str) -> int:
    """Give a new user's number: his name where it is one of up to 9 digits without a leading zero, else the next."""
    return int(name) if _OWN_NUMBER.fullmatch(name) else reserve(connection, "user")[0]
