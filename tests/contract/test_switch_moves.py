"""What a switch says of moves that cannot be: the scripted switch and a real Asterisk's say the same."""

from __future__ import annotations

import pytest
import pytest_twisted

from agentd.core import commands as c
from agentd.core.effects import (
    Effect,
    HangUpLeg,
    Hold,
    Join,
    JoinBoth,
    MuteRecording,
    PlayMessage,
    Prompt,
    RingConsult,
    RingMonitor,
    SendOut,
    SetMonitor,
    StartRecording,
    StopRecording,
    Tag,
)
from agentd.core.model import MonitorMode, Place, PlaceKind, Role
from tests.contract.switch_parties import RING_TIME, STALE, STRAY_ROOM, Stage
from tests.contract.switch_stages import parties, stage

__all__ = ["parties", "stage"]

async_test = pytest_twisted.ensureDeferred

NOBODY = "agd-nobody-1"
MUSIC = Place(PlaceKind.WAIT)

UNFIT: list[Effect] = [
    Join("", "8600051,1"),
    Join("", ""),
    JoinBoth("", NOBODY, "all"),
    Hold("", "default&other"),
    Prompt("", "8600051", "own,context", ""),
    Prompt("", "8600051", "", "prompt&other"),
    Prompt("", "8600051", "", "../../etc/passwd"),
    Prompt("", "s", "", "prompt"),
    PlayMessage("", "prompt,noanswer"),
    SendOut("", "PJSIP/7275551212@carrier&Local/1@x", "7275551212", "", 20, "8600900"),
    SendOut("", "PJSIP/7275551212@carrier,20,G(x)", "7275551212", "", 20, "8600900"),
    SendOut("", "PJSIP/${SHELL(id)}@carrier", "7275551212", "", 20, "8600900"),
    SendOut("", "PJSIP/7275551212@carrier", "h", "", 20, "8600900"),
    SendOut("", "PJSIP/7275551212@carrier", "", "", 20, "8600900"),
    SetMonitor("", "PJSIP/502,b", "8600051", MonitorMode.LISTEN),
    SetMonitor("", "agd-a-1", "", MonitorMode.BARGE),
]


def aimed(effect: Effect, leg: str) -> Effect:
    """The same for this leg."""
    values = {name: getattr(effect, name) for name in effect.__dataclass_fields__}
    return type(effect)(**{**values, "leg": leg})


async def news_after(stage: Stage, *effects: Effect) -> list[c.Command]:
    """What is said after these effects."""
    stage.heard.clear()
    for effect in effects:
        stage.switch.perform(effect)
    await stage.settled()
    return stage.news_of_legs()


@async_test
@pytest.mark.parametrize("effect", UNFIT, ids=lambda effect: repr(effect)[:50])
async def test_what_may_not_be_written_into_the_dialplan_is_refused(stage: Stage, effect: Effect) -> None:
    await stage.arrive()
    leg = await stage.talk()
    told = await news_after(stage, aimed(effect, leg))
    assert {type(news) for news in told} == {c.MoveRefused}
    assert told[0].leg == leg
    assert "may be used" in told[0].reason
    assert stage.way(leg) == []
    assert stage.legs()[leg].place == stage.conference()


@async_test
@pytest.mark.parametrize(
    "move",
    [
        Join("", "8600051"),
        Hold("", ""),
        Prompt("", "8600051", "", "prompt"),
        PlayMessage("", "prompt"),
        SendOut("", "PJSIP/502", "502", "", 20, "8600900"),
        SetMonitor("", "agd-a-1", "8600051", MonitorMode.WHISPER),
    ],
    ids=lambda effect: type(effect).__name__,
)
async def test_a_move_of_a_channel_that_is_gone_is_told_as_its_end(stage: Stage, move: Effect) -> None:
    told: list[c.Command] = []
    stage.switch.perform(aimed(move, NOBODY))
    await stage.until(lambda: stage.news_of(NOBODY))
    await stage.settled()
    told = stage.news_of_legs()
    assert told == [c.LegGone(NOBODY, 0)]


@async_test
@pytest.mark.parametrize("missing", ["first", "second"])
async def test_of_two_who_go_together_one_who_is_left_stays_where_he_is(stage: Stage, missing: str) -> None:
    await stage.arrive()
    leg = await stage.talk()
    stage.heard.clear()
    legs = (NOBODY, leg) if missing == "first" else (leg, NOBODY)
    stage.switch.perform(JoinBoth(*legs, "8600951"))
    await stage.until(lambda: stage.news_of(NOBODY) and stage.news_of(leg))
    await stage.settled()
    assert stage.news_of(leg) == [c.MoveRefused(leg, "the other leg has gone")]
    assert stage.news_of(NOBODY) == [c.LegGone(NOBODY, 0)]
    assert stage.legs()[leg].place == stage.conference()


@async_test
async def test_a_hangup_passes_a_move_that_is_under_way(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.talk()
    stage.heard.clear()
    for effect in (Hold(leg, ""), HangUpLeg(leg)):
        stage.switch.perform(effect)
    await stage.until(lambda: leg not in stage.legs())
    await stage.settled()
    told = [news for news in stage.news_of(leg) if isinstance(news, c.LegGone | c.MoveRefused)]
    assert told == [c.LegGone(leg, 16)]


@async_test
async def test_without_a_link_nobody_is_moved(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.talk()
    await stage.cut()
    stage.heard.clear()
    stage.switch.perform(RingConsult("agd-late-1", STRAY_ROOM, 1, "", ""))
    stage.switch.perform(RingMonitor("agd-late-2", "PJSIP/505", leg, STRAY_ROOM, MonitorMode.LISTEN, 1, "", RING_TIME))
    assert stage.heard == [c.LegRefused("agd-late-1", "refused"), c.LegRefused("agd-late-2", "refused")]
    await stage.mend()
    assert stage.legs()[leg].place == stage.conference()


@async_test
async def test_a_leg_that_was_given_to_another_carries_his_name_after_a_restart(stage: Stage) -> None:
    await stage.arrive()
    leg = await stage.talk()
    stage.switch.perform(Tag(leg, Role.CUSTOMER, 4711, STALE))
    await stage.settled()
    await stage.cut()
    [seen] = [channel for channel in (await stage.mend()).channels if channel.leg == leg]
    assert (seen.role, seen.session_id, seen.call_key) == (Role.CUSTOMER, 4711, STALE)


# --- recordings ----------------------------------------------------------------------------------------------


@async_test
async def test_a_recording_begins_is_silenced_and_ends(stage: Stage) -> None:
    leg = await stage.arrive()
    file = f"contract-{stage.world.leg_ids.next()}.wav"

    async def told(effect: Effect, news: c.Command) -> None:
        stage.heard.clear()
        stage.switch.perform(effect)
        await stage.until(lambda: stage.heard)
        await stage.settled()
        assert stage.heard == [news]

    await told(StartRecording(leg, 71, file), c.RecordingBegun(71))
    await told(MuteRecording(leg, 71, True), c.RecordingSilenced(71, True))
    await told(MuteRecording(leg, 71, False), c.RecordingSilenced(71, False))
    await told(StopRecording(leg, 71), c.RecordingOver(71))
    await told(StopRecording(leg, 71), c.RecordingOver(71))
    await told(MuteRecording(leg, 71, True), c.RecordingRefused(71, "it is not running"))
    await told(StartRecording(NOBODY, 72, file), c.RecordingRefused(72, "No such channel"))
    await told(StopRecording(NOBODY, 72), c.RecordingOver(72))
