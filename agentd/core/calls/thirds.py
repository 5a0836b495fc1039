"""Third parties: called into the agent's conference, let go, and gone. Also agents who are consulted."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import dialling, ending
from agentd.core.calls.finding import Transferred, consulted_in, live_call
from agentd.core.calls.holding import ask_hold
from agentd.core.calls.moves import require_free_conference
from agentd.core.commands import DialThird, HangUpThird
from agentd.core.effects import Ring, RingConsult
from agentd.core.errors import NoLiveCall, NotPossibleNow, NumberMissing, ThirdPartyPresent
from agentd.core.lines import naming
from agentd.core.model import Call, CallState, Leg, Place, PlaceKind, Role, Session, UserKind
from agentd.core.sessions.states import require_phone, require_seat
from agentd.core.turn import Milestone, Turn

__all__ = ["answered", "customer_gone", "dial", "ended", "hang_up", "refused"]


def dial(turn: Turn, command: DialThird) -> Transferred | None:
    """Call the third party, holding the customer first where that is wanted."""
    session = turn.session(command.agent)
    call = live_call(turn.state, session, command.call_id)
    require_seat(session)
    customer = turn.state.legs.get(call.leg)
    if customer is None:
        raise NoLiveCall("the customer has gone")
    if turn.in_line(customer.id):
        return None
    if call.third:
        raise ThirdPartyPresent(f"call {call.id} has a third party already")
    ingroup = naming.named_ingroup(turn, session, call, command.ingroup) if command.ingroup else ""
    if not ingroup and not command.number:
        raise NumberMissing("there is no number to dial")
    require_phone(session)
    require_free_conference(turn, session, call)
    leg = _ask_agent(turn, session, call, ingroup, command) if ingroup else _ask_number(turn, session, call, command)
    steps: list[tuple[str, str]] = [(leg, Milestone.PLACED)]
    if command.hold and call.state is not CallState.HELD:
        ask_hold(turn, session, customer, third=leg)
        steps.append((customer.id, Milestone.MOVED))
    done = Transferred(call.id, call.key, ingroup)
    turn.wait_all(steps, done)
    return done


def _ask_number(turn: Turn, session: Session, call: Call, command: DialThird) -> str:
    resource = dialling.outside(turn, session, call, command.number, exactly=command.exactly)
    caller_id = dialling.caller_id(turn, session, command.group_alias)
    campaign = turn.campaign(session)
    leg = _asked(turn, session, call, command.number, "")
    turn.deadline("dial", leg, campaign.dial_timeout + turn.settings.confirm_time)
    turn.ask(
        Ring(
            leg=leg,
            resource=resource,
            room=session.conference,
            role=Role.THIRD,
            session_id=session.id,
            call_key=call.key,
            caller_id=caller_id,
            timeout=campaign.dial_timeout,
        )
    )
    return leg


def _ask_agent(turn: Turn, session: Session, call: Call, ingroup: str, command: DialThird) -> str:
    """The third leg stands in the line for the agent, and is heard in his conference meanwhile."""
    wanted = naming.require_wanted(turn, ingroup, command.number)
    if wanted and turn.state.users[wanted].kind is UserKind.REMOTE:
        raise NotPossibleNow(f"{wanted} is a remote agent, who is not consulted")
    dialling.caller_id(turn, session, command.group_alias)
    turn.require_link()
    leg = _asked(turn, session, call, "", ingroup)
    music = turn.state.ingroups[ingroup].music
    turn.ask(RingConsult(leg, session.conference, session.id, call.key, music))
    turn.record(r.WaitingJoined(leg, call.id, ingroup, turn.now, wanted, consult=True))
    return leg


def _asked(turn: Turn, session: Session, call: Call, number: str, ingroup: str) -> str:
    leg = turn.memory.leg_ids.next()
    turn.record(r.LegAsked(leg, Role.THIRD, session.id, session.agent, call.id, session.conference))
    turn.record(r.ThirdAsked(call.id, session.agent, leg, number, ingroup))
    turn.deadline("placed", leg, turn.settings.confirm_time)
    return leg


def hang_up(turn: Turn, command: HangUpThird) -> Transferred:
    """End the third party's leg, and the customer's where both are to go."""
    session = turn.session(command.agent)
    call = live_call(turn.state, session, command.call_id)
    done = Transferred(call.id, call.key)
    wanted = [call.third, call.leg] if command.both else [call.third]
    legs = [leg for leg in wanted if leg in turn.state.legs]
    if legs:
        turn.require_link()
        for leg in legs:
            ending.end_leg(turn, leg, by="agent")
        turn.wait_all([(leg, Milestone.GONE) for leg in legs], done)
    return done


# --- what becomes of them ------------------------------------------------------------------------------------


def answered(turn: Turn, session: Session, call: Call, leg: Leg) -> None:
    """The third party is in a conference: the agent's, or the consulted agent's; elsewhere he is nobody's."""
    where = consulted_in(turn.state, call.id) or session
    if call.third != leg.id or leg.place.room != where.conference:
        ending.end_leg(turn, leg.id, by="pbx")
    elif call.third_answered is None:
        turn.record(r.ThirdAnswered(call.id, call.agent, leg.id))


def ended(turn: Turn, leg: Leg, cause: int, by: str) -> None:
    """A third party's leg is gone; with no customer left the call is over."""
    ending.withdraw(turn, leg.id, "withdrawn")
    ending.release_consulted(turn, leg.call_id or 0)
    call = turn.state.calls.get(leg.call_id or 0)
    if call is None or call.third != leg.id:
        return
    turn.record(r.ThirdEnded(call.id, call.agent, leg.id, cause, by))
    if call.state is CallState.THIRD_PARTY:
        ending.call_over(turn, call, call.cause, call.hung_up_by)


def refused(turn: Turn, leg: Leg, cause: int) -> None:
    """Asterisk made no channel for a third party."""
    ended(turn, leg, cause, "pbx")


def customer_gone(turn: Turn, call: Call, cause: int, by: str) -> bool:
    """The customer is gone: say whether a third party is left with the agent, so that the call goes on."""
    leg = turn.state.legs.get(call.third)
    consulting = call.third in turn.state.waiting or consulted_in(turn.state, call.id) is not None
    if leg is None or consulting or call.third_answered is None:
        return False
    if leg.place != Place(PlaceKind.CONFERENCE, turn.state.sessions[call.agent].conference):
        return False
    turn.record(r.CustomerLeft(call.id, call.agent, cause, by))
    return True
