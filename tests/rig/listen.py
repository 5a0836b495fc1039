"""Who hears whom: record a leg, and look for the tones of the others in the recording."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twisted.internet.task import deferLater

from tests.rig.observer import Observer

_PRESENT = 0.02  # of full scale; the sandbox's tones have 0.1 and more, mu-law noise far less


def strength(samples: Iterable[int], rate: int, hertz: float) -> float:
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


def tones_in(path: Path, among: Iterable[int], last_seconds: float = 0.5) -> set[int]:
    """Which of these frequencies sound in the end of a recording."""
    samples, rate = read_samples(path)
    end = samples[-round(last_seconds * rate) :]
    assert len(end) >= 0.4 * rate, f"{path} has only {len(samples) / rate:.2f} s"
    return {hertz for hertz in among if strength(end, rate, hertz) > _PRESENT}


@dataclass(frozen=True)
class Heard:
    """What one leg hears and what it says, as frequencies."""

    hears: set[int]
    says: set[int]


async def listen(observer: Observer, channel: str, folder: Path, among: Iterable[int], seconds: float = 0.7) -> Heard:
    """Record a leg of the PBX for ``seconds``, each direction by itself, and say which tones are in it."""
    among = tuple(among)
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
    return Heard(tones_in(heard, among), tones_in(said, among))


async def whole(clock: Any, *files: Path) -> None:
    """Wait until Asterisk has closed the files: it does so a moment after it says that it stopped (seen in 22.10.1)."""
    for _ in range(200):
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
