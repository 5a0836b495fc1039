"""Campaigns, their statuses and pause codes, and the system's statuses, as an administrator changes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection, Table, delete, select, update

from agentd.core.model import Campaign, PauseCode, Status
from agentd.core.records import CampaignSet, Record, StatusSet
from agentd.engine.kinds import CAMPAIGN, By
from agentd.storage.blocks import reserve
from agentd.storage.management.audit import log_change_of
from agentd.storage.management.rows import Unfit, alone, put_row
from agentd.storage.mapping import columns_of
from agentd.storage.reference import read_campaign
from agentd.storage.tables import campaigns, pause_codes, presets, statuses

__all__ = [
    "delete_campaign",
    "delete_pause_code",
    "delete_status",
    "put_campaign",
    "put_pause_code",
    "put_status",
    "set_dial_level",
]


def put_campaign(connection: Connection, campaign: Campaign) -> list[Record]:
    """Make or change a campaign with its statuses, pause codes and presets: those that it does not name are gone.

    Numbers are given here (and kept), whatever the objects say.

    Raises:
        Unfit: a dial rule is no regular expression, or a text is too long.
    """
    _require_patterns(*campaign.dial_allow, *campaign.dial_deny)
    _put_campaign_row(connection, campaign)
    _only(connection, statuses, campaign.name, campaign.statuses)
    _only(connection, pause_codes, campaign.name, campaign.pause_codes)
    _only(connection, presets, campaign.name, campaign.presets)
    for status in campaign.statuses.values():
        _put_status(connection, campaign.name, status)
    for code in campaign.pause_codes.values():
        _put_pause_code(connection, campaign.name, code)
    for preset in campaign.presets.values():
        put_row(connection, presets, {"campaign": campaign.name, **columns_of(presets, preset)})
    return _campaign(connection, campaign.name)


def _put_campaign_row(connection: Connection, campaign: Campaign) -> None:
    named = campaigns.c.name == campaign.name
    number = connection.execute(select(campaigns.c.number).where(named)).scalar_one_or_none()
    campaign = replace(campaign, number=reserve(connection, "campaign")[0] if number is None else number)
    put_row(connection, campaigns, columns_of(campaigns, campaign))


def set_dial_level(connection: Connection, campaign: str, level: float, by: By | None = None) -> list[Record]:
    """Let a campaign dial so many calls for each free agent (0: none). Gives nothing if there is no such campaign."""
    alone(connection)
    before = read_campaign(connection, campaign)
    if before is None:
        return []
    after = replace(before, auto_dial_level=level)
    connection.execute(update(campaigns).where(campaigns.c.name == campaign).values(auto_dial_level=level))
    log_change_of(connection, by, CAMPAIGN, before, after)
    return [CampaignSet(campaign, after)]


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
        raise Unfit(f"there is no campaign {name}", "campaign")
    return [CampaignSet(name, campaign)]


def delete_campaign(connection: Connection, name: str) -> list[Record]:
    """Take a campaign away, with its statuses, pause codes and presets. Gives nothing if there was none."""
    connection.execute(delete(statuses).where(statuses.c.campaign == name))
    connection.execute(delete(pause_codes).where(pause_codes.c.campaign == name))
    connection.execute(delete(presets).where(presets.c.campaign == name))
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
    put_row(connection, statuses, {"campaign": campaign, **columns_of(statuses, status)})
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
    put_row(connection, pause_codes, {"campaign": campaign, **columns_of(pause_codes, code)})


def delete_pause_code(connection: Connection, campaign: str, code: str) -> list[Record]:
    """Take a pause code away. Gives nothing if there was none."""
    one = (pause_codes.c.campaign == campaign, pause_codes.c.code == code)
    return _campaign(connection, campaign) if connection.execute(delete(pause_codes).where(*one)).rowcount else []
