"""Listening itself: a party is known by its tone, also in a recording that was disturbed."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.sandbox.tones import outside_hertz, phone_hertz
from tests.rig.listen import tones_in

RATE, PACKET = 8000, 160
OUTSIDE = [outside_hertz(f"{nth:02}") for nth in range(100)]
PHONES = [phone_hertz(str(number)) for number in range(501, 521)]
ALL = (*PHONES, *OUTSIDE)

disturbed = st.tuples(st.sampled_from(["lost", "late", "skipped"]), st.integers(0, 18), st.integers(1, 4))
"""What happens to a tone, at which packet, and to how many of them."""


def tone(hertz: int, begin: float = 0.0) -> list[int]:
    """Half a second of a tone as loud as the sandbox's, and as much again for what is taken out of it."""
    return [round(8000 * math.sin(math.tau * hertz * n / RATE + begin)) for n in range(RATE)]


def heard(folder: Path, samples: list[int], among: tuple[int, ...] = ALL) -> set[int]:
    file = folder / "heard.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{RATE // 2}h", *samples[: RATE // 2]))
    return tones_in(file, among)


@given(hertz=st.sampled_from(ALL), begin=st.floats(0, math.tau), disturbances=st.lists(disturbed, max_size=2))
def test_a_tone_that_is_disturbed_is_no_other_party(
    tmp_path_factory: pytest.TempPathFactory, hertz: int, begin: float, disturbances: list[tuple[str, int, int]]
) -> None:
    samples = tone(hertz, begin)
    for what, at, packets in disturbances:
        here = slice(at * PACKET, (at + packets) * PACKET)
        silence = [0] * (packets * PACKET)
        if what == "late":
            samples[here.start : here.start] = silence
        else:
            samples[here] = silence if what == "lost" else []
    near = tuple(each for each in ALL if abs(each - hertz) <= 100)
    assert heard(tmp_path_factory.getbasetemp(), samples, near) == {hertz}


@pytest.mark.parametrize("beside", [10, 20, 50, 300])
def test_two_parties_are_two_also_when_their_tones_are_close(tmp_path: Path, beside: int) -> None:
    both = [one + other for one, other in zip(tone(1060), tone(1060 + beside, 1.0), strict=True)]
    assert heard(tmp_path, both) == {1060, 1060 + beside}


def test_silence_and_faint_noise_are_nobody(tmp_path: Path) -> None:
    assert heard(tmp_path, [0] * RATE) == set()
    assert heard(tmp_path, [sample // 10 for sample in tone(1060)]) == set()


def test_what_is_too_short_tells_nothing(tmp_path: Path) -> None:
    file = tmp_path / "short.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack("<1600h", *tone(1060)[:1600]))
    with pytest.raises(AssertionError, match="too short"):
        tones_in(file, ALL)
