"""The statements about leads, about what was promised to them, and about numbers not to call."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Executable,
    String,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import mysql, sqlite

from agentd.storage.columns import Instant
from agentd.storage.steps import Step
from agentd.storage.tables import LEAD_FIELDS, CallbackStatus, callbacks, calls, dnc, leads

__all__ = ["CHANGEABLE", "lead_statements"]

CHANGEABLE = ("list_id", "status", "phone_code", "phone_number", *LEAD_FIELDS)
"""The columns of a lead that somebody may change; those that are no fields of his are never NULL."""

_WAITING, _DONE, _DROPPED = (status.value for status in CallbackStatus)

_at = bindparam("b_at", type_=Instant)
_call = bindparam("b_call", type_=BigInteger)
_lead = bindparam("b_lead", type_=BigInteger)
_campaign = bindparam("b_campaign", type_=String)


def lead_statements(dialect: str) -> dict[Step, Executable]:
    """Give the statements for a dialect."""
    return {
        **_lead_changes(),
        Step.CALLBACK: _callback_kept(),
        Step.CALLBACK_SET: _callback_set(dialect),
        Step.CALLBACK_REPLACED: _callback_replaced(),
        Step.CALLBACK_OVER: _callback_over(),
        Step.CALLBACKS_DROPPED: update(callbacks)
        .where(callbacks.c.lead_id == _lead, callbacks.c.status == _WAITING)
        .values(status=_DROPPED),
        Step.DNC_FREED: delete(dnc).where(dnc.c.campaign == _campaign, dnc.c.number == bindparam("b_number")),
    }


# --- leads ---------------------------------------------------------------------------------------------------


def _lead_changes() -> dict[Step, Executable]:
    one = update(leads).where(leads.c.id == _lead)
    return {
        Step.LEAD_CALLED: update(leads)
        .where(leads.c.id == _of_the_call(calls.c.lead_id))
        .values(
            called_count=leads.c.called_count + 1,
            called_since_last_reset=leads.c.called_since_last_reset + 1,
            last_local_call_time=_of_the_call(calls.c.started),
        ),
        Step.LEAD_STATUS: one.values(
            status=bindparam("b_status"),
            user=func.coalesce(func.nullif(bindparam("b_user", type_=String), ""), leads.c.user),
            modify_date=_at,
        ),
        Step.LEAD_UPDATED: one.values({name: _said(leads.c[name]) for name in CHANGEABLE} | {"modify_date": _at}),
        Step.LEAD_DELETED: delete(leads).where(leads.c.id == _lead),
    }


def _of_the_call(column: Column[Any]) -> Any:
    """A column of a call to the lead: it counts once, and not again where another agent goes on."""
    counts = (calls.c.id == _call, calls.c.ended.is_(None), calls.c.origin == 0, calls.c.direction != "inbound")
    return select(column).where(*counts).scalar_subquery()


def _said(column: Column[Any]) -> Any:
    """What the record says of a column, where it says something."""
    says = bindparam(f"b_says_{column.name}", type_=Boolean)
    return case((says, bindparam(f"b_{column.name}", type_=column.type)), else_=column)


# --- promises ------------------------------------------------------------------------------------------------


def _callback_kept() -> Any:
    """What is due for a lead is done by a call, or (``b_status`` waiting) is due again, for that call was none.

    That is about what anybody may keep: for the rest, memory decides.
    """
    status = bindparam("b_status", type_=String)
    kept = and_(
        status == _DONE,
        callbacks.c.status == _WAITING,
        callbacks.c.lead_id == _lead,
        callbacks.c.campaign == _campaign,
        callbacks.c.due_at <= _at,
    )
    broken = and_(status == _WAITING, callbacks.c.status == _DONE, callbacks.c.call_id == _call)
    return (
        update(callbacks)
        .where(callbacks.c.anyone.is_(True), or_(kept, broken))
        .values(status=status, call_id=bindparam("b_by", type_=BigInteger))
    )


def _callback_set(dialect: str) -> Any:
    """A promise; one that was there already is now this, and waits again."""
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in callbacks.columns}
    changing = ("lead_id", "campaign", "user", "due_at", "anyone", "comments", "status", "call_id")
    if dialect == "sqlite":
        new = sqlite.insert(callbacks).values(values)
        changed = {name: new.excluded[name] for name in changing}
        return new.on_conflict_do_update(index_elements=["id"], set_=changed)
    row = mysql.insert(callbacks).values(values)
    return row.on_duplicate_key_update({name: row.inserted[name] for name in changing})


def _callback_replaced() -> Any:
    """What anybody was to keep for the campaign is nobody's any more, because of what was promised after it."""
    return (
        update(callbacks)
        .where(
            callbacks.c.lead_id == _lead,
            callbacks.c.campaign == _campaign,
            callbacks.c.id != bindparam("b_callback", type_=BigInteger),
            callbacks.c.anyone.is_(True),
            callbacks.c.status == _WAITING,
        )
        .values(status=_DROPPED)
    )


def _callback_over() -> Any:
    return (
        update(callbacks)
        .where(callbacks.c.id == bindparam("b_callback", type_=BigInteger), callbacks.c.status == _WAITING)
        .values(status=bindparam("b_status", type_=String), call_id=_call)
    )
