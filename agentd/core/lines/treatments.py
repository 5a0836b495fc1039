"""Treatments: what becomes of a caller for whom there is no agent.

He may find the in-group closed, nobody logged in who takes it, or its line full; or he has waited for too long. The
administrator says for each what is to be done with him. While something is asked of Asterisk for it he keeps his place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agentd.core import records as r
from agentd.core.calls import ending, numbers
from agentd.core.calls.causes import NORMAL
from agentd.core.calls.moves import ask_move, free_left_room
from agentd.core.effects import Effect, Hold, PlayMessage, SendOut, Voicemail
from agentd.core.errors import NoFreeConference, NumberNotAllowed
from agentd.core.lines import announcing
from agentd.core.lines.distribution import takes
from agentd.core.lines.hours import is_open
from agentd.core.lines.naming import AGENT_DIRECT
from agentd.core.model import (
    Call,
    Campaign,
    InGroup,
    Leg,
    Move,
    Place,
    PlaceKind,
    Treatment,
    TreatmentKind,
    Waiting,
    Why,
)
from agentd.core.turn import Turn

__all__ = ["confirmed", "due", "entered", "refused", "treat"]

_AGAIN = 1.0  # seconds after which it is tried again
_AGAIN_UNLINKED = 5.0  # the same while nothing can be asked of Asterisk
_CAMPAIGN_DROP = 2.0  # seconds that somebody whom a campaign dialled waits at most, whatever it says
_REROUTES = 5  # how often a caller is sent from line to line
_BLUR = 0.001  # seconds by which sums of times may differ
_RINGS = 30  # seconds for which an extension is rung
_STATUSES = {"after_hours": "AFTHRS", "no_agent": "NANQUE", "full": "QFULL", "drop": "DROP"}
_SOUND = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_BOX = re.compile(r"[A-Za-z0-9_-]+(@[A-Za-z0-9_-]+)?")
_CALLER_ID = re.compile(r"\+?[0-9]{1,24}")
_WAIT = Place(PlaceKind.WAIT)


# --- who comes, and who has waited for too long ------------------------------------------------------------------


def entered(turn: Turn, waiting: Waiting, leg: Leg) -> None:
    """Whoever waits hears the music. The first time he may have come in vain; else the clock runs for him."""
    if waiting.entered:
        return
    turn.record(r.WaitingEntered(leg.id, waiting.call_id))
    if waiting.consult:
        return
    if _is_at_rest(turn, waiting, leg):
        _let_in(turn, waiting, leg)
    else:
        turn.deadline("drop", leg.id, _AGAIN)
    if turn.state.waiting.get(leg.id) is waiting:
        announcing.begin(turn, waiting, welcomed=_was_sent(turn, waiting))


def _is_at_rest(turn: Turn, waiting: Waiting, leg: Leg) -> bool:
    """Whether he hears the music and nothing is about to happen to him."""
    return turn.state.link_up and not waiting.offered and leg.pending is None and leg.place == _WAIT


def _let_in(turn: Turn, waiting: Waiting, leg: Leg) -> None:
    """Treat a caller who came in vain; another one waits for as long as the line allows."""
    for reason, treatment in _in_vain(turn, waiting):
        if treatment.kind is not TreatmentKind.WAIT:
            treat(turn, waiting, leg, treatment, reason)
            return
    last = _last_moment(turn, waiting)
    if last is not None:
        turn.deadline("drop", leg.id, max(0.0, last - turn.now))


def _in_vain(turn: Turn, waiting: Waiting) -> Iterator[tuple[str, Treatment]]:
    """Why the caller has come in vain. It is not asked of one whom an agent or a campaign put into the line."""
    if waiting.campaign or _was_sent(turn, waiting):
        return
    ingroup = _ingroup(turn, waiting)
    if _is_closed(ingroup, turn.now):
        yield "after_hours", ingroup.after_hours
    if not any(takes(session, waiting) for session in turn.state.sessions.values()):
        yield "no_agent", ingroup.no_agent
    others = [each for each in turn.state.waiting.values() if each.ingroup == waiting.ingroup and not each.consult]
    ahead = sum(each.entered and not each.offered and each.leg != waiting.leg for each in others)
    if 0 < ingroup.max_waiting <= ahead:
        yield "full", ingroup.full


def _was_sent(turn: Turn, waiting: Waiting) -> bool:
    """Whether an agent sent the caller into this line, or lost him."""
    call = turn.state.calls[waiting.call_id]
    return call.origin != 0 and not call.rerouted


def _is_closed(ingroup: InGroup, now: float) -> bool:
    try:
        return not is_open(ingroup.hours, ingroup.timezone, now)
    except ValueError:  # checked when it was set up; this machine may know fewer time zones
        return False


def _last_moment(turn: Turn, waiting: Waiting) -> float | None:
    """Until when somebody waits in that line, None for as long as he likes.

    One who lost his agent has a place that his wait before gives him; for this he came when he lost him.
    """
    call = turn.state.calls[waiting.call_id]
    came = max(waiting.since, call.started) if call.origin else waiting.since
    if waiting.campaign:
        return came + min(_campaign(turn, waiting).drop_seconds, _CAMPAIGN_DROP)
    seconds = _ingroup(turn, waiting).drop_after
    return came + seconds if seconds else None


def _ingroup(turn: Turn, waiting: Waiting) -> InGroup:
    return turn.state.ingroups.get(waiting.ingroup) or InGroup(waiting.ingroup, 0)


def _campaign(turn: Turn, waiting: Waiting) -> Campaign:
    return turn.state.campaigns.get(waiting.campaign) or Campaign(waiting.campaign, 0)


def due(turn: Turn, leg_id: str) -> None:
    """He has waited for too long, or what was to be done with him is tried again. Nobody is taken from an agent."""
    waiting, leg = turn.state.waiting.get(leg_id), turn.state.legs.get(leg_id)
    if waiting is None or leg is None:
        return
    last = _last_moment(turn, waiting)
    if not _is_at_rest(turn, waiting, leg):
        turn.deadline("drop", leg_id, _AGAIN if turn.state.link_up else _AGAIN_UNLINKED)
    elif last is None or turn.now < last - _BLUR:
        _let_in(turn, waiting, leg)
    else:
        drop = _campaign(turn, waiting).drop if waiting.campaign else _ingroup(turn, waiting).drop
        treat(turn, waiting, leg, drop, "drop")


# --- what is done with him ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Doing:
    """A treatment as the move for it carries it (``about``), and what is asked of Asterisk."""

    about: str
    effect: Effect
    room: str = ""


def treat(turn: Turn, waiting: Waiting, leg: Leg, treatment: Treatment, reason: str) -> None:
    """Begin what becomes of a caller; one who is to wait does. What cannot be done is a hangup.

    ``reason``: after_hours, no_agent, full or drop. The leg is in the wait, and nothing is asked for it.
    """
    if treatment.kind is TreatmentKind.WAIT:
        return
    if treatment.kind is TreatmentKind.INGROUP and _can_go_to(turn, waiting, treatment.to):
        _reroute(turn, waiting, leg, treatment, reason)
        return
    try:
        doing = _doing(turn, waiting, leg, treatment, reason)
    except NoFreeConference:
        turn.deadline("drop", leg.id, _AGAIN)
        return
    if doing is None:
        _over(turn, waiting, leg, Treatment(TreatmentKind.HANGUP, treatment.to), reason)
        ending.end_leg(turn, leg.id, by="system")
        return
    goal = Place(PlaceKind.OUTSIDE, doing.room)
    ask_move(turn, leg, Move(Why.TREATMENT, "system", goal, doing.about), doing.effect)


def _doing(turn: Turn, waiting: Waiting, leg: Leg, treatment: Treatment, reason: str) -> _Doing | None:
    """What is asked of Asterisk besides a hangup; None where there is nothing, or nothing that is fit to be asked."""
    about, to = f"{reason} {treatment.kind.value} {treatment.to}", treatment.to
    if treatment.kind is TreatmentKind.MESSAGE and _SOUND.fullmatch(to):
        return _Doing(about, PlayMessage(leg.id, to))
    if treatment.kind is TreatmentKind.VOICEMAIL and _BOX.fullmatch(to):
        return _Doing(about, Voicemail(leg.id, to))
    if treatment.kind is TreatmentKind.EXTENSION:
        try:
            number = numbers.clean_number(to)
        except NumberNotAllowed:
            return None
        room = free_left_room(turn.state)
        return _Doing(about, _send_out(turn, turn.state.calls[waiting.call_id], number, room), room)
    return None


def _send_out(turn: Turn, call: Call, number: str, room: str) -> SendOut:
    """The extension is shown the caller's own number."""
    caller_id = call.number if _CALLER_ID.fullmatch(call.number) else ""
    return SendOut(call.leg, turn.settings.outside.replace("{number}", number), number, caller_id, _RINGS, room)


def confirmed(turn: Turn, leg: Leg, move: Move) -> None:
    """The caller hears the message, leaves one, or is put through: his call is over here."""
    waiting = turn.state.waiting.get(leg.id)
    if waiting is None:
        return
    reason, how, to = move.about.split(" ", 2)
    _over(turn, waiting, leg, Treatment(TreatmentKind(how), to), reason)
    turn.record(r.LegLeftBehind(leg.id, ""))


def refused(turn: Turn, leg: Leg, move: Move) -> None:
    """What was asked for somebody who waits did not come about: he waits on, and a treatment is tried again soon."""
    if move.why is Why.TREATMENT and leg.id in turn.state.waiting:
        turn.deadline("drop", leg.id, _AGAIN)


def _over(turn: Turn, waiting: Waiting, leg: Leg, treatment: Treatment, reason: str) -> None:
    call = turn.state.calls[waiting.call_id]
    _treated(turn, waiting, leg, treatment, reason)
    turn.record(r.CallEnded(call.id, "", NORMAL, "system", ""))
    ending.unheard(turn, call, _STATUSES[reason], "treatment")


def _treated(turn: Turn, waiting: Waiting, leg: Leg, treatment: Treatment, reason: str) -> None:
    turn.record(
        r.CallTreated(
            call_id=waiting.call_id,
            leg=leg.id,
            ingroup=waiting.ingroup,
            campaign=waiting.campaign,
            reason=reason,
            how=treatment.kind.value,
            to=treatment.to,
        )
    )
    turn.record(r.WaitingEnded(leg.id, waiting.call_id, waiting.ingroup, "treated"))


# --- to another line ---------------------------------------------------------------------------------------------


def _can_go_to(turn: Turn, waiting: Waiting, name: str) -> bool:
    """Whether the caller can wait in that line; lines that send him round in a circle do so only a few times."""
    ingroup = turn.state.ingroups.get(name)
    known = ingroup is not None and ingroup.active and (name != AGENT_DIRECT or waiting.wanted != "")
    return known and turn.state.calls[waiting.call_id].rerouted < _REROUTES


def _reroute(turn: Turn, waiting: Waiting, leg: Leg, treatment: Treatment, reason: str) -> None:
    """The same call in another line: his wait begins anew, as if he had come there."""
    music = announcing.music(turn.state, waiting)
    wanted = waiting.wanted if treatment.to == AGENT_DIRECT else ""
    _treated(turn, waiting, leg, treatment, reason)
    turn.record(r.CallRerouted(waiting.call_id, treatment.to))
    turn.record(r.WaitingJoined(leg.id, waiting.call_id, treatment.to, turn.now, wanted, priority=waiting.priority))
    there = turn.state.waiting[leg.id]
    entered(turn, there, leg)
    other = announcing.music(turn.state, there)
    if turn.state.waiting.get(leg.id) is there and leg.pending is None and other != music:
        ask_move(turn, leg, Move(Why.LINE, "system", _WAIT), Hold(leg.id, other))
