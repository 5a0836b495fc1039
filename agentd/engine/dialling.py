"""What is to be dialled: the number, lead or activity that was named becomes a dial of the core's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from twisted.internet.defer import Deferred, succeed

from agentd.core import commands as c
from agentd.core.calls.dialling import Dialled, alias_number
from agentd.core.calls.numbers import clean_number, is_extension
from agentd.core.calls.previewing import meant, permit
from agentd.core.errors import (
    ActivityUnknown,
    ExtensionUnknown,
    LeadHasNoNumber,
    LeadOnAnotherScreen,
    LeadUnknown,
    NoMoreLeads,
    NumberCalledOften,
    NumberNotAllowed,
    NumberNotOfLead,
    OnDncList,
)
from agentd.core.model import Campaign, DialRequest, Lead, Session, SessionKind, State, WhichNumber
from agentd.engine.engine import Engine
from agentd.engine.leads import LeadOperations
from agentd.engine.next_leads import NextLeads
from agentd.engine.ports import Store

__all__ = ["DialWish", "Dialling"]

# Why a lead is not dialled who may be followed by one who is.
_ABOUT_THE_LEAD = (LeadHasNoNumber, LeadOnAnotherScreen, NumberCalledOften, NumberNotAllowed, OnDncList)


@dataclass(frozen=True, slots=True)
class DialWish:
    """A manual dial as it is asked for.

    ``lead_id`` overrides ``number``; ``which`` of his numbers is dialled, with None the one that ``number`` is.
    ``search``: the campaign's lists are searched for the number, newest lead first; without it, or when none is found,
    a new lead is made. ``next``: the lead that the campaign would dial next, whatever else is said. ``activity`` is the
    id of one in a CRM, whose number is dialled. ``preview``: show the lead first. ``beside``: besides calls whose
    customers are held, at once.
    """

    number: str = ""
    phone_code: str = ""
    lead_id: int | None = None
    which: WhichNumber | None = WhichNumber.MAIN
    search: bool = False
    next: bool = False
    activity: str = ""
    preview: bool = False
    dial_prefix: str | None = None
    group_alias: str = ""
    focus: bool = False
    vendor_id: str = ""
    source: str = ""
    beside: bool = False


class Dialling:
    """Finds what is to be dialled, and has it dialled."""

    def __init__(self, engine: Engine, store: Store, leads: LeadOperations, default_phone_code: str = "1") -> None:
        self._engine = engine
        self._store = store
        self._leads = leads
        self._phone_code = default_phone_code
        self._next = NextLeads(engine, store)

    @property
    def _state(self) -> State:
        return self._engine.world.state

    def dial(self, session: Session, wish: DialWish) -> Deferred[Dialled]:
        """Dial by hand, now or after the call, or show the lead; see the command."""
        return Deferred.fromCoroutine(self._dial(session, wish))

    async def _dial(self, session: Session, wish: DialWish) -> Dialled:
        alias_number(self._state, wish.group_alias)
        campaign = self._campaign(session)
        if not wish.next:
            return await self._submit(session, campaign, await self._request(campaign, wish), beside=wish.beside)
        for lead in await self._next.find(session, campaign):
            if not self._next.is_free(lead):
                continue
            try:
                with self._next.giving(lead):
                    return await self._submit(session, campaign, self._as_lead_says(lead, wish), beside=wish.beside)
            except _ABOUT_THE_LEAD:
                self._next.pass_over(lead, campaign)
        raise NoMoreLeads(f"campaign {campaign.name} has no lead to dial now")

    async def _submit(self, session: Session, campaign: Campaign, request: DialRequest, *, beside: bool) -> Dialled:
        await self._require_callable(session, campaign, request)
        dialled: Dialled = await self._engine.submit(c.Dial(session.agent, request, beside))
        return dialled

    async def _require_callable(self, session: Session, campaign: Campaign, request: DialRequest) -> None:
        """Fail with ExtensionUnknown or OnDncList. A prefix that was asked for may have digits of the number in it."""
        number = request.number
        await self.require_extension(number, session.agent)
        if campaign.refuse_dnc and number and not is_extension(number):
            code = (request.dial_prefix or "") + request.phone_code
            await self._leads.require_callable(number, code, campaign.name)

    def act_on_preview(self, session: Session, action: c.PreviewAction) -> Deferred[Dialled | None]:
        """Dial the lead before the agent, or put him away; see the command."""
        return Deferred.fromCoroutine(self._act_on_preview(session, action))

    async def _act_on_preview(self, session: Session, action: c.PreviewAction) -> Dialled | None:
        permit(self._state, session, action)
        checked = None
        while (request := meant(self._state, session, action)) != checked:  # he may be given another number meanwhile
            if request is not None:
                await self._require_callable(session, self._campaign(session), request)
            checked = request
        shown = session.preview.lead if session.preview is not None else None
        dialled: Dialled | None = await self._engine.submit(c.ActOnPreview(session.agent, action))
        if dialled is None and shown is not None:
            self._next.pass_over(shown, self._campaign(session))
        return dialled

    def _campaign(self, session: Session) -> Campaign:
        """One that was deleted during the session has no rules."""
        return self._state.campaigns.get(session.campaign) or Campaign(session.campaign, 0)

    async def _request(self, campaign: Campaign, wish: DialWish) -> DialRequest:
        if wish.activity:
            wish = await self._as_planned(wish)
        if wish.lead_id is not None:
            lead = self._state.leads.get(wish.lead_id) or await self._store.lead(wish.lead_id)
            if lead is None:
                raise LeadUnknown(f"there is no lead {wish.lead_id}")
            return self._as_lead_says(lead, wish)
        number, found = clean_number(wish.number), None
        if wish.search:
            lists = campaign.search_lists or ((campaign.manual_list,) if campaign.manual_list else ())
            if lists:  # without any named it would be all lists, those of other campaigns too
                found = await self._store.find_lead(lists, number)
        code = wish.phone_code or (found.phone_code if found is not None else "") or self._phone_code
        return _request_of(wish, number, code, found, WhichNumber.MAIN)

    async def _as_planned(self, wish: DialWish) -> DialWish:
        activity = await self._store.activity(wish.activity)
        if activity is None:
            raise ActivityUnknown(f"there is no activity {wish.activity}")
        code, account = activity.phone_code or wish.phone_code, wish.vendor_id or activity.account
        return replace(wish, number=activity.number, phone_code=code, vendor_id=account)

    def _as_lead_says(self, lead: Lead, wish: DialWish) -> DialRequest:
        which = wish.which
        if which is None:
            wanted = clean_number(wish.number)
            having = [one for one in WhichNumber if one.of(lead) and _same(one.of(lead), wanted)]
            if not having:
                raise NumberNotOfLead(f"lead {lead.id} does not have the number {wanted}")
            which = having[0]
        number, code = which.of(lead), lead.phone_code or wish.phone_code or self._phone_code
        return _request_of(wish, clean_number(number) if number else "", code, lead, which)

    def require_extension(self, number: str, agent: str) -> Deferred[None]:
        """Fail with ExtensionUnknown for a short number that is neither a phone nor in the PBX's dialplan.

        What remote agents send callers to has a context of its own, and the phones are not in it.
        """
        session = self._state.sessions.get(agent)
        remote = session is not None and session.kind is SessionKind.REMOTE
        known = number in self._state.phones and not remote
        if not number or not is_extension(number) or known or not self._state.link_up:
            return succeed(None)

        def check(exists: bool) -> None:
            if not exists:
                raise ExtensionUnknown(f"there is no extension {number}")

        return self._engine.switch.extension_exists(number, outside=remote).addCallback(check)


def _request_of(wish: DialWish, number: str, phone_code: str, lead: Lead | None, which: WhichNumber) -> DialRequest:
    return DialRequest(
        number=number,
        phone_code=phone_code,
        dial_prefix=wish.dial_prefix,
        group_alias=wish.group_alias,
        lead=lead,
        focus=wish.focus,
        vendor_id=wish.vendor_id,
        source=wish.source,
        preview=wish.preview,
        which=which,
    )


def _same(number: str, wanted: str) -> bool:
    digits = str.maketrans("", "", " ().-/+")
    return number.translate(digits) == wanted.translate(digits)
