"""What a switch says of remote agents, and of phones that are rung for each call: both switches say the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_twisted

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import Part
from agentd.core.model import CallState, Place, PlaceKind, SessionState
from tests.contract.switch_parties import ANOTHER_CALLER, BUSY, CALLER, FAR_AWAY, REMOTE, RINGS_ON, Stage
from tests.contract.switch_stages import parties, stage

__all__ = ["parties", "stage"]

async_test = pytest_twisted.ensureDeferred

MUSIC = Place(PlaceKind.WAIT)


def number(stage: Stage, outside: str) -> None:
    """Give the remote agent another number."""
    user = replace(stage.world.state.users[REMOTE], outside_number=outside)
    stage.engine.feed(c.ReferenceChanged((r.UserSet(user.name, user),)))


async def talking(stage: Stage) -> tuple[str, str]:
    """A remote agent who talks with a customer: the customer's leg, and his own."""
    await stage.do(c.LogIn(REMOTE))
    customer = await stage.comes()
    await stage.until(lambda: stage.session(REMOTE).state is SessionState.INCALL)
    return customer, stage.call(REMOTE).agent_leg


@async_test
async def test_a_remote_agent_is_rung_and_put_together_with_the_caller(stage: Stage) -> None:
    customer, agent = await talking(stage)
    await stage.settled()
    assert stage.rung[agent] == FAR_AWAY
    [there] = stage.way(customer)
    assert stage.way(agent) == [MUSIC, there]
    assert there.room.startswith("86009")
    assert stage.call(REMOTE).state is CallState.CONNECTED
    assert await stage.channels() == {customer, agent}


@async_test
@pytest.mark.parametrize("who", ["customer", "agent"])
@pytest.mark.parametrize("linked", [True, False])
async def test_who_leaves_ends_the_other_with_or_without_the_daemon(stage: Stage, who: str, linked: bool) -> None:
    customer, agent = await talking(stage)
    leaver, other = (customer, agent) if who == "customer" else (agent, customer)
    if not linked:
        await stage.cut()
    await stage.leaves(leaver)
    if not linked:
        await stage.vanished(other)
        await stage.mend()
    await stage.until(lambda: not stage.legs())
    assert stage.session(REMOTE).state is SessionState.READY
    assert stage.session(REMOTE).calls == []


@async_test
async def test_he_has_as_many_calls_as_he_has_lines(stage: Stage) -> None:
    await talking(stage)
    await stage.comes("SALESLINE", ANOTHER_CALLER)
    await stage.until(lambda: len(stage.session(REMOTE).calls) == 2)
    rooms = {leg.place for leg in stage.legs().values()}
    assert len(rooms) == 2
    assert len(stage.legs()) == 4


@async_test
@pytest.mark.parametrize(("outside", "cause"), [(BUSY, 17), (RINGS_ON, 19)])
async def test_who_is_not_there_leaves_the_caller_in_line(stage: Stage, outside: str, cause: int) -> None:
    number(stage, outside)
    line = replace(stage.world.state.ingroups["SALESLINE"], ring_time=1)
    stage.engine.feed(c.ReferenceChanged((r.InGroupSet(line.name, line),)))
    await stage.do(c.LogIn(REMOTE))
    customer = await stage.comes()
    [waiting] = stage.waiting()
    await stage.until(lambda: stage.session(REMOTE).misses)
    [end] = [news for news in stage.heard if isinstance(news, c.LegGone)]
    assert (end.cause, end.leg != customer) == (cause, True)
    assert stage.waiting() == [waiting]
    assert waiting.offered == ""
    assert stage.way(customer) == []
    await stage.settled()
    assert await stage.channels() == {customer}


@async_test
async def test_a_caller_who_leaves_while_it_rings_leaves_nobody_behind(stage: Stage) -> None:
    number(stage, RINGS_ON)
    await stage.do(c.LogIn(REMOTE))
    customer = await stage.comes()
    await stage.until(lambda: [news for news in stage.heard if isinstance(news, c.LegRinging)])
    await stage.leaves(customer)
    await stage.until(lambda: not stage.legs())
    assert stage.session(REMOTE).state is SessionState.READY


@async_test
async def test_a_customer_who_is_parted_from_his_agent_stays_when_he_leaves(stage: Stage) -> None:
    customer, agent = await talking(stage)
    stage.switch.perform(Part(agent))
    await stage.settled()
    await stage.cut()
    await stage.leaves(agent)
    await stage.passes(0.3)
    assert customer in await stage.channels()
    await stage.mend()


@async_test
async def test_a_remote_agents_customer_is_transferred_into_a_line_and_he_is_free(stage: Stage) -> None:
    customer, agent = await talking(stage)
    await stage.do(c.TransferToInGroup(REMOTE, "TEST_IN3", call_id=stage.call(REMOTE).id))
    await stage.until(lambda: agent not in stage.legs())
    await stage.settled()
    assert stage.legs()[customer].place == MUSIC
    assert stage.waiting(CALLER)[0].ingroup == "TEST_IN3"
    assert stage.session(REMOTE).calls == []
    assert customer in await stage.channels()


@async_test
async def test_the_link_comes_back_and_finds_the_two_together(stage: Stage) -> None:
    customer, agent = await talking(stage)
    place = stage.legs()[customer].place
    await stage.cut()
    back = await stage.mend()
    seen = {channel.leg: channel.place for channel in back.channels}
    assert seen == {customer: place, agent: place}
    assert stage.call(REMOTE).state is CallState.CONNECTED


# --- phones that are rung for each call ----------------------------------------------------------------------


@async_test
async def test_an_on_hook_phone_is_rung_for_the_call_and_let_go_after_it(stage: Stage) -> None:
    user = replace(stage.world.state.users["1001"], on_hook=True, phone="503")
    stage.engine.feed(c.ReferenceChanged((r.UserSet(user.name, user),)))
    await stage.do(c.LogIn("1001", ready=True))
    assert await stage.channels() == set()
    customer = await stage.comes()
    await stage.until(lambda: stage.session("1001").state is SessionState.INCALL)
    phone = stage.session("1001").leg
    assert stage.way(phone) == stage.way(customer) == [stage.conference("1001")]
    await stage.leaves(customer)
    await stage.until(lambda: not stage.legs())
    assert stage.rung[phone] == "503"
