"""What the native API says about sessions and calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from agentd.core.calls.dialling import Dialled
from agentd.core.calls.finding import Transferred, named_call
from agentd.core.errors import CallNotFound
from agentd.core.model import Monitor, Session, SessionState
from agentd.core.snapshot import (
    call_snapshot,
    monitor_snapshot,
    recording_snapshot,
    session_snapshot,
    session_snapshots,
)
from agentd.dialects.native.callers import Caller
from agentd.dialects.native.etags import etag
from agentd.dialects.native.queries import Query, cursor_of, refuse, text_of
from agentd.dialects.native.replies import Reply, reply
from agentd.engine.operations import Operations

__all__ = ["BASE", "Words", "where"]

BASE = "/api/v1"
"""Where the native API is served."""

PAGE = 100
"""How many a page of a list has, unless another number is asked for."""
MOST = 500
"""How many it may have."""


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
        return reply(200, self._call(agent, self.call_id(agent, call_id), {}))

    def call_id(self, agent: str, call_id: int | None) -> int:
        """The id of the call that is meant by it; None as above.

        Raises:
            NotLoggedIn, CallNotFound
        """
        call = named_call(self._operations.state, self._operations.live_session(agent), call_id)
        if call is None:
            raise CallNotFound(f"{agent} has no such call")
        return call.id

    def dialled(self, agent: str, dialled: Dialled) -> Reply:
        """The call that a dial has made (201); or that it is remembered, or that its lead is shown (202)."""
        known = {"number": dialled.number, "phone_code": dialled.phone_code, "lead_id": dialled.lead_id}
        if dialled.call_id is None:
            state = "previewed" if dialled.shown else "remembered"
            return reply(202, {"id": None, "key": None, "state": state, **known, "session": self.snapshot(agent)})
        # The call may be over by now: the answer waited for the disk.
        over = {"id": dialled.call_id, "key": dialled.key, "state": "ended", **known}
        place = f"{where(agent)}/calls/{dialled.call_id}"
        return reply(201, self._call(agent, dialled.call_id, over), Location=place)

    def acted(self, agent: str, dialled: Dialled | None) -> Reply:
        """What came of a preview: the call, or the session as it is now."""
        return self.session(agent) if dialled is None else self.dialled(agent, dialled)

    def _call(self, agent: str, call_id: int, otherwise: dict[str, Any]) -> dict[str, Any]:
        call = self._operations.state.calls.get(call_id)
        told = otherwise if call is None else call_snapshot(self._operations.state, call)
        return {**told, "session": self.snapshot(agent)}

    def transferred(self, agent: str, done: Transferred, status: int = 200) -> Reply:
        """What came of a call, the in-group that was meant, and the session as it is now."""
        told = {"call_id": done.call_id, "key": done.key, "ingroup": done.ingroup or None}
        return reply(status, {**told, "session": self.snapshot(agent)})

    # --- recordings and supervisors --------------------------------------------------------------------------

    def running(self, agent: str) -> Reply:
        """The session's recordings that are running. Raises NotLoggedIn."""
        return reply(200, {"recordings": self._operations.session(agent)["recordings"]})

    def recording(self, agent: str, recording_id: int) -> Reply:
        """A recording that has begun (201), and the session. It may be over by now."""
        recording = self._operations.state.recordings.get(recording_id)
        told = {"id": recording_id} if recording is None else recording_snapshot(recording)
        place = f"{BASE}/recordings/{recording_id}"
        return reply(201, {**told, "session": self.snapshot(agent)}, Location=place)

    def recordings(self, agent: str, ids: list[int]) -> Reply:
        """The ids of the recordings that were changed, and the session."""
        return reply(200, {"ids": ids, "session": self.snapshot(agent)})

    def monitor(self, agent: str, phone: str) -> Reply:
        """A supervisor's phone, which is there (200) or rings (202), and the session."""
        monitors = [monitor for monitor in self._operations.state.monitors.values() if _is(monitor, agent, phone)]
        told = [monitor_snapshot(monitor) for monitor in monitors] or [{"phone": phone, "since": None}]
        return reply(202 if told[0]["since"] is None else 200, {**told[0], "session": self.snapshot(agent)})

    # --- all sessions ----------------------------------------------------------------------------------------

    def sessions(self, caller: Caller, query: Query) -> Reply:
        """A page of sessions in the order of the agents' names, and the cursor of the next page."""
        wanted = query.text("state").upper()
        if wanted and wanted not in SessionState.__members__:
            refuse("state", f"It must be one of {', '.join(SessionState)}.")
        most, after = query.number("limit", PAGE, MOST), text_of(query.text("cursor"))
        found = [
            session
            for session in self._reachable(caller)
            if session.agent > after
            and wanted in {"", session.state.value}
            and query.text("campaign") in {"", session.campaign}
        ]
        page = sorted(found, key=lambda session: session.agent)[:most]
        following = cursor_of(page[-1].agent) if len(found) > most else None
        snapshots = session_snapshots(self._operations.state, page)
        return reply(200, {"sessions": snapshots, "next": following})

    def _reachable(self, caller: Caller) -> Iterator[Session]:
        return (session for session in self._operations.state.sessions.values() if caller.reaches(session.agent))


def _is(monitor: Monitor, agent: str, phone: str) -> bool:
    return (monitor.agent, monitor.phone) == (agent, phone)


def where(agent: str) -> str:
    """The path of an agent's session."""
    return f"{BASE}/sessions/{quote(agent, safe='')}"
