"""How the State changes by what becomes of leads, promises, previews and timers."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import records as r
from agentd.core.calls.numbers import dialable
from agentd.core.evolving.calls import forget_lead, keep_lead
from agentd.core.evolving.table import forget_deadlines, on, use_id
from agentd.core.model import Callback, DialRequest, Lead, Session, State

# --- leads ---------------------------------------------------------------------------------------------------


@on(r.LeadUpdated)
def _lead_updated(state: State, record: r.LeadUpdated, _at: float) -> None:
    lead = state.leads.get(record.lead_id)
    if lead is not None:
        _change(lead, record.fields)
    for session in state.sessions.values():
        session.queue = [_with(request, record) for request in session.queue]
        session.preview = _with(session.preview, record) if session.preview is not None else None
        if session.agent != record.agent and _has(state, session, record.lead_id):
            session.revision += 1
    for call in state.calls.values():
        call.previewed = _with(call.previewed, record) if call.previewed is not None else None


def _has(state: State, session: Session, lead_id: int) -> bool:
    """Whether the agent's picture may have the lead: in a call, a preview or a remembered dial, or on his way."""
    offered = [waiting.call_id for waiting in state.waiting.values() if waiting.offered == session.agent]
    calls = [state.calls[call_id].lead_id for call_id in [*session.calls, session.consulted, *offered] if call_id]
    requests = [*session.queue, *([session.preview] if session.preview is not None else [])]
    return lead_id in calls or any(each.lead is not None and each.lead.id == lead_id for each in requests)


def _with(request: DialRequest, update: r.LeadUpdated) -> DialRequest:
    """The dial as it is now that its lead has changed: of his number and with his phone code, if they were it."""
    before = request.lead
    if before is None or before.id != update.lead_id:
        return request
    lead = replace(before, fields=dict(before.fields))
    _change(lead, update.fields)
    was, now = request.which.of(before), request.which.of(lead)
    code = lead.phone_code if lead.phone_code and request.phone_code == before.phone_code else request.phone_code
    return replace(request, lead=lead, number=request.number if was == now else dialable(now), phone_code=code)


def _change(lead: Lead, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        if name == "list_id":
            lead.list_id = int(value)
        elif name in {"status", "phone_code", "phone_number"}:
            setattr(lead, name, value)
        elif value:
            lead.fields[name] = value
        else:
            lead.fields.pop(name, None)


@on(r.LeadDeleted)
def _lead_deleted(_state: State, _record: r.LeadDeleted, _at: float) -> None:
    """Nothing in memory: who is on a screen is not deleted."""


@on(r.DncListed)
def _dnc_listed(_state: State, _record: r.DncListed, _at: float) -> None:
    """Nothing in memory: the database has the lists."""


@on(r.DncChanged)
def _dnc_changed(_state: State, _record: r.DncChanged, _at: float) -> None:
    """Nothing in memory."""


# --- on the screen -------------------------------------------------------------------------------------------


@on(r.PreviewStarted)
def _preview_started(state: State, record: r.PreviewStarted, _at: float) -> None:
    state.sessions[record.agent].preview = record.request
    if record.request.lead is not None:
        keep_lead(state, record.request.lead)


@on(r.PreviewEnded)
def _preview_ended(state: State, record: r.PreviewEnded, _at: float) -> None:
    state.sessions[record.agent].preview = None
    forget_lead(state, record.lead_id)


@on(r.TimerSet)
def _timer_set(state: State, record: r.TimerSet, _at: float) -> None:
    state.sessions[record.agent].timer = record.timer
    forget_deadlines(state, record.agent, "timer")


@on(r.TimerFired)
def _timer_fired(state: State, record: r.TimerFired, _at: float) -> None:
    state.sessions[record.agent].timer = record.timer


# --- promises ------------------------------------------------------------------------------------------------


@on(r.CallbackSet)
def _callback_set(state: State, record: r.CallbackSet, _at: float) -> None:
    use_id(state, "callback", record.callback_id)
    state.callbacks.pop(record.callback_id, None)
    session = state.sessions.get(record.agent)
    if session is not None and session.completed is not None and session.completed[0] == record.call_id:
        session.promised = record.callback_id
    if record.user and not record.wish.anyone:
        state.callbacks[record.callback_id] = Callback(
            id=record.callback_id,
            lead_id=record.lead_id,
            campaign=record.campaign,
            user=record.user,
            due=record.wish.due,
            comments=record.wish.comments,
        )


@on(r.CallbackDue)
def _callback_due(state: State, record: r.CallbackDue, _at: float) -> None:
    state.callbacks[record.callback_id].is_due = True


@on(r.CallbackEnded)
def _callback_ended(state: State, record: r.CallbackEnded, _at: float) -> None:
    state.callbacks.pop(record.callback_id, None)
    session = state.sessions.get(record.agent)
    if session is not None and session.promised == record.callback_id:
        session.promised = 0
