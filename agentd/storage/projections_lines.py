"""What becomes of those who wait in lines, and of calls that campaigns dial, as rows."""

from __future__ import annotations

from typing import Any

from agentd.core import records as r
from agentd.core.model import WhichNumber
from agentd.storage.columns import moment
from agentd.storage.projecting import Change, Source, cut, insert, projects, set_values
from agentd.storage.projections_leads import callback_kept
from agentd.storage.steps import Step
from agentd.storage.tables import calls, line_log, offers

__all__ = ["ingroups_chosen", "new_call"]


# --- new calls -----------------------------------------------------------------------------------------------


def new_call(source: Source, record: r.CallStarted | r.CallWaiting | r.CallDialled, /, **said: Any) -> Change:
    """Give the new row of the call log; ``said`` is what this kind of call has beside what all have."""
    values = {
        "id": record.call_id,
        "call_key": record.key,
        "daemon": source.daemon,
        "session_id": 0,
        "campaign": record.campaign,
        "list_id": record.lead.list_id,
        "lead_id": record.lead.id,
        "phone_code": record.phone_code,
        "phone_number": record.number,
        "started": moment(source.at),
        "leg": record.leg,
        "origin": 0,
        **dict.fromkeys(("answered", "ended", "length", "talk", "held", "wait", "cause", "disposed")),
        **dict.fromkeys(("user", "source", "vendor_id", "ingroup", "wanted", "did", "treated"), ""),
        **dict.fromkeys(("hung_up_by", "reason", "suggested_status", "status", "disposed_by", "code"), ""),
        "which": WhichNumber.MAIN.value,
        "preview": False,
    }
    return insert(Step.CALL_NEW, **(values | said))


@projects(r.CallWaiting)
def _call_waiting(source: Source, record: r.CallWaiting) -> list[Change]:
    return [
        new_call(
            source,
            record,
            direction=record.direction,
            ingroup=record.ingroup,
            wanted=record.wanted,
            origin=record.origin,
            did=record.did,
        )
    ]


@projects(r.CallDialled)
def _call_dialled(source: Source, record: r.CallDialled) -> list[Change]:
    return [new_call(source, record, direction="auto"), callback_kept(source, record)]


# --- lines ---------------------------------------------------------------------------------------------------


@projects(r.WaitingJoined)
def _waiting_joined(source: Source, record: r.WaitingJoined) -> list[Change]:
    return [
        insert(
            Step.LINE_NEW,
            call_id=record.call_id,
            seq=source.seq,
            leg=record.leg,
            ingroup=record.ingroup,
            campaign=record.campaign,
            wanted=record.wanted,
            priority=record.priority,
            consult=record.consult,
            started=moment(record.since),
            ended=None,
            length=None,
            reason="",
        )
    ]


@projects(r.WaitingEnded)
def _waiting_ended(source: Source, record: r.WaitingEnded) -> list[Change]:
    reason = cut(line_log.c.reason, record.reason)
    return [
        set_values(Step.LINE_OVER, source, call=record.call_id, seq=source.seq, reason=reason),
        _offer_over(source, record.call_id, "delivered" if record.reason == "delivered" else "gone"),
        Change(Step.CALL_WAITED, {"b_call": record.call_id}),
    ]


@projects(r.CallRerouted)
def _rerouted(_source: Source, record: r.CallRerouted) -> list[Change]:
    ingroup = cut(calls.c.ingroup, record.ingroup)
    return [Change(Step.CALL_REROUTED, {"b_call": record.call_id, "b_ingroup": ingroup})]


@projects(r.CallTreated)
def _treated(source: Source, record: r.CallTreated) -> list[Change]:
    new = insert(
        Step.TREATMENT_NEW,
        call_id=record.call_id,
        seq=source.seq,
        ingroup=record.ingroup,
        campaign=record.campaign,
        reason=record.reason,
        how=record.how,
        target=record.to,
        at=moment(source.at),
    )
    return [new, Change(Step.CALL_TREATED, {"b_call": record.call_id, "b_reason": cut(calls.c.treated, record.reason)})]


# --- delivery ------------------------------------------------------------------------------------------------


@projects(r.WaitingOffered)
def _offered(source: Source, record: r.WaitingOffered) -> list[Change]:
    if not record.to:
        return [_offer_over(source, record.call_id, "back")]
    new = insert(
        Step.OFFER_NEW,
        call_id=record.call_id,
        seq=source.seq,
        user=record.to,
        started=moment(source.at),
        ended=None,
        length=None,
        outcome="",
        cause=None,
    )
    return [new]


@projects(r.OfferMissed)
def _missed(source: Source, record: r.OfferMissed) -> list[Change]:
    user, cause = cut(offers.c.user, record.agent), cut(offers.c.cause, record.cause)
    return [_offer_over(source, record.call_id, "missed", user=user, cause=cause)]


def _offer_over(source: Source, call_id: int, outcome: str, *, user: str = "", cause: int | None = None) -> Change:
    """The end of an offer of the call's; with a ``user``, of one to him alone."""
    return set_values(Step.OFFER_OVER, source, call=call_id, seq=source.seq, outcome=outcome, user=user, cause=cause)


@projects(r.CallDelivered)
def _delivered(source: Source, record: r.CallDelivered) -> list[Change]:
    return [
        set_values(
            Step.CALL_DELIVERED,
            source,
            call=record.call_id,
            session=record.session_id,
            user=cut(calls.c.user, record.agent),
            campaign=cut(calls.c.campaign, record.campaign),
        )
    ]


# --- who takes what ------------------------------------------------------------------------------------------


def ingroups_chosen(source: Source, record: r.SessionStarted | r.InGroupsChanged) -> Change:
    """Give the row of a session's choice of in-groups."""
    return insert(
        Step.INGROUPS_NEW,
        session_id=record.session_id,
        seq=source.seq,
        user=record.agent,
        ingroups=record.ingroups,
        blended=record.blended,
        at=moment(source.at),
    )
