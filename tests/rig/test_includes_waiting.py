"""The dialplan as shipped, for those who wait: arrival, announcements, mailboxes, and remote agents on their way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater

from agentd.sandbox.callers import ANY_DID, DIDS, call_in
from agentd.sandbox.errors import SandboxError
from agentd.sandbox.rig import Rig
from agentd.sandbox.tones import MUSIC_HERTZ, outside_hertz, phone_hertz, write_tone
from tests.rig.listen import listen, tones_in, whole
from tests.rig.observer import Observer
from tests.rig.test_includes import redirect
from tests.rig.test_parties import ROOM, join

AGENT, CUSTOMER = phone_hertz("501"), outside_hertz("7275551212")
PROMPT = 1950
FAST_BUSY = {480, 620}
ALL = (AGENT, CUSTOMER, MUSIC_HERTZ, PROMPT, *FAST_BUSY)

async_test = pytest_twisted.ensureDeferred


async def waits(observer: Observer, language: str = "en") -> None:
    """A customer who waits with music."""
    there = {"Context": "agentd-wait", "Exten": "s", "Priority": 1}
    ours = {"AGENTD_ROLE": "customer", "CHANNEL(language)": language}
    await observer.originate("customer", "PJSIP/7275551212@carrier", variables=ours, **there)
    await observer.event("MusicOnHoldStart", Uniqueid="customer")
    observer.forget()


@pytest.fixture
def brief(rig: Rig) -> str:
    """A language of short tones, so that a test need not hear everything to its end."""
    folder = rig.pbx.folder / "data" / "sounds" / "tones"
    (folder / "digits").mkdir(parents=True, exist_ok=True)
    for name in ("queue-thereare", "queue-youarenext", "queue-callswaiting", "queue-holdtime", "queue-minute"):
        write_tone(folder / f"{name}.wav", PROMPT, 0.2)
    for name in ("queue-minutes", "digits/0", "digits/1", "digits/2", "digits/12"):
        write_tone(folder / f"{name}.wav", PROMPT, 0.2)
    for name in ("vm-theperson", "vm-isunavail", "vm-intro", "beep"):
        write_tone(folder / f"{name}.wav", PROMPT, 0.2)
    return "tones"


async def announce(observer: Observer, **said: str) -> None:
    """Have the customer hear an announcement."""
    for name, value in said.items():
        await observer.action("Setvar", Channel="customer", Variable=f"AGENTD_{name.upper()}", Value=value)
    await redirect(observer, "customer", "agentd-announce", "s")


def sounds(observer: Observer) -> list[str]:
    """What was to be played to the customer, in order."""
    steps = observer.seen("Newexten", Uniqueid="customer", Application="TryExec")
    return [step["AppData"] for step in steps]


# --- announcements -------------------------------------------------------------------------------------------


@async_test
async def test_who_waits_hears_the_prompt_and_then_music_again(rig: Rig, observer: Observer) -> None:
    write_tone(rig.folder / "prompt.wav", PROMPT, 1.5)
    await waits(observer)
    await announce(observer, prompt=str(rig.folder / "prompt"))
    told = await observer.event("UserEvent", UserEvent="AgentdPlace", Uniqueid="customer")
    assert told["Place"] == "wait"
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {PROMPT}
    await observer.event("MusicOnHoldStart", Uniqueid="customer")
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {MUSIC_HERTZ}
    assert (await observer.channel("customer"))["Context"] == "agentd-wait"


@async_test
@pytest.mark.parametrize(
    ("said", "played"),
    [
        ({"position": "1"}, ["Playback(queue-youarenext)"]),
        (
            {"position": "2", "minutes": "1"},
            [
                "Playback(queue-thereare)",
                "SayNumber(2)",
                "Playback(queue-callswaiting)",
                "Playback(queue-holdtime)",
                "SayNumber(1)",
                "Playback(queue-minute)",
            ],
        ),
        ({"minutes": "12"}, ["Playback(queue-holdtime)", "SayNumber(12)", "Playback(queue-minutes)"]),
        ({"prompt": "nosuch/sound", "position": "0"}, ["Playback(nosuch/sound)"]),
    ],
)
async def test_place_and_time_are_said_as_far_as_they_are_known(
    rig: Rig, observer: Observer, brief: str, said: dict[str, str], played: list[str]
) -> None:
    await waits(observer, brief)
    await announce(observer, **said)
    await observer.event("MusicOnHoldStart", Uniqueid="customer")
    assert sounds(observer) == played
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {MUSIC_HERTZ}


@async_test
async def test_place_and_time_are_spoken(rig: Rig, observer: Observer) -> None:
    await waits(observer)
    await announce(observer, position="2", minutes="3")
    heard = await listen(observer, "customer", rig.recordings, ALL, seconds=2)
    assert MUSIC_HERTZ not in heard.hears


@async_test
async def test_without_any_of_the_sounds_nobody_is_lost(rig: Rig, observer: Observer) -> None:
    await waits(observer)
    sounds, aside = rig.pbx.folder / "data" / "sounds" / "en", rig.folder / "sounds-aside"
    sounds.rename(aside)
    try:
        await announce(observer, prompt="nosuch", position="2", minutes="3")
        await observer.event("MusicOnHoldStart", Uniqueid="customer")
    finally:
        aside.rename(sounds)
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {MUSIC_HERTZ}


@async_test
async def test_who_hears_an_announcement_can_be_fetched_at_any_moment(rig: Rig, observer: Observer) -> None:
    await join(observer, "agent", "PJSIP/501", "agent")
    await waits(observer)
    await announce(observer, position="3", minutes="12")
    await observer.event("UserEvent", UserEvent="AgentdPlace", Uniqueid="customer")
    await redirect(observer, "customer", "agentd-conf", ROOM)
    joined = await observer.event("ConfbridgeJoin", within=2, Uniqueid="customer")
    assert joined["Conference"] == ROOM
    assert (await listen(observer, "customer", rig.recordings, ALL)).hears == {AGENT}


# --- arrival, and remote agents ------------------------------------------------------------------------------


@async_test
@pytest.mark.parametrize(("ingroup", "agent", "priority"), [("SALESLINE", "", 0), ("MADE_UP", "1028", -5)])
async def test_a_customer_of_the_demo_calls_an_in_group(
    rig: Rig, observer: Observer, ingroup: str, agent: str, priority: int
) -> None:
    did = call_in(rig.folder, ingroup, "7275559930", agent, priority)
    assert did == next((number for number, name in DIDS.items() if name == ingroup), ANY_DID)
    caller = (await observer.event("Newchannel", Exten=did))["Uniqueid"]
    told = await observer.event("UserEvent", UserEvent="AgentdPlace", Uniqueid=caller)
    variables = dict(line.partition("=")[::2] for line in told["ChanVariable"].split("\n"))
    assert variables["AGENTD_INGROUP"] == ingroup
    assert variables["AGENTD_DID"] == did
    assert variables["AGENTD_WANTED"] == agent
    assert variables["AGENTD_PRIORITY"] == (str(priority) if priority else "")
    assert told["CallerIDNum"] == "7275559930"
    assert (await listen(observer, caller, rig.recordings, (MUSIC_HERTZ, outside_hertz("30")))).says == {1300}


@pytest.mark.parametrize(
    ("ingroup", "number", "agent"),
    [("", "7275559930", ""), ("SALES LINE", "7275559930", ""), ("S", "1\n2", ""), ("S", "22", "1,2")],
)
def test_what_is_no_name_or_number_calls_nobody(rig: Rig, ingroup: str, number: str, agent: str) -> None:
    with pytest.raises(SandboxError, match="not a possible"):
        call_in(rig.folder, ingroup, number, agent)


def test_nobody_calls_a_sandbox_that_does_not_run(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no sandbox runs"):
        call_in(tmp_path, "SALESLINE", "7275559930")
    (tmp_path / "lock").touch()
    with pytest.raises(SandboxError, match="no sandbox runs"):
        call_in(tmp_path, "SALESLINE", "7275559930")


@async_test
async def test_a_remote_agent_on_his_way_hears_nothing_and_can_be_fetched(rig: Rig, observer: Observer) -> None:
    there = {"Context": "agentd-ready", "Exten": "s", "Priority": 1, "variables": {"AGENTD_ROLE": "agent"}}
    await observer.originate("remote", "PJSIP/7275551299@carrier", **there)
    assert (await observer.event("UserEvent", Uniqueid="remote"))["Place"] == "wait"
    assert (await listen(observer, "remote", rig.recordings, ALL)).hears == set()
    await redirect(observer, "remote", "agentd-left", "8600951")
    assert (await observer.event("ConfbridgeJoin", Uniqueid="remote"))["Conference"] == "8600951"


@async_test
async def test_nobody_keeps_a_remote_agent_when_the_daemon_is_away(rig: Rig, observer: Observer) -> None:
    there = {"Context": "agentd-ready", "Exten": "s", "Priority": 1, "variables": {"AGENTD_ROLE": "agent"}}
    await observer.originate("remote", "PJSIP/7275551299@carrier", **there)
    wait = await observer.event("Newexten", Uniqueid="remote", Application="Wait")
    assert wait["AppData"] == "30"
    after = int(wait["Priority"]) + 1
    await observer.action("Redirect", Channel="remote", Context="agentd-ready", Exten="s", Priority=after)
    assert (await observer.event("Hangup", Uniqueid="remote"))["Cause"] == "16"


# --- mailboxes -----------------------------------------------------------------------------------------------


async def to_mailbox(observer: Observer, box: str, language: str = "en") -> None:
    await waits(observer, language)
    await observer.action("Setvar", Channel="customer", Variable="AGENTD_MAILBOX", Value=box)
    await redirect(observer, "customer", "agentd-voicemail", "s")
    assert (await observer.event("UserEvent", Uniqueid="customer"))["Place"] == "outside"


async def begun(clock: Any, folder: Path) -> None:
    """Wait until there is a recording in the folder: no event tells of it."""
    for _ in range(500):
        if list(folder.glob("*.wav")):
            return
        await deferLater(clock, 0.01)
    raise AssertionError(f"nothing is recorded in {folder}")


@async_test
@pytest.mark.parametrize("name", ["100", "100@default"])
async def test_a_message_is_left_in_a_mailbox(rig: Rig, observer: Observer, brief: str, name: str) -> None:
    box = rig.pbx.folder / "spool" / "voicemail" / "default" / "100"
    await to_mailbox(observer, name, brief)
    await begun(observer.clock, box / "tmp")
    await listen(observer, "customer", rig.recordings, ALL, seconds=1)
    await rig.hang_up("7275551212")
    await observer.event("Hangup", Uniqueid="customer")
    [message] = (box / "INBOX").glob("*.wav")
    await whole(observer.clock, message)
    assert tones_in(message, ALL) == {CUSTOMER}
    message.unlink()


@async_test
@pytest.mark.parametrize("module", ["there", "not there"])
async def test_without_a_mailbox_the_caller_is_told_so_and_ended(rig: Rig, observer: Observer, module: str) -> None:
    if module == "not there":
        await rig.pbx.cli("module unload app_voicemail.so")
    try:
        await to_mailbox(observer, "nobody")
        assert (await listen(observer, "customer", rig.recordings, ALL)).hears == FAST_BUSY
    finally:
        await rig.pbx.cli("module load app_voicemail.so")
    await observer.event("Hangup", Uniqueid="customer")
