"""What a switch says of transfers: the scripted switch and a real Asterisk's say the same."""

from __future__ import annotations

import pytest
import pytest_twisted

from agentd.core import commands as c
from agentd.core.model import CallState, Place, PlaceKind, SessionState
from tests.contract.switch_parties import (
    ANOTHER,
    BUSY,
    CONGESTED,
    DECLINES,
    PLAYED,
    RINGS_ON,
    THIRD,
    UNPLUGGED_PHONE,
    Stage,
)
from tests.contract.switch_stages import parties, stage

__all__ = ["parties", "stage"]

async_test = pytest_twisted.ensureDeferred

MUSIC, OUTSIDE = Place(PlaceKind.WAIT), Place(PlaceKind.OUTSIDE)
LEAVE = c.LeaveThreeWay("1000")


def end_of(stage: Stage, leg: str) -> c.LegGone:
    """How a leg's channel has ended, which is told once."""
    [end] = [news for news in stage.news_of(leg) if isinstance(news, c.LegGone)]
    return end


async def talking(stage: Stage) -> tuple[str, Place]:
    """An agent who talks with a customer: the customer's leg, and the agent's conference."""
    await stage.arrive()
    return await stage.talk(), stage.conference()


async def gone(stage: Stage, *legs: str) -> None:
    """Wait until these legs are no more."""
    await stage.until(lambda: not stage.legs().keys() & {*legs})
    await stage.settled()


# --- the customer goes on alone ------------------------------------------------------------------------------


@async_test
@pytest.mark.parametrize("number", [THIRD, PLAYED])
async def test_a_customer_goes_on_to_a_number_and_nobody_minds_him_any_more(stage: Stage, number: str) -> None:
    leg, conference = await talking(stage)
    await stage.do(c.TransferBlind("1000", number))
    assert stage.session().state is SessionState.WRAPUP
    told = {OUTSIDE, Place(PlaceKind.CONFERENCE, "8600900")}  # by two ways of Asterisk's, either of which may be faster
    await stage.until(lambda: {*stage.way(leg)[1:]} == told)
    assert stage.way(leg)[0] == conference
    assert stage.legs()[leg].left
    await stage.leaves(leg)
    await gone(stage, leg)
    assert end_of(stage, leg) == c.LegGone(leg, 16, far_end=True)


@async_test
@pytest.mark.parametrize(("number", "cause"), [(BUSY, 17), (CONGESTED, 34), (DECLINES, 21), (UNPLUGGED_PHONE, 3)])
async def test_a_customer_who_finds_nobody_there_is_hung_up(stage: Stage, number: str, cause: int) -> None:
    leg, conference = await talking(stage)
    await stage.do(c.TransferBlind("1000", number))
    await gone(stage, leg)
    assert stage.way(leg) == [conference, OUTSIDE]
    assert end_of(stage, leg) == c.LegGone(leg, cause)


@async_test
async def test_a_customer_waits_for_a_far_end_no_longer_than_the_campaign_says(stage: Stage) -> None:
    leg, _ = await talking(stage)
    await stage.do(c.TransferBlind("1000", RINGS_ON))
    started = stage.clock.now()
    await gone(stage, leg)
    assert 1.5 < stage.clock.now() - started < 5
    assert end_of(stage, leg) == c.LegGone(leg, 16)


@async_test
async def test_a_parked_customer_is_brought_back_before_he_goes_on(stage: Stage) -> None:
    leg, conference = await talking(stage)
    await stage.do(c.HoldCall("1000"))
    await stage.do(c.RetrieveCall("1000"))
    await stage.do(c.TransferBlind("1000", THIRD))
    assert stage.way(leg) == [conference, MUSIC, conference, OUTSIDE]


@async_test
async def test_a_message_is_left_and_the_customer_hung_up(stage: Stage) -> None:
    leg, conference = await talking(stage)
    await stage.do(c.LeaveMessage("1000"))
    assert stage.way(leg) == [conference, OUTSIDE]
    assert stage.session().state is SessionState.WRAPUP
    started = stage.clock.now()
    await gone(stage, leg)
    assert stage.clock.now() - started > 1, "he heard it to its end"
    assert end_of(stage, leg) == c.LegGone(leg, 16)


# --- two go on together --------------------------------------------------------------------------------------


@async_test
async def test_a_third_party_comes_and_goes(stage: Stage) -> None:
    leg, conference = await talking(stage)
    third = await stage.third()
    await stage.do(c.HangUpThird("1000"))
    await gone(stage, third)
    assert stage.way(leg) == [conference]
    assert end_of(stage, third) == c.LegGone(third, 16)
    assert stage.call().state is CallState.CONNECTED


@async_test
async def test_a_third_party_is_called_while_the_customer_is_parked(stage: Stage) -> None:
    leg, conference = await talking(stage)
    third = await stage.third(hold=True)
    assert stage.way(leg) == [conference, MUSIC]
    assert stage.way(third) == [conference]
    await stage.do(c.HangUpThird("1000", both=True))
    await gone(stage, leg, third)
    assert stage.session().state is SessionState.WRAPUP


async def left_behind(stage: Stage, *, parked: bool = False) -> tuple[str, str]:
    """A customer and a third party who talk on without the agent."""
    leg, _ = await talking(stage)
    third = await stage.third(hold=parked)
    await stage.do(LEAVE)
    await stage.settled()
    return leg, third


@async_test
@pytest.mark.parametrize("parked", [False, True])
async def test_customer_and_third_party_talk_on_without_the_agent(stage: Stage, parked: bool) -> None:
    leg, third = await left_behind(stage, parked=parked)
    [*_, there] = stage.way(leg)
    assert there == stage.way(third)[-1]
    assert there.room.startswith("86009")
    assert stage.session().state is SessionState.WRAPUP
    assert {leg, third, stage.session().leg} == await stage.channels()


@async_test
@pytest.mark.parametrize("who", ["customer", "third"])
async def test_when_one_of_them_hangs_up_the_other_is_hung_up(stage: Stage, who: str) -> None:
    leg, third = await left_behind(stage)
    leaver, other = (leg, third) if who == "customer" else (third, leg)
    await stage.leaves(leaver)
    await gone(stage, leg, third)
    assert end_of(stage, leaver) == c.LegGone(leaver, 16, far_end=True)
    assert end_of(stage, other) == c.LegGone(other, 16)


@async_test
@pytest.mark.parametrize("who", ["customer", "third"])
async def test_so_he_is_when_the_daemon_is_away(stage: Stage, who: str) -> None:
    leg, third = await left_behind(stage)
    leaver, other = (leg, third) if who == "customer" else (third, leg)
    await stage.cut()
    await stage.leaves(leaver)
    await stage.vanished(other)
    back = await stage.mend()
    assert [channel.leg for channel in back.channels] == [stage.session().leg]
    assert stage.legs().keys() == {stage.session().leg}


@async_test
async def test_an_extension_that_was_left_with_a_customer_ends_with_him_when_the_daemon_is_away(stage: Stage) -> None:
    leg, _ = await talking(stage)
    third = await stage.third(PLAYED)
    await stage.do(LEAVE)
    await stage.settled()
    await stage.cut()
    await stage.leaves(leg)
    await stage.vanished(third)
    await stage.mend()
    assert stage.legs().keys() == {stage.session().leg}


@async_test
async def test_two_customers_are_connected_and_the_agent_is_free_of_both(stage: Stage) -> None:
    first, conference = await talking(stage)
    await stage.do(c.HoldCall("1000"))
    await stage.do(c.Dial("1000", stage.request(ANOTHER), beside=True))
    second = stage.call().leg
    await stage.goes(second, conference)
    await stage.do(c.ConnectCalls("1000", *stage.session().calls))
    assert stage.way(first)[:2] == [conference, MUSIC]
    assert stage.way(second)[:1] == [conference]
    assert stage.way(first)[-1] == stage.way(second)[-1] != conference
    assert stage.session().state is SessionState.WRAPUP
    await stage.leaves(second)
    await gone(stage, first, second)
    assert end_of(stage, first) == c.LegGone(first, 16)


# --- to another agent ----------------------------------------------------------------------------------------


async def consulting(stage: Stage, *, ready: bool) -> tuple[str, str]:
    """An agent who asks another one: the customer's leg and that of the question."""
    customer, _ = await talking(stage)
    await stage.arrive("1001")
    if ready:
        await stage.do(c.Resume("1001"))
    await stage.do(c.DialThird("1000", ingroup="SALESLINE"))
    return customer, stage.call().third


@async_test
async def test_a_question_waits_with_music_until_an_agent_is_ready(stage: Stage) -> None:
    _, question = await consulting(stage, ready=False)
    await stage.goes(question, MUSIC)
    await stage.settled()
    assert question in await stage.channels()
    await stage.do(c.Resume("1001"))
    await stage.goes(question, MUSIC, stage.conference("1001"))
    await stage.settled()
    assert stage.session("1001").state is SessionState.INCALL
    await stage.do(c.HangUpThird("1000"))
    await gone(stage, question)
    assert end_of(stage, question) == c.LegGone(question, 16)
    assert stage.session("1001").state is SessionState.READY
    assert stage.call().state is CallState.CONNECTED


@async_test
async def test_a_consulted_agent_becomes_the_owner(stage: Stage) -> None:
    customer, question = await consulting(stage, ready=True)
    await stage.goes(question, MUSIC, stage.conference("1001"))
    await stage.until(lambda: stage.session("1001").state is SessionState.INCALL)
    await stage.do(LEAVE)
    await gone(stage, question)
    assert stage.way(customer) == [stage.conference(), stage.conference("1001")]
    assert stage.session().state is SessionState.WRAPUP
    assert stage.call("1001").leg == customer
    await stage.cut()
    back = await stage.mend()
    [seen] = [channel for channel in back.channels if channel.leg == customer]
    assert (seen.session_id, seen.call_key) == (stage.session("1001").id, stage.call("1001").key)


@async_test
async def test_a_customer_stands_in_line_and_is_brought_to_the_next_agent(stage: Stage) -> None:
    leg, conference = await talking(stage)
    await stage.arrive("1001")
    await stage.do(c.TransferToInGroup("1000", "SALESLINE"))
    assert stage.way(leg) == [conference, MUSIC]
    assert stage.session().state is SessionState.WRAPUP
    await stage.do(c.Resume("1001"))
    await stage.goes(leg, conference, MUSIC, stage.conference("1001"))
    await stage.settled()
    assert stage.call("1001").leg == leg
    assert stage.session("1001").state is SessionState.INCALL
