"""The records of lines: who waits in which, to whom he is delivered, and what becomes of him if to nobody.

They belong to :mod:`agentd.core.records`, which names them for the journal.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentd.core.model import Lead
from agentd.core.reference import Record

__all__ = [
    "CallDelivered",
    "CallDialled",
    "CallRerouted",
    "CallTreated",
    "CallWaiting",
    "LeadAnswered",
    "OfferMissed",
    "WaitingEnded",
    "WaitingEntered",
    "WaitingJoined",
    "WaitingOffered",
]


# --- lines ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallWaiting(Record):
    """A new call stands in the line of an in-group. ``origin`` is the call that it continues (0: none).

    ``did`` is the number that was called, ``name`` what the caller is called by the network.
    """

    call_id: int
    key: str
    ingroup: str
    campaign: str
    direction: str
    lead: Lead
    number: str
    phone_code: str
    leg: str
    wanted: str = ""
    origin: int = 0
    did: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class WaitingJoined(Record):
    """A leg waits in a line, as that call or (``consult``) for that call's agent.

    The line is an in-group's, or with ``campaign`` that of the campaign's blended agents.
    """

    leg: str
    call_id: int
    ingroup: str
    since: float
    wanted: str = ""
    consult: bool = False
    priority: int = 0
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class WaitingEntered(Record):
    """Who waits has come to the music for the first time."""

    leg: str
    call_id: int


@dataclass(frozen=True, slots=True)
class WaitingOffered(Record):
    """What waits is being delivered to an agent (empty: to nobody any more, it waits on).

    ``ringing`` is the leg by which he is called for it, if he does not sit in a conference.
    """

    leg: str
    call_id: int
    to: str
    ringing: str = ""


@dataclass(frozen=True, slots=True)
class OfferMissed(Record):
    """An agent who was called for a delivery did not come to it; ``cause`` is what his number or phone said."""

    agent: str
    session_id: int
    call_id: int
    ingroup: str
    cause: int


@dataclass(frozen=True, slots=True)
class WaitingEnded(Record):
    """A leg waits no longer. ``reason``: delivered, abandoned, treated, withdrawn or system."""

    leg: str
    call_id: int
    ingroup: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallDelivered(Record):
    """A call that waited is this agent's, and connected with him; ``agent_leg`` is his, where he is a remote one."""

    call_id: int
    agent: str
    session_id: int
    campaign: str
    agent_leg: str = ""


@dataclass(frozen=True, slots=True)
class CallTreated(Record):
    """There is no agent for a caller. ``reason``: after_hours, no_agent, full or drop.

    ``how`` and ``to`` are the treatment that he gets.
    """

    call_id: int
    leg: str
    ingroup: str
    campaign: str
    reason: str
    how: str
    to: str


@dataclass(frozen=True, slots=True)
class CallRerouted(Record):
    """The call goes on in another in-group's line."""

    call_id: int
    ingroup: str


# --- calls that campaigns dial -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallDialled(Record):
    """A campaign is dialling a lead; no agent has the call yet."""

    call_id: int
    key: str
    campaign: str
    lead: Lead
    number: str
    phone_code: str
    leg: str


@dataclass(frozen=True, slots=True)
class LeadAnswered(Record):
    """A lead whom a campaign dialled has answered, and waits for an agent."""

    call_id: int
    campaign: str
    leg: str
