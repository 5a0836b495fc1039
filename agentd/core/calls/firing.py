"""The second of an agent's timer has come: a web form is opened, or a preset is called."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import records as r
from agentd.core.calls import thirds
from agentd.core.calls.numbers import clean_number
from agentd.core.calls.timing import answered_calls, is_timed, start
from agentd.core.commands import DialThird
from agentd.core.errors import AgentdError, NumberMissing
from agentd.core.leads.webforms import call_values, filled
from agentd.core.model import Call, Session, TimerAction, TimerKind
from agentd.core.turn import Turn

__all__ = ["due"]

_DIALS = {
    TimerKind.D1_DIAL: "D1",
    TimerKind.D2_DIAL: "D2",
    TimerKind.D3_DIAL: "D3",
    TimerKind.D4_DIAL: "D4",
    TimerKind.D5_DIAL: "D5",
}
_AGAIN = 1.0  # seconds after which a preset is called whose call's customer is just being moved


def due(turn: Turn, session: Session) -> None:
    """Carry out what was set, in the call whose second it is; a call that is over meanwhile leaves it to the next."""
    timer = session.timer
    if timer is None or not is_timed(session):
        return
    reached = [call for at, call in answered_calls(turn.state, session) if at + timer.seconds <= turn.now]
    if not reached:
        start(turn, session)
    elif timer.kind in _DIALS and _is_being_moved(turn, reached[-1]):
        turn.deadline("timer", session.agent, _AGAIN)
    else:
        _fire(turn, session, timer, reached[-1])


def _is_being_moved(turn: Turn, call: Call) -> bool:
    if not turn.state.link_up:
        return False
    return turn.memory.is_moving(call.leg) or any(call.leg in queued.legs for queued in turn.memory.line)


def _fire(turn: Turn, session: Session, timer: TimerAction, call: Call) -> None:
    reason = url = ""
    if timer.kind in _DIALS:
        reason = _dial(turn, session, call, _DIALS[timer.kind])
    elif timer.kind is not TimerKind.MESSAGE_ONLY:
        url = _url(turn, session, call, timer.kind)
        reason = "" if url else "no_webform"
    turn.record(r.TimerFired(session.agent, call.id, replace(timer, fired=call.id, url=url), reason))


def _dial(turn: Turn, session: Session, call: Call, code: str) -> str:
    """Call the campaign's preset into the conference; gives why that cannot be."""
    preset = turn.campaign(session).presets.get(code)
    try:
        if preset is None:
            raise NumberMissing(f"campaign {session.campaign} has no preset {code}")
        thirds.dial(turn, DialThird(session.agent, clean_number(preset.number), call_id=call.id))
    except AgentdError as error:
        return error.reason
    return ""


def _url(turn: Turn, session: Session, call: Call, kind: TimerKind) -> str:
    campaign = turn.campaign(session)
    template = campaign.webform if kind is TimerKind.WEBFORM else campaign.webform2
    return filled(template, call_values(call, turn.state.leads[call.lead_id], session.agent))
