"""The FastAGI server: only routes of the table, only known clients, and whatever goes wrong the dialplan goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import LogEvent, LogLevel, globalLogPublisher
from twisted.python.failure import Failure

from agentd.fastagi import AGI, FastAGIFactory, Limits
from agentd.fastagi.protocol import FastAGIProtocol

LOCAL = IPv4Address("TCP", "127.0.0.1", 5000)


@pytest.fixture
def logged() -> Iterator[list[LogEvent]]:
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def warnings(logged: list[LogEvent]) -> list[LogEvent]:
    return [event for event in logged if event["log_level"] >= LogLevel.warn]


class Call:
    """One connection of Asterisk to a factory."""

    def __init__(self, factory: FastAGIFactory, script: str = "login", addr: object = LOCAL) -> None:
        session = factory.buildProtocol(addr)  # type: ignore[arg-type]
        assert session is not None
        self.session: FastAGIProtocol = session
        self.transport = StringTransport()
        session.makeConnection(self.transport)
        session.dataReceived(f"agi_network_script: {script}\nagi_channel: PJSIP/502-1\n\n".encode())

    def hang_up_connection(self) -> None:
        self.session.connectionLost(Failure(ConnectionResetError()))


def factory_of(handler: Callable[[AGI], object], **more: object) -> FastAGIFactory:
    return FastAGIFactory({"login": handler}, Clock(), **more)  # type: ignore[arg-type,dict-item]


def test_a_coroutine_serves_and_then_the_dialplan_goes_on() -> None:
    async def handler(agi: AGI) -> None:
        await agi.verbose(agi.environment.channel)

    call = Call(factory_of(handler))
    assert call.transport.value() == b'VERBOSE "PJSIP/502-1" "1"\n'
    assert not call.transport.disconnecting
    call.session.dataReceived(b"200 result=1\n")
    assert call.transport.disconnecting


def test_a_deferred_serves_as_well() -> None:
    done: Deferred[None] = Deferred()
    call = Call(factory_of(lambda agi: done))
    assert not call.transport.disconnecting
    done.callback(None)
    assert call.transport.disconnecting


@pytest.mark.parametrize("script", ["", "Login", "login/", "/login", "../login", "login?x=1", "a/login", "login\x00"])
def test_only_a_name_of_the_table_is_a_route(script: str, logged: list[LogEvent]) -> None:
    served: list[AGI] = []
    factory = factory_of(served.append)
    call = Call(factory, script)
    assert served == []
    assert call.transport.disconnecting
    assert factory.counters.unknown_route == 1
    (warning,) = warnings(logged)
    assert warning["channel"] == "PJSIP/502-1"


def test_the_log_line_of_a_hostile_route_is_one_short_line(logged: list[LogEvent]) -> None:
    from twisted.logger import formatEvent

    Call(factory_of(lambda agi: None), "\x1b[2J\r" + "x" * 5000)
    text = formatEvent(warnings(logged)[0])
    assert len(text) < 200
    assert "\x1b" not in text


async def failing(agi: AGI) -> None:
    raise RuntimeError("no such agent")


def failing_at_once(agi: AGI) -> Deferred[None]:
    raise RuntimeError("no such agent")


@pytest.mark.parametrize("handler", [failing, failing_at_once])
def test_a_failed_handler_is_logged_and_the_dialplan_goes_on(
    handler: Callable[[AGI], object], logged: list[LogEvent]
) -> None:
    factory = factory_of(handler)
    call = Call(factory)
    assert call.transport.disconnecting
    assert factory.counters.failed_handlers == 1
    (event,) = warnings(logged)
    assert isinstance(event["log_failure"].value, RuntimeError)
    assert (event["script"], event["channel"]) == ("login", "PJSIP/502-1")


def test_a_caller_who_hangs_up_is_not_a_failed_handler(logged: list[LogEvent]) -> None:
    async def handler(agi: AGI) -> None:
        await agi.wait_for_digit(5)

    factory = factory_of(handler)
    call = Call(factory)
    call.session.dataReceived(b"HANGUP\n")
    assert call.transport.disconnecting
    other = Call(factory)
    other.hang_up_connection()
    assert factory.counters.failed_handlers == 0
    assert warnings(logged) == []


def test_a_handler_may_close_early_and_do_other_work() -> None:
    steps: list[str] = []
    work: Deferred[None] = Deferred()

    async def handler(agi: AGI) -> None:
        agi.finish()
        await work
        steps.append("done")

    call = Call(factory_of(handler))
    assert call.transport.disconnecting
    call.hang_up_connection()
    work.callback(None)
    assert steps == ["done"]


def test_a_handler_is_not_cancelled_by_a_hangup() -> None:
    work: Deferred[str] = Deferred()
    seen: list[object] = []

    async def handler(agi: AGI) -> None:
        seen.append(await work)
        seen.append(agi.hung_up)

    call = Call(factory_of(handler))
    call.session.dataReceived(b"HANGUP\n")
    call.hang_up_connection()
    work.callback("finished all the same")
    assert seen == ["finished all the same", True]


@pytest.mark.parametrize(
    ("addr", "welcome"),
    [
        (LOCAL, True),
        (IPv4Address("TCP", "127.8.8.8", 1), True),
        (IPv6Address("TCP", "::1", 1), True),
        (IPv6Address("TCP", "::ffff:127.0.0.1", 1), True),
        (IPv6Address("TCP", "::ffff:10.0.0.1", 1), False),
        (IPv4Address("TCP", "10.0.0.1", 1), False),
        (IPv6Address("TCP", "fe80::1%eth0", 1), False),
        (UNIXAddress("/run/agi"), False),
        (None, False),
    ],
)
def test_who_may_connect(addr: object, welcome: bool, logged: list[LogEvent]) -> None:
    factory = factory_of(lambda agi: None)
    assert (factory.buildProtocol(addr) is not None) is welcome  # type: ignore[arg-type]
    assert factory.counters.refused_address == (0 if welcome else 1)
    assert len(warnings(logged)) == (0 if welcome else 1)


def test_the_administrator_says_who_may_connect() -> None:
    factory = factory_of(lambda agi: None, allowed=["10.1.0.0/16", "192.0.2.7"])
    allowed = [
        host
        for host in ("10.1.2.3", "10.2.0.1", "192.0.2.7", "192.0.2.8", "127.0.0.1")
        if factory.buildProtocol(IPv4Address("TCP", host, 1))
    ]
    assert allowed == ["10.1.2.3", "192.0.2.7"]
    with pytest.raises(ValueError, match="pbx"):
        factory_of(lambda agi: None, allowed=["pbx"])


def test_sessions_are_bounded_and_a_freed_place_is_taken_again(logged: list[LogEvent]) -> None:
    factory = factory_of(lambda agi: Deferred(), limits=Limits(sessions=2))
    first, _ = Call(factory), Call(factory)
    assert factory.sessions == 2
    assert factory.buildProtocol(LOCAL) is None
    assert factory.counters.refused_full == 1
    assert len(warnings(logged)) == 1
    first.hang_up_connection()
    assert factory.sessions == 1
    assert factory.buildProtocol(LOCAL) is not None


def test_draining_waits_for_open_sessions_and_takes_no_new_ones() -> None:
    clock = Clock()
    work: Deferred[None] = Deferred()
    factory = FastAGIFactory({"login": lambda agi: work}, clock)
    call = Call(factory)
    drained = factory.drain(10)
    assert factory.buildProtocol(LOCAL) is None
    assert not drained.called
    work.callback(None)
    call.hang_up_connection()
    assert drained.called
    assert clock.getDelayedCalls() == []


def test_draining_closes_what_does_not_end_in_time() -> None:
    clock = Clock()
    factory = FastAGIFactory({"login": lambda agi: Deferred()}, clock, limits=Limits(idle=100))
    call = Call(factory)
    drained = factory.drain(10)
    clock.advance(10)
    assert call.transport.disconnecting
    call.hang_up_connection()
    assert drained.called


def test_draining_an_idle_server_is_done_at_once() -> None:
    assert factory_of(lambda agi: None).drain(10).called
