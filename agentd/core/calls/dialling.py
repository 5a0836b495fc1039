"""The manual dial: checked, remembered or started."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agentd.core import records as r
from agentd.core.calls import limits, numbers
from agentd.core.calls.finding import ANSWERED
from agentd.core.calls.moves import require_free_conference, require_no_stranger
from agentd.core.commands import Dial
from agentd.core.effects import Ring
from agentd.core.errors import (
    AlreadyQueued,
    CallerIdInvalid,
    GroupAliasUnknown,
    LeadHasNoNumber,
    LeadOnAnotherScreen,
    ManualDialForbidden,
    NotPossibleNow,
    PreviewForbidden,
)
from agentd.core.ids import call_key, next_id
from agentd.core.model import (
    NEW,
    After,
    AfterKind,
    Call,
    Campaign,
    DialRequest,
    Lead,
    OwnCode,
    PreviewRule,
    Role,
    Session,
    SessionKind,
    SessionState,
    State,
)
from agentd.core.sessions.states import as_after, enter, require_phone, require_seat
from agentd.core.sessions.table import TABLE, Do, Verb
from agentd.core.turn import Milestone, Turn

__all__ = [
    "Dialled",
    "alias_number",
    "begin",
    "caller_id",
    "check",
    "dial",
    "initial_after",
    "outside",
    "require_right",
    "show",
    "start",
    "wait_for",
]

_CALLER_ID = re.compile(r"\+?[0-9]{4,15}")
_MOST_WAITING = 100  # dials that an agent's queue holds


@dataclass(frozen=True, slots=True)
class Dialled:
    """What a dial came to: ``call_id`` is None when it is remembered for after the call, or its lead is shown.

    ``alias_number`` is the caller id of the group alias that was named, ``shown`` tells that the lead is on the screen.
    """

    number: str
    phone_code: str
    call_id: int | None = None
    key: str = ""
    lead_id: int | None = None
    alias_number: str = ""
    shown: bool = False


def dial(turn: Turn, command: Dial) -> Dialled:
    """Dial now, or remember the dial for after the call. Done when Asterisk shows the channel."""
    session = turn.session(command.agent)
    request = command.request
    check(turn, session, request)
    if command.beside and session.state is SessionState.INCALL and not session.consulted:
        return _beside(turn, session, request)
    if TABLE[session.state][Verb.DIAL].do is Do.QUEUE:
        _remember(turn, session, request)
        alias = alias_number(turn.state, request.group_alias)
        lead_id = request.lead.id if request.lead else None
        return Dialled(request.number, request.phone_code, lead_id=lead_id, alias_number=alias)
    require_no_stranger(turn, session)
    before = as_after(session)
    if before.kind is AfterKind.READY:
        enter(turn, session, SessionState.PAUSED, OwnCode.MANUAL)
    dialled = begin(turn, session, request, before=before, after=initial_after(turn.campaign(session), before))
    wait_for(turn, dialled)
    return dialled


def begin(turn: Turn, session: Session, request: DialRequest, *, before: After, after: After) -> Dialled:
    """Start the call, or show its lead first; what :func:`check` has let through. ``after`` comes after it."""
    if not request.preview:
        return start(turn, session, request, before=before, after=after)
    lead = request.lead or _new_lead(turn, session, request)
    return show(turn, session, replace(request, lead=lead), after)


def show(turn: Turn, session: Session, request: DialRequest, after: After) -> Dialled:
    """The lead is on the screen, to be dialled when the agent says so."""
    lead_id = request.lead.id if request.lead else 0
    turn.record(r.PreviewStarted(session.agent, session.id, request))
    enter(turn, session, SessionState.PREVIEW, lead_id=lead_id)
    turn.record(r.AfterSet(session.agent, after))
    alias = alias_number(turn.state, request.group_alias)
    return Dialled(request.number, request.phone_code, lead_id=lead_id, alias_number=alias, shown=True)


def wait_for(turn: Turn, dialled: Dialled) -> None:
    """The dial is done when Asterisk shows the channel; at once if none was asked for."""
    if dialled.call_id is not None:
        turn.wait(turn.state.calls[dialled.call_id].leg, Milestone.PLACED, dialled)


def _beside(turn: Turn, session: Session, request: DialRequest) -> Dialled:
    """A second call, while the customers of all others are held."""
    require_free_conference(turn, session, None)
    before = After(AfterKind.PAUSED, OwnCode.PAUSE)
    dialled = start(turn, session, request, before=before, after=before)
    wait_for(turn, dialled)
    return dialled


def check(turn: Turn, session: Session, request: DialRequest) -> None:
    """Refuse what may not be dialled now.

    Raises:
        ManualDialForbidden, NotPossibleNow, PhoneNotConnected, PbxLinkDown, GroupAliasUnknown, CallerIdInvalid,
        PreviewForbidden, NumberNotAllowed, ExtensionUnknown, LeadHasNoNumber, LeadOnAnotherScreen, AtDialRate,
        NumberCalledOften, TooManyCalls, CallsPerSecond, IdsUsedUp
    """
    require_right(turn.state, session)
    require_seat(session)
    require_phone(session)
    turn.require_link()
    alias_number(turn.state, request.group_alias)
    if request.preview and turn.campaign(session).preview is PreviewRule.DISABLED:
        raise PreviewForbidden(f"campaign {session.campaign} dials without a preview", session.campaign)
    if request.lead is not None:
        _require_free(turn, session, request.lead)
    if not request.number:
        raise LeadHasNoNumber("the lead has no such number")
    _resource(turn, session, request)
    next_id(turn.state, "call")
    if request.lead is None:
        next_id(turn.state, "lead")
    limits.require_rate(turn, session.agent, request.number)
    limits.require_start(turn)


def _require_free(turn: Turn, session: Session, lead: Lead) -> None:
    """Nobody else may have the lead before him."""
    for call in turn.state.calls.values():
        if call.lead_id == lead.id and call.agent != session.agent:
            where = f"on the screen of {call.agent}" if call.agent else "that of a caller who waits in line"
            raise LeadOnAnotherScreen(f"lead {lead.id} is {where}")
    for other in turn.state.sessions.values():
        shown = other.preview.lead if other.preview is not None else None
        if shown is not None and shown.id == lead.id and other is not session:
            raise LeadOnAnotherScreen(f"lead {lead.id} is on the screen of {other.agent}")


def require_right(state: State, session: Session) -> None:
    """Refuse an agent who may not dial by hand. Raises ManualDialForbidden."""
    user = state.users.get(session.agent)
    if user is None or "agentcall_manual" not in user.rights:
        raise ManualDialForbidden(f"{session.agent} may not dial by hand")


def outside(turn: Turn, session: Session, call: Call, number: str, *, exactly: bool) -> numbers.Resource:
    """Give what Asterisk dials for a third party, or for somebody to whom the call is transferred.

    It goes by the rules of a manual dial; ``exactly`` leaves out the campaign's prefix and the call's phone code.

    Raises:
        ManualDialForbidden, PbxLinkDown, NumberNotAllowed, ExtensionUnknown, AtDialRate, NumberCalledOften,
        TooManyCalls, CallsPerSecond
    """
    require_right(turn.state, session)
    turn.require_link()
    if numbers.is_extension(number) and session.kind is SessionKind.REMOTE:  # his phones are not those of this PBX
        resource = numbers.context_resource(number, turn.settings.outside)
    elif numbers.is_extension(number):
        resource = numbers.extension_resource(turn.state, number, turn.settings.extensions)
    elif exactly:
        resource = numbers.trunk_resource(turn.campaign(session), "", "", number)
    else:
        resource = numbers.trunk_resource(turn.campaign(session), None, call.phone_code, number)
    limits.require_rate(turn, session.agent, number)
    limits.require_start(turn)
    return resource


def caller_id(turn: Turn, session: Session, alias: str) -> str:
    """Give the caller id of a group alias, or with no alias the campaign's.

    Raises:
        GroupAliasUnknown, CallerIdInvalid
    """
    return alias_number(turn.state, alias) or turn.campaign(session).caller_id


def alias_number(state: State, alias: str) -> str:
    """Give the caller id of a group alias; empty with no alias.

    Raises:
        GroupAliasUnknown, CallerIdInvalid
    """
    if not alias:
        return ""
    found = state.group_aliases.get(alias)
    if found is None or not found.active:
        raise GroupAliasUnknown(f"there is no group alias {alias}", alias)
    if not _CALLER_ID.fullmatch(found.caller_id):
        raise CallerIdInvalid(f"group alias {alias} has the number {found.caller_id}", alias, found.caller_id)
    return found.caller_id


def _resource(turn: Turn, session: Session, request: DialRequest) -> numbers.Resource:
    if numbers.is_extension(request.number):
        return numbers.extension_resource(turn.state, request.number, turn.settings.extensions)
    return numbers.trunk_resource(turn.campaign(session), request.dial_prefix, request.phone_code, request.number)


def _remember(turn: Turn, session: Session, request: DialRequest) -> None:
    if session.kind is SessionKind.ON_HOOK:
        raise NotPossibleNow("the phone of an on-hook agent is let go after the call")
    queueing = turn.campaign(session).manual_queue
    if queueing and any(waiting.number == request.number for waiting in session.queue):
        raise AlreadyQueued(f"{request.number} waits in the manual dial queue already", request.number)
    if queueing and len(session.queue) >= _MOST_WAITING:
        raise NotPossibleNow(f"{_MOST_WAITING} dials wait in the manual dial queue already")
    turn.record(r.DialQueued(session.agent, request, replaces=not queueing))
    if session.after is not None and session.after.kind is AfterKind.READY:
        turn.record(r.AfterSet(session.agent, After(AfterKind.PAUSED, OwnCode.MANUAL)))


def initial_after(campaign: Campaign, before: After) -> After:
    """What comes after a manual dial, unless it is changed meanwhile."""
    if campaign.after_manual == "ready":
        return After(AfterKind.READY)
    return After(AfterKind.PAUSED, OwnCode.MANUAL) if before.kind is AfterKind.READY else before


def _new_lead(turn: Turn, session: Session, request: DialRequest) -> Lead:
    list_id = turn.campaign(session).manual_list
    lead = Lead(next_id(turn.state, "lead"), list_id, NEW, request.phone_code, request.number)
    turn.record(r.LeadCreated(lead, session.agent))
    return lead


def start(
    turn: Turn,
    session: Session,
    request: DialRequest,
    *,
    before: After,
    after: After,
    previewed: DialRequest | None = None,
) -> Dialled:
    """Start the call: what :func:`check` has let through is asked of Asterisk.

    ``before`` returns if that makes no channel, or what was ``previewed`` is shown again.
    """
    campaign = turn.campaign(session)
    lead = request.lead or _new_lead(turn, session, request)
    call_id = next_id(turn.state, "call")
    key = call_key(turn.state, "M", lead.id, turn.now)
    leg = turn.memory.leg_ids.next()
    turn.record(
        r.CallStarted(
            call_id=call_id,
            key=key,
            agent=session.agent,
            session_id=session.id,
            campaign=campaign.name,
            direction="manual",
            lead=lead,
            number=request.number,
            phone_code=request.phone_code,
            leg=leg,
            before=before,
            source=request.source,
            focus=request.focus,
            vendor_id=request.vendor_id,
            which=request.which,
            previewed=previewed,
        )
    )
    if not any(turn.state.calls[other].state in ANSWERED for other in session.calls):
        enter(turn, session, SessionState.DIALLING, call_id=call_id)
        turn.record(r.AfterSet(session.agent, after))
    alias = alias_number(turn.state, request.group_alias)
    dialled = Dialled(request.number, request.phone_code, call_id, key, lead.id, alias)
    _ring(turn, session, request, leg, dialled)
    return dialled


def _ring(turn: Turn, session: Session, request: DialRequest, leg: str, dialled: Dialled) -> None:
    campaign = turn.campaign(session)
    turn.record(r.LegAsked(leg, Role.CUSTOMER, session.id, session.agent, dialled.call_id, session.conference))
    turn.deadline("placed", leg, turn.settings.confirm_time)
    turn.deadline("dial", leg, campaign.dial_timeout + turn.settings.confirm_time)
    turn.ask(
        Ring(
            leg=leg,
            resource=_resource(turn, session, request),
            room=session.conference,
            role=Role.CUSTOMER,
            session_id=session.id,
            call_key=dialled.key,
            caller_id=dialled.alias_number or campaign.caller_id,
            timeout=campaign.dial_timeout,
        )
    )
