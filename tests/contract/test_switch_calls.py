"""What a switch says of logins, dials and hangups: the scripted switch and a real Asterisk's say the same.

A leg's story (Stage.story) is in the order that Asterisk guarantees, and in no other.
"""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import gatherResults

from agentd.core import commands as c
from agentd.core.effects import HangUpLeg, ReadLeg, Ring
from agentd.core.errors import (
    DialRefused,
    LoginCancelled,
    PhoneBusy,
    PhoneNoAnswer,
    PhoneUnregistered,
)
from agentd.core.model import CallState, Place, PlaceKind, Role, SessionState
from tests.contract.switch_parties import (
    ANOTHER,
    BUSY,
    BUSY_PHONE,
    COMES,
    COMES_AND_GOES,
    COMES_AND_GOES_UNHEARD,
    CONGESTED,
    CUSTOMER,
    DECLINES,
    DECLINING_PHONE,
    MISSING,
    PLAYED,
    RING_TIME,
    RINGS_ON,
    SILENT_PHONE,
    UNKNOWN,
    UNPLUGGED_PHONE,
    Stage,
)
from tests.contract.switch_stages import parties, stage

__all__ = ["parties", "stage"]

async_test = pytest_twisted.ensureDeferred

RINGS_IN_VAIN = [c.LegPlaced, c.LegRinging, c.LegGone]
IS_TURNED_DOWN = [c.LegPlaced, c.LegGone]


def in_conference(stage: Stage, agent: str = "1000") -> Place:
    return Place(PlaceKind.CONFERENCE, stage.session(agent).conference)


# --- the agent's phone ---------------------------------------------------------------------------------------


@async_test
async def test_a_phone_answers_and_an_agent_is_logged_in_until_he_logs_out(stage: Stage) -> None:
    leg = await stage.arrive()
    session = stage.session()
    assert session.leg == leg
    assert c.LegJoined(leg, session.conference) in stage.news_of(leg)
    assert (session.state, session.code, session.attached) == (SessionState.PAUSED, "LOGIN", True)
    assert stage.legs()[leg].place == in_conference(stage)
    assert await stage.channels() == {leg}
    await stage.log_out()
    assert await stage.until_gone(leg, COMES_AND_GOES) == c.LegGone(leg, 16)
    assert not stage.world.state.sessions


@async_test
@pytest.mark.parametrize(
    ("phone", "error", "story", "cause"),
    [
        (SILENT_PHONE, PhoneNoAnswer, RINGS_IN_VAIN, 19),
        (BUSY_PHONE, PhoneBusy, IS_TURNED_DOWN, 17),
        (DECLINING_PHONE, PhoneNoAnswer, IS_TURNED_DOWN, 21),
    ],
)
async def test_a_phone_does_not_come(
    stage: Stage, phone: str, error: type[Exception], story: list[type[c.Command]], cause: int
) -> None:
    with pytest.raises(error):
        await stage.log_in(phone=phone)
    leg = stage.last_leg()
    assert await stage.until_gone(leg, story) == c.LegGone(leg, cause)
    assert not stage.world.state.sessions
    assert not stage.world.state.logins


@async_test
async def test_a_phone_that_is_not_registered_gets_no_channel(stage: Stage) -> None:
    with pytest.raises(PhoneUnregistered):
        await stage.log_in(phone=UNPLUGGED_PHONE)
    await stage.settled()
    leg = stage.last_leg()
    assert stage.news_of(leg) == [c.LegRefused(leg, "not reachable", reachable=False, cause=20)]
    assert not stage.world.state.logins


@async_test
async def test_a_login_that_is_cancelled_stops_the_ringing(stage: Stage) -> None:
    login = stage.begin(c.LogIn("1000", SILENT_PHONE))
    await stage.until(lambda: any(isinstance(news, c.LegRinging) for news in stage.heard))
    await stage.log_out()
    with pytest.raises(LoginCancelled):
        await login
    leg = stage.last_leg()
    assert await stage.until_gone(leg, RINGS_IN_VAIN) == c.LegGone(leg, 16)


@async_test
async def test_a_phone_that_hangs_up_leaves_its_agent_without_one(stage: Stage) -> None:
    leg = await stage.arrive()
    await stage.leaves(leg)
    assert await stage.until_gone(leg, COMES_AND_GOES) == c.LegGone(leg, 16, far_end=True)
    session = stage.session()
    assert (session.state, session.code, session.attached) == (SessionState.PAUSED, "NOPHON", False)


@async_test
async def test_a_customer_stays_when_the_phone_hangs_up_and_is_there_when_it_is_back(stage: Stage) -> None:
    phone = await stage.arrive()
    customer = await stage.talk()
    await stage.leaves(phone)
    await stage.until_gone(phone, COMES_AND_GOES)
    assert (stage.session().state, stage.session().attached) == (SessionState.INCALL, False)
    assert await stage.channels() == {customer}
    await stage.done(stage.begin(c.CallPhone("1000")))
    await stage.until(lambda: stage.session().attached)
    await stage.told(stage.session().leg, COMES)
    assert stage.story(customer) == COMES
    assert {leg.place for leg in stage.legs().values()} == {in_conference(stage)}


# --- dials ---------------------------------------------------------------------------------------------------


@async_test
async def test_a_customer_answers_and_the_agent_hangs_up(stage: Stage) -> None:
    await stage.log_in()
    leg = await stage.talk()
    assert stage.legs()[leg].place == in_conference(stage)
    assert stage.call().state is CallState.CONNECTED
    await stage.hang_up()
    assert await stage.until_gone(leg, COMES_AND_GOES) == c.LegGone(leg, 16)
    assert (stage.call().cause, stage.call().hung_up_by) == (16, "agent")
    assert stage.session().state is SessionState.WRAPUP
    assert stage.session().attached


@async_test
async def test_a_customer_answers_and_hangs_up(stage: Stage) -> None:
    await stage.log_in()
    leg = await stage.talk()
    await stage.leaves(leg)
    assert await stage.until_gone(leg, COMES_AND_GOES) == c.LegGone(leg, 16, far_end=True)
    assert (stage.call().cause, stage.call().hung_up_by) == (16, "customer")
    assert stage.session().state is SessionState.WRAPUP


@async_test
async def test_a_customer_whom_somebody_else_ends_was_hung_up_by_the_pbx(stage: Stage) -> None:
    await stage.log_in()
    leg = await stage.talk()
    await stage.ended_by_others(leg)
    assert await stage.until_gone(leg, COMES_AND_GOES) == c.LegGone(leg, 16)
    assert (stage.call().cause, stage.call().hung_up_by) == (16, "pbx")


@async_test
@pytest.mark.parametrize(
    ("number", "story", "cause", "by", "status"),
    [
        (BUSY, IS_TURNED_DOWN, 17, "customer", "B"),
        (CONGESTED, IS_TURNED_DOWN, 34, "pbx", "CONG"),
        (DECLINES, IS_TURNED_DOWN, 21, "customer", "REJ"),
        (UNKNOWN, IS_TURNED_DOWN, 1, "pbx", "DC"),
        (RINGS_ON, RINGS_IN_VAIN, 19, "timeout", "N"),
        (BUSY_PHONE, IS_TURNED_DOWN, 17, "customer", "B"),
    ],
)
async def test_a_dial_comes_to_nothing(
    stage: Stage, number: str, story: list[type[c.Command]], cause: int, by: str, status: str
) -> None:
    await stage.log_in()
    await stage.dial(number)
    leg, started = stage.call().leg, stage.clock.now()
    assert await stage.until_gone(leg, story) == c.LegGone(leg, cause)
    if cause == 19:
        assert stage.clock.now() - started >= RING_TIME - 0.1
    call = stage.call()
    assert (call.cause, call.hung_up_by, call.suggested_status, call.answered) == (cause, by, status, None)
    assert stage.session().state is SessionState.WRAPUP


@async_test
@pytest.mark.parametrize(("campaign", "number"), [("DEADEND", CUSTOMER), ("TESTCAMP", UNPLUGGED_PHONE)])
async def test_a_dial_that_reaches_nobody_gets_no_channel(stage: Stage, campaign: str, number: str) -> None:
    await stage.log_in(campaign=campaign)
    with pytest.raises(DialRefused, match="not reachable"):
        await stage.dial(number)
    await stage.settled()
    leg = stage.last_leg()
    assert stage.news_of(leg) == [c.LegRefused(leg, "not reachable", reachable=False, cause=20)]
    assert (stage.session().state, stage.session().code) == (SessionState.PAUSED, "LOGIN")
    assert stage.session().calls == []


@async_test
async def test_a_ring_into_an_extension_that_the_dialplan_has_not_is_refused(stage: Stage) -> None:
    """So it is where the administrator forgot to include the dialplan."""
    stage.switch.perform(Ring("agd-unfit-1", "PJSIP/502", "nowhere", Role.AGENT, 1, "", "", RING_TIME))
    await stage.until(stage.news_of_legs)
    await stage.settled()
    assert stage.news_of_legs() == [c.LegRefused("agd-unfit-1", "Extension does not exist")]


# --- extensions ----------------------------------------------------------------------------------------------


@async_test
async def test_an_extension_is_dialled_like_a_customer_but_does_not_ring(stage: Stage) -> None:
    await stage.log_in()
    assert await stage.done(stage.switch.extension_exists(PLAYED)) is True
    leg = await stage.talk(PLAYED)
    await stage.hang_up()
    assert await stage.until_gone(leg, COMES_AND_GOES_UNHEARD) == c.LegGone(leg, 16)


@async_test
async def test_an_extension_that_is_not_there_is_known_before_and_comes_to_nothing(stage: Stage) -> None:
    await stage.log_in()
    assert await stage.done(stage.switch.extension_exists(MISSING)) is False
    await stage.dial(MISSING)
    leg = stage.call().leg
    assert await stage.until_gone(leg, IS_TURNED_DOWN) == c.LegGone(leg, 0)
    assert (stage.session().state, stage.call().suggested_status) == (SessionState.WRAPUP, "N")


# --- hangup --------------------------------------------------------------------------------------------------


@async_test
async def test_a_dial_is_cancelled_while_it_rings(stage: Stage) -> None:
    await stage.log_in()
    leg = await stage.ring()
    await stage.hang_up()
    assert await stage.until_gone(leg, RINGS_IN_VAIN) == c.LegGone(leg, 16)
    call = stage.call()
    assert (call.cause, call.hung_up_by, call.suggested_status) == (16, "agent", "CANCEL")


@async_test
async def test_a_hangup_before_the_channel_is_there_ends_it_when_it_comes(stage: Stage) -> None:
    await stage.log_in()
    dialled, hung_up = stage.begin(c.Dial("1000", stage.request(RINGS_ON))), stage.begin(c.HangUp("1000"))
    await stage.done(dialled)
    await stage.done(hung_up)
    leg = stage.call().leg
    await stage.until(lambda: c.LegGone in stage.story(leg))
    await stage.settled()
    assert [kind for kind in stage.story(leg) if kind is not c.LegRinging] == IS_TURNED_DOWN
    assert next(news for news in stage.news_of(leg) if isinstance(news, c.LegGone)) == c.LegGone(leg, 16)
    call = stage.call()
    assert (call.hung_up_by, call.suggested_status) == ("agent", "CANCEL")


@async_test
async def test_a_hangup_of_a_channel_that_is_gone_is_told_as_its_end(stage: Stage) -> None:
    await stage.log_in()
    leg = await stage.talk()
    await stage.leaves(leg)
    await stage.until_gone(leg, COMES_AND_GOES)
    told = len(stage.news_of(leg))
    stage.switch.perform(HangUpLeg(leg))
    await stage.until(lambda: len(stage.news_of(leg)) > told)
    await stage.settled()
    assert stage.news_of(leg)[told:] == [c.LegGone(leg, 0)]
    assert (stage.call().cause, stage.call().hung_up_by) == (16, "customer"), "the first news of its end counts"


# --- where a leg is ------------------------------------------------------------------------------------------


async def place_of(stage: Stage, leg: str) -> Place | None:
    """What the switch answers when it is asked where a leg is."""

    def answers() -> list[c.LegRead]:
        return [news for news in stage.news_of(leg) if isinstance(news, c.LegRead)]

    before = len(answers())
    stage.switch.perform(ReadLeg(leg))
    await stage.until(lambda: len(answers()) > before)
    return answers()[-1].place


@async_test
async def test_a_leg_is_read_in_each_place(stage: Stage) -> None:
    phone = await stage.arrive()
    assert await place_of(stage, phone) == in_conference(stage)
    dialled = await stage.ring()
    assert await place_of(stage, dialled) == Place(PlaceKind.DIALLING)
    await stage.hang_up()
    await stage.until_gone(dialled, RINGS_IN_VAIN)
    assert await place_of(stage, dialled) is None
    await stage.done(stage.begin(c.Dispose("1000", "A")))
    customer = await stage.talk()
    assert await place_of(stage, customer) == in_conference(stage)
    await stage.sent_away(customer)
    await stage.told(customer, [*COMES, c.LegLeft])
    assert await place_of(stage, customer) == Place(PlaceKind.ELSEWHERE)
    assert stage.legs()[customer].place == Place(PlaceKind.ELSEWHERE)
    assert stage.session().state is SessionState.INCALL


@async_test
async def test_a_leg_that_was_sent_away_can_be_hung_up(stage: Stage) -> None:
    await stage.log_in()
    leg = await stage.talk()
    await stage.sent_away(leg)
    await stage.told(leg, [*COMES, c.LegLeft])
    await stage.hang_up()
    assert await stage.until_gone(leg, COMES_AND_GOES) == c.LegGone(leg, 16)
    assert [type(news) for news in stage.news_of(leg)].count(c.LegLeft) == 1


# --- two at once ---------------------------------------------------------------------------------------------


@async_test
async def test_two_agents_at_once_are_kept_apart(stage: Stage) -> None:
    def both(first: c.Command, second: c.Command) -> Any:
        return gatherResults([stage.begin(first), stage.begin(second)], consumeErrors=True)

    await stage.done(both(c.LogIn("1000", "502"), c.LogIn("1001", "503")))
    rooms = {agent: stage.session(agent).conference for agent in ("1000", "1001")}
    assert len(set(rooms.values())) == 2
    await stage.done(both(c.Dial("1000", stage.request(CUSTOMER)), c.Dial("1001", stage.request(ANOTHER))))
    for agent, room in rooms.items():
        await stage.until(lambda agent=agent: stage.session(agent).state is SessionState.INCALL)
        for leg in (stage.session(agent).leg, stage.call(agent).leg):
            await stage.told(leg, COMES)
            assert c.LegJoined(leg, room) in stage.news_of(leg)
    gone, stays = stage.call("1000").leg, stage.call("1001").leg
    await stage.hang_up("1000")
    await stage.until_gone(gone, COMES_AND_GOES)
    assert (stage.session("1000").state, stage.session("1001").state) == (SessionState.WRAPUP, SessionState.INCALL)
    assert stage.story(stays) == COMES
