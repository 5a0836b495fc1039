"""What is told of the link and of sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agentd.core import records as r
from agentd.core.model import After, AfterKind

__all__ = ["TABLE"]


def _link(record: r.LinkChanged) -> dict[str, Any]:
    return {"up": record.up, "reason": record.reason or None}


def _started(record: r.LoginStarted | r.SessionStarted) -> dict[str, Any]:
    return {
        "session_id": record.session_id,
        "kind": record.kind.value,
        "phone": record.phone or None,
        "campaign": record.campaign,
        "conference": record.conference or None,
        "source": record.source,
    }


def _login_failed(record: r.LoginEnded) -> dict[str, Any]:
    return {"reason": record.reason}


def _session_state(record: r.StateEntered) -> dict[str, Any]:
    return {
        "session_id": record.session_id,
        "state": record.state.value,
        "code": str(record.code) or None,
        "productive": record.productive,
        "interval": record.interval,
        "call_id": record.call_id or None,
        "lead_id": record.lead_id or None,
    }


def _session_after(record: r.AfterSet) -> dict[str, Any]:
    return {"after": _after(record.after)}


def _phone_lost(record: r.PhoneLost) -> dict[str, Any]:
    return {"attached": False, "recalling": False, "returns": _after(record.returns)}


def _phone_released(_record: r.PhoneReleased) -> dict[str, Any]:
    return {"attached": False, "recalling": False}


def _phone_recalled(_record: r.PhoneRecalled) -> dict[str, Any]:
    return {"attached": False, "recalling": True}


def _phone_attached(_record: r.PhoneAttached) -> dict[str, Any]:
    return {"attached": True, "recalling": False}


def _ingroups_changed(record: r.InGroupsChanged) -> dict[str, Any]:
    return {"ingroups": list(record.ingroups), "blended": record.blended}


def _session_ended(record: r.SessionEnded) -> dict[str, Any]:
    return {"session_id": record.session_id, "reason": record.reason, "source": record.source}


def _dial_queued(record: r.DialQueued) -> dict[str, Any]:
    lead = record.request.lead
    return {
        "number": record.request.number,
        "phone_code": record.request.phone_code,
        "lead_id": lead.id if lead is not None else None,
        "replaces": record.replaces,
    }


def _dial_unqueued(record: r.DialUnqueued) -> dict[str, Any]:
    return {"reason": record.reason or None, "place": record.place}


def _after(after: After | None) -> dict[str, Any] | None:
    """The same words as in a session's snapshot."""
    if after is None:
        return None
    return {"state": after.kind.value, "code": str(after.code) or None, "logout": after.kind is AfterKind.LOGOUT}


TABLE: dict[type[r.Record], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    r.LinkChanged: ("pbx.link", _link),
    r.LoginStarted: ("login.started", _started),
    r.LoginEnded: ("login.failed", _login_failed),
    r.SessionStarted: ("session.started", _started),
    r.StateEntered: ("session.state", _session_state),
    r.AfterSet: ("session.after", _session_after),
    r.PhoneLost: ("session.phone", _phone_lost),
    r.PhoneReleased: ("session.phone", _phone_released),
    r.PhoneRecalled: ("session.phone", _phone_recalled),
    r.PhoneAttached: ("session.phone", _phone_attached),
    r.InGroupsChanged: ("session.ingroups", _ingroups_changed),
    r.SessionEnded: ("session.ended", _session_ended),
    r.DialQueued: ("dial.queued", _dial_queued),
    r.DialUnqueued: ("dial.unqueued", _dial_unqueued),
}
