"""What campaigns are about to dial. It is no part of the State: after a restart it is found again."""

from __future__ import annotations

from collections import deque

from agentd.core import records as r
from agentd.core.calls.numbers import digits_of, ways_to_write
from agentd.core.model import CallState, Campaign, DialMethod, Lead, State

__all__ = ["Dials", "dials_by_itself"]

UNANSWERED = frozenset({CallState.DIALLING, CallState.RINGING})


def dials_by_itself(campaign: Campaign) -> bool:
    """Say whether the campaign is to make calls of its own."""
    method = campaign.dial_method is DialMethod.RATIO
    return campaign.active and method and campaign.auto_dial_level > 0 and bool(campaign.trunk)


class Dials:
    """What the dialler keeps in mind.

    ``hopper`` has for each campaign the leads that it dials next; ``refused`` those whose number its dial rules refuse,
    which are not asked for again until the campaign is changed. ``unanswered`` are the calls that campaigns have made
    and that nobody has answered. ``stopped``: there will be no more.
    """

    def __init__(self, state: State) -> None:
        self.hopper: dict[str, deque[Lead]] = {}
        self.refused: dict[str, set[int]] = {}
        self.stopped = False
        self.unanswered: set[int] = {
            call.id for call in state.calls.values() if call.direction == "auto" and call.state in UNANSWERED
        }

    def noticed(self, record: r.Record) -> None:
        """A record has become true: what is held must not contradict it."""
        if isinstance(record, r.CallDialled):
            self.unanswered.add(record.call_id)
            self._forget(record.lead.id)
        elif isinstance(record, r.LeadAnswered | r.CallEnded | r.CallRefused):
            self.unanswered.discard(record.call_id)
        elif isinstance(record, r.CampaignSet):  # other lists, statuses or rules may be meant now
            self.hopper.pop(record.name, None)
            self.refused.pop(record.name, None)
        elif isinstance(record, r.CallStarted | r.CallWaiting):
            self._forget(record.lead.id)
        elif isinstance(record, r.DialQueued | r.PreviewStarted) and record.request.lead is not None:
            self._forget(record.request.lead.id)
        elif isinstance(record, r.CallDisposed | r.StatusReplaced | r.LeadDeleted | r.CallbackSet):
            self._forget(record.lead_id)
        elif isinstance(record, r.LeadUpdated):
            self._forget(record.lead_id)
            for refused in self.refused.values():
                refused.discard(record.lead_id)
        elif isinstance(record, r.DncListed) or (isinstance(record, r.DncChanged) and record.listed):
            self._forget_number(record.number, record.campaign)

    def _forget_number(self, number: str, campaign: str) -> None:
        """The number must not be called any more, by a campaign or (empty) by any, with or without its phone code."""
        listed = digits_of(number)
        for name, leads in self.hopper.items():
            if campaign in {"", name}:
                kept = (lead for lead in leads if listed not in ways_to_write(lead.phone_number, lead.phone_code))
                self.hopper[name] = deque(kept)

    def _forget(self, lead_id: int) -> None:
        """The lead is not what it was, or on a screen: whether it may be dialled is to be asked again."""
        for name, leads in self.hopper.items():
            if any(lead.id == lead_id for lead in leads):
                self.hopper[name] = deque(lead for lead in leads if lead.id != lead_id)
