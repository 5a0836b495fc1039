"""etc/asterisk as shipped, on a real Asterisk: where legs can be, what they hear there, what the AMI user may do."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import protocol
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.protocols.basic import LineOnlyReceiver

from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import DIDS, Rig
from agentd.sandbox.tones import MUSIC_HERTZ, outside_hertz, phone_hertz, write_tone
from tests.rig.listen import listen
from tests.rig.observer import Observer
from tests.rig.test_parties import ROOM, join

AGENT, CUSTOMER, THIRD = phone_hertz("501"), outside_hertz("7275551212"), outside_hertz("7275551230")
ALL = (AGENT, CUSTOMER, THIRD, MUSIC_HERTZ)


async def redirect(observer: Observer, channel: str, context: str, extension: str) -> None:
    await observer.action("Redirect", Channel=channel, Context=context, Exten=extension, Priority=1)


@pytest_twisted.ensureDeferred
async def test_a_customer_alone_hears_music_and_an_agent_alone_silence(rig: Rig, observer: Observer) -> None:
    await join(observer, "agent", "PJSIP/501", "agent")
    assert (await listen(observer, "agent", rig.recordings, ALL)).hears == set()
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    await observer.action("Hangup", Channel="agent")
    await observer.event("Hangup", Uniqueid="agent")
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {MUSIC_HERTZ}


@pytest_twisted.ensureDeferred
async def test_a_monitor_in_the_conference_is_heard_by_all_and_alone_hears_nothing(
    rig: Rig, observer: Observer
) -> None:
    await join(observer, "monitor", "PJSIP/502", "monitor")
    tones = (*ALL, phone_hertz("502"))
    assert (await listen(observer, "monitor", rig.recordings, tones)).hears == set()
    await join(observer, "agent", "PJSIP/501", "agent")
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    assert (await listen(observer, "monitor", rig.recordings, tones)).hears == {AGENT, CUSTOMER}
    assert (await listen(observer, "customer", rig.recordings, tones)).hears == {AGENT, phone_hertz("502")}


@pytest_twisted.ensureDeferred
async def test_a_listener_is_not_heard_and_goes_with_the_agents_phone(rig: Rig, observer: Observer) -> None:
    await join(observer, "agent", "PJSIP/501", "agent")
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    spying = {"AGENTD_ROLE": "monitor", "AGENTD_SPY": "agent", "AGENTD_SPY_OPTIONS": "quES"}
    await observer.originate("spy", "PJSIP/502", Context="agentd-spy", Exten="s", Priority=1, variables=spying)
    told = await observer.event("UserEvent", UserEvent="AgentdPlace", Uniqueid="spy")
    assert told["Place"] == "listen"
    await observer.event("ChanSpyStart", SpyerUniqueid="spy")
    tones = (*ALL, phone_hertz("502"))
    assert (await listen(observer, "spy", rig.recordings, tones)).hears == {AGENT, CUSTOMER}
    assert (await listen(observer, "customer", rig.recordings, tones)).hears == {AGENT}
    await observer.action("Hangup", Channel="agent")
    await observer.event("Hangup", Uniqueid="spy")


@pytest_twisted.ensureDeferred
async def test_of_two_who_were_left_behind_who_leaves_ends_the_other(rig: Rig, observer: Observer) -> None:
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    await join(observer, "third", "PJSIP/7275551230@carrier", "third")
    for leg, other in (("customer", "third"), ("third", "customer")):
        name = await observer.variable(other, "CHANNEL(name)")
        await observer.action("Setvar", Channel=leg, Variable="AGENTD_PEER", Value=name)
    there = {"Context": "agentd-left", "Exten": "8600951", "Priority": 1}
    await observer.action(
        "Redirect", Channel="customer", ExtraChannel="third", **there, **{f"Extra{k}": v for k, v in there.items()}
    )
    for leg in ("customer", "third"):
        await observer.event("ConfbridgeJoin", Uniqueid=leg, Conference="8600951")
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {THIRD}
    assert await rig.hang_up("7275551212") == 1
    await observer.event("Hangup", Uniqueid="third")


@pytest_twisted.ensureDeferred
async def test_a_message_is_played_and_the_leg_ended(rig: Rig, observer: Observer) -> None:
    write_tone(rig.folder / "prompt.wav", 1950, 1.5)
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    await observer.action("Setvar", Channel="customer", Variable="AGENTD_PROMPT", Value=str(rig.folder / "prompt"))
    await redirect(observer, "customer", "agentd-message", "s")
    assert (await observer.event("UserEvent", Uniqueid="customer"))["Place"] == "outside"
    assert (await listen(observer, "customer", rig.recordings, (*ALL, 1950))).hears == {1950}
    await observer.event("Hangup", Uniqueid="customer")


@pytest_twisted.ensureDeferred
async def test_the_wait_plays_music_and_the_conference_is_a_redirect_away(rig: Rig, observer: Observer) -> None:
    await join(observer, "agent", "PJSIP/501", "agent")
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    await redirect(observer, "customer", "agentd-wait", "s")
    await observer.event("MusicOnHoldStart", Uniqueid="customer")
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {MUSIC_HERTZ}
    assert await observer.apart("agent", "customer")
    observer.forget()
    await redirect(observer, "customer", "agentd-conf", ROOM)
    await observer.event("ConfbridgeJoin", Uniqueid="customer", Conference=ROOM)
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {AGENT}


@pytest_twisted.ensureDeferred
async def test_a_prompt_is_played_and_the_customer_comes_back_by_himself(rig: Rig, observer: Observer) -> None:
    write_tone(rig.folder / "prompt.wav", 1950, 1.5)
    await join(observer, "agent", "PJSIP/501", "agent")
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    await observer.action("Setvar", Channel="customer", Variable="AGENTD_PROMPT", Value=str(rig.folder / "prompt"))
    observer.forget()
    await redirect(observer, "customer", "agentd-ivr", ROOM)
    await observer.event("ConfbridgeLeave", Uniqueid="customer")
    assert (await listen(observer, "customer", rig.recordings, (*ALL, 1950))).hears == {1950}
    await observer.event("ConfbridgeJoin", Uniqueid="customer", Conference=ROOM)
    assert await observer.together("agent", "customer")


@pytest_twisted.ensureDeferred
async def test_a_blind_transfer_joins_two_outside_parties_and_ends_with_either(rig: Rig, observer: Observer) -> None:
    await join(observer, "customer", "PJSIP/7275551212@carrier", "customer")
    for name, value in {
        "AGENTD_DIAL": "PJSIP/7275551230@carrier",
        "AGENTD_CALLERID": "7275551211",
        "AGENTD_DIAL_TIMEOUT": "20",
    }.items():
        await observer.action("Setvar", Channel="customer", Variable=name, Value=value)
    await redirect(observer, "customer", "agentd-dial", "7275551230")
    end = await observer.event("DialEnd", Uniqueid="customer", DialStatus="ANSWER")
    third = end["DestUniqueid"]
    entered = await observer.event("BridgeEnter", Uniqueid=third)
    await observer.event("BridgeEnter", Uniqueid="customer", BridgeUniqueid=entered["BridgeUniqueid"])
    assert await observer.together("customer", third)
    assert end["DestConnectedLineNum"] == "7275551211"
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {THIRD}
    assert await rig.hang_up("7275551230") == 1
    await observer.event("Hangup", Uniqueid="customer")


@pytest_twisted.ensureDeferred
async def test_a_caller_who_finds_no_daemon_waits_with_music_and_his_ingroup(rig: Rig, observer: Observer) -> None:
    did = next(number for number, ingroup in DIDS.items() if ingroup == "SALESLINE")
    rig.call_in(did, "7275559930")
    arrived = await observer.event("Newchannel", Exten=did)
    assert arrived["CallerIDNum"] == "7275559930"
    assert arrived["Channel"].startswith("PJSIP/carrier-")
    caller = arrived["Uniqueid"]
    await observer.event("MusicOnHoldStart", Uniqueid=caller)
    assert (await observer.channel(caller))["Context"] == "agentd-wait"
    assert await observer.variable(caller, "AGENTD_INGROUP") == "SALESLINE"
    heard = await listen(observer, caller, rig.recordings, (MUSIC_HERTZ, outside_hertz("30")))
    assert heard.hears == {MUSIC_HERTZ}
    assert heard.says == {1300}
    assert await rig.hang_up("7275559930") == 1
    await observer.event("HangupRequest", Uniqueid=caller)


@pytest_twisted.ensureDeferred
async def test_a_phone_that_dials_in_and_finds_no_daemon_is_told_so(rig: Rig, observer: Observer) -> None:
    rig.dial_in("504", "8600", phone_hertz("504"))
    arrived = await observer.event("Newchannel", Exten="8600")
    assert arrived["Channel"].startswith("PJSIP/504-")
    hangup = await observer.event("Hangup", within=15, Uniqueid=arrived["Uniqueid"])
    assert hangup["Context"] == "agentd-phone"
    assert hangup["Cause"] == "34"
    assert not observer.seen("Newstate", Uniqueid=arrived["Uniqueid"], ChannelStateDesc="Up")


class Daemon(LineOnlyReceiver):
    """As little FastAGI as sends a call on to a place: it answers, moves and closes."""

    delimiter = b"\n"

    def __init__(self, moves: list[str], asked: Deferred[dict[str, str]]) -> None:
        self.moves = moves
        self.asked = asked
        self.environment: dict[str, str] = {}

    def lineReceived(self, line: bytes) -> None:
        text = line.decode()
        if text.startswith("agi_"):
            key, _, value = text.partition(": ")
            self.environment[key] = value
        elif self.moves:
            self.sendLine(self.moves.pop(0).encode())
        else:
            self.transport.loseConnection()
            self.asked.callback(self.environment)


@pytest.mark.parametrize(("number", "route"), [("8600", "login"), ("7275550101", "ingroup")])
@pytest_twisted.ensureDeferred
async def test_the_daemon_is_asked_and_sends_the_call_on(
    rig: Rig, observer: Observer, number: str, route: str, reactor: Any
) -> None:
    asked: Deferred[dict[str, str]] = Deferred()
    moves = [
        "ANSWER",
        "SET VARIABLE AGENTD_ROLE agent",
        "SET CONTEXT agentd-conf",
        f"SET EXTENSION {ROOM}",
        "SET PRIORITY 1",
    ]
    factory = protocol.Factory.forProtocol(lambda: Daemon(moves, asked))
    listening = await TCP4ServerEndpoint(reactor, rig.ports.fastagi, interface=PBX_HOST).listen(factory)
    try:
        if route == "login":
            rig.dial_in("506", number, phone_hertz("506"))
        else:
            rig.call_in(number, "7275559931")
        environment = await asked
    finally:
        await listening.stopListening()
    assert environment["agi_network_script"] == route
    joined = await observer.event("ConfbridgeJoin", Uniqueid=environment["agi_uniqueid"])
    assert joined["Conference"] == ROOM


CLIENT = """
import socket, sys

link = socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def send(*lines):
    link.sendall("\\r\\n".join([*lines, "", ""]).encode())


def join(channel, role, name):
    send("Action: Originate", f"Channel: {channel}", f"ChannelId: {name}", "Async: true", "Context: agentd-conf",
         "Exten: 8600051", "Priority: 1", f"Variable: AGENTD_ROLE={role}")


send("Action: Login", f"Username: {sys.argv[2]}", f"Secret: {sys.argv[3]}")
join("PJSIP/501", "agent", "k-agent")
join("PJSIP/7275551212@carrier", "customer", "k-customer")
while link.recv(65536):
    pass
"""


class Child(protocol.ProcessProtocol):
    def __init__(self) -> None:
        self.ended: Deferred[None] = Deferred()

    def processEnded(self, reason: object) -> None:
        self.ended.callback(None)


@pytest_twisted.ensureDeferred
async def test_calls_outlive_a_daemon_that_is_killed(rig: Rig, observer: Observer, reactor: Any) -> None:
    """``kill -9`` of the AMI client that made them: nobody leaves the bridge."""
    child = Child()
    arguments = [sys.executable, "-c", CLIENT, str(rig.ports.pbx_ami), "agentd", rig.secrets["agentd"]]
    process = reactor.spawnProcess(child, sys.executable, arguments, env=dict(os.environ))
    await observer.event("ConfbridgeJoin", Uniqueid="k-agent")
    await observer.event("ConfbridgeJoin", Uniqueid="k-customer")
    assert "agentd" in await rig.pbx.cli("manager show connected")
    os.kill(process.pid, signal.SIGKILL)
    await child.ended
    heard = await listen(observer, "k-customer", rig.recordings, ALL)
    assert "agentd" not in await rig.pbx.cli("manager show connected")
    assert heard.hears == {AGENT}
    assert not observer.seen("ConfbridgeLeave")
    assert await observer.together("k-agent", "k-customer")


@pytest_twisted.ensureDeferred
async def test_the_daemons_ami_user_may_do_what_it_needs_and_no_more(
    rig: Rig, observer: Observer, reactor: Any
) -> None:
    agentd = await Observer.connect(reactor, PBX_HOST, rig.ports.pbx_ami, "agentd", rig.secrets["agentd"])
    try:
        await join(agentd, "agent", "PJSIP/501", "agent")
        joined = await agentd.event("ConfbridgeJoin", Uniqueid="agent")
        assert "AGENTD_ROLE=agent" in joined["ChanVariable"]
        assert len(await agentd.members(ROOM)) == 1
        assert "AGENTD_ROLE=agent" in (await agentd.channel("agent"))["ChanVariable"]
        await agentd.action("PlayDTMF", Channel="agent", Digit="5")
        await agentd.action("UserEvent", UserEvent="mine")
        await agentd.action("Filter", Operation="Add", Filter="Event: Hangup")
        assert await agentd.variable("agent", "DIALPLAN_EXISTS(agentd-extensions,8500,1)") == "1"
        await listen(observer, "agent", rig.recordings, ALL)
        for forbidden, headers in {
            "Command": {"Command": "core show channels"},
            "UpdateConfig": {"SrcFilename": "manager.conf", "DstFilename": "manager.conf"},
            "AGI": {"Channel": "agent", "Command": "HANGUP"},
        }.items():
            with pytest.raises(AssertionError, match="Permission denied"):
                await agentd.action(forbidden, **headers)
    finally:
        await agentd.close()


@pytest_twisted.ensureDeferred
async def test_nobody_gets_in_with_the_shipped_file_alone(rig: Rig, observer: Observer, reactor: Any) -> None:
    with pytest.raises(AssertionError, match="Authentication failed"):
        await Observer.connect(reactor, PBX_HOST, rig.ports.pbx_ami, "agentd", "")
