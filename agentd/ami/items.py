"""What lists consist of: snapshots of channels, conferences, bridges and endpoints, with typed fields.

They come with the answer to a list action, pass no event filter and need no read privilege.
"""

from __future__ import annotations

from agentd.ami.messages import Event
from agentd.ami.typed import ChannelEvent, event

__all__ = [
    "BridgeInfoChannel",
    "BridgeListItem",
    "ConfbridgeList",
    "ConfbridgeListRooms",
    "ContactList",
    "CoreShowChannel",
    "EndpointList",
    "Status",
]


@event("CoreShowChannel")
class CoreShowChannel(ChannelEvent):
    """A channel, and where it is. ``duration`` is HH:MM:SS, ``bridge_id`` empty outside a bridge."""

    __slots__ = ()
    application: str
    application_data: str
    duration: str
    bridge_id: str


@event("Status")
class Status(ChannelEvent):
    """A channel with much detail. ``seconds`` since it was made."""

    __slots__ = ()
    type: str
    seconds: int
    application: str | None
    data: str | None


@event("ConfbridgeList")
class ConfbridgeList(ChannelEvent):
    """A member of a conference. ``answered_time`` in seconds."""

    __slots__ = ()
    conference: str
    admin: bool
    muted: bool
    waiting: bool
    marked_user: bool
    talking: bool | None
    answered_time: int


@event("ConfbridgeListRooms")
class ConfbridgeListRooms(Event):
    """A conference; ``parties`` counts its members without the announcer."""

    __slots__ = ()
    conference: str
    parties: int
    marked: int
    locked: bool
    muted: bool


@event("BridgeListItem")
class BridgeListItem(Event):
    """A bridge."""

    __slots__ = ()
    bridge_uniqueid: str
    bridge_type: str
    bridge_technology: str
    bridge_creator: str
    bridge_name: str
    bridge_num_channels: int


@event("BridgeInfoChannel")
class BridgeInfoChannel(ChannelEvent):
    """A channel in the bridge that was asked for."""

    __slots__ = ()


@event("EndpointList")
class EndpointList(Event):
    """A PJSIP endpoint; ``contacts`` is empty when nothing is registered."""

    __slots__ = ()
    object_name: str
    device_state: str
    active_channels: str
    contacts: str


@event("ContactList")
class ContactList(Event):
    """A PJSIP contact."""

    __slots__ = ()
    object_name: str
    endpoint: str
    uri: str
    status: str
