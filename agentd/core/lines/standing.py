"""Standing in line: callers come into an in-group's line, and leave it.

Whoever waits hears music and needs neither the daemon nor a link to go on waiting.
"""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import ending
from agentd.core.calls.finding import is_auto_dial
from agentd.core.calls.limits import require_room
from agentd.core.commands import CallArrived
from agentd.core.effects import ReadLeg, Tag
from agentd.core.errors import InGroupUnknown
from agentd.core.ids import call_key, next_id
from agentd.core.lines import announcing, treatments
from agentd.core.lines.naming import AGENT_DIRECT, require_wanted
from agentd.core.model import NEW, Call, InGroup, Lead, Leg, Place, PlaceKind, Role
from agentd.core.turn import Turn

__all__ = ["abandoned", "arrived", "new_waiting_call"]

_WAIT = Place(PlaceKind.WAIT)


# --- callers -------------------------------------------------------------------------------------------------


def arrived(turn: Turn, command: CallArrived) -> str:
    """Put a caller into the line of an in-group; the result is his call's key. One who is there already stays so."""
    known = turn.state.legs.get(command.leg)
    if known is not None:
        return _again(turn, known, command)
    ingroup = turn.state.ingroups.get(command.ingroup)
    if ingroup is None or not ingroup.active:
        raise InGroupUnknown(f"there is no in-group {command.ingroup}", command.ingroup)
    wanted = _wanted(turn, ingroup.name, command.wanted)
    call_id = next_id(turn.state, "call")
    require_room(turn)
    lead = command.lead or _new_lead(turn, command, ingroup)
    _stop_calling(turn, lead)
    key = call_key(turn.state, "Y", lead.id, turn.now)
    turn.record(
        r.CallWaiting(
            call_id=call_id,
            key=key,
            ingroup=ingroup.name,
            campaign="",
            direction="inbound",
            lead=lead,
            number=command.number,
            phone_code=lead.phone_code,
            leg=command.leg,
            wanted=wanted,
            did=command.did,
            name=command.name,
        )
    )
    turn.record(r.LegAdopted(command.leg, Role.CUSTOMER, 0, "", call_id))
    turn.record(r.LegMoved(command.leg, Place(PlaceKind.UP)))
    since = turn.now if command.since is None else command.since
    turn.record(r.WaitingJoined(command.leg, call_id, ingroup.name, since, wanted, priority=command.priority))
    _place(turn, turn.state.legs[command.leg], key, command)
    return key


def _again(turn: Turn, leg: Leg, command: CallArrived) -> str:
    """One who is there already: his channel, where that is told, does not say yet that it is ours."""
    call = turn.state.calls.get(leg.call_id or 0)
    if call is not None and command.place is not None:
        _place(turn, leg, call.key, command)
    return call.key if call is not None else ""


def _place(turn: Turn, leg: Leg, key: str, command: CallArrived) -> None:
    """His channel is told whose it is. He hears the music, or is about to, unless he has gone meanwhile."""
    waiting = turn.state.waiting.get(leg.id)
    if turn.state.link_up:
        turn.ask(Tag(leg.id, leg.role, leg.session_id, key))
    if waiting is None or waiting.entered:
        return
    if turn.state.link_up and command.place == _WAIT:
        turn.record(r.LegMoved(leg.id, command.place))
        turn.ask(ReadLeg(leg.id))  # that was seen a while ago
        turn.deadline("read", leg.id, turn.settings.confirm_time)
        treatments.entered(turn, waiting, leg)
        announcing.begin_music(turn, leg.id)
    else:  # the dialplan brings him to the music; after a break of the link he is found there
        turn.deadline("join", leg.id, turn.settings.confirm_time)


def _wanted(turn: Turn, ingroup: str, wanted: str) -> str:
    """A caller may want one agent in any in-group."""
    return require_wanted(turn, AGENT_DIRECT, wanted) if wanted else require_wanted(turn, ingroup, wanted)


def _stop_calling(turn: Turn, lead: Lead) -> None:
    """Whoever calls need not be called: a campaign's call to him, which nobody has answered, is cancelled."""
    for call in turn.state.calls.values():
        if call.lead_id == lead.id and is_auto_dial(call):
            ending.end_leg(turn, call.leg, by="system")


def _new_lead(turn: Turn, command: CallArrived, ingroup: InGroup) -> Lead:
    lead = Lead(next_id(turn.state, "lead"), ingroup.list_id, NEW, turn.settings.phone_code, command.number)
    turn.record(r.LeadCreated(lead, ""))
    return lead


# --- calls that an agent had ---------------------------------------------------------------------------------


def new_waiting_call(turn: Turn, call: Call, leg: Leg, ingroup: str, wanted: str, since: float) -> Call:
    """Make the call's customer, who is in the wait, a caller of his own in the line of an in-group."""
    lead = turn.state.leads[call.lead_id]
    call_id = next_id(turn.state, "call")
    key = call_key(turn.state, "Y", lead.id, turn.now)
    turn.record(
        r.CallWaiting(
            call_id=call_id,
            key=key,
            ingroup=ingroup,
            campaign=call.campaign,
            direction="inbound",
            lead=lead,
            number=call.number,
            phone_code=call.phone_code,
            leg=leg.id,
            wanted=wanted,
            origin=call.id,
            did=call.did,
        )
    )
    turn.record(r.LegGiven(leg.id, 0, "", call_id))
    turn.record(r.WaitingJoined(leg.id, call_id, ingroup, since, wanted, priority=call.priority))
    turn.ask(Tag(leg.id, leg.role, 0, key))
    return turn.state.calls[call_id]


# --- gone ----------------------------------------------------------------------------------------------------


def abandoned(turn: Turn, call: Call, cause: int, by: str) -> None:
    """A caller has gone before an agent had him."""
    ending.withdraw(turn, call.leg, "abandoned")
    turn.record(r.CallEnded(call.id, "", cause, by, ""))
    ending.unheard(turn, call, "DROP", "abandoned")
