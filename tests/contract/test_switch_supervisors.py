"""What a switch says of supervisors: the scripted switch and a real Asterisk's say the same."""

from __future__ import annotations

import pytest
import pytest_twisted

from agentd.core import commands as c
from agentd.core.effects import RingMonitor
from agentd.core.model import MonitorMode, Place, PlaceKind
from tests.contract.switch_parties import BUSY_PHONE, RING_TIME, SUPERVISOR, Stage
from tests.contract.switch_stages import parties, stage

__all__ = ["parties", "stage"]

async_test = pytest_twisted.ensureDeferred

LISTENS = Place(PlaceKind.LISTEN)
LISTEN, WHISPER, BARGE = MonitorMode.LISTEN, MonitorMode.WHISPER, MonitorMode.BARGE


@async_test
async def test_a_supervisor_listens_whispers_barges_and_listens_again(stage: Stage) -> None:
    await stage.arrive()
    conference = stage.conference()
    leg = await stage.supervise(LISTEN)
    assert stage.way(leg) == [LISTENS]
    await stage.supervise(WHISPER)
    assert stage.way(leg) == [LISTENS, LISTENS]
    await stage.supervise(BARGE)
    assert stage.way(leg) == [LISTENS, LISTENS, conference]
    await stage.supervise(LISTEN)
    assert stage.way(leg) == [LISTENS, LISTENS, conference, LISTENS]
    assert stage.world.state.monitors[leg].mode is LISTEN
    await stage.do(c.EndSupervision("1000", SUPERVISOR))
    assert stage.news_of(leg)[-1] == c.LegGone(leg, 16)


@async_test
async def test_a_supervisor_barges_in_at_once(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.supervise(BARGE)
    assert stage.way(leg) == [stage.conference()]


@async_test
async def test_a_supervisor_who_hangs_up_leaves_the_agent_alone(stage: Stage) -> None:
    phone = await stage.arrive()
    leg = await stage.supervise(LISTEN)
    await stage.leaves(leg)
    await stage.until(lambda: leg not in stage.legs())
    await stage.settled()
    assert stage.news_of(leg)[-1] == c.LegGone(leg, 16, far_end=True)
    assert not stage.world.state.monitors
    assert await stage.channels() == {phone}


@async_test
@pytest.mark.parametrize("mode", MonitorMode)
async def test_a_supervisor_goes_with_the_agents_phone(stage: Stage, mode: MonitorMode) -> None:
    phone = await stage.arrive()
    customer = await stage.talk()
    leg = await stage.supervise(mode)
    await stage.leaves(phone)
    await stage.until(lambda: leg not in stage.legs())
    await stage.settled()
    assert await stage.channels() == {customer}


@async_test
@pytest.mark.parametrize("mode", [LISTEN, WHISPER])
async def test_a_listener_goes_with_the_agents_phone_when_the_daemon_is_away(stage: Stage, mode: MonitorMode) -> None:
    phone = await stage.arrive()
    leg = await stage.supervise(mode)
    await stage.cut()
    await stage.leaves(phone)
    await stage.vanished(leg)
    assert (await stage.mend()).channels == ()
    assert not stage.world.state.monitors


@async_test
async def test_a_supervisor_whose_agent_has_gone_hears_nothing_and_is_let_go(stage: Stage) -> None:
    ring = RingMonitor("agd-alone-1", f"PJSIP/{SUPERVISOR}", "agd-gone-1", "8600899", LISTEN, 1, "", RING_TIME)
    stage.switch.perform(ring)
    await stage.settled()
    await stage.vanished("agd-alone-1")
    assert stage.news_of_legs() == [], "it is no leg of the World"


@async_test
async def test_a_busy_phone_does_not_come(stage: Stage) -> None:
    await stage.arrive()
    await stage.do(c.Supervise("1000", BUSY_PHONE, LISTEN, "6666"))
    await stage.until(lambda: not stage.world.state.monitors)
    leg = stage.last_leg()
    assert stage.news_of(leg)[-1] == c.LegGone(leg, 17)
