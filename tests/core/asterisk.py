"""An Asterisk for property tests: true to itself, but its news are late, out of order, doubled, or lost.

Only what it never does is left out: two events of one channel from one source keep their order.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from agentd.core import commands as c
from agentd.core import effects as x
from agentd.core.effects import Effect
from agentd.core.model import MonitorMode, Place, PlaceKind, Role

WAIT = Place(PlaceKind.WAIT)
IVR = Place(PlaceKind.IVR)
OUTSIDE = Place(PlaceKind.OUTSIDE)
LISTEN = Place(PlaceKind.LISTEN)
ELSEWHERE = Place(PlaceKind.ELSEWHERE)
AGI = "agi"

# Effects that make a channel.
Rings = x.Ring | x.RingConsult | x.RingMonitor | x.RingToWait


class Mood(Enum):
    """What becomes of an action: it is done, it is refused, or nothing at all comes of it."""

    WILLING = "willing"
    REFUSES = "refuses"
    DEAF = "deaf"


@dataclass
class Channel:
    """A channel as it really is.

    ``room`` is where it goes when it is answered (or whoever is dialled for it is), or comes back to after the prompt;
    ``waits``: it goes to the wait instead. ``heard_in`` is the conference in which the other half of a consultation
    sits; ``target`` the channel that a supervisor hears; ``peer`` the one that the dialplan ends with it. Of a caller
    ``ingroup`` is where he wants to go, ``came`` when he called; he has no role until he is given one.
    """

    leg: str
    role: Role | None
    session_id: int
    call_key: str
    room: str
    place: Place
    waits: bool = False
    ingroup: str = ""
    came: float = 0.0
    heard_in: str = ""
    target: str = ""
    mode: MonitorMode | None = None
    peer: str = ""
    recordings: set[int] = field(default_factory=set)


@dataclass
class Asterisk:
    """Channels, actions that were sent and not carried out yet, and events that were not read yet by source.

    What the dialplan asks the daemon (``AGI``) is a source of its own, which the loss of the link does not touch.
    """

    channels: dict[str, Channel] = field(default_factory=dict)
    inbox: deque[Effect] = field(default_factory=deque)
    sources: dict[tuple[str, str], deque[c.Command]] = field(default_factory=dict)
    listening: bool = True
    replaced: int = 0
    arrived: int = 0

    def _tell(self, source: str, leg: str, *news: c.Command) -> None:
        if self.listening:
            self.sources.setdefault((leg, source), deque()).extend(news)

    # --- the far ends ------------------------------------------------------------------------------------------

    def in_place(self, *kinds: PlaceKind) -> list[Channel]:
        """Channels that are in places of these kinds."""
        return [channel for channel in self.channels.values() if channel.place.kind in kinds]

    def called(self, *kinds: PlaceKind) -> list[Channel]:
        """Channels to a far end that was called, in places of these kinds."""
        return [channel for channel in self.in_place(*kinds) if not channel.came]

    def ring(self, channel: Channel) -> None:
        """The far end rings."""
        self._tell("channel", channel.leg, c.LegRinging(channel.leg))

    def pick_up(self, channel: Channel) -> None:
        """The far end answers."""
        channel.place = Place(PlaceKind.UP)
        self._tell("channel", channel.leg, c.LegAnswered(channel.leg))

    def enter(self, channel: Channel, room: str) -> None:
        """The channel enters a conference, out of wherever it was."""
        self.leave(channel)
        channel.place = Place(PlaceKind.CONFERENCE, room)
        self._tell(room, channel.leg, c.LegJoined(channel.leg, room))

    def come_in(self, channel: Channel) -> None:
        """The channel goes where the dialplan sends whoever has answered."""
        if channel.waits:
            self.go(channel, WAIT)
        elif channel.mode in {MonitorMode.LISTEN, MonitorMode.WHISPER}:
            self.go(channel, LISTEN)
        else:
            self.enter(channel, channel.room)

    def go(self, channel: Channel, place: Place) -> None:
        """The channel goes to music, a prompt, somebody outside, or an agent's phone; the dialplan says so."""
        self.leave(channel)
        channel.place = place
        self._tell("place", channel.leg, c.LegAt(channel.leg, place))
        if self._is_stray(channel):
            self._tell("place", channel.leg, self._as_caller(channel))

    def leave(self, channel: Channel) -> None:
        """The channel leaves the conference, if it is in one."""
        if channel.place.kind is PlaceKind.CONFERENCE:
            room, channel.place = channel.place.room, Place(PlaceKind.ELSEWHERE)
            self._tell(room, channel.leg, c.LegLeft(channel.leg, room))

    def end(self, channel: Channel, cause: int, *, far_end: bool) -> None:
        """The channel ends, and with it whoever hears it or is left by it."""
        peer = self.channels.get(channel.peer)
        assert peer is None or peer.place in {channel.place, ELSEWHERE}, "somebody who had gone on was cut off"
        self.leave(channel)
        del self.channels[channel.leg]
        self._tell("channel", channel.leg, c.LegGone(channel.leg, cause, far_end))
        for other in list(self.channels.values()):
            hears = other.target == channel.leg and other.place == LISTEN
            if hears or (channel.peer == other.leg and other.leg in self.channels):
                self.end(other, 16, far_end=False)

    def replace(self, channel: Channel) -> None:
        """The channel goes on under another id."""
        old = channel.leg
        self.replaced += 1
        del self.channels[old]
        channel.leg = f"pbx-{self.replaced}"
        channel.recordings = set()
        self.channels[channel.leg] = channel
        self._tell("channel", old, c.LegGone(old, 16, far_end=False))

    def heard_in(self, room: str) -> list[Channel]:
        """The outside parties who are heard in a conference, be it through a consultation."""
        rooms, more = {room}, {room}
        while more:
            consults = [channel for channel in self.in_place(PlaceKind.CONFERENCE) if channel.heard_in]
            reached = {consult.heard_in for consult in consults if consult.place.room in rooms}
            more = (reached | {consult.place.room for consult in consults if consult.heard_in in rooms}) - rooms
            rooms |= more
        everybody = self.in_place(PlaceKind.CONFERENCE)
        outside = {Role.CUSTOMER, Role.THIRD, None}
        return [each for each in everybody if each.place.room in rooms and each.role in outside and not each.heard_in]

    # --- who calls, and what the dialplan asks about him ---------------------------------------------------------

    def call_in(self, ingroup: str, now: float, number: str = "7275551300", **more: Any) -> Channel:
        """Somebody calls an in-group; the dialplan asks the daemon (CallArrived, of which ``more`` are fields)."""
        channel = self._caller("in", ingroup, now)
        self._ask(c.CallArrived(channel.leg, ingroup, number, **more))
        return channel

    def phone_in(self, agent: str, phone: str, now: float, *, ready: bool = False) -> Channel:
        """An agent calls from his phone to log in; the dialplan asks the daemon."""
        channel = self._caller("phone", "", now)
        self._ask(c.LogInByPhone(agent, channel.leg, phone, ready=ready))
        return channel

    def _caller(self, kind: str, ingroup: str, now: float) -> Channel:
        self.arrived += 1
        leg = f"{kind}-{self.arrived}"
        self.channels[leg] = Channel(leg, None, 0, "", "", Place(PlaceKind.UP), ingroup=ingroup, came=now)
        return self.channels[leg]

    def _ask(self, request: c.CallArrived | c.LogInByPhone) -> None:
        self.sources[(request.leg, AGI)] = deque([request])

    def go_on(self, leg: str, answer: str = "", *, refused: bool = False) -> None:
        """The daemon has answered: a caller goes to the music, a phone to its conference; who is refused is ended.

        The answer is the key of his call, or the conference.
        """
        channel = self.channels.get(leg)
        if channel is None:
            return
        if refused and not channel.call_key:
            self.end(channel, 21, far_end=False)
        elif channel.place.kind is PlaceKind.UP and channel.ingroup:
            channel.call_key = answer
            self.go(channel, WAIT)
        elif channel.place.kind is PlaceKind.UP:
            channel.role, channel.room = Role.AGENT, answer
            self.enter(channel, answer)

    def daemon_gone(self) -> None:
        """Nobody answers the dialplan: callers go to the music all the same, phones are ended."""
        for leg, source in list(self.sources):
            if source == AGI:
                del self.sources[(leg, source)]
                self.go_on(leg, refused=leg in self.channels and not self.channels[leg].ingroup)

    def _is_stray(self, channel: Channel) -> bool:
        return channel.place == WAIT and channel.ingroup != "" and not channel.call_key

    def _as_caller(self, channel: Channel) -> c.CallArrived:
        """How the switch tells of a caller who waits, and nobody knows why."""
        return c.CallArrived(channel.leg, channel.ingroup, since=channel.came, place=WAIT)

    def find_strays(self) -> None:
        """After the link is back the switch tells of callers who wait and were not seen."""
        for channel in self.channels.values():
            if self._is_stray(channel):
                self._tell("stray", channel.leg, self._as_caller(channel))

    # --- actions -----------------------------------------------------------------------------------------------

    def carry_out(self, mood: Mood = Mood.WILLING) -> None:
        """Carry out the oldest action."""
        effect = self.inbox.popleft()
        if mood is Mood.DEAF and not isinstance(effect, x.HangUpChannel | x.Part):
            return
        refuses = mood is Mood.REFUSES
        channel = self.channels.get(effect.leg)
        if isinstance(effect, Rings):
            self._ring(effect, refuses=refuses)
        elif isinstance(effect, x.ReadLeg):
            self._tell("channel", effect.leg, c.LegRead(effect.leg, None))
        elif isinstance(effect, x.StartRecording | x.StopRecording | x.MuteRecording):
            self._record(effect, channel, refuses=refuses)
        elif isinstance(effect, x.Tag | x.Part | x.SendDigits):
            self._tag(effect, channel)
        elif isinstance(effect, x.HangUpLeg | x.HangUpChannel):
            self._hang_up(effect, channel, refuses=refuses)
        else:
            self._move(effect, channel, refuses=refuses)

    def _ring(self, ring: Rings, *, refuses: bool) -> None:
        assert ring.leg not in self.channels, "the same channel was asked for twice"
        if refuses:
            self._tell("channel", ring.leg, c.LegRefused(ring.leg, "CHANUNAVAIL", reachable=False, cause=20))
            return
        role = ring.role if isinstance(ring, x.Ring | x.RingToWait) else Role.THIRD
        key = "" if isinstance(ring, x.RingMonitor) else ring.call_key
        waits = isinstance(ring, x.RingToWait)
        room = "" if isinstance(ring, x.RingToWait) else ring.room
        channel = Channel(ring.leg, role, ring.session_id, key, room, Place(PlaceKind.DIALLING), waits)
        self.channels[ring.leg] = channel
        self._tell("channel", ring.leg, c.LegPlaced(ring.leg))
        if isinstance(ring, x.RingMonitor):
            channel.role, channel.target, channel.mode = Role.MONITOR, ring.target, ring.mode
        elif isinstance(ring, x.RingConsult):
            channel.heard_in = ring.room
            self.pick_up(channel)
            self.go(channel, WAIT)

    def _record(self, effect: Effect, channel: Channel | None, *, refuses: bool) -> None:
        assert isinstance(effect, x.StartRecording | x.StopRecording | x.MuteRecording)
        number = effect.recording_id
        started = channel is not None and number in channel.recordings
        if refuses or channel is None or (not started and not isinstance(effect, x.StartRecording)):
            self._tell("recording", effect.leg, c.RecordingRefused(number, "Permission denied"))
        elif isinstance(effect, x.StartRecording):
            channel.recordings.add(number)
            self._tell("recording", effect.leg, c.RecordingBegun(number))
        elif isinstance(effect, x.StopRecording):
            channel.recordings.discard(number)
            self._tell("recording", effect.leg, c.RecordingOver(number))
        else:
            self._tell("recording", effect.leg, c.RecordingSilenced(number, effect.muted))

    @staticmethod
    def _tag(effect: Effect, channel: Channel | None) -> None:
        if channel is not None and isinstance(effect, x.Tag):
            channel.role, channel.session_id, channel.call_key = effect.role, effect.session_id, effect.call_key
        elif channel is not None and isinstance(effect, x.Part):
            channel.peer = ""

    def _hang_up(self, effect: Effect, channel: Channel | None, *, refuses: bool) -> None:
        if channel is None:
            return  # its end was told when it ended
        if refuses and isinstance(effect, x.HangUpLeg):
            self._tell("channel", effect.leg, c.MoveRefused(effect.leg, "Permission denied"))
        else:
            self.end(channel, 16, far_end=False)

    # --- moves -------------------------------------------------------------------------------------------------

    def _move(self, effect: Effect, channel: Channel | None, *, refuses: bool) -> None:
        both = [channel]
        if isinstance(effect, x.JoinBoth):
            both.append(self.channels.get(effect.other))
        legs = [effect.leg, effect.other] if isinstance(effect, x.JoinBoth) else [effect.leg]
        if refuses or None in both:
            for leg, each in zip(legs, both, strict=True):
                if each is None:
                    self._tell("answer", leg, c.LegGone(leg, 0))
                else:
                    self._tell("channel", leg, c.MoveRefused(leg, "Redirect failed"))
            return
        for each in both:
            assert each is not None
            assert each.place.kind is not PlaceKind.DIALLING, "a channel that is not answered was moved"
            self._moved(effect, each)

    def _moved(self, effect: Effect, channel: Channel) -> None:
        channel.peer = ""
        if isinstance(effect, x.Join):
            self.enter(channel, effect.room)
        elif isinstance(effect, x.JoinBoth):
            channel.peer = effect.other if channel.leg == effect.leg else effect.leg
            self.enter(channel, effect.room)
        elif isinstance(effect, x.Hold | x.Announce):
            self.go(channel, WAIT)
        elif isinstance(effect, x.Prompt):
            channel.room = effect.room
            self.go(channel, IVR)
        elif isinstance(effect, x.SetMonitor):
            channel.mode, channel.room = effect.mode, effect.room
            self.leave(channel)
            self.come_in(channel)
        else:
            assert isinstance(effect, x.PlayMessage | x.SendOut | x.Voicemail)
            channel.room = effect.room if isinstance(effect, x.SendOut) else ""
            self.go(channel, OUTSIDE)

    # --- news --------------------------------------------------------------------------------------------------

    def is_told(self, channel: Channel) -> bool:
        """Whether all that happened to the channel was read."""
        return all(leg != channel.leg for leg, _ in self.sources)

    def news(self, source: tuple[str, str]) -> c.Command:
        """Give the next news of a source; an answer to ReadLeg tells how it is now."""
        queue = self.sources[source]
        command = queue.popleft()
        if not queue:
            del self.sources[source]
        if isinstance(command, c.LegRead):
            channel = self.channels.get(command.leg)
            return c.LegRead(command.leg, channel.place if channel is not None else None)
        return command

    def cut(self, *, channels_too: bool) -> None:
        """The link is lost with everything on it; Asterisk itself too when it restarts."""
        self.inbox.clear()
        self.sources = {key: told for key, told in self.sources.items() if key[1] == AGI and not channels_too}
        self.listening = False
        if channels_too:
            self.channels.clear()

    def snapshot(self) -> c.LinkUp:
        """All channels that carry our variables."""
        return c.LinkUp(
            tuple(
                c.ChannelSeen(channel.leg, channel.role, channel.session_id, channel.call_key, channel.place)
                for channel in self.channels.values()
            )
        )
