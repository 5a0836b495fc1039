"""Records as changes of the database's rows.

Every change names its row by a key from the journal and says what is true then, so that it may be made twice.
Records without a projection change no row: reference data comes *from* the database, and the rest is memory's alone.
"""

from __future__ import annotations

from agentd.core import records as r
from agentd.engine.ports import Entry
from agentd.storage.columns import moment
from agentd.storage.projecting import PROJECTIONS, Change, Source, cut, insert, projects, set_values
from agentd.storage.projections_hand import nobody_waits
from agentd.storage.projections_leads import callback_again, callback_kept
from agentd.storage.projections_lines import ingroups_chosen, new_call
from agentd.storage.steps import Step
from agentd.storage.tables import calls, leads, legs, sessions

__all__ = ["Change", "project"]


def project(daemon: str, journal: str, entry: Entry) -> list[Change]:
    """Give the changes that a record means."""
    projection = PROJECTIONS.get(type(entry.record))
    return projection(Source(daemon, journal, entry.seq, entry.at), entry.record) if projection else []


# --- sessions ------------------------------------------------------------------------------------------------


@projects(r.SessionStarted)
def _session_started(source: Source, record: r.SessionStarted) -> list[Change]:
    return [
        insert(
            Step.SESSION_NEW,
            id=record.session_id,
            daemon=source.daemon,
            user=record.agent,
            phone=record.phone,
            campaign=record.campaign,
            conference=record.conference,
            source=record.source,
            started=moment(source.at),
            ended=None,
            length=None,
            reason="",
            ended_source="",
            kind=record.kind.value,
        ),
        ingroups_chosen(source, record),
    ]


@projects(r.InGroupsChanged)
def _ingroups_changed(source: Source, record: r.InGroupsChanged) -> list[Change]:
    return [ingroups_chosen(source, record)]


@projects(r.StateEntered)
def _state_entered(source: Source, record: r.StateEntered) -> list[Change]:
    new = insert(
        Step.INTERVAL_NEW,
        session_id=record.session_id,
        interval_number=record.interval,
        user=record.agent,
        state=record.state.value,
        code=record.code,
        productive=record.productive,
        call_id=record.call_id,
        lead_id=record.lead_id,
        started=moment(source.at),
        ended=None,
        length=None,
    )
    over = set_values(Step.INTERVAL_OVER, source, session=record.session_id, interval=record.interval - 1)
    return [new, over]


@projects(r.SessionEnded)
def _session_ended(source: Source, record: r.SessionEnded) -> list[Change]:
    return [
        set_values(Step.LAST_INTERVAL_OVER, source, session=record.session_id),
        set_values(
            Step.SESSION_OVER,
            source,
            session=record.session_id,
            reason=cut(sessions.c.reason, record.reason),
            source=cut(sessions.c.ended_source, record.source),
        ),
    ]


# --- calls ----------------------------------------------------------------------------------------------------


@projects(r.CallStarted)
def _call_started(source: Source, record: r.CallStarted) -> list[Change]:
    new = new_call(
        source,
        record,
        user=record.agent,
        session_id=record.session_id,
        direction=record.direction,
        source=record.source,
        vendor_id=record.vendor_id,
        which=record.which.value,
        preview=record.previewed is not None,
    )
    return [new, callback_kept(source, record)] if record.direction == "manual" else [new]


@projects(r.CallAnswered)
def _call_answered(source: Source, record: r.CallAnswered) -> list[Change]:
    return [set_values(Step.CALL_ANSWERED, source, call=record.call_id)]


@projects(r.CallRefused)
def _call_refused(source: Source, record: r.CallRefused) -> list[Change]:
    cause, reason = cut(calls.c.cause, record.cause), cut(calls.c.reason, record.reason)
    refused = set_values(Step.CALL_REFUSED, source, call=record.call_id, cause=cause, reason=reason)
    if record.agent:
        return [refused, callback_again(source, record.call_id)]
    # A campaign's dial counts all the same: else the lead would be the first of the hopper again, and again in vain.
    tried = Change(Step.LEAD_CALLED, {"b_call": record.call_id})
    return [tried, refused, callback_again(source, record.call_id)]


@projects(r.CallEnded)
def _call_ended(source: Source, record: r.CallEnded) -> list[Change]:
    over = set_values(
        Step.CALL_OVER,
        source,
        call=record.call_id,
        cause=cut(calls.c.cause, record.cause),
        by=cut(calls.c.hung_up_by, record.hung_up_by),
        suggested=cut(calls.c.suggested_status, record.suggested_status),
    )
    counted = Change(Step.LEAD_CALLED, {"b_call": record.call_id})
    return [counted, over, *nobody_waits(source, record.call_id)]


@projects(r.CallDisposed)
def _call_disposed(source: Source, record: r.CallDisposed) -> list[Change]:
    changes = [_call_status(source, record, record.by)]
    if not record.lead_keeps:
        changes.append(_lead_status(source, record))
    return [*changes, callback_again(source, record.call_id)] if record.by == "cancelled" else changes


@projects(r.StatusReplaced)
def _status_replaced(source: Source, record: r.StatusReplaced) -> list[Change]:
    return [_call_status(source, record, "agent"), _lead_status(source, record)]


def _call_status(source: Source, record: r.CallDisposed | r.StatusReplaced, by: str) -> Change:
    return set_values(
        Step.CALL_STATUS,
        source,
        call=record.call_id,
        status=cut(calls.c.status, record.status),
        by=cut(calls.c.disposed_by, by),
        code=cut(calls.c.code, record.code),
    )


def _lead_status(source: Source, record: r.CallDisposed | r.StatusReplaced) -> Change:
    status, user = cut(leads.c.status, record.status), cut(leads.c.user, record.agent)
    return set_values(Step.LEAD_STATUS, source, lead=record.lead_id, status=status, user=user)


@projects(r.LegAsked)
def _leg_asked(source: Source, record: r.LegAsked) -> list[Change]:
    return _new_leg(source, record)


@projects(r.LegAdopted)
def _leg_adopted(source: Source, record: r.LegAdopted) -> list[Change]:
    return _new_leg(source, record)


def _new_leg(source: Source, record: r.LegAsked | r.LegAdopted) -> list[Change]:
    return [
        insert(
            Step.LEG_NEW,
            daemon=source.daemon,
            id=record.leg,
            role=record.role.value,
            user=record.agent,
            session_id=record.session_id,
            call_id=record.call_id,
            started=moment(source.at),
            **dict.fromkeys(("ended", "cause", "far_end")),
        )
    ]


@projects(r.LegEnded)
def _leg_ended(source: Source, record: r.LegEnded) -> list[Change]:
    return [
        set_values(
            Step.LEG_OVER,
            source,
            daemon=source.daemon,
            leg=cut(legs.c.id, record.leg),
            cause=cut(legs.c.cause, record.cause),
            far_end=record.far_end,
        )
    ]


# --- the API log ---------------------------------------------------------------------------------------------


@projects(r.ApiCalled)
def _api_called(source: Source, record: r.ApiCalled) -> list[Change]:
    return [
        insert(
            Step.API_CALL,
            user=record.user,
            api_date=moment(source.at),
            api_script=record.script,
            function=record.function,
            agent_user=record.agent_user,
            value=record.value,
            result=record.result,
            result_reason=record.result_reason,
            source=record.source,
            data=record.data,
            fields=record.fields,
            journal=source.journal,
            seq=source.seq,
        )
    ]
