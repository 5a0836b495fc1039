"""In-groups and group aliases, as an administrator changes them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, delete, select

from agentd.core.model import GroupAlias, InGroup
from agentd.core.records import GroupAliasSet, InGroupSet, Record
from agentd.storage.blocks import reserve
from agentd.storage.management.rows import put_row
from agentd.storage.mapping import columns_of
from agentd.storage.tables import group_aliases, ingroups

__all__ = ["delete_group_alias", "delete_ingroup", "put_group_alias", "put_ingroup"]


def put_ingroup(connection: Connection, ingroup: InGroup) -> list[Record]:
    """Make or change an in-group. The number is given here (and kept), whatever the object says."""
    number = connection.execute(select(ingroups.c.number).where(ingroups.c.name == ingroup.name)).scalar_one_or_none()
    ingroup = replace(ingroup, number=reserve(connection, "ingroup")[0] if number is None else number)
    put_row(connection, ingroups, columns_of(ingroups, ingroup))
    return [InGroupSet(ingroup.name, ingroup)]


def delete_ingroup(connection: Connection, name: str) -> list[Record]:
    """Take an in-group away; what names it stays as it is. Gives nothing if there was none."""
    gone = connection.execute(delete(ingroups).where(ingroups.c.name == name)).rowcount
    return [InGroupSet(name, None)] if gone else []


def put_group_alias(connection: Connection, alias: GroupAlias) -> list[Record]:
    """Make or change a group alias."""
    put_row(connection, group_aliases, columns_of(group_aliases, alias))
    return [GroupAliasSet(alias.name, alias)]


def delete_group_alias(connection: Connection, name: str) -> list[Record]:
    """Take a group alias away. Gives nothing if there was none."""
    gone = connection.execute(delete(group_aliases).where(group_aliases.c.name == name)).rowcount
    return [GroupAliasSet(name, None)] if gone else []
