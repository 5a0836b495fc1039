"""Where the moves lead in the dialplan (etc/asterisk/extensions-agentd.conf), and what may be written there.

Whatever becomes a context, an extension or a variable has passed an allow-list here: Asterisk says Success to a
Redirect to an extension that does not exist, and drops the call (22.10.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agentd.core.effects import (
    Announce,
    Effect,
    Hold,
    Join,
    JoinBoth,
    PlayMessage,
    Prompt,
    RingMonitor,
    RingToWait,
    SendOut,
    SetMonitor,
    Voicemail,
)
from agentd.core.model import MonitorMode, Role

__all__ = ["PEER", "Destination", "Unfit", "destination", "monitor_destination", "number_of", "wait_destination"]

PEER = "AGENTD_PEER"
"""The variable of a leg in agentd-left that has the channel name of the other one."""

_ROOM = re.compile(r"[0-9]{1,20}")
_NUMBER = re.compile(r"[0-9+*#]{1,40}")
_NAME = re.compile(r"[A-Za-z0-9_-]{0,80}")
_SOUND = re.compile(r"(?!.*\.\.)[A-Za-z0-9_./-]{0,250}")
_BOX = re.compile(r"[A-Za-z0-9_-]{1,80}(@[A-Za-z0-9_-]{1,80})?")
_UNIQUE_ID = re.compile(r"[A-Za-z0-9_.-]{1,150}")
_RESOURCE = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_+*#@.:;=/-]{1,200}")
_CALLER = re.compile(r"(?:[^<]*<)?\s*(\+?[0-9]{1,40})\s*>?")

# ChanSpy: no beep (q), the channel by its unique id (u), end with it (E), and at once if it is not there (S).
# w: the agent, and nobody else, hears the supervisor.
_SPY_OPTIONS = {MonitorMode.LISTEN: "quES", MonitorMode.WHISPER: "quESw"}
_DIAL_OPTIONS = "R"  # the tone of ringing from the first moment, until the far end sends a sound of its own


class Unfit(Exception):
    """Something may not be written into the dialplan. The text says what, not its value."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A context and an extension, and the channel's variables that are set before."""

    context: str
    extension: str
    variables: Mapping[str, str] = field(default_factory=dict)


def destination(effect: Effect, conferences: str) -> Destination:
    """Give where a move leads; ``conferences`` is the context whose extensions are conferences.

    Raises:
        Unfit
    """
    match effect:
        case Join():
            return Destination(conferences, _fit(_ROOM, effect.room, "conference"))
        case JoinBoth():
            return Destination("agentd-left", _fit(_ROOM, effect.room, "conference"))
        case Hold():
            return Destination("agentd-wait", "s", _music(effect.music))
        case Announce():
            return _announcement(effect)
        case Prompt():
            return _prompt(effect)
        case PlayMessage():
            return Destination("agentd-message", "s", {"AGENTD_PROMPT": _fit(_SOUND, effect.prompt, "prompt")})
        case Voicemail():
            return Destination("agentd-voicemail", "s", {"AGENTD_MAILBOX": _fit(_BOX, effect.box, "mailbox")})
        case SendOut():
            return _outside(effect)
        case SetMonitor():
            return monitor_destination(effect, conferences)
    raise Unfit(f"{type(effect).__name__} is no move")


def monitor_destination(effect: RingMonitor | SetMonitor, conferences: str) -> Destination:
    """Give where a supervisor's phone hears the agent, or is heard by all.

    Raises:
        Unfit
    """
    room = _fit(_ROOM, effect.room, "conference")
    target = _fit(_UNIQUE_ID, effect.target, "agent's channel")
    if effect.mode is MonitorMode.BARGE:
        return Destination(conferences, room)
    options = _SPY_OPTIONS[effect.mode]
    return Destination("agentd-spy", "s", {"AGENTD_SPY": target, "AGENTD_SPY_OPTIONS": options})


def wait_destination(effect: RingToWait) -> Destination:
    """Give where somebody who was called waits: a customer with music, an agent in silence, and not for long.

    Raises:
        Unfit
    """
    if effect.role is Role.AGENT:
        return Destination("agentd-ready", "s")
    return Destination("agentd-wait", "s", _music(effect.music) if effect.music else {})


def number_of(caller_id: str) -> str:
    """Give the number of a caller id, such as ``A name <7275551212>``; empty when it has none."""
    caller = _CALLER.fullmatch(caller_id.strip())
    return caller[1] if caller else ""


def _music(music: str) -> Mapping[str, str]:
    return {"CHANNEL(musicclass)": _fit(_NAME, music, "class of music")}


def _announcement(effect: Announce) -> Destination:
    variables = {
        **_music(effect.music),
        "AGENTD_PROMPT": _fit(_SOUND, effect.prompt, "prompt"),
        "AGENTD_POSITION": str(max(effect.position, 0) or ""),
        "AGENTD_MINUTES": str(max(effect.minutes or 0, 0) or ""),
    }
    return Destination("agentd-announce", "s", variables)


def _prompt(effect: Prompt) -> Destination:
    room = _fit(_ROOM, effect.room, "conference")
    variables = {
        "AGENTD_PROMPT": _fit(_SOUND, effect.prompt, "prompt"),
        "AGENTD_IVR_CONTEXT": _fit(_NAME, effect.context, "IVR context"),
        "AGENTD_ROOM": room,
    }
    return Destination("agentd-ivr", room, variables)


def _outside(effect: SendOut) -> Destination:
    variables = {
        "AGENTD_DIAL": _fit(_RESOURCE, effect.resource, "resource"),
        "AGENTD_CALLERID": number_of(effect.caller_id),
        "AGENTD_DIAL_TIMEOUT": str(int(effect.timeout)),
        "AGENTD_DIAL_OPTIONS": _DIAL_OPTIONS,
        "AGENTD_LEFT": _fit(_ROOM, effect.room, "conference"),
    }
    return Destination("agentd-dial", _fit(_NUMBER, effect.number, "number"), variables)


def _fit(allowed: re.Pattern[str], value: str, what: str) -> str:
    if not allowed.fullmatch(value):
        raise Unfit(f"not a {what} that may be used")
    return value
