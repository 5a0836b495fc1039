"""The parts below the engine, in memory: a switch that plays Asterisk, a journal, and a store."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from twisted.internet.defer import Deferred, fail, succeed

from agentd.core import commands as c
from agentd.core.effects import Effect, HangUpChannel, HangUpLeg, ReadLeg, Ring
from agentd.core.errors import DatabaseAway
from agentd.core.model import Lead, Place, PlaceKind, Role
from agentd.core.records import LeadCreated, Record
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from agentd.engine.ports import Entry


class Fate(Enum):
    """What becomes of a Ring."""

    ANSWER = auto()
    ANSWER_THEN_LEAVE = auto()
    RING_ON = auto()
    BUSY = auto()
    CONGESTION = auto()
    UNREGISTERED = auto()
    REFUSE = auto()
    SILENCE = auto()


# What the last two digits of an outside number mean, as in the demo; everything else answers.
_BY_ENDING = {
    "00": Fate.BUSY,
    "01": Fate.RING_ON,
    "02": Fate.CONGESTION,
    "03": Fate.ANSWER_THEN_LEAVE,
}
_BY_PHONE = {"521": Fate.RING_ON, "522": Fate.BUSY, "523": Fate.UNREGISTERED}

STEP = 0.002  # seconds that Asterisk takes for anything
PICK_UP = 1.0  # seconds for which a customer lets it ring
STAY = 5.0  # seconds for which an ANSWER_THEN_LEAVE customer stays


@dataclass
class Channel:
    """A channel as the scripted Asterisk has it."""

    leg: str
    resource: str
    role: Role
    session_id: int
    call_key: str
    place: Place


class ScriptedSwitch:
    """Plays Asterisk: by what is rung, or by the ``fates`` that a test sets per resource.

    ``asked`` is everything that was ever asked of it. ``deaf``: it does what it is asked and tells nobody.
    ``refusal``: what it says to every hangup instead of hanging up.
    """

    def __init__(self, clock: Clock) -> None:
        self.engine: Engine | None = None
        self.asked: list[Effect] = []
        self.channels: dict[str, Channel] = {}
        self.fates: dict[str, Fate] = {}
        self.deaf = False
        self.refusal = ""
        self._clock = clock

    # --- what the engine asks ----------------------------------------------------------------------------

    def perform(self, effect: Effect) -> None:
        """Remember it, and do it a moment later."""
        self.asked.append(effect)
        if isinstance(effect, Ring):
            self._ring(effect)
        elif isinstance(effect, HangUpLeg | HangUpChannel):
            self._clock.later(STEP, self._asked_to_hang_up, effect.leg)
        elif isinstance(effect, ReadLeg):
            channel = self.channels.get(effect.leg)
            self._clock.later(STEP, self.tell, c.LegRead(effect.leg, channel.place if channel else None))

    def extension_exists(self, number: str) -> Deferred[bool]:
        """Only 8500 is an extension of this PBX."""
        return succeed(number == "8500")

    def rung(self) -> list[str]:
        """What was ever rung."""
        return [effect.resource for effect in self.asked if isinstance(effect, Ring)]

    def fate_of(self, resource: str) -> Fate:
        """What becomes of a Ring for this resource."""
        if resource in self.fates:
            return self.fates[resource]
        address = resource.split("@", maxsplit=1)[0].rpartition("/")[2]
        if "carrier" in resource:
            return _BY_ENDING.get(address[-2:], Fate.ANSWER)
        return _BY_PHONE.get(address, Fate.ANSWER)

    def _ring(self, ring: Ring) -> None:
        fate = self.fate_of(ring.resource)
        later = self._clock.later
        if fate is Fate.REFUSE:
            later(STEP, self.tell, c.LegRefused(ring.leg, "Extension does not exist", cause=34))
        elif fate is Fate.UNREGISTERED:
            later(STEP, self.tell, c.LegRefused(ring.leg, "not reachable", reachable=False, cause=20))
        elif fate is not Fate.SILENCE:
            later(STEP, self._appear, ring, fate)

    def _appear(self, ring: Ring, fate: Fate) -> None:
        place = Place(PlaceKind.DIALLING)
        self.channels[ring.leg] = Channel(ring.leg, ring.resource, ring.role, ring.session_id, ring.call_key, place)
        self.tell(c.LegPlaced(ring.leg))
        later = self._clock.later
        if fate is Fate.BUSY:
            later(STEP, self.end, ring.leg, 17)
        elif fate is Fate.CONGESTION:
            later(STEP, self.end, ring.leg, 34)
        else:
            later(STEP, self.tell, c.LegRinging(ring.leg))
        if fate is Fate.RING_ON:
            later(ring.timeout, self.end, ring.leg, 19)
        elif fate in {Fate.ANSWER, Fate.ANSWER_THEN_LEAVE}:
            wait = PICK_UP if ring.role is Role.CUSTOMER else 2 * STEP
            later(wait, self.answer, ring.leg, ring.room)
            if fate is Fate.ANSWER_THEN_LEAVE:
                later(wait + STAY, self.hang_up, ring.leg)

    def _asked_to_hang_up(self, leg: str) -> None:
        if self.refusal:
            self.tell(c.MoveRefused(leg, self.refusal))
        else:
            self.end(leg, 16)

    # --- what the far ends do ----------------------------------------------------------------------------

    def tell(self, command: c.Command) -> None:
        """Say something to the engine, unless deaf."""
        assert self.engine is not None
        if not self.deaf:
            self.engine.feed(command)

    def answer(self, leg: str, room: str) -> None:
        """The far end picks up and enters its conference."""
        channel = self.channels.get(leg)
        if channel is None:
            return
        channel.place = Place(PlaceKind.CONFERENCE, room)
        self.tell(c.LegAnswered(leg))
        self.tell(c.LegJoined(leg, room))

    def end(self, leg: str, cause: int = 16, *, far_end: bool = False) -> None:
        """The channel ends."""
        if self.channels.pop(leg, None) is not None:
            self.tell(c.LegGone(leg, cause, far_end))

    def hang_up(self, leg: str) -> None:
        """The far end hangs up."""
        channel = self.channels.get(leg)
        if channel is not None and channel.place.kind is PlaceKind.CONFERENCE:
            self.tell(c.LegLeft(leg, channel.place.room))
        self.end(leg, 16, far_end=True)

    def seen(self) -> tuple[c.ChannelSeen, ...]:
        """All channels, as Asterisk would list them."""
        return tuple(
            c.ChannelSeen(channel.leg, channel.role, channel.session_id, channel.call_key, channel.place)
            for channel in self.channels.values()
        )


class MemoryJournal:
    """A journal in a list. ``held``: syncs wait until :meth:`sync`; ``broken``: writing fails."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.full = False
        self.broken = False
        self.held = False
        self.entries: list[Entry] = []
        self.kept_from = 0
        self._waiting: list[Deferred[None]] = []

    def write(self, records: Sequence[Record], at: float) -> list[Entry]:
        if self.broken:
            raise OSError(5, "Input/output error")
        first = len(self.entries) + 1
        entries = [Entry(first + n, at, record) for n, record in enumerate(records)]
        self.entries += entries
        return entries

    def synced(self, seq: int) -> Deferred[None]:
        if not self.held:
            return succeed(None)
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def sync(self) -> None:
        """The disk has everything."""
        self.held = False
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.callback(None)

    def entries_after(self, seq: int) -> Deferred[list[Entry] | None]:
        return succeed(None if seq < self.kept_from else self.entries[seq:])


class DictStore:
    """The database as dictionaries. ``away``: it does not answer."""

    def __init__(self) -> None:
        self.leads: dict[int, Lead] = {}
        self.away = False
        self._next: dict[str, int] = {}

    def listen(self, entries: list[Entry]) -> None:
        """Take up the leads that the journal tells of."""
        for entry in entries:
            if isinstance(entry.record, LeadCreated):
                self.leads[entry.record.lead.id] = copy.deepcopy(entry.record.lead)

    def lead(self, lead_id: int) -> Deferred[Lead | None]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        return succeed(copy.deepcopy(self.leads.get(lead_id)))

    def find_lead(self, lists: Sequence[int], number: str) -> Deferred[Lead | None]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        found = [
            lead for lead in self.leads.values() if lead.phone_number == number and (not lists or lead.list_id in lists)
        ]
        return succeed(copy.deepcopy(max(found, key=lambda lead: lead.id, default=None)))

    def reserve_ids(self, kind: str, count: int) -> Deferred[tuple[int, int]]:
        first = self._next.get(kind, 1)
        self._next[kind] = first + count
        return succeed((first, first + count - 1))

    def reference(self) -> Deferred[list[Record]]:
        return succeed([])
