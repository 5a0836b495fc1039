"""What is said to the World about callers, the agents who take them, and the calls that campaigns dial."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentd.core.commands.news import Command
from agentd.core.model import Lead, Place

__all__ = ["CallArrived", "ChangeInGroups", "Choice", "HopperFilled", "LogInByPhone", "StopDialling"]


@dataclass(frozen=True, slots=True)
class CallArrived(Command):
    """A caller stands before an in-group; ``leg`` is his channel. The result is the key of his call.

    ``number`` and ``name`` are his, ``did`` is what he called. Without ``lead`` a new one is made. ``since`` is when he
    came, if not now, and ``place`` where he is, if not in the dialplan before the wait. ``wanted`` is the only agent
    who will do. A channel that has arrived before is left as it is.
    """

    leg: str
    ingroup: str
    number: str = ""
    name: str = ""
    did: str = ""
    lead: Lead | None = None
    priority: int = 0
    wanted: str = ""
    since: float | None = None
    place: Place | None = None


class Choice(StrEnum):
    """How the in-groups of an agent are changed."""

    CHANGE = "CHANGE"
    ADD = "ADD"
    REMOVE = "REMOVE"


@dataclass(frozen=True, slots=True)
class ChangeInGroups(Command):
    """Change which in-groups' calls an agent takes, and (unless None) whether he takes his campaign's, too.

    The result is the in-groups that he has then, in order.
    """

    agent: str
    choice: Choice
    ingroups: tuple[str, ...] = ()
    blended: bool | None = None


@dataclass(frozen=True, slots=True)
class LogInByPhone(Command):
    """An agent has called; ``leg`` is his channel. The result is the conference into which it is to go.

    He is logged in when it is there; one whose session has lost its phone is back in it. ``phone`` is the extension
    that he calls from, empty when it is none of ours.
    """

    agent: str
    leg: str
    phone: str = ""
    campaign: str = ""
    ready: bool = False


@dataclass(frozen=True, slots=True)
class HopperFilled(Command):
    """These leads of a campaign are to be dialled next, in this order, instead of those that it had."""

    campaign: str
    leads: tuple[Lead, ...]


@dataclass(frozen=True, slots=True)
class StopDialling(Command):
    """The daemon is being stopped: campaigns make no more calls, and those that nobody has answered are cancelled."""
