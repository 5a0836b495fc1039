"""A lead before the agent, who is dialled when the agent says so."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import records as r
from agentd.core.calls import dialling, ending
from agentd.core.calls.dialling import Dialled
from agentd.core.calls.finding import current_call
from agentd.core.calls.numbers import clean_number
from agentd.core.commands import ActOnPreview, PreviewAction
from agentd.core.errors import AlternativesForbidden, NoPreview, PreviewForbidden, SkipForbidden
from agentd.core.model import (
    After,
    AfterKind,
    Call,
    CallState,
    Campaign,
    DialRequest,
    OwnCode,
    PreviewRule,
    Session,
    State,
    WhichNumber,
)
from agentd.core.turn import Turn

__all__ = ["act", "meant", "permit"]

_NUMBERS = {
    PreviewAction.DIAL_ONLY: WhichNumber.MAIN,
    PreviewAction.ALT_DIAL: WhichNumber.ALT,
    PreviewAction.ADDRESS3_DIAL: WhichNumber.ADDRESS3,
}


def act(turn: Turn, command: ActOnPreview) -> Dialled | None:
    """Dial the lead before the agent at one of his numbers, or put him away; None where nothing is dialled."""
    session = turn.session(command.agent)
    permit(turn.state, session, command.action)
    after = session.after or After(AfterKind.PAUSED, OwnCode.PAUSE)
    request = meant(turn.state, session, command.action)
    if request is not None:
        dialling.check(turn, session, request)
        return _dial(turn, session, request, after)
    if session.preview is not None:
        ending.put_away(turn, session)
        ending.next_up(turn, session)
    elif command.action is not PreviewAction.FINISH or _over(turn.state, session) is None:
        raise NoPreview(f"{session.agent} has no lead before him")
    return None


def permit(state: State, session: Session, action: PreviewAction) -> None:
    """Refuse what the session's campaign does not let its agents do, or the agent may not.

    Raises:
        PreviewForbidden, SkipForbidden, AlternativesForbidden, ManualDialForbidden
    """
    campaign = state.campaigns.get(session.campaign) or Campaign(session.campaign, 0)
    if campaign.preview is PreviewRule.DISABLED:
        raise PreviewForbidden(f"campaign {campaign.name} dials without a preview", campaign.name)
    if campaign.preview is PreviewRule.ONLY and action is PreviewAction.SKIP:
        raise SkipForbidden(f"campaign {campaign.name} has its leads dialled", campaign.name)
    if not campaign.alternative_numbers and action not in {PreviewAction.SKIP, PreviewAction.DIAL_ONLY}:
        raise AlternativesForbidden(f"campaign {campaign.name} dials main numbers only", campaign.name)
    dialling.require_right(state, session)


def meant(state: State, session: Session, action: PreviewAction) -> DialRequest | None:
    """Give the dial that the action means: of the lead before the agent, or of the one whose call is over."""
    which = _NUMBERS.get(action)
    if which is None:
        return None
    preview, call = session.preview, _over(state, session)
    if preview is not None and preview.lead is not None:
        lead = state.leads.get(preview.lead.id, preview.lead)
        if action is PreviewAction.DIAL_ONLY:
            return replace(preview, preview=False, lead=lead)
        number = which.of(lead)
        return replace(preview, preview=False, lead=lead, which=which, number=clean_number(number) if number else "")
    if call is None:
        return None
    lead = state.leads[call.lead_id]
    number = which.of(lead)
    return DialRequest(clean_number(number) if number else "", call.phone_code, lead=lead, which=which)


def _over(state: State, session: Session) -> Call | None:
    """The manual call that is over and waits for its disposition, with nothing else going on."""
    call = current_call(state, session)
    campaign = state.campaigns.get(session.campaign)
    if call is None or call.state is not CallState.WRAPPING or call.direction != "manual":
        return None
    return call if campaign is not None and campaign.alternative_numbers else None


def _dial(turn: Turn, session: Session, request: DialRequest, after: After) -> Dialled:
    preview = session.preview
    if preview is not None and preview.lead is not None:
        turn.record(r.PreviewEnded(session.agent, preview.lead.id, dialled=True))
    else:
        call = current_call(turn.state, session)
        if call is not None:
            ending.dispose_of(turn, session, call, by="alternative")
        turn.deadline("logout", session.agent, None)  # who dials again logs out after that call
    before = after if after.kind is not AfterKind.LOGOUT else After(AfterKind.PAUSED, OwnCode.PAUSE)
    dialled = dialling.start(turn, session, request, before=before, after=after, previewed=preview)
    dialling.wait_for(turn, dialled)
    return dialled
