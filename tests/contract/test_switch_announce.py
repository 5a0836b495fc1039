"""What callers and remote agents hear and see on a real Asterisk, at the far ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.utils import getProcessOutputAndValue

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import Announce, Hold, Voicemail
from agentd.core.model import Place, PlaceKind, SessionState
from agentd.sandbox.callers import DIDS
from agentd.sandbox.ports import CARRIER_HOST, PBX_HOST
from agentd.sandbox.tones import MUSIC_HERTZ, outside_hertz
from tests.contract.switch_parties import CALLER, CUSTOMER, FAR_AWAY, PLAYED, REMOTE
from tests.contract.switch_stages import PROMPT_HERTZ, parties
from tests.contract.test_switch_hearing import ANOTHERS, CONSULTED, Hall, hall
from tests.rig.listen import listen

__all__ = ["hall", "parties"]

async_test = pytest_twisted.ensureDeferred

WAITING, FAR = outside_hertz(CALLER), outside_hertz(FAR_AWAY)
FAST_BUSY = {480, 620}
MUSIC = Place(PlaceKind.WAIT)


def ingroup(hall: Hall, **changed: object) -> None:
    made = replace(hall.world.state.ingroups["SALESLINE"], **changed)
    hall.engine.feed(c.ReferenceChanged((r.InGroupSet(made.name, made),)))


async def hears(hall: Hall, leg: str, seconds: float = 0.6) -> set[int]:
    """What is sent to a leg of the PBX."""
    tones = (MUSIC_HERTZ, PROMPT_HERTZ, CONSULTED, WAITING, FAR, *FAST_BUSY)
    return (await listen(hall.observer, leg, hall._rig.recordings, tones, seconds)).hears


# --- callers -------------------------------------------------------------------------------------------------


@async_test
async def test_a_caller_hears_music_then_the_announcement_then_music_then_the_agent(hall: Hall) -> None:
    await hall.arrive("1001")
    leg = await hall.comes()
    assert await hears(hall, leg) == {MUSIC_HERTZ}
    hall.switch.perform(Announce(leg, "", hall.prompt))
    await hall.goes(leg, MUSIC)
    assert await hears(hall, leg) == {PROMPT_HERTZ}
    hall.observer.forget()
    await hall.observer.event("MusicOnHoldStart", Uniqueid=leg)
    assert await hears(hall, leg) == {MUSIC_HERTZ}
    await hall.do(c.Resume("1001"))
    await hall.goes(leg, MUSIC, hall.conference("1001"))
    assert await hears(hall, leg) == {CONSULTED}
    assert await hall.hears(ANOTHERS) == {WAITING}


@async_test
async def test_an_announcement_is_cut_short_by_the_agent(hall: Hall) -> None:
    await hall.arrive("1001")
    leg = await hall.comes()
    hall.switch.perform(Announce(leg, "", "", position=4, minutes=12))
    await hall.goes(leg, MUSIC)
    assert MUSIC_HERTZ not in await hears(hall, leg)
    await hall.do(c.Resume("1001"))
    await hall.goes(leg, MUSIC, hall.conference("1001"))
    assert await hears(hall, leg) == {CONSULTED}


@async_test
async def test_what_one_announcement_said_is_not_said_by_the_next(hall: Hall) -> None:
    await hall.arrive("1001")
    leg = await hall.comes()
    hall.switch.perform(Announce(leg, "", hall.prompt, position=3, minutes=2))
    await hall.goes(leg, MUSIC)
    hall.switch.perform(Announce(leg, ""))
    await hall.goes(leg, MUSIC, MUSIC)
    assert await hears(hall, leg) == {MUSIC_HERTZ}


@async_test
async def test_a_prompt_that_may_not_be_played_is_refused_and_the_caller_waits_on(hall: Hall) -> None:
    await hall.arrive("1001")
    leg = await hall.comes()
    hall.switch.perform(Announce(leg, "", "beep&/etc/passwd"))
    hall.switch.perform(Hold(leg, "no such class, no"))
    hall.switch.perform(Voicemail(leg, "100,u"))
    await hall.settled()
    refused = [news for news in hall.news_of(leg) if isinstance(news, c.MoveRefused)]
    assert [news.reason for news in refused] == [
        "not a prompt that may be used",
        "not a class of music that may be used",
        "not a mailbox that may be used",
    ]
    assert await hears(hall, leg) == {MUSIC_HERTZ}


@async_test
async def test_a_caller_who_is_not_taken_hears_that(hall: Hall) -> None:
    hall.calls_in("NOSUCH", CALLER)
    await hall.until(lambda: hall.turned_away)
    [leg] = hall.turned_away
    assert await hears(hall, leg, seconds=1) == FAST_BUSY
    await hall.leaves(leg)


@async_test
async def test_a_caller_who_is_no_asterisk_waits_and_is_brought_to_the_agent(hall: Hall, reactor: Any) -> None:
    did = next(number for number, name in DIDS.items() if name == "SALESLINE")
    target = f"{PBX_HOST}:{hall._rig.ports.pbx_sip}"
    calls = ["-sn", "uac", "-i", CARRIER_HOST, "-s", did, "-m", "1", "-d", "4000", "-timeout", "20", "-nostdin", target]
    await hall.arrive("1001")
    sipp = getProcessOutputAndValue("sipp", calls, env={"TERM": "dumb"}, path=str(hall._rig.folder))
    await hall.until(lambda: hall.waiting(""))
    [waiting] = hall.waiting("")
    await hall.do(c.Resume("1001"))
    await hall.goes(waiting.leg, hall.conference("1001"))
    assert await hears(hall, waiting.leg) == {CONSULTED}
    out, err, code = await sipp.addTimeout(25, reactor)
    assert code == 0, (out[-2000:], err)
    await hall.until(lambda: hall.session("1001").state is SessionState.WRAPUP)
    assert hall.call("1001").hung_up_by == "customer"


# --- remote agents -------------------------------------------------------------------------------------------


async def far_end(hall: Hall, number: str, *names: str) -> list[str]:
    """What a far end is shown of the call that rings it."""
    [channel] = [channel for channel in await hall.far_ends.channels() if channel["AccountCode"] == number]
    return [await hall.far_ends.variable(channel["Uniqueid"], name) for name in names]


SHOWN = ("PJSIP_HEADER(read,X-AGENTD-CALL)", "CALLERID(name)", "CALLERID(num)")


@async_test
async def test_a_remote_agent_sees_which_call_it_is_and_hears_the_caller(hall: Hall) -> None:
    await hall.do(c.LogIn(REMOTE))
    leg = await hall.comes()
    await hall.until(lambda: hall.session(REMOTE).state is SessionState.INCALL)
    call = hall.call(REMOTE)
    assert await far_end(hall, FAR_AWAY, *SHOWN) == [call.key, call.key, "7275551200"]
    assert await hears(hall, leg) == {FAR}
    assert await hall.hears(FAR_AWAY) == {WAITING}


@async_test
async def test_nobody_else_sees_which_call_it_is(hall: Hall) -> None:
    await hall.arrive()
    await hall.talk()
    header, name, number = await far_end(hall, CUSTOMER, *SHOWN)
    assert header == ""
    assert hall.call().key not in (name, number)


@async_test
@pytest.mark.parametrize("hangs_up", ["caller", "extension"])
async def test_a_remote_agent_may_be_reached_through_an_extension(hall: Hall, hangs_up: str) -> None:
    user = replace(hall.world.state.users[REMOTE], outside_number=PLAYED)
    hall.engine.feed(c.ReferenceChanged((r.UserSet(user.name, user),)))
    await hall.do(c.LogIn(REMOTE))
    leg = await hall.comes()
    await hall.until(lambda: hall.session(REMOTE).state is SessionState.INCALL)
    agent = hall.call(REMOTE).agent_leg
    await (hall.leaves(leg) if hangs_up == "caller" else hall.ended_by_others(agent))
    await hall.until(lambda: not hall.legs())
