"""What a switch says of callers who wait: the scripted switch and a real Asterisk's say the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_twisted

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.model import CallState, DialMethod, Lead, Place, PlaceKind, SessionState, Treatment, TreatmentKind
from agentd.sandbox.tones import IVR_PROMPT
from tests.contract.switch_parties import ANOTHER_CALLER, BUSY, CALLER, CUSTOMER, RINGS_ON, Stage
from tests.contract.switch_stages import Played, parties, stage

__all__ = ["parties", "stage"]

async_test = pytest_twisted.ensureDeferred

MUSIC, OUTSIDE = Place(PlaceKind.WAIT), Place(PlaceKind.OUTSIDE)
LONG_PROMPT, LONG = IVR_PROMPT, 25
"""A prompt, and the seconds for which it plays."""


def ingroup(stage: Stage, **changed: object) -> None:
    """Change SALESLINE."""
    made = replace(stage.world.state.ingroups["SALESLINE"], **changed)
    stage.engine.feed(c.ReferenceChanged((r.InGroupSet(made.name, made),)))


async def on_duty(stage: Stage) -> None:
    """An agent who takes SALESLINE, paused."""
    await stage.arrive("1001")


async def gone(stage: Stage, leg: str) -> c.LegGone:
    """How the leg ended, which is told once."""
    await stage.until(lambda: leg not in stage.legs())
    await stage.settled()
    [end] = [news for news in stage.news_of(leg) if isinstance(news, c.LegGone)]
    return end


@async_test
async def test_a_caller_of_whom_nobody_told_is_taken_up_and_waits(stage: Stage) -> None:
    await on_duty(stage)
    before = stage.clock.now()
    leg = await stage.comes()
    [waiting] = stage.waiting()
    call = stage.world.state.calls[waiting.call_id]
    assert (call.state, call.direction, call.key[0]) == (CallState.WAITING, "inbound", "Y")
    assert stage.legs()[leg].place == MUSIC
    assert waiting.entered
    assert before <= waiting.since <= stage.clock.now()
    await stage.settled()
    assert leg in await stage.channels(), "his channel says whose it is"


@async_test
async def test_a_caller_who_waits_is_brought_to_the_agent_who_becomes_ready(stage: Stage) -> None:
    await on_duty(stage)
    leg = await stage.comes()
    await stage.do(c.Resume("1001"))
    await stage.goes(leg, stage.conference("1001"))
    assert stage.session("1001").state is SessionState.INCALL
    assert stage.call("1001").leg == leg
    await stage.leaves(leg)
    assert await gone(stage, leg) == c.LegGone(leg, 16, far_end=True)
    assert stage.call("1001").hung_up_by == "customer"


@async_test
async def test_a_caller_who_hangs_up_in_line_has_abandoned(stage: Stage) -> None:
    await on_duty(stage)
    leg = await stage.comes()
    await stage.leaves(leg)
    assert await gone(stage, leg) == c.LegGone(leg, 16, far_end=True)
    assert stage.waiting() == []


@async_test
async def test_an_announcement_is_heard_in_line_and_does_not_keep_anybody_from_the_agent(stage: Stage) -> None:
    ingroup(stage, welcome=LONG_PROMPT)
    await on_duty(stage)
    leg = await stage.comes()
    await stage.goes(leg, MUSIC)
    await stage.do(c.Resume("1001"))
    started = stage.clock.now()
    await stage.goes(leg, MUSIC, stage.conference("1001"))
    assert stage.clock.now() - started < LONG / 2, "in the middle of the prompt"
    await stage.settled()
    assert stage.way(leg) == [MUSIC, stage.conference("1001")]


@async_test
async def test_who_hears_an_announcement_is_found_in_the_wait(stage: Stage) -> None:
    ingroup(stage, welcome=stage.prompt)
    await on_duty(stage)
    leg = await stage.comes()
    await stage.goes(leg, MUSIC)
    await stage.cut()
    back = await stage.mend()
    [seen] = [channel for channel in back.channels if channel.leg == leg]
    assert seen.place == MUSIC
    assert len(stage.waiting()) == 1


# --- the link ------------------------------------------------------------------------------------------------


@async_test
async def test_callers_who_came_while_the_link_was_down_have_their_place_in_line(stage: Stage) -> None:
    await on_duty(stage)
    first = await stage.comes()
    await stage.cut()
    stage.calls_in("SALESLINE", ANOTHER_CALLER)
    await stage.passes(3)
    before = stage.clock.now()
    await stage.mend()
    await stage.until(lambda: stage.waiting(ANOTHER_CALLER))
    [again], [new] = stage.waiting(), stage.waiting(ANOTHER_CALLER)
    assert again.leg == first
    assert again.since < new.since < before - 0.4, "he came before the link was back (Asterisk counts whole seconds)"
    await stage.do(c.Resume("1001"))
    await stage.goes(first, stage.conference("1001"))
    await stage.settled()
    assert stage.waiting(ANOTHER_CALLER) == [new]


@async_test
async def test_a_caller_who_waits_outlives_the_link_and_is_delivered_once(stage: Stage) -> None:
    await on_duty(stage)
    leg = await stage.comes()
    await stage.cut()
    await stage.do(c.Resume("1001"))
    await stage.mend()
    await stage.goes(leg, stage.conference("1001"))
    await stage.settled()
    assert stage.way(leg) == [stage.conference("1001")]
    assert stage.waiting() == []


@async_test
async def test_a_caller_who_wants_one_agent_waits_for_him(stage: Stage) -> None:
    await on_duty(stage)
    await stage.arrive("1000")
    leg = await stage.comes("SALESLINE", CALLER, wanted="1000")
    await stage.do(c.Resume("1001"))
    await stage.settled()
    assert stage.waiting()[0].wanted == "1000"
    await stage.do(c.Resume("1000"))
    await stage.goes(leg, stage.conference("1000"))


@async_test
async def test_a_caller_for_an_in_group_that_is_not_there_is_not_kept_waiting(stage: Stage) -> None:
    stage.calls_in("NOSUCH", CALLER)
    await stage.until(lambda: stage.turned_away)
    assert stage.waiting() == []
    assert not stage.legs()
    [leg] = stage.turned_away
    if leg in await stage.channels():  # and hears why
        await stage.leaves(leg)


# --- treatments ----------------------------------------------------------------------------------------------


@async_test
@pytest.mark.parametrize(
    "treatment",
    [Treatment(TreatmentKind.MESSAGE, LONG_PROMPT), Treatment(TreatmentKind.VOICEMAIL, "100")],
    ids=["message", "voicemail"],
)
async def test_a_caller_for_whom_there_is_nobody_is_sent_on(stage: Stage, treatment: Treatment) -> None:
    ingroup(stage, no_agent=treatment)
    if isinstance(stage, Played):
        stage.scripted.message_time = LONG
    stage.calls_in("SALESLINE", CALLER)
    await stage.until(lambda: [leg for leg in stage.legs().values() if leg.place == OUTSIDE])
    [leg] = stage.legs().values()
    assert stage.way(leg.id) == [OUTSIDE]
    assert leg.left
    assert stage.waiting() == []
    await stage.leaves(leg.id)
    assert await gone(stage, leg.id) == c.LegGone(leg.id, 16, far_end=True)


# --- calls that a campaign dials -----------------------------------------------------------------------------


async def dialling(stage: Stage, number: str) -> str:
    """A campaign that dials this number for a blended agent who is ready; the customer's leg."""
    await on_duty(stage)
    at_any_hour = replace(stage.world.state.campaigns["TESTCAMP"], call_hours="")
    ratio = replace(at_any_hour, dial_method=DialMethod.RATIO, auto_dial_level=1.0)
    stage.engine.feed(c.ReferenceChanged((r.CampaignSet(ratio.name, ratio),)))
    await stage.do(c.ChangeInGroups("1001", c.Choice.CHANGE, blended=True))
    await stage.do(c.Resume("1001"))
    lead = Lead(500001, 101, "NEW", "1", number)
    stage.engine.feed(c.HopperFilled("TESTCAMP", (lead,)))
    await stage.until(lambda: [leg for leg, rung in stage.rung.items() if rung == f"1{number}"])
    return next(leg for leg, rung in stage.rung.items() if rung == f"1{number}")


@async_test
async def test_a_customer_whom_the_campaign_dials_is_in_the_wait_before_he_has_an_agent(stage: Stage) -> None:
    leg = await dialling(stage, CUSTOMER)
    await stage.goes(leg, MUSIC, stage.conference("1001"))
    await stage.settled()
    call = stage.call("1001")
    assert (call.leg, call.direction, call.key[0]) == (leg, "auto", "V")
    assert stage.session("1001").state is SessionState.INCALL
    await stage.leaves(leg)
    assert await gone(stage, leg) == c.LegGone(leg, 16, far_end=True)


@async_test
@pytest.mark.parametrize(("number", "cause"), [(BUSY, 17), (RINGS_ON, 19)])
async def test_whom_the_campaign_does_not_reach_no_agent_hears_of(stage: Stage, number: str, cause: int) -> None:
    leg = await dialling(stage, number)
    assert await gone(stage, leg) == c.LegGone(leg, cause)
    assert stage.way(leg) == []
    assert stage.session("1001").state is SessionState.READY
