"""Leads are changed on the screen and elsewhere, added and deleted; numbers are listed that must not be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.commands import PreviewAction
from agentd.core.effects import Ring
from agentd.core.leads.fields import checked
from agentd.core.model import FIELDS, OWN_FIELDS, CallbackWish, Lead, WhichNumber
from agentd.storage.tables import LEAD_FIELDS, leads
from tests.core.desk import CAMPAIGN, NUMBER, START, Desk
from tests.core.steps import CUSTOMER, consult

LEAD = Lead(77, 101, "NEW", "1", NUMBER, {"first_name": "Ann", "city": "Tampa"})
CITY = {"city": "Miami"}


def update(desk: Desk, fields: dict[str, str], agent: str = "1000") -> int:
    found: int = desk.ask(c.UpdateLead(fields, "6666", agent)).value
    return found


# --- on the screen -------------------------------------------------------------------------------------------


def test_the_given_fields_change_and_empty_ones_are_cleared(desk: Desk) -> None:
    desk.log_in()
    desk.talk(lead=LEAD)
    changes = {"city": "", "rank": "-5", "phone_number": "(727) 555-1999", "list_id": "102", "status": "HOT"}
    assert update(desk, changes) == 77
    assert desk.recorded(r.LeadUpdated) == [
        r.LeadUpdated(77, {**changes, "phone_number": "7275551999"}, "6666", "1000")
    ]
    assert desk.snapshot()["lead"] == {
        "first_name": "Ann",
        "rank": "-5",
        "id": 77,
        "list_id": 102,
        "status": "HOT",
        "phone_code": "1",
        "phone_number": "7275551999",
    }


def in_wrapup(desk: Desk) -> None:
    desk.talk(lead=LEAD)
    desk.hear(c.LegGone(CUSTOMER, 16))


def previewing(desk: Desk) -> None:
    desk.preview(lead=LEAD)


def delivering(desk: Desk) -> None:
    desk.change_user("1000", ingroups=("SALESLINE",))
    desk.ask(c.LogOut("1000"))
    desk.obey()
    desk.ready()
    desk.call_in(lead=LEAD)


@pytest.mark.parametrize("stage", [in_wrapup, previewing, delivering])
def test_a_lead_in_wrap_up_in_a_preview_or_on_his_way_is_on_the_screen(
    desk: Desk, stage: Callable[[Desk], None]
) -> None:
    desk.log_in()
    stage(desk)
    assert update(desk, CITY) == 77
    assert desk.snapshot()["lead"]["city"] == "Miami"


def test_a_consulted_agent_changes_the_lead_for_both(desk: Desk) -> None:
    desk.log_in()
    desk.talk(lead=LEAD)
    consult(desk)
    assert update(desk, CITY, "1001") == 77
    assert desk.snapshot("1000")["lead"]["city"] == desk.snapshot("1001")["lead"]["city"] == "Miami"


def test_without_a_lead_on_the_screen_nothing_is_changed(desk: Desk) -> None:
    desk.refused(c.UpdateLead(CITY, "6666", "1000"), e.NotLoggedIn)
    desk.log_in()
    desk.refused(c.UpdateLead(CITY, "6666", "1000"), e.NoLeadOnScreen)
    in_wrapup(desk)
    desk.ask(c.Dispose("1000", "A"))
    desk.refused(c.UpdateLead(CITY, "6666", "1000"), e.NoLeadOnScreen)


def test_any_lead_can_be_changed_and_who_sees_him_sees_it(desk: Desk) -> None:
    desk.log_in()
    desk.talk(lead=LEAD)
    desk.ask(c.UpdateLead(CITY, "boss", lead_id=77))
    desk.ask(c.UpdateLead(CITY, "boss", lead_id=99))
    assert [(each.lead_id, each.agent) for each in desk.recorded(r.LeadUpdated)] == [(77, "1000"), (99, "")]
    assert desk.snapshot()["lead"]["city"] == "Miami"


def test_a_number_that_is_corrected_in_the_preview_is_the_one_that_is_dialled(desk: Desk) -> None:
    desk.log_in()
    previewing(desk)
    update(desk, {"phone_number": "7275551999"})
    assert desk.snapshot()["preview"] == {
        "lead_id": 77,
        "number": "7275551999",
        "phone_code": "1",
        "which": "MAIN",
        "focus": False,
        "vendor_id": None,
    }
    desk.ask(c.ActOnPreview("1000", PreviewAction.DIAL_ONLY))
    assert desk.take(Ring).resource == "PJSIP/17275551999@carrier"
    assert desk.recorded(r.CallStarted)[0].lead.phone_number == "7275551999"


def test_a_remembered_dial_goes_to_the_corrected_number(desk: Desk) -> None:
    desk.log_in()
    desk.talk()
    other = replace(LEAD, fields={"alt_phone": "7275551888"})
    request = replace(desk.request("7275551888", other), which=WhichNumber.ALT)
    desk.ask(c.Dial("1000", request))
    desk.ask(c.UpdateLead({"alt_phone": "7275551889", "phone_number": ""}, "boss", lead_id=77))
    assert desk.snapshot()["dial_queue"] == ["7275551889"]
    desk.hear(c.LegGone(CUSTOMER, 16))
    desk.ask(c.Dispose("1000", "A"))
    assert desk.take(Ring).resource == "PJSIP/17275551889@carrier"
    assert desk.snapshot()["calls"][0]["which"] == "ALT"


# --- what may be written -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, e.NoFields),
        ({"shoe_size": "44"}, e.FieldInvalid),
        ({"id": "5"}, e.FieldInvalid),
        ({"first_name": "x" * 51}, e.FieldInvalid),
        ({"comments": "one\ntwo"}, e.FieldInvalid),
        ({"city": "\x00"}, e.FieldInvalid),
        ({"city": "\ud800"}, e.FieldInvalid),
        ({"rank": "high"}, e.FieldInvalid),
        ({"rank": "3000000000"}, e.FieldInvalid),
        ({"rank": "٣"}, e.FieldInvalid),
        ({"list_id": ""}, e.FieldInvalid),
        ({"list_id": "0"}, e.FieldInvalid),
        ({"status": ""}, e.FieldInvalid),
        ({"status": "NO SALE"}, e.FieldInvalid),
        ({"phone_code": "+1"}, e.FieldInvalid),
        ({"phone_number": "call me"}, e.FieldInvalid),
        ({"alt_phone": "()"}, e.FieldInvalid),
        ({"city": "Miami", "phone_number": "1" * 25}, e.FieldInvalid),
    ],
)
def test_what_may_not_be_written_is_refused_as_a_whole(
    desk: Desk, fields: dict[str, str], error: type[e.AgentdError]
) -> None:
    desk.log_in()
    desk.talk(lead=LEAD)
    refusal = desk.refused(c.UpdateLead(fields, "6666", "1000"), error)
    assert getattr(refusal, "field", None) in {None, *fields}


@given(st.dictionaries(st.sampled_from([*FIELDS, *OWN_FIELDS, "other"]), st.text(max_size=60)))
def test_what_is_let_through_fits_into_the_database(fields: dict[str, str]) -> None:
    try:
        kept = checked(fields)
    except (e.FieldInvalid, e.NoFields):
        return
    assert set(kept) == set(fields)
    for name, value in kept.items():
        value.encode()
        length = getattr(leads.c[name].type, "length", None)
        assert length is None or len(value) <= length
        if name in {"rank", "list_id"} and value:
            int(value)
    assert checked(kept) == kept, "what is kept can be written again"


@given(st.sampled_from([name for name, rule in FIELDS.items() if rule.kind == "text"]), st.integers(0, 3))
def test_text_of_the_full_length_is_let_through(name: str, over: int) -> None:
    value = "é" * (FIELDS[name].length + over)
    if over:
        with pytest.raises(e.FieldInvalid):
            checked({name: value})
    else:
        assert checked({name: value}) == {name: value}


def test_the_database_has_these_very_fields() -> None:
    assert list(LEAD_FIELDS) == list(FIELDS)
    for name, rule in (FIELDS | OWN_FIELDS).items():
        length = getattr(leads.c[name].type, "length", None)
        assert length in {None, rule.length}, name


# --- added and deleted ---------------------------------------------------------------------------------------


def test_a_new_lead_goes_into_the_list_of_the_agents_campaign() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, manual_list=998))
    desk.log_in()
    new = Lead(0, 0, "", "1", "727-555-1414", {"first_name": "Bob", "city": ""})
    assert desk.ask(c.AddLead(new, "6666", "1000")).value == 402028
    kept = Lead(402028, 998, "NEW", "1", "7275551414", {"first_name": "Bob"})
    assert desk.recorded(r.LeadCreated) == [r.LeadCreated(kept, "6666")]
    assert not desk.state.leads
    assert desk.ask(c.AddLead(replace(new, list_id=5, status="HOT"), "boss")).value == 402029
    assert desk.recorded(r.LeadCreated)[1].lead.list_id == 5


@pytest.mark.parametrize(
    ("lead", "agent", "error"),
    [
        (Lead(0, 5, "", "1", NUMBER), "1000", e.NoManualList),
        (Lead(0, 5, "", "1", NUMBER), "1001", e.NotLoggedIn),
        (Lead(0, 5, "", "1", ""), "", e.FieldInvalid),
        (Lead(0, 0, "", "1", NUMBER), "", e.FieldInvalid),
        (Lead(0, 5, "", "1", NUMBER, {"rank": "x"}), "", e.FieldInvalid),
    ],
)
def test_a_lead_that_cannot_be_added(desk: Desk, lead: Lead, agent: str, error: type[e.AgentdError]) -> None:
    desk.log_in()
    desk.refused(c.AddLead(lead, "6666", agent), error)


def test_without_ids_no_lead_is_added(desk: Desk) -> None:
    for state in (desk.state, desk.shadow):
        state.blocks["lead"] = []
    desk.refused(c.AddLead(Lead(0, 5, "", "1", NUMBER), "boss"), e.IdsUsedUp)


def waiting(desk: Desk) -> None:
    desk.call_in(lead=LEAD)


def remembered(desk: Desk) -> None:
    desk.talk()
    desk.ask(c.Dial("1000", desk.request(lead=LEAD)))


@pytest.mark.parametrize("stage", [in_wrapup, previewing, waiting, remembered])
def test_a_lead_whom_somebody_has_is_not_deleted(desk: Desk, stage: Callable[[Desk], None]) -> None:
    desk.log_in()
    stage(desk)
    desk.refused(c.DeleteLead(77, "boss"), e.LeadInUse)


def test_a_lead_is_deleted_with_what_was_promised_to_him(desk: Desk) -> None:
    desk.log_in()
    for lead_id in (77, 78):
        desk.ask(c.SetCallback(lead_id, "TESTCAMP", CallbackWish(START + 60, anyone=False), "1000"))
    desk.ask(c.DeleteLead(77, "boss"))
    assert desk.recorded(r.LeadDeleted) == [r.LeadDeleted(77, "boss")]
    assert [callback["lead_id"] for callback in desk.snapshot()["callbacks"]] == [78]


# --- numbers not to call -------------------------------------------------------------------------------------


def test_numbers_are_listed_and_taken_off_as_they_are_dialled(desk: Desk) -> None:
    desk.ask(c.ChangeDnc("(727) 555-1212", "", True, "boss"))
    desk.ask(c.ChangeDnc("+17275551212", "TESTCAMP", False, "boss"))
    assert desk.recorded(r.DncChanged) == [
        r.DncChanged("7275551212", "", True, "boss"),
        r.DncChanged("+17275551212", "TESTCAMP", False, "boss"),
    ]


@pytest.mark.parametrize(
    ("number", "campaign", "error"),
    [
        (NUMBER, "NOCAMP", e.CampaignUnknown),
        ("nobody", "", e.NumberNotAllowed),
        ("1" * 25, "", e.NumberNotAllowed),
        (" - ", "", e.NumberNotAllowed),
    ],
)
def test_what_cannot_be_listed(desk: Desk, number: str, campaign: str, error: type[e.AgentdError]) -> None:
    desk.refused(c.ChangeDnc(number, campaign, True, "boss"), error)
