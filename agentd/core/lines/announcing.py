"""What a caller hears while he waits: the music of his line, and an in-group's announcements between it."""

from __future__ import annotations

from agentd.core.calls.moves import ask_move
from agentd.core.effects import Announce, Hold
from agentd.core.evolving.table import deadline_key
from agentd.core.lines.distribution import in_order
from agentd.core.lines.figures import expected_minutes
from agentd.core.model import InGroup, Leg, Move, Place, PlaceKind, State, Waiting, Why
from agentd.core.turn import Turn

__all__ = ["begin", "begin_music", "due", "music", "music_due", "position", "welcome"]

_AGAIN = 2.0  # seconds after which somebody is looked at again who could not listen
_AGAIN_UNLINKED = 10.0  # the same while nothing can be asked of Asterisk
_WAIT = Place(PlaceKind.WAIT)


def music(state: State, waiting: Waiting) -> str:
    """Give the class of music on hold of his line; empty for the PBX's default."""
    ingroup = state.ingroups.get(waiting.ingroup)
    campaign = state.campaigns.get(waiting.campaign)
    return ingroup.music if ingroup is not None else campaign.park_music if campaign is not None else ""


def begin_music(turn: Turn, leg_id: str) -> None:
    """One who waits unasked hears his line's music, which nobody told the dialplan, unless he is taken at once."""
    waiting = turn.state.waiting.get(leg_id)
    welcomed = deadline_key("welcome", leg_id) in turn.state.deadlines  # the music comes with that
    if waiting is not None and not welcomed and music(turn.state, waiting):
        turn.deadline("music", leg_id, 0)


def music_due(turn: Turn, leg_id: str) -> None:
    """He hears it from now on. One who cannot listen does so when he is back, or after an announcement."""
    waiting, leg = turn.state.waiting.get(leg_id), turn.state.legs.get(leg_id)
    if waiting is not None and leg is not None and _listens(turn, waiting, leg):
        ask_move(turn, leg, Move(Why.LINE, "system", _WAIT), Hold(leg_id, music(turn.state, waiting)))


def begin(turn: Turn, waiting: Waiting, *, welcomed: bool) -> None:
    """A caller waits: he is welcomed if nobody takes him at once, and told his place every now and then."""
    ingroup = _ingroup(turn, waiting)
    if ingroup is None:
        return
    if ingroup.welcome and not welcomed:
        turn.deadline("welcome", waiting.leg, 0)
    if ingroup.announce_every:
        turn.deadline("announce", waiting.leg, ingroup.announce_every)


def _ingroup(turn: Turn, waiting: Waiting) -> InGroup | None:
    return None if waiting.campaign else turn.state.ingroups.get(waiting.ingroup)


def welcome(turn: Turn, leg_id: str) -> None:
    """He hears the prompt for those who come; it is a while until he hears more."""
    who = _who_waits(turn, leg_id)
    if who is None:
        return
    waiting, leg, ingroup = who
    if not _listens(turn, waiting, leg):
        _look_again(turn, "welcome", leg_id)
    elif ingroup.welcome:
        _say(turn, leg, Announce(leg_id, ingroup.music, ingroup.welcome))
        turn.deadline("announce", leg_id, ingroup.announce_every or None)


def due(turn: Turn, leg_id: str) -> None:
    """He hears his place in the line and how long it may take, as the in-group wants it; and so on."""
    who = _who_waits(turn, leg_id)
    if who is None:
        return
    waiting, leg, ingroup = who
    if not _listens(turn, waiting, leg):
        _look_again(turn, "announce", leg_id)
    elif ingroup.announce_every:
        place = position(turn.state, waiting)
        minutes = expected_minutes(turn.state, ingroup.name, place, turn.now) if ingroup.announce_wait else None
        if ingroup.announce_position or minutes is not None:
            said = place if ingroup.announce_position else 0
            _say(turn, leg, Announce(leg_id, ingroup.music, position=said, minutes=minutes))
        turn.deadline("announce", leg_id, ingroup.announce_every)


def _who_waits(turn: Turn, leg_id: str) -> tuple[Waiting, Leg, InGroup] | None:
    waiting, leg = turn.state.waiting.get(leg_id), turn.state.legs.get(leg_id)
    ingroup = _ingroup(turn, waiting) if waiting is not None else None
    if waiting is None or leg is None or ingroup is None:
        return None
    return waiting, leg, ingroup


def _listens(turn: Turn, waiting: Waiting, leg: Leg) -> bool:
    """Whether he hears the music, and nothing is about to happen to him."""
    return turn.state.link_up and not waiting.offered and leg.pending is None and leg.place == _WAIT


def _look_again(turn: Turn, what: str, leg_id: str) -> None:
    turn.deadline(what, leg_id, _AGAIN if turn.state.link_up else _AGAIN_UNLINKED)


def _say(turn: Turn, leg: Leg, announcement: Announce) -> None:
    ask_move(turn, leg, Move(Why.ANNOUNCE, "system", _WAIT), announcement)


def position(state: State, waiting: Waiting) -> int:
    """Give his place in his line, in the order in which those who wait there are taken; the first is 1."""
    line = [each for each in state.waiting.values() if each.ingroup == waiting.ingroup]
    return in_order(line, state).index(waiting) + 1
