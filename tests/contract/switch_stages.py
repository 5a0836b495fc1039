"""The two switches under the same agents: Played, the scripted one in played time, and Real, on a real Asterisk."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, ensureDeferred, fail, succeed
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock as FakeReactor
from twisted.internet.task import deferLater
from zope.interface import implementer

from agentd.ami import AMIClient, Event, Tuning, events
from agentd.core import commands as c
from agentd.core.model import Role
from agentd.engine.clock import Clock, WallClock
from agentd.engine.ports import Caller
from agentd.sandbox.callers import call_in
from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import Rig
from agentd.sandbox.tones import write_tone
from agentd.switch.asterisk import AsteriskSwitch
from agentd.switch.digits import Digits
from agentd.switch.recordings import Recordings
from agentd.switch.strays import Strays
from tests.contract.switch_parties import (
    ANOTHER,
    DECLINES,
    DECLINING_PHONE,
    MANNERS,
    PLAYED,
    STRAY_ROOM,
    UNKNOWN,
    Stage,
)
from tests.faces.scripted import Fate, ScriptedSwitch
from tests.rig.observer import Observer

PROMPT_TIME = 1.5
"""Seconds that prompt and message play."""
PROMPT_HERTZ = 1950
_MOMENT = 0.5  # seconds of played time in which whatever was under way has happened


class Played(Stage):
    """On the scripted switch, in played time."""

    prompt = message = "prompt"

    def __init__(self) -> None:
        self.time = FakeReactor()
        self.time.rightNow = 1_795_159_465.0
        super().__init__(Clock(self.time))
        self.scripted = ScriptedSwitch(self.clock)
        self.scripted.prompt_time = self.scripted.message_time = PROMPT_TIME
        self.furnish(self.scripted)
        self.scripted.engine = self.engine
        self.scripted.stray = self.take_up
        self.scripted.fates |= {
            f"PJSIP/1{DECLINES}@carrier": Fate.DECLINE,
            f"PJSIP/1{UNKNOWN}@carrier": Fate.UNKNOWN,
            f"PJSIP/{DECLINING_PHONE}": Fate.DECLINE,
        }

    async def open(self) -> None:
        self.scripted.mend()

    async def close(self) -> None:
        self.engine.stop()

    def _pass(self, so: Callable[[], object], end: float) -> bool:
        """Let time pass from timer to timer, until something is so or the time is over; which of them."""
        while not so():
            calls = self.time.calls
            if not calls or calls[0].getTime() > end:
                return False
            self.time.rightNow = max(self.time.rightNow, calls[0].getTime())
            self.time.advance(0)
        return True

    def done(self, operation: Deferred[Any]) -> Deferred[Any]:
        self._pass(lambda: operation.called, self.clock.now() + 10)
        return operation if operation.called else fail(AssertionError("not done in 10 s"))

    def until(self, so: Callable[[], object]) -> Deferred[None]:
        so_now = self._pass(so, self.clock.now() + 10)
        return succeed(None) if so_now else fail(AssertionError(f"not so in 10 s; heard {self.heard}"))

    async def passes(self, seconds: float) -> None:
        self._pass(lambda: False, self.clock.now() + seconds)
        self.time.rightNow += seconds

    async def settled(self) -> None:
        self._pass(lambda: False, self.clock.now() + _MOMENT)

    def calls_in(self, ingroup: str, number: str, wanted: str = "") -> None:
        leg = f"in-{number}-{self.clock.now()}"
        self.scripted.call_in(Caller(leg, ingroup, number, wanted=wanted, since=self.clock.now()))
        self.clock.later(0.01, self.scripted.go_to_wait, leg)

    def turn_away(self, channel: str) -> None:
        self.scripted.end(channel)

    async def channels(self) -> set[str]:
        return set(self.scripted.channels)

    async def leaves(self, leg: str) -> None:
        self.scripted.hang_up(leg)

    async def ended_by_others(self, leg: str) -> None:
        self.scripted.end(leg)

    async def sent_away(self, leg: str) -> None:
        self.scripted.send_away(leg)

    async def appears(self, uniqueid: str, session_id: int, call_key: str) -> None:
        self.scripted.appear(uniqueid, Role.CUSTOMER, session_id, call_key, STRAY_ROOM)

    async def vanished(self, uniqueid: str) -> None:
        await self.until(lambda: uniqueid not in self.scripted.channels)

    async def cut(self) -> None:
        self.scripted.cut()

    async def mend(self) -> c.LinkUp:
        self.scripted.mend()
        return _last_snapshot(self)


@implementer(IStreamClientEndpoint)
class Gate:
    """The way to Asterisk, which can be closed."""

    def __init__(self, endpoint: IStreamClientEndpoint) -> None:
        self._endpoint = endpoint
        self._open = True
        self._protocol: Any = None
        self._waiting: list[tuple[IProtocolFactory, Deferred[Any]]] = []

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        """Connect when the gate is open."""
        if self._open:
            return self._endpoint.connect(factory).addCallback(self._through)
        connected: Deferred[Any] = Deferred()
        self._waiting.append((factory, connected))
        return connected

    def _through(self, protocol: Any) -> Any:
        self._protocol = protocol
        return protocol

    def shut(self) -> None:
        """Break the connection, and let nobody through."""
        self._open = False
        self._protocol.transport.abortConnection()

    def unlock(self) -> None:
        """Let everybody through again."""
        self._open = True
        waiting, self._waiting = self._waiting, []
        for factory, connected in waiting:
            if not connected.called:
                self.connect(factory).chainDeferred(connected)


class Real(Stage):
    """On a real Asterisk, in real time. ``observer`` is the administrator's own connection."""

    def __init__(self, rig: Rig, reactor: Any) -> None:
        super().__init__(WallClock(reactor))
        self.prompt = self.message = str(rig.folder / "prompt")
        self._rig = rig
        self._reactor = reactor
        self._gate = Gate(TCP4ClientEndpoint(reactor, PBX_HOST, rig.ports.pbx_ami, timeout=5))
        self.client = AMIClient(
            "agentd",
            rig.secrets["agentd"],
            self._gate,
            reactor=reactor,
            synchronise=lambda _client: switch.synchronise(),
            tuning=Tuning(retry_first=0.01),
        )

        def feed(command: c.Command) -> None:  # the engine is made after the switch
            self.engine.feed(command)

        switch = AsteriskSwitch(
            self.client,
            feed,
            lambda channel: channel in self.world.state.legs or self.world.leg_ids.gave(channel),
            later=self.clock.later,
            digits=Digits([], self.clock.later),
            recordings=Recordings(self.client, feed, rig.recordings),
            strays=Strays(self.take_up, self.clock.now),
        )
        self._asterisk = switch
        self.client.register_event(events.UserEvent, self._barrier_passed)
        self._barriers: dict[str, Deferred[None]] = {}
        self._watchers: list[tuple[Callable[[], object], Deferred[None]]] = []
        self._looking = False
        self.furnish(switch)
        self.engine.noticed = self._look_soon
        self.engine.listen(lambda _entries: self._look_soon())

    async def open(self) -> None:
        self.observer = await Observer.connect(self._reactor, **self._rig.administrator)
        self.client.start()
        await self.client.when_live().addTimeout(10, self._reactor)

    async def close(self) -> None:
        await self.client.stop()
        self.engine.stop()
        await self.observer.hang_up_all()  # what a test has left that failed must not be found by the next
        await self.observer.close()

    def done(self, operation: Deferred[Any]) -> Deferred[Any]:
        return operation.addTimeout(10, self._reactor)

    def until(self, so: Callable[[], object]) -> Deferred[None]:
        if so():
            return succeed(None)
        come: Deferred[None] = Deferred()
        self._watchers.append((so, come))
        return come.addTimeout(10, self._reactor, onTimeoutCancel=lambda *_: self._late())

    def _late(self) -> None:
        raise AssertionError(f"not so in 10 s; heard {self.heard}")

    def _look_soon(self) -> None:
        """Look when the engine is through with what it does."""
        if not self._looking:
            self._looking = True
            self.clock.later(0, self._look)

    def _look(self) -> None:
        self._looking = False
        watchers, self._watchers = self._watchers, []
        self._watchers = [(so, come) for so, come in watchers if not come.called and not so()]
        for watcher in watchers:
            if watcher not in self._watchers and not watcher[1].called:
                watcher[1].callback(None)

    async def passes(self, seconds: float) -> None:
        await deferLater(self._reactor, seconds)

    async def settled(self) -> None:
        """An event of our own comes after those of what has happened by now."""
        name = secrets.token_hex(4)
        passed = self._barriers[name] = Deferred()
        await self.client.send_action("UserEvent", {"UserEvent": "Barrier", "Name": name})
        await passed.addTimeout(10, self._reactor)

    def _barrier_passed(self, _client: AMIClient, event: Event) -> None:
        passed = self._barriers.pop(event.get("Name", ""), None)
        if passed is not None:
            passed.callback(None)

    def calls_in(self, ingroup: str, number: str, wanted: str = "") -> None:
        call_in(self._rig.folder, ingroup, number, wanted)

    def turn_away(self, channel: str) -> None:
        self._asterisk.turn_away(channel)

    async def channels(self) -> set[str]:
        ours = (item for item in await self.observer.channels() if "AGENTD_ROLE" in item.get("ChanVariable", ""))
        return {item["Uniqueid"] for item in ours}

    async def leaves(self, leg: str) -> None:
        assert await self._rig.hang_up(self.rung[leg])
        await self.observer.event("Hangup", Uniqueid=leg)

    async def ended_by_others(self, leg: str) -> None:
        await self.observer.action("Hangup", Channel=leg)
        await self.observer.event("Hangup", Uniqueid=leg)

    async def sent_away(self, leg: str) -> None:
        await self.observer.action("Redirect", Channel=leg, Context="agentd-extensions", Exten=PLAYED, Priority=1)
        await self.observer.event("Newexten", Uniqueid=leg, Application="Playback")

    async def appears(self, uniqueid: str, session_id: int, call_key: str) -> None:
        where = {"Context": "agentd-conf", "Exten": STRAY_ROOM, "Priority": 1}
        ours = {"AGENTD_SESSION": str(session_id), "AGENTD_CALL": call_key, "AGENTD_ROLE": "customer"}
        await self.observer.originate(uniqueid, f"PJSIP/1{ANOTHER}@carrier", variables=ours, **where)
        await self.observer.event("ConfbridgeJoin", Uniqueid=uniqueid)

    async def vanished(self, uniqueid: str) -> None:
        await self.observer.event("Hangup", Uniqueid=uniqueid)

    async def cut(self) -> None:
        self._gate.shut()
        await self.until(lambda: not self.world.state.link_up)

    async def mend(self) -> c.LinkUp:
        self._gate.unlock()
        await self.client.when_live().addTimeout(10, self._reactor)
        return _last_snapshot(self)


def _last_snapshot(stage: Stage) -> c.LinkUp:
    """What the engine was told when the link came up last."""
    return next(command for command in reversed(stage.heard) if isinstance(command, c.LinkUp))


# --- for the tests -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parties(rig: Rig):
    """The rig, with its parties behaving as the tests have them."""

    write_tone(rig.folder / "prompt.wav", PROMPT_HERTZ, PROMPT_TIME)

    async def behave(*, usually: bool) -> None:
        for number, manner in MANNERS.items():
            await rig.behave(number, "usual" if usually else manner, 0 if manner == "answers" and not usually else None)

    pytest_twisted.blockon(ensureDeferred(behave(usually=False)))
    yield rig
    pytest_twisted.blockon(ensureDeferred(behave(usually=True)))


@pytest.fixture(params=["scripted", "asterisk"])
def stage(request: pytest.FixtureRequest, reactor: Any):
    """The agents on either switch, with the link up; afterwards everybody is gone, and has left nothing behind."""
    stage = Played() if request.param == "scripted" else Real(request.getfixturevalue("parties"), reactor)
    pytest_twisted.blockon(ensureDeferred(stage.open()))
    yield stage

    async def close() -> None:
        try:
            await stage.empty()
        finally:
            await stage.close()

    pytest_twisted.blockon(ensureDeferred(close()))
