"""How the State changes by what becomes of sessions."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.evolving.table import deadline_key, forget_deadlines, on, put, use_id
from agentd.core.model import Login, Session, SessionKind, SessionState, State

# --- sessions ------------------------------------------------------------------------------------------------


@on(r.LoginStarted)
def _login_started(state: State, record: r.LoginStarted, at: float) -> None:
    use_id(state, "session", record.session_id)
    state.logins[record.agent] = Login(
        agent=record.agent,
        session_id=record.session_id,
        phone=record.phone,
        campaign=record.campaign,
        conference=record.conference,
        leg=record.leg,
        source=record.source,
        started=at,
        kind=record.kind,
        ready=record.ready,
    )


@on(r.LoginEnded)
def _login_ended(state: State, record: r.LoginEnded, _at: float) -> None:
    login = state.logins.pop(record.agent)
    forget_deadlines(state, login.leg, "ring")


@on(r.SessionStarted)
def _session_started(state: State, record: r.SessionStarted, at: float) -> None:
    use_id(state, "session", record.session_id)
    login = state.logins.pop(record.agent, None)
    if login is not None:
        forget_deadlines(state, login.leg, "ring")
    state.sessions[record.agent] = Session(
        id=record.session_id,
        agent=record.agent,
        phone=record.phone,
        campaign=record.campaign,
        conference=record.conference,
        started=at,
        state=SessionState.PAUSED,
        code="",
        since=at,
        source=record.source,
        leg=record.leg,
        attached=record.kind is not SessionKind.ON_HOOK,
        ingroups=record.ingroups,
        kind=record.kind,
        blended=record.blended,
        ranks=dict(record.ranks),
        lines=record.lines,
    )


@on(r.StateEntered)
def _state_entered(state: State, record: r.StateEntered, at: float) -> None:
    session = state.sessions[record.agent]
    session.state = record.state
    session.code = record.code
    session.since = at
    session.interval = record.interval
    if record.state in {SessionState.PAUSED, SessionState.READY}:
        session.after = None
        forget_deadlines(state, record.agent, "logout")
    if record.state is SessionState.PAUSED:
        session.misses = 0
    if record.state is not SessionState.WRAPUP:
        forget_deadlines(state, record.agent, "wrapup")


@on(r.AfterSet)
def _after(state: State, record: r.AfterSet, _at: float) -> None:
    state.sessions[record.agent].after = record.after


@on(r.PhoneLost)
def _phone_lost(state: State, record: r.PhoneLost, _at: float) -> None:
    session = state.sessions[record.agent]
    if session.attached:
        session.attached = False
        session.leg = ""
        session.recalls = 0
    session.returns = record.returns


@on(r.PhoneAttached)
def _phone_attached(state: State, record: r.PhoneAttached, _at: float) -> None:
    session = state.sessions[record.agent]
    session.attached = True
    session.leg = record.leg
    session.returns = None
    session.recalls = 0
    forget_deadlines(state, record.agent, "recall", "nophone", "grace")


@on(r.PhoneRecalled)
def _phone_recalled(state: State, record: r.PhoneRecalled, _at: float) -> None:
    state.sessions[record.agent].recalls += 1


@on(r.PhoneReleased)
def _phone_released(state: State, record: r.PhoneReleased, _at: float) -> None:
    session = state.sessions[record.agent]
    session.attached = False
    session.leg = ""


@on(r.InGroupsChanged)
def _ingroups_changed(state: State, record: r.InGroupsChanged, _at: float) -> None:
    session = state.sessions[record.agent]
    session.ingroups = record.ingroups
    session.blended = record.blended


@on(r.SessionEnded)
def _session_ended(state: State, record: r.SessionEnded, _at: float) -> None:
    del state.sessions[record.agent]
    forget_deadlines(state, record.agent, "wrapup", "logout", "recall", "nophone", "grace", "rest", "timer")


@on(r.DialQueued)
def _dial_queued(state: State, record: r.DialQueued, _at: float) -> None:
    queue = state.sessions[record.agent].queue
    if record.replaces:
        queue.clear()
    queue.append(record.request)


@on(r.DialUnqueued)
def _dial_unqueued(state: State, record: r.DialUnqueued, _at: float) -> None:
    state.sessions[record.agent].queue.pop(record.place)


@on(r.DeadlineSet)
def _deadline(state: State, record: r.DeadlineSet, _at: float) -> None:
    put(state.deadlines, deadline_key(record.what, record.of), record.when)
