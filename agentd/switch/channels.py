"""Where a channel is, read from Asterisk's list of channels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agentd.ami import items
from agentd.ami.messages import Event
from agentd.core.commands import ChannelSeen
from agentd.core.model import Place, PlaceKind, Role

__all__ = ["UP", "place_of", "place_told", "seen"]

UP = 6  # AST_STATE_UP

# What the dialplan says of a leg's place, by AGENTD_PLACE and by the UserEvent AgentdPlace.
_TOLD = {
    "wait": PlaceKind.WAIT,
    "ivr": PlaceKind.IVR,
    "outside": PlaceKind.OUTSIDE,
    "listen": PlaceKind.LISTEN,
}
_CONTEXTS = {
    "agentd-wait": PlaceKind.WAIT,
    "agentd-announce": PlaceKind.WAIT,
    "agentd-ready": PlaceKind.WAIT,
    "agentd-ivr": PlaceKind.IVR,
    "agentd-ivr-return": PlaceKind.IVR,
    "agentd-dial": PlaceKind.OUTSIDE,
    "agentd-message": PlaceKind.OUTSIDE,
    "agentd-voicemail": PlaceKind.OUTSIDE,
    "agentd-spy": PlaceKind.LISTEN,
}


def place_of(channel: items.CoreShowChannel) -> Place:
    """Give the place of a listed channel.

    The extension of a conference is its number; of a phone that asks something in the conference's menu, and has not
    left it, AGENTD_PLACE tells that. A site's own IVR is known by AGENTD_PLACE alone; any other context that is not
    agentd's is elsewhere, whatever that variable still says.
    """
    word = channel.variables.get("AGENTD_PLACE", "")
    if channel.application == "ConfBridge":
        return Place(PlaceKind.CONFERENCE, channel.exten)
    if channel.context == "agentd-menu":
        return Place(PlaceKind.CONFERENCE, word)
    if channel.channel_state != UP:
        return Place(PlaceKind.DIALLING)
    told = place_told(word)
    in_own_ivr = told is not None and told.kind is PlaceKind.IVR
    return Place(_CONTEXTS.get(channel.context, PlaceKind.IVR if in_own_ivr else PlaceKind.ELSEWHERE))


def place_told(word: str | None) -> Place | None:
    """Give the place that a word of the dialplan means; None if it means none."""
    kind = _TOLD.get(word or "")
    return None if kind is None else Place(kind)


def seen(listed: Iterable[Event], known: Callable[[str], bool]) -> tuple[ChannelSeen, ...]:
    """Give the channels that are ours: legs that are known, and whatever carries our variables.

    The other half of a Local channel carries them too, copied when it is called (22.10.1). Unless it is known it is no
    leg, and whoever ended it would end the leg. It is one where somebody was sent to an in-group through the dialplan.
    """
    found = []
    for item in listed:
        if not isinstance(item, items.CoreShowChannel):
            continue
        variables = item.variables
        role = variables.get("AGENTD_ROLE", "")
        if known(item.uniqueid) or (role and not _is_other_half(item.channel)):
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
