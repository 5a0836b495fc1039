"""What is told of calls, from dial or arrival to disposition, and of those who wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agentd.core import records as r
from agentd.core.snapshot import lead_snapshot, wish_snapshot

__all__ = ["TABLE"]


def _call_started(record: r.CallStarted) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "key": record.key,
        "session_id": record.session_id,
        "campaign": record.campaign,
        "direction": record.direction,
        "number": record.number,
        "phone_code": record.phone_code,
        "lead_id": record.lead.id,
        "which": record.which.value,
        "lead": lead_snapshot(record.lead),
        "focus": record.focus,
        "vendor_id": record.vendor_id or None,
        "source": record.source or None,
    }


def _call_alone(record: r.CallRinging | r.CallAnswered) -> dict[str, Any]:
    return {"call_id": record.call_id}


def _call_refused(record: r.CallRefused) -> dict[str, Any]:
    return {"call_id": record.call_id, "cause": record.cause or None, "reason": record.reason}


def _call_ended(record: r.CallEnded) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "cause": record.cause or None,
        "hung_up_by": record.hung_up_by,
        "suggested_status": record.suggested_status or None,
    }


def _call_status(record: r.StatusKept) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "status": record.status,
        "callback": wish_snapshot(record.callback),
        "code": record.code or None,
    }


def _call_disposed(record: r.CallDisposed) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "lead_id": record.lead_id,
        "status": record.status,
        "by": record.by,
        "lead_keeps": record.lead_keeps,
        "code": record.code or None,
    }


def _call_redisposed(record: r.StatusReplaced) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "lead_id": record.lead_id,
        "status": record.status,
        "by": "agent",
        "code": record.code or None,
    }


def _call_waiting(record: r.CallWaiting) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "key": record.key,
        "ingroup": record.ingroup,
        "direction": record.direction,
        "number": record.number,
        "lead_id": record.lead.id,
        "wanted": record.wanted or None,
        "origin": record.origin or None,
        "did": record.did or None,
        "name": record.name or None,
    }


def _call_offered(record: r.WaitingOffered) -> dict[str, Any]:
    return {"call_id": record.call_id, "to": record.to or None}


def _waiting_ended(record: r.WaitingEnded) -> dict[str, Any]:
    return {"call_id": record.call_id, "ingroup": record.ingroup, "reason": record.reason}


def _call_delivered(record: r.CallDelivered) -> dict[str, Any]:
    return {"call_id": record.call_id, "session_id": record.session_id, "campaign": record.campaign}


def _offer_missed(record: r.OfferMissed) -> dict[str, Any]:
    return {"call_id": record.call_id, "ingroup": record.ingroup or None, "cause": record.cause or None}


def _call_treated(record: r.CallTreated) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "ingroup": record.ingroup or None,
        "campaign": record.campaign or None,
        "reason": record.reason,
        "how": record.how,
        "to": record.to or None,
    }


def _call_rerouted(record: r.CallRerouted) -> dict[str, Any]:
    return {"call_id": record.call_id, "ingroup": record.ingroup}


def _call_dialled(record: r.CallDialled) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "key": record.key,
        "campaign": record.campaign,
        "direction": "auto",
        "number": record.number,
        "phone_code": record.phone_code,
        "lead_id": record.lead.id,
    }


def _lead_answered(record: r.LeadAnswered) -> dict[str, Any]:
    return {"call_id": record.call_id, "campaign": record.campaign}


TABLE: dict[type[r.Record], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    r.CallStarted: ("call.started", _call_started),
    r.CallRinging: ("call.ringing", _call_alone),
    r.CallAnswered: ("call.answered", _call_alone),
    r.CallRefused: ("call.refused", _call_refused),
    r.CallEnded: ("call.ended", _call_ended),
    r.StatusKept: ("call.status", _call_status),
    r.CallDisposed: ("call.disposed", _call_disposed),
    r.StatusReplaced: ("call.redisposed", _call_redisposed),
    r.CallWaiting: ("call.waiting", _call_waiting),
    r.WaitingOffered: ("call.offered", _call_offered),
    r.WaitingEnded: ("call.waiting_ended", _waiting_ended),
    r.CallDelivered: ("call.delivered", _call_delivered),
    r.OfferMissed: ("call.missed", _offer_missed),
    r.CallTreated: ("call.treated", _call_treated),
    r.CallRerouted: ("call.rerouted", _call_rerouted),
    r.CallDialled: ("call.dialled", _call_dialled),
    r.LeadAnswered: ("call.lead_answered", _lead_answered),
}
