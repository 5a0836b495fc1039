"""Callbacks: promises to call a lead again, read and given away. Functions of a Connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from agentd.core.model import CallbackWish
from agentd.core.records import CallbackSet, Record
from agentd.engine.ports import CallbackQuery, CallbackRow
from agentd.storage.columns import epoch, moment
from agentd.storage.tables import CallbackStatus, callbacks

__all__ = ["callbacks_to_keep", "find_callbacks", "give_to_anyone", "read_callback"]

_WAITING = CallbackStatus.WAITING.value


def read_callback(connection: Connection, callback_id: int) -> CallbackRow | None:
    """Give a callback by its id."""
    row = connection.execute(select(callbacks).where(callbacks.c.id == callback_id)).mappings().one_or_none()
    return _callback_row(row) if row is not None else None


def find_callbacks(connection: Connection, query: CallbackQuery) -> list[CallbackRow]:
    """Give the callbacks that a query finds, in the order of their ids."""
    found = select(callbacks).where(callbacks.c.id > query.after, *_conditions(query))
    rows = connection.execute(found.order_by(callbacks.c.id).limit(query.limit)).mappings()
    return [_callback_row(row) for row in rows]


def _conditions(query: CallbackQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.user is not None:
        conditions.append(callbacks.c.user == query.user)
    if query.campaign:
        conditions.append(callbacks.c.campaign == query.campaign)
    if query.lead_id is not None:
        conditions.append(callbacks.c.lead_id == query.lead_id)
    if query.waiting is not None:
        status = callbacks.c.status
        conditions.append(status == _WAITING if query.waiting else status != _WAITING)
    if query.due_before is not None:
        conditions.append(callbacks.c.due_at < moment(query.due_before))
    return conditions


def callbacks_to_keep(connection: Connection) -> list[Record]:
    """Give all callbacks that one agent is to keep and has not, as records."""
    return [_record(row) for row in _to_keep(connection, callbacks.c.user != "")]


def give_to_anyone(connection: Connection, user: str) -> list[Record]:
    """Let anybody keep what a user has promised and not kept; gives what memory is to learn of that."""
    his = [_record(row) for row in _to_keep(connection, callbacks.c.user == user)]
    waiting = (callbacks.c.user == user, callbacks.c.status == _WAITING)
    connection.execute(update(callbacks).where(*waiting).values(user="", anyone=True))
    return [replace(one, user="", agent="", wish=replace(one.wish, anyone=True)) for one in his]


def _to_keep(connection: Connection, whose: ColumnElement[bool]) -> Sequence[RowMapping]:
    wanted = select(callbacks).where(whose, callbacks.c.status == _WAITING, callbacks.c.anyone.is_(False))
    return connection.execute(wanted.order_by(callbacks.c.id)).mappings().all()


def _record(row: RowMapping) -> CallbackSet:
    return CallbackSet(
        callback_id=row["id"],
        lead_id=row["lead_id"],
        campaign=row["campaign"],
        wish=CallbackWish(epoch(row["due_at"]), anyone=False, comments=row["comments"]),
        user=row["user"],
        agent=row["user"],
        call_id=row["made_by_call"],
        stored=True,
    )


def _callback_row(row: RowMapping) -> CallbackRow:
    return CallbackRow(
        id=row["id"],
        lead_id=row["lead_id"],
        campaign=row["campaign"],
        user=row["user"],
        due=epoch(row["due_at"]),
        anyone=row["anyone"],
        comments=row["comments"],
        status=row["status"],
        created=epoch(row["created"]),
        call_id=row["call_id"],
        made_by_call=row["made_by_call"],
    )
