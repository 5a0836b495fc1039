"""Keeping hoppers filled: when the database is asked, for what, and what is done with the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock as Timers

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import Effect, HangUpLeg, Ring, RingToWait
from agentd.core.errors import DatabaseAway
from agentd.core.model import CallbackWish, Campaign, DialRequest, Lead
from agentd.core.world import World
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from agentd.engine.hopper import LOOK, REFRESH, RETRY, SCARCE, Hoppers
from agentd.engine.ports import HopperQuery
from tests.core.desk import NUMBER, SETTINGS, START, reference
from tests.core.dialler.floor import DIALS, FIRST, lead
from tests.faces.scripted_store import MemoryJournal


class SlowStore:
    """A database whose answers come when the test says so."""

    def __init__(self) -> None:
        self.asked: list[HopperQuery] = []
        self.waiting: list[Deferred[list[Lead]]] = []

    def next_leads(self, query: HopperQuery) -> Deferred[list[Lead]]:
        self.asked.append(query)
        self.waiting.append(Deferred())
        return self.waiting[-1]


class SilentSwitch:
    """An Asterisk that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Effect] = []

    def perform(self, effect: Effect) -> None:
        self.asked.append(effect)

    def of(self, kind: type[Effect]) -> list[Any]:
        """What was asked of one kind, once."""
        found = [effect for effect in self.asked if isinstance(effect, kind)]
        self.asked = [effect for effect in self.asked if not isinstance(effect, kind)]
        return found


class House:
    """An engine with a campaign whose hopper holds ten leads."""

    def __init__(self, **campaign: Any) -> None:
        self.timers = Timers()
        self.timers.advance(START)
        self.store, self.switch = SlowStore(), SilentSwitch()
        self.engine = Engine(
            World(SETTINGS, "t0"),
            MemoryJournal(),
            self.switch,
            Clock(self.timers),
            lambda error: pytest.fail(str(error)),
        )
        self.hoppers = Hoppers(self.engine, self.store)  # type: ignore[arg-type]
        self.engine.feed(c.ReferenceChanged(tuple(reference(replace(DIALS, hopper=10, **campaign)))))
        self.engine.feed(c.LinkUp())
        self.hoppers.start()

    def asked(self) -> int:
        """How often the database was asked so far."""
        return len(self.store.asked)

    def answer(self, *numbers: int) -> None:
        """The database answers with these leads."""
        self.store.waiting.pop(0).callback([lead(number) for number in numbers])

    def held(self) -> list[int]:
        return [each.id - FIRST for each in self.engine.world.hopper.get("TESTCAMP", ())]

    def change(self, **changes: Any) -> None:
        """The administrator changes the campaign."""
        known: Campaign = self.engine.world.state.campaigns["TESTCAMP"]
        self.engine.feed(c.ReferenceChanged((r.CampaignSet("TESTCAMP", replace(known, **changes)),)))

    def ready(self, agent: str, phone: str) -> None:
        """A blended agent logs in and is ready."""
        user = self.engine.world.state.users[agent]
        self.engine.feed(c.ReferenceChanged((r.UserSet(agent, replace(user, blended=True)),)))
        self.engine.submit(c.LogIn(agent, phone))
        (ring,) = [effect for effect in self.switch.asked if isinstance(effect, Ring)]
        self.switch.asked.clear()
        for news in (c.LegPlaced(ring.leg), c.LegAnswered(ring.leg), c.LegJoined(ring.leg, ring.room)):
            self.engine.feed(news)
        self.engine.submit(c.Resume(agent))

    def end(self) -> None:
        """Stop it; no timer may be left."""
        self.hoppers.stop()
        self.engine.stop()
        assert not self.timers.getDelayedCalls()


TEN = range(10)


def test_the_database_is_asked_for_what_the_campaign_wants_and_the_hopper_has_it() -> None:
    house = House(dial_statuses=("NEW", "B"), redial_after=600, call_hours="09:00-21:00", timezone="Europe/Berlin")
    assert house.store.asked == [
        HopperQuery(
            campaign="TESTCAMP",
            statuses=("NEW", "B"),
            called_before=START - 600,
            now=START,
            call_hours="09:00-21:00",
            timezone="Europe/Berlin",
            without=frozenset(),
            limit=10,
        )
    ]
    house.answer(*TEN)
    assert house.held() == list(TEN)
    house.end()


def test_there_is_one_request_at_a_time() -> None:
    house = House()
    house.timers.advance(LOOK)
    house.timers.advance(LOOK)
    assert house.asked() == 1
    house.end()


def test_a_full_hopper_is_read_anew_now_and_then() -> None:
    house = House()
    house.answer(*TEN)
    house.timers.pump([LOOK] * int(REFRESH / LOOK - 1))
    assert house.asked() == 1
    house.timers.advance(LOOK)
    assert house.asked() == 2
    house.answer(*range(5, 15))
    assert house.held() == list(range(5, 15))
    house.end()


def test_a_hopper_that_is_less_than_half_full_is_filled_at_once() -> None:
    house = House(auto_dial_level=5.0)
    house.answer(*TEN)
    house.ready("1000", "502")
    assert house.held() == list(range(5, 10))
    assert house.asked() == 1
    house.ready("1001", "503")
    assert house.held() == []
    assert house.asked() == 2
    assert house.store.asked[-1].without == {FIRST + number for number in TEN}
    house.end()


def test_where_there_were_not_enough_it_is_asked_again_after_a_while() -> None:
    house = House()
    house.answer(0, 1)
    assert house.held() == [0, 1]
    house.timers.pump([LOOK] * int(SCARCE / LOOK - 1))
    assert house.asked() == 1
    house.timers.advance(LOOK)
    assert house.asked() == 2
    house.answer()
    assert house.held() == []
    house.end()


def test_while_the_database_is_away_what_is_held_is_dialled_and_it_is_asked_again() -> None:
    house = House()
    house.answer(*TEN)
    house.timers.pump([LOOK] * int(REFRESH / LOOK))
    house.store.waiting.pop(0).errback(DatabaseAway("the database does not answer"))
    assert house.held() == list(TEN)
    assert house.asked() == 2
    house.timers.advance(RETRY)
    assert house.asked() == 3
    house.end()


def test_a_lead_who_was_spoken_to_while_the_database_answered_is_left_out() -> None:
    house = House(auto_dial_level=2.0)
    house.answer(*TEN)
    house.timers.pump([LOOK] * int(REFRESH / LOOK))  # it is being read anew
    house.ready("1000", "502")
    first, _second = house.switch.of(RingToWait)
    house.engine.feed(c.LegPlaced(first.leg))
    house.engine.feed(c.LegGone(first.leg, 17, far_end=True))  # busy: his status is another one
    house.answer(*TEN)
    assert house.held() == list(range(3, 10))
    house.end()


def test_a_lead_who_was_changed_while_the_database_answered_is_left_out() -> None:
    house = House()
    house.engine.feed(c.UpdateLead({"city": "Miami"}, "crm", lead_id=FIRST))
    house.engine.feed(c.DeleteLead(FIRST + 1, "crm"))
    house.engine.feed(c.SetCallback(FIRST + 2, "TESTCAMP", CallbackWish(START + 60), by="crm"))
    house.engine.submit(c.LogIn("1000", "502"))
    (phone,) = house.switch.of(Ring)
    for news in (c.LegPlaced(phone.leg), c.LegAnswered(phone.leg), c.LegJoined(phone.leg, phone.room)):
        house.engine.feed(news)
    house.engine.submit(c.Dial("1000", DialRequest(NUMBER, "1", lead=lead(3), preview=True)))
    house.answer(*TEN)
    assert house.held() == list(range(4, 10))
    house.end()


@pytest.mark.parametrize(("campaign", "again"), [("", True), ("TESTCAMP", True), ("CLOSED", False)])
def test_when_a_number_was_listed_while_the_database_answered_it_is_asked_again(campaign: str, again: bool) -> None:
    house = House()
    house.engine.feed(c.ChangeDnc("7275552001", campaign, True, "crm"))
    house.answer(*TEN)
    assert house.asked() == (2 if again else 1)
    assert house.held() == ([] if again else list(TEN))
    house.end()


def test_a_campaign_that_is_changed_is_asked_for_afresh_and_the_old_answer_counts_for_nothing() -> None:
    house = House()
    house.change(dial_statuses=("B",))
    assert house.asked() == 1
    house.answer(*TEN)
    assert house.held() == []
    assert [query.statuses for query in house.store.asked] == [("NEW",), ("B",)]
    house.answer(11, 12)
    assert house.held() == [11, 12]
    house.change(dial_statuses=("N",))
    assert house.held() == []
    assert house.store.asked[-1].statuses == ("N",)
    house.end()


def test_a_campaign_that_is_turned_off_costs_nothing_and_is_filled_when_it_is_turned_on() -> None:
    house = House(auto_dial_level=0.0)
    assert house.asked() == 0
    assert not house.timers.getDelayedCalls()
    house.change(auto_dial_level=1.0)
    house.answer(*TEN)
    assert house.held() == list(TEN)
    house.change(auto_dial_level=0.0)
    assert house.held() == []
    house.timers.advance(LOOK)
    assert not house.timers.getDelayedCalls()
    assert house.asked() == 1
    house.end()


def test_an_agent_who_waits_is_dialled_for_as_soon_as_there_are_leads() -> None:
    house = House()
    house.ready("1000", "502")
    assert not house.switch.of(RingToWait)
    house.answer(*TEN)
    assert len(house.switch.of(RingToWait)) == 1
    house.end()


def test_numbers_that_may_not_be_dialled_are_not_asked_for_again() -> None:
    house = House(dial_deny=(r"1727555200[0-8]",))
    house.answer(*TEN)
    house.ready("1000", "502")
    assert len(house.switch.of(RingToWait)) == 1
    assert house.store.asked[-1].without == {FIRST + number for number in TEN}
    house.end()


def test_when_the_daemon_is_stopped_nothing_rings_on_and_no_answer_is_taken() -> None:
    house = House()
    house.answer(*TEN)
    house.ready("1000", "502")
    (dial,) = house.switch.of(RingToWait)
    house.timers.pump([LOOK] * int(REFRESH / LOOK))
    house.switch.asked.clear()
    house.hoppers.stop()
    assert [effect.leg for effect in house.switch.of(HangUpLeg)] == [dial.leg]
    house.answer(*TEN)
    assert house.held() == []
    house.end()
