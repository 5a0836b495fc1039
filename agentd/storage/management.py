"""What an administrator changes: users, phones, tokens, campaigns, in-groups, group aliases, statuses, lists, leads ...

Functions of a Connection, for one transaction; they need no reactor. Each gives the records that the World must be
told with ReferenceChanged once the transaction is committed; leads and lists are not reference data and give none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, Table, delete, select, update
from sqlalchemy import insert as insert_row

from agentd.core.model import Campaign, GroupAlias, InGroup, Lead, PauseCode, Phone, Status, Token, User
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
from agentd.storage.blocks import reserve, user_number
from agentd.storage.columns import fitted, moment
from agentd.storage.reference import read_campaign
from agentd.storage.tables import (
    LEAD_FIELDS,
    campaigns,
    group_aliases,
    ingroups,
    leads,
    lists,
    pause_codes,
    phones,
    statuses,
    tokens,
    users,
)

__all__ = [
    "Unfit",
    "delete_campaign",
    "delete_group_alias",
    "delete_ingroup",
    "delete_pause_code",
    "delete_phone",
    "delete_status",
    "delete_token",
    "delete_user",
    "put_campaign",
    "put_group_alias",
    "put_ingroup",
    "put_lead",
    "put_list",
    "put_pause_code",
    "put_phone",
    "put_status",
    "put_token",
    "put_user",
]


class Unfit(ValueError):
    """A value that the database has no room for, or that names something that is not there."""


def _put(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Make the row of that key be this.

    Raises:
        Unfit: a text is too long. (What an administrator says is never cut in silence.)
    """
    for name, value in values.items():
        kind = table.c[name].type
        if isinstance(value, str) and isinstance(kind, String) and kind.length and len(value) > kind.length:
            raise Unfit(f"{table.name}: {name} may have {kind.length} characters, {value[:20]!r}… has {len(value)}")
    key = [column == values[column.name] for column in table.primary_key.columns]
    if connection.execute(select(*table.primary_key.columns).where(*key).with_for_update()).one_or_none() is None:
        connection.execute(insert_row(table).values(values))
    else:
        connection.execute(update(table).where(*key).values(values))


# --- users, phones, tokens -----------------------------------------------------------------------------------


def put_user(connection: Connection, user: User) -> list[Record]:
    """Make or change a user. The number is given here (and kept), whatever the object says."""
    number = connection.execute(select(users.c.number).where(users.c.name == user.name)).scalar_one_or_none()
    user = replace(user, number=user_number(connection, user.name) if number is None else number)
    _put(
        connection,
        users,
        {
            "name": user.name,
            "number": user.number,
            "full_name": user.full_name,
            "kind": user.kind.value,
            "password_hash": user.password_hash,
            "active": user.active,
            "campaign": user.campaign,
            "user_group": user.group,
            "rights": sorted(user.rights),
            "custom": user.custom,
            "ingroups": user.ingroups,
        },
    )
    return [UserSet(user.name, user)]


def delete_user(connection: Connection, name: str) -> list[Record]:
    """Take a user away, and his tokens; his history stays. Gives nothing if there was none."""
    gone: list[Record] = []
    for digest in connection.execute(select(tokens.c.digest).where(tokens.c.user == name)).scalars().all():
        gone += delete_token(connection, digest)
    if connection.execute(delete(users).where(users.c.name == name)).rowcount:
        gone.append(UserSet(name, None))
    return gone


def put_phone(connection: Connection, phone: Phone) -> list[Record]:
    """Make or change a phone."""
    _put(
        connection,
        phones,
        {
            "extension": phone.extension,
            "dial": phone.dial,
            "active": phone.active,
            "webphone_url": phone.webphone_url,
        },
    )
    return [PhoneSet(phone.extension, phone)]


def delete_phone(connection: Connection, extension: str) -> list[Record]:
    """Take a phone away. Gives nothing if there was none."""
    gone = connection.execute(delete(phones).where(phones.c.extension == extension)).rowcount
    return [PhoneSet(extension, None)] if gone else []


def put_token(connection: Connection, token: Token) -> list[Record]:
    """Make or change a bearer token."""
    _put(
        connection,
        tokens,
        {
            "digest": token.digest,
            "name": token.name,
            "role": token.role,
            "user": token.user,
            "scopes": sorted(token.scopes),
            "expires": token.expires,
        },
    )
    return [TokenSet(token.digest, token)]


def delete_token(connection: Connection, digest: str) -> list[Record]:
    """Revoke a bearer token. Gives nothing if there was none."""
    gone = connection.execute(delete(tokens).where(tokens.c.digest == digest)).rowcount
    return [TokenSet(digest, None)] if gone else []


# --- campaigns and what belongs to them ----------------------------------------------------------------------


def put_campaign(connection: Connection, campaign: Campaign) -> list[Record]:
    """Make or change a campaign with its statuses and pause codes: those that it does not name are gone.

    Numbers are given here (and kept), whatever the objects say.

    Raises:
        Unfit: a dial rule is no regular expression, or a text is too long.
    """
    _require_patterns(*campaign.dial_allow, *campaign.dial_deny)
    _put_campaign_row(connection, campaign)
    _only(connection, statuses, campaign.name, campaign.statuses)
    _only(connection, pause_codes, campaign.name, campaign.pause_codes)
    for status in campaign.statuses.values():
        _put_status(connection, campaign.name, status)
    for code in campaign.pause_codes.values():
        _put_pause_code(connection, campaign.name, code)
    return _campaign(connection, campaign.name)


def _put_campaign_row(connection: Connection, campaign: Campaign) -> None:
    named = campaigns.c.name == campaign.name
    number = connection.execute(select(campaigns.c.number).where(named)).scalar_one_or_none()
    _put(
        connection,
        campaigns,
        {
            "name": campaign.name,
            "number": reserve(connection, "campaign")[0] if number is None else number,
            "title": campaign.title,
            "active": campaign.active,
            "wrapup": campaign.wrapup,
            "default_status": campaign.default_status,
            "disposition_required": campaign.disposition_required,
            "after_manual": campaign.after_manual,
            "dial_timeout": campaign.dial_timeout,
            "dial_prefix": campaign.dial_prefix,
            "trunk": campaign.trunk,
            "caller_id": campaign.caller_id,
            "dial_allow": campaign.dial_allow,
            "dial_deny": campaign.dial_deny,
            "manual_queue": campaign.manual_queue,
            "manual_list": campaign.manual_list,
            "search_lists": campaign.search_lists,
            "park_music": campaign.park_music,
            "ivr_context": campaign.ivr_context,
            "ivr_prompt": campaign.ivr_prompt,
            "leave_message": campaign.leave_message,
            "default_ingroup": campaign.default_ingroup,
            "recording": campaign.recording.value,
            "recording_format": campaign.recording_format,
        },
    )


def _require_patterns(*rules: str) -> None:
    for rule in rules:
        try:
            re.compile(rule)
        except re.error as error:
            raise Unfit(f"the dial rule {rule!r} is no regular expression: {error}") from error


def _only(connection: Connection, table: Table, campaign: str, codes: Mapping[str, object]) -> None:
    connection.execute(delete(table).where(table.c.campaign == campaign, table.c.code.not_in(list(codes))))


def _campaign(connection: Connection, name: str) -> list[Record]:
    campaign = read_campaign(connection, name)
    if campaign is None:
        raise Unfit(f"there is no campaign {name}")
    return [CampaignSet(name, campaign)]


def delete_campaign(connection: Connection, name: str) -> list[Record]:
    """Take a campaign away, with its statuses and pause codes. Gives nothing if there was none."""
    connection.execute(delete(statuses).where(statuses.c.campaign == name))
    connection.execute(delete(pause_codes).where(pause_codes.c.campaign == name))
    gone = connection.execute(delete(campaigns).where(campaigns.c.name == name)).rowcount
    return [CampaignSet(name, None)] if gone else []


def put_status(connection: Connection, status: Status, campaign: str = "") -> list[Record]:
    """Make or change a status of the system's or of a campaign's. The number is given here, and kept.

    Raises:
        Unfit: there is no such campaign, or a text is too long.
    """
    stored = _put_status(connection, campaign, status)
    return _campaign(connection, campaign) if campaign else [StatusSet(status.code, stored)]


def _put_status(connection: Connection, campaign: str, status: Status) -> Status:
    one = (statuses.c.campaign == campaign, statuses.c.code == status.code)
    number = connection.execute(select(statuses.c.number).where(*one)).scalar_one_or_none()
    status = replace(status, number=reserve(connection, "status")[0] if number is None else number)
    _put(
        connection,
        statuses,
        {
            "campaign": campaign,
            "code": status.code,
            "number": status.number,
            "title": status.title,
            "selectable": status.selectable,
            "callback": status.callback,
            "human_answered": status.human_answered,
            "sale": status.sale,
            "dnc": status.dnc,
        },
    )
    return status


def delete_status(connection: Connection, code: str, campaign: str = "") -> list[Record]:
    """Take a status away. Gives nothing if there was none."""
    one = (statuses.c.campaign == campaign, statuses.c.code == code)
    if not connection.execute(delete(statuses).where(*one)).rowcount:
        return []
    return _campaign(connection, campaign) if campaign else [StatusSet(code, None)]


def put_pause_code(connection: Connection, campaign: str, code: PauseCode) -> list[Record]:
    """Make or change a pause code of a campaign.

    Raises:
        Unfit: there is no such campaign, or a text is too long.
    """
    _put_pause_code(connection, campaign, code)
    return _campaign(connection, campaign)


def _put_pause_code(connection: Connection, campaign: str, code: PauseCode) -> None:
    _put(
        connection,
        pause_codes,
        {"campaign": campaign, "code": code.code, "title": code.title, "productive": code.productive},
    )


def delete_pause_code(connection: Connection, campaign: str, code: str) -> list[Record]:
    """Take a pause code away. Gives nothing if there was none."""
    one = (pause_codes.c.campaign == campaign, pause_codes.c.code == code)
    return _campaign(connection, campaign) if connection.execute(delete(pause_codes).where(*one)).rowcount else []


# --- in-groups and group aliases -----------------------------------------------------------------------------


def put_ingroup(connection: Connection, ingroup: InGroup) -> list[Record]:
    """Make or change an in-group. The number is given here (and kept), whatever the object says."""
    number = connection.execute(select(ingroups.c.number).where(ingroups.c.name == ingroup.name)).scalar_one_or_none()
    ingroup = replace(ingroup, number=reserve(connection, "ingroup")[0] if number is None else number)
    _put(
        connection,
        ingroups,
        {
            "name": ingroup.name,
            "number": ingroup.number,
            "title": ingroup.title,
            "active": ingroup.active,
            "music": ingroup.music,
            "transfer_to": ingroup.transfer_to,
        },
    )
    return [InGroupSet(ingroup.name, ingroup)]


def delete_ingroup(connection: Connection, name: str) -> list[Record]:
    """Take an in-group away; what names it stays as it is. Gives nothing if there was none."""
    gone = connection.execute(delete(ingroups).where(ingroups.c.name == name)).rowcount
    return [InGroupSet(name, None)] if gone else []


def put_group_alias(connection: Connection, alias: GroupAlias) -> list[Record]:
    """Make or change a group alias."""
    _put(
        connection,
        group_aliases,
        {"name": alias.name, "caller_id": alias.caller_id, "title": alias.title, "active": alias.active},
    )
    return [GroupAliasSet(alias.name, alias)]


def delete_group_alias(connection: Connection, name: str) -> list[Record]:
    """Take a group alias away. Gives nothing if there was none."""
    gone = connection.execute(delete(group_aliases).where(group_aliases.c.name == name)).rowcount
    return [GroupAliasSet(name, None)] if gone else []


# --- lists and leads -----------------------------------------------------------------------------------------


def put_list(connection: Connection, list_id: int, title: str = "", campaign: str = "", *, active: bool = True) -> None:
    """Make or change a list of leads."""
    _put(connection, lists, {"id": list_id, "title": title, "campaign": campaign, "active": active})


def put_lead(connection: Connection, lead: Lead, at: float, user: str = "") -> None:
    """Make or change a lead; fields that it does not name become unset. Its calls so far stay counted."""
    now = moment(at)
    values: dict[str, Any] = {
        "id": lead.id,
        "list_id": lead.list_id,
        "status": lead.status,
        "phone_code": lead.phone_code,
        "phone_number": lead.phone_number,
        "modify_date": now,
        **fitted(leads, {name: lead.fields.get(name) for name in LEAD_FIELDS}),
    }
    if connection.execute(select(leads.c.id).where(leads.c.id == lead.id)).one_or_none() is None:
        values |= _new_lead(user, now)
    _put(connection, leads, values)


def _new_lead(user: str, now: datetime) -> dict[str, Any]:
    return {
        "user": user,
        "entry_date": now,
        "called_count": 0,
        "called_since_last_reset": 0,
        "last_local_call_time": None,
    }
