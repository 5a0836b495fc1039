"""The call centre of the tests: the demo, as those who use it reach it. Nothing here looks inside the daemon."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from inspect import isawaitable
from typing import Any
from urllib.parse import urlencode

import pytest
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.task import deferLater
from twisted.internet.utils import getProcessOutputAndValue
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from agentd.sandbox.demo import Demo
from tests.e2e.web import Answer, Stream, Web
from tests.rig.observer import Message, Observer

AGC, X5 = "/agc/api.php", "/x5/api/agent.php"
CRYSTAL = "/cc3/writedialplane/agents_commands/agent_command.php"
CUSTOMER = "7275551212"
"""The number of lead 123456."""

_LOOK_AGAIN = 0.03  # seconds between two looks at what tells nobody when it changes


class Centre:
    """One test's view of the demo: clients of every face, an independent AMI connection, the database's file."""

    def __init__(self, demo: Demo, reactor: Any) -> None:
        self.demo = demo
        self.reactor = reactor
        self.rig = demo.rig
        self.web = Web(reactor, demo.http)
        self.runtime: dict[str, Any] = json.loads(demo.runtime.read_text())
        self.observer: Observer
        self._streams: list[Stream] = []

    async def open(self) -> None:
        """Connect the observer; also after Asterisk was restarted, which ends its connection."""
        self.observer = await Observer.connect(self.reactor, **self.runtime["ami"])

    async def close(self) -> None:
        """Send everybody home. Afterwards nobody is logged in and Asterisk has no channel: this is a test, too."""
        for stream in self._streams:
            await stream.close()
        await self._mend()
        for session in await self.sessions():
            await self.send_home(session["agent"])
        await self.until_empty()
        await self.until(self.written, "database that is up to date")
        await self.observer.close()

    async def _mend(self) -> None:
        """Have a daemon and an observer after a test that has ended one of them and then failed."""
        if self.demo.pid is None:
            self.demo.start_daemon()
        await self.demo.ready()
        try:
            await self.observer.action("Ping")
        except (ConnectionClosed, TimeoutError):
            await self.open()

    async def send_home(self, agent: str) -> None:
        """End all of an agent's calls, dispose of them, and log him out."""

        async def home() -> bool:
            session = await self.snapshot(agent)
            if session is None:
                return True
            if session["consulted"] is not None:
                await self.native("DELETE", f"/sessions/{agent}/calls/current")
            for call in session["calls"]:
                path = f"/sessions/{agent}/calls/{call['id']}"
                await self.native("DELETE", f"{path}/third-party?both=true")
                await self.native("DELETE", path)
                await self.native("PUT", f"{path}/disposition", {"status": "A"})
            await self.native("DELETE", f"/sessions/{agent}?at_once=true")
            return False

        await self.until(home, f"{agent} at home")

    async def link_up(self) -> bool:
        """Whether the daemon has its link to Asterisk."""
        answer = await self.web.ask("GET", "/readyz")
        return answer.json()["parts"]["pbx_link"]["state"] == "up"

    async def written(self) -> bool:
        """Whether the database has everything that has happened."""
        parts = (await self.web.ask("GET", "/readyz")).json()["parts"]
        return parts["database"] == {"state": "up", "detail": "0 records behind"}

    async def until_empty(self) -> None:
        """Wait until nobody is logged in and Asterisk has no channel."""
        left: list[str] = []

        async def look() -> bool:
            nonlocal left
            left = [session["agent"] for session in await self.sessions()]
            left += [channel["Channel"] for channel in await self.observer.channels()]
            return not left

        try:
            await self.until(look, "empty call centre")
        except AssertionError:
            await self.observer.hang_up_all()  # so that the next test begins well
            raise AssertionError(f"these are left: {', '.join(left)}") from None

    # --- waiting ---------------------------------------------------------------------------------------------

    async def until(self, look: Callable[[], Any | Awaitable[Any]], what: str, within: float = 10.0) -> Any:
        """The first true thing that ``look`` gives. Raises AssertionError with the last one if none comes in time."""
        deadline = self.reactor.seconds() + within
        while True:
            seen = look()
            seen = await seen if isawaitable(seen) else seen
            if seen:
                return seen
            assert self.reactor.seconds() < deadline, f"no {what} in {within} s; the last look gave {seen!r}"
            await deferLater(self.reactor, _LOOK_AGAIN)

    async def until_state(self, agent: str, state: str | None, within: float = 10.0) -> dict[str, Any]:
        """Wait for an agent's state; None: he is not logged in. The snapshot (empty for None)."""
        last: dict[str, Any] = {}

        async def look() -> bool:
            nonlocal last
            last = await self.snapshot(agent) or {}
            return last.get("state") == state

        try:
            await self.until(look, f"{agent} in {state}", within)
        except AssertionError as error:
            raise AssertionError(f"{error}: {last}") from None
        return last

    # --- the faces -------------------------------------------------------------------------------------------

    async def crystal(self, action: str, agid: str = "1000", agext: str | None = None) -> str:
        """An agent command's line."""
        fields = {"action": action, "agid": agid} | ({} if agext is None else {"agext": agext})
        return _line(await self.web.ask("GET", f"{CRYSTAL}?{urlencode(fields)}"))

    async def api(
        self, function: str, value: str = "", agent: str = "1000", *, path: str = AGC, method: str = "GET", **more: str
    ) -> str:
        """A line of the agent API. The API user is the document's, if no other is named."""
        user = "6666" if path == AGC else "101"
        fields = {"source": "test", "user": user, "pass": "1234", "agent_user": agent, "function": function}
        text = urlencode(fields | {"value": value} | more)
        if method == "GET":
            return _line(await self.web.ask("GET", f"{path}?{text}"))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return _line(await self.web.ask("POST", path, text.encode(), form))

    async def dial(self, number: str = CUSTOMER, agent: str = "1000", **more: str) -> str:
        """The line of external_dial, with the parameters of the document's example."""
        fields = {"phone_code": "1", "search": "YES", "preview": "NO", "focus": "YES"} | more
        return await self.api("external_dial", number, agent, **fields)

    async def native(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request to the native API. Header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Authorization", f"Bearer {self.runtime['token']}")
        if body is None:
            return await self.web.ask(method, f"/api/v1{path}", b"", sent)
        return await self.web.ask(
            method, f"/api/v1{path}", json.dumps(body).encode(), {"Content-Type": "application/json"} | sent
        )

    async def snapshot(self, agent: str) -> dict[str, Any] | None:
        """An agent's session; None: he is not logged in."""
        answer = await self.native("GET", f"/sessions/{agent}")
        assert answer.code in {200, 404}, answer.text
        return answer.json() if answer.code == 200 else None

    async def sessions(self) -> list[dict[str, Any]]:
        return (await self.native("GET", "/sessions")).json()["sessions"]

    async def stream(self, last_event_id: str = "") -> Stream:
        """The event stream, from a snapshot on, or from after the event named."""
        headers = {"Authorization": f"Bearer {self.runtime['token']}"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        stream = await self.web.stream("/api/v1/events", headers)
        self._streams.append(stream)
        return stream

    async def cli(self, *arguments: str) -> str:
        """What the ``agentd`` command prints. It must succeed."""
        command = [arguments[0], *arguments[1:2], "--config", self.runtime["config"], *arguments[2:]]
        out, error, code = await getProcessOutputAndValue(self.runtime["cli"], command, reactor=self.reactor)
        assert code == 0, error.decode()
        return out.decode()

    # --- scenes ----------------------------------------------------------------------------------------------

    async def log_in(self, agent: str = "1000", phone: str = "502") -> str:
        """Log an agent in; the unique id of his phone's channel, as Asterisk has it."""
        assert await self.crystal("login", agent, phone) == f"0: OK login,{agent},{phone}"
        return (await self.leg(agent, "agent"))["Uniqueid"]

    async def talk(self, agent: str = "1000", number: str = CUSTOMER) -> str:
        """Have an agent dial and the customer answer; the unique id of the customer's channel."""
        assert (await self.dial(number, agent)).startswith("SUCCESS"), number
        await self.until_state(agent, "INCALL")
        return (await self.leg(agent, "customer"))["Uniqueid"]

    # --- what Asterisk has -----------------------------------------------------------------------------------

    async def room(self, agent: str) -> str:
        session = await self.snapshot(agent)
        assert session is not None, f"{agent} is not logged in"
        return session["conference"]

    async def members(self, agent: str) -> dict[str, Message]:
        """Who is in an agent's conference, by role."""
        inside = {member["Uniqueid"] for member in await self.observer.members(await self.room(agent))}
        return {
            _variable(channel, "AGENTD_ROLE"): channel
            for channel in await self.observer.channels()
            if channel["Uniqueid"] in inside
        }

    async def until_members(self, agent: str, *roles: str) -> dict[str, Message]:
        """Wait until an agent's conference has these roles in it, and no others; who is in it, by role."""
        members: dict[str, Message] = {}

        async def look() -> bool:
            nonlocal members
            members = await self.members(agent)
            return members.keys() == {*roles}

        try:
            await self.until(look, f"{roles} in {agent}'s conference")
        except AssertionError as error:
            raise AssertionError(f"{error}: {list(members)}") from None
        return members

    async def leg(self, agent: str, role: str) -> Message:
        """The channel of that role in an agent's conference, when it is there."""

        async def look() -> Message | None:
            return (await self.members(agent)).get(role)

        return await self.until(look, f"{role} in {agent}'s conference")

    # --- the database ----------------------------------------------------------------------------------------

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What the database's file has, read beside the daemon."""
        file = self.runtime["database"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    async def until_rows(self, wanted: list[dict[str, Any]], sql: str, *values: Any) -> None:
        """Wait until a query gives these rows: what is told comes before what is in the database."""
        seen: list[dict[str, Any]] = []

        def look() -> bool:
            nonlocal seen
            seen = self.rows(sql, *values)
            return seen == wanted

        try:
            await self.until(look, "such rows", 5)
        except AssertionError:
            assert seen == wanted

    async def agent_log(self, session_id: int) -> list[dict[str, Any]]:
        """The agent log of a session that has ended. Its intervals are without gap, and add up to the session."""
        whole = "select started, ended, length from sessions where id = ? and ended is not null"
        [session] = await self.until(lambda: self.rows(whole, session_id), f"end of session {session_id}", 5)
        log = self.rows("select * from agent_log where session_id = ? order by interval_number", session_id)
        assert [row["interval_number"] for row in log] == list(range(1, len(log) + 1))
        assert log[0]["started"] == session["started"]
        assert log[-1]["ended"] == session["ended"]
        assert [row["started"] for row in log[1:]] == [row["ended"] for row in log[:-1]]
        assert sum(row["length"] for row in log) == pytest.approx(session["length"], abs=1e-6)
        return log

    # --- the daemon ------------------------------------------------------------------------------------------

    async def kill(self) -> float:
        """kill -9 the daemon, and wait for the one that the demo starts in its place; when that was started."""
        old = self.demo.pid
        assert old is not None
        os.kill(old, signal.SIGKILL)
        await self.until(lambda: self.demo.pid not in {None, old}, "new daemon")
        return self.reactor.seconds()

    async def soon(self, ask: Callable[[], Awaitable[Any]], good: Callable[[Any], bool]) -> Any:
        """The first good answer of a daemon that is being started; no connection is no answer."""

        async def look() -> tuple[Any, ...]:
            try:
                answer = await ask()
            except (ConnectError, ResponseFailed, ResponseNeverReceived):
                return ()
            return (answer,) if good(answer) else ()

        return (await self.until(look, "good answer"))[0]

    @property
    def log(self) -> str:
        """The daemon's log."""
        return (self.demo.folder / "agentd.log").read_text()


def _line(answer: Answer) -> str:
    """The one line of an answer; both faces answer 200 whatever comes of it."""
    assert answer.code == 200, answer
    assert answer.text.endswith("\n"), answer.body
    line = answer.text[:-1]
    assert "\n" not in line, answer.body
    return line


def _variable(channel: Message, name: str) -> str:
    """The value of a channel variable that Asterisk shows on its channels."""
    for variable in channel.get("ChanVariable", "").split("\n"):
        key, _, value = variable.partition("=")
        if key == name:
            return value
    return ""
