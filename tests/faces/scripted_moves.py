"""How the scripted switch plays moves, supervisors and recordings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from agentd.core import commands as c
from agentd.core.effects import (
    Announce,
    Effect,
    Hold,
    Join,
    JoinBoth,
    MuteRecording,
    Part,
    PlayMessage,
    Prompt,
    RingMonitor,
    SendOut,
    SetMonitor,
    StartRecording,
    StopRecording,
    Tag,
    Voicemail,
)
from agentd.core.model import MonitorMode, Place, PlaceKind
from agentd.switch.destinations import Unfit, destination
from tests.faces.scripted_channels import CAUSES, LATE_END, PICK_UP, STAY, STEP, Channel, Fate


class Scene(Protocol):
    """What is needed of the switch."""

    channels: dict[str, Channel]
    refusal: str
    prompt_time: float
    message_time: float
    later: Callable[..., object]

    def tell(self, command: c.Command) -> None: ...

    def news(self, command: c.Command) -> None: ...

    def leave(self, leg: str) -> None: ...

    def end(self, leg: str, cause: int = 16, *, far_end: bool = False) -> None: ...

    def fate_of(self, resource: str) -> Fate: ...


class ScriptedMoves:
    """Does what it is asked a moment later, unless the leg is gone or is being hung up by then."""

    def __init__(self, switch: Scene) -> None:
        self._switch = switch
        self._recorded: dict[int, str] = {}  # recordings that run -> leg
        self._ending: set[str] = set()  # legs for which a hangup is under way

    def perform(self, effect: Effect) -> None:
        """Do one of those effects that are not about rings and hangups."""
        later = self._switch.later
        match effect:
            case Tag():
                later(STEP, self._tag, effect)
            case Part():
                later(STEP, self._part, effect)
            case StartRecording() | StopRecording() | MuteRecording():
                later(STEP, self._record, effect)
            case Join() | JoinBoth() | Hold() | Announce() | Prompt() | SetMonitor():
                self._move(effect)
            case PlayMessage() | Voicemail() | SendOut():
                self._move(effect)

    def hung_up(self, leg: str) -> None:
        """A hangup was asked for, and passes whatever was asked before."""
        self._ending.add(leg)

    def may_go_on(self, leg: str) -> None:
        """The hangup is being done, or refused."""
        self._ending.discard(leg)

    def ended(self, channel: Channel) -> None:
        """A channel is gone, and with it whoever talked with it alone, or listened to it."""
        self._recorded = {number: leg for number, leg in self._recorded.items() if leg != channel.leg}
        for other in self._switch.channels.values():
            listens = other.place.kind is PlaceKind.LISTEN and other.target == channel.leg
            if listens or channel.peer == other.leg:
                self._switch.later(STEP, self._switch.end, other.leg)

    # --- moves -----------------------------------------------------------------------------------------------

    def _move(self, effect: Effect) -> None:
        legs = [effect.leg, effect.other] if isinstance(effect, JoinBoth) else [effect.leg]
        try:
            destination(effect, "agentd-conf")
        except Unfit as unfit:
            self._refuse(legs, str(unfit))
        else:
            self._switch.later(STEP, self._carry_out, effect, legs)

    def _refuse(self, legs: list[str], reason: str) -> None:
        for leg in legs:
            self._switch.tell(c.MoveRefused(leg, reason))

    def _carry_out(self, effect: Effect, legs: list[str]) -> None:
        channels = self._switch.channels
        if self._ending.intersection(legs):
            self._refuse([leg for leg in legs if leg in channels and leg not in self._ending], "the other leg has gone")
        elif self._switch.refusal:
            self._refuse(legs, self._switch.refusal)
        elif missing := [leg for leg in legs if leg not in channels]:
            self._switch.later(LATE_END, self._switch.tell, c.LegGone(missing[0], 0))
            self._refuse([leg for leg in legs if leg not in missing], "the other leg has gone")
        else:
            self._go([channels[leg] for leg in legs], effect)

    def _go(self, channels: list[Channel], effect: Effect) -> None:
        channel = channels[0]
        for each in channels:
            each.peer = ""
        match effect:
            case Join():
                self._enter(channel, effect.room)
            case JoinBoth():
                for each, other in (channels, reversed(channels)):
                    each.peer = other.leg
                    self._enter(each, effect.room)
            case Hold() | Announce():
                self._place(channel, PlaceKind.WAIT)
            case Prompt():
                self._place(channel, PlaceKind.IVR)
                plays = effect.prompt or effect.context
                self._after(channel, self._switch.prompt_time if plays else 0.0, self._enter, channel, effect.room)
            case PlayMessage() | Voicemail():
                self._place(channel, PlaceKind.OUTSIDE)
                self._after(channel, self._switch.message_time, self._switch.end, channel.leg)
            case SendOut():
                self._place(channel, PlaceKind.OUTSIDE)
                self._dial_out(channel, effect)
            case SetMonitor():
                self.supervise(channel, effect)

    def supervise(self, channel: Channel, effect: RingMonitor | SetMonitor) -> None:
        """A supervisor's phone is where it is heard by all, or hears the agent."""
        if effect.mode is MonitorMode.BARGE:
            self._enter(channel, effect.room)
            return
        channel.target = effect.target
        self._place(channel, PlaceKind.LISTEN)
        if effect.target not in self._switch.channels:
            self._after(channel, STEP, self._switch.end, channel.leg)

    def wait(self, channel: Channel, seconds: float | None = None) -> None:
        """The leg waits from the start, and (with ``seconds``) is ended when it is not fetched within that time."""
        self._place(channel, PlaceKind.WAIT)
        if seconds is not None:
            self._after(channel, seconds, self._switch.end, channel.leg)

    def _dial_out(self, channel: Channel, effect: SendOut) -> None:
        """When the far end has answered they are together; when it is gone, or does not come, the leg is ended."""
        fate = self._switch.fate_of(effect.resource)
        if fate in CAUSES:
            self._after(channel, STEP, self._switch.end, channel.leg, CAUSES[fate])
        elif fate in {Fate.UNREGISTERED, Fate.REFUSE}:
            self._after(channel, STEP, self._switch.end, channel.leg, 3)
        elif fate in {Fate.RING_ON, Fate.SILENCE}:
            self._after(channel, effect.timeout, self._switch.end, channel.leg)
        else:
            self._after(channel, PICK_UP, self._met, channel, effect.room, fate)

    def _met(self, channel: Channel, room: str, fate: Fate) -> None:
        self._enter(channel, room)
        if fate is Fate.ANSWER_THEN_LEAVE:
            self._after(channel, STAY, self._switch.end, channel.leg)

    def _enter(self, channel: Channel, room: str) -> None:
        self._switch.leave(channel.leg)
        channel.moved += 1
        channel.place = Place(PlaceKind.CONFERENCE, room)
        self._switch.news(c.LegJoined(channel.leg, room))

    def _place(self, channel: Channel, kind: PlaceKind) -> None:
        self._switch.leave(channel.leg)
        channel.moved += 1
        channel.place = Place(kind)
        self._switch.news(c.LegAt(channel.leg, channel.place))

    def _after(self, channel: Channel, seconds: float, function: Callable[..., object], *arguments: Any) -> None:
        """Do it then, unless the channel has gone elsewhere."""
        moved = channel.moved

        def still_there() -> None:
            if channel.moved == moved and channel.leg in self._switch.channels:
                function(*arguments)

        self._switch.later(seconds, still_there)

    # --- the rest --------------------------------------------------------------------------------------------

    def _tag(self, tag: Tag) -> None:
        channel = self._switch.channels.get(tag.leg)
        if channel is not None:
            channel.role, channel.session_id, channel.call_key = tag.role, tag.session_id, tag.call_key

    def _part(self, part: Part) -> None:
        channel = self._switch.channels.get(part.leg)
        if channel is not None:
            channel.peer = ""

    def _record(self, effect: StartRecording | StopRecording | MuteRecording) -> None:
        number, tell = effect.recording_id, self._switch.tell
        if isinstance(effect, StartRecording):
            if effect.leg in self._switch.channels:
                self._recorded[number] = effect.leg
                tell(c.RecordingBegun(number))
            else:
                tell(c.RecordingRefused(number, "No such channel"))
        elif isinstance(effect, StopRecording):
            self._recorded.pop(number, None)
            tell(c.RecordingOver(number))
        elif number in self._recorded:
            tell(c.RecordingSilenced(number, effect.muted))
        else:
            tell(c.RecordingRefused(number, "it is not running"))
