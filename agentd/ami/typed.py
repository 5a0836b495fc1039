"""How an event class gets its fields, and what many events have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import get_annotations
from typing import Any, TypeVar, get_args, get_type_hints

from agentd.ami.messages import Event
from agentd.ami.naming import header_name
from agentd.ami.wire import Frame

__all__ = [
    "BridgeEvent",
    "ChannelEvent",
    "ConfbridgeEvent",
    "DialEvent",
    "event",
    "event_class",
    "event_name",
    "fields_of",
    "make_event",
]

E = TypeVar("E", bound=Event)

_TYPES: dict[str, type[Event]] = {}
_NAMES: dict[type[Event], str] = {}
_CLASSES: dict[str, str] = {}
_YES = frozenset({"yes", "true", "1", "on"})


def make_event(frame: Frame) -> Event:
    """The event in a frame, as its own class if it has one."""
    return _TYPES.get(frame.name, Event)(frame)


def event_class(name: str) -> str | None:
    """The privilege class (``call``, ``system`` …) that an event belongs to; None if it is not known here."""
    return _CLASSES.get(name)


def event_name(kind: type[Event]) -> str:
    """Asterisk's name of a typed event. Raises KeyError for a class that stands for none."""
    return _NAMES[kind]


def event(name: str, klass: str | None = None) -> Callable[[type[E]], type[E]]:
    """Make a class the type of the events called ``name``, which need the read privilege ``klass``.

    None stands for list items: they come with an answer, whatever the privileges for events.
    """

    def register(kind: type[E]) -> type[E]:
        _TYPES[name] = fields_of(kind)
        _NAMES[kind] = name
        if klass is not None:
            _CLASSES[name] = klass
        return kind

    return register


def fields_of(kind: type[E]) -> type[E]:
    """Turn the annotations of a class into fields: ``str``, ``int``, ``float`` or ``bool``, each perhaps ``| None``.

    Reading a field raises KeyError if the event has no such header, unless its type allows None.
    """
    hints = get_type_hints(kind)
    for field in get_annotations(kind):
        setattr(kind, field, property(_reader(header_name(field), hints[field])))
    return kind


def _reader(header: str, hint: Any) -> Callable[[Event], Any]:
    kinds = get_args(hint) or (hint,)
    convert: Callable[[str], Any] = _yes if bool in kinds else kinds[0]
    line_start = f"\r\n{header}: ".encode()

    def required(self: Event) -> Any:
        value = self.look_up(header, line_start)
        if value is None:
            raise KeyError(header)
        return value if convert is str else convert(value)

    def optional(self: Event) -> Any:
        value = self.look_up(header, line_start)
        if value is None or convert is str:
            return value
        return None if value == "" else convert(value)

    return optional if type(None) in kinds else required


def _yes(value: str) -> bool:
    return value.lower() in _YES


@fields_of
class ChannelEvent(Event):
    """What every event about one channel says of it. ``channel_state`` 6 is up."""

    __slots__ = ()
    channel: str
    channel_state: int
    channel_state_desc: str
    caller_id_num: str
    caller_id_name: str
    connected_line_num: str
    connected_line_name: str
    context: str
    exten: str
    priority: int
    uniqueid: str
    linkedid: str


@fields_of
class BridgeEvent(ChannelEvent):
    """A channel and a bridge. Asterisk's announcer counts as a channel of the bridge, too."""

    __slots__ = ()
    bridge_uniqueid: str
    bridge_type: str
    bridge_technology: str
    bridge_creator: str
    bridge_name: str
    bridge_num_channels: int


@fields_of
class ConfbridgeEvent(BridgeEvent):
    """A channel and a conference."""

    __slots__ = ()
    conference: str
    admin: bool | None


@fields_of
class DialEvent(Event):
    """A dial: the channel that dials (absent when Originate does) and the one that is dialled."""

    __slots__ = ()
    channel: str | None
    uniqueid: str | None
    linkedid: str | None
    dest_channel: str
    dest_channel_state: int
    dest_caller_id_num: str
    dest_caller_id_name: str
    dest_context: str
    dest_exten: str
    dest_uniqueid: str
    dest_linkedid: str

    @property
    def dest_variables(self) -> Mapping[str, str]:
        """The channel variables of the channel that is dialled."""
        return self.channel_variables("Dest")
