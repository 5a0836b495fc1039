"""Reference data: rows of the database as the World's objects. Functions of a Connection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, RowMapping, Select, Table, select

from agentd.core.model import (
    Campaign,
    GroupAlias,
    InGroup,
    Lead,
    PauseCode,
    Phone,
    Preset,
    Status,
    Token,
    User,
    UserGroup,
)
from agentd.core.records import (
    CampaignSet,
    GroupAliasSet,
    InGroupSet,
    PhoneSet,
    Record,
    StatusSet,
    TokenSet,
    UserGroupSet,
    UserSet,
)
from agentd.storage.mapping import made_of
from agentd.storage.tables import (
    LEAD_FIELDS,
    campaigns,
    group_aliases,
    ingroups,
    pause_codes,
    phones,
    presets,
    statuses,
    tokens,
    user_groups,
    users,
)

__all__ = ["lead_of", "read_campaign", "read_reference", "read_user"]

_T = TypeVar("_T")


def read_reference(connection: Connection) -> list[Record]:
    """Give all users and their groups, phones, campaigns, in-groups, aliases, system statuses and tokens, as records.

    Raises:
        ValueError: a row has what cannot be; the text names it.
    """
    return [
        *(UserSet(user.name, user) for user in _all(connection, User, users.c.name)),
        *(UserGroupSet(group.name, group) for group in _all(connection, UserGroup, user_groups.c.name)),
        *(PhoneSet(phone.extension, phone) for phone in _all(connection, Phone, phones.c.extension)),
        *(CampaignSet(name, read_campaign(connection, name)) for name in _names(connection)),
        *(InGroupSet(ingroup.name, ingroup) for ingroup in _all(connection, InGroup, ingroups.c.number)),
        *(GroupAliasSet(alias.name, alias) for alias in _all(connection, GroupAlias, group_aliases.c.name)),
        *(StatusSet(code, status) for code, status in _statuses(connection, "").items()),
        *(TokenSet(token.digest, token) for token in _all(connection, Token, tokens.c.digest)),
    ]


def _all(connection: Connection, kind: type[_T], order: Column[Any]) -> list[_T]:
    return _made(connection, order.table, kind, select(order.table).order_by(order))


def _made(connection: Connection, table: Table, kind: type[_T], query: Select[Any]) -> list[_T]:
    return [made_of(table, kind, row) for row in connection.execute(query).mappings()]


def _names(connection: Connection) -> list[str]:
    return list(connection.execute(select(campaigns.c.name).order_by(campaigns.c.number)).scalars())


def _statuses(connection: Connection, campaign: str) -> dict[str, Status]:
    query = select(statuses).where(statuses.c.campaign == campaign).order_by(statuses.c.number)
    return {status.code: status for status in _made(connection, statuses, Status, query)}


def _pause_codes(connection: Connection, campaign: str) -> dict[str, PauseCode]:
    query = select(pause_codes).where(pause_codes.c.campaign == campaign).order_by(pause_codes.c.code)
    return {code.code: code for code in _made(connection, pause_codes, PauseCode, query)}


def _presets(connection: Connection, campaign: str) -> dict[str, Preset]:
    query = select(presets).where(presets.c.campaign == campaign).order_by(presets.c.code)
    return {preset.code: preset for preset in _made(connection, presets, Preset, query)}


def read_user(connection: Connection, name: str) -> User | None:
    """Give a user, None if there is none."""
    found = _made(connection, users, User, select(users).where(users.c.name == name))
    return found[0] if found else None


def read_campaign(connection: Connection, name: str) -> Campaign | None:
    """Give a campaign with its statuses, pause codes and presets, None if there is none."""
    found = _made(connection, campaigns, Campaign, select(campaigns).where(campaigns.c.name == name))
    if not found:
        return None
    return replace(
        found[0],
        pause_codes=_pause_codes(connection, name),
        statuses=_statuses(connection, name),
        presets=_presets(connection, name),
    )


def lead_of(row: RowMapping) -> Lead:
    """Give a row of ``leads`` as a Lead: the fields that are set, as text."""
    fields = {name: str(row[name]) for name in LEAD_FIELDS if row[name] is not None}
    return Lead(row["id"], row["list_id"], row["status"], row["phone_code"], row["phone_number"], fields)
