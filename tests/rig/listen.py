"""Who hears whom: record a leg, and look for the tones of the others in the recording."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twisted.internet.task import deferLater

from tests.rig.observer import Observer

_PRESENT = 0.04  # of full scale; the sandbox's tones have 0.1 and more, mu-law noise far less
_NEAR = 60  # hertz within which a tone may seem to be there because of another one
_BESIDE = 0.5  # how strong it must be then, as a share of the other: one packet that comes late makes 0.1, three 0.4
_END, _STRETCH, _STRETCHES = 0.5, 0.2, 5  # seconds that are looked at, in so many overlapping stretches
_SHORTEST = 0.4
_TRIES = 3


def strength(samples: Iterable[float], rate: int, hertz: float) -> float:
    """The amplitude of one frequency, as a share of full scale (Goertzel's algorithm)."""
    coefficient = 2 * math.cos(2 * math.pi * hertz / rate)
    last = before = 0.0
    count = 0
    for sample in samples:
        last, before = sample + coefficient * last - before, last
        count += 1
    power = last * last + before * before - coefficient * last * before
    return math.sqrt(max(power, 0.0)) * 2 / max(count, 1) / 32768


def read_samples(path: Path) -> tuple[list[int], int]:
    """All samples of a mono 16 bit WAV file, and its rate."""
    with wave.open(str(path), "rb") as sound:
        assert sound.getnchannels() == 1
        assert sound.getsampwidth() == 2
        frames = sound.readframes(sound.getnframes())
        return list(struct.unpack(f"<{len(frames) // 2}h", frames)), sound.getframerate()


def tones_in(path: Path, among: Iterable[int]) -> set[int]:
    """Which of these frequencies sound in the end of a recording."""
    return _sounding(_strengths(path, among))


def _strengths(path: Path, among: Iterable[int]) -> list[dict[int, float]]:
    """How strong these frequencies are in the end of a recording, in one overlapping stretch of it after the other.

    The stretches fade in and out, so that their ends make no tones of their own. Of a recording that is too short there
    are none.
    """
    samples, rate = read_samples(path)
    if len(samples) < _SHORTEST * rate:
        return []
    end, size = samples[-round(_END * rate) :], round(_STRETCH * rate)
    shape = [1 - math.cos(2 * math.pi * (n + 0.5) / size) for n in range(size)]
    step = (len(end) - size) // (_STRETCHES - 1)
    stretches = [[value * part for value, part in zip(end[n * step :], shape, strict=False)] for n in range(_STRETCHES)]
    among = tuple(among)
    return [{hertz: strength(stretch, rate, hertz) for hertz in among} for stretch in stretches]


def _sounding(strengths: list[dict[int, float]]) -> set[int]:
    """Which frequencies sound. Raises AssertionError if there is too little to tell.

    A gap or a step in a tone makes its neighbours seem to sound, in some stretches and more weakly than itself.
    """
    assert strengths, "the recording is too short"
    mean = {hertz: sum(each[hertz] for each in strengths) / len(strengths) for hertz in strengths[0]}
    return {
        hertz
        for hertz, here in mean.items()
        if here > _PRESENT and all(here > _BESIDE * other for near, other in mean.items() if abs(near - hertz) <= _NEAR)
    }


@dataclass(frozen=True)
class Heard:
    """What one leg hears and what it says, as frequencies."""

    hears: set[int]
    says: set[int]


async def listen(observer: Observer, channel: str, folder: Path, among: Iterable[int], seconds: float = 0.7) -> Heard:
    """Record a leg of the PBX for ``seconds``, each direction by itself, and say which tones are in it.

    What begins or ends while it is recorded is listened to again, twice at most: sounds follow what Asterisk tells.
    """
    among = tuple(among)
    sounds = await _record(observer, channel, folder, among, seconds)
    for _ in range(_TRIES - 1):
        if all(map(_steady, sounds)):
            break
        with suppress(AssertionError):  # the leg has gone meanwhile
            sounds = await _record(observer, channel, folder, among, seconds)
    heard, said = sounds
    return Heard(_sounding(heard), _sounding(said))


def _steady(strengths: list[dict[int, float]]) -> bool:
    """Whether a recording is long enough, and begins with the tones with which it ends."""
    return bool(strengths) and _sounding(strengths[:2]) == _sounding(strengths[-2:])


async def _record(
    observer: Observer, channel: str, folder: Path, among: tuple[int, ...], seconds: float
) -> list[list[dict[int, float]]]:
    """Record a leg: how strong which frequencies are in what it hears, and in what it says."""
    mark = f"{channel}-{len(list(folder.iterdir()))}".replace("/", "-")
    said, heard = folder / f"{mark}-said.wav", folder / f"{mark}-heard.wav"
    answer = await observer.action(
        "MixMonitor", Channel=channel, File=str(folder / f"{mark}.wav"), options=f"i(MARK)r({said})t({heard})"
    )
    await deferLater(observer.clock, seconds)
    observer.forget()
    await observer.action("StopMixMonitor", Channel=channel, MixMonitorID=answer["MixMonitorID"])
    await observer.event("MixMonitorStop")
    await whole(observer.clock, said, heard)
    return [_strengths(file, among) for file in (heard, said)]


async def whole(clock: Any, *files: Path) -> None:
    """Wait until Asterisk has closed the files: it does so a moment after it says that it stopped (seen in 22.10.1)."""
    for _ in range(1000):
        if not any(_open(file) for file in files):
            return
        await deferLater(clock, 0.01)
    raise AssertionError(f"{files} are still being written")


def _open(file: Path) -> bool:
    try:
        with wave.open(str(file), "rb") as sound:
            return sound.getnframes() == 0 or file.stat().st_size != 44 + 2 * sound.getnframes()
    except (EOFError, wave.Error, FileNotFoundError):
        return True
