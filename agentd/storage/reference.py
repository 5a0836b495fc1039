"""Reference data: rows of the database as the World's objects. Functions of a Connection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Row, RowMapping, Select, select

from agentd.core.model import (
    Campaign,
    GroupAlias,
    InGroup,
    Lead,
    PauseCode,
    Phone,
    RecordingRule,
    Status,
    Token,
    User,
    UserKind,
)
from agentd.core.records import (
    CampaignSet,
    GroupAliasSet,
    InGroupSet,
    PhoneSet,
    Record,
    StatusSet,
    TokenSet,
    UserSet,
)
from agentd.storage.tables import (
    LEAD_FIELDS,
    campaigns,
    group_aliases,
    ingroups,
    pause_codes,
    phones,
    statuses,
    tokens,
    users,
)

__all__ = ["lead_of", "read_campaign", "read_reference"]


def read_reference(connection: Connection) -> list[Record]:
    """Give all users, phones, campaigns, in-groups, group aliases, system statuses and tokens, as records."""
    return [
        *(UserSet(row.name, _user(row)) for row in _rows(connection, _in_order(users.c.name))),
        *(PhoneSet(row.extension, _phone(row)) for row in _rows(connection, select(phones))),
        *(CampaignSet(name, read_campaign(connection, name)) for name in _names(connection)),
        *(InGroupSet(row.name, _ingroup(row)) for row in _rows(connection, _in_order(ingroups.c.number))),
        *(GroupAliasSet(row.name, _alias(row)) for row in _rows(connection, _in_order(group_aliases.c.name))),
        *(StatusSet(code, status) for code, status in _statuses(connection, "").items()),
        *(TokenSet(row.digest, _token(row)) for row in _rows(connection, select(tokens))),
    ]


def _rows(connection: Connection, query: Select[Any]) -> list[Row[Any]]:
    return list(connection.execute(query).all())


def _in_order(column: Column[Any]) -> Select[Any]:
    return select(column.table).order_by(column)


def _names(connection: Connection) -> list[str]:
    return list(connection.execute(select(campaigns.c.name).order_by(campaigns.c.number)).scalars())


def _user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        number=row.number,
        full_name=row.full_name,
        kind=UserKind(row.kind),
        password_hash=row.password_hash,
        active=row.active,
        campaign=row.campaign,
        group=row.user_group,
        rights=frozenset(row.rights),
        custom=row.custom,
        ingroups=tuple(row.ingroups),
    )


def _phone(row: Row[Any]) -> Phone:
    return Phone(row.extension, row.dial, row.active, row.webphone_url)


def _ingroup(row: Row[Any]) -> InGroup:
    return InGroup(row.name, row.number, row.title, row.active, row.music, row.transfer_to)


def _alias(row: Row[Any]) -> GroupAlias:
    return GroupAlias(row.name, row.caller_id, row.title, row.active)


def _token(row: Row[Any]) -> Token:
    return Token(row.digest, row.name, row.role, row.user, frozenset(row.scopes), row.expires)


def _statuses(connection: Connection, campaign: str) -> dict[str, Status]:
    query = select(statuses).where(statuses.c.campaign == campaign).order_by(statuses.c.number)
    return {
        row.code: Status(
            code=row.code,
            number=row.number,
            title=row.title,
            selectable=row.selectable,
            callback=row.callback,
            human_answered=row.human_answered,
            sale=row.sale,
            dnc=row.dnc,
        )
        for row in _rows(connection, query)
    }


def _pause_codes(connection: Connection, campaign: str) -> dict[str, PauseCode]:
    query = select(pause_codes).where(pause_codes.c.campaign == campaign).order_by(pause_codes.c.code)
    return {row.code: PauseCode(row.code, row.title, row.productive) for row in _rows(connection, query)}


def read_campaign(connection: Connection, name: str) -> Campaign | None:
    """Give a campaign with its statuses and pause codes, None if there is none."""
    row = connection.execute(select(campaigns).where(campaigns.c.name == name)).one_or_none()
    if row is None:
        return None
    return Campaign(
        name=row.name,
        number=row.number,
        title=row.title,
        active=row.active,
        wrapup=row.wrapup,
        default_status=row.default_status,
        disposition_required=row.disposition_required,
        after_manual=row.after_manual,
        dial_timeout=row.dial_timeout,
        dial_prefix=row.dial_prefix,
        trunk=row.trunk,
        caller_id=row.caller_id,
        dial_allow=tuple(row.dial_allow),
        dial_deny=tuple(row.dial_deny),
        manual_queue=row.manual_queue,
        manual_list=row.manual_list,
        search_lists=tuple(row.search_lists),
        park_music=row.park_music,
        ivr_context=row.ivr_context,
        ivr_prompt=row.ivr_prompt,
        leave_message=row.leave_message,
        default_ingroup=row.default_ingroup,
        recording=RecordingRule(row.recording),
        recording_format=row.recording_format,
        pause_codes=_pause_codes(connection, name),
        statuses=_statuses(connection, name),
    )


def lead_of(row: RowMapping) -> Lead:
    """Give a row of ``leads`` as a Lead: the fields that are set, as text."""
    fields = {name: str(row[name]) for name in LEAD_FIELDS if row[name] is not None}
    return Lead(row["id"], row["list_id"], row["status"], row["phone_code"], row["phone_number"], fields)
