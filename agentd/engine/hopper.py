"""Keeps the hoppers filled: the leads that campaigns dial next, read from the database ahead of time.

So that a dial touches no database, and goes on for a while when there is none. A hopper is read anew, not only topped
up, so that callbacks which fall due, numbers that must not be called any more and leads that were changed count soon.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.core import records as r
from agentd.core.calls.finding import taken_leads
from agentd.core.commands import HopperFilled, StopDialling
from agentd.core.dialler.hopper import dials_by_itself
from agentd.core.errors import DatabaseAway
from agentd.core.model import Campaign, Lead
from agentd.engine.engine import Engine
from agentd.engine.ports import Entry, HopperQuery, Store

__all__ = ["LOOK", "REFRESH", "RETRY", "SCARCE", "Hoppers"]

LOOK = 5.0  # seconds between looks, while a campaign dials
REFRESH = 30.0  # seconds after which a hopper is read anew, however full it is
SCARCE = 15.0  # seconds after which it is asked again when the database had not as many leads as were wanted
RETRY = 5.0  # seconds after which a database that was away is asked again


@dataclass(slots=True)
class _Filling:
    """How the filling of one hopper stands. ``touched`` are leads that have changed while the answer was on its way."""

    asking: bool = False
    outdated: bool = False
    filled: float = float("-inf")
    not_before: float = float("-inf")
    touched: set[int] = field(default_factory=set)


def _lead_of(record: r.Record) -> int | None:
    """The lead of whom it is to be asked again whether he may be dialled."""
    if isinstance(record, r.CallDialled | r.CallStarted | r.CallWaiting):
        return record.lead.id
    if isinstance(record, r.DialQueued | r.PreviewStarted):
        return record.request.lead.id if record.request.lead is not None else None
    if isinstance(record, r.CallDisposed | r.StatusReplaced | r.LeadUpdated | r.LeadDeleted | r.CallbackSet):
        return record.lead_id
    return None


class Hoppers:
    """Fills the hoppers of the campaigns that dial by themselves, with one request at a time for each."""

    log = Logger()

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store
        self._fillings: dict[str, _Filling] = {}
        self._timer: IDelayedCall | None = None
        self._running = False
        engine.listen(self._noticed)

    def start(self) -> None:
        """Begin."""
        self._running = True
        self._look()

    def stop(self) -> None:
        """Ask no more, and let no campaign dial any more."""
        self._running = False
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        self._engine.feed(StopDialling())

    # --- when ------------------------------------------------------------------------------------------------

    def _noticed(self, entries: list[Entry]) -> None:
        dialled = False
        for entry in entries:
            record = entry.record
            if isinstance(record, r.CallDialled | r.CampaignSet):
                dialled = True
            if isinstance(record, r.CampaignSet):
                self._changed(record.name)
            elif isinstance(record, r.DncListed) or (isinstance(record, r.DncChanged) and record.listed):
                self._outdated(record.campaign)
            self._touched(_lead_of(record))
        if dialled:
            self._look()

    def _changed(self, campaign: str) -> None:
        """Its hopper is empty now, and what is being asked for goes by the old rules."""
        filling = self._fillings.get(campaign)
        if filling is not None:
            filling.outdated = filling.asking
            filling.filled = filling.not_before = float("-inf")

    def _outdated(self, campaign: str) -> None:
        """What is being asked for, by that campaign or (empty) any, may have a number that must not be called now."""
        for name, filling in self._fillings.items():
            if campaign in {"", name}:
                filling.outdated = filling.asking

    def _touched(self, lead_id: int | None) -> None:
        for filling in self._fillings.values():
            if filling.asking and lead_id is not None:
                filling.touched.add(lead_id)

    def _look(self) -> None:
        """Ask for what is wanted now, and look again before long while a campaign dials."""
        if not self._running:
            return
        dialling = [campaign for campaign in self._engine.world.state.campaigns.values() if dials_by_itself(campaign)]
        for campaign in dialling:
            filling = self._fillings.setdefault(campaign.name, _Filling())
            if not filling.asking and self._is_wanted(campaign, filling):
                self._ask(campaign, filling)
        if dialling and self._timer is None:
            self._timer = self._engine.clock.later(LOOK, self._again)

    def _again(self) -> None:
        self._timer = None
        self._look()

    def _is_wanted(self, campaign: Campaign, filling: _Filling) -> bool:
        now = self._engine.clock.now()
        if now < filling.not_before:
            return False
        held = len(self._engine.world.hopper.get(campaign.name, ()))
        return held * 2 < campaign.hopper or now - filling.filled >= REFRESH

    # --- what ------------------------------------------------------------------------------------------------

    def _ask(self, campaign: Campaign, filling: _Filling) -> None:
        now, world = self._engine.clock.now(), self._engine.world
        filling.asking = True
        query = HopperQuery(
            campaign=campaign.name,
            statuses=campaign.dial_statuses,
            called_before=now - campaign.redial_after,
            now=now,
            call_hours=campaign.call_hours,
            timezone=campaign.timezone,
            without=frozenset(taken_leads(world.state)) | frozenset(world.dials.refused.get(campaign.name, ())),
            limit=max(1, campaign.hopper),
        )
        found = self._store.next_leads(query)
        found.addCallback(self._take, filling, query).addErrback(self._not_now, filling, campaign.name)

    def _take(self, leads: list[Lead], filling: _Filling, query: HopperQuery) -> None:
        now = self._engine.clock.now()
        fresh = tuple(lead for lead in leads if lead.id not in filling.touched)
        outdated = filling.outdated
        filling.asking = filling.outdated = False
        filling.touched.clear()
        if outdated or not self._running:
            self._look()
            return
        filling.filled = now
        filling.not_before = now + SCARCE if len(leads) < query.limit else now
        if fresh or self._engine.world.hopper.get(query.campaign):
            self._engine.feed(HopperFilled(query.campaign, fresh))

    def _not_now(self, failure: Failure, filling: _Filling, campaign: str) -> None:
        """What the hopper has is dialled, and the database asked again before long."""
        filling.asking = filling.outdated = False
        filling.touched.clear()
        filling.not_before = self._engine.clock.now() + RETRY
        if failure.check(DatabaseAway):
            self.log.warn("no new leads for {campaign}: {why}", campaign=campaign, why=failure.getErrorMessage())
        else:
            self.log.failure("no new leads for {campaign}", failure, campaign=campaign)
