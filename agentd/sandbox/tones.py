"""Who sounds how: each party of the sandbox plays a tone of its own, so that a recording proves who hears whom.

Frequencies are whole hertz, apart from each other and from ringing (440, 480), busy (480, 620) and each other's
first harmonics as far as it matters.
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

__all__ = [
    "IVR_PROMPT",
    "LEAVE_MESSAGE",
    "LEAVE_MESSAGE_HERTZ",
    "MESSAGE_HERTZ",
    "MUSIC_HERTZ",
    "PROMPT_HERTZ",
    "RATE",
    "SORRY",
    "SORRY_HERTZ",
    "WELCOME",
    "WELCOME_HERTZ",
    "outside_hertz",
    "phone_hertz",
    "write_tone",
]

RATE = 8000
"""Samples per second of every sound here."""

MUSIC_HERTZ = 250
"""The music on hold of the sandbox's PBX."""

MESSAGE_HERTZ = 910
"""The message that extension 8500 plays: beeps of a second."""

IVR_PROMPT, PROMPT_HERTZ = "agentd/ivr-prompt", 870
"""The prompt of the demo's campaigns, by its name among the sounds: beeps for 25 seconds."""

LEAVE_MESSAGE, LEAVE_MESSAGE_HERTZ = "agentd/leave-message", 955
"""The message that LEAVE_VM plays: three seconds."""

WELCOME, WELCOME_HERTZ = "agentd/welcome", 2050
"""What callers of some in-groups hear first: two seconds."""

SORRY, SORRY_HERTZ = "agentd/sorry", 2150
"""What those hear for whom there is no agent: three seconds."""

_AMPLITUDE = 8000


def phone_hertz(number: str) -> int:
    """The tone of a phone: 325 for 501, 25 more for each next one, 800 for 520; 845 for ``000*094``."""
    if number == "000*094":
        return 845
    return 300 + 25 * (int(number) - 500)


def outside_hertz(number: str) -> int:
    """The tone of an outside number, by its last two digits: 1000 for 00, 10 more for each, 1990 for 99."""
    return 1000 + 10 * int(number[-2:])


def write_tone(path: Path, hertz: int, seconds: float, pause: float = 0.0, times: int = 1) -> None:
    """Write a WAV file (mono, 16 bit): ``times`` times a tone of ``seconds``, each followed by ``pause`` of silence."""
    tone = [round(_AMPLITUDE * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(round(seconds * RATE))]
    samples = tone + [0] * round(pause * RATE)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples) * times)
