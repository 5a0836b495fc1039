"""Who hears whom on a real Asterisk, at the far ends: each party is known by its tone (docs/asterisk.md)."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred
from twisted.internet.endpoints import TCP4ServerEndpoint

import agi.ivr_return
from agentd.core import commands as c
from agentd.core.effects import Prompt
from agentd.core.model import MonitorMode, Place, PlaceKind
from agentd.core.records import CampaignSet
from agentd.engine.operations import Operations
from agentd.fastagi.server import FastAGIFactory
from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import Rig
from agentd.sandbox.tones import MUSIC_HERTZ, outside_hertz, phone_hertz
from tests.contract.switch_parties import AGENTS, CUSTOMER, RINGS_ON, SUPERVISOR, THIRD
from tests.contract.switch_stages import PROMPT_HERTZ, Real, parties
from tests.faces.people import campaign
from tests.faces.scripted import DictStore
from tests.rig.listen import listen
from tests.rig.observer import Observer

__all__ = ["parties"]

async_test = pytest_twisted.ensureDeferred

OWN, ANOTHERS = AGENTS["1000"], AGENTS["1001"]
AGENT, CONSULTED, BOSS = phone_hertz(OWN), phone_hertz(ANOTHERS), phone_hertz(SUPERVISOR)
CALLER, THIRD_PARTY = outside_hertz(CUSTOMER), outside_hertz(THIRD)
RINGING = {440, 480}
TONES = (AGENT, CONSULTED, BOSS, CALLER, THIRD_PARTY, MUSIC_HERTZ, PROMPT_HERTZ, *RINGING)
LISTEN, WHISPER, BARGE = MonitorMode.LISTEN, MonitorMode.WHISPER, MonitorMode.BARGE
OPEN_SOON = 0.3  # seconds; ChanSpy begins within 0.11 s, as was seen


class Hall(Real):
    """The agents on a real Asterisk, and what comes out at the far ends."""

    far_ends: Observer

    async def hears(self, number: str, seconds: float = 0.6) -> set[int]:
        """What the party with this number hears: phones and outside numbers are named in the world's accounts."""
        # The newest: one of the test before may not have heard yet that it is over.
        channels = [channel for channel in await self.far_ends.channels() if channel["AccountCode"] == number[-10:]]
        channel = max(channels, key=lambda channel: int(channel["Uniqueid"].rpartition(".")[2]))["Uniqueid"]
        # What the world's channel says is what has come to it from the PBX.
        return (await listen(self.far_ends, channel, self._rig.recordings, TONES, seconds)).says


@pytest.fixture
def hall(parties: Rig, reactor: Any):
    hall = Hall(parties, reactor)

    async def opened() -> None:
        await hall.open()
        secret = parties.secrets["world"]
        hall.far_ends = await Observer.connect(reactor, PBX_HOST, parties.ports.world_ami, "admin", secret)

    async def closed() -> None:
        try:
            await hall.empty()
        finally:
            await hall.far_ends.close()
            await hall.close()

    pytest_twisted.blockon(ensureDeferred(opened()))
    yield hall
    pytest_twisted.blockon(ensureDeferred(closed()))


async def talking(hall: Hall) -> str:
    await hall.arrive()
    return await hall.talk()


# --- customers -----------------------------------------------------------------------------------------------


@async_test
async def test_a_parked_customer_hears_music_and_the_agent_nothing(hall: Hall) -> None:
    await talking(hall)
    assert await hall.hears(CUSTOMER) == {AGENT}
    await hall.do(c.HoldCall("1000"))
    assert await hall.hears(CUSTOMER) == {MUSIC_HERTZ}
    assert await hall.hears(OWN) == set()
    await hall.do(c.RetrieveCall("1000"))
    assert await hall.hears(CUSTOMER) == {AGENT}


@async_test
async def test_a_class_of_music_that_is_not_there_is_no_silence_for_ever(hall: Hall) -> None:
    await talking(hall)
    hall.engine.feed(c.ReferenceChanged((CampaignSet("TESTCAMP", campaign(park_music="nosuch")),)))
    await hall.do(c.HoldCall("1000"))
    assert await hall.hears(CUSTOMER) == {MUSIC_HERTZ}, "Asterisk plays the default instead"


@async_test
async def test_a_customer_hears_the_prompt_and_then_the_agent(hall: Hall) -> None:
    leg = await talking(hall)
    await hall.do(c.HoldCall("1000", ivr=True))
    assert await hall.hears(CUSTOMER) == {PROMPT_HERTZ}
    await hall.until(lambda: hall.way(leg)[-1] == hall.conference())
    assert await hall.hears(CUSTOMER) == {AGENT}


@async_test
async def test_a_customer_hears_the_message_and_the_agent_does_not(hall: Hall) -> None:
    await talking(hall)
    await hall.do(c.LeaveMessage("1000"))
    assert await hall.hears(CUSTOMER) == {PROMPT_HERTZ}
    assert await hall.hears(OWN) == set()


@async_test
async def test_who_is_sent_on_hears_ringing_and_then_the_new_party(hall: Hall) -> None:
    leg = await talking(hall)
    await hall.do(c.TransferBlind("1000", THIRD))
    await hall.observer.event("DialEnd", DialStatus="ANSWER", Uniqueid=leg)
    assert await hall.hears(CUSTOMER, seconds=1.2) == {THIRD_PARTY}  # the world's tones may begin half a second late
    assert await hall.hears(THIRD) == {CALLER}
    assert await hall.hears(OWN) == set()


@async_test
async def test_who_is_sent_on_is_never_in_silence(hall: Hall) -> None:
    await talking(hall)
    await hall.do(c.TransferBlind("1000", RINGS_ON))
    assert await hall.hears(CUSTOMER) == RINGING


# --- three ---------------------------------------------------------------------------------------------------


@async_test
async def test_three_hear_each_other_and_two_of_them_when_the_agent_has_left(hall: Hall) -> None:
    await talking(hall)
    await hall.third()
    assert await hall.hears(OWN) == {CALLER, THIRD_PARTY}
    assert await hall.hears(CUSTOMER) == {AGENT, THIRD_PARTY}
    assert await hall.hears(THIRD) == {AGENT, CALLER}
    await hall.do(c.LeaveThreeWay("1000"))
    assert await hall.hears(OWN) == set()
    assert await hall.hears(CUSTOMER) == {THIRD_PARTY}
    assert await hall.hears(THIRD) == {CALLER}


@async_test
async def test_a_question_sounds_like_its_line_until_the_other_agent_is_there(hall: Hall) -> None:
    await talking(hall)
    await hall.arrive("1001")
    await hall.do(c.HoldCall("1000"))
    await hall.do(c.DialThird("1000", ingroup="SALESLINE"))
    question = hall.call().third
    await hall.goes(question, Place(PlaceKind.WAIT))
    assert await hall.hears(OWN) == {MUSIC_HERTZ}
    await hall.do(c.Resume("1001"))
    await hall.goes(question, Place(PlaceKind.WAIT), hall.conference("1001"))
    assert await hall.hears(OWN) == {CONSULTED}
    assert await hall.hears(ANOTHERS) == {AGENT}
    assert await hall.hears(CUSTOMER) == {MUSIC_HERTZ}
    await hall.do(c.RetrieveCall("1000"))
    assert await hall.hears(ANOTHERS) == {AGENT, CALLER}


# --- supervisors ---------------------------------------------------------------------------------------------


@async_test
async def test_a_listener_hears_all_and_nobody_hears_him_and_a_whisper_is_for_the_agent(hall: Hall) -> None:
    await talking(hall)
    heard: dict[MonitorMode, dict[str, set[int]]] = {}
    for mode in (LISTEN, WHISPER, BARGE, LISTEN):
        await hall.supervise(mode)
        heard[mode] = {party: await hall.hears(party, OPEN_SOON + 0.6) for party in (SUPERVISOR, OWN, CUSTOMER)}
        assert heard[mode][SUPERVISOR] == {AGENT, CALLER}
    assert (heard[LISTEN][OWN], heard[LISTEN][CUSTOMER]) == ({CALLER}, {AGENT})
    assert (heard[WHISPER][OWN], heard[WHISPER][CUSTOMER]) == ({CALLER, BOSS}, {AGENT})
    assert (heard[BARGE][OWN], heard[BARGE][CUSTOMER]) == ({CALLER, BOSS}, {AGENT, BOSS})


# --- the way back from the IVR -------------------------------------------------------------------------------


@pytest.fixture
def daemon(hall: Hall, reactor: Any):
    """The daemon answers where the dialplan asks it."""
    routes = {"ivr_return": agi.ivr_return.route(Operations(hall.engine, DictStore()))}
    factory = FastAGIFactory(routes, reactor)
    at = TCP4ServerEndpoint(reactor, hall._rig.ports.fastagi, interface=PBX_HOST)
    listening = pytest_twisted.blockon(at.listen(factory))
    yield factory

    async def close() -> None:
        await listening.stopListening()
        await factory.drain(1)

    pytest_twisted.blockon(ensureDeferred(close()))


@async_test
async def test_the_daemon_sends_a_customer_back_to_the_conference_that_has_his_call_now(
    hall: Hall, daemon: FastAGIFactory
) -> None:
    leg = await talking(hall)
    hall.switch.perform(Prompt(leg, "8600898", "", hall.prompt))
    await hall.goes(leg, hall.conference(), Place(PlaceKind.IVR), hall.conference())
    assert daemon.counters.accepted == 1
    assert await hall.hears(CUSTOMER) == {AGENT}


@async_test
async def test_the_daemon_hangs_up_a_customer_whose_call_is_over(hall: Hall, daemon: FastAGIFactory) -> None:
    await hall.arrive()
    await hall.appears("over-1", hall.session().id, "M1100000000000000001")
    hall.observer.forget()
    hall.switch.perform(Prompt("over-1", "8600899", "", hall.prompt))
    await hall.vanished("over-1")
    assert not hall.observer.seen("ConfbridgeJoin", Uniqueid="over-1")
    assert daemon.counters.accepted == 1


@async_test
async def test_a_sites_own_ivr_is_gone_through_and_a_customer_is_found_in_it(hall: Hall) -> None:
    for step in (f"1,Playback({hall.prompt})", "2,Goto(agentd-ivr-return,s,1)"):
        await hall._rig.pbx.cli(f"dialplan add extension _86XXXXX,{step} into own-ivr")
    leg = await talking(hall)
    hall.engine.feed(c.ReferenceChanged((CampaignSet("TESTCAMP", campaign(ivr_context="own-ivr")),)))
    await hall.do(c.HoldCall("1000", ivr=True))
    assert await hall.hears(CUSTOMER) == {PROMPT_HERTZ}
    await hall.cut()
    [seen] = [channel for channel in (await hall.mend()).channels if channel.leg == leg]
    assert seen.place == Place(PlaceKind.IVR)
    await hall.goes(leg, hall.conference(), Place(PlaceKind.IVR), hall.conference())


@async_test
async def test_a_context_that_is_not_there_costs_nobody_his_call(hall: Hall) -> None:
    leg = await talking(hall)
    hall.engine.feed(c.ReferenceChanged((CampaignSet("TESTCAMP", campaign(ivr_context="nowhere", ivr_prompt="")),)))
    await hall.do(c.HoldCall("1000", ivr=True))
    await hall.goes(leg, hall.conference(), Place(PlaceKind.IVR), hall.conference())
    assert await hall.hears(CUSTOMER) == {AGENT}
