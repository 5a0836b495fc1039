"""A whole house in memory: World, engine, operations and HTTP site, with Asterisk, disk and time played by tests."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock as FakeReactor
from twisted.web.resource import IResource, Resource

from agentd.core import commands as c
from agentd.core.errors import AgentdError
from agentd.core.model import Call, CallState, Campaign, Session
from agentd.core.records import CampaignSet, Record
from agentd.core.settings import Settings
from agentd.core.world import World
from agentd.engine.access import Access, password_hashes
from agentd.engine.auth import Authenticator
from agentd.engine.clock import Clock
from agentd.engine.dialling import DialWish
from agentd.engine.engine import Engine
from agentd.engine.operations import Operations
from agentd.engine.ports import Caller
from agentd.http.policy import Policy
from agentd.http.site import Root, Site
from tests.faces.people import LEADS, reference
from tests.faces.scripted import DictStore, MemoryJournal, ScriptedSwitch
from tests.http.memory import Answer, Connection

START = 1_795_159_465.0  # 2026-11-20 09:24:25 UTC

R = TypeVar("R", bound=Record)


@dataclass
class Exchange:
    """A request that was sent, and what came of it so far."""

    connection: Connection
    method: str

    @property
    def answered(self) -> bool:
        """Whether the whole answer is there."""
        return bool(self.connection.raw())

    @property
    def answer(self) -> Answer:
        """The answer; fails when there is none yet."""
        return self.connection.answers(self.method)[0]

    @property
    def stream(self) -> bytes:
        """All bytes so far, for answers that go on."""
        return self.connection.raw()

    def leave(self) -> None:
        """The client goes away."""
        self.connection.lose()


class House:
    """What a face test needs. ``switch``, ``journal`` and ``store`` are tests.faces.scripted's."""

    def __init__(self, *, settings: Settings | None = None, policy: Policy | None = None) -> None:
        self.time = FakeReactor()
        self.time.rightNow = START
        self.clock = Clock(self.time)
        self.switch = ScriptedSwitch(self.clock)
        self.journal = MemoryJournal()
        self.fatal: list[OSError] = []
        self._callers = 0
        self.world = World(settings or Settings(default_campaign="TESTCAMP"), "test")
        self.store = DictStore(self.world.state)
        self.store.lead_table = {lead.id: copy.deepcopy(lead) for lead in LEADS}
        self.engine = Engine(self.world, self.journal, self.switch, self.clock, self.fatal.append)
        self.switch.engine = self.engine
        self.switch.stray = self._take_up
        self.engine.listen(self.store.listen)
        self.operations = Operations(self.engine, self.store)
        self.auth = Authenticator(password_hashes(self.state), self.clock, maybeDeferred)
        self.access = Access(self.state, self.auth)
        self.root = Root()
        self.site = Site(self.root, self.clock, policy)
        self.engine.feed(c.ReferenceChanged(tuple(reference())))
        for kind, first in (("session", 1), ("call", 1000), ("lead", 500_001), ("recording", 1), ("callback", 1)):
            self.engine.feed(c.GrantIds(kind, first, first + 9999))
        self.engine.feed(c.LinkUp())

    # --- what is -----------------------------------------------------------------------------------------

    @property
    def state(self) -> Any:
        """The World's state."""
        return self.world.state

    @property
    def now(self) -> float:
        """The time, in epoch seconds."""
        return self.clock.now()

    def session(self, agent: str = "1000") -> Session:
        """An agent's session."""
        return self.state.sessions[agent]

    def call(self, agent: str = "1000") -> Call:
        """An agent's newest call."""
        return self.state.calls[self.session(agent).calls[-1]]

    def records(self, kind: type[R]) -> list[R]:
        """Every record of a kind that was ever written."""
        return [entry.record for entry in self.journal.entries if isinstance(entry.record, kind)]

    # --- what happens ------------------------------------------------------------------------------------

    def advance(self, seconds: float = 0.0) -> None:
        """Let time pass, every timer at its own time."""
        end = self.now + seconds
        while self.time.calls and self.time.calls[0].getTime() <= end:
            self.time.rightNow = max(self.now, self.time.calls[0].getTime())
            self.time.advance(0)
        self.time.rightNow = end

    def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Let time pass until something is so, from timer to timer; fails when it is not within that time."""
        end = self.now + seconds
        while not condition():
            calls = self.time.calls
            assert calls, "nothing is going to happen any more"
            assert calls[0].getTime() <= end, f"not within {seconds} s"
            self.advance(max(0.0, calls[0].getTime() - self.now))

    def wait_for(self, operation: Deferred[Any], seconds: float = 60.0) -> Any:
        """Let time pass until an operation is done; gives its result or raises its error."""
        results: list[Any] = []
        failures: list[Any] = []
        operation.addCallbacks(results.append, failures.append)
        self.until(lambda: bool(results or failures), seconds)
        if failures:
            failures[0].raiseException()
        return results[0]

    def log_in(self, agent: str = "1000", phone: str = "502", campaign: str = "") -> Session:
        """An agent logs in and his phone answers."""
        self.wait_for(self.operations.log_in(agent, phone, campaign))
        return self.session(agent)

    def dial(self, number: str = "7275551212", agent: str = "1000", **more: Any) -> Call:
        """An agent dials, and the customer's channel is there; ``more`` is of engine.dialling.DialWish."""
        self.wait_for(self.operations.dial(agent, DialWish(number, **more)))
        return self.call(agent)

    def talk(self, number: str = "7275551212", agent: str = "1000", **more: Any) -> Call:
        """An agent dials, and the customer has answered."""
        call = self.dial(number, agent, **more)
        self.until(lambda: call.state is CallState.CONNECTED)
        return call

    def call_in(self, ingroup: str = "SALESLINE", number: str = "7275559876", **more: Any) -> Call:
        """A customer calls, and stands in the line of an in-group; ``more`` is of engine.ports.Caller."""
        self._callers += 1
        caller = Caller(f"caller-{self._callers}", ingroup, number, **more)
        self.switch.call_in(caller)
        self.wait_for(self.operations.arrive(caller))
        self.switch.go_to_wait(caller.leg)
        return self.state.calls[self.state.legs[caller.leg].call_id]

    def take(self, agent: str = "1000", ingroup: str = "SALESLINE", number: str = "7275559876", **more: Any) -> Call:
        """A customer calls, and is brought to an agent who is ready for him."""
        call = self.call_in(ingroup, number, **more)
        self.until(lambda: call.agent == agent and call.state is CallState.CONNECTED)
        return call

    def _take_up(self, caller: Caller) -> None:
        """A caller who waits and is in no line is put into one, as the daemon does it."""
        self.operations.arrive(caller).addErrback(lambda failure: failure.trap(AgentdError) and None)

    def customer_leaves(self, agent: str = "1000") -> None:
        """The customer hangs up."""
        self.switch.hang_up(self.call(agent).leg)

    def phone_lost(self, agent: str = "1000") -> None:
        """The agent's phone drops."""
        self.switch.hang_up(self.session(agent).leg)

    def link_down(self) -> None:
        """The link to Asterisk is lost."""
        self.engine.feed(c.LinkDown("connection lost"))

    def link_up(self) -> None:
        """The link is back, with the channels that the switch has."""
        self.engine.feed(c.LinkUp(self.switch.seen()))

    def change(self, *records: Record) -> None:
        """Reference data is now this."""
        self.engine.feed(c.ReferenceChanged(records))

    def change_campaign(self, changed: Campaign) -> None:
        """A campaign is now this."""
        self.change(CampaignSet(changed.name, changed))

    # --- HTTP --------------------------------------------------------------------------------------------

    def mount(self, path: str, resource: IResource) -> None:
        """Serve a resource at a path such as ``agc/api.php``."""
        *folders, leaf = path.strip("/").split("/")
        node: Resource = self.root
        for folder in folders:
            name = folder.encode()
            if name not in node.children:
                node.putChild(name, Root())
            node = node.children[name]
        node.putChild(leaf.encode(), resource)

    def send(
        self,
        target: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        peer: str = "127.0.0.1",
    ) -> Exchange:
        """Send a request on a connection of its own, and let no time pass."""
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        connection = Connection(self.site, peer)
        connection.send("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        return Exchange(connection, method)

    def ask(
        self,
        target: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        peer: str = "127.0.0.1",
    ) -> Answer:
        """Send a request and let time pass until it is answered."""
        exchange = self.send(target, method, body, headers, peer)
        self.until(lambda: exchange.answered)
        return exchange.answer

    def get(self, path: str, peer: str = "127.0.0.1", **params: str) -> Answer:
        """GET with parameters."""
        return self.ask(f"{path}?{urlencode(params)}", peer=peer)

    def post(self, path: str, peer: str = "127.0.0.1", **params: str) -> Answer:
        """POST a form."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(path, "POST", urlencode(params).encode(), form, peer)

    def json(self, method: str, path: str, obj: Any = None, token: str = "", **headers: str) -> Answer:
        """Send JSON, with a bearer token; underscores in header names stand for hyphens."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            more["Authorization"] = f"Bearer {token}"
        body = None
        if obj is not None:
            more.setdefault("Content-Type", "application/json")
            body = json.dumps(obj).encode()
        return self.ask(path, method, body, more)
