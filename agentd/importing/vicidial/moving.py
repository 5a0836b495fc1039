"""Taking over what a VICIdial was set up with: what is here already stays as it is, so twice is as good as once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol, TypeVar

from sqlalchemy import Column, Connection, Engine, Table, select

from agentd.core.model import LeadList, PauseCode, Phone, Status, User
from agentd.core.records import StatusSet
from agentd.engine import checks
from agentd.engine.auth import hash_password
from agentd.importing.vicidial import campaigns, leads, lines, people
from agentd.importing.vicidial.hours import call_times
from agentd.importing.vicidial.leading import Leads
from agentd.importing.vicidial.notes import Notes
from agentd.importing.vicidial.others import note_others
from agentd.importing.vicidial.source import Source, text
from agentd.importing.wishes import ImportRefused
from agentd.storage import bulk, management, tables
from agentd.storage.database import transact
from agentd.storage.reference import read_reference

__all__ = ["KINDS", "Move", "MoveWish"]

KINDS = (
    "user_groups",
    "phones",
    "users",
    "ingroups",
    "campaigns",
    "statuses",
    "pause_codes",
    "lists",
    "leads",
    "dnc",
    "callbacks",
    "aliases",
)
"""What can be taken over, in the order in which it is."""


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


class _HasCode(Protocol):
    @property
    def code(self) -> str: ...


_T = TypeVar("_T")
_Coded = TypeVar("_Coded", bound=_HasCode)

_BATCH = 500  # rows in one transaction
_AT_ONCE = 50  # things of several rows


@dataclass(frozen=True, slots=True)
class MoveWish:
    """What is to be taken over.

    ``campaigns`` are those that are wanted, with their lists, leads, codes, callbacks and DNC numbers; none for all.
    ``kinds`` are some of KINDS. ``trunk`` is what Asterisk dials for an outside number, ``dial`` for a phone, with
    {extension} in it. ``dry``: nothing is to be written.
    """

    campaigns: tuple[str, ...] = ()
    kinds: tuple[str, ...] = KINDS
    trunk: str = ""
    dial: str = ""
    dry: bool = False


class Move:
    """One taking over. ``notes`` tells what became of what."""

    def __init__(
        self, engine: Engine, source: Source, wish: MoveWish, now: float, tell: Callable[[int], object]
    ) -> None:
        """``tell`` is told how many leads have been read."""
        self.notes = Notes()
        self._engine = engine
        self._source = source
        self._wish = wish
        self._now = now
        self._tell = tell
        self._campaigns = self._here(tables.campaigns.c.name)
        self._users = self._here(tables.users.c.name)

    def run(self) -> None:
        """Do it.

        Raises:
            ImportRefused: there is no such campaign.
            SQLAlchemyError: one of the databases is away; what was taken over by then stays.
        """
        ways: dict[str, Callable[[], None]] = {
            "user_groups": self._bring_user_groups,
            "phones": self._bring_phones,
            "users": self._bring_users,
            "ingroups": self._bring_ingroups,
            "campaigns": self._bring_campaigns,
            "statuses": self._bring_statuses,
            "pause_codes": self._bring_pause_codes,
            "lists": self._bring_lists,
            "dnc": self._bring_dnc,
            "aliases": self._bring_aliases,
        }
        there = {text(row["campaign_id"]) for row in self._source.rows("vicidial_campaigns", "campaign_id")}
        if missing := set(self._wish.campaigns) - there:
            raise ImportRefused(f"there is no campaign {', '.join(sorted(missing))}")
        before = self._here(tables.lists.c.id)
        for kind, way in ways.items():
            if kind in self._wish.kinds:
                way()
        if not {"leads", "callbacks"}.isdisjoint(self._wish.kinds):
            self._bring_leads(before)
        if self._wish.kinds == KINDS:
            note_others(self._source, self.notes)

    # --- setup -----------------------------------------------------------------------------------------------

    def _bring_user_groups(self) -> None:
        found = people.user_groups(self._source, self.notes)
        self._bring("user groups", found, _name, self._here(tables.user_groups.c.name), management.put_user_group)

    def _bring_phones(self) -> None:
        def extension(phone: Phone) -> str:
            return phone.extension

        found = people.phones(self._source, self.notes, self._wish.dial)
        self._bring("phones", found, extension, self._here(tables.phones.c.extension), management.put_phone)

    def _bring_users(self) -> None:
        self._users |= self._bring("users", self._users_there(), _name, self._users, management.put_user)

    def _users_there(self) -> Iterator[User]:
        """The users, new ones with their passwords' hashes."""
        for user, password in people.users(self._source, self.notes):
            if user.name in self._users or self._wish.dry:
                yield user
            else:
                yield replace(user, password_hash=self._hashed(user.name, password))

    def _hashed(self, name: str, password: str) -> str:
        try:
            checks.check_password(password)
        except checks.Unusable:
            self.notes.remark("users", name, "his password cannot be known: `agentd user password` gives him one")
            password = secrets.token_urlsafe()
        return hash_password(password)

    def _bring_ingroups(self) -> None:
        known = self._here(tables.ingroups.c.name)
        names = known | lines.ingroup_names(self._source)
        found = lines.ingroups(self._source, self.notes, call_times(self._source, self.notes), names)
        self._bring("in-groups", found, _name, known, management.put_ingroup)

    def _bring_campaigns(self) -> None:
        wish = self._wish
        names = self._here(tables.ingroups.c.name)
        if wish.dry and "ingroups" in wish.kinds:
            names |= lines.ingroup_names(self._source)
        times = call_times(self._source, self.notes)
        found = campaigns.campaigns(self._source, self.notes, wish.trunk, times, names, wish.campaigns)
        self._campaigns |= self._bring("campaigns", found, _name, self._campaigns, management.put_campaign)

    def _bring_statuses(self) -> None:
        def put(connection: Connection, one: tuple[str, Status]) -> object:
            return management.put_status(connection, one[1], one[0])

        found = list(self._of_campaigns("statuses", campaigns.statuses(self._source, self.notes)))
        system = transact(self._engine, _system_statuses)
        for campaign, status in found:
            here = system.get(status.code) if not campaign else None
            if here is not None and replace(here, number=0, title=status.title) != status:
                self.notes.remark("statuses", status.code, "here it has other flags, and stays as it is")
        self._bring("statuses", found, _code, self._codes_here(tables.statuses), put)

    def _bring_pause_codes(self) -> None:
        def put(connection: Connection, one: tuple[str, PauseCode]) -> object:
            return management.put_pause_code(connection, *one)

        found = self._of_campaigns("pause codes", campaigns.pause_codes(self._source, self.notes))
        self._bring("pause codes", found, _code, self._codes_here(tables.pause_codes), put)

    def _bring_aliases(self) -> None:
        found = lines.group_aliases(self._source, self.notes)
        self._bring("aliases", found, _name, self._here(tables.group_aliases.c.name), management.put_group_alias)

    def _of_campaigns(self, kind: str, found: Iterable[tuple[str, _Coded]]) -> Iterator[tuple[str, _Coded]]:
        """Those of the system, and of the campaigns that are wanted and here."""
        for campaign, one in found:
            if campaign and not self._is_wanted(campaign):
                continue
            if campaign and campaign not in self._campaigns:
                self.notes.left_out(kind, f"{one.code} of {campaign}", "its campaign is not here")
                continue
            yield campaign, one

    def _is_wanted(self, campaign: str) -> bool:
        return not self._wish.campaigns or campaign in self._wish.campaigns

    # --- leads -----------------------------------------------------------------------------------------------

    def _wanted_lists(self, notes: Notes) -> list[LeadList]:
        return [one for one in leads.lists(self._source, notes) if self._is_wanted(one.campaign)]

    def _bring_lists(self) -> None:
        def number(one: LeadList) -> int:
            return one.id

        def put(connection: Connection, one: LeadList) -> None:
            management.put_list(connection, one.id, one.title, one.campaign, active=one.active)

        self._bring("lists", self._wanted_lists(self.notes), number, self._here(tables.lists.c.id), put)

    def _bring_leads(self, lists_before: Collection[int]) -> None:
        wish = self._wish
        found = Leads(self._engine, self._source, self.notes, self._now, self._tell, dry=wish.dry)
        if "leads" in wish.kinds:
            here = self._here(tables.lists.c.id)
            there = [one.id for one in self._wanted_lists(Notes())]
            planned = wish.dry and "lists" in wish.kinds
            lists = {number: number in lists_before for number in there if planned or number in here}
            found.bring(lists, all_lists=not wish.campaigns)
        if "callbacks" in wish.kinds:
            found.bring_callbacks({one for one in self._campaigns if self._is_wanted(one)}, self._users)

    def _bring_dnc(self) -> None:
        self._bring_numbers("", leads.system_dnc(self._source, self.notes))
        for campaign in sorted(self._campaigns):
            if self._is_wanted(campaign):
                self._bring_numbers(campaign, leads.campaign_dnc(self._source, self.notes, campaign))

    def _bring_numbers(self, campaign: str, found: Iterator[str]) -> None:
        dnc = tables.dnc
        while batch := dict.fromkeys(islice(found, _BATCH)):

            def write(connection: Connection, batch: Collection[str] = batch) -> int:
                known = bulk.there(connection, dnc, "number", batch, dnc.c.campaign == campaign)
                new = [{"campaign": campaign, "number": one} for one in batch if one not in known]
                if not self._wish.dry:
                    bulk.add_missing(connection, dnc, new)
                return len(new)

            new = transact(self._engine, write)
            self.notes.count("dnc", new=new, known=len(batch) - new)

    # --- how -------------------------------------------------------------------------------------------------

    def _here(self, column: Column[Any]) -> set[Any]:
        return transact(self._engine, lambda connection: set(connection.execute(select(column)).scalars()))

    def _codes_here(self, table: Table) -> set[tuple[str, str]]:
        query = select(table.c.campaign, table.c.code)
        return transact(self._engine, lambda connection: {(row[0], row[1]) for row in connection.execute(query)})

    def _bring(
        self,
        kind: str,
        things: Iterable[_T],
        key: Callable[[_T], Any],
        known: Collection[Any],
        put: Callable[[Connection, _T], object],
    ) -> set[Any]:
        """Keep the things whose keys are not known; gives the keys of the new ones.

        All are read and made ready before the database is written to, so that a running daemon does not wait.
        """
        found = {key(thing): thing for thing in things}
        new = {name: thing for name, thing in found.items() if name not in known}
        refused = {} if self._wish.dry else self._put(new, put)
        for name, why in refused.items():
            self.notes.left_out(kind, name if isinstance(name, str | int) else " ".join(name), why)
        taken = set(new) - set(refused)
        self.notes.count(kind, new=len(taken), known=len(found) - len(new))
        return taken

    def _put(self, new: Mapping[Any, _T], put: Callable[[Connection, _T], object]) -> dict[Any, str]:
        """Keep things, some in each transaction; gives those that the database has no room for, and why."""
        refused: dict[Any, str] = {}
        rest = iter(new.items())
        while some := dict(islice(rest, _AT_ONCE)):
            refused |= transact(self._engine, lambda connection, some=some: _put(connection, some, put))  # type: ignore[misc]
        return refused


def _put(connection: Connection, things: Mapping[Any, _T], put: Callable[[Connection, _T], object]) -> dict[Any, str]:
    """Keep things; gives those that the database has no room for, and why."""
    refused = {}
    for name, thing in things.items():
        try:
            with connection.begin_nested():
                put(connection, thing)
        except management.Unfit as error:
            refused[name] = str(error)
    return refused


def _system_statuses(connection: Connection) -> dict[str, Status]:
    return {one.code: one.status for one in read_reference(connection) if isinstance(one, StatusSet) and one.status}


def _name(thing: _HasName) -> str:
    return thing.name


def _code(one: tuple[str, _Coded]) -> tuple[str, str]:
    return one[0], one[1].code
