"""What faces say about leads, previews, timers and callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agentd.core.commands.news import Command
from agentd.core.model import CallbackWish, Lead, TimerAction

__all__ = [
    "ActOnPreview",
    "AddLead",
    "ChangeDnc",
    "DeleteLead",
    "DropCallback",
    "PreviewAction",
    "SetCallback",
    "SetTimer",
    "UpdateLead",
]


class PreviewAction(StrEnum):
    """What an agent does with the lead before him. The last four are dials of one of the lead's numbers, or none."""

    SKIP = "SKIP"
    DIAL_ONLY = "DIALONLY"
    ALT_DIAL = "ALTDIAL"
    ADDRESS3_DIAL = "ADR3DIAL"
    FINISH = "FINISH"


@dataclass(frozen=True, slots=True)
class ActOnPreview(Command):
    """Dial the lead that the agent has before him, at one of his numbers, or put him away.

    In wrap-up of a manual call, where the campaign has alternative numbers, the same lead is dialled again at another
    number; the call before is complete with the status that it has. FINISH is done with the lead: a preview ends, in
    wrap-up there is nothing to do. A dial is done when Asterisk shows the channel.
    """

    agent: str
    action: PreviewAction


@dataclass(frozen=True, slots=True)
class SetTimer(Command):
    """Have something happen at a second of the agent's call, this one or the next; None: nothing."""

    agent: str
    timer: TimerAction | None


@dataclass(frozen=True, slots=True)
class UpdateLead(Command):
    """Change fields of the lead on the agent's screen (``agent``), or of any (``lead_id``); empty values clear.

    ``fields`` has the documents' names, and ``phone_code``, ``phone_number``, ``list_id``, ``status``.
    """

    fields: Mapping[str, str]
    by: str
    agent: str = ""
    lead_id: int = 0


@dataclass(frozen=True, slots=True)
class AddLead(Command):
    """Keep a new lead; ``lead.id`` is given here. ``agent`` is in whose list he is put (empty: nobody's)."""

    lead: Lead
    by: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class DeleteLead(Command):
    """Forget a lead, who must be on nobody's screen; his calls stay in the log."""

    lead_id: int
    by: str


@dataclass(frozen=True, slots=True)
class SetCallback(Command):
    """Promise a lead a call, or (``callback_id``) change what was promised; gives the id.

    ``user`` is who is to keep it, unless the wish says anyone.
    """

    lead_id: int
    campaign: str
    wish: CallbackWish
    user: str = ""
    by: str = ""
    callback_id: int = 0


@dataclass(frozen=True, slots=True)
class DropCallback(Command):
    """Take a promise back; ``user`` and ``lead_id`` are those of its row."""

    callback_id: int
    by: str
    user: str = ""
    lead_id: int = 0


@dataclass(frozen=True, slots=True)
class ChangeDnc(Command):
    """Have a number never called by a campaign (empty: by anybody), or (``listed`` False) called again."""

    number: str
    campaign: str
    listed: bool
    by: str
