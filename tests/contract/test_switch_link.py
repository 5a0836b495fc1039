"""What a switch says when the link is lost and back: the scripted switch and a real Asterisk's say the same."""

from __future__ import annotations

import pytest
import pytest_twisted

from agentd.core import commands as c
from agentd.core.effects import HangUpChannel, HangUpLeg, ReadLeg, Ring
from agentd.core.errors import PbxLinkDown
from agentd.core.model import CallState, MonitorMode, Place, PlaceKind, Role, SessionState
from tests.contract.switch_parties import (
    MISSING,
    PLAYED,
    RING_TIME,
    RINGS_ON,
    SILENT_PHONE,
    STALE,
    STRAY_ROOM,
    THIRD,
    Stage,
)
from tests.contract.switch_stages import parties, stage

__all__ = ["parties", "stage"]

async_test = pytest_twisted.ensureDeferred
LEFT = "8600900"  # the first conference for those who are left behind

GOES = [c.LegGone, c.LegLeft]
RINGS_IN_VAIN = [c.LegPlaced, c.LegRinging, c.LegGone]


def seen_phone(stage: Stage, agent: str = "1000") -> c.ChannelSeen:
    """An agent's phone in his conference, as a list of channels shows it."""
    session = stage.session(agent)
    place = Place(PlaceKind.CONFERENCE, session.conference)
    return c.ChannelSeen(session.leg, Role.AGENT, session.id, "", place)


def seen_customer(stage: Stage, place: Place | None = None, agent: str = "1000", leg: str = "") -> c.ChannelSeen:
    """An agent's customer, in his conference or where it is said; ``leg`` is that of one who has left him."""
    session, call = stage.session(agent), stage.call(agent)
    place = place or Place(PlaceKind.CONFERENCE, session.conference)
    return c.ChannelSeen(leg or call.leg, Role.CUSTOMER, session.id, call.key, place)


async def cut_and_mend(stage: Stage) -> set[c.ChannelSeen]:
    """Lose the link and have it back. The channels that the switch then saw, whose order means nothing."""
    await stage.cut()
    stage.heard.clear()
    back = await stage.mend()
    await stage.settled()
    assert stage.heard == [back], "the list is all that is told, and nothing is done to anybody"
    assert len(set(back.channels)) == len(back.channels)
    return set(back.channels)


@async_test
async def test_who_talks_goes_on_talking(stage: Stage) -> None:
    await stage.arrive()
    await stage.arrive("1001")
    leg = await stage.talk()
    assert await cut_and_mend(stage) == {seen_phone(stage), seen_phone(stage, "1001"), seen_customer(stage)}
    assert stage.session().state is SessionState.INCALL
    await stage.hang_up()
    assert await stage.until_gone(leg, GOES) == c.LegGone(leg, 16)


@async_test
async def test_who_talks_with_an_extension_goes_on_talking(stage: Stage) -> None:
    """Its channel has another half, which carries the same variables and is nobody's leg."""
    await stage.arrive()
    leg = await stage.talk(PLAYED)
    assert await cut_and_mend(stage) == {seen_phone(stage), seen_customer(stage)}
    assert stage.session().state is SessionState.INCALL
    await stage.hang_up()
    assert await stage.until_gone(leg, GOES) == c.LegGone(leg, 16)


@async_test
async def test_what_rings_goes_on_ringing_until_its_time_is_over(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.ring()
    assert await cut_and_mend(stage) == {seen_phone(stage), seen_customer(stage, Place(PlaceKind.DIALLING))}
    assert stage.call().state is CallState.RINGING
    assert await stage.until_gone(leg, [c.LegGone]) == c.LegGone(leg, 19)
    assert (stage.session().state, stage.call().suggested_status) == (SessionState.WRAPUP, "N")


@async_test
async def test_who_left_meanwhile_is_missed(stage: Stage) -> None:
    await stage.arrive()
    await stage.arrive("1001")
    customer, phone = await stage.talk(), stage.session("1001").leg
    await stage.cut()
    stage.heard.clear()
    await stage.leaves(customer)
    await stage.leaves(phone)
    back = await stage.mend()
    await stage.settled()
    assert back.channels == (seen_phone(stage),)
    assert stage.heard == [back], "the end of a channel is not told without a link, nor afterwards"
    assert (stage.call().cause, stage.call().hung_up_by) == (27, "pbx")
    assert stage.session().state is SessionState.WRAPUP
    assert (stage.session("1001").code, stage.session("1001").attached) == ("NOPHON", False)


@async_test
async def test_what_rang_and_ended_meanwhile_is_missed_and_a_hangup_is_told_so(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.ring()
    await stage.cut()
    stage.heard.clear()
    await stage.ended_by_others(leg)
    back = await stage.mend()
    assert back.channels == (seen_phone(stage),)
    assert (stage.call().cause, stage.session().state) == (27, SessionState.WRAPUP)
    stage.switch.perform(HangUpLeg(leg))
    await stage.until(lambda: stage.heard[1:] == [c.LegGone(leg, 0)])


@async_test
async def test_who_was_sent_away_meanwhile_is_found_there(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.talk()
    await stage.cut()
    await stage.sent_away(leg)
    back = await stage.mend()
    assert set(back.channels) == {seen_phone(stage), seen_customer(stage, Place(PlaceKind.ELSEWHERE))}
    assert stage.legs()[leg].place == Place(PlaceKind.ELSEWHERE)
    assert stage.session().state is SessionState.INCALL


@async_test
@pytest.mark.parametrize(
    ("command", "place"),
    [
        (c.HoldCall("1000"), Place(PlaceKind.WAIT)),
        (c.HoldCall("1000", ivr=True), Place(PlaceKind.IVR)),
        (c.TransferBlind("1000", THIRD), Place(PlaceKind.CONFERENCE, LEFT)),
        (c.TransferBlind("1000", RINGS_ON), Place(PlaceKind.OUTSIDE)),
        (c.LeaveMessage("1000"), Place(PlaceKind.OUTSIDE)),
    ],
)
async def test_a_customer_is_found_where_he_was_sent(stage: Stage, command: c.Command, place: Place) -> None:
    await stage.arrive()
    leg = await stage.talk()
    await stage.do(command)
    await stage.until(lambda: stage.legs()[leg].place.kind is place.kind)
    await stage.settled()
    outside = place.kind is PlaceKind.OUTSIDE
    assert await cut_and_mend(stage) == {seen_phone(stage), seen_customer(stage, place, leg=leg)}
    assert stage.legs()[leg].place.kind is place.kind
    assert outside or stage.legs()[leg].place == place


@async_test
async def test_two_who_were_left_behind_are_found_together(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.talk()
    third = await stage.third()
    await stage.do(c.LeaveThreeWay("1000"))
    await stage.settled()
    left = Place(PlaceKind.CONFERENCE, stage.legs()[leg].place.room)
    of_third = c.ChannelSeen(third, Role.THIRD, stage.session().id, stage.call().key, left)
    assert await cut_and_mend(stage) == {seen_phone(stage), seen_customer(stage, left, leg=leg), of_third}
    await stage.leaves(third)
    await stage.until(lambda: leg not in stage.legs())


@async_test
async def test_a_question_is_found_in_its_line(stage: Stage) -> None:
    await stage.arrive()
    await stage.talk()
    await stage.do(c.DialThird("1000", ingroup="SALESLINE"))
    question, music = stage.call().third, Place(PlaceKind.WAIT)
    await stage.goes(question, music)
    await stage.settled()
    waits = c.ChannelSeen(question, Role.THIRD, stage.session().id, stage.call().key, music)
    assert await cut_and_mend(stage) == {seen_phone(stage), seen_customer(stage), waits}


@async_test
@pytest.mark.parametrize("mode", MonitorMode)
async def test_a_supervisor_is_found_listening_or_in_the_conference(stage: Stage, mode: MonitorMode) -> None:
    await stage.arrive()
    leg = await stage.supervise(mode)
    await stage.settled()
    place = stage.conference() if mode is MonitorMode.BARGE else Place(PlaceKind.LISTEN)
    there = c.ChannelSeen(leg, Role.MONITOR, stage.session().id, "", place)
    assert await cut_and_mend(stage) == {seen_phone(stage), there}
    assert stage.world.state.monitors[leg].mode is mode


@async_test
async def test_a_phone_that_rang_for_a_login_is_ended_when_the_link_is_back(stage: Stage) -> None:
    login = stage.begin(c.LogIn("1000", SILENT_PHONE))
    await stage.until(lambda: any(isinstance(news, c.LegRinging) for news in stage.heard))
    leg = stage.last_leg()
    await stage.cut()
    with pytest.raises(PbxLinkDown):
        await stage.done(login)
    back = await stage.mend()
    assert [(channel.leg, channel.role, channel.place) for channel in back.channels] == [
        (leg, Role.AGENT, Place(PlaceKind.DIALLING))
    ]
    assert await stage.until_gone(leg, RINGS_IN_VAIN) == c.LegGone(leg, 16), "not 19: it was not left to ring"


@async_test
async def test_without_a_link_nothing_is_asked_and_a_ring_is_refused(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.talk()
    await stage.cut()
    stage.heard.clear()
    for effect in (HangUpLeg(leg), HangUpChannel(leg, "nobody's"), ReadLeg(leg)):
        stage.switch.perform(effect)
    stage.switch.perform(Ring("agd-late-1", "PJSIP/503", STRAY_ROOM, Role.AGENT, 1, "", "", RING_TIME))
    assert await stage.done(stage.switch.extension_exists(MISSING)) is True, "the dial itself will tell"
    assert stage.heard == [c.LegRefused("agd-late-1", "refused")]
    back = await stage.mend()
    await stage.settled()
    assert stage.heard[1:] == [back], "what was asked without a link is not done later"
    assert await stage.channels() == {stage.session().leg, leg}


@async_test
async def test_a_channel_of_a_call_that_nobody_has_is_ended_without_a_word(stage: Stage) -> None:
    await stage.arrive()
    await stage.cut()
    await stage.appears("stray-1", 77, STALE)
    stage.heard.clear()
    back = await stage.mend()
    stray = c.ChannelSeen("stray-1", Role.CUSTOMER, 77, STALE, Place(PlaceKind.CONFERENCE, STRAY_ROOM))
    assert set(back.channels) == {seen_phone(stage), stray}
    await stage.vanished("stray-1")
    await stage.settled()
    assert stage.heard == [back], "it is no leg of ours, before and after"
    assert await stage.channels() == {stage.session().leg}


@async_test
async def test_a_channel_with_the_key_of_an_open_call_takes_its_place(stage: Stage) -> None:
    await stage.arrive()
    lost = await stage.talk()
    await stage.cut()
    await stage.leaves(lost)
    await stage.appears("other-1", stage.session().id, stage.call().key)
    back = await stage.mend()
    assert {channel.leg for channel in back.channels} == {stage.session().leg, "other-1"}
    assert "other-1" in stage.legs()
    await stage.hang_up()
    assert await stage.until_gone("other-1", GOES) == c.LegGone("other-1", 16)
