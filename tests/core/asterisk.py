"""An Asterisk for property tests: true to itself, but its news are late, out of order, doubled, or lost.

Only what RECIPES calls impossible is left out: two events of one channel from one source keep their order.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from agentd.core import commands as c
from agentd.core.effects import Effect, HangUpChannel, HangUpLeg, ReadLeg, Ring
from agentd.core.model import Place, PlaceKind, Role


@dataclass
class Channel:
    """A channel as it really is."""

    leg: str
    role: Role
    session_id: int
    call_key: str
    room: str
    place: Place


@dataclass
class Asterisk:
    """Channels, actions that were sent and not carried out yet, and events that were not read yet by source."""

    channels: dict[str, Channel] = field(default_factory=dict)
    inbox: deque[Effect] = field(default_factory=deque)
    sources: dict[tuple[str, str], deque[c.Command]] = field(default_factory=dict)
    listening: bool = True

    def _tell(self, source: str, leg: str, *news: c.Command) -> None:
        if self.listening:
            self.sources.setdefault((leg, source), deque()).extend(news)

    # --- the far ends ------------------------------------------------------------------------------------------

    def in_place(self, *kinds: PlaceKind) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.place.kind in kinds]

    def ring(self, channel: Channel) -> None:
        self._tell("channel", channel.leg, c.LegRinging(channel.leg))

    def pick_up(self, channel: Channel) -> None:
        channel.place = Place(PlaceKind.UP)
        self._tell("channel", channel.leg, c.LegAnswered(channel.leg))

    def enter(self, channel: Channel, room: str) -> None:
        channel.place = Place(PlaceKind.CONFERENCE, room)
        self._tell("conference", channel.leg, c.LegJoined(channel.leg, room))

    def leave(self, channel: Channel) -> None:
        room, channel.place = channel.place.room, Place(PlaceKind.ELSEWHERE)
        self._tell("conference", channel.leg, c.LegLeft(channel.leg, room))

    def end(self, channel: Channel, cause: int, *, far_end: bool) -> None:
        if channel.place.kind is PlaceKind.CONFERENCE:
            self.leave(channel)
        del self.channels[channel.leg]
        self._tell("channel", channel.leg, c.LegGone(channel.leg, cause, far_end))

    # --- actions -----------------------------------------------------------------------------------------------

    def carry_out(self, *, willing: bool) -> None:
        """Carry out the oldest action; an unwilling Asterisk refuses what can be refused."""
        effect = self.inbox.popleft()
        channel = self.channels.get(effect.leg)
        if isinstance(effect, Ring):
            self._ring(effect, willing=willing)
        elif isinstance(effect, HangUpLeg) and channel is not None and not willing:
            self._tell("channel", effect.leg, c.MoveRefused(effect.leg, "Permission denied"))
        elif isinstance(effect, HangUpLeg | HangUpChannel) and channel is not None:
            self.end(channel, 16, far_end=False)
        elif isinstance(effect, ReadLeg) and willing:
            self._tell("channel", effect.leg, c.LegRead(effect.leg, None))

    def _ring(self, ring: Ring, *, willing: bool) -> None:
        assert ring.leg not in self.channels, "the same channel was asked for twice"
        if not willing:
            self._tell("channel", ring.leg, c.LegRefused(ring.leg, "CHANUNAVAIL", reachable=False, cause=20))
            return
        place = Place(PlaceKind.DIALLING)
        channel = Channel(ring.leg, ring.role, ring.session_id, ring.call_key, ring.room, place)
        self.channels[ring.leg] = channel
        self._tell("channel", ring.leg, c.LegPlaced(ring.leg))

    # --- news --------------------------------------------------------------------------------------------------

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
        self.sources.clear()
        self.listening = False
        if channels_too:
            self.channels.clear()

    def snapshot(self) -> c.LinkUp:
        return c.LinkUp(
            tuple(
                c.ChannelSeen(channel.leg, channel.role, channel.session_id, channel.call_key, channel.place)
                for channel in self.channels.values()
            )
        )
