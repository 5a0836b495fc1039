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
    DECLINE = auto()
    UNKNOWN = auto()
    NO_EXTENSION = auto()
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
_BY_CAUSE = {Fate.BUSY: 17, Fate.CONGESTION: 34, Fate.DECLINE: 21, Fate.UNKNOWN: 1}
_EXTENSIONS = {"8500"}  # what agents may dial besides the phones

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

    It says what AsteriskSwitch says on a real Asterisk: tests/contract/test_switch_calls.py and test_switch_link.py
    hold both to it. While the World knows of no link, it tells nothing and does nothing that it is asked.

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
        self._expected: set[str] = set()  # legs that were rung and have no channel yet

    # --- what the engine asks ----------------------------------------------------------------------------

    def perform(self, effect: Effect) -> None:
        """Remember it, and do it a moment later."""
        self.asked.append(effect)
        later = self._clock.later
        if isinstance(effect, Ring):
            self._ring(effect)
        elif not self._linked:
            return
        elif isinstance(effect, HangUpLeg):
            later(STEP, self._asked_to_hang_up, effect)
        elif isinstance(effect, HangUpChannel):
            later(STEP, self.end, effect.leg)
        elif isinstance(effect, ReadLeg):
            later(STEP, self._read, effect.leg)

    def extension_exists(self, number: str) -> Deferred[bool]:
        """Only 8500 is an extension of this PBX."""
        return succeed(number in _EXTENSIONS or not self._linked)

    def rung(self) -> list[str]:
        """What was ever rung."""
        return [effect.resource for effect in self.asked if isinstance(effect, Ring)]

    def fate_of(self, resource: str) -> Fate:
        """What becomes of a Ring for this resource."""
        if resource in self.fates:
            return self.fates[resource]
        address, _, peer = resource.partition("@")
        address = address.rpartition("/")[2]
        if peer in _BY_PHONE:
            return _BY_PHONE[peer]
        if peer == "carrier":
            return _BY_ENDING.get(address[-2:], Fate.ANSWER)
        if resource.startswith("Local/"):
            return Fate.ANSWER if address in _EXTENSIONS else Fate.NO_EXTENSION
        return _BY_PHONE.get(address, Fate.ANSWER)

    def _ring(self, ring: Ring) -> None:
        """A channel appears later than a hangup that is asked for at once would come: that finds none."""
        fate = self.fate_of(ring.resource)
        later = self._clock.later
        if not self._linked:
            self.tell(c.LegRefused(ring.leg, "refused"))
        elif fate is Fate.REFUSE or not ring.room.isdecimal():
            later(STEP, self.tell, c.LegRefused(ring.leg, "Extension does not exist"))
        elif fate is Fate.UNREGISTERED:
            later(STEP, self.tell, c.LegRefused(ring.leg, "not reachable", reachable=False, cause=20))
        else:
            self._expected.add(ring.leg)
            if fate is not Fate.SILENCE:
                later(2 * STEP, self._appear, ring, fate)

    def _appear(self, ring: Ring, fate: Fate) -> None:
        place = Place(PlaceKind.DIALLING)
        self.channels[ring.leg] = Channel(ring.leg, ring.resource, ring.role, ring.session_id, ring.call_key, place)
        self._expected.discard(ring.leg)
        self._news(c.LegPlaced(ring.leg))
        later = self._clock.later
        if fate is Fate.NO_EXTENSION:
            later(STEP, self.end, ring.leg, 0)
        elif fate in _BY_CAUSE:
            later(STEP, self.end, ring.leg, _BY_CAUSE[fate])
        elif ring.resource.startswith("Local/"):
            later(STEP, self.answer, ring.leg, ring.room)
        else:
            later(STEP, self._rings, ring, fate)

    def _rings(self, ring: Ring, fate: Fate) -> None:
        if ring.leg not in self.channels:
            return
        later = self._clock.later
        for _ in ("Newstate", "DialState"):
            self._news(c.LegRinging(ring.leg))
        if fate is Fate.RING_ON:
            later(ring.timeout, self.end, ring.leg, 19)
            return
        wait = PICK_UP if ring.role is Role.CUSTOMER else STEP
        later(wait, self.answer, ring.leg, ring.room)
        if fate is Fate.ANSWER_THEN_LEAVE:
            later(wait + STAY, self.hang_up, ring.leg)

    def _asked_to_hang_up(self, effect: HangUpLeg) -> None:
        if self.refusal:
            self.tell(c.MoveRefused(effect.leg, self.refusal))
        elif effect.leg in self.channels:
            self.end(effect.leg, effect.cause)
        elif effect.leg not in self._expected:
            self.tell(c.LegGone(effect.leg, 0))

    def _read(self, leg: str) -> None:
        channel = self.channels.get(leg)
        self.tell(c.LegRead(leg, channel.place if channel else None))

    # --- what it says --------------------------------------------------------------------------------------

    @property
    def _linked(self) -> bool:
        assert self.engine is not None
        return self.engine.world.state.link_up

    def tell(self, command: c.Command) -> None:
        """Say something to the engine, unless deaf."""
        assert self.engine is not None
        if not self.deaf:
            self.engine.feed(command)

    def _news(self, command: c.Command) -> None:
        """An event of a channel: nobody hears it without a link, and of the engine's own channels only."""
        assert self.engine is not None
        world, leg = self.engine.world, getattr(command, "leg", "")
        if self._linked and (leg in world.state.legs or world.leg_ids.gave(leg)):
            self.tell(command)

    def seen(self) -> tuple[c.ChannelSeen, ...]:
        """All channels, as Asterisk would list them."""
        return tuple(
            c.ChannelSeen(channel.leg, channel.role, channel.session_id, channel.call_key, channel.place)
            for channel in self.channels.values()
        )

    def cut(self) -> None:
        """The link is lost."""
        self.tell(c.LinkDown("connection lost"))

    def mend(self) -> None:
        """The link is back, and with it the list of channels."""
        self.tell(c.LinkUp(self.seen()))

    # --- what the far ends and others do -----------------------------------------------------------------

    def answer(self, leg: str, room: str) -> None:
        """The far end picks up and enters its conference."""
        channel = self.channels.get(leg)
        if channel is None:
            return
        channel.place = Place(PlaceKind.CONFERENCE, room)
        self._news(c.LegAnswered(leg))
        self._news(c.LegJoined(leg, room))

    def end(self, leg: str, cause: int = 16, *, far_end: bool = False) -> None:
        """The channel ends; without a word of the far end's, somebody on our side has ended it."""
        self._leave(leg)
        if self.channels.pop(leg, None) is not None:
            self._news(c.LegGone(leg, cause, far_end))

    def hang_up(self, leg: str) -> None:
        """The far end hangs up."""
        self.end(leg, far_end=True)

    def send_away(self, leg: str) -> None:
        """Somebody else moves the channel out of its conference."""
        self._leave(leg)
        self.channels[leg].place = Place(PlaceKind.ELSEWHERE)

    def _leave(self, leg: str) -> None:
        channel = self.channels.get(leg)
        if channel is not None and channel.place.kind is PlaceKind.CONFERENCE:
            self._news(c.LegLeft(leg, channel.place.room))

    def appear(self, leg: str, role: Role, session_id: int, call_key: str, room: str) -> None:
        """A channel with our variables, which nobody here has asked for, is in a conference."""
        place = Place(PlaceKind.CONFERENCE, room)
        self.channels[leg] = Channel(leg, "", role, session_id, call_key, place)


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
