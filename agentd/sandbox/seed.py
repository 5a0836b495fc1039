"""Filling the demo's database."""

from __future__ import annotations

from sqlalchemy import Connection

from agentd.core.model import Token
from agentd.core.records import TokenSet
from agentd.engine.auth import hash_password, new_token
from agentd.engine.clock import WallClock
from agentd.engine.config import Config
from agentd.sandbox import data
from agentd.storage import management, seeding
from agentd.storage.activities import put_activity
from agentd.storage.database import connect
from agentd.storage.leads import read_lead
from agentd.storage.migrating import migrate
from agentd.storage.reference import read_reference

__all__ = ["seed"]

TOKEN = "demo"  # noqa: S105 - a name


def seed(config: Config, clock: WallClock) -> str:
    """Make the demo's data what it should be, leave other rows alone, and give a new token with all rights.

    Leads that are there stay as calls have made them.
    """
    migrate(config.database_url)
    plain, digest = new_token()
    engine = connect(config.database_url)
    with engine.begin() as connection:
        _put_reference(connection)
        _put_outside(connection, clock.now())
        for old in [record.token for record in read_reference(connection) if isinstance(record, TokenSet)]:
            if old is not None and old.name == TOKEN:
                management.delete_token(connection, old.digest)
        management.put_token(connection, Token(digest, TOKEN, "admin", ""))
    engine.dispose()
    return plain


def _put_reference(connection: Connection) -> None:
    seeding.seed(connection)
    for campaign in data.campaigns():
        management.put_campaign(connection, campaign)
    for ingroup in data.ingroups():
        management.put_ingroup(connection, ingroup)
    for alias in data.group_aliases():
        management.put_group_alias(connection, alias)
    for phone in data.phones():
        management.put_phone(connection, phone)
    for group in data.user_groups():
        management.put_user_group(connection, group)
    for user in data.users(hash_password(data.PASSWORD)):
        management.put_user(connection, user)


def _put_outside(connection: Connection, now: float) -> None:
    """Who is outside, and what is known of them."""
    management.put_list(connection, 101, "The demo's list", data.DIAL_CAMPAIGN)
    management.put_list(connection, data.CALLERS_LIST, "Who called")
    for number, owner in data.DNC:
        management.put_dnc(connection, number, owner)
    for activity in data.activities():
        put_activity(connection, activity, replace=True)
    for lead in data.leads():
        if read_lead(connection, lead.id) is None:
            management.put_lead(connection, lead, now)
