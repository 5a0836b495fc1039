"""The events that a call centre lives by, with typed fields. Every other is a plain :class:`Event`.

A field without ``| None`` is a promise of Asterisk 18 to 22: reading it raises KeyError if the event has no such
header. Which header belongs to which event was read from a live Asterisk 22.10.1 and from its own documentation
(``manager show event NAME``). Where Asterisk knows no number or name it writes ``<unknown>``; so do the fields.
"""

from __future__ import annotations

from agentd.ami.messages import Event
from agentd.ami.typed import BridgeEvent, ChannelEvent, ConfbridgeEvent, DialEvent, event

__all__ = [
    "AGIExecEnd",
    "AGIExecStart",
    "BridgeEnter",
    "BridgeLeave",
    "ConfbridgeEnd",
    "ConfbridgeJoin",
    "ConfbridgeLeave",
    "ConfbridgeMute",
    "ConfbridgeStart",
    "ConfbridgeUnmute",
    "ContactStatus",
    "DTMFEnd",
    "DeviceStateChange",
    "DialBegin",
    "DialEnd",
    "DialState",
    "FullyBooted",
    "Hangup",
    "HangupRequest",
    "MixMonitorMute",
    "MixMonitorStart",
    "MixMonitorStop",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "NewCallerid",
    "Newchannel",
    "Newexten",
    "Newstate",
    "OriginateResponse",
    "Rename",
    "Shutdown",
    "SoftHangupRequest",
    "UserEvent",
    "VarSet",
]


# --- channels ------------------------------------------------------------------------------------------------------


@event("Newchannel", "call")
class Newchannel(ChannelEvent):
    """A channel was made."""

    __slots__ = ()


@event("Newstate", "call")
class Newstate(ChannelEvent):
    """A channel's state changed."""

    __slots__ = ()


@event("NewCallerid", "call")
class NewCallerid(ChannelEvent):
    """A channel's caller id changed."""

    __slots__ = ()


@event("Newexten", "dialplan")
class Newexten(ChannelEvent):
    """A channel begins a step of the dialplan."""

    __slots__ = ()
    application: str
    app_data: str


@event("Rename", "call")
class Rename(Event):
    """A channel got another name; its ``uniqueid`` stays."""

    __slots__ = ()
    channel: str
    newname: str
    uniqueid: str


@event("HangupRequest", "call")
class HangupRequest(ChannelEvent):
    """The far end hung up."""

    __slots__ = ()
    cause: int | None


@event("SoftHangupRequest", "call")
class SoftHangupRequest(ChannelEvent):
    """Asterisk asks a channel to hang up."""

    __slots__ = ()
    cause: int | None


@event("Hangup", "call")
class Hangup(ChannelEvent):
    """A channel is gone; ``cause`` is a Q.850 number."""

    __slots__ = ()
    cause: int
    cause_txt: str


@event("VarSet", "dialplan")
class VarSet(ChannelEvent):
    """A variable was set. A global variable has no channel."""

    __slots__ = ()
    variable: str
    value: str


@event("DTMFEnd", "dtmf")
class DTMFEnd(ChannelEvent):
    """A digit ended; ``direction`` is Received or Sent."""

    __slots__ = ()
    digit: str
    duration_ms: int
    direction: str


@event("MusicOnHoldStart", "call")
class MusicOnHoldStart(ChannelEvent):
    """A channel hears music."""

    __slots__ = ()


@event("MusicOnHoldStop", "call")
class MusicOnHoldStop(ChannelEvent):
    """A channel hears music no more."""

    __slots__ = ()


@event("AGIExecStart", "agi")
class AGIExecStart(ChannelEvent):
    """An AGI command begins."""

    __slots__ = ()
    command: str
    command_id: str


@event("AGIExecEnd", "agi")
class AGIExecEnd(ChannelEvent):
    """An AGI command is done."""

    __slots__ = ()
    command: str
    command_id: str
    result_code: int
    result: str


# --- dials ---------------------------------------------------------------------------------------------------------


@event("DialBegin", "call")
class DialBegin(DialEvent):
    """A channel is being dialled."""

    __slots__ = ()
    dial_string: str


@event("DialState", "call")
class DialState(DialEvent):
    """What the far end says while it is dialled: RINGING, PROGRESS, PROCEEDING."""

    __slots__ = ()
    dial_status: str


@event("DialEnd", "call")
class DialEnd(DialEvent):
    """A dial is over: ANSWER, BUSY, CANCEL, CONGESTION, NOANSWER …; the hangup's cause says more."""

    __slots__ = ()
    dial_status: str


@event("OriginateResponse", "call")
class OriginateResponse(Event):
    """How an asynchronous Originate ended. The only sign that always comes. ``reason`` 4 is answered."""

    __slots__ = ()
    response: str
    channel: str
    context: str
    exten: str
    reason: int
    uniqueid: str

    @property
    def success(self) -> bool:
        """True if the channel was answered."""
        return self.response == "Success"


# --- conferences and bridges ---------------------------------------------------------------------------------------


@event("BridgeEnter", "call")
class BridgeEnter(BridgeEvent):
    """A channel entered a bridge."""

    __slots__ = ()


@event("BridgeLeave", "call")
class BridgeLeave(BridgeEvent):
    """A channel left a bridge."""

    __slots__ = ()


@event("ConfbridgeStart", "call")
class ConfbridgeStart(Event):
    """A conference began."""

    __slots__ = ()
    conference: str
    bridge_uniqueid: str


@event("ConfbridgeEnd", "call")
class ConfbridgeEnd(Event):
    """A conference ended."""

    __slots__ = ()
    conference: str
    bridge_uniqueid: str


@event("ConfbridgeJoin", "call")
class ConfbridgeJoin(ConfbridgeEvent):
    """A channel joined a conference."""

    __slots__ = ()
    muted: bool | None


@event("ConfbridgeLeave", "call")
class ConfbridgeLeave(ConfbridgeEvent):
    """A channel left a conference."""

    __slots__ = ()


@event("ConfbridgeMute", "call")
class ConfbridgeMute(ConfbridgeEvent):
    """A member was muted."""

    __slots__ = ()


@event("ConfbridgeUnmute", "call")
class ConfbridgeUnmute(ConfbridgeEvent):
    """A member can be heard again."""

    __slots__ = ()


# --- recordings ----------------------------------------------------------------------------------------------------


@event("MixMonitorStart", "call")
class MixMonitorStart(ChannelEvent):
    """A recording began. Asterisk sends this for a file that it can't write, too (22.10.1)."""

    __slots__ = ()


@event("MixMonitorStop", "call")
class MixMonitorStop(ChannelEvent):
    """A recording ended by request; a hangup ends it without this."""

    __slots__ = ()


@event("MixMonitorMute", "call")
class MixMonitorMute(ChannelEvent):
    """A recording became silent (``state`` 1) or not (0)."""

    __slots__ = ()
    direction: str
    state: int


# --- the system ----------------------------------------------------------------------------------------------------


@event("FullyBooted", "system")
class FullyBooted(Event):
    """Asterisk is ready; sent after each login, too. ``uptime`` in seconds is 0 after a start."""

    __slots__ = ()
    uptime: int | None
    status: str | None


@event("Shutdown", "system")
class Shutdown(Event):
    """Asterisk ends, or restarts."""

    __slots__ = ()
    restart: bool | None


@event("UserEvent", "user")
class UserEvent(Event):
    """An event made by the dialplan or a manager; what it carries is in ``headers``."""

    __slots__ = ()
    user_event: str
    channel: str | None
    uniqueid: str | None


@event("DeviceStateChange", "call")
class DeviceStateChange(Event):
    """A device became busy, free or unreachable."""

    __slots__ = ()
    device: str
    state: str


@event("ContactStatus", "system")
class ContactStatus(Event):
    """A PJSIP contact came, went, or answers no more: Reachable, Unreachable, Removed, NonQualified …"""

    __slots__ = ()
    uri: str
    contact_status: str
    aor: str
    endpoint_name: str
