"""What is told of leads, of what was promised to them, and of what is on an agent's screen beside a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agentd.core import records as r
from agentd.core.snapshot import lead_snapshot, timer_snapshot, wish_snapshot

__all__ = ["TABLE"]


def _lead_updated(record: r.LeadUpdated) -> dict[str, Any]:
    return {"lead_id": record.lead_id, "fields": record.fields, "by": record.by}


def _lead_deleted(record: r.LeadDeleted) -> dict[str, Any]:
    return {"lead_id": record.lead_id, "by": record.by}


def _preview_started(record: r.PreviewStarted) -> dict[str, Any]:
    request = record.request
    return {
        "session_id": record.session_id,
        "number": request.number,
        "phone_code": request.phone_code,
        "lead_id": request.lead.id if request.lead is not None else None,
        "which": request.which.value,
        "lead": lead_snapshot(request.lead),
        "focus": request.focus,
        "vendor_id": request.vendor_id or None,
        "source": request.source or None,
    }


def _preview_ended(record: r.PreviewEnded) -> dict[str, Any]:
    return {"lead_id": record.lead_id, "dialled": record.dialled}


def _timer_set(record: r.TimerSet) -> dict[str, Any]:
    return {"timer": timer_snapshot(record.timer)}


def _timer_fired(record: r.TimerFired) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "kind": record.timer.kind.value,
        "seconds": record.timer.seconds,
        "message": record.timer.message or None,
        "url": record.timer.url or None,
        "reason": record.reason or None,
    }


def _callback_set(record: r.CallbackSet) -> dict[str, Any]:
    return {
        "callback_id": record.callback_id,
        "lead_id": record.lead_id,
        "campaign": record.campaign,
        "callback": wish_snapshot(record.wish),
        "user": record.user or None,
        "call_id": record.call_id or None,
        "by": record.by or None,
    }


def _callback_due(record: r.CallbackDue) -> dict[str, Any]:
    return {
        "callback_id": record.callback_id,
        "lead_id": record.lead_id,
        "campaign": record.campaign,
        "comments": record.comments or None,
    }


def _callback_ended(record: r.CallbackEnded) -> dict[str, Any]:
    return {
        "callback_id": record.callback_id,
        "lead_id": record.lead_id,
        "call_id": record.call_id or None,
        "by": record.by or None,
    }


def _dnc_listed(record: r.DncListed) -> dict[str, Any]:
    return {"number": record.number, "campaign": record.campaign or None, "call_id": record.call_id}


def _dnc_changed(record: r.DncChanged) -> dict[str, Any]:
    return {
        "number": record.number,
        "campaign": record.campaign or None,
        "listed": record.listed,
        "by": record.by,
    }


TABLE: dict[type[r.Record], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    r.LeadUpdated: ("lead.updated", _lead_updated),
    r.LeadDeleted: ("lead.deleted", _lead_deleted),
    r.PreviewStarted: ("preview.started", _preview_started),
    r.PreviewEnded: ("preview.ended", _preview_ended),
    r.TimerSet: ("timer.set", _timer_set),
    r.TimerFired: ("timer.fired", _timer_fired),
    r.CallbackSet: ("callback.set", _callback_set),
    r.CallbackDue: ("callback.due", _callback_due),
    r.CallbackEnded: ("callback.ended", _callback_ended),
    r.DncListed: ("dnc.listed", _dnc_listed),
    r.DncChanged: ("dnc.changed", _dnc_changed),
}
