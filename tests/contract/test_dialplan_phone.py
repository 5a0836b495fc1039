"""Agents on real phones: they call to log in, press keys in their conference, and call again; customers call in."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest_twisted
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.threads import deferToThread

from agentd.core import commands as c
from agentd.core.model import CallState, SessionKind
from agentd.core.records import UserSet
from agentd.engine.auth import Authenticator
from agentd.engine.operations import Operations
from agentd.engine.pins import Pins, pin_hashes
from agentd.fastagi import FastAGIFactory
from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import Rig
from agentd.sandbox.tones import outside_hertz, phone_hertz
from agi.entries import routes
from tests.contract.switch_stages import Real
from tests.faces.people import PASSWORD, user
from tests.faces.scripted import DictStore
from tests.rig.listen import listen

LOGIN = "8600"
BEEP = 'STREAM FILE "beep" "" "0"'
CUSTOMER, SALESLINE = "7275559876", "7275550100"

async_test = pytest_twisted.ensureDeferred


class Phones(Real):
    """A real Asterisk whose dialplan is answered, and the agents' phones."""

    def __init__(self, rig: Rig, reactor: Any) -> None:
        super().__init__(rig, reactor)
        state = self.world.state
        pins = Pins(state, Authenticator(pin_hashes(state), self.clock, partial(deferToThread)))
        operations = Operations(self.engine, DictStore(state))
        self.factory = FastAGIFactory(routes(operations, pins, "agentd-conf"), reactor)

    async def open(self) -> None:
        await super().open()
        endpoint = TCP4ServerEndpoint(self._reactor, self._rig.ports.fastagi, interface=PBX_HOST)
        self._listening = await endpoint.listen(self.factory)

    async def close(self) -> None:
        await self._listening.stopListening()
        await self.factory.drain(5)
        await super().close()

    def calls(self, phone: str = "502", typed: str = "") -> None:
        """A phone calls to log in, and types this when it is answered."""
        self._rig.dial_in(phone, LOGIN, phone_hertz(phone), typed)

    async def sits(self, agent: str = "1000") -> str:
        """Wait until the agent's phone is in his conference; its leg."""
        sessions = self.world.state.sessions
        await self.until(lambda: agent in sessions and sessions[agent].attached)
        leg = sessions[agent].leg
        members = await self.observer.members(sessions[agent].conference)
        assert leg in {member["Uniqueid"] for member in members}
        return leg


@pytest_twisted.async_yield_fixture
async def phones(rig: Rig, reactor: Any):
    phones = Phones(rig, reactor)
    await phones.open()
    yield phones
    try:
        await phones.empty()
    finally:
        await phones.close()


@async_test
async def test_number_pin_and_a_key_and_he_is_ready_in_his_conference(phones: Phones) -> None:
    phones.calls(typed=f"1000#ww{PASSWORD}#www1")
    leg = await phones.sits()
    await phones.until(lambda: phones.session().state == "READY")
    session = phones.session()
    assert (session.kind, session.phone) == (SessionKind.DIALLED_IN, "502")
    assert await phones.observer.variable(leg, "AGENTD_ROLE") == "agent"
    assert await phones.observer.variable(leg, "AGENTD_SESSION") == str(session.id)


@async_test
async def test_his_own_phone_is_recognised_and_keys_in_the_conference_do_what_they_say(
    phones: Phones, rig: Rig
) -> None:
    phones.engine.feed(c.ReferenceChanged((UserSet("1000", user("1000", phone="502")),)))
    phones.calls(typed="2")
    leg = await phones.sits()
    session = phones.session()
    assert (session.state, session.code) == ("PAUSED", "LOGIN")
    for keys, state in (("*2", "READY"), ("*1", "PAUSED")):
        phones.observer.forget()
        assert await rig.press("502", keys) == 1
        await phones.observer.event("AGIExecEnd", Command=BEEP)
        assert session.state == state
    assert session.leg == leg
    assert await rig.press("502", "*3") == 1
    await phones.until(lambda: not phones.world.state.sessions)
    since = phones.clock.now()
    await phones.observer.event("Hangup", within=3.0, Uniqueid=leg)
    assert phones.clock.now() - since < 2.0, "whoever logs off is not kept waiting"


@async_test
async def test_three_wrong_pins_and_he_is_let_go(phones: Phones) -> None:
    phones.calls(typed="1000#ww0000#ww1000#ww1111#ww1000#ww2222#")
    await phones.observer.event("Hangup", within=30.0, Context="agentd-phone")
    assert not phones.world.state.sessions
    assert not phones.world.state.logins
    assert phones.factory.counters.failed_handlers == 0


@async_test
async def test_a_customer_who_calls_in_talks_with_him_and_waits_for_his_phone(phones: Phones, rig: Rig) -> None:
    takes = replace(user("1000", phone="502"), ingroups=("SALESLINE",))
    phones.engine.feed(c.ReferenceChanged((UserSet("1000", takes),)))
    phones.calls(typed="1")
    await phones.sits()
    rig.call_in(SALESLINE, CUSTOMER)
    await phones.until(lambda: phones.session().state == "INCALL")
    call = phones.call()
    assert (call.state, call.number, call.did) == (CallState.CONNECTED, CUSTOMER, SALESLINE)
    assert await phones.observer.variable(call.leg, "AGENTD_CALL") == call.key
    tones = (phone_hertz("502"), outside_hertz(CUSTOMER))
    heard = await listen(phones.observer, call.leg, rig.recordings, tones, seconds=1.0)
    assert (heard.hears, heard.says) == ({phone_hertz("502")}, {outside_hertz(CUSTOMER)})
    old = phones.session().leg
    assert await rig.hang_up("502")
    await phones.until(lambda: not phones.session().attached)
    phones.calls()
    assert await phones.sits() != old
    assert phones.session().state == "INCALL"
    assert await phones.observer.together(phones.session().leg, call.leg)


@async_test
async def test_a_caller_whom_no_in_group_takes_is_turned_away(phones: Phones, rig: Rig) -> None:
    rig.call_in("7275550199", CUSTOMER, Ingroup="FAKE_IN")
    await phones.observer.event("Hangup", within=15.0, CallerIDNum=CUSTOMER)
    assert not phones.world.state.calls
    assert phones.factory.counters.failed_handlers == 0
