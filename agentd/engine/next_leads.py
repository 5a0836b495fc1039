"""Which leads agents are given one by one, so that no two are given the same, and none the same again and again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agentd.core.calls.finding import taken_leads
from agentd.core.model import Campaign, Lead, Session, State
from agentd.engine.engine import Engine
from agentd.engine.ports import HopperQuery, Store

__all__ = ["NextLeads"]

_SPARE = 20  # leads that are asked for at a time, since the first may be given to others meanwhile, or not be dialled


class NextLeads:
    """The leads that campaigns would dial next, for their agents.

    Who was put away undialled, or cannot be dialled, is not given again for the campaign's ``redial_after``; a restart
    forgets that.
    """

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store
        self._given: set[int] = set()  # somebody is about to have them before him
        self._passed: dict[int, float] = {}  # and until when nobody is given them

    @property
    def _state(self) -> State:
        return self._engine.world.state

    async def find(self, session: Session, campaign: Campaign) -> list[Lead]:
        """Give the next leads: those to whom this agent has promised a call first, then as the dialler has them.

        Raises:
            DatabaseAway
        """
        now = self._engine.clock.now()
        self._passed = {lead_id: until for lead_id, until in self._passed.items() if until > now}
        held = {lead.id for leads in self._engine.world.hopper.values() for lead in leads}
        query = HopperQuery(
            campaign=campaign.name,
            statuses=campaign.dial_statuses,
            called_before=now - campaign.redial_after,
            now=now,
            call_hours=campaign.call_hours,
            timezone=campaign.timezone,
            without=frozenset(taken_leads(self._state) | held | self._given | self._passed.keys()),
            limit=_SPARE,
            agent=session.agent,
        )
        return await self._store.next_leads(query)

    def is_free(self, lead: Lead) -> bool:
        """Whether nobody else has been given the lead since he was found."""
        return lead.id not in taken_leads(self._state) | self._given

    @contextmanager
    def giving(self, lead: Lead) -> Iterator[None]:
        """Meanwhile the lead is given to nobody else."""
        self._given.add(lead.id)
        try:
            yield
        finally:
            self._given.discard(lead.id)

    def pass_over(self, lead: Lead, campaign: Campaign) -> None:
        """Give the lead to nobody for a while."""
        self._passed[lead.id] = self._engine.clock.now() + campaign.redial_after
