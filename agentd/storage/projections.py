"""Records as changes of the database's rows.

Every change names its row by a key from the journal and says what is true then, so that it may be made twice.
Records that are not here change no row: reference data comes *from* the database, and the rest is memory's alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agentd.core import records as r
from agentd.engine.ports import Entry
from agentd.storage.columns import fitted, moment
from agentd.storage.statements import INSERTS, Step
from agentd.storage.tables import LEAD_FIELDS, calls, leads, legs, sessions

__all__ = ["Change", "project"]


@dataclass(frozen=True, slots=True)
class Change:
    """One statement's values for one record."""

    step: Step
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a record comes from."""

    daemon: str
    journal: str
    seq: int
    at: float


def project(daemon: str, journal: str, entry: Entry) -> list[Change]:
    """Give the changes that a record means."""
    projection = _PROJECTIONS.get(type(entry.record))
    return projection(_Place(daemon, journal, entry.seq, entry.at), entry.record) if projection else []


def _insert(step: Step, **values: Any) -> Change:
    return Change(step, fitted(INSERTS[step], values))


def _update(step: Step, at: float, **values: Any) -> Change:
    return Change(step, {"b_at": moment(at)} | {f"b_{name}": value for name, value in values.items()})


def _cut(column: Any, value: Any) -> Any:
    return fitted(column.table, {column.name: value})[column.name]


# --- sessions ------------------------------------------------------------------------------------------------


def _session_started(place: _Place, record: r.SessionStarted) -> list[Change]:
    return [
        _insert(
            Step.SESSION_NEW,
            id=record.session_id,
            daemon=place.daemon,
            user=record.agent,
            phone=record.phone,
            campaign=record.campaign,
            conference=record.conference,
            source=record.source,
            started=moment(place.at),
            ended=None,
            length=None,
            reason="",
            ended_source="",
        )
    ]


def _state_entered(place: _Place, record: r.StateEntered) -> list[Change]:
    new = _insert(
        Step.INTERVAL_NEW,
        session_id=record.session_id,
        interval_number=record.interval,
        user=record.agent,
        state=record.state.value,
        code=record.code,
        productive=record.productive,
        call_id=record.call_id,
        lead_id=record.lead_id,
        started=moment(place.at),
        ended=None,
        length=None,
    )
    over = _update(Step.INTERVAL_OVER, place.at, session=record.session_id, interval=record.interval - 1)
    return [new, over]


def _session_ended(place: _Place, record: r.SessionEnded) -> list[Change]:
    return [
        _update(Step.LAST_INTERVAL_OVER, place.at, session=record.session_id),
        _update(
            Step.SESSION_OVER,
            place.at,
            session=record.session_id,
            reason=_cut(sessions.c.reason, record.reason),
            source=_cut(sessions.c.ended_source, record.source),
        ),
    ]


# --- leads and calls -----------------------------------------------------------------------------------------


def _lead_created(place: _Place, record: r.LeadCreated) -> list[Change]:
    lead = record.lead
    return [
        _insert(
            Step.LEAD_NEW,
            id=lead.id,
            list_id=lead.list_id,
            status=lead.status,
            user=record.by,
            phone_code=lead.phone_code,
            phone_number=lead.phone_number,
            entry_date=moment(place.at),
            modify_date=moment(place.at),
            called_count=0,
            called_since_last_reset=0,
            last_local_call_time=None,
            **{name: lead.fields.get(name) for name in LEAD_FIELDS},
        )
    ]


def _call_started(place: _Place, record: r.CallStarted) -> list[Change]:
    return [
        _insert(
            Step.CALL_NEW,
            id=record.call_id,
            call_key=record.key,
            daemon=place.daemon,
            user=record.agent,
            session_id=record.session_id,
            campaign=record.campaign,
            direction=record.direction,
            list_id=record.lead.list_id,
            lead_id=record.lead.id,
            phone_code=record.phone_code,
            phone_number=record.number,
            source=record.source,
            vendor_id=record.vendor_id,
            started=moment(place.at),
            **dict.fromkeys(("answered", "ended", "length", "talk", "cause", "disposed")),
            **dict.fromkeys(("hung_up_by", "reason", "suggested_status", "status", "disposed_by"), ""),
        )
    ]


def _call_answered(place: _Place, record: r.CallAnswered) -> list[Change]:
    return [_update(Step.CALL_ANSWERED, place.at, call=record.call_id)]


def _call_refused(place: _Place, record: r.CallRefused) -> list[Change]:
    cause, reason = _cut(calls.c.cause, record.cause), _cut(calls.c.reason, record.reason)
    return [_update(Step.CALL_REFUSED, place.at, call=record.call_id, cause=cause, reason=reason)]


def _call_ended(place: _Place, record: r.CallEnded) -> list[Change]:
    over = _update(
        Step.CALL_OVER,
        place.at,
        call=record.call_id,
        cause=_cut(calls.c.cause, record.cause),
        by=_cut(calls.c.hung_up_by, record.hung_up_by),
        suggested=_cut(calls.c.suggested_status, record.suggested_status),
    )
    return [Change(Step.LEAD_CALLED, {"b_call": record.call_id}), over]


def _call_disposed(place: _Place, record: r.CallDisposed) -> list[Change]:
    return _status(place, record.call_id, record.lead_id, record.agent, record.status, record.by)


def _status_replaced(place: _Place, record: r.StatusReplaced) -> list[Change]:
    return _status(place, record.call_id, record.lead_id, record.agent, record.status, "agent")


def _status(place: _Place, call_id: int, lead_id: int, agent: str, status: str, by: str) -> list[Change]:
    status, by = _cut(calls.c.status, status), _cut(calls.c.disposed_by, by)
    return [
        _update(Step.CALL_STATUS, place.at, call=call_id, status=status, by=by),
        _update(Step.LEAD_STATUS, place.at, lead=lead_id, status=status, user=_cut(leads.c.user, agent)),
    ]


def _leg_began(place: _Place, record: r.LegAsked | r.LegAdopted) -> list[Change]:
    return [
        _insert(
            Step.LEG_NEW,
            daemon=place.daemon,
            id=record.leg,
            role=record.role.value,
            user=record.agent,
            session_id=record.session_id,
            call_id=record.call_id,
            started=moment(place.at),
            **dict.fromkeys(("ended", "cause", "far_end")),
        )
    ]


def _leg_ended(place: _Place, record: r.LegEnded) -> list[Change]:
    return [
        _update(
            Step.LEG_OVER,
            place.at,
            daemon=place.daemon,
            leg=_cut(legs.c.id, record.leg),
            cause=_cut(legs.c.cause, record.cause),
            far_end=record.far_end,
        )
    ]


# --- the API log ---------------------------------------------------------------------------------------------


def _api_called(place: _Place, record: r.ApiCalled) -> list[Change]:
    return [
        _insert(
            Step.API_CALL,
            user=record.user,
            api_date=moment(place.at),
            api_script=record.script,
            function=record.function,
            agent_user=record.agent_user,
            value=record.value,
            result=record.result,
            result_reason=record.result_reason,
            source=record.source,
            data=record.data,
            fields=record.fields,
            journal=place.journal,
            seq=place.seq,
        )
    ]


_PROJECTIONS: dict[type[r.Record], Callable[[_Place, Any], list[Change]]] = {
    r.SessionStarted: _session_started,
    r.StateEntered: _state_entered,
    r.SessionEnded: _session_ended,
    r.LeadCreated: _lead_created,
    r.CallStarted: _call_started,
    r.CallAnswered: _call_answered,
    r.CallRefused: _call_refused,
    r.CallEnded: _call_ended,
    r.CallDisposed: _call_disposed,
    r.StatusReplaced: _status_replaced,
    r.LegAsked: _leg_began,
    r.LegAdopted: _leg_began,
    r.LegEnded: _leg_ended,
    r.ApiCalled: _api_called,
}
