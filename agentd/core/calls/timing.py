"""The timer of an agent's call: set, started when the customer answers, and cleared when the call is disposed of."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import records as r
from agentd.core.calls.finding import ANSWERED
from agentd.core.commands import SetTimer
from agentd.core.model import Call, Session, State
from agentd.core.turn import Turn

__all__ = ["answered_calls", "clear", "is_timed", "set_timer", "start"]


def set_timer(turn: Turn, command: SetTimer) -> None:
    """Have something happen at a second of the agent's call, this one or the next; None: nothing."""
    session = turn.session(command.agent)
    timer = command.timer
    if timer is not None:
        timer = replace(timer, seconds=max(0, timer.seconds), fired=0, url="")
    elif session.timer is None:
        return
    turn.record(r.TimerSet(session.agent, timer))
    start(turn, session)


def is_timed(session: Session) -> bool:
    """Say whether something is to happen that has not happened yet."""
    return session.timer is not None and not session.timer.fired


def answered_calls(state: State, session: Session) -> list[tuple[float, Call]]:
    """Give the agent's live calls with the times at which they were answered, in that order."""
    calls = (state.calls[call_id] for call_id in session.calls)
    live = [(call.answered, call) for call in calls if call.answered is not None and call.state in ANSWERED]
    return sorted(live, key=lambda pair: pair[0])


def start(turn: Turn, session: Session) -> None:
    """Have the timer's second come, if the agent has a customer; it is at once when it has passed already."""
    calls = answered_calls(turn.state, session)
    if session.timer is not None and is_timed(session) and calls:
        when = max(turn.now, calls[0][0] + session.timer.seconds)  # the very sum that firing compares with the time
        turn.record(r.DeadlineSet("timer", session.agent, when))


def clear(turn: Turn, session: Session) -> None:
    """The agent's last call is disposed of: what was set for it is over."""
    if session.timer is not None:
        turn.record(r.TimerSet(session.agent, None))
