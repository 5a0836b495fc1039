"""The native API's dials in all their forms, previews, timers, promises with a disposition, and web phones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.core.model import Phone, Preset, PreviewRule
from agentd.core.records import CallbackSet, CallDisposed, CallStarted, PhoneSet
from agentd.dialects.native.dials import epoch_of
from agentd.engine.ports import Activity
from tests.faces.native import Native, body, check_problem
from tests.faces.people import campaign

CALLS = "/sessions/1000/calls"
PREVIEW = "/sessions/1000/preview"
TIMER = "/sessions/1000/timer"
DISPOSITION = f"{CALLS}/current/disposition"


@pytest.fixture
def native() -> Native:
    native = Native()
    native.house.change_campaign(campaign(alternative_numbers=True, presets={"D1": Preset("D1", "7275551215")}))
    native.house.log_in()
    return native


def dial(native: Native, status: int = 201, **wanted: Any) -> Any:
    answer = native.ask("POST", CALLS, wanted)
    assert answer.status == status, answer.text
    return body(answer)


def act(native: Native, action: str, status: int = 201) -> Any:
    answer = native.ask("POST", PREVIEW, {"action": action})
    assert answer.status == status, answer.text
    return body(answer)


# --- what is dialled -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "number", "which"),
    [
        ({"alternative": "alt"}, "7275551213", "ALT"),
        ({"alternative": "address3"}, "7275551214", "ADDR3"),
        ({"alternative": "search", "number": "727-555-1214"}, "7275551214", "ADDR3"),
    ],
)
def test_another_number_of_a_lead_is_dialled(native: Native, wanted: dict[str, str], number: str, which: str) -> None:
    call = dial(native, lead_id=123456, **wanted)
    assert (call["lead_id"], call["number"], call["which"]) == (123456, number, which)
    assert native.house.switch.rung()[-1] == f"PJSIP/1{number}@carrier"


def test_a_number_that_the_lead_does_not_have_is_not_dialled(native: Native) -> None:
    wanted = {"lead_id": 123456, "number": "7275559999", "alternative": "search"}
    check_problem(native.ask("POST", CALLS, wanted), 422, "number_not_of_lead")
    check_problem(native.ask("POST", CALLS, {"lead_id": 402028, "alternative": "alt"}), 422, "lead_has_no_number")


def test_the_next_lead_of_the_campaign_is_dialled(native: Native) -> None:
    assert dial(native, next=True)["lead_id"] == 123456


def test_who_was_put_away_is_not_the_next_again_before_long(native: Native) -> None:
    shown = []
    for _ in range(2):
        answer = native.ask("POST", CALLS, {"next": True, "preview": True})
        shown.append(body(answer)["session"]["lead"]["id"])
        assert native.ask("POST", "/sessions/1000/preview", {"action": "skip"}).status == 200
    assert shown == [123456, 402028]
    check_problem(native.ask("POST", CALLS, {"next": True}), 409, "no_more_leads")
    native.house.advance(3601)
    assert dial(native, next=True)["lead_id"] == 123456


def test_a_next_lead_whose_number_may_not_be_dialled_does_not_hold_up_the_others(native: Native) -> None:
    table = native.house.store.lead_table
    table[1] = replace(table[402028], id=1, phone_number="12345678901234567")
    table[2] = replace(table[402028], id=2, phone_number="")
    native.house.store.lead_table = dict(sorted(table.items()))
    assert dial(native, next=True)["lead_id"] == 123456


def test_without_a_next_lead_that_is_said(native: Native) -> None:
    native.house.store.lead_table.clear()
    check_problem(native.ask("POST", CALLS, {"next": True}), 409, "no_more_leads")


def test_what_the_crm_has_planned_is_dialled_with_its_account(native: Native) -> None:
    native.house.store.planned["a-7"] = Activity("a-7", "7275551299", "44", "ACME-1")
    call = dial(native, activity="a-7", focus=True)
    assert (call["number"], call["phone_code"]) == ("7275551299", "44")
    [started] = native.house.records(CallStarted)
    assert (started.vendor_id, started.focus, started.source) == ("ACME-1", True, "native")
    check_problem(native.ask("POST", CALLS, {"activity": "12345"}), 422, "activity_unknown")


def test_a_group_alias_gives_the_caller_id(native: Native) -> None:
    dial(native, number="7275551212", group_alias="TESTING", vendor_id="V-9")
    assert native.house.switch.asked[-1].caller_id == "7275551211"
    assert native.house.records(CallStarted)[-1].vendor_id == "V-9"
    details = check_problem(
        native.ask("POST", CALLS, {"number": "7275551212", "group_alias": "BADALIAS"}), 422, "caller_id_invalid"
    )
    assert (details["group_alias"], details["caller_id"]) == ("BADALIAS", "123")


def test_a_number_not_to_be_called_is_refused_where_the_campaign_says_so(native: Native) -> None:
    native.house.store.not_to_call |= {("", "7275551290"), ("TESTCAMP", "7275551291")}
    assert dial(native, number="7275551290")["number"] == "7275551290"
    native.ask("DELETE", f"{CALLS}/current")
    native.ask("PUT", DISPOSITION, {"status": "A"})
    native.house.change_campaign(campaign(refuse_dnc=True))
    for number, whose in (("7275551290", ""), ("7275551291", "TESTCAMP")):
        details = check_problem(native.ask("POST", CALLS, {"number": number}), 422, "dnc")
        assert (details["campaign"], details["session"]["state"]) == (whose, "PAUSED")


def test_who_dials_too_often_is_told_to_wait(native: Native) -> None:
    native.house.world.settings = replace(native.house.world.settings, dials_per_number=1)
    dial(native, number="7275551212")
    native.ask("DELETE", f"{CALLS}/current")
    native.ask("PUT", DISPOSITION, {"status": "A"})
    check_problem(native.ask("POST", CALLS, {"number": "7275551212"}), 429, "number_called_often")


# --- previews ------------------------------------------------------------------------------------------------


def test_a_previewed_lead_is_on_the_screen_and_dialled_when_the_agent_says_so(native: Native) -> None:
    shown = dial(native, 202, lead_id=123456, preview=True)
    assert (shown["id"], shown["state"], shown["lead_id"]) == (None, "previewed", 123456)
    assert (shown["session"]["state"], shown["session"]["lead"]["province"]) == ("PREVIEW", "SK")
    assert shown["session"]["preview"]["number"] == "7275551212"
    assert native.house.records(CallStarted) == []

    call = act(native, "dial")
    assert (call["lead_id"], call["number"], call["session"]["state"]) == (123456, "7275551212", "DIALLING")
    assert call["session"]["preview"] is None


def test_a_preview_asked_for_in_a_call_is_remembered_not_shown(native: Native) -> None:
    native.house.talk()
    later = dial(native, 202, lead_id=123456, preview=True)
    assert (later["state"], later["session"]["state"], later["session"]["preview"]) == ("remembered", "INCALL", None)
    native.ask("DELETE", f"{CALLS}/current")
    after = body(native.ask("PUT", DISPOSITION, {"status": "A"}))
    assert (after["state"], after["preview"]["lead_id"]) == ("PREVIEW", 123456)


@pytest.mark.parametrize(("action", "number"), [("dial_alt", "7275551213"), ("dial_address3", "7275551214")])
def test_another_number_of_the_previewed_lead_is_dialled(native: Native, action: str, number: str) -> None:
    dial(native, 202, lead_id=123456, preview=True)
    assert act(native, action)["number"] == number


@pytest.mark.parametrize("action", ["skip", "finish"])
def test_a_previewed_lead_is_put_away_undialled(native: Native, action: str) -> None:
    dial(native, 202, lead_id=123456, preview=True)
    session = act(native, action, 200)
    assert (session["state"], session["lead"], session["preview"]) == ("PAUSED", None, None)
    assert native.house.records(CallStarted) == []


def test_in_wrap_up_the_same_lead_is_dialled_at_another_number(native: Native) -> None:
    native.house.talk(lead_id=123456)
    native.ask("DELETE", f"{CALLS}/current")
    call = act(native, "dial_alt")
    assert (call["number"], call["lead_id"]) == ("7275551213", 123456)
    assert [record.lead_id for record in native.house.records(CallDisposed)] == [123456]


def test_what_the_campaign_does_not_allow_is_refused_with_its_name(native: Native) -> None:
    native.house.change_campaign(campaign(preview=PreviewRule.DISABLED))
    wanted = {"lead_id": 123456, "preview": True}
    assert check_problem(native.ask("POST", CALLS, wanted), 422, "preview_forbidden")["campaign"] == "TESTCAMP"
    native.house.change_campaign(campaign(preview=PreviewRule.ONLY))
    dial(native, 202, **wanted)
    for action, reason in (("skip", "skip_forbidden"), ("dial_alt", "alternatives_forbidden")):
        details = check_problem(native.ask("POST", PREVIEW, {"action": action}), 422, reason)
        assert (details["campaign"], details["session"]["state"]) == ("TESTCAMP", "PREVIEW")


def test_without_a_lead_there_is_nothing_to_preview(native: Native) -> None:
    check_problem(native.ask("POST", PREVIEW, {"action": "dial"}), 409, "no_preview")


# --- timers --------------------------------------------------------------------------------------------------


def test_a_timer_is_in_the_snapshot_until_it_is_taken_away(native: Native) -> None:
    answer = native.ask("PUT", TIMER, {"kind": "message_only", "seconds": 30, "message": "Ask for the order"})
    assert answer.status == 200
    timer = {"kind": "MESSAGE_ONLY", "seconds": 30, "message": "Ask for the order", "fired": None, "url": None}
    assert body(answer)["timer"] == timer
    assert body(native.ask("DELETE", TIMER))["timer"] is None


def test_a_timer_calls_the_campaigns_preset_at_its_second(native: Native) -> None:
    native.ask("PUT", TIMER, {"kind": "d1_dial", "seconds": 10})
    native.house.talk(lead_id=123456)
    native.house.advance(11)
    session = native.snapshot()
    assert session["calls"][0]["third_party"]["number"] == "7275551215"
    assert session["timer"]["fired"] == session["calls"][0]["id"]


# --- dispositions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "epoch"),
    [
        ("2026-11-23T10:30:00+01:00", 1_795_426_200.0),
        ("2026-11-23T09:30:00Z", 1_795_426_200.0),
        (1_795_426_200, 1_795_426_200.0),
        (1_795_426_200.25, 1_795_426_200.25),
    ],
)
@pytest.mark.parametrize(("whose", "user"), [("mine", "1000"), ("anyone", ""), (None, "")])
def test_a_callback_is_promised_with_the_status(
    native: Native, due: object, epoch: float, whose: str | None, user: str
) -> None:
    native.house.talk(lead_id=123456)
    native.ask("DELETE", f"{CALLS}/current")
    callback = {"due": due, "comments": "after lunch"} | ({"whose": whose} if whose else {})
    answer = native.ask("PUT", DISPOSITION, {"status": "CALLBK", "callback": callback, "code": "QM-7"})
    assert (answer.status, body(answer)["state"]) == (200, "PAUSED")
    [promised] = native.house.records(CallbackSet)
    assert (promised.lead_id, promised.user, promised.campaign) == (123456, user, "TESTCAMP")
    assert (promised.wish.due, promised.wish.anyone, promised.wish.comments) == (epoch, not user, "after lunch")
    assert native.house.records(CallDisposed)[-1].code == "QM-7"
    assert [mine["lead_id"] for mine in body(answer)["callbacks"]] == ([123456] if user else [])


def test_a_callback_without_its_date_is_refused(native: Native) -> None:
    native.house.talk()
    check_problem(native.ask("PUT", DISPOSITION, {"status": "CALLBK"}), 422, "callback_needs_date")


@given(st.floats(0, 4_102_444_799) | st.datetimes(timezones=st.timezones()))
def test_every_moment_is_one_of_the_years_that_a_database_can_keep_or_is_refused(at: Any) -> None:
    seconds = at if isinstance(at, float) else at.timestamp()
    try:
        told = epoch_of(at)
    except ValueError:
        assert not 0 <= seconds < 4_102_444_800
    else:
        assert told == seconds


# --- web phones ----------------------------------------------------------------------------------------------


def test_the_web_phone_of_the_agents_phone_is_told(native: Native) -> None:
    assert body(native.ask("GET", "/sessions/1000/webphone")) == {"phone": "502", "url": None}
    template = "https://phone.example/?x={extension}&room={conference}"
    native.house.change(PhoneSet("502", Phone("502", "PJSIP/502", webphone_url=template)))
    told = body(native.ask("GET", "/sessions/1000/webphone"))
    assert told == {"phone": "502", "url": "https://phone.example/?x=502&room=8600051"}
    check_problem(native.ask("GET", "/sessions/1001/webphone"), 404, "not_logged_in")
