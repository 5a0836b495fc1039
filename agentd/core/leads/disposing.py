"""A call gets its status and is complete, with all that goes with it: promises kept and made, numbers not to call."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import timing
from agentd.core.calls.numbers import dialable, is_extension
from agentd.core.leads import callbacks, listing
from agentd.core.model import Call, CallbackWish, Session
from agentd.core.turn import Turn

__all__ = ["dispose", "replace_status"]


def dispose(
    turn: Turn,
    call: Call,
    status: str,
    by: str,
    *,
    callback: CallbackWish | None = None,
    code: str = "",
    lead_keeps: bool = False,
) -> None:
    """The call is complete; the caller says what its agent, if it had one, does next."""
    session = turn.state.sessions.get(call.agent)
    turn.record(r.CallDisposed(call.id, call.agent, call.lead_id, status, by, lead_keeps, code))
    if not lead_keeps:
        campaign = session.campaign if session is not None else call.campaign
        _list_number(turn, campaign, status, call.number, call.id, call.agent)
    if session is None:
        return
    whatever = call.direction == "manual" or callback is not None
    if whatever or by == "agent":
        callbacks.keep(turn, session.agent, call.lead_id, call.id, whatever=whatever)
    if callback is not None:
        callbacks.promise(turn, session, call.lead_id, callback, call.id)
    if not session.calls:
        timing.clear(turn, session)


def replace_status(
    turn: Turn, session: Session, call_id: int, lead_id: int, status: str, callback: CallbackWish | None, code: str
) -> None:
    """A call that is complete already has this status instead, and what was promised with it."""
    turn.record(r.StatusReplaced(call_id, session.agent, lead_id, status, code))
    _list_number(turn, session.campaign, status, session.completed_number, call_id, session.agent)
    spare, whatever = session.promised, callback is not None
    callbacks.keep(turn, session.agent, lead_id, call_id, whatever=whatever, spare=spare)
    callbacks.replace_promise(turn, session, lead_id, callback, call_id)


def _list_number(turn: Turn, campaign: str, status: str, number: str, call_id: int, agent: str) -> None:
    """With a status that says so the number is not called any more: by the campaign whose status it is, or by any."""
    its = turn.state.campaigns.get(campaign)
    own = its.statuses.get(status) if its is not None else None
    found = own or turn.state.statuses.get(status)
    if found is None or not found.dnc:
        return
    clean = dialable(number)  # that of a caller may not be known
    if not is_extension(clean):
        whose = campaign if own is not None else ""
        turn.record(r.DncListed(clean, whose, call_id, agent))
        listing.give_up(turn, clean, whose)
