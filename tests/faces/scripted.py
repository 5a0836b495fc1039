"""The parts below the engine, in memory: a switch that plays Asterisk, a journal, and a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from twisted.internet.defer import Deferred, succeed

from agentd.core import commands as c
from agentd.core.effects import (
    Effect,
    HangUpChannel,
    HangUpLeg,
    ReadLeg,
    Ring,
    RingConsult,
    RingMonitor,
    RingToWait,
)
from agentd.core.model import Place, PlaceKind, Role
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from agentd.engine.ports import Caller
from tests.faces.scripted_channels import CAUSES, EXTENSIONS, LATE_END, PICK_UP, STAY, STEP, Channel, Fate, usual_fate
from tests.faces.scripted_moves import ScriptedMoves
from tests.faces.scripted_store import DictStore, MemoryJournal

__all__ = ["DictStore", "Fate", "MemoryJournal", "ScriptedSwitch"]


_Rung = Ring | RingToWait | RingMonitor


class ScriptedSwitch:
    """Plays Asterisk: by what is rung, or by the ``fates`` that a test sets per resource.

    It says what AsteriskSwitch says on a real Asterisk: tests/contract/test_switch_*.py hold both to it. While the
    World knows of no link, it tells nothing and does nothing that it is asked.

    ``asked`` is everything that was ever asked of it. ``deaf``: it does what it is asked and tells nobody.
    ``refusal``: what it says to every hangup and move instead. ``prompt_time`` and ``message_time``: seconds that a
    campaign's prompt and its message play, ``ready_time``: for which a remote agent who has answered waits. ``stray``
    is told of callers who wait and are in nobody's line.
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
        self.ready_time = 30.0
        self.stray: Callable[[Caller], object] | None = None
        self.later = clock.later
        self._moves = ScriptedMoves(self)
        self._expected: set[str] = set()  # legs that were rung and have no channel yet

    # --- what the engine asks ----------------------------------------------------------------------------

    def perform(self, effect: Effect) -> None:
        """Remember it, and do it a moment later."""
        self.asked.append(effect)
        if isinstance(effect, _Rung):
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

    def extension_exists(self, number: str, *, outside: bool = False) -> Deferred[bool]:
        """Only 8500 is an extension of this PBX, for agents and for callers without one."""
        return succeed(number in EXTENSIONS or not self._linked)

    def rung(self) -> list[str]:
        """What was ever rung."""
        return [effect.resource for effect in self.asked if isinstance(effect, _Rung)]

    def fate_of(self, resource: str) -> Fate:
        """What becomes of a Ring for this resource."""
        return self.fates.get(resource) or usual_fate(resource)

    def _ring(self, ring: _Rung) -> None:
        """A channel appears later than a hangup that is asked for at once would come: that finds none."""
        fate = self.fate_of(ring.resource)
        if not self._linked:
            self.tell(c.LegRefused(ring.leg, "refused"))
        elif fate is Fate.REFUSE or not (isinstance(ring, RingToWait) or ring.room.isdecimal()):
            self.later(STEP, self.tell, c.LegRefused(ring.leg, "Extension does not exist"))
        elif fate is Fate.UNREGISTERED:
            self.later(STEP, self.tell, c.LegRefused(ring.leg, "not reachable", reachable=False, cause=20))
        else:
            self._expected.add(ring.leg)
            if fate is not Fate.SILENCE:
                self.later(2 * STEP, self._rung, ring, fate)

    def _rung(self, ring: _Rung, fate: Fate) -> None:
        role, key = (Role.MONITOR, "") if isinstance(ring, RingMonitor) else (ring.role, ring.call_key)
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

    def _rings(self, ring: _Rung, fate: Fate) -> None:
        if ring.leg not in self.channels:
            return
        for _ in ("Newstate", "DialState"):
            self.news(c.LegRinging(ring.leg))
        if fate is Fate.RING_ON:
            self.later(ring.timeout, self.end, ring.leg, 19)
            return
        outside = isinstance(ring, RingToWait) or (isinstance(ring, Ring) and ring.role is not Role.AGENT)
        wait = PICK_UP if outside else STEP
        self.later(wait, self._answers, ring)
        if fate is Fate.ANSWER_THEN_LEAVE:
            self.later(wait + STAY, self.hang_up, ring.leg)

    def _answers(self, ring: _Rung) -> None:
        channel = self.channels.get(ring.leg)
        if isinstance(ring, Ring):
            self.answer(ring.leg, ring.room)
        elif channel is not None:
            self.news(c.LegAnswered(ring.leg))
            if isinstance(ring, RingMonitor):
                self._moves.supervise(channel, ring)
            else:
                self._moves.wait(channel, self.ready_time if ring.role is Role.AGENT else None)

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
        for channel in list(self.channels.values()):
            self._taken_up(channel)

    # --- callers -----------------------------------------------------------------------------------------

    def call_in(self, caller: Caller) -> None:
        """Somebody calls, and the dialplan asks who takes him."""
        self.channels[caller.leg] = Channel(caller.leg, "", None, 0, "", Place(PlaceKind.UP), caller=caller)

    def go_to_wait(self, leg: str) -> None:
        """The dialplan goes on with a caller, whatever it was told: he hears music."""
        channel = self.channels.get(leg)
        if channel is not None:
            self._moves.wait(channel)
            self._taken_up(channel)

    def _taken_up(self, channel: Channel) -> None:
        """A caller who waits and is in no line is told of, as soon as there is a link."""
        caller, waits = channel.caller, channel.place.kind is PlaceKind.WAIT
        if caller is not None and waits and not channel.call_key and self._linked and self.stray is not None:
            self.stray(replace(caller, place=channel.place))

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
        self.end(leg, far_end=True)

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
