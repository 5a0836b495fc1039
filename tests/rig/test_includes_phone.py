"""The dialplan as shipped, for what agents type on their phones: logging in, and the menu of their conference."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from twisted.internet import protocol
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint

from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import Rig
from agentd.sandbox.tones import outside_hertz, phone_hertz
from tests.rig.listen import listen
from tests.rig.observer import Observer
from tests.rig.test_includes import Daemon
from tests.rig.test_parties import ROOM, join

AGENT, CUSTOMER = phone_hertz("501"), outside_hertz("7275551212")

async_test = pytest_twisted.ensureDeferred


async def asked(rig: Rig, reactor: Any, moves: list[str]) -> tuple[Any, Deferred[dict[str, str]]]:
    """A daemon that answers one question with these moves: where it listens, and what it is asked."""
    question: Deferred[dict[str, str]] = Deferred()
    factory = protocol.Factory.forProtocol(lambda: Daemon(moves, question))
    listening = await TCP4ServerEndpoint(reactor, rig.ports.fastagi, interface=PBX_HOST).listen(factory)
    return listening, question


@async_test
@pytest.mark.parametrize(("keys", "wanted"), [("*1", "pause"), ("*2", "resume"), ("*3", "logoff")])
async def test_the_agents_phone_asks_the_daemon_and_stays_in_the_conference(
    rig: Rig, observer: Observer, reactor: Any, keys: str, wanted: str
) -> None:
    await join(observer, "agent", "PJSIP/501", "agent")
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    listening, question = await asked(rig, reactor, ["EXEC Playback beep"])
    try:
        await rig.press("501", keys)
        environment = await question.addTimeout(10, reactor)
    finally:
        await listening.stopListening()
    assert environment["agi_network_script"] == "menu"
    assert environment["agi_arg_1"] == wanted
    assert environment["agi_uniqueid"] == "agent"
    assert await observer.together("agent", "customer")
    assert not observer.seen("ConfbridgeLeave")
    heard = await listen(observer, "agent", rig.recordings, (AGENT, CUSTOMER), seconds=1.2)
    assert (heard.hears, heard.says) == ({CUSTOMER}, {AGENT})
    assert (await observer.channel("agent"))["Context"] == "agentd-conf"


@async_test
async def test_without_the_daemon_the_phone_is_told_so_and_stays(rig: Rig, observer: Observer) -> None:
    await join(observer, "agent", "PJSIP/501", "agent")
    await rig.press("501", "*1")
    played = await observer.event("Newexten", Uniqueid="agent", Context="agentd-menu", Application="ExecIf")
    assert played["AppData"].endswith("1?Playback(beeperr)")
    listed = await observer.channel("agent")
    assert f"AGENTD_PLACE={ROOM}" in listed["ChanVariable"].split("\n"), "the conference is known all the time"
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    assert await observer.together("agent", "customer", within=3)
    assert not observer.seen("ConfbridgeLeave")


@async_test
async def test_other_digits_of_the_agent_ask_nothing_and_are_not_heard(rig: Rig, observer: Observer) -> None:
    await join(observer, "agent", "PJSIP/501", "agent")
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    await rig.press("501", "5*9")
    await observer.event("DTMFEnd", Uniqueid="agent", Digit="9", Direction="Received")
    assert (await listen(observer, "agent", rig.recordings, (AGENT, CUSTOMER))).hears == {CUSTOMER}
    assert not observer.seen("Newexten", Uniqueid="agent", Context="agentd-menu")
    assert not observer.seen("DTMFBegin", Uniqueid="customer", Direction="Sent")


@async_test
@pytest.mark.parametrize("role", ["customer", "monitor"])
async def test_the_menu_is_for_agents_alone(rig: Rig, observer: Observer, role: str) -> None:
    await join(observer, "party", "PJSIP/501", role)
    await rig.press("501", "*1")
    await observer.event("DTMFEnd", Uniqueid="party", Digit="1", Direction="Received")
    await listen(observer, "party", rig.recordings, (AGENT,))
    assert not observer.seen("Newexten", Uniqueid="party", Context="agentd-menu")


@async_test
async def test_a_phone_that_calls_in_can_type(rig: Rig, observer: Observer) -> None:
    rig.dial_in("504", "8500", phone_hertz("504"), digits="10#w9*")
    phone = (await observer.event("Newchannel", Exten="8500"))["Uniqueid"]
    await observer.event("DTMFEnd", Uniqueid=phone, Digit="*")
    typed = [event["Digit"] for event in observer.seen("DTMFEnd", Uniqueid=phone, Direction="Received")]
    assert "".join(typed) == "10#9*"
