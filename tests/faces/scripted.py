"""The parts below the engine, in memory: a switch that plays Asterisk, a journal, and a store."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from twisted.internet.defer import Deferred, fail, succeed

from agentd.core import commands as c
from agentd.core.effects import (
    Effect,
    HangUpChannel,
    HangUpLeg,
    ReadLeg,
    Ring,
    RingConsult,
    RingMonitor,
)
from agentd.core.errors import DatabaseAway
from agentd.core.model import Lead, Place, PlaceKind, Role
from agentd.core.records import LeadCreated, Record
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from agentd.engine.ports import Entry, RecordingQuery, RecordingRow
from tests.faces.recording_log import RecordingLog
from tests.faces.scripted_channels import CAUSES, EXTENSIONS, LATE_END, PICK_UP, STAY, STEP, Channel, Fate, usual_fate
from tests.faces.scripted_moves import ScriptedMoves

__all__ = ["DictStore", "Fate", "MemoryJournal", "ScriptedSwitch"]


class ScriptedSwitch:
    """Plays Asterisk: by what is rung, or by the ``fates`` that a test sets per resource.

    It says what AsteriskSwitch says on a real Asterisk: tests/contract/test_switch_*.py hold both to it. While the
    World knows of no link, it tells nothing and does nothing that it is asked.

    ``asked`` is everything that was ever asked of it. ``deaf``: it does what it is asked and tells nobody.
    ``refusal``: what it says to every hangup and move instead. ``prompt_time`` and ``message_time``: seconds that a
    campaign's prompt and its message play.
    """

    def __init__(self, clock: Clock) -> None:
        self.engine: Engine | None = None
        self.asked: list[Effect] = []
        self.channels: dict[str, Channel] = {}
        self.fates: dict[str, Fate] = {}
        self.deaf = False
        self.refusal = ""
        self.prompt_time = 25.0
        self.message_time = 5.0
        self.later = clock.later
        self._moves = ScriptedMoves(self)
        self._expected: set[str] = set()  # legs that were rung and have no channel yet

    # --- what the engine asks ----------------------------------------------------------------------------

    def perform(self, effect: Effect) -> None:
        """Remember it, and do it a moment later."""
        self.asked.append(effect)
        if isinstance(effect, Ring | RingMonitor):
            self._ring(effect)
        elif isinstance(effect, RingConsult):
            self._ring_consult(effect)
        elif not self._linked:
            return
        elif isinstance(effect, HangUpLeg):
            self._moves.hung_up(effect.leg)
            self.later(STEP, self._asked_to_hang_up, effect)
        elif isinstance(effect, HangUpChannel):
            self.later(STEP, self.end, effect.leg)
        elif isinstance(effect, ReadLeg):
            self.later(STEP, self._read, effect.leg)
        else:
            self._moves.perform(effect)

    def extension_exists(self, number: str) -> Deferred[bool]:
        """Only 8500 is an extension of this PBX."""
        return succeed(number in EXTENSIONS or not self._linked)

    def rung(self) -> list[str]:
        """What was ever rung."""
        return [effect.resource for effect in self.asked if isinstance(effect, Ring | RingMonitor)]

    def fate_of(self, resource: str) -> Fate:
        """What becomes of a Ring for this resource."""
        return self.fates.get(resource) or usual_fate(resource)

    def _ring(self, ring: Ring | RingMonitor) -> None:
        """A channel appears later than a hangup that is asked for at once would come: that finds none."""
        fate = self.fate_of(ring.resource)
        if not self._linked:
            self.tell(c.LegRefused(ring.leg, "refused"))
        elif fate is Fate.REFUSE or not ring.room.isdecimal():
            self.later(STEP, self.tell, c.LegRefused(ring.leg, "Extension does not exist"))
        elif fate is Fate.UNREGISTERED:
            self.later(STEP, self.tell, c.LegRefused(ring.leg, "not reachable", reachable=False, cause=20))
        else:
            self._expected.add(ring.leg)
            if fate is not Fate.SILENCE:
                self.later(2 * STEP, self._rung, ring, fate)

    def _rung(self, ring: Ring | RingMonitor, fate: Fate) -> None:
        role, key = (ring.role, ring.call_key) if isinstance(ring, Ring) else (Role.MONITOR, "")
        self._new_channel(Channel(ring.leg, ring.resource, role, ring.session_id, key, Place(PlaceKind.DIALLING)))
        if fate in CAUSES:
            self.later(STEP, self.end, ring.leg, CAUSES[fate])
        elif ring.resource.startswith("Local/"):
            self.later(STEP, self._answers, ring)
        else:
            self.later(STEP, self._rings, ring, fate)

    def _new_channel(self, channel: Channel) -> None:
        self.channels[channel.leg] = channel
        self._expected.discard(channel.leg)
        self.news(c.LegPlaced(channel.leg))

    def _rings(self, ring: Ring | RingMonitor, fate: Fate) -> None:
        if ring.leg not in self.channels:
            return
        for _ in ("Newstate", "DialState"):
            self.news(c.LegRinging(ring.leg))
        if fate is Fate.RING_ON:
            self.later(ring.timeout, self.end, ring.leg, 19)
            return
        outside = isinstance(ring, Ring) and ring.role in {Role.CUSTOMER, Role.THIRD}
        wait = PICK_UP if outside else STEP
        self.later(wait, self._answers, ring)
        if fate is Fate.ANSWER_THEN_LEAVE:
            self.later(wait + STAY, self.hang_up, ring.leg)

    def _answers(self, ring: Ring | RingMonitor) -> None:
        channel = self.channels.get(ring.leg)
        if isinstance(ring, Ring):
            self.answer(ring.leg, ring.room)
        elif channel is not None:
            self.news(c.LegAnswered(ring.leg))
            self._moves.supervise(channel, ring)

    def _ring_consult(self, ring: RingConsult) -> None:
        """A Local channel, one half of which is in the first agent's conference: only the other one is told of."""
        if not self._linked:
            self.tell(c.LegRefused(ring.leg, "refused"))
            return
        self._expected.add(ring.leg)
        self.later(2 * STEP, self._consults, ring)

    def _consults(self, ring: RingConsult) -> None:
        place = Place(PlaceKind.DIALLING)
        channel = Channel(ring.leg, f"Local/{ring.room}", Role.THIRD, ring.session_id, ring.call_key, place)
        self._new_channel(channel)
        self.news(c.LegAnswered(ring.leg))
        self._moves.wait(channel)

    def _asked_to_hang_up(self, effect: HangUpLeg) -> None:
        self._moves.may_go_on(effect.leg)
        if self.refusal:
            self.tell(c.MoveRefused(effect.leg, self.refusal))
        elif effect.leg in self.channels:
            self.end(effect.leg, effect.cause)
        elif effect.leg not in self._expected:
            self.later(LATE_END, self.tell, c.LegGone(effect.leg, 0))

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

    def news(self, command: c.Command) -> None:
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
        channel.moved += 1
        self.news(c.LegAnswered(leg))
        self.news(c.LegJoined(leg, room))

    def end(self, leg: str, cause: int = 16, *, far_end: bool = False) -> None:
        """The channel ends; without a word of the far end's, somebody on our side has ended it."""
        self.leave(leg)
        channel = self.channels.pop(leg, None)
        if channel is not None:
            self.news(c.LegGone(leg, cause, far_end))
            self._moves.ended(channel)

    def hang_up(self, leg: str) -> None:
        """The far end hangs up."""
        channel = self.channels.get(leg)
        listens = channel is not None and channel.place.kind is PlaceKind.LISTEN
        self.end(leg, 0 if listens else 16, far_end=True)

    def send_away(self, leg: str) -> None:
        """Somebody else moves the channel out of its conference."""
        self.leave(leg)
        self.channels[leg].moved += 1
        self.channels[leg].place = Place(PlaceKind.ELSEWHERE)

    def leave(self, leg: str) -> None:
        """Tell that the channel leaves its conference, if it is in one."""
        channel = self.channels.get(leg)
        if channel is not None and channel.place.kind is PlaceKind.CONFERENCE:
            self.news(c.LegLeft(leg, channel.place.room))

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
        self.recording_log = RecordingLog()
        self.away = False
        self._next: dict[str, int] = {}

    def listen(self, entries: list[Entry]) -> None:
        """Take up the leads and the recordings that the journal tells of."""
        for entry in entries:
            self.recording_log.take(entry)
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

    def recordings(self, query: RecordingQuery) -> Deferred[list[RecordingRow]]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        return succeed(self.recording_log.find(query))

    def recording(self, recording_id: int) -> Deferred[RecordingRow | None]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        return succeed(self.recording_log.rows.get(recording_id))
