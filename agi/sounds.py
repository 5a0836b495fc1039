"""What is said to whoever is at the other end of an entry, in Asterisk's own standard sounds."""

from __future__ import annotations

from contextlib import suppress

from agentd.fastagi.commands import AGI
from agentd.fastagi.errors import CommandFailed

__all__ = ["say"]


async def say(agi: AGI, *sounds: str, keys: str = "") -> str | None:
    """Play sounds one after the other; gives the one of ``keys`` that ended them. A missing sound is left out.

    Raises:
        ChannelHungUp
    """
    for sound in sounds:
        with suppress(CommandFailed):
            played = await agi.stream_file(sound, keys)
            if played.digit is not None:
                return played.digit
    return None
