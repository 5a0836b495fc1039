"""The statements that bring records into the database, once per dialect.

A batch runs them step by step in this order, each for all records of the batch at once; the order is such that the
rows come out as if each record had been brought in by itself. ``b_`` marks values that are not columns of an insert.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Executable, Table, bindparam, select, update
from sqlalchemy.dialects import mysql, sqlite

from agentd.storage.columns import Instant, Seconds
from agentd.storage.tables import agent_log, api_log, calls, leads, legs, sessions

__all__ = ["INSERTS", "Step", "insert_once", "statements"]


class Step(IntEnum):
    """What is done to the tables, in the order in which it is done for a batch."""

    LEAD_NEW = 1
    CALL_NEW = 2
    SESSION_NEW = 3
    LEG_NEW = 4
    INTERVAL_NEW = 5
    API_CALL = 6
    LEAD_CALLED = 7
    CALL_ANSWERED = 8
    CALL_REFUSED = 9
    CALL_OVER = 10
    CALL_STATUS = 11
    LEAD_STATUS = 12
    LEG_OVER = 13
    INTERVAL_OVER = 14
    LAST_INTERVAL_OVER = 15
    SESSION_OVER = 16


INSERTS: dict[Step, Table] = {
    Step.LEAD_NEW: leads,
    Step.CALL_NEW: calls,
    Step.SESSION_NEW: sessions,
    Step.LEG_NEW: legs,
    Step.INTERVAL_NEW: agent_log,
    Step.API_CALL: api_log,
}

_at = bindparam("b_at", type_=Instant)
_call = bindparam("b_call", type_=BigInteger)
_session = bindparam("b_session", type_=BigInteger)


def statements(dialect: str) -> dict[Step, Executable]:
    """Give the statements for a dialect (``sqlite``, ``mysql`` or ``mariadb``)."""
    return {step: insert_once(table, dialect) for step, table in INSERTS.items()} | _updates()


def insert_once(table: Table, dialect: str) -> Executable:
    """A row that is there already stays as it is; anything else that is wrong with it is an error."""
    names = [column.name for column in table.columns if column is not table.autoincrement_column]
    if dialect == "sqlite":
        return sqlite.insert(table).values({name: bindparam(name) for name in names}).on_conflict_do_nothing()
    key = next(iter(table.primary_key.columns))
    insert = mysql.insert(table).values({name: bindparam(name) for name in names})
    return insert.on_duplicate_key_update({key.name: key})


def _updates() -> dict[Step, Executable]:
    return {
        **_lead_updates(),
        **_call_updates(),
        Step.LEG_OVER: update(legs)
        .where(legs.c.daemon == bindparam("b_daemon"), legs.c.id == bindparam("b_leg"))
        .values(ended=_at, cause=bindparam("b_cause"), far_end=bindparam("b_far_end")),
        Step.INTERVAL_OVER: _interval_over().where(agent_log.c.interval_number == bindparam("b_interval")),
        Step.LAST_INTERVAL_OVER: _interval_over(),
        Step.SESSION_OVER: update(sessions)
        .where(sessions.c.id == _session, sessions.c.ended.is_(None))
        .values(
            ended=_at,
            length=Seconds(_at, sessions.c.started),
            reason=bindparam("b_reason"),
            ended_source=bindparam("b_source"),
        ),
    }


def _interval_over() -> Any:
    return (
        update(agent_log)
        .where(agent_log.c.session_id == _session, agent_log.c.ended.is_(None))
        .values(ended=_at, length=Seconds(_at, agent_log.c.started))
    )


def _lead_updates() -> dict[Step, Executable]:
    def of_the_call(column: Column[Any]) -> Any:
        """A column of a call that has not been counted for its lead yet."""
        return select(column).where(calls.c.id == _call, calls.c.ended.is_(None)).scalar_subquery()

    return {
        Step.LEAD_CALLED: update(leads)
        .where(leads.c.id == of_the_call(calls.c.lead_id))
        .values(
            called_count=leads.c.called_count + 1,
            called_since_last_reset=leads.c.called_since_last_reset + 1,
            last_local_call_time=of_the_call(calls.c.started),
        ),
        Step.LEAD_STATUS: update(leads)
        .where(leads.c.id == bindparam("b_lead"))
        .values(status=bindparam("b_status"), user=bindparam("b_user"), modify_date=_at),
    }


def _call_updates() -> dict[Step, Executable]:
    one = update(calls).where(calls.c.id == _call)
    return {
        Step.CALL_ANSWERED: one.values(answered=_at),
        Step.CALL_REFUSED: one.values(
            ended=_at, length=0.0, cause=bindparam("b_cause"), reason=bindparam("b_reason"), hung_up_by="pbx"
        ),
        Step.CALL_OVER: one.values(
            ended=_at,
            length=Seconds(_at, calls.c.started),
            talk=Seconds(_at, calls.c.answered),
            cause=bindparam("b_cause"),
            hung_up_by=bindparam("b_by"),
            suggested_status=bindparam("b_suggested"),
        ),
        Step.CALL_STATUS: one.values(status=bindparam("b_status"), disposed_by=bindparam("b_by"), disposed=_at),
    }
