"""Digits, heard by the far ends of a real Asterisk; and what a connection that is played by hand sees of them."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred, gatherResults

from agentd.ami import AMIClient
from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import Rig
from agentd.switch.digits import DURATION, GAP, PAUSE, Digits
from tests.rig.observer import Message, Observer
from tests.wire.ami_kit import Office, logged, offices_closed

__all__ = ["logged", "offices_closed"]

CUSTOMERS = [f"72755513{number}" for number in range(20, 26)]
ALL_DIGITS = "0123456789ABCD*#"


# --- on a real Asterisk ------------------------------------------------------------------------------------------


class Booth:
    """A pool of four connections; an agent on phone 502, and customers; a leg is named as its number is."""

    def __init__(self, rig: Rig, pbx: Observer, world: Observer, reactor: Any) -> None:
        self.pbx, self.world = pbx, world
        self.clients = [
            AMIClient("agentd", rig.secrets["agentd"], f"tcp:{PBX_HOST}:{rig.ports.pbx_ami}", reactor=reactor)
            for _ in range(4)
        ]
        self.digits = Digits(self.clients, reactor.callLater)

    async def join(self, leg: str, channel: str, role: str, room: str) -> None:
        where = {"Context": "agentd-conf", "Exten": room, "Priority": 1}
        answer = await self.pbx.originate(leg, channel, variables={"AGENTD_ROLE": role}, **where)
        assert answer["Response"] == "Success"

    async def call(self, number: str, room: str = "8600051") -> str:
        await self.join(number, f"PJSIP/1{number}@carrier", "customer", room)
        return number

    def events(self, party: str) -> list[Message]:
        """The digits that a far end has got, with their times."""
        return self.world.seen("DTMFEnd", AccountCode=party, Direction="Received")

    def got(self, party: str) -> str:
        return "".join(event["Digit"] for event in self.events(party))

    async def hears(self, party: str, *, last: str) -> None:
        """Wait until a far end has got a certain digit."""
        await self.world.event("DTMFEnd", within=15, AccountCode=party, Digit=last)

    async def quiet(self, party: str) -> None:
        """Have a digit of the observer's own reach a far end, behind all that was sent before."""
        await self.pbx.action("PlayDTMF", Channel=party, Digit="D", Duration=60)
        await self.hears(party, last="D")


@pytest_twisted.async_yield_fixture
async def booth(rig: Rig, observer: Observer, world_observer: Observer, reactor: Any):
    for number in CUSTOMERS:
        await rig.behave(number, "answers", after=0)
    booth = Booth(rig, observer, world_observer, reactor)
    for client in booth.clients:
        client.start()
    await gatherResults([client.when_live().addTimeout(10, reactor) for client in booth.clients])
    await booth.join("502", "PJSIP/502", "agent", "8600051")
    yield booth
    await gatherResults([client.stop() for client in booth.clients])
    await observer.hang_up_all()
    for number in CUSTOMERS:
        await rig.behave(number, "usual")


@pytest_twisted.ensureDeferred
async def test_the_customer_gets_each_digit_once_and_the_agent_none(booth: Booth) -> None:
    customer = await booth.call(CUSTOMERS[0])
    booth.digits.send(customer, ALL_DIGITS)
    await booth.hears(customer, last="#")
    await booth.quiet("502")
    assert booth.got(customer) == ALL_DIGITS
    assert booth.got("502") == "D", "the agent's phone has got a digit, or more than ours"


@pytest_twisted.ensureDeferred
async def test_more_legs_than_connections_each_get_their_own(booth: Booth) -> None:
    customers = [await booth.call(number, f"860010{at}") for at, number in enumerate(CUSTOMERS)]
    wanted = {customer: f"{at}1122{at}33{at}#" for at, customer in enumerate(customers)}
    for customer, digits in wanted.items():
        booth.digits.send(customer, digits)
    await gatherResults([ensureDeferred(booth.hears(customer, last="#")) for customer in customers])
    assert {customer: booth.got(customer) for customer in customers} == wanted


@pytest_twisted.ensureDeferred
async def test_a_comma_is_a_second_and_what_comes_later_waits_behind_it(booth: Booth) -> None:
    customer = await booth.call(CUSTOMERS[0])
    booth.digits.send(customer, "1,2")
    booth.digits.send(customer, "3#")
    await booth.hears(customer, last="#")
    assert booth.got(customer) == "123#"
    one, two, three, _ = [float(event["Timestamp"]) for event in booth.events(customer)]
    assert 1.0 <= two - one < 2.0
    assert three - two < 0.9


@pytest_twisted.ensureDeferred
async def test_a_move_drops_what_is_left_and_new_digits_come_whole(booth: Booth, logged: list[dict[str, Any]]) -> None:
    customer = await booth.call(CUSTOMERS[0])
    booth.digits.send(customer, "1234567890")
    await booth.hears(customer, last="3")
    booth.digits.drop(customer)
    booth.digits.send(customer, "*55#")
    await booth.hears(customer, last="#")
    heard, _, after = booth.got(customer).partition("*")
    assert heard in {"123", "1234"}, "the one that sounded already is heard to its end"
    assert after == "55#"
    assert booth.digits.dropped == 10 - len(heard)
    dropped = [event for event in logged if "dropped" in event.get("log_format", "")]
    assert [(event["leg"], event["count"]) for event in dropped] == [(customer, booth.digits.dropped)]


@pytest_twisted.ensureDeferred
async def test_a_leg_that_is_gone_holds_nobody_up(booth: Booth) -> None:
    gone, stays = await booth.call(CUSTOMERS[0]), await booth.call(CUSTOMERS[1], "8600101")
    booth.digits.send(gone, "1" * 50)
    await booth.hears(gone, last="1")
    await booth.pbx.action("Hangup", Channel=gone)
    await booth.pbx.event("Hangup", Uniqueid=gone)
    booth.digits.send(stays, "12#")
    await booth.hears(stays, last="#")
    assert booth.got(stays) == "12#"
    assert booth.digits.dropped >= 45, "Asterisk said that there is no such channel"
    booth.digits.gone(gone)


# --- on connections that are played by hand ----------------------------------------------------------------------

TONE = DURATION / 1000


class Played:
    """A pool of connections on which the test answers, and one clock for all."""

    def __init__(self, count: int, *, live: bool = True) -> None:
        self.offices = [Office() for _ in range(count)]
        self.clock = self.offices[0].clock
        if live:
            for office in self.offices:
                office.live()
        self.digits = Digits([office.client for office in self.offices], self.clock.callLater)

    def sounding(self) -> list[tuple[str, str]]:
        """The digits that have no answer yet, as leg and digit."""
        asked = [action for office in self.offices for action in office.pbx.asked() if action["Action"] == "PlayDTMF"]
        return [(action["Channel"], action["Digit"]) for action in asked]

    def answer(self, at: int = 0, status: str = "Success", text: str = "DTMF successfully queued") -> None:
        self.offices[at].pbx.answer("PlayDTMF", f"Message: {text}", status=status)

    def play(self, count: int) -> str:
        """Let so many digits sound on the first connection, one after another; what they were."""
        heard = []
        for _ in range(count):
            heard += self.sounding()
            self.answer()
            self.clock.advance(GAP)
        return "".join(f"{leg}{digit}" for leg, digit in heard)


def test_legs_share_a_connection_by_turns() -> None:
    pool = Played(1)
    pool.digits.send("a", "1234")
    pool.digits.send("b", "12")
    pool.digits.send("c", "1")
    assert pool.play(7) == "a1b1c1a2b2a3a4"
    assert pool.sounding() == []


def test_one_leg_never_has_two_digits_at_a_time() -> None:
    pool = Played(4)
    pool.digits.send("a", "12")
    pool.digits.send("a", "3")
    assert pool.sounding() == [("a", "1")]
    pool.answer()
    pool.clock.advance(GAP - 0.01)
    assert pool.sounding() == []
    pool.clock.advance(0.01)
    assert len(pool.sounding()) == 1


def test_a_gap_follows_the_last_digit_too() -> None:
    pool = Played(1)
    pool.digits.send("a", "1")
    pool.answer()
    pool.digits.send("a", "2")
    assert pool.sounding() == []
    pool.clock.advance(GAP)
    assert pool.sounding() == [("a", "2")]


def test_a_digit_after_a_drop_waits_for_the_one_that_sounds() -> None:
    pool = Played(2)
    pool.digits.send("a", "123")
    pool.digits.drop("a")
    pool.digits.send("a", "9")
    assert pool.sounding() == [("a", "1")]
    assert pool.digits.dropped == 2
    pool.answer()
    pool.clock.advance(GAP)
    assert pool.sounding() == [("a", "9")]


def test_a_leg_that_waits_for_its_turn_is_dropped_at_once() -> None:
    pool = Played(1)
    pool.digits.send("a", "1")
    pool.digits.send("b", "1,23")
    pool.digits.gone("b")
    assert pool.digits.dropped == 3
    assert pool.play(1) == "a1"
    assert pool.sounding() == []
    pool.digits.send("b", "7")
    assert pool.sounding() == [("b", "7")]


def test_without_a_connection_they_wait_for_one() -> None:
    pool = Played(1, live=False)
    pool.digits.send("a", "12")
    pool.clock.advance(1)
    pool.offices[0].live()
    assert pool.play(2) == "a1a2"


def test_a_comma_needs_no_connection() -> None:
    pool = Played(1)
    pool.digits.send("a", ",,5")
    pool.digits.send("b", "1")
    assert pool.play(1) == "b1"
    pool.clock.advance(PAUSE - GAP)
    pool.clock.advance(PAUSE - 0.01)
    assert pool.sounding() == []
    pool.clock.advance(0.01)
    assert pool.sounding() == [("a", "5")]


@pytest.mark.parametrize("how", ["refused", "cut", "silent"])
def test_what_follows_a_digit_that_failed_is_dropped_and_no_log_has_a_digit(
    how: str, logged: list[dict[str, Any]]
) -> None:
    pool = Played(2)
    pool.digits.send("leg", "4739")
    if how == "refused":
        pool.answer(status="Error", text="Channel not found")
    elif how == "cut":
        pool.offices[0].pbx.cut()
    else:
        pool.clock.advance(6)
    pool.clock.advance(GAP)
    pool.clock.advance(GAP)
    assert pool.digits.dropped == 4
    assert not any(leg == "leg" for leg, digit in pool.sounding() if digit != "4")
    texts = [event["log_format"].format(**event) for event in logged if event["log_namespace"].endswith("Digits")]
    assert len(texts) == 2
    assert not any(character in "479" for text in texts for character in text)
    pool.digits.send("other", "12")
    assert ("other", "1") in pool.sounding(), "the pool is as large as it was"
