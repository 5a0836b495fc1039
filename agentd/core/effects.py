"""What the core asks of Asterisk. Asked, not assumed: only a later command from the switch says what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentd.core.model import MonitorMode, Role

__all__ = [
    "Announce",
    "Effect",
    "HangUpChannel",
    "HangUpLeg",
    "Hold",
    "Join",
    "JoinBoth",
    "MuteRecording",
    "Part",
    "PlayMessage",
    "Prompt",
    "ReadLeg",
    "Ring",
    "RingConsult",
    "RingMonitor",
    "RingToWait",
    "SendDigits",
    "SendOut",
    "SetMonitor",
    "StartRecording",
    "StopRecording",
    "Tag",
    "Voicemail",
]


@dataclass(frozen=True, slots=True)
class Effect:
    """The base of all effects. ``leg`` is the unique id of the channel that it is about."""

    leg: str


# --- channels ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ring(Effect):
    """Make a channel to ``resource`` and put it into conference ``room`` when it answers. ``timeout`` in seconds."""

    resource: str
    room: str
    role: Role
    session_id: int
    call_key: str
    caller_id: str
    timeout: int


@dataclass(frozen=True, slots=True)
class RingToWait(Effect):
    """Make a channel to ``resource``; when it answers it is in the wait (LegAt), for ``timeout`` seconds at most.

    A customer hears music of class ``music`` there, an agent nothing. ``names_call``: the far end is shown the call key
    as the caller's name, and in the SIP header ``X-AGENTD-CALL``.
    """

    resource: str
    role: Role
    session_id: int
    call_key: str
    caller_id: str
    timeout: int
    music: str = ""
    names_call: bool = False


@dataclass(frozen=True, slots=True)
class RingConsult(Effect):
    """Make a leg that hears music of class ``music`` in a line, and is heard in conference ``room`` from the start.

    When it is put into another conference, the two hear each other through it.
    """

    room: str
    session_id: int
    call_key: str
    music: str


@dataclass(frozen=True, slots=True)
class Tag(Effect):
    """The leg has another owner from now: its channel says so, for the time after a restart."""

    role: Role
    session_id: int
    call_key: str


@dataclass(frozen=True, slots=True)
class Part(Effect):
    """The leg's end is no longer the end of the one with which JoinBoth put it together."""


@dataclass(frozen=True, slots=True)
class HangUpLeg(Effect):
    """End the leg's channel, with a Q.850 cause."""

    cause: int = 16


@dataclass(frozen=True, slots=True)
class HangUpChannel(Effect):
    """End a channel that belongs to nobody here (``leg`` is its unique id)."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReadLeg(Effect):
    """Tell where the leg's channel is now: a confirmation did not come."""


# --- moves: each is confirmed by a LegJoined or LegAt, or refused by a MoveRefused ----------------------------


@dataclass(frozen=True, slots=True)
class Join(Effect):
    """Put the leg into conference ``room``."""

    room: str


@dataclass(frozen=True, slots=True)
class JoinBoth(Effect):
    """Put the leg and ``other`` into conference ``room`` at once, or neither. When one leaves, the other is ended."""

    other: str
    room: str


@dataclass(frozen=True, slots=True)
class Hold(Effect):
    """Play music of class ``music`` (empty: the PBX's default) to the leg, for as long as it stays."""

    music: str


@dataclass(frozen=True, slots=True)
class Prompt(Effect):
    """Play ``prompt``, or send the leg through dialplan context ``context``; it comes back to ``room`` by itself."""

    room: str
    context: str
    prompt: str


@dataclass(frozen=True, slots=True)
class PlayMessage(Effect):
    """Play ``prompt`` to the leg, then end it."""

    prompt: str


@dataclass(frozen=True, slots=True)
class Announce(Effect):
    """Let a leg that waits hear ``prompt``, its ``position`` and the expected wait in ``minutes``, then music again.

    What is empty, 0 or None is not said. It is in the wait all the time (LegAt), and may be moved while it listens.
    """

    music: str
    prompt: str = ""
    position: int = 0
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Voicemail(Effect):
    """Let the leg leave a message in mailbox ``box``, then end it. Confirmed as OUTSIDE."""

    box: str


@dataclass(frozen=True, slots=True)
class SendOut(Effect):
    """Let the leg talk with ``resource``, which is dialled for so many seconds; when one of both leaves, both end.

    Confirmed when Asterisk dials. When the far end answers, both go into conference ``room``.
    """

    resource: str
    number: str
    caller_id: str
    timeout: int
    room: str


# --- digits --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendDigits(Effect):
    """Let the leg's far end hear these digits, ``,`` being a second of silence.

    They wait in line behind those sent before. A move or the end of the leg drops what is left of them.
    """

    digits: str = field(repr=False)


# --- recordings: confirmed by RecordingBegun, RecordingOver and RecordingSilenced, or refused by RecordingRefused ---


@dataclass(frozen=True, slots=True)
class StartRecording(Effect):
    """Record what the leg hears and says into ``file`` (a name in the folder of recordings)."""

    recording_id: int
    file: str


@dataclass(frozen=True, slots=True)
class StopRecording(Effect):
    """End a recording of the leg."""

    recording_id: int


@dataclass(frozen=True, slots=True)
class MuteRecording(Effect):
    """Let a recording of the leg go on in silence, or with sound again."""

    recording_id: int
    muted: bool


# --- supervisors ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RingMonitor(Effect):
    """Ring a supervisor's phone.

    When it answers it hears ``target``, the agent's leg (LegAt), or is in ``room`` to barge (LegJoined).
    """

    resource: str
    target: str
    room: str
    mode: MonitorMode
    session_id: int
    caller_id: str
    timeout: int


@dataclass(frozen=True, slots=True)
class SetMonitor(Effect):
    """Let a supervisor who is there listen, whisper or barge from now. It is a move like the others."""

    target: str
    room: str
    mode: MonitorMode
