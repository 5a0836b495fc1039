"""The routes of leads: those of all lists, and the one on an agent's screen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from msgspec import UNSET, Struct, UnsetType, defstruct
from twisted.internet.defer import Deferred, succeed

from agentd.core.calls.numbers import clean_number
from agentd.core.errors import CampaignUnknown, DatabaseAway, NoManualList
from agentd.core.model import FIELDS, NEW, OWN_FIELDS, FieldKind, Lead
from agentd.core.snapshot import lead_snapshot
from agentd.dialects.native.bodies import Id, Nothing, Number, OptionalName
from agentd.dialects.native.callers import Caller, Scope
from agentd.dialects.native.door import Ask, acts, looks
from agentd.dialects.native.etags import Versions, told
from agentd.dialects.native.queries import Query, id_of, page_of
from agentd.dialects.native.replies import Refused, Reply, problem, reply
from agentd.dialects.native.routing import Routes, Tools, route
from agentd.dialects.native.words import BASE, MOST, PAGE
from agentd.engine.ports import LeadQuery, LeadRow

__all__ = ["LEAD_CHANGE", "LEAD_FILTERS", "LeadBody", "LeadRoutes"]

LEAD_FILTERS = ("number", "vendor_lead_code", "name", "list_id", "status", "limit", "cursor")
"""The parameters of the list."""

_NOT_HIS = "An agent's token reaches the lead on his screen alone."
_WHERE_HE_STANDS = frozenset({"list_id", "status"})


class LeadChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Fields of a lead that are to be so from now on; ``null`` and empty texts clear."""

    def given(self) -> dict[str, str]:
        """Those that were said, as the core takes them."""
        values = {name: getattr(self, name, UNSET) for name in (*OWN_FIELDS, *FIELDS)}
        return {name: "" if value is None else str(value) for name, value in values.items() if value is not UNSET}


class NewLead(LeadChange, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A lead that is to be: in a list, or in the campaign's own; with ``dnc_check`` if he may be called."""

    phone_number: Number
    list_id: Id | None = None
    campaign: OptionalName = ""
    dnc_check: bool = False

    def __post_init__(self) -> None:
        if self.list_id is None and not self.campaign:
            raise ValueError("A `list_id` is needed, or a `campaign` whose list for such leads it is to be")


def _allowed(ask: Ask[LeadChange]) -> dict[str, str]:
    """The fields that are to be changed, if they are the caller's to change. Raises Refused (403)."""
    fields = ask.body.given()
    if not _WHERE_HE_STANDS.isdisjoint(fields):
        ask.caller.require_more_than_agent("A lead's list and status are not an agent's to change.")
    return fields


def _field(name: str) -> tuple[str, Any, Any]:
    kind = (FIELDS | OWN_FIELDS)[name].kind
    text = str | int | None | UnsetType if kind is FieldKind.INTEGER else str | None | UnsetType
    return name, text, UNSET


_OWN = [_field(name) for name in ("phone_number", "phone_code", "status")]
_FIELDS = [_field(name) for name in FIELDS]

LEAD_CHANGE = cast(
    "type[LeadChange]",
    defstruct(
        "LeadChangeBody",
        [*_OWN, ("list_id", Id | UnsetType, UNSET), *_FIELDS],
        bases=(LeadChange,),
        frozen=True,
        forbid_unknown_fields=True,
    ),
)
"""Any fields of a lead, as msgspec reads them."""

LeadBody = cast(
    "type[NewLead]",
    defstruct(
        "LeadBody", [*_OWN[1:], *_FIELDS], bases=(NewLead,), frozen=True, forbid_unknown_fields=True, kw_only=True
    ),
)
"""A new lead, as msgspec reads him."""


class LeadRoutes(Routes):
    """Looking, adding, changing, forgetting."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._leads = tools.operations.leads
        self._versions = Versions()

    @route("GET", "/leads")
    @looks(Scope.LEADS, *LEAD_FILTERS)
    def leads(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """The leads that fit, in the order of their ids, a page at a time."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        most = ask.query.number("limit", PAGE, MOST)
        found = self._leads.find(_wanted(ask.query, most + 1))
        return found.addCallback(lambda rows: page_of("leads", rows, most, _told, lambda row: row.lead.id))

    @route("POST", "/leads")
    @acts(Scope.LEADS, LeadBody)
    def add_lead(self, ask: Ask[NewLead]) -> Deferred[Reply]:
        """Keep a new lead; answered when he is on the disk."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        lead = self._new(ask.body)
        allowed = self._require_addable(lead, ask.body)
        added: Deferred[int] = allowed.addCallback(lambda _: self._leads.add(lead, ask.caller.name))
        return added.addCallback(partial(self._now, ask, 201))

    @route("GET", "/leads/<lead>")
    @looks(Scope.LEADS)
    def lead(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """One lead, with what is known of him besides; 304 when the client has him already."""
        found = self._found(self._id(ask))
        return found.addCallback(lambda row: told(ask.request, _told(row)))

    @route("PATCH", "/leads/<lead>")
    @acts(Scope.LEADS, LEAD_CHANGE, versioned=True)
    def change_lead(self, ask: Ask[LeadChange]) -> Deferred[Reply]:
        """Change the fields that are given; answered when that is on the disk."""
        lead_id, fields = self._id(ask), _allowed(ask)

        def change(_row: LeadRow) -> Deferred[Reply]:
            done = self._leads.update(lead_id, fields, ask.caller.name)
            return done.addCallback(partial(self._now, ask, 200))

        find = partial(self._found, lead_id)
        listed = self._require_list(fields)
        return listed.addCallback(lambda _: self._versions.change(ask.request, lead_id, find, _told, change))

    @route("DELETE", "/leads/<lead>")
    @acts(Scope.LEADS, Nothing, versioned=True)
    def delete_lead(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Forget a lead; his calls stay in the log."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        lead_id = self._id(ask)

        def forget(_row: LeadRow) -> Deferred[Reply]:
            return self._leads.delete(lead_id, ask.caller.name).addCallback(lambda _: Reply(204))

        return self._versions.change(ask.request, lead_id, partial(self._found, lead_id), _told, forget)

    @route("PATCH", "/sessions/<agent>/lead")
    @acts(Scope.LEADS, LEAD_CHANGE)
    def change_lead_on_screen(self, ask: Ask[LeadChange]) -> Deferred[Reply]:
        """Change fields of the lead that the agent has before him."""
        fields = _allowed(ask)
        listed = self._require_list(fields)
        done: Deferred[int] = listed.addCallback(
            lambda _: self._leads.update_on_screen(ask.agent, fields, ask.caller.name)
        )
        return done.addCallback(lambda _: self._words.session(ask.agent))

    # --- which ---------------------------------------------------------------------------------------------------

    def _id(self, ask: Ask[Any]) -> int:
        """The lead that the URL names, if the caller reaches him. Raises Refused (404)."""
        lead_id = id_of(ask.where["lead"])
        if lead_id is None or not self._reaches(ask.caller, lead_id):
            raise _unknown()
        return lead_id

    def _reaches(self, caller: Caller, lead_id: int) -> bool:
        """To an agent's token all leads but the one on his screen are as little there as one that never was."""
        if caller.only_agent is None:
            return True
        snapshot = self._words.snapshot(caller.only_agent) or {}
        return (snapshot.get("lead") or {}).get("id") == lead_id

    def _found(self, lead_id: int) -> Deferred[LeadRow]:
        """Give a lead. Fails with Refused (404)."""
        return self._leads.lead(lead_id).addCallback(_known)

    def _now(self, ask: Ask[Any], status: int, lead_id: int) -> Deferred[Reply]:
        """The lead as he is now that it is done; his id alone when the database cannot be asked just then."""
        place = f"{BASE}/leads/{lead_id}"
        found = self._found(lead_id).addCallback(lambda row: told(ask.request, _told(row), status, Location=place))
        return found.addErrback(
            lambda failure: failure.trap(DatabaseAway) and reply(status, {"id": lead_id}, Location=place)
        )

    def _new(self, body: NewLead) -> Lead:
        """The lead that is wanted, who has no id yet. Raises NumberNotAllowed, CampaignUnknown, NoManualList."""
        given = body.given()
        fields = {name: value for name, value in given.items() if name in FIELDS and value}
        list_id = body.list_id or self._manual_list(body.campaign)
        number, code = clean_number(body.phone_number), given.get("phone_code", "")
        return Lead(0, list_id, given.get("status") or NEW, code, number, fields)

    def _require_addable(self, lead: Lead, body: NewLead) -> Deferred[None]:
        """Fail with FieldInvalid where there is no such list, with OnDncList where the number may not be called."""
        listed: Deferred[None] = self._leads.require_list(lead.list_id) if body.list_id else succeed(None)
        if body.dnc_check:
            number, code = lead.phone_number, lead.phone_code
            listed.addCallback(lambda _: self._leads.require_callable(number, code, body.campaign))
        return listed

    def _require_list(self, fields: Mapping[str, str]) -> Deferred[None]:
        """Fail with FieldInvalid when a lead is to go into a list that is not there."""
        return self._leads.require_list(int(fields["list_id"])) if "list_id" in fields else succeed(None)

    def _manual_list(self, campaign: str) -> int:
        known = self._operations.state.campaigns.get(campaign)
        if known is None:
            raise CampaignUnknown(f"there is no campaign {campaign}")
        if not known.manual_list:
            raise NoManualList(f"campaign {campaign} has no list for leads that are added by hand", campaign)
        return known.manual_list


def _wanted(query: Query, most: int) -> LeadQuery:
    return LeadQuery(
        list_id=query.id("list_id"),
        status=query.text("status"),
        number=query.phone_number("number"),
        vendor_lead_code=query.text("vendor_lead_code"),
        name=query.text("name"),
        after=query.cursor_id() or 0,
        limit=most,
    )


def _known(row: LeadRow | None) -> LeadRow:
    if row is None:
        raise _unknown()
    return row


def _unknown() -> Refused:
    return Refused(problem(404, "lead_unknown", "There is no such lead."))


def _told(row: LeadRow) -> dict[str, Any]:
    """As the snapshot tells him, and what the database knows besides."""
    besides = {
        "user": row.user or None,
        "entered": row.entered,
        "changed": row.changed,
        "called": row.called,
        "last_call": row.last_call,
    }
    return {**(lead_snapshot(row.lead) or {}), **besides}
