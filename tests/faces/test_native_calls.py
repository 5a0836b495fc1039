"""The native API's verbs on calls."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from agentd.core.model import CallState, Lead
from agentd.core.records import CallDisposed, StatusReplaced
from tests.faces.native import Native, body, check_problem
from tests.faces.people import campaign
from tests.faces.scripted import Fate

TRUNK = "PJSIP/1{}@carrier"


@pytest.fixture
def native() -> Native:
    native = Native()
    native.house.log_in()
    return native


def test_a_dial_answers_with_the_call_once_asterisk_has_the_channel(native: Native) -> None:
    answer = native.ask("POST", "/sessions/1000/calls", {"number": "(727) 555-1212"})
    call = body(answer)
    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1/sessions/1000/calls/{call['id']}"
    assert native.house.switch.rung()[-1] == TRUNK.format("7275551212")
    assert (call["id"], call["number"], call["phone_code"], call["state"]) == (1000, "7275551212", "1", "dialling")
    assert (len(call["key"]), call["key"][0]) == (20, "M")
    assert call["session"]["state"] == "DIALLING"
    assert call["session"]["calls"][0]["id"] == call["id"]

    native.house.until(lambda: native.house.call().state is CallState.CONNECTED)
    for name in (str(call["id"]), "current"):
        now = body(native.ask("GET", f"/sessions/1000/calls/{name}"))
        assert (now["id"], now["state"], now["session"]["state"]) == (call["id"], "connected", "INCALL")


def test_a_lead_is_dialled_by_its_id_and_found_by_its_number(native: Native) -> None:
    call = body(native.ask("POST", "/sessions/1000/calls", {"lead_id": 123456}))
    assert (call["lead_id"], call["number"]) == (123456, "7275551212")
    assert call["session"]["lead"]["vendor_lead_code"] == "9987-1234765"

    native.house.log_in("1001", "503")
    call = body(native.ask("POST", "/sessions/1001/calls", {"number": "7275551222", "search": True}))
    assert call["lead_id"] == 402028


def test_prefix_and_country_code_are_the_requests(native: Native) -> None:
    wanted = {"number": "7275551212", "phone_code": "44", "dial_prefix": "88"}
    assert body(native.ask("POST", "/sessions/1000/calls", wanted))["phone_code"] == "44"
    assert native.house.switch.rung()[-1] == "PJSIP/88447275551212@carrier"


def test_a_dial_during_a_call_is_remembered_and_made_after_it(native: Native) -> None:
    native.house.talk()
    answer = native.ask("POST", "/sessions/1000/calls", {"number": "7275551213"})
    waiting = body(answer)
    assert answer.status == 202
    assert (waiting["id"], waiting["state"], waiting["number"]) == (None, "remembered", "7275551213")
    assert waiting["session"]["dial_queue"] == ["7275551213"]
    assert "Location" not in answer.headers

    native.ask("DELETE", "/sessions/1000/calls/current")
    after = body(native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "SALE"}))
    assert (after["state"], after["calls"][0]["number"]) == ("DIALLING", "7275551213")


@pytest.mark.parametrize(
    ("wanted", "status", "reason"),
    [
        ({"number": "12"}, 422, "extension_unknown"),
        ({"number": "7275551299"}, 502, "dial_refused"),
        ({"number": "7275551212;rm"}, 422, "number_not_allowed"),
        ({"number": "1234567\r\nAction: Originate"}, 422, "number_not_allowed"),
        ({"number": "+1*#"}, 422, "number_not_allowed"),
        ({"number": "12345678901234567890"}, 422, "number_not_allowed"),
        ({"lead_id": 1234567}, 422, "lead_unknown"),
        ({"lead_id": 402029}, 422, "lead_has_no_number"),
    ],
)
def test_a_dial_that_may_not_be_leaves_the_state_as_it_was(
    native: Native, wanted: dict[str, object], status: int, reason: str
) -> None:
    for resource in ("Local/12@agentd-extensions/n", TRUNK.format("7275551299")):
        native.house.switch.fates[resource] = Fate.REFUSE
    details = check_problem(native.ask("POST", "/sessions/1000/calls", wanted), status, reason)
    assert (details["session"]["state"], details["session"]["code"], details["session"]["calls"]) == (
        "PAUSED",
        "LOGIN",
        [],
    )


def test_who_may_not_dial_by_hand_is_told_so(native: Native) -> None:
    native.house.log_in("nodial", "503")
    check_problem(native.ask("POST", "/sessions/nodial/calls", {"number": "7275551212"}), 403, "manual_dial_forbidden")


def test_a_lead_on_another_screen_is_not_dialled(native: Native) -> None:
    native.house.log_in("1001", "503")
    native.ask("POST", "/sessions/1000/calls", {"lead_id": 123456})
    check_problem(native.ask("POST", "/sessions/1001/calls", {"lead_id": 123456}), 409, "lead_on_another_screen")


def test_without_the_database_an_unknown_lead_cannot_be_dialled(native: Native) -> None:
    native.house.store.away = True
    check_problem(native.ask("POST", "/sessions/1000/calls", {"lead_id": 123456}), 503, "database_away")
    assert native.ask("POST", "/sessions/1000/calls", {"number": "7275551212"}).status == 201


def test_a_client_that_leaves_before_the_lead_is_read_does_not_cancel_the_dial(native: Native) -> None:
    lead: Deferred[Lead | None] = Deferred()
    native.house.store.lead = lambda _lead_id: lead
    native.send("POST", "/sessions/1000/calls", {"lead_id": 123456}).leave()
    lead.callback(native.house.store.lead_table[123456])
    native.house.until(lambda: native.snapshot()["state"] == "INCALL")
    assert native.snapshot()["calls"][0]["lead_id"] == 123456


def test_a_silent_asterisk_is_an_error_within_five_seconds(native: Native) -> None:
    native.house.switch.fates[TRUNK.format("7275551212")] = Fate.SILENCE
    begun = native.house.now
    check_problem(native.ask("POST", "/sessions/1000/calls", {"number": "7275551212"}), 504, "pbx_timeout")
    assert native.house.now - begun <= 5.0


# --- hangup --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["current", "1000"])
def test_hangup_is_answered_when_the_customer_is_gone(native: Native, which: str) -> None:
    leg = native.house.talk().leg
    answer = native.ask("DELETE", f"/sessions/1000/calls/{which}")
    assert leg not in native.house.switch.channels
    assert (answer.status, body(answer)["state"]) == (200, "WRAPUP")
    [call] = body(answer)["calls"]
    assert (call["state"], call["cause"], call["hung_up_by"]) == ("wrapping", 16, "agent")


def test_hangup_without_a_call_is_done_already(native: Native) -> None:
    assert native.ask("DELETE", "/sessions/1000/calls/current").status == 200


@pytest.mark.parametrize("which", ["999", "1001", "0", "-1", "abc", "%D9%A3", "9" * 30])
def test_another_call_is_not_found(native: Native, which: str) -> None:
    native.house.talk()
    for method, path, wanted in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("PUT", "/disposition", {"status": "SALE"}),
    ):
        details = check_problem(
            native.ask(method, f"/sessions/1000/calls/{which}{path}", wanted), 404, "call_not_found"
        )
        assert details["session"]["state"] == "INCALL"


def test_a_hangup_that_asterisk_refuses_is_an_error_and_the_call_goes_on(native: Native) -> None:
    native.house.talk()
    native.house.switch.refusal = "Permission denied"
    check_problem(native.ask("DELETE", "/sessions/1000/calls/current"), 502, "pbx_refused")
    assert native.snapshot()["state"] == "INCALL"


def test_hangup_without_a_link_fails_at_once(native: Native) -> None:
    native.house.talk()
    native.house.link_down()
    check_problem(native.send("DELETE", "/sessions/1000/calls/current").answer, 503, "pbx_link_down")


# --- disposition ---------------------------------------------------------------------------------------------


def test_a_failed_dial_suggests_its_status_and_the_crm_decides(native: Native) -> None:
    native.ask("POST", "/sessions/1000/calls", {"number": "7275551200"})
    native.house.until(lambda: native.snapshot()["state"] == "WRAPUP")
    [call] = native.snapshot()["calls"]
    assert (call["cause"], call["suggested_status"]) == (17, "B")
    done = native.ask("PUT", f"/sessions/1000/calls/{call['id']}/disposition", {"status": "A"})
    assert (body(done)["state"], body(done)["code"], body(done)["calls"]) == ("PAUSED", "LOGIN", [])
    assert [(record.call_id, record.status) for record in native.house.records(CallDisposed)] == [(1000, "A")]


def test_a_disposition_before_the_end_completes_the_call_when_it_ends(native: Native) -> None:
    native.house.talk()
    early = body(native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "SALE"}))
    assert (early["state"], early["calls"][0]["status"]) == ("INCALL", "SALE")
    assert body(native.ask("DELETE", "/sessions/1000/calls/current"))["state"] == "PAUSED"


def test_a_disposition_that_comes_a_moment_late_replaces_the_automatic_one(native: Native) -> None:
    native.house.change_campaign(campaign(wrapup=0))
    native.house.talk()
    native.ask("DELETE", "/sessions/1000/calls/current")
    assert native.ask("PUT", "/sessions/1000/calls/1000/disposition", {"status": "SALE"}).status == 200
    assert [record.status for record in native.house.records(StatusReplaced)] == ["SALE"]


@pytest.mark.parametrize(("status", "reason"), [("XXXX", "status_unknown"), ("CALLBK", "callback_needs_date")])
def test_a_status_that_cannot_be_given(native: Native, status: str, reason: str) -> None:
    native.house.talk()
    check_problem(native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": status}), 422, reason)


def test_without_a_call_there_is_nothing_to_dispose_of(native: Native) -> None:
    answer = native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "SALE"})
    check_problem(answer, 409, "no_call")


def test_a_disposition_is_answered_when_it_is_on_the_disk(native: Native) -> None:
    native.house.talk()
    native.ask("DELETE", "/sessions/1000/calls/current")
    native.house.journal.held = True
    exchange = native.send("PUT", "/sessions/1000/calls/current/disposition", {"status": "SALE"})
    assert not exchange.answered
    native.house.journal.sync()
    assert exchange.answer.status == 200
