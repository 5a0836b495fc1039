"""What goes on with the things that are set up: what may not be taken away now, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agentd.core.errors import StillInUse
from agentd.core.model import State
from agentd.engine.kinds import CAMPAIGN, INGROUP, LIST, PHONE, USER, Named

__all__ = ["require_unused"]

Use = tuple[str, str]
"""What uses a thing: a kind, such as session or call, and its name."""

_MOST = 20


def require_unused(state: State, named: Named) -> None:
    """Refuse to take away what a session, a call or somebody who waits needs.

    Raises:
        StillInUse
    """
    find = _USES.get(named.kind.name)
    by = tuple(dict.fromkeys(find(state, named.key))) if find is not None else ()
    if by:
        kind, name = by[0]
        others = f" and {len(by) - 1} more" if len(by) > 1 else ""
        raise StillInUse(f"{named.kind.name} {named} is needed by {kind} {name}{others}", by[:_MOST])


def _user(state: State, name: str) -> Iterator[Use]:
    """He is logged in, or his phone rings for that; or somebody is waiting for him."""
    if name in state.sessions or name in state.logins:
        yield "session", name
    for waiting in state.waiting.values():
        if waiting.wanted == name:
            yield "call", str(waiting.call_id)


def _phone(state: State, extension: str) -> Iterator[Use]:
    for session in state.sessions.values():
        if session.phone == extension:
            yield "session", session.agent
    for login in state.logins.values():
        if login.phone == extension:
            yield "session", login.agent
    for monitor in state.monitors.values():
        if monitor.phone == extension:
            yield "monitor", monitor.agent


def _campaign(state: State, name: str) -> Iterator[Use]:
    for session in state.sessions.values():
        if session.campaign == name:
            yield "session", session.agent
    for login in state.logins.values():
        if login.campaign == name:
            yield "session", login.agent
    for call in state.calls.values():
        if call.campaign == name and not call.agent:
            yield "call", str(call.id)


def _ingroup(state: State, name: str) -> Iterator[Use]:
    """Who waits in its line; and the calls of it that agents have."""
    for call in state.calls.values():
        if call.ingroup == name:
            yield "call", str(call.id)
    for waiting in state.waiting.values():
        if waiting.ingroup == name and waiting.consult:
            yield "call", str(waiting.call_id)


def _list(state: State, list_id: str) -> Iterator[Use]:
    """A lead of it is on somebody's screen, in a call, or remembered to be dialled."""
    queued = (request.lead for session in state.sessions.values() for request in session.queue)
    for lead in (*state.leads.values(), *queued):
        if lead is not None and str(lead.list_id) == list_id:
            yield "lead", str(lead.id)


_USES: dict[str, Callable[[State, str], Iterator[Use]]] = {
    USER.name: _user,
    PHONE.name: _phone,
    CAMPAIGN.name: _campaign,
    INGROUP.name: _ingroup,
    LIST.name: _list,
}
