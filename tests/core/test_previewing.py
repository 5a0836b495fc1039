"""BEHAVIOUR: a lead before the agent, dialled when he says so, at one of his numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.commands import PreviewAction
from agentd.core.effects import Ring
from agentd.core.model import Lead, PreviewRule, WhichNumber
from tests.core.desk import CAMPAIGN, NUMBER, Desk

SKIP, DIAL, ALT, ADDRESS3, FINISH = PreviewAction
NO_ALT = Lead(78, 101, "NEW", "1", NUMBER)


@pytest.fixture(name="desk")
def desk_with_alternatives() -> Desk:
    desk = Desk(campaign=replace(CAMPAIGN, alternative_numbers=True))
    desk.log_in()
    return desk


def act(desk: Desk, action: PreviewAction, agent: str = "1000") -> Ring:
    """Have a lead dialled; Asterisk shows the channel."""
    operation = desk.ask(c.ActOnPreview(agent, action))
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    assert operation.done
    assert operation.error is None
    assert operation.value.call_id == desk.session(agent).calls[-1]
    return ring


def test_a_previewed_lead_is_on_the_screen_and_nobody_is_called(desk: Desk) -> None:
    operation = desk.preview()
    assert operation.done
    assert (operation.value.call_id, operation.value.lead_id, operation.value.number) == (None, 77, NUMBER)
    assert desk.effects == []
    assert desk.stands() == "PREVIEW"
    assert desk.snapshot()["lead"]["phone_number"] == NUMBER
    assert desk.recorded(r.StateEntered)[-1].lead_id == 77


@pytest.mark.parametrize(
    ("action", "number", "which"),
    [
        (DIAL, NUMBER, WhichNumber.MAIN),
        (ALT, "7275551213", WhichNumber.ALT),
        (ADDRESS3, "7275551214", WhichNumber.ADDRESS3),
    ],
)
def test_each_number_of_the_lead_can_be_dialled(
    desk: Desk, action: PreviewAction, number: str, which: WhichNumber
) -> None:
    desk.preview()
    ring = act(desk, action)
    assert ring.resource == f"PJSIP/1{number}@carrier"
    call = desk.call()
    assert (call.number, call.lead_id, call.which, call.direction) == (number, 77, which, "manual")
    assert desk.stands() == "DIALLING"
    assert desk.session().preview is None
    desk.answer(ring)
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED LOGIN"
    assert desk.state.leads == {}


def test_what_was_previewed_at_another_number_is_dialled_there(desk: Desk) -> None:
    lead = Lead(77, 101, "NEW", "1", NUMBER, {"alt_phone": "7275551213"})
    request = replace(desk.request("7275551213", lead), preview=True, which=WhichNumber.ALT)
    desk.ask(c.Dial("1000", request))
    assert act(desk, DIAL).resource == "PJSIP/17275551213@carrier"


def test_a_number_that_the_lead_lacks_is_not_dialled_and_he_stays_on_the_screen(desk: Desk) -> None:
    desk.preview(lead=NO_ALT)
    for action in (ALT, ADDRESS3):
        desk.refused(c.ActOnPreview("1000", action), e.LeadHasNoNumber)
    assert desk.stands() == "PREVIEW"
    act(desk, DIAL)


@pytest.mark.parametrize("action", [SKIP, FINISH])
@pytest.mark.parametrize("ready", [True, False])
def test_a_lead_is_put_away_undialled(desk: Desk, action: PreviewAction, ready: bool) -> None:
    if ready:
        desk.ask(c.Resume("1000"))
    desk.preview()
    operation = desk.ask(c.ActOnPreview("1000", action))
    assert operation.done
    assert operation.value is None
    assert desk.stands() == ("PAUSED MANUAL" if ready else "PAUSED LOGIN")
    assert (desk.session().preview, desk.state.leads) == (None, {})


def test_what_was_remembered_meanwhile_is_dialled_when_the_lead_is_put_away(desk: Desk) -> None:
    desk.preview()
    operation = desk.ask(c.Dial("1000", desk.request("7275550000")))
    assert (operation.done, operation.value.call_id) == (True, None)
    desk.ask(c.ActOnPreview("1000", SKIP))
    assert desk.take(Ring).resource == "PJSIP/17275550000@carrier"


def test_a_preview_asked_for_in_a_call_comes_after_it(desk: Desk) -> None:
    ring = desk.talk()
    desk.preview()
    assert desk.stands() == "INCALL"
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PREVIEW"
    assert desk.snapshot()["lead"]["id"] == 77


def test_a_new_number_that_is_previewed_becomes_a_lead(desk: Desk) -> None:
    desk.ask(c.Dial("1000", replace(desk.request("7275550000"), preview=True)))
    (created,) = desk.recorded(r.LeadCreated)
    assert desk.snapshot()["lead"]["id"] == created.lead.id
    act(desk, DIAL)
    assert desk.call().lead_id == created.lead.id
    assert len(desk.recorded(r.LeadCreated)) == 1


def test_a_lead_on_one_screen_is_not_shown_on_another(desk: Desk) -> None:
    lead = Lead(77, 101, "NEW", "1", NUMBER)
    desk.log_in("1001", "503")
    desk.preview(lead=lead)
    for preview in (True, False):
        wanted = replace(desk.request(lead=lead), preview=preview)
        desk.refused(c.Dial("1001", wanted), e.LeadOnAnotherScreen)
    desk.ask(c.ActOnPreview("1000", SKIP))
    desk.preview("1001", lead)


def test_a_dial_that_asterisk_refuses_leaves_the_lead_on_the_screen(desk: Desk) -> None:
    desk.preview()
    operation = desk.ask(c.ActOnPreview("1000", ALT))
    desk.hear(c.LegRefused(desk.take(Ring).leg, "refused", cause=21))
    assert isinstance(operation.error, e.DialRefused)
    assert desk.stands() == "PREVIEW"
    assert act(desk, DIAL).resource == "PJSIP/17275551212@carrier"


def test_pausing_or_resuming_while_a_lead_is_shown(desk: Desk) -> None:
    desk.ask(c.Resume("1000"))
    desk.preview()
    desk.ask(c.Pause("1000", "BREAK"))
    assert desk.stands() == "PREVIEW"
    desk.ask(c.ActOnPreview("1000", SKIP))
    assert desk.stands() == "PAUSED BREAK"
    desk.preview()
    desk.ask(c.Resume("1000"))
    assert desk.stands() == "READY"
    assert desk.session().preview is None


def test_resuming_puts_the_lead_away_and_dials_what_was_remembered(desk: Desk) -> None:
    desk.preview()
    desk.ask(c.Dial("1000", desk.request("7275550000")))
    desk.ask(c.Resume("1000"))
    assert desk.take(Ring).resource == "PJSIP/17275550000@carrier"
    assert desk.stands() == "DIALLING"


def test_what_was_said_during_the_preview_comes_after_the_call(desk: Desk) -> None:
    desk.preview()
    desk.ask(c.Pause("1000", "BREAK"))
    ring = act(desk, DIAL)
    desk.answer(ring)
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED BREAK"


def test_a_logout_takes_the_lead_away(desk: Desk) -> None:
    desk.preview()
    desk.ask(c.LogOut("1000"))
    assert desk.stands() == "-"
    assert desk.state.leads == {}


def test_without_his_phone_the_agent_keeps_the_lead_and_cannot_dial(desk: Desk) -> None:
    desk.preview()
    desk.lose_phone()
    assert desk.stands() == "PREVIEW"
    desk.refused(c.ActOnPreview("1000", DIAL), e.PhoneNotConnected)
    desk.ask(c.ActOnPreview("1000", SKIP))
    assert desk.stands() == "PAUSED NOPHON"


def test_a_restart_keeps_what_is_on_the_screen(desk: Desk) -> None:
    desk.preview()
    before = desk.snapshot()
    desk.restart()
    assert desk.snapshot()["lead"] == before["lead"]
    assert desk.stands() == "PREVIEW"


# --- what the campaign allows --------------------------------------------------------------------------------


def test_a_campaign_without_previews(desk: Desk) -> None:
    desk.change_campaign(preview=PreviewRule.DISABLED)
    for action in PreviewAction:
        error = desk.refused(c.ActOnPreview("1000", action), e.PreviewForbidden)
        assert isinstance(error, e.PreviewForbidden)
        assert error.campaign == "TESTCAMP"
    desk.refused(c.Dial("1000", replace(desk.request(), preview=True)), e.PreviewForbidden)
    desk.dial()


def test_a_campaign_in_which_no_lead_is_skipped(desk: Desk) -> None:
    desk.change_campaign(preview=PreviewRule.ONLY)
    desk.preview()
    desk.refused(c.ActOnPreview("1000", SKIP), e.SkipForbidden)
    act(desk, DIAL)


def test_a_campaign_of_main_numbers_only(desk: Desk) -> None:
    desk.change_campaign(alternative_numbers=False)
    desk.preview()
    for action in (ALT, ADDRESS3, FINISH):
        desk.refused(c.ActOnPreview("1000", action), e.AlternativesForbidden)
    act(desk, DIAL)


def test_who_may_not_dial_by_hand_may_not_dial_a_preview(desk: Desk) -> None:
    desk.preview()
    desk.change_user("1000", rights=frozenset())
    desk.refused(c.ActOnPreview("1000", DIAL), e.ManualDialForbidden)


@pytest.mark.parametrize("action", [SKIP, DIAL, ALT, ADDRESS3, FINISH])
def test_with_no_lead_before_him_there_is_nothing_to_do(desk: Desk, action: PreviewAction) -> None:
    desk.refused(c.ActOnPreview("1000", action), e.NoPreview)
    desk.talk()
    desk.refused(c.ActOnPreview("1000", action), e.NoPreview)


# --- another number of the lead whose call is over -----------------------------------------------------------


def failed(desk: Desk) -> None:
    """A lead was previewed and dialled, and is busy."""
    desk.preview()
    desk.hear(c.LegGone(act(desk, DIAL).leg, 17, far_end=True))
    assert desk.stands() == "WRAPUP"


def test_in_wrap_up_another_number_of_the_lead_is_dialled(desk: Desk) -> None:
    failed(desk)
    ring = act(desk, ALT)
    assert ring.resource == "PJSIP/17275551213@carrier"
    (disposed,) = desk.recorded(r.CallDisposed)
    assert (disposed.status, disposed.by, disposed.lead_id) == ("B", "alternative", 77)
    call = desk.call()
    assert (call.number, call.which, call.lead_id) == ("7275551213", WhichNumber.ALT, 77)
    desk.answer(ring)
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "SALE"))
    assert desk.stands() == "PAUSED LOGIN"


def test_the_status_that_was_given_goes_before_the_suggested_one(desk: Desk) -> None:
    desk.preview()
    ring = act(desk, DIAL)
    desk.ask(c.Dispose("1000", "SALE"))
    desk.answer(ring)
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert desk.recorded(r.CallDisposed)[-1].status == "SALE"
    desk.refused(c.ActOnPreview("1000", ALT), e.NoPreview)


def test_in_wrap_up_there_is_nothing_to_finish_or_skip(desk: Desk) -> None:
    failed(desk)
    assert desk.ask(c.ActOnPreview("1000", FINISH)).value is None
    desk.refused(c.ActOnPreview("1000", SKIP), e.NoPreview)
    assert desk.stands() == "WRAPUP"


def test_a_refused_alternative_leaves_the_call_before_as_it_was(desk: Desk) -> None:
    desk.preview(lead=NO_ALT)
    desk.hear(c.LegGone(act(desk, DIAL).leg, 17, far_end=True))
    desk.refused(c.ActOnPreview("1000", ALT), e.LeadHasNoNumber)
    assert desk.stands() == "WRAPUP"
    assert desk.recorded(r.CallDisposed) == []


def test_who_dials_again_in_the_grace_of_his_logout_logs_out_after_that_call(desk: Desk) -> None:
    desk.wrap_up()
    desk.ask(c.LogOut("1000"))
    desk.wait(10)
    ring = act(desk, DIAL)
    desk.wait(25)
    assert desk.stands() == "DIALLING"
    desk.answer(ring)
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "A"))
    assert desk.state.sessions == {}
