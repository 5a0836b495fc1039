"""Things of every kind as rows: read, looked for, counted. Functions of a Connection.

A campaign is read without what is part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, Table, func, select

from agentd.engine.kinds import (
    CAMPAIGN,
    GROUP_ALIAS,
    INGROUP,
    KINDS,
    LIST,
    PAUSE_CODE,
    PHONE,
    PRESET,
    STATUS,
    TOKEN,
    USER,
    USER_GROUP,
    Kind,
    Named,
    Part,
    ThingQuery,
)
from agentd.storage.blocks import reserve, user_number
from agentd.storage.mapping import column_of, made_of
from agentd.storage.tables import (
    campaigns,
    group_aliases,
    ingroups,
    leads,
    lists,
    pause_codes,
    phones,
    presets,
    statuses,
    tokens,
    user_groups,
    users,
)

__all__ = ["STORED", "Stored", "all_things", "find_things", "holders", "key_values", "read_thing", "where_is"]

Numbering = Callable[[Connection, str], int]


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the things of a kind are. ``number`` gives a new one its number, where they have numbers."""

    table: Table
    number: Numbering | None = None


def _counted(kind: str) -> Numbering:
    return lambda connection, _key: reserve(connection, kind)[0]


STORED: dict[str, Stored] = {
    USER.name: Stored(users, user_number),
    USER_GROUP.name: Stored(user_groups),
    PHONE.name: Stored(phones),
    CAMPAIGN.name: Stored(campaigns, _counted("campaign")),
    STATUS.name: Stored(statuses, _counted("status")),
    PAUSE_CODE.name: Stored(pause_codes),
    PRESET.name: Stored(presets),
    INGROUP.name: Stored(ingroups, _counted("ingroup")),
    GROUP_ALIAS.name: Stored(group_aliases),
    LIST.name: Stored(lists),
    TOKEN.name: Stored(tokens),
}
"""By the names of kinds."""


def read_thing(connection: Connection, named: Named) -> Any | None:
    """Give a thing; None if there is none."""
    condition = where_is(named)
    if condition is None:
        return None
    table = STORED[named.kind.name].table
    row = connection.execute(select(table).where(*condition)).mappings().one_or_none()
    return None if row is None else _with_counts(connection, named.kind, [_made(named.kind, row)])[0]


def find_things(connection: Connection, kind: Kind, query: ThingQuery) -> list[Any]:
    """Give the things that a query finds."""
    table = STORED[kind.name].table
    own = _key_column(kind)
    wanted = _of(kind, query.campaign)
    wanted += [column_of(table, name) == value for name, value in query.having.items()]
    if query.after:
        wanted.append(own > (_whole(query.after) if kind is LIST else query.after))
    return _with_counts(connection, kind, _things(connection, kind, _ordered(kind, wanted).limit(query.limit)))


def all_things(connection: Connection, kind: Kind) -> list[Any]:
    """Give all things of a kind that is not part of a campaign, without counts."""
    return _things(connection, kind, _ordered(kind, []))


def holders(connection: Connection, named: Named) -> list[tuple[str, str]]:
    """Give kinds and names of all things that name this one in a way that binds it."""
    found = []
    for kind in KINDS.values():
        references = [one for one in kind.references if one.binding and one.kind == named.kind.name]
        if references:
            found += [
                (kind.name, kind.key_of(thing))
                for thing in all_things(connection, kind)
                if (kind.name, kind.key_of(thing)) != (named.kind.name, named.key)
                and any(named.key in reference.named(thing) for reference in references)
            ]
    return found


def where_is(named: Named) -> list[ColumnElement[bool]] | None:
    """Give the conditions that find a thing's row; None where nothing can have such a key."""
    values = key_values(named)
    if values is None:
        return None
    table = STORED[named.kind.name].table
    return [table.c[name] == value for name, value in values.items()]


def key_values(named: Named) -> dict[str, Any] | None:
    """Give the columns of a thing's primary key; None where nothing can have such a key."""
    key: Any = _whole(named.key) if named.kind is LIST else named.key
    if key is None:
        return None
    values = {named.kind.key: key}
    return values if named.kind.part is Part.NEVER else {"campaign": named.campaign, **values}


def _key_column(kind: Kind) -> Column[Any]:
    return STORED[kind.name].table.c[kind.key]


def _of(kind: Kind, campaign: str) -> list[ColumnElement[bool]]:
    if kind.part is Part.NEVER:
        return []
    return [STORED[kind.name].table.c.campaign == campaign]


def _ordered(kind: Kind, wanted: Iterable[ColumnElement[bool]]) -> Select[Any]:
    return select(STORED[kind.name].table).where(*wanted).order_by(_key_column(kind))


def _things(connection: Connection, kind: Kind, query: Select[Any]) -> list[Any]:
    return [_made(kind, row) for row in connection.execute(query).mappings()]


def _made(kind: Kind, row: RowMapping) -> Any:
    return made_of(STORED[kind.name].table, kind.cls, row)


def _with_counts(connection: Connection, kind: Kind, things: list[Any]) -> list[Any]:
    """Lists with how many leads each has; other things as they are."""
    if kind is not LIST or not things:
        return things
    counted = select(leads.c.list_id, func.count()).where(leads.c.list_id.in_([one.id for one in things]))
    counts = {row[0]: row[1] for row in connection.execute(counted.group_by(leads.c.list_id))}
    return [replace(one, leads=counts.get(one.id, 0)) for one in things]


def _whole(text: str) -> int | None:
    """A list's id, None from a text that cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
