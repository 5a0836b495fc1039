"""What a switch says of customers on hold and in the IVR: the scripted switch and a real Asterisk's say the same."""

from __future__ import annotations

import pytest_twisted
from twisted.internet.defer import gatherResults

from agentd.core import commands as c
from agentd.core.errors import CallGone
from agentd.core.model import CallState, Place, PlaceKind, SessionState
from tests.contract.switch_parties import ANOTHER, CUSTOMER, Stage
from tests.contract.switch_stages import parties, stage

__all__ = ["parties", "stage"]

async_test = pytest_twisted.ensureDeferred

MUSIC, IVR = Place(PlaceKind.WAIT), Place(PlaceKind.IVR)
HOLD, TO_IVR, RETRIEVE = c.HoldCall("1000"), c.HoldCall("1000", ivr=True), c.RetrieveCall("1000")


async def talking(stage: Stage) -> tuple[str, Place]:
    """An agent who talks with a customer: the customer's leg, and the agent's conference."""
    await stage.arrive()
    return await stage.talk(), stage.conference()


@async_test
async def test_a_customer_is_parked_and_grabbed(stage: Stage) -> None:
    leg, conference = await talking(stage)
    await stage.do(HOLD)
    assert stage.way(leg) == [conference, MUSIC], "the operation is done when he hears music"
    assert (stage.call().state, stage.legs()[leg].place) == (CallState.HELD, MUSIC)
    await stage.do(RETRIEVE)
    assert stage.way(leg) == [conference, MUSIC, conference]
    await stage.settled()
    assert (stage.call().state, stage.legs()[leg].place) == (CallState.CONNECTED, conference)
    assert stage.session().state is SessionState.INCALL


@async_test
async def test_a_customer_who_hangs_up_while_he_is_parked_ends_the_call(stage: Stage) -> None:
    leg, _ = await talking(stage)
    await stage.do(HOLD)
    await stage.leaves(leg)
    await stage.until(lambda: leg not in stage.legs())
    assert [news for news in stage.news_of(leg) if isinstance(news, c.LegGone)] == [c.LegGone(leg, 16, far_end=True)]
    assert (stage.call().hung_up_by, stage.session().state) == ("customer", SessionState.WRAPUP)


@async_test
async def test_a_parked_customer_is_hung_up(stage: Stage) -> None:
    leg, _ = await talking(stage)
    await stage.do(HOLD)
    await stage.hang_up()
    assert [news for news in stage.news_of(leg) if isinstance(news, c.LegGone)] == [c.LegGone(leg, 16)]
    assert (stage.call().hung_up_by, stage.session().state) == ("agent", SessionState.WRAPUP)


@async_test
async def test_the_ivr_sends_the_customer_back_by_itself(stage: Stage) -> None:
    leg, conference = await talking(stage)
    await stage.do(TO_IVR)
    assert stage.way(leg) == [conference, IVR]
    assert stage.call().state is CallState.IVR
    await stage.goes(leg, conference, IVR, conference)
    await stage.settled()
    assert (stage.call().state, stage.legs()[leg].place) == (CallState.CONNECTED, conference)


@async_test
async def test_a_customer_is_grabbed_from_the_ivr_and_does_not_come_a_second_time(stage: Stage) -> None:
    leg, conference = await talking(stage)
    await stage.do(TO_IVR)
    await stage.do(RETRIEVE)
    await stage.do(HOLD)
    started = stage.clock.now()
    await stage.done(stage.begin(TO_IVR))
    assert stage.way(leg) == [conference, IVR, conference, MUSIC, IVR]
    await stage.goes(leg, conference, IVR, conference, MUSIC, IVR, conference)
    assert stage.clock.now() - started > 1, "the second prompt was played to its end"


@async_test
async def test_a_customer_who_hangs_up_in_the_ivr_ends_the_call(stage: Stage) -> None:
    leg, _ = await talking(stage)
    await stage.do(TO_IVR)
    await stage.leaves(leg)
    await stage.until(lambda: leg not in stage.legs())
    assert (stage.call().hung_up_by, stage.session().state) == ("customer", SessionState.WRAPUP)


@async_test
async def test_two_moves_that_are_asked_for_at_once_are_done_one_after_the_other(stage: Stage) -> None:
    leg, conference = await talking(stage)
    both = gatherResults([stage.begin(HOLD), stage.begin(RETRIEVE)], consumeErrors=True)
    await stage.done(both)
    assert stage.way(leg) == [conference, MUSIC, conference]
    assert stage.call().state is CallState.CONNECTED


@async_test
async def test_a_hangup_passes_a_move(stage: Stage) -> None:
    leg, _ = await talking(stage)
    moved = stage.begin(HOLD)
    refused: list[object] = []
    moved.addErrback(lambda failure: refused.append(failure.value))
    await stage.hang_up()
    await stage.settled()
    assert [type(error) for error in refused] in ([], [CallGone])
    assert [news for news in stage.news_of(leg) if isinstance(news, c.LegGone)] == [c.LegGone(leg, 16)]
    assert not [news for news in stage.news_of(leg) if isinstance(news, c.MoveRefused)]
    assert (stage.call().hung_up_by, stage.session().state) == ("agent", SessionState.WRAPUP)


@async_test
async def test_one_customer_is_held_while_another_is_talked_to(stage: Stage) -> None:
    first, conference = await talking(stage)
    await stage.do(HOLD)
    await stage.arrive("1001")
    second = await stage.talk(ANOTHER, "1001")
    await stage.do(c.HoldCall("1001"))
    await stage.do(RETRIEVE)
    assert stage.way(first) == [conference, MUSIC, conference]
    assert stage.way(second) == [stage.conference("1001"), MUSIC]
    assert stage.call().number == CUSTOMER


@async_test
async def test_a_held_customer_stays_when_the_agents_phone_hangs_up(stage: Stage) -> None:
    leg, conference = await talking(stage)
    phone = stage.session().leg
    await stage.do(HOLD)
    await stage.leaves(phone)
    await stage.until(lambda: not stage.session().attached)
    await stage.settled()
    assert stage.way(leg) == [conference, MUSIC]
    assert await stage.channels() == {leg}
