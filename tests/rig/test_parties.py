"""What the phones and the outside world promise (docs/asterisk.md), seen from the PBX."""

from __future__ import annotations

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred, gatherResults

from agentd.sandbox.configuration import ANSWERING
from agentd.sandbox.rig import Rig
from agentd.sandbox.tones import MESSAGE_HERTZ, MUSIC_HERTZ, outside_hertz, phone_hertz
from tests.rig.listen import listen
from tests.rig.observer import Observer

ROOM = "8600051"


async def join(observer: Observer, uniqueid: str, channel: str, role: str, room: str = ROOM, **more: object):
    """Originate into a conference as the daemon does; the OriginateResponse."""
    return await observer.originate(
        uniqueid,
        channel,
        Context="agentd-conf",
        Exten=room,
        Priority=1,
        Timeout=more.pop("Timeout", 20000),
        variables={"AGENTD_ROLE": role},
        **more,
    )


async def ended(observer: Observer, uniqueid: str, status: str = "") -> str:
    """Why a leg ended, its Q.850 cause; ``status`` is what Dial must have called it, if it said anything."""
    hangup = await observer.event("Hangup", Uniqueid=uniqueid)
    if status:
        await observer.event("DialEnd", DestUniqueid=uniqueid, DialStatus=status)
    return hangup["Cause"]


def stamp(event: dict[str, str]) -> float:
    return float(event["Timestamp"])


@pytest_twisted.ensureDeferred
async def test_every_phone_answers_by_itself(observer: Observer) -> None:
    answers = await gatherResults(
        [
            ensureDeferred(join(observer, f"all-{n}", f"PJSIP/{n}", "agent", f"86001{i:02}"))
            for i, n in enumerate(ANSWERING)
        ]
    )
    assert len(answers) == 21
    assert {answer["Response"] for answer in answers} == {"Success"}


def test_every_phone_has_a_tone_of_its_own() -> None:
    tones = {phone_hertz(number) for number in ANSWERING}
    assert len(tones) == len(ANSWERING)
    assert MUSIC_HERTZ not in tones
    assert not tones & {outside_hertz(f"{n:02}") for n in range(100)}


@pytest_twisted.ensureDeferred
async def test_agent_and_customer_hear_each_other_and_each_his_own_tone(rig: Rig, observer: Observer) -> None:
    await join(observer, "pair-a", "PJSIP/502", "agent")
    await join(observer, "pair-c", "PJSIP/917275551212@carrier", "customer")
    assert await observer.together("pair-a", "pair-c")
    tones = (phone_hertz("502"), outside_hertz("7275551212"), phone_hertz("503"), MUSIC_HERTZ)
    agent = await listen(observer, "pair-a", rig.recordings, tones)
    assert agent.says == {350}
    assert agent.hears == {1120}
    customer = await listen(observer, "pair-c", rig.recordings, tones)
    assert customer.says == {1120}
    assert customer.hears == {350}


@pytest_twisted.ensureDeferred
async def test_the_phone_with_a_star_has_its_tone(rig: Rig, observer: Observer) -> None:
    await join(observer, "star", "PJSIP/000*094", "agent")
    assert (await listen(observer, "star", rig.recordings, (845, 325, MUSIC_HERTZ))).says == {845}


@pytest_twisted.ensureDeferred
async def test_phone_521_rings_and_never_answers(observer: Observer) -> None:
    answer = await join(observer, "silent", "PJSIP/521", "agent", Timeout=800)
    assert answer["Reason"] == "3"
    assert observer.seen("Newstate", Uniqueid="silent", ChannelStateDesc="Ringing")
    assert await ended(observer, "silent") == "19"


@pytest_twisted.ensureDeferred
async def test_phone_522_is_busy(observer: Observer) -> None:
    assert (await join(observer, "busy", "PJSIP/522", "agent"))["Reason"] == "0"
    assert await ended(observer, "busy", "BUSY") == "17"


@pytest_twisted.ensureDeferred
async def test_phone_523_is_not_registered(observer: Observer) -> None:
    answer = await join(observer, "absent", "PJSIP/523", "agent")
    assert (answer["Response"], answer["Reason"]) == ("Failure", "0")
    assert not observer.seen("Newchannel", Uniqueid="absent")
    assert not observer.seen("Hangup", Uniqueid="absent")


@pytest_twisted.ensureDeferred
async def test_a_phone_can_go_away_and_come_back(rig: Rig, observer: Observer) -> None:
    await rig.unregister("520")
    try:
        answer = await join(observer, "off", "PJSIP/520", "agent")
        assert (answer["Response"], answer["Reason"]) == ("Failure", "0")
        assert not observer.seen("Newchannel", Uniqueid="off")
    finally:
        await rig.register("520")
    assert (await join(observer, "on", "PJSIP/520", "agent"))["Response"] == "Success"


@pytest_twisted.ensureDeferred
async def test_a_phone_can_be_told_how_to_behave(rig: Rig, observer: Observer) -> None:
    try:
        for manner, (cause, status) in {
            "busy": ("17", "BUSY"),
            "congested": ("34", "CONGESTION"),
            "rejects": ("21", "NOANSWER"),
            "unknown": ("1", "NOANSWER"),
        }.items():
            await rig.behave("519", manner)
            await join(observer, f"told-{manner}", "PJSIP/519", "agent")
            assert await ended(observer, f"told-{manner}", status) == cause
        await rig.behave("519", "answers", after=0.4)
        await join(observer, "told-late", "PJSIP/519", "agent")
        began = await observer.event("DialBegin", DestUniqueid="told-late")
        answered = await observer.event("DialEnd", DestUniqueid="told-late", DialStatus="ANSWER")
        assert 0.35 <= stamp(answered) - stamp(began) < 3
    finally:
        await rig.behave("519", "usual")
    assert (await join(observer, "told-usual", "PJSIP/519", "agent"))["Response"] == "Success"


@pytest_twisted.ensureDeferred
async def test_an_outside_number_can_be_told_how_to_behave_whatever_is_dialled_in_front(
    rig: Rig, observer: Observer
) -> None:
    try:
        await rig.behave("7275551277", "rejects")
        await join(observer, "outside-told", "PJSIP/917275551277@carrier", "customer")
        assert await ended(observer, "outside-told") == "21"
        await rig.behave("7275551200", "answers", after=0)
        answer = await join(observer, "outside-free", "PJSIP/7275551200@carrier", "customer")
        assert answer["Response"] == "Success"
    finally:
        await rig.behave("7275551277", "usual")
        await rig.behave("7275551200", "usual")
    await join(observer, "outside-usual", "PJSIP/7275551200@carrier", "customer")
    assert await ended(observer, "outside-usual", "BUSY") == "17"


@pytest_twisted.ensureDeferred
async def test_a_phone_can_be_made_to_hang_up(rig: Rig, observer: Observer) -> None:
    await join(observer, "drops", "PJSIP/505", "agent")
    assert await rig.hang_up("505") == 1
    await observer.event("HangupRequest", Uniqueid="drops")
    assert await ended(observer, "drops", "ANSWER") == "16"
    assert await rig.hang_up("505") == 0


@pytest.mark.parametrize("prefix", ["", "1", "+1", "81", "91", "881"])
@pytest_twisted.ensureDeferred
async def test_the_last_two_digits_decide_whatever_is_dialled_in_front(observer: Observer, prefix: str) -> None:
    busy, congested = f"b{prefix}", f"c{prefix}"
    assert (await join(observer, busy, f"PJSIP/{prefix}7275551200@carrier", "customer"))["Response"] == "Failure"
    assert await ended(observer, busy, "BUSY") == "17"
    assert (await join(observer, congested, f"PJSIP/{prefix}7275551202@carrier", "customer"))["Response"] == "Failure"
    assert await ended(observer, congested, "CONGESTION") == "34"


@pytest_twisted.ensureDeferred
async def test_seven_digits_reach_the_outside_and_three_do_not(observer: Observer) -> None:
    await join(observer, "seven", "PJSIP/5551200@carrier", "customer")
    assert await ended(observer, "seven", "BUSY") == "17"
    await join(observer, "three", "PJSIP/501@carrier", "customer")
    assert await ended(observer, "three") == "1"


@pytest_twisted.ensureDeferred
async def test_numbers_that_do_something_in_time(rig: Rig, observer: Observer) -> None:
    """01 never answers, 03 hangs up 5 s after the answer, 04 types 1234#, 05 answers after 8 s, others after 1 s."""
    await observer.originate("n12", "PJSIP/7275551212@carrier", Context="agentd-conf", Exten=ROOM, Priority=1)
    for ending in ("01", "03", "04", "05"):
        await observer.action(
            "Originate",
            Channel=f"PJSIP/72755512{ending}@carrier",
            ChannelId=f"n{ending}",
            Async="true",
            Timeout=15000,
            Context="agentd-conf",
            Exten=f"86000{ending}",
            Priority=1,
        )

    async def answered_after(ending: str) -> float:
        begin = await observer.event("DialBegin", DestUniqueid=f"n{ending}")
        return stamp(await observer.event("DialEnd", within=15, DestUniqueid=f"n{ending}")) - stamp(begin)

    for ending in ("12", "03", "04"):
        assert 0.9 < await answered_after(ending) < 3, ending
    digits = [(await observer.event("DTMFEnd", Uniqueid="n04", Digit=digit))["Direction"] for digit in "1234#"]
    assert digits == ["Received"] * 5
    brief = await observer.event("HangupRequest", within=15, Uniqueid="n03")
    up = await observer.event("DialEnd", DestUniqueid="n03")
    assert 4.8 < stamp(brief) - stamp(up) < 7
    assert 7.9 < await answered_after("05") < 11
    unanswered = await observer.channel("n01")
    assert unanswered is not None
    assert unanswered["ChannelStateDesc"] == "Ringing"


@pytest_twisted.ensureDeferred
async def test_extension_8500_plays_a_message(rig: Rig, observer: Observer) -> None:
    await observer.originate("message", "PJSIP/501", Context="agentd-extensions", Exten="8500", Priority=1)
    heard = await listen(observer, "message", rig.recordings, (MESSAGE_HERTZ, MUSIC_HERTZ))
    assert heard.hears == {MESSAGE_HERTZ}


@pytest_twisted.ensureDeferred
async def test_the_far_end_shows_which_digits_it_got(observer: Observer, world_observer: Observer) -> None:
    await join(observer, "digits", "PJSIP/7275551212@carrier", "customer")
    await observer.action("PlayDTMF", Channel="digits", Digit="7", Duration=100)
    got = await world_observer.event("DTMFEnd", Digit="7")
    assert (got["Direction"], got["AccountCode"]) == ("Received", "7275551212")
