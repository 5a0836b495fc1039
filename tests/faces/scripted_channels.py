"""The channels of the scripted switch, and what becomes of those that are rung."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from agentd.core.model import Place, Role
from agentd.engine.ports import Caller

STEP = 0.002  # seconds that Asterisk takes for anything
LATE_END = 0.05  # seconds after which a leg that Asterisk does not know is told to be gone
PICK_UP = 1.0  # seconds for which a customer lets it ring
STAY = 5.0  # seconds for which an ANSWER_THEN_LEAVE customer stays
EXTENSIONS = {"8500"}  # what agents may dial besides the phones


class Fate(Enum):
    """What becomes of a Ring."""

    ANSWER = auto()
    ANSWER_THEN_LEAVE = auto()
    RING_ON = auto()
    BUSY = auto()
    CONGESTION = auto()
    DECLINE = auto()
    UNKNOWN = auto()
    NO_EXTENSION = auto()
    UNREGISTERED = auto()
    REFUSE = auto()
    SILENCE = auto()


# What the last two digits of an outside number mean, as in the demo; everything else answers.
_BY_ENDING = {
    "00": Fate.BUSY,
    "01": Fate.RING_ON,
    "02": Fate.CONGESTION,
    "03": Fate.ANSWER_THEN_LEAVE,
}
_BY_PHONE = {"521": Fate.RING_ON, "522": Fate.BUSY, "523": Fate.UNREGISTERED}
CAUSES = {Fate.BUSY: 17, Fate.CONGESTION: 34, Fate.DECLINE: 21, Fate.UNKNOWN: 1, Fate.NO_EXTENSION: 0}
"""The Q.850 cause of those who turn a call down."""


@dataclass
class Channel:
    """A channel as the scripted Asterisk has it.

    ``peer`` is the one that it was left behind with, ``target`` the one that a supervisor hears. ``moved`` counts its
    moves, so that what was to end an earlier one is not taken for the end of a later one. ``caller`` is what the
    dialplan knows of one who has called; such a one has no role until the daemon gives him one.
    """

    leg: str
    resource: str
    role: Role | None
    session_id: int
    call_key: str
    place: Place
    peer: str = ""
    target: str = ""
    moved: int = 0
    caller: Caller | None = None


def usual_fate(resource: str) -> Fate:
    """What becomes of a Ring for this resource, unless a test says otherwise."""
    address, _, peer = resource.partition("@")
    address = address.rpartition("/")[2]
    if peer in _BY_PHONE:
        return _BY_PHONE[peer]
    if peer == "carrier":
        return _BY_ENDING.get(address[-2:], Fate.ANSWER)
    if resource.startswith("Local/"):
        return Fate.ANSWER if address in EXTENSIONS else Fate.NO_EXTENSION
    return _BY_PHONE.get(address, Fate.ANSWER)
