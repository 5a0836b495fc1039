"""Supervisors, who listen to an agent's conference, whisper to him, or barge in."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import ending
from agentd.core.calls.moves import ask_move
from agentd.core.commands import EndSupervision, Supervise
from agentd.core.effects import RingMonitor, SetMonitor
from agentd.core.errors import NotMonitoring, NotPossibleNow
from agentd.core.model import (
    Leg,
    Monitor,
    MonitorMode,
    Move,
    Phone,
    Place,
    PlaceKind,
    Role,
    Session,
    Why,
)
from agentd.core.sessions.states import require_phone, require_seat
from agentd.core.sessions.telephones import RING_SLACK, error_of, free_phone
from agentd.core.turn import Milestone, Turn

__all__ = ["changed", "end", "joined", "leg_ended", "phone_left", "supervise"]


def supervise(turn: Turn, command: Supervise) -> None:
    """Ring the supervisor's phone; done when Asterisk shows its channel. When it is there, change what it does."""
    session = turn.session(command.agent)
    monitor = _monitor(turn, command.agent, command.phone)
    if monitor is not None:
        _change(turn, session, monitor, command)
        return
    require_seat(session)
    require_phone(session)
    phone = free_phone(turn.state, command.phone)
    turn.require_link()
    _ring(turn, session, phone, command)


def _monitor(turn: Turn, agent: str, phone: str) -> Monitor | None:
    for monitor in turn.state.monitors.values():
        if monitor.agent == agent and monitor.phone == phone:
            return monitor
    return None


def _ring(turn: Turn, session: Session, phone: Phone, command: Supervise) -> None:
    leg = turn.memory.leg_ids.next()
    turn.record(r.LegAsked(leg, Role.MONITOR, session.id, session.agent, None, session.conference))
    turn.record(r.MonitorAsked(leg, session.agent, session.id, phone.extension, command.mode, command.by))
    turn.deadline("placed", leg, turn.settings.confirm_time)
    turn.deadline("ring", leg, turn.settings.ring_time + RING_SLACK)
    turn.ask(
        RingMonitor(
            leg=leg,
            resource=phone.dial,
            target=session.leg,
            room=session.conference,
            mode=command.mode,
            session_id=session.id,
            caller_id=session.agent,
            timeout=turn.settings.ring_time,
        )
    )
    turn.wait(leg, Milestone.PLACED)


# --- what he does --------------------------------------------------------------------------------------------


def _change(turn: Turn, session: Session, monitor: Monitor, command: Supervise) -> None:
    leg, mode = turn.state.legs[monitor.leg], command.mode
    if turn.in_line(leg.id):
        return
    if monitor.since is None:
        raise NotPossibleNow(f"phone {monitor.phone} has not answered yet")
    if monitor.mode is mode:
        return
    turn.require_link()
    require_phone(session)
    move = Move(Why.MODE, command.by, _place(session, mode), mode.value)
    ask_move(turn, leg, move, SetMonitor(leg.id, session.leg, session.conference, mode))
    turn.wait(leg.id, Milestone.MOVED)


def _place(session: Session, mode: MonitorMode) -> Place:
    if mode is MonitorMode.BARGE:
        return Place(PlaceKind.CONFERENCE, session.conference)
    return Place(PlaceKind.LISTEN)


def changed(turn: Turn, leg: Leg, asked: Move) -> None:
    """The supervisor does from now on what was asked for."""
    monitor = turn.state.monitors[leg.id]
    session = turn.state.sessions.get(monitor.agent)
    mode = MonitorMode(asked.about)
    if session is None or not session.attached:
        ending.end_leg(turn, leg.id, by="system")
    elif monitor.mode is not mode:
        what = (leg.id, monitor.agent, session.id, monitor.phone, mode, asked.by)
        turn.record(r.MonitorChanged(*what))


def joined(turn: Turn, leg: Leg) -> None:
    """The supervisor has answered, and is where he should be; elsewhere he has no business."""
    monitor = turn.state.monitors[leg.id]
    session = turn.state.sessions.get(monitor.agent)
    if session is None or not session.attached or leg.place != _place(session, monitor.mode):
        ending.end_leg(turn, leg.id, by="system")
    elif monitor.since is None:
        what = (leg.id, monitor.agent, session.id, monitor.phone, monitor.mode, monitor.by)
        turn.record(r.MonitorStarted(*what))


# --- the end -------------------------------------------------------------------------------------------------


def end(turn: Turn, command: EndSupervision) -> None:
    """Let the supervisor's phone go; done when its channel is gone."""
    turn.session(command.agent)
    monitor = _monitor(turn, command.agent, command.phone)
    if monitor is None:
        raise NotMonitoring(f"phone {command.phone} does not listen to {command.agent}")
    turn.require_link()
    ending.end_leg(turn, monitor.leg, by="supervisor")
    turn.wait(monitor.leg, Milestone.GONE)


def leg_ended(turn: Turn, leg: Leg, cause: int) -> None:
    """The supervisor is gone, or his phone did not come."""
    monitor = turn.state.monitors[leg.id]
    turn.record(r.MonitorEnded(leg.id, monitor.agent, leg.session_id, monitor.phone, cause))
    if cause:
        turn.fail(leg.id, error_of(monitor.phone, cause), Milestone.PLACED)


def phone_left(turn: Turn, session: Session) -> None:
    """The agent's phone is no longer in his conference: no supervisor is left alone with his customer."""
    for monitor in turn.state.monitors.values():
        if monitor.agent == session.agent:
            ending.end_leg(turn, monitor.leg, by="system")
