"""The lines of the in-groups: who waits for an agent, and how one of them gets him.

Whoever waits hears music and needs neither the daemon nor a link to go on waiting.
"""

from __future__ import annotations

from agentd.core import ending, recording
from agentd.core import records as r
from agentd.core.effects import Hold, Join, Tag
from agentd.core.errors import InGroupUnknown, UserUnknown
from agentd.core.evolving import deadline_key
from agentd.core.ids import call_key, next_id
from agentd.core.model import (
    After,
    AfterKind,
    Call,
    InGroup,
    Leg,
    Move,
    Place,
    PlaceKind,
    Session,
    SessionState,
    State,
    Waiting,
    Why,
)
from agentd.core.moves import ask_move, strangers
from agentd.core.states import enter
from agentd.core.turn import Turn

__all__ = [
    "AGENT_DIRECT",
    "DEFAULT",
    "abandoned",
    "delivered",
    "named_ingroup",
    "new_waiting_call",
    "not_moved",
    "offer",
    "require_wanted",
    "take",
    "take_back",
]

DEFAULT = "DEFAULTINGROUP"  # names the in-group that the call's in-group or campaign transfers to
AGENT_DIRECT = "AGENTDIRECT"  # its callers wait for one agent
_AGAIN = 1.0  # seconds after which a delivery that Asterisk refused is tried again
_WAIT = Place(PlaceKind.WAIT)


# --- which in-group ------------------------------------------------------------------------------------------


def named_ingroup(turn: Turn, session: Session, call: Call, name: str) -> str:
    """Give the in-group that the name means.

    Raises:
        InGroupUnknown: there is no active one of that name, or no default.
    """
    meant = name
    if name == DEFAULT:
        came_through = turn.state.ingroups.get(call.ingroup)
        meant = came_through.transfer_to if came_through is not None else ""
        meant = meant or turn.campaign(session).default_ingroup
    ingroup = turn.state.ingroups.get(meant)
    if ingroup is None or not ingroup.active:
        raise InGroupUnknown(f"there is no in-group {meant or name}", meant or name)
    return meant


def require_wanted(turn: Turn, ingroup: str, wanted: str) -> str:
    """Give the one agent whom the caller waits for: in AGENTDIRECT one must be named.

    Raises:
        UserUnknown
    """
    if ingroup != AGENT_DIRECT:
        return ""
    user = turn.state.users.get(wanted)
    if user is None or not user.active:
        raise UserUnknown(f"there is no agent {wanted}")
    return wanted


# --- standing in line ----------------------------------------------------------------------------------------


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
        )
    )
    turn.record(r.LegGiven(leg.id, 0, "", call_id))
    turn.record(r.WaitingJoined(leg.id, call_id, ingroup, since, wanted))
    turn.ask(Tag(leg.id, leg.role, 0, key))
    return turn.state.calls[call_id]


def abandoned(turn: Turn, call: Call, cause: int, by: str) -> None:
    """A caller has gone before an agent had him."""
    ending.withdraw(turn, call.leg, "abandoned")
    turn.record(r.CallEnded(call.id, "", cause, by, ""))
    turn.record(r.CallDisposed(call.id, "", call.lead_id, "DROP", "abandoned"))


# --- delivery ------------------------------------------------------------------------------------------------


def offer(turn: Turn) -> None:
    """Bring those who wait to agents who are ready, the longest wait first. Runs after every command."""
    if not turn.state.link_up:
        return
    ready = [session for session in turn.state.sessions.values() if session.state is SessionState.READY]
    for waiting in sorted(turn.state.waiting.values(), key=lambda waiting: waiting.since):
        leg = turn.state.legs.get(waiting.leg)
        if waiting.offered or leg is None or leg.pending is not None:
            continue
        if deadline_key("offer", leg.id) in turn.state.deadlines:
            continue
        if leg.place.kind is PlaceKind.CONFERENCE:
            _to_the_music(turn, waiting, leg)
        elif leg.place == _WAIT:
            session = _free_agent(turn.state, ready, waiting)
            if session is not None:
                _deliver(turn, waiting, leg, session)


def _free_agent(state: State, ready: list[Session], waiting: Waiting) -> Session | None:
    """The agent who has been ready for longest."""
    free = [session for session in ready if _takes(session, waiting) and _is_free(state, session)]
    return min(free, key=lambda session: session.since, default=None)


def _takes(session: Session, waiting: Waiting) -> bool:
    return session.agent == waiting.wanted if waiting.wanted else waiting.ingroup in session.ingroups


def _is_free(state: State, session: Session) -> bool:
    """Whether a ready agent is still so: what waited before may have gone to him, or somebody is still leaving him."""
    return session.state is SessionState.READY and session.attached and not strangers(state, session)


def _deliver(turn: Turn, waiting: Waiting, leg: Leg, session: Session) -> None:
    turn.record(r.WaitingOffered(leg.id, waiting.call_id, session.agent))
    enter(turn, session, SessionState.RINGING, call_id=waiting.call_id)
    turn.record(r.AfterSet(session.agent, After(AfterKind.READY)))
    room = session.conference
    place = Place(PlaceKind.CONFERENCE, room)
    ask_move(turn, leg, Move(Why.DELIVER, "system", place, session.agent), Join(leg.id, room))


def _to_the_music(turn: Turn, waiting: Waiting, leg: Leg) -> None:
    ingroup = turn.state.ingroups.get(waiting.ingroup) or InGroup(waiting.ingroup, 0)
    ask_move(turn, leg, Move(Why.LINE, "system", _WAIT), Hold(leg.id, ingroup.music))


def not_moved(turn: Turn, leg: Leg) -> None:
    """Asterisk would not: the caller waits on, the agent is free, and it is tried again before long."""
    if leg.id in turn.state.waiting:
        turn.deadline("offer", leg.id, _AGAIN)
        take_back(turn, leg)


def take_back(turn: Turn, leg: Leg) -> None:
    """The leg is on its way to nobody: an agent to whom it was being delivered is free again."""
    waiting = turn.state.waiting.get(leg.id)
    if waiting is not None and waiting.offered:
        agent = waiting.offered
        turn.record(r.WaitingOffered(leg.id, waiting.call_id, ""))
        ending.free_again(turn, agent)


def delivered(turn: Turn, leg: Leg, move: Move) -> None:
    """The leg is in the conference of the agent for whom it was meant, if he is still the one."""
    waiting = turn.state.waiting.get(leg.id)
    session = turn.state.sessions.get(move.about)
    if waiting is None or waiting.offered != move.about or session is None:
        return  # he waits on: offer() brings him back to the music
    turn.record(r.WaitingEnded(leg.id, waiting.call_id, waiting.ingroup, "delivered"))
    call = turn.state.calls[waiting.call_id]
    if waiting.consult:
        turn.record(r.ConsultJoined(call.id, session.agent, call.agent, leg.id))
        enter(turn, session, SessionState.INCALL, call_id=call.id)
    else:
        take(turn, session, call, leg)


def take(turn: Turn, session: Session, call: Call, leg: Leg) -> None:
    """The call, which nobody has, is this agent's; its customer is in his conference."""
    turn.record(r.LegGiven(leg.id, session.id, session.agent, call.id))
    turn.record(r.CallDelivered(call.id, session.agent, session.id, session.campaign))
    turn.ask(Tag(leg.id, leg.role, session.id, call.key))
    enter(turn, session, SessionState.INCALL, call_id=call.id)
    recording.call_answered(turn, session, call)
