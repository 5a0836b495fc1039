"""Agents who are called for each call, in the native API: remote ones, those on-hook, and their calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentd.core.model import SessionState
from agentd.core.records import CallDisposed, UserSet
from tests.faces.native import Native, body, check_problem, frames
from tests.faces.people import user
from tests.faces.scripted import Fate

REMOTE = "/sessions/1028"
CALL = f"{REMOTE}/calls/current"


@pytest.fixture
def native() -> Native:
    """1028, who takes the calls of SALESLINE on two lines, is logged in and ready."""
    native = Native()
    answer = native.ask("POST", "/sessions", {"agent": "1028", "ready": True})
    assert answer.status == 201, answer.text
    return native


def talking(native: Native) -> Any:
    """A customer is with 1028; gives his call as the API shows it."""
    native.house.take("1028", number="7275551212")
    return native.snapshot("1028")["calls"][0]


def disposed(native: Native) -> list[tuple[int, str]]:
    return [(record.call_id, record.status) for record in native.house.records(CallDisposed)]


# --- login ---------------------------------------------------------------------------------------------------


def test_a_remote_agent_is_logged_in_at_once_and_nobody_is_called(native: Native) -> None:
    session = native.snapshot("1028")
    assert (session["kind"], session["state"], session["lines"]) == ("remote", "READY", 2)
    assert (session["phone"], session["conference"]) == ({"extension": None, "attached": True}, None)
    assert native.house.switch.rung() == []


def test_he_is_ready_from_his_login_whether_that_is_said_or_not(native: Native) -> None:
    native.ask("DELETE", REMOTE)
    assert body(native.ask("POST", "/sessions", {"agent": "1028"}))["state"] == "READY"


def test_a_remote_agent_without_a_number_cannot_be_reached() -> None:
    native = Native()
    native.house.change(UserSet("1028", replace(native.house.state.users["1028"], outside_number="")))
    check_problem(native.ask("POST", "/sessions", {"agent": "1028"}), 422, "no_outside_number")


def test_nobody_calls_a_phone_that_he_has_not(native: Native) -> None:
    check_problem(native.ask("POST", f"{REMOTE}/phone"), 409, "phone_not_ours")


def test_a_phone_that_is_not_named_is_the_agents_own(native: Native) -> None:
    native.house.change(UserSet("1001", user("1001", phone="505")))
    answer = native.ask("POST", "/sessions", {"agent": "1001", "ready": True})
    session = body(answer)
    assert (answer.status, session["phone"]["extension"], session["state"]) == (201, "505", "READY")
    check_problem(native.ask("POST", "/sessions", {"agent": "1000"}), 422, "phone_unknown")


# --- what is brought to him ----------------------------------------------------------------------------------


def test_the_lead_is_there_while_his_number_is_rung(native: Native) -> None:
    call = native.house.call_in(number="7275551212")
    ringing = native.snapshot("1028")
    assert (ringing["state"], ringing["calls"]) == ("RINGING", [])
    assert [(each["call_id"], each["key"]) for each in ringing["offered"]] == [(call.id, call.key)]
    assert ringing["lead"]["id"] == 123456
    native.house.until(lambda: native.snapshot("1028")["state"] == "INCALL")
    [got] = native.snapshot("1028")["calls"]
    roles = {leg["channel"]: leg["role"] for leg in got["legs"]}
    assert (got["id"], got["state"], roles[got["agent_leg"]]) == (call.id, "connected", "agent")
    assert sorted(roles.values()) == ["agent", "customer"]


def test_another_call_may_ring_while_he_talks(native: Native) -> None:
    talking(native)
    tag = native.ask("GET", REMOTE).headers["ETag"]
    second = native.house.call_in(number="7275551222")
    answer = native.ask("GET", REMOTE, If_None_Match=tag)
    assert answer.status == 200, "the picture has changed"
    session = body(answer)
    assert (session["state"], [each["call_id"] for each in session["offered"]]) == ("INCALL", [second.id])
    assert session["lead"]["id"] == 123456, "that of the call that he has"

    tag = answer.headers["ETag"]
    native.house.switch.hang_up(second.leg)
    answer = native.ask("GET", REMOTE, If_None_Match=tag)
    assert (answer.status, body(answer)["offered"]) == (200, [])


def test_two_calls_at_a_time_and_no_third(native: Native) -> None:
    first = talking(native)
    second = native.house.take("1028", number="7275551222")
    third = native.house.call_in(number="7275550003")
    native.house.advance(60)
    assert [call["id"] for call in native.snapshot("1028")["calls"]] == [first["id"], second.id]
    assert third.agent == ""


# --- his calls -----------------------------------------------------------------------------------------------


def test_a_call_ends_with_the_status_that_is_named_and_without_wrap_up(native: Native) -> None:
    call = talking(native)
    answer = native.ask("DELETE", f"{REMOTE}/calls/{call['id']}?status=SALE")
    assert (answer.status, body(answer)["state"], body(answer)["calls"]) == (200, "READY", [])
    assert disposed(native) == [(call["id"], "SALE")]
    native.house.until(lambda: native.house.switch.channels == {}, seconds=1)


@pytest.mark.parametrize("path", [f"{CALL}?status=NONE", f"{CALL}?status=MUCHTOOLONG"])
def test_an_unknown_status_and_the_call_goes_on(native: Native, path: str) -> None:
    talking(native)
    check_problem(native.ask("DELETE", path), 422, "status_unknown")
    assert native.snapshot("1028")["state"] == "INCALL"


def test_a_hangup_is_told_by_its_key_whatever_its_status(native: Native) -> None:
    talking(native)
    done = native.ask("DELETE", f"{CALL}?status=SALE", Idempotency_Key="once")
    assert native.ask("DELETE", f"{CALL}?status=SALE", Idempotency_Key="once").body == done.body
    answer = native.ask("DELETE", f"{CALL}?status=A", Idempotency_Key="once")
    check_problem(answer, 409, "idempotency_mismatch")


@pytest.mark.parametrize(("wanted", "status"), [({}, "DISPO"), ({"status": "SALE"}, "SALE")])
def test_his_customer_goes_to_a_line(native: Native, wanted: dict[str, str], status: str) -> None:
    call = talking(native)
    answer = native.ask("POST", f"{CALL}/transfer", {"kind": "ingroup", "ingroup": "DEFAULTINGROUP", **wanted})
    done = body(answer)
    assert (answer.status, done["call_id"], done["ingroup"]) == (200, call["id"], "SALESLINE")
    assert disposed(native) == [(call["id"], status)]
    [waits] = native.house.state.waiting.values()
    assert native.house.state.calls[waits.call_id].origin == call["id"]


@pytest.mark.parametrize(("wanted", "status"), [({}, "DISPO"), ({"status": "SALE"}, "SALE")])
def test_his_customer_goes_to_a_number(native: Native, wanted: dict[str, str], status: str) -> None:
    call = talking(native)
    answer = native.ask(
        "POST", f"{CALL}/transfer", {"kind": "blind", "number": "7275551213", "exactly": True, **wanted}
    )
    assert (answer.status, body(answer)["session"]["calls"]) == (200, [])
    assert disposed(native) == [(call["id"], status)]
    assert list(native.house.switch.channels) != [], "the customer talks on"


# --- on-hook -------------------------------------------------------------------------------------------------


@pytest.fixture
def on_hook() -> Native:
    """101, whose phone is rung for each call, is logged in and ready."""
    native = Native()
    native.house.change(UserSet("101", user("101", on_hook=True, phone="503", ingroups=("SALESLINE",))))
    native.ask("POST", "/sessions", {"agent": "101", "ready": True})
    return native


def test_an_on_hook_agent_sees_the_lead_before_he_picks_up(on_hook: Native) -> None:
    session = on_hook.snapshot("101")
    assert (session["kind"], session["phone"]) == ("on_hook", {"extension": "503", "attached": False})
    call = on_hook.house.call_in(number="7275551212")
    ringing = on_hook.snapshot("101")
    assert (ringing["state"], ringing["phone"]["attached"], ringing["lead"]["id"]) == ("RINGING", False, 123456)
    on_hook.house.until(lambda: on_hook.house.state.sessions["101"].state is SessionState.INCALL)
    talking = on_hook.snapshot("101")
    assert (talking["phone"]["attached"], talking["offered"]) == (True, [])
    assert [each["id"] for each in talking["calls"]] == [call.id]


def test_whoever_does_not_pick_up_is_told_of_and_in_the_end_paused(on_hook: Native) -> None:
    on_hook.house.switch.fates["PJSIP/503"] = Fate.RING_ON
    stream = on_hook.read("?types=call.missed")
    call = on_hook.house.call_in()
    for misses in (1, 2):
        on_hook.house.until(lambda so_far=misses: on_hook.snapshot("101")["misses"] == so_far)
    on_hook.house.until(lambda: on_hook.snapshot("101")["state"] == "PAUSED")
    session = on_hook.snapshot("101")
    assert (session["code"], session["misses"], session["offered"]) == ("MISSED", 0, [])
    missed = [frame.data for frame in frames(stream) if frame.name == "call.missed"]
    assert [(each["agent"], each["call_id"], each["ingroup"]) for each in missed] == [("101", call.id, "SALESLINE")] * 3
    assert call.agent == "", "he waits on"
