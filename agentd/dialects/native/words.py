"""What the native API says about sessions and calls."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from agentd.core.dialling import Dialled
from agentd.core.errors import CallNotFound
from agentd.core.model import CallState, Session, SessionState
from agentd.core.snapshot import call_snapshot, session_snapshot
from agentd.dialects.native.callers import Caller
from agentd.dialects.native.etags import etag
from agentd.dialects.native.queries import Query, refuse
from agentd.dialects.native.replies import Reply, reply
from agentd.engine.operations import Operations

__all__ = ["BASE", "Words", "where"]

BASE = "/api/v1"
"""Where the native API is served."""

_LIVELINESS = {CallState.CONNECTED: 2, CallState.WRAPPING: 0}

PAGE = 100
MOST = 500


class Words:
    """Replies that say what is."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def snapshot(self, agent: str) -> dict[str, Any] | None:
        """Give a session's snapshot, None when the agent is not logged in."""
        session = self._operations.state.sessions.get(agent)
        return None if session is None else session_snapshot(self._operations.state, session)

    def session(self, agent: str, status: int = 200, **headers: str) -> Reply:
        """The session as it is now; when it has ended, that it has."""
        snapshot = self.snapshot(agent)
        if snapshot is None:
            return self.logged_out(agent)
        return reply(status, snapshot, ETag=etag(snapshot), **headers)

    def logged_out(self, agent: str) -> Reply:
        """The agent has no session any more."""
        return reply(200, {"agent": agent, "state": None})

    def leaving(self, agent: str) -> Reply:
        """After a logout: the session has ended, or will (202) when the call is over."""
        return self.session(agent, 202)

    # --- calls -----------------------------------------------------------------------------------------------

    def call(self, agent: str, call_id: int | None) -> Reply:
        """One call of a session; None: the connected one, else the newest that has not ended, else the newest.

        Raises:
            NotLoggedIn, CallNotFound
        """
        calls = [self._operations.state.calls[one] for one in self._operations.live_session(agent).calls]
        if call_id is not None:
            calls = [call for call in calls if call.id == call_id]
        if not calls:
            raise CallNotFound(f"{agent} has no such call")
        current = max(calls, key=lambda call: (_LIVELINESS.get(call.state, 1), call.id))
        return reply(200, self._call(agent, current.id, {}))

    def dialled(self, agent: str, dialled: Dialled) -> Reply:
        """The call that a dial has made (201), or that it is remembered for after the call (202)."""
        known = {"number": dialled.number, "phone_code": dialled.phone_code, "lead_id": dialled.lead_id}
        if dialled.call_id is None:
            return reply(
                202, {"id": None, "key": None, "state": "remembered", **known, "session": self.snapshot(agent)}
            )
        # The call may be over by now: the answer waited for the disk.
        over = {"id": dialled.call_id, "key": dialled.key, "state": "ended", **known}
        place = f"{where(agent)}/calls/{dialled.call_id}"
        return reply(201, self._call(agent, dialled.call_id, over), Location=place)

    def _call(self, agent: str, call_id: int, otherwise: dict[str, Any]) -> dict[str, Any]:
        call = self._operations.state.calls.get(call_id)
        told = otherwise if call is None else call_snapshot(self._operations.state, call)
        return {**told, "session": self.snapshot(agent)}

    # --- all sessions ----------------------------------------------------------------------------------------

    def sessions(self, caller: Caller, query: Query) -> Reply:
        """A page of sessions in the order of the agents' names, and the cursor of the next page."""
        wanted = query.text("state").upper()
        if wanted and wanted not in SessionState.__members__:
            refuse("state", f"It must be one of {', '.join(SessionState)}.")
        most, after = query.number("limit", PAGE, MOST), _agent_of(query.text("cursor"))
        found = [
            session
            for session in self._reachable(caller)
            if session.agent > after
            and wanted in {"", session.state.value}
            and query.text("campaign") in {"", session.campaign}
        ]
        page = sorted(found, key=lambda session: session.agent)[:most]
        following = _cursor_of(page[-1].agent) if len(found) > most else None
        snapshots = [session_snapshot(self._operations.state, session) for session in page]
        return reply(200, {"sessions": snapshots, "next": following})

    def _reachable(self, caller: Caller) -> Iterator[Session]:
        return (session for session in self._operations.state.sessions.values() if caller.reaches(session.agent))


def where(agent: str) -> str:
    """The path of an agent's session."""
    return f"{BASE}/sessions/{quote(agent, safe='')}"


def _cursor_of(agent: str) -> str:
    return urlsafe_b64encode(agent.encode("utf-8")).decode("ascii")


def _agent_of(cursor: str) -> str:
    try:
        return b64decode(cursor.encode("ascii"), b"-_", validate=True).decode("utf-8")
    except (BadBase64, UnicodeError):
        refuse("cursor", "It is not one that was given here.")
