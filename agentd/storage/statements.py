"""The statements that bring records into the database, once per dialect.

A batch runs them step by step (:mod:`agentd.storage.steps`), each for all records of the batch at once; the order is
such that the rows come out as if each record had been brought in by itself. ``b_`` marks values that are not columns of
an insert.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Executable, String, Table, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects import mysql, sqlite

from agentd.storage.columns import Instant, Seconds
from agentd.storage.statements_leads import lead_statements
from agentd.storage.steps import INSERTS, Step
from agentd.storage.tables import (
    agent_log,
    calls,
    legs,
    line_log,
    offers,
    park_log,
    recording_mutes,
    recordings,
    sessions,
    supervision_log,
    supervision_modes,
    third_log,
)

__all__ = ["insert_once", "statements"]


_at = bindparam("b_at", type_=Instant)
_call = bindparam("b_call", type_=BigInteger)
_session = bindparam("b_session", type_=BigInteger)


def statements(dialect: str) -> dict[Step, Executable]:
    """Give the statements for a dialect (``sqlite``, ``mysql`` or ``mariadb``)."""
    inserts = {step: insert_once(table, dialect) for step, table in INSERTS.items()}
    offered = {Step.OFFER_NEW: insert_once(offers, dialect, ingroup=_line_of_the_offer())}
    return inserts | offered | _updates() | lead_statements(dialect)


def insert_once(table: Table, dialect: str, **found: Any) -> Executable:
    """A row that is there already stays as it is; anything else that is wrong with it is an error.

    ``found`` are columns whose values the database finds itself.
    """
    names = [column.name for column in table.columns if column is not table.autoincrement_column]
    values = {name: bindparam(name) for name in names} | found
    if dialect == "sqlite":
        return sqlite.insert(table).values(values).on_conflict_do_nothing()
    key = next(iter(table.primary_key.columns))
    return mysql.insert(table).values(values).on_duplicate_key_update({key.name: key})


def _line_of_the_offer() -> Any:
    """The in-group in whose line the call stood last when it was offered."""
    before = (line_log.c.call_id == bindparam("call_id"), line_log.c.seq < bindparam("seq"))
    last = select(line_log.c.ingroup).where(*before).order_by(line_log.c.seq.desc()).limit(1)
    return func.coalesce(last.scalar_subquery(), "")


def _updates() -> dict[Step, Executable]:
    return {
        **_call_updates(),
        **_line_updates(),
        **_third_updates(),
        **_recording_updates(),
        **_supervision_updates(),
        Step.LEG_OVER: update(legs)
        .where(*_of_leg(legs.c.daemon, legs.c.id))
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


def _of_leg(daemon: Column[Any], leg: Column[Any]) -> tuple[Any, Any]:
    return daemon == bindparam("b_daemon"), leg == bindparam("b_leg")


def _stretch_over(table: Table, *of: Any) -> Any:
    """The end of a stretch that began before this record; one that begins later in the batch has a higher seq."""
    return (
        update(table)
        .where(*of, table.c.seq < bindparam("b_seq", type_=BigInteger), table.c.ended.is_(None))
        .values(ended=_at, length=Seconds(_at, table.c.started))
    )


def _call_updates() -> dict[Step, Executable]:
    one = update(calls).where(calls.c.id == _call)
    held = select(func.coalesce(func.sum(park_log.c.length), 0.0)).where(park_log.c.call_id == _call).scalar_subquery()
    return {
        Step.CALL_ANSWERED: one.values(answered=_at),
        Step.CALL_DELIVERED: one.values(
            answered=_at, user=bindparam("b_user"), session_id=_session, campaign=bindparam("b_campaign")
        ),
        Step.PARK_OVER: _stretch_over(park_log, park_log.c.call_id == _call).values(retrieved_by=bindparam("b_by")),
        Step.CALL_REFUSED: one.values(
            ended=_at, length=0.0, cause=bindparam("b_cause"), reason=bindparam("b_reason"), hung_up_by="pbx"
        ),
        Step.CALL_OVER: one.values(
            ended=_at,
            length=Seconds(_at, calls.c.started),
            talk=Seconds(_at, calls.c.answered),
            held=held,
            cause=bindparam("b_cause"),
            hung_up_by=bindparam("b_by"),
            suggested_status=bindparam("b_suggested"),
        ),
        Step.CALL_STATUS: one.values(
            status=bindparam("b_status"),
            disposed_by=bindparam("b_by"),
            disposed=_at,
            code=func.coalesce(func.nullif(bindparam("b_code", type_=String), ""), calls.c.code),
        ),
    }


def _line_updates() -> dict[Step, Executable]:
    one = update(calls).where(calls.c.id == _call)
    stays = (line_log.c.call_id == _call, line_log.c.consult.is_(False))
    outcome = bindparam("b_outcome", type_=String)
    began_before = (offers.c.call_id == _call, offers.c.seq < bindparam("b_seq", type_=BigInteger))
    his = or_(outcome != "missed", offers.c.user == bindparam("b_user"))
    # The record that he did not come may follow the one that it was taken back, at the same moment.
    missed = and_(outcome == "missed", offers.c.outcome == "back", offers.c.ended == _at)
    return {
        Step.CALL_REROUTED: one.values(ingroup=bindparam("b_ingroup")),
        Step.CALL_TREATED: one.values(treated=bindparam("b_reason")),
        Step.LINE_OVER: _stretch_over(line_log, line_log.c.call_id == _call).values(reason=bindparam("b_reason")),
        Step.OFFER_OVER: update(offers)
        .where(*began_before, his, or_(offers.c.ended.is_(None), missed))
        .values(ended=_at, length=Seconds(_at, offers.c.started), outcome=outcome, cause=bindparam("b_cause")),
        Step.CALL_WAITED: one.values(wait=select(func.sum(line_log.c.length)).where(*stays).scalar_subquery()),
    }


def _third_updates() -> dict[Step, Executable]:
    of_call = update(third_log).where(third_log.c.call_id == _call)
    one = of_call.where(third_log.c.leg == bindparam("b_leg"))
    return {
        Step.THIRD_ANSWERED: one.values(answered=_at),
        Step.THIRD_JOINED: one.values(answered=_at, consulted=bindparam("b_consulted")),
        Step.THIRD_OVER: one.values(ended=_at, cause=bindparam("b_cause"), hung_up_by=bindparam("b_by")),
        Step.THIRD_LEFT: of_call.where(third_log.c.ended.is_(None)).values(ended=_at),
    }


def _recording_updates() -> dict[Step, Executable]:
    recording = bindparam("b_recording", type_=BigInteger)
    one = update(recordings).where(recordings.c.id == recording)
    goes_on = recordings.c.ended.is_(None)
    return {
        Step.RECORDING_STARTED: one.values(started=_at),
        Step.RECORDING_OVER: one.where(goes_on).values(
            ended=_at, length=Seconds(_at, recordings.c.started), reason=bindparam("b_reason")
        ),
        Step.RECORDING_FAILED: one.values(ended=func.coalesce(recordings.c.ended, _at), failed=bindparam("b_reason")),
        Step.RECORDING_REMOVED: one.values(removed=_at),
        Step.MUTE_OVER: _stretch_over(recording_mutes, recording_mutes.c.recording_id == recording),
    }


def _supervision_updates() -> dict[Step, Executable]:
    one = update(supervision_log).where(*_of_leg(supervision_log.c.daemon, supervision_log.c.leg))
    return {
        Step.SUPERVISION_STARTED: one.values(started=_at),
        Step.SUPERVISION_MODE_OVER: _stretch_over(
            supervision_modes, *_of_leg(supervision_modes.c.daemon, supervision_modes.c.leg)
        ),
        Step.SUPERVISION_OVER: one.where(supervision_log.c.ended.is_(None)).values(
            ended=_at, length=Seconds(_at, supervision_log.c.started), cause=bindparam("b_cause")
        ),
    }
