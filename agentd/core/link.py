"""The link to Asterisk, lost and back: what was missed is made good."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import ending, legs
from agentd.core.calls.causes import OUT_OF_ORDER
from agentd.core.commands import ChannelSeen, LinkDown, LinkUp
from agentd.core.effects import HangUpChannel
from agentd.core.errors import PbxLinkDown
from agentd.core.model import CallState, Leg, PlaceKind, Role, SessionKind
from agentd.core.sessions import login
from agentd.core.turn import Turn

__all__ = ["down", "up"]


def down(turn: Turn, command: LinkDown) -> None:
    """Nothing can be asked of Asterisk: what waits for it has failed, calls stay as they are.

    What was asked before stays pending: when the link is back, each leg's place tells what became of it.
    """
    if turn.state.link_up:
        turn.record(r.LinkChanged(up=False, reason=command.reason))
    error = PbxLinkDown("PBX link down")
    for under_way in list(turn.state.logins.values()):
        login.failed(turn, under_way, error)
    turn.fail_all(error)


def up(turn: Turn, command: LinkUp) -> None:
    """These are Asterisk's channels: legs that are missing have ended, others are where they are."""
    turn.record(r.LinkChanged(up=True))
    seen = {channel.leg: channel for channel in command.channels}
    for leg in list(turn.state.legs.values()):
        channel = seen.pop(leg.id, None)
        if channel is not None:
            legs.found(turn, leg, channel.place)
        elif leg.place.kind is PlaceKind.ASKED:
            turn.deadline("placed", leg.id, max(0.0, leg.started + turn.settings.confirm_time - turn.now))
        else:
            _missing(turn, leg, seen)
    for channel in seen.values():
        _claim(turn, channel)
    for session in list(turn.state.sessions.values()):
        if session.kind is SessionKind.SEATED and not session.attached:
            turn.deadline("recall", session.agent, 0)


def _missing(turn: Turn, leg: Leg, seen: dict[str, ChannelSeen]) -> None:
    """The leg's channel is no more, unless another one carries its call now."""
    call = turn.state.calls.get(leg.call_id or 0)
    if call is not None and call.leg == leg.id and call.state is not CallState.WRAPPING:
        for channel in seen.values():
            carries_it = channel.role is Role.CUSTOMER and channel.call_key == call.key
            if carries_it and channel.leg not in turn.state.legs:
                del seen[channel.leg]
                _wait_on(turn, leg, channel)
                _adopt(turn, r.LegAdopted(channel.leg, Role.CUSTOMER, leg.session_id, leg.agent, call.id), channel)
                break
    legs.ended(turn, leg, OUT_OF_ORDER, far_end=False)


def _wait_on(turn: Turn, leg: Leg, channel: ChannelSeen) -> None:
    """The channel takes the place in line that the leg had."""
    waiting = turn.state.waiting.get(leg.id)
    if waiting is not None:
        place = r.WaitingJoined(
            channel.leg,
            waiting.call_id,
            waiting.ingroup,
            waiting.since,
            waiting.wanted,
            priority=waiting.priority,
            campaign=waiting.campaign,
        )
        ending.withdraw(turn, leg.id, "system")
        turn.record(place)


def _adopt(turn: Turn, adopted: r.LegAdopted, channel: ChannelSeen) -> None:
    turn.record(adopted)
    legs.found(turn, turn.state.legs[channel.leg], channel.place)


def _claim(turn: Turn, channel: ChannelSeen) -> None:
    """A channel that we do not know: a phone that is missing, else nobody's."""
    for session in turn.state.sessions.values():
        if channel.role is Role.AGENT and channel.session_id == session.id and not session.attached:
            _adopt(turn, r.LegAdopted(channel.leg, Role.AGENT, session.id, session.agent, None), channel)
            return
    if channel.role is not None:
        turn.ask(HangUpChannel(channel.leg, "belongs to no open call or session"))
