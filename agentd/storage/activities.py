"""What a CRM has planned. Functions of a Connection, for one transaction."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, delete, select

from agentd.engine.ports import Activity
from agentd.storage.management.rows import put_row
from agentd.storage.tables import crm_activities

__all__ = ["delete_activity", "find_activities", "put_activity", "read_activity"]


def read_activity(connection: Connection, activity_id: str) -> Activity | None:
    """Give an activity by its id."""
    row = connection.execute(select(crm_activities).where(crm_activities.c.id == activity_id)).mappings().one_or_none()
    return None if row is None else _activity(row)


def find_activities(connection: Connection, after: str, limit: int) -> list[Activity]:
    """Give those with ids above ``after``, in the order of their ids."""
    query = select(crm_activities).where(crm_activities.c.id > after).order_by(crm_activities.c.id).limit(limit)
    return [_activity(row) for row in connection.execute(query).mappings()]


def put_activity(connection: Connection, activity: Activity, *, replace: bool) -> bool:
    """Keep one; says whether its id is new. Without ``replace`` a known one stays as it is. Raises Unfit."""
    known = read_activity(connection, activity.id)
    if known is None or replace:
        put_row(connection, crm_activities, asdict(activity))
    return known is None


def delete_activity(connection: Connection, activity_id: str) -> bool:
    """Forget one; says whether there was one."""
    return connection.execute(delete(crm_activities).where(crm_activities.c.id == activity_id)).rowcount == 1


def _activity(row: RowMapping) -> Activity:
    return Activity(row["id"], row["number"], row["phone_code"], row["account"], row["subject"])
