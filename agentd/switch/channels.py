"""Where a channel is, read from Asterisk's list of channels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agentd.ami import items
from agentd.ami.messages import Event
from agentd.core.commands import ChannelSeen
from agentd.core.model import Place, PlaceKind, Role

__all__ = ["UP", "place_of", "seen"]

UP = 6  # AST_STATE_UP


def place_of(channel: items.CoreShowChannel) -> Place:
    """Give the place of a listed channel. Its extension is the room, as the dialplan of agentd-conf has it."""
    if channel.application == "ConfBridge":
        return Place(PlaceKind.CONFERENCE, channel.exten)
    if channel.channel_state == UP:
        return Place(PlaceKind.ELSEWHERE)
    return Place(PlaceKind.DIALLING)


def seen(listed: Iterable[Event], known: Callable[[str], bool]) -> tuple[ChannelSeen, ...]:
    """Give the channels that are ours: legs that are known, and whatever carries our variables.

    The other half of a Local channel carries them too, copied when it is called (22.10.1). It is no leg: whoever ended
    it would end the leg.
    """
    found = []
    for item in listed:
        if not isinstance(item, items.CoreShowChannel) or _is_other_half(item.channel):
            continue
        variables = item.variables
        role = variables.get("AGENTD_ROLE", "")
        if role or known(item.uniqueid):
            session = variables.get("AGENTD_SESSION", "")
            found.append(
                ChannelSeen(
                    leg=item.uniqueid,
                    role=_role(role),
                    session_id=int(session) if session.isdecimal() else 0,
                    call_key=variables.get("AGENTD_CALL", ""),
                    place=place_of(item),
                )
            )
    return tuple(found)


def _is_other_half(channel: str) -> bool:
    return channel.startswith("Local/") and channel.endswith(";2")


def _role(name: str) -> Role | None:
    return Role(name) if name in set(Role) else None
