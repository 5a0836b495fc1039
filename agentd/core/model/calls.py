"""Calls, who waits in which line, and legs: channels that have a role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentd.core.model.leads import CallbackWish, WhichNumber
from agentd.core.model.sessions import After, DialRequest

__all__ = ["Call", "CallState", "Leg", "Move", "Place", "PlaceKind", "Role", "Waiting", "Why"]


# --- calls -------------------------------------------------------------------------------------------------


class CallState(StrEnum):
    """How far a call has come.

    WAITING: in the line of an in-group, no agent has it. HELD: the customer hears music. IVR: he hears the campaign's
    prompt. THIRD_PARTY: he has gone, and a third party is left with the agent. A call in WRAPPING is over; its
    disposition is not.
    """

    WAITING = "waiting"
    DIALLING = "dialling"
    RINGING = "ringing"
    CONNECTED = "connected"
    HELD = "held"
    IVR = "ivr"
    THIRD_PARTY = "third_party"
    WRAPPING = "wrapping"


@dataclass(slots=True)
class Call:
    """One conversation with an outside party, from dial or arrival to disposition.

    ``before`` is what the agent was doing when he dialled, and returns if Asterisk makes no channel. ``third`` is the
    leg of the third party, ``third_number`` what was dialled for it or the in-group that was asked; ``held_since`` when
    the customer left the agent for music or the IVR. ``ingroup`` is the line through which the call came, ``did`` the
    number that was called, ``origin`` the call of which it is the continuation with another agent. ``direction`` is
    manual, auto (dialled by the campaign) or inbound. ``agent_leg`` is a remote agent's own leg, which he has for this
    call alone. ``rerouted`` is how often a treatment sent it on to another line, ``priority`` that of its customer
    there. ``callback`` and ``code`` (that of another system) go with the ``status`` that was kept; ``which`` of the
    lead's numbers was dialled, from the preview ``previewed`` if there was one.
    """

    id: int
    key: str
    agent: str
    session_id: int
    campaign: str
    direction: str
    lead_id: int
    number: str
    phone_code: str
    leg: str
    started: float
    before: After
    state: CallState = CallState.DIALLING
    answered: float | None = None
    ended: float | None = None
    cause: int = 0
    hung_up_by: str = ""
    suggested_status: str = ""
    status: str = ""
    third: str = ""
    third_number: str = ""
    third_answered: float | None = None
    held_since: float | None = None
    ingroup: str = ""
    origin: int = 0
    did: str = ""
    rerouted: int = 0
    agent_leg: str = ""
    priority: int = 0
    callback: CallbackWish | None = None
    code: str = ""
    which: WhichNumber = WhichNumber.MAIN
    previewed: DialRequest | None = None


@dataclass(slots=True)
class Waiting:
    """Somebody in a line: a caller, (``consult``) an agent's question to another one, or one whom a campaign dialled.

    Such a one has no ``ingroup``, but the ``campaign`` whose blended agents he waits for. The leg of a consultation is
    that of the call's third party. ``since`` decides the place in line among those of the same ``priority`` (the
    higher, the sooner). ``wanted`` is the only agent who will do, empty for any; ``offered`` the agent to whom it is
    being delivered, ``ringing`` the leg by which he is being called for that, when he does not sit in a conference.
    ``entered``: he has come to the music.
    """

    leg: str
    call_id: int
    ingroup: str
    since: float
    wanted: str = ""
    consult: bool = False
    offered: str = ""
    priority: int = 0
    campaign: str = ""
    ringing: str = ""
    entered: bool = False


class Role(StrEnum):
    """What a leg is for."""

    AGENT = "agent"
    CUSTOMER = "customer"
    THIRD = "third"
    MONITOR = "monitor"


class PlaceKind(StrEnum):
    """Where a leg is.

    ASKED: requested, but no channel was seen. DIALLING: a channel that is not answered. WAIT: hears music. IVR: hears
    the campaign's prompt, and comes back by itself. OUTSIDE: talks with somebody, or something, without an agent.
    LISTEN: hears an agent's phone (a supervisor).
    """

    ASKED = "asked"
    DIALLING = "dialling"
    UP = "up"
    CONFERENCE = "conference"
    WAIT = "wait"
    IVR = "ivr"
    OUTSIDE = "outside"
    LISTEN = "listen"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leg is; ``room`` names the conference."""

    kind: PlaceKind
    room: str = ""


class Why(StrEnum):
    """What a move is for: what is true of the call when the move is confirmed."""

    END = "end"
    HOLD = "hold"
    IVR = "ivr"
    RETRIEVE = "retrieve"
    BLIND = "blind"
    MESSAGE = "message"
    LEAVE = "leave"
    CONNECT = "connect"
    CLOSER = "closer"
    DELIVER = "deliver"
    TAKE = "take"
    LINE = "line"
    ANNOUNCE = "announce"
    TREATMENT = "treatment"
    MODE = "mode"


@dataclass(frozen=True, slots=True)
class Move:
    """What was asked of Asterisk for a leg and is not confirmed yet, and on whose account.

    ``goal`` is None for a hangup. ``about`` is what the confirmation must know besides: the number of a blind transfer,
    the in-group of a closer, the other leg of two that go together. ``wanted`` is the agent whom a closer asked for.
    ``status`` is what the call is disposed of with when the move has come about (empty: that is not said).
    """

    why: Why = Why.END
    by: str = ""
    goal: Place | None = None
    about: str = ""
    wanted: str = ""
    status: str = ""


@dataclass(slots=True)
class Leg:
    """One channel with a role in a session. ``id`` is the channel's unique id, chosen by us where we made it.

    ``room`` is the conference that it was made for. A leg that was left behind belongs to no session any more (its
    ``agent`` is empty); ``peer`` is the leg that it goes on talking with, empty when that is none of ours.
    """

    id: str
    role: Role
    session_id: int
    agent: str
    call_id: int | None
    place: Place
    started: float
    room: str = ""
    pending: Move | None = None
    left: bool = False
    peer: str = ""
