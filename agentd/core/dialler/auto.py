"""Calls that campaigns make by themselves, until an agent has them.

Nobody waits for such a call but the agents for whom it is made: what becomes of it is seen by what Asterisk says.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from agentd.core import records as r
from agentd.core.calls import ending, limits
from agentd.core.calls.causes import CANCELLED, OUT_OF_ORDER, suggested_status
from agentd.core.calls.finding import taken_leads
from agentd.core.calls.numbers import Resource, clean_number, trunk_resource
from agentd.core.commands import HopperFilled, LegRefused, StopDialling
from agentd.core.dialler.hopper import dials_by_itself
from agentd.core.dialler.leads import may_be_called
from agentd.core.dialler.pacing import Numbers, wanted
from agentd.core.effects import RingToWait
from agentd.core.errors import NumberNotAllowed
from agentd.core.evolving.counts import day_of
from agentd.core.evolving.table import deadline_key
from agentd.core.ids import call_key, ids_left, next_id
from agentd.core.leads import disposing
from agentd.core.lines import treatments
from agentd.core.lines.delivery import free_among
from agentd.core.lines.distribution import is_dialled_for
from agentd.core.model import AfterKind, Call, CallState, Campaign, Lead, Leg, PlaceKind, Role, Session, SessionState
from agentd.core.turn import Turn

__all__ = ["answered", "filled", "over", "pace", "refused", "stop"]

_REST = 5.0  # seconds for which a campaign makes no calls after Asterisk could not even make a channel
_SECOND = 1.0  # until calls may be started again when there were enough of them
_UNANSWERED = frozenset({PlaceKind.ASKED, PlaceKind.DIALLING})


# --- what the engine says ------------------------------------------------------------------------------------


def filled(turn: Turn, command: HopperFilled) -> None:
    """These are the leads that a campaign dials next; those whom others have, or whom it may not dial, are left out."""
    campaign = turn.state.campaigns.get(command.campaign)
    if campaign is None or not dials_by_itself(campaign):
        return
    without = taken_leads(turn.state) | turn.memory.dials.refused.get(campaign.name, set())
    leads = {lead.id: lead for lead in command.leads if lead.id not in without}
    turn.memory.hopper[campaign.name] = deque(leads.values())


def stop(turn: Turn, _command: StopDialling) -> None:
    """No campaign dials any more, until the daemon is started again."""
    turn.memory.dials.stopped = True
    turn.memory.hopper.clear()


# --- the pace ------------------------------------------------------------------------------------------------


def pace(turn: Turn) -> None:
    """Let every campaign make the calls that its free agents want, and cancel those that nobody wants any more.

    Runs after every command, when whoever waits has been brought to the agents who are free.
    """
    dials = turn.memory.dials
    names = [] if dials.stopped else [name for name, each in turn.state.campaigns.items() if dials_by_itself(each)]
    if not turn.state.link_up or not (names or dials.unanswered):
        return
    calls: dict[str, list[Call]] = {name: [] for name in names}
    for call_id in sorted(dials.unanswered):
        call = turn.state.calls[call_id]
        calls.setdefault(call.campaign, []).append(call)
    for name, unanswered in calls.items():
        if name not in names:
            _cancel(turn, unanswered, len(unanswered))
        elif unanswered or turn.memory.hopper.get(name):
            _keep_pace(turn, turn.state.campaigns[name], unanswered)


def _keep_pace(turn: Turn, campaign: Campaign, unanswered: list[Call]) -> None:
    staff = [each for each in turn.state.sessions.values() if is_dialled_for(each, campaign.name)]
    free = len(free_among(turn.state, staff))
    if not free and not unanswered:
        return
    numbers = _numbers(turn, campaign, unanswered, staff, free)
    more = wanted(numbers)
    if more < 0:
        _cancel(turn, unanswered, -more)
    elif more > 0 and deadline_key("pace", campaign.name) not in turn.state.deadlines:
        room = min(limits.calls_left(turn), limits.starts_left(turn), ids_left(turn.state, "call"))
        for _ in range(wanted(replace(numbers, room=room))):
            if not _dial_next(turn, campaign):
                break
        if limits.starts_left(turn) <= 0:
            turn.deadline("pace", campaign.name, _SECOND)


def _numbers(turn: Turn, campaign: Campaign, unanswered: list[Call], staff: list[Session], free: int) -> Numbers:
    """Count what the campaign goes by; what the PBX can take is asked only when there is something to be dialled."""
    legs = [leg for call in unanswered if (leg := turn.state.legs.get(call.leg)) is not None and leg.pending is None]
    dialling = sum(leg.place.kind in _UNANSWERED for leg in legs)
    in_line = sum(each.campaign == campaign.name and not each.offered for each in turn.state.waiting.values())
    today = turn.state.dial_counts.get(campaign.name)
    counted = today is not None and today.day == day_of(turn.now)
    return Numbers(
        free=free,
        staff=sum(_is_at_work(session) for session in staff),
        dialling=dialling,
        waiting=len(legs) - dialling + in_line,
        level=campaign.auto_dial_level,
        answered=today.answered if today is not None and counted else 0,
        dropped=today.dropped if today is not None and counted else 0,
        max_drop_rate=campaign.max_drop_rate,
    )


def _is_at_work(session: Session) -> bool:
    """Whether the agent is ready, or will be after the call that he has."""
    if session.after is not None:
        return session.after.kind is AfterKind.READY
    return session.state is SessionState.READY


def _cancel(turn: Turn, unanswered: list[Call], count: int) -> None:
    """End so many of the calls that nobody has answered: first those that do not even ring, the newest first."""
    legs = [leg for call in unanswered if (leg := turn.state.legs.get(call.leg)) is not None and leg.pending is None]
    found = [leg for leg in legs if leg.place.kind in _UNANSWERED]
    ringing = {call.leg for call in unanswered if call.state is CallState.RINGING}
    found.sort(key=lambda leg: (leg.id in ringing, -leg.started))
    for leg in found[:count]:
        ending.end_leg(turn, leg.id, by="system")


# --- dialling ------------------------------------------------------------------------------------------------


def _dial_next(turn: Turn, campaign: Campaign) -> bool:
    """Dial the next lead of the hopper that may be called now; False when there is none."""
    leads = turn.memory.hopper.get(campaign.name)
    while leads:
        lead = leads.popleft()
        if not may_be_called(campaign, lead, turn.now):
            continue
        try:
            number = clean_number(lead.phone_number)
            resource = trunk_resource(campaign, None, lead.phone_code, number)
        except NumberNotAllowed:
            turn.memory.dials.refused.setdefault(campaign.name, set()).add(lead.id)
            continue
        _dial(turn, campaign, lead, number, resource)
        return True
    return False


def _dial(turn: Turn, campaign: Campaign, lead: Lead, number: str, resource: Resource) -> None:
    call_id = next_id(turn.state, "call")
    key = call_key(turn.state, "V", lead.id, turn.now)
    leg = turn.memory.leg_ids.next()
    turn.record(r.CallDialled(call_id, key, campaign.name, lead, number, lead.phone_code, leg))
    turn.record(r.LegAsked(leg, Role.CUSTOMER, 0, "", call_id, ""))
    turn.deadline("placed", leg, turn.settings.confirm_time)
    turn.deadline("dial", leg, campaign.dial_timeout + turn.settings.confirm_time)
    turn.ask(
        RingToWait(
            leg=leg,
            resource=resource,
            role=Role.CUSTOMER,
            session_id=0,
            call_key=key,
            caller_id=campaign.caller_id,
            timeout=campaign.dial_timeout,
            music=campaign.park_music,
        )
    )


# --- what becomes of a call ----------------------------------------------------------------------------------


def answered(turn: Turn, leg: Leg, call: Call) -> None:
    """The lead has answered and hears music: he waits for one of the campaign's agents."""
    if leg.place.kind is not PlaceKind.WAIT:
        ending.end_leg(turn, leg.id, by="pbx")
        return
    turn.record(r.LeadAnswered(call.id, call.campaign, leg.id))
    turn.record(r.WaitingJoined(leg.id, call.id, "", turn.now, campaign=call.campaign))
    treatments.entered(turn, turn.state.waiting[leg.id], leg)


def refused(turn: Turn, leg: Leg, call: Call, command: LegRefused) -> None:
    """Asterisk made no channel: the campaign makes no calls for a while, since the next would fare no better."""
    turn.record(r.CallRefused(call.id, "", command.cause, command.reason))
    if not _is_cancelled(leg):
        turn.deadline("pace", call.campaign, _REST)


def over(turn: Turn, leg: Leg, call: Call, cause: int, by: str) -> None:
    """The call has ended before its lead was in line.

    A lead whose call was cancelled, or lost with the link, keeps its status and is dialled another time.
    """
    cancelled = _is_cancelled(leg)
    kept = cancelled or cause == OUT_OF_ORDER
    suggested = CANCELLED if kept else suggested_status(cause)
    turn.record(r.CallEnded(call.id, "", cause, by, suggested))
    done_by = "cancelled" if kept else "dialler"
    disposing.dispose(turn, call, suggested, done_by, lead_keeps=kept)


def _is_cancelled(leg: Leg) -> bool:
    return leg.pending is not None and leg.pending.by == "system"
