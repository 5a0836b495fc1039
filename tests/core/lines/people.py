"""Sessions and callers made by hand, for what is a function of the state."""

from __future__ import annotations

from typing import Any

from agentd.core.model import InGroup, Session, SessionKind, SessionState, State, Waiting

__all__ = ["agent", "caller", "centre"]


def agent(name: str, *ingroups: str, since: float = 0.0, **more: Any) -> Session:
    """A ready agent who takes these in-groups."""
    told: dict[str, Any] = {"state": SessionState.READY, "code": "", "kind": SessionKind.SEATED} | more
    return Session(
        id=1,
        agent=name,
        phone="",
        campaign="TESTCAMP",
        conference="",
        started=0.0,
        since=since,
        ingroups=ingroups,
        **told,
    )


def caller(leg: str, ingroup: str = "SALES", since: float = 0.0, **more: Any) -> Waiting:
    """Somebody who waits in the line of an in-group."""
    return Waiting(leg=leg, call_id=1, ingroup=ingroup, since=since, **more)


def centre(*ingroups: InGroup) -> State:
    """A state with these in-groups."""
    return State(ingroups={ingroup.name: ingroup for ingroup in ingroups})
