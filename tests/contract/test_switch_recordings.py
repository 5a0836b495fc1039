"""Recordings on a real Asterisk: what is in the files, and what the switch says of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from agentd.ami import AMIClient
from agentd.core import commands as c
from agentd.core.effects import MuteRecording, StartRecording, StopRecording
from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import Rig
from agentd.sandbox.tones import MUSIC_HERTZ, outside_hertz, phone_hertz
from agentd.switch.recordings import Recordings
from tests.rig.listen import read_samples, strength, whole
from tests.rig.observer import Observer

CUSTOMER, THIRD, PHONE = "7275551212", "7275551245", "502"
AGENT_SAYS, CUSTOMER_SAYS, THIRD_SAYS = phone_hertz(PHONE), outside_hertz(CUSTOMER), outside_hertz(THIRD)
TONES = {"agent": AGENT_SAYS, "customer": CUSTOMER_SAYS, "third": THIRD_SAYS, "music": MUSIC_HERTZ}
ROOM = "8600051"
MOMENT = 0.6
"""Seconds of sound that are surely more than one look at it."""
LATE = 0.4
"""Seconds that a recording may be shorter than the time between its start and its stop, as they are answered."""
LOOK = 0.1
"""Seconds of a recording in which one looks for tones."""


class Studio:
    """A connection of the daemon's user with recordings, and what they said."""

    def __init__(self, rig: Rig, observer: Observer, reactor: Any) -> None:
        self.observer = observer
        self.folder = rig.recordings
        self.heard: list[c.Command] = []
        self._watchers: list[tuple[int, Deferred[None]]] = []
        self._reactor = reactor
        self.client = AMIClient("agentd", rig.secrets["agentd"], f"tcp:{PBX_HOST}:{rig.ports.pbx_ami}", reactor=reactor)
        self.recordings = Recordings(self.client, self._feed, self.folder)

    def _feed(self, command: c.Command) -> None:
        self.heard.append(command)
        for count, come in self._watchers:
            if len(self.heard) >= count and not come.called:
                come.callback(None)

    async def says(self, count: int = 1) -> list[c.Command]:
        """Wait for so many words, and take those that have come."""
        if len(self.heard) < count:
            come: Deferred[None] = Deferred()
            self._watchers.append((count, come))
            await come.addTimeout(5, self._reactor)
        said, self.heard = self.heard, []
        return said

    async def record(self, leg: str, number: int) -> Path:
        file = f"{secrets.token_hex(4)}.wav"
        self.recordings.start(StartRecording(leg, number, file))
        assert await self.says() == [c.RecordingBegun(number)]
        return self.folder / file

    async def stop(self, leg: str, number: int) -> None:
        self.recordings.stop(StopRecording(leg, number))
        assert await self.says() == [c.RecordingOver(number)]

    async def mute(self, leg: str, number: int, *, muted: bool) -> None:
        self.recordings.mute(MuteRecording(leg, number, muted))
        assert await self.says() == [c.RecordingSilenced(number, muted)]

    def now(self) -> float:
        """Seconds, from some moment on."""
        return self._reactor.seconds()

    async def talk(self, seconds: float = MOMENT) -> None:
        """Let everybody talk for so long."""
        await deferLater(self._reactor, seconds)

    async def join(self, leg: str, channel: str, role: str, room: str = ROOM) -> None:
        answer = await self.observer.originate(
            leg, channel, Context="agentd-conf", Exten=room, Priority=1, variables={"AGENTD_ROLE": role}
        )
        assert answer["Response"] == "Success"
        await self.observer.event("ConfbridgeJoin", Uniqueid=leg)

    async def send(self, leg: str, context: str, exten: str) -> None:
        await self.observer.action("Redirect", Channel=leg, Context=context, Exten=exten, Priority=1)

    async def sounds(self, file: Path) -> list[set[str]]:
        return await sounds(self._reactor, file)


@pytest_twisted.async_yield_fixture
async def studio(rig: Rig, observer: Observer, reactor: Any):
    """An agent and a customer who talk; the legs are called agent and customer."""
    for number in (CUSTOMER, THIRD):
        await rig.behave(number, "answers", after=0)
    studio = Studio(rig, observer, reactor)
    studio.client.start()
    await studio.client.when_live().addTimeout(10, reactor)
    await studio.join("agent", f"PJSIP/{PHONE}", "agent")
    await studio.join("customer", f"PJSIP/1{CUSTOMER}@carrier", "customer")
    assert await observer.together("agent", "customer")
    yield studio
    await studio.client.stop()
    await observer.hang_up_all()
    for number in (CUSTOMER, THIRD):
        await rig.behave(number, "usual")


async def sounds(clock: Any, file: Path) -> list[set[str]]:
    """Who is heard in each tenth of a second of a recording that has ended."""
    await whole(clock, file)
    samples, rate = read_samples(file)
    size = round(LOOK * rate)
    return [
        {name for name, hertz in TONES.items() if strength(samples[at : at + size], rate, hertz) > 0.02}
        for at in range(0, len(samples) - size + 1, size)
    ]


def stretches(heard: Iterable[set[str]]) -> list[set[str]]:
    """What follows what, each once; a look that caught a change in the middle does not count."""
    heard = list(heard)
    found: list[set[str]] = []
    for who, then in pairwise(heard):
        if who == then and (not found or found[-1] != who):
            found.append(who)
    return found


BOTH = {"agent", "customer"}


@pytest_twisted.ensureDeferred
async def test_both_sides_are_in_the_file_from_start_to_stop(studio: Studio) -> None:
    began = studio.now()
    file = await studio.record("customer", 1)
    await studio.talk(1.0)
    await studio.stop("customer", 1)
    took = studio.now() - began
    await studio.talk()
    heard = await studio.sounds(file)
    assert stretches(heard) == [BOTH]
    assert took - LATE <= len(heard) * LOOK <= took + LOOK, "what was said after the stop is not in it"


@pytest_twisted.ensureDeferred
async def test_a_recording_of_the_phone_has_both_sides_too(studio: Studio) -> None:
    file = await studio.record("agent", 1)
    await studio.talk()
    await studio.stop("agent", 1)
    assert stretches(await studio.sounds(file)) == [BOTH]


@pytest_twisted.ensureDeferred
async def test_a_muted_stretch_is_silent_and_as_long_as_it_was(studio: Studio) -> None:
    file = await studio.record("customer", 1)
    await studio.talk()
    began = studio.now()
    await studio.mute("customer", 1, muted=True)
    await studio.talk(1.0)
    await studio.mute("customer", 1, muted=False)
    took = studio.now() - began
    await studio.talk()
    await studio.stop("customer", 1)
    heard = await studio.sounds(file)
    assert stretches(heard) == [BOTH, set(), BOTH]
    assert took - LATE <= heard.count(set()) * LOOK <= took + LOOK


@pytest_twisted.ensureDeferred
async def test_of_several_recordings_each_is_stopped_and_muted_alone(studio: Studio) -> None:
    first, second, third = [await studio.record("customer", number) for number in (1, 2, 3)]
    await studio.talk()
    await studio.mute("customer", 2, muted=True)
    await studio.stop("customer", 1)
    await studio.talk()
    await studio.stop("customer", 2)
    await studio.talk()
    await studio.stop("customer", 3)
    assert stretches(await studio.sounds(first)) == [BOTH]
    assert stretches(await studio.sounds(second)) == [BOTH, set()]
    heard = await studio.sounds(third)
    assert stretches(heard) == [BOTH]
    assert len(heard) * LOOK >= 3 * MOMENT - 0.2


@pytest_twisted.ensureDeferred
async def test_it_follows_the_customer_through_park_three_way_and_transfer(studio: Studio) -> None:
    file = await studio.record("customer", 1)
    await studio.talk()
    await studio.send("customer", "agentd-wait", "s")
    await studio.talk(0.8)
    await studio.send("customer", "agentd-conf", ROOM)
    await studio.join("third", f"PJSIP/1{THIRD}@carrier", "third")
    await studio.talk()
    await studio.observer.action("Hangup", Channel="agent")
    await studio.talk()
    await studio.stop("customer", 1)
    heard = [who for who in stretches(await studio.sounds(file)) if who != {"customer"}]
    assert heard[0] == BOTH
    assert {"customer", "music"} in heard
    assert heard[-2:] == [BOTH | {"third"}, {"customer", "third"}]


@pytest_twisted.ensureDeferred
async def test_another_daemon_finds_the_recording_and_ends_it(studio: Studio, rig: Rig, reactor: Any) -> None:
    """What the first knew is gone with it; the channel tells the next."""
    file = await studio.record("customer", 7)
    other = await studio.record("customer", 8)
    await studio.talk()
    await studio.client.stop()
    studio.client.start()
    await studio.client.when_live().addTimeout(10, reactor)
    studio.recordings = Recordings(studio.client, studio.recordings._feed, rig.recordings)
    await studio.mute("customer", 8, muted=True)
    await studio.stop("customer", 7)
    await studio.talk()
    await studio.stop("customer", 8)
    assert stretches(await studio.sounds(file)) == [BOTH]
    assert stretches(await studio.sounds(other)) == [BOTH, set()]


@pytest_twisted.ensureDeferred
async def test_the_end_of_the_leg_ends_the_file(studio: Studio) -> None:
    file = await studio.record("customer", 1)
    await studio.talk()
    await studio.observer.action("Hangup", Channel="customer")
    await studio.observer.event("Hangup", Uniqueid="customer")
    assert stretches(await studio.sounds(file)) == [BOTH]
    studio.recordings.stop(StopRecording("customer", 1))
    assert await studio.says() == [c.RecordingOver(1)], "a stop that comes too late finds what it wanted"


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_is_refused(studio: Studio) -> None:
    studio.recordings.start(StartRecording("nobody", 1, "x.wav"))
    (refused,) = await studio.says()
    assert isinstance(refused, c.RecordingRefused)
    assert refused.recording_id == 1
    assert "channel" in refused.reason.lower()
    studio.recordings.mute(MuteRecording("customer", 1, True))
    assert await studio.says() == [c.RecordingRefused(1, "it is not running")]
    studio.recordings.mute(MuteRecording("nobody", 1, True))
    assert isinstance((await studio.says())[0], c.RecordingRefused)


@pytest_twisted.ensureDeferred
async def test_stopping_one_that_never_ran_leaves_the_others_alone(studio: Studio) -> None:
    file = await studio.record("customer", 1)
    await studio.stop("customer", 2)
    await studio.talk()
    await studio.stop("customer", 1)
    assert len(await studio.sounds(file)) * LOOK >= MOMENT - 0.2


@pytest_twisted.ensureDeferred
async def test_stop_asked_before_the_start_is_answered_still_ends_it(studio: Studio) -> None:
    studio.recordings.start(StartRecording("customer", 1, "quick.wav"))
    studio.recordings.stop(StopRecording("customer", 1))
    studio.recordings.start(StartRecording("customer", 2, "next.wav"))
    heard = await studio.says(3)
    assert set(heard) == {c.RecordingBegun(1), c.RecordingOver(1), c.RecordingBegun(2)}
    assert heard.index(c.RecordingBegun(1)) < heard.index(c.RecordingOver(1))
    await studio.talk()
    await studio.stop("customer", 2)
    assert await studio.sounds(studio.folder / "next.wav") != []
    assert (studio.folder / "quick.wav").stat().st_size < 44 + 16000 * MOMENT


@pytest_twisted.ensureDeferred
async def test_one_that_is_stopped_twice_takes_no_other_with_it(studio: Studio) -> None:
    """Asterisk gives the ids of recordings again."""
    for number in range(1, 5):
        await studio.record("customer", number)
        await studio.stop("customer", number)
    file = await studio.record("customer", 5)
    for number in range(1, 5):
        await studio.stop("customer", number)
    await studio.talk()
    await studio.stop("customer", 5)
    assert len(await studio.sounds(file)) * LOOK >= MOMENT - 0.2


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_there_is_continued_and_never_lost(studio: Studio) -> None:
    for number in (1, 2):
        studio.recordings.start(StartRecording("customer", number, "again.wav"))
        assert await studio.says() == [c.RecordingBegun(number)]
        await studio.talk()
        await studio.stop("customer", number)
        await whole(studio.observer.clock, studio.folder / "again.wav")
    heard = await studio.sounds(studio.folder / "again.wav")
    assert len(heard) * LOOK >= 2 * MOMENT - 0.3
    assert stretches(heard) == [BOTH]


@pytest_twisted.ensureDeferred
async def test_without_a_link_it_is_refused_at_once(studio: Studio) -> None:
    await studio.client.stop()
    studio.recordings.start(StartRecording("customer", 1, "x.wav"))
    assert studio.heard == [c.RecordingRefused(1, "not sent")]
