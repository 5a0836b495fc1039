"""The link to Asterisk, lost and back: what was missed is made good."""

from __future__ import annotations

from agentd.core import ending, legs, login
from agentd.core import records as r
from agentd.core.causes import OUT_OF_ORDER
from agentd.core.commands import ChannelSeen, LegJoined, LegLeft, LegPlaced, LinkDown, LinkUp
from agentd.core.effects import HangUpChannel
from agentd.core.errors import PbxLinkDown
from agentd.core.model import CallState, Leg, PlaceKind, Role
from agentd.core.turn import Turn

__all__ = ["down", "up"]


def down(turn: Turn, command: LinkDown) -> None:
    """Nothing can be asked of Asterisk: what waits for it has failed, calls stay as they are."""
    if turn.state.link_up:
        turn.record(r.LinkChanged(up=False, reason=command.reason))
    error = PbxLinkDown("PBX link down")
    for under_way in list(turn.state.logins.values()):
        login.failed(turn, under_way, error)
    for leg in turn.state.legs.values():
        if leg.pending is not None:
            turn.record(r.LegPending(leg.id, None))
    turn.fail_all(error)


def up(turn: Turn, command: LinkUp) -> None:
    """These are Asterisk's channels: legs that are missing have ended, others are where they are."""
    turn.record(r.LinkChanged(up=True))
    seen = {channel.leg: channel for channel in command.channels}
    for leg in list(turn.state.legs.values()):
        channel = seen.pop(leg.id, None)
        if channel is not None:
            _found(turn, leg, channel)
        elif leg.place.kind is PlaceKind.ASKED:
            turn.deadline("placed", leg.id, max(0.0, leg.started + turn.settings.confirm_time - turn.now))
        elif leg.id in turn.state.legs:
            legs.ended(turn, leg, OUT_OF_ORDER, far_end=False)
    for channel in seen.values():
        _adopt(turn, channel)
    for session in list(turn.state.sessions.values()):
        if not session.attached:
            turn.deadline("recall", session.agent, 0)


def _found(turn: Turn, leg: Leg, channel: ChannelSeen) -> None:
    if legs.session_of(turn, leg) is None or _call_is_over(turn, leg):
        ending.end_leg(turn, leg.id, by="system")
    elif channel.place.kind is PlaceKind.CONFERENCE:
        legs.joined(turn, LegJoined(leg.id, channel.place.room))
    elif leg.place.kind is PlaceKind.CONFERENCE:
        legs.left(turn, LegLeft(leg.id, leg.place.room))
    elif leg.place.kind is PlaceKind.ASKED:
        legs.placed(turn, LegPlaced(leg.id))


def _call_is_over(turn: Turn, leg: Leg) -> bool:
    if leg.role is not Role.CUSTOMER:
        return False
    call = turn.state.calls.get(leg.call_id or 0)
    return call is None or call.state is CallState.WRAPPING


def _adopt(turn: Turn, channel: ChannelSeen) -> None:
    """A channel that we do not know: the leg of an open call or of a phone that is missing, else nobody's."""
    for call in turn.state.calls.values():
        open_call = call.state is not CallState.WRAPPING and call.leg not in turn.state.legs
        if channel.role is Role.CUSTOMER and call.key == channel.call_key and open_call:
            turn.record(r.LegAdopted(channel.leg, Role.CUSTOMER, call.session_id, call.agent, call.id))
            _found(turn, turn.state.legs[channel.leg], channel)
            return
    for session in turn.state.sessions.values():
        if channel.role is Role.AGENT and channel.session_id == session.id and not session.attached:
            turn.record(r.LegAdopted(channel.leg, Role.AGENT, session.id, session.agent, None))
            _found(turn, turn.state.legs[channel.leg], channel)
            return
    if channel.role is not None:
        turn.ask(HangUpChannel(channel.leg, "belongs to no open call or session"))
