"""Asterisk's side of a conversation, played by hand."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from agentd.ami import AMIClient, LinkState
from agentd.ami.messages import Event
from agentd.ami.protocol import AMIProtocol
from agentd.ami.tuning import Tuning

BANNER = b"Asterisk Call Manager/11.0.0\r\n"


def message(*lines: str) -> bytes:
    """One message of these lines."""
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def parse(data: bytes) -> list[dict[str, str]]:
    """What was sent, message by message."""
    texts = data.decode().split("\r\n\r\n")
    assert texts.pop() == ""
    return [dict(line.split(": ", 1) for line in text.split("\r\n")) for text in texts]


class TurnClock(Clock):
    """A clock whose turns can be taken one by one: ``advance(0)`` would take as many as are due, one after another."""

    def turn(self) -> None:
        """Make the one call that is due next."""
        call = self.calls.pop(0)
        assert call.getTime() <= self.seconds()
        call.called = 1
        call.func(*call.args, **call.kw)


class FarEnd(StringTransportWithDisconnection):
    """A transport whose other end is the test."""

    aborted = False
    closing = False
    hangs = False
    """True: closing in good order never comes to an end, as with a peer that does not read."""

    def sent(self) -> list[dict[str, str]]:
        """The actions that were sent since the last look."""
        data = self.value()
        self.clear()
        return parse(data)

    def loseConnection(self) -> None:
        self.closing = True
        if not self.hangs and self.connected:
            super().loseConnection()

    def abortConnection(self) -> None:
        self.aborted = True
        if self.connected:
            super().loseConnection()


class Conversation:
    """A protocol, connected and greeted."""

    def __init__(self, *, greet: bool = True, **tuning: float) -> None:
        self.clock = TurnClock()
        self.events: list[Event] = []
        self.protocol = AMIProtocol(self.clock, "b", self.events.append, tuning=Tuning(**tuning))  # type: ignore[arg-type]
        self.far = FarEnd()
        self.far.protocol = self.protocol
        self.protocol.makeConnection(self.far)
        if greet:
            self.protocol.dataReceived(BANNER)

    def hears(self, *lines: str) -> None:
        """The protocol receives one message."""
        self.protocol.dataReceived(message(*lines))

    def sent(self) -> list[dict[str, str]]:
        """The actions that were sent since the last look."""
        return self.far.sent()


@implementer(IStreamClientEndpoint)
class FakePBX:
    """An endpoint whose connections are accepted, answered and cut by the test."""

    def __init__(self) -> None:
        self.tries = 0
        self.actions: list[dict[str, str]] = []
        """What was asked on the present connection and not answered yet."""
        self._factory: Factory | None = None
        self._connecting: Deferred | None = None
        self.far = FarEnd()
        self.protocol: AMIProtocol | None = None

    def connect(self, factory: Factory) -> Deferred:
        self.tries += 1
        self._factory = factory
        self._connecting = Deferred()
        return self._connecting

    def accept(self) -> None:
        """The connection is made; no greeting yet."""
        assert self._factory is not None
        assert self._connecting is not None
        self.protocol = self._factory.buildProtocol(None)
        self.far = FarEnd()
        self.far.protocol = self.protocol
        self.protocol.makeConnection(self.far)
        self._connecting.callback(self.protocol)

    def refuse(self, error: Exception) -> None:
        assert self._connecting is not None
        self._connecting.errback(error)

    def says(self, *lines: str) -> None:
        self.far.protocol.dataReceived(message(*lines))

    def greet(self) -> None:
        self.far.protocol.dataReceived(BANNER)

    def asked(self) -> list[dict[str, str]]:
        """The actions that wait for their answers."""
        self.actions += self.far.sent()
        return self.actions

    def answer(self, action: str, *lines: str, status: str = "Success") -> None:
        """Answer the oldest action, which has to be of this name."""
        asked = self.asked().pop(0)
        assert asked["Action"] == action
        self.says(f"Response: {status}", f"ActionID: {asked['ActionID']}", *lines)

    def log_in(self) -> None:
        """Up to a successful login."""
        self.accept()
        self.greet()
        self.answer("Challenge", "Challenge: 1")
        self.answer("Login", "Message: Authentication accepted")

    def boot(self) -> None:
        self.says("Event: FullyBooted", "Privilege: system,all", "Uptime: 0", "Status: Fully Booted")

    def subscribe(self) -> list[str]:
        """Take all filters and the mask; what was asked for."""
        names = []
        while self.asked()[0]["Action"] == "Filter":
            names.append(self.asked()[0]["Filter"].removeprefix("Event: "))
            self.answer("Filter")
        names.append(self.asked()[0]["EventMask"])
        self.answer("Events", "Events: On")
        return names

    def bring_up(self) -> None:
        """The whole way to a live link, if nothing is to be synchronised."""
        self.log_in()
        self.boot()
        self.subscribe()

    def cut(self) -> None:
        """The connection breaks."""
        self.actions = []
        self.far.loseConnection()


QUICK = {"retry_jitter": 0.0, "retry_first": 1.0, "retry_factor": 2.0, "retry_longest": 5.0}


class Office:
    """A client and its PBX."""

    opened: ClassVar[list[Office]] = []

    def __init__(self, *, secret: str = "hush", tuning: dict[str, float] | None = None, **how: Any) -> None:
        self.opened.append(self)
        self.clock = TurnClock()
        self.pbx = FakePBX()
        self.states: list[str] = []
        self.client = AMIClient(
            "agentd",
            secret,
            self.pbx,
            reactor=self.clock,
            tuning=Tuning(**{**QUICK, **(tuning or {})}),  # type: ignore[arg-type]
            **how,
        )
        self.client.link.watch(lambda state, reason: self.states.append(state.value))

    def live(self) -> FakePBX:
        """Start, and bring the link up."""
        self.client.start()
        self.pbx.bring_up()
        assert self.client.state is LinkState.LIVE
        return self.pbx


@pytest.fixture(autouse=True)
def offices_closed():
    """No client is left to the garbage collector in the middle of its way. For import into test modules."""
    yield
    while Office.opened:
        office = Office.opened.pop()
        office.client.stop()
        office.clock.advance(10)


@pytest.fixture
def logged():
    """The log events of a test. For import into test modules."""
    events: list[dict[str, Any]] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


_case = SynchronousTestCase()


def result(deferred: Deferred):
    """The result that is there already."""
    return _case.successResultOf(deferred)


def error(deferred: Deferred, kind: type[Exception]):
    """The error that is there already."""
    return _case.failureResultOf(deferred, kind).value
