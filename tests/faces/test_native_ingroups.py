"""In-groups in the native API: whose calls an agent takes, what is brought to him, lines and their figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentd.core.model import DialMethod, InGroup, Pick
from agentd.core.records import InGroupsChanged, InGroupSet, UserSet
from tests.faces.native import Native, body, check_problem, frames
from tests.faces.people import campaign, user

MINE = "/sessions/1000/ingroups"
LINE = "/ingroups/SALESLINE"


@pytest.fixture
def native() -> Native:
    """1000, who takes no in-group's calls yet, is logged in and ready."""
    native = Native(role="admin")
    native.house.log_in()
    native.house.wait_for(native.house.operations.resume("1000"))
    return native


def choose(native: Native, *ingroups: str, **more: Any) -> Any:
    answer = native.ask("PUT", MINE, {"ingroups": list(ingroups), **more})
    assert answer.status == 200, answer.text
    return body(answer)


def line(native: Native, query: str = "", token: str | None = None, name: str = "SALESLINE") -> Any:
    answer = native.ask("GET", f"/ingroups/{name}{query}", token=token)
    assert answer.status == 200, answer.text
    return body(answer)


def figures(native: Native, *names: str) -> list[Any]:
    sales = line(native)
    return [sales[name] for name in names]


# --- whose calls he takes ------------------------------------------------------------------------------------


def test_an_agent_takes_the_calls_of_those_that_were_chosen_last(native: Native) -> None:
    assert choose(native, "SALESLINE", "TEST_IN")["ingroups"] == ["SALESLINE", "TEST_IN"]
    assert choose(native, "TEST_IN3", choice="add")["ingroups"] == ["SALESLINE", "TEST_IN", "TEST_IN3"]
    assert choose(native, "SALESLINE", "TEST_IN", choice="remove")["ingroups"] == ["TEST_IN3"]
    waits = native.house.call_in("SALESLINE")
    call = native.house.take("1000", "TEST_IN3")
    assert [each["id"] for each in native.snapshot()["calls"]] == [call.id]
    assert waits.agent == ""
    assert choose(native)["ingroups"] == []


def test_a_change_is_told_and_gives_another_tag(native: Native) -> None:
    stream = native.read()
    tag = native.ask("GET", "/sessions/1000").headers["ETag"]
    answer = native.ask("PUT", MINE, {"ingroups": ["TEST_IN"], "blended": True}, If_Match=tag)
    assert body(answer)["blended"] is True
    assert answer.headers["ETag"] != tag
    [told] = [frame.data for frame in frames(stream) if frame.name == "session.ingroups"]
    assert (told["agent"], told["ingroups"], told["blended"]) == ("1000", ["TEST_IN"], True)
    check_problem(native.ask("PUT", MINE, {"ingroups": []}, If_Match=tag), 412, "revision_mismatch")
    assert choose(native, "SALESLINE")["blended"] is True, "it is left as it was"


@pytest.mark.parametrize("choice", ["change", "add", "remove"])
def test_one_unknown_in_group_and_nothing_is_changed(native: Native, choice: str) -> None:
    choose(native, "SALESLINE")
    answer = native.ask("PUT", MINE, {"ingroups": ["TEST_IN", "FAKE_IN"], "choice": choice, "blended": True})
    details = check_problem(answer, 422, "ingroup_unknown")
    assert details["ingroup"] == "FAKE_IN"
    assert details["session"]["ingroups"] == ["SALESLINE"]
    assert details["session"]["blended"] is False


@pytest.mark.parametrize("choice", ["add", "remove"])
def test_to_add_or_remove_takes_an_in_group(native: Native, choice: str) -> None:
    check_problem(native.ask("PUT", MINE, {"ingroups": [], "choice": choice}), 422, "ingroups_missing")


def test_a_campaign_may_allow_neither(native: Native) -> None:
    native.house.change_campaign(campaign(inbound=False))
    check_problem(native.ask("PUT", MINE, {"ingroups": ["SALESLINE"]}), 422, "inbound_forbidden")
    native.house.change_campaign(campaign(dial_method=DialMethod.MANUAL))
    details = check_problem(native.ask("PUT", MINE, {"ingroups": [], "blended": True}), 422, "auto_dial_forbidden")
    assert details["campaign"] == "TESTCAMP"


def test_what_is_the_default_is_so_at_the_next_login(native: Native) -> None:
    choose(native, "TEST_IN", blended=True, set_as_default=True)
    choose(native, "TEST_IN3", blended=False)
    native.ask("DELETE", "/sessions/1000")
    again = body(native.ask("POST", "/sessions", {"agent": "1000", "phone": "502"}))
    assert (again["ingroups"], again["blended"]) == (["TEST_IN"], True)


def test_an_agent_chooses_for_now_and_not_for_the_next_login(native: Native) -> None:
    own = native.token("agent", "1000")
    answer = native.ask("PUT", MINE, {"ingroups": ["TEST_IN"], "set_as_default": True}, token=own)
    check_problem(answer, 403, "not_permitted")
    assert native.house.state.users["1000"].ingroups == ()
    assert native.ask("PUT", MINE, {"ingroups": ["TEST_IN"]}, token=own).status == 200


def test_without_a_database_there_is_no_default_and_nothing_is_changed(native: Native) -> None:
    native.house.store.away = True
    answer = native.ask("PUT", MINE, {"ingroups": ["TEST_IN"], "set_as_default": True})
    assert check_problem(answer, 503, "database_away")["session"]["ingroups"] == []
    assert native.house.state.users["1000"].ingroups == ()
    assert choose(native, "SALESLINE")["ingroups"] == ["SALESLINE"], "for now alone it needs none"


def test_a_change_is_made_once_for_each_key(native: Native) -> None:
    choose(native, "SALESLINE")
    asked = {"ingroups": ["TEST_IN"], "choice": "add"}
    answers = [native.ask("PUT", MINE, asked, Idempotency_Key="once") for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(native.house.records(InGroupsChanged)) == 2


def test_who_is_not_logged_in_has_no_choice(native: Native) -> None:
    check_problem(native.ask("PUT", "/sessions/1001/ingroups", {"ingroups": []}), 404, "not_logged_in")


# --- what is being brought -----------------------------------------------------------------------------------


def test_the_lead_is_on_the_screen_while_the_call_is_being_brought(native: Native) -> None:
    choose(native, "SALESLINE")
    call = native.house.call_in(number="7275551212", did="7275551001")
    ringing = native.snapshot()
    assert ringing["state"] == "RINGING"
    assert ringing["calls"] == []
    assert ringing["lead"]["vendor_lead_code"] == "9987-1234765"
    assert ringing["offered"] == [
        {
            "call_id": call.id,
            "key": call.key,
            "direction": "inbound",
            "ingroup": "SALESLINE",
            "number": "7275551212",
            "did": "7275551001",
            "since": call.started,
            "consult": False,
            "lead": ringing["lead"],
        }
    ]
    tag = native.ask("GET", "/sessions/1000").headers["ETag"]
    native.house.until(lambda: native.snapshot()["state"] == "INCALL")
    assert native.ask("GET", "/sessions/1000", If_None_Match=tag).status == 200
    talking = native.snapshot()
    assert (talking["offered"], talking["lead"]) == ([], ringing["lead"])
    [got] = talking["calls"]
    assert (got["id"], got["did"], got["ingroup"], got["direction"], got["agent_leg"], got["key"][0]) == (
        call.id,
        "7275551001",
        "SALESLINE",
        "inbound",
        None,
        "Y",
    )


def test_who_is_asked_about_a_call_sees_that_it_is_a_question(native: Native) -> None:
    native.house.talk(lead_id=123456)
    native.house.log_in("1001", "503")
    native.house.wait_for(native.house.operations.resume("1001"))
    native.ask("POST", "/sessions/1000/calls/current/third-party", {"ingroup": "SALESLINE"})
    native.house.until(lambda: native.snapshot("1001")["state"] == "RINGING")
    [offered] = native.snapshot("1001")["offered"]
    assert (offered["consult"], offered["call_id"], offered["lead"]["id"]) == (
        True,
        native.house.call().id,
        123456,
    )


def test_a_caller_who_goes_while_he_is_being_brought_leaves_the_screen(native: Native) -> None:
    choose(native, "SALESLINE")
    call = native.house.call_in(number="7275551212")
    native.house.switch.hang_up(call.leg)
    snapshot = native.snapshot()
    assert (snapshot["state"], snapshot["offered"], snapshot["lead"]) == ("READY", [], None)


# --- lines ---------------------------------------------------------------------------------------------------


def test_a_line_tells_who_waits_in_the_order_in_which_they_are_served(native: Native) -> None:
    first = native.house.call_in(number="7275550001", did="7275551001")
    native.house.advance(5)
    second = native.house.call_in(number="7275550002")
    urgent = native.house.call_in(number="7275550003", priority=9)
    native.house.call_in("TEST_IN", "7275550004")
    native.house.advance(5)

    sales = line(native)
    assert [(each["number"], each["position"], each["priority"]) for each in sales["callers"]] == [
        ("7275550003", 1, 9),
        ("7275550001", 2, 0),
        ("7275550002", 3, 0),
    ]
    assert sales["callers"][1] == {
        "call_id": first.id,
        "key": first.key,
        "number": "7275550001",
        "did": "7275551001",
        "lead_id": first.lead_id,
        "since": first.started,
        "position": 2,
        "priority": 0,
        "wanted": None,
        "offered": None,
        "consult": False,
    }
    assert (sales["waiting"], sales["longest_wait"]) == (3, 10)
    assert [each["call_id"] for each in line(native, "?limit=1")["callers"]] == [urgent.id]
    check_problem(native.ask("GET", f"{LINE}?limit=0"), 400, "invalid_parameter")

    choose(native, "SALESLINE")
    assert [each["offered"] for each in line(native)["callers"]] == ["1000", None, None]
    native.house.until(lambda: urgent.agent == "1000")
    assert [each["call_id"] for each in line(native)["callers"]] == [first.id, second.id]


def test_figures_tell_what_became_of_the_callers(native: Native) -> None:
    names = ("offered", "answered", "abandoned", "dropped", "waiting", "agents", "ready")
    assert figures(native, *names) == [0] * 7
    assert figures(native, "average_wait", "average_talk", "service_level") == [None, None, None]

    gone = native.house.call_in()
    native.house.switch.hang_up(gone.leg)
    waited = native.house.call_in()
    native.house.advance(25)
    choose(native, "SALESLINE")
    native.house.until(lambda: waited.agent == "1000")
    native.house.call_in()
    assert figures(native, *names) == [3, 1, 1, 0, 1, 1, 0]
    assert figures(native, "service_level") == [0]
    assert 25 <= line(native)["average_wait"] < 25.1

    native.house.advance(60)
    native.house.wait_for(native.house.operations.hang_up("1000"))
    assert 60 <= line(native)["average_talk"] < 60.1


def test_a_caller_for_whom_nobody_is_there_is_counted_as_dropped(native: Native) -> None:
    native.house.change(InGroupSet("SALESLINE", InGroup("SALESLINE", 1, drop_after=20)))
    call = native.house.call_in()
    native.house.until(lambda: call.id not in native.house.state.calls)
    assert figures(native, "offered", "abandoned", "dropped", "service_level") == [1, 0, 1, 0]


def test_figures_begin_again_at_midnight(native: Native) -> None:
    native.house.switch.hang_up(native.house.call_in().leg)
    assert figures(native, "offered", "abandoned") == [1, 1]
    native.house.advance(24 * 3600)
    assert figures(native, "offered", "abandoned") == [0, 0]


def test_all_lines_are_told_in_the_order_of_their_names(native: Native) -> None:
    native.house.call_in("TEST_IN3")
    told = body(native.ask("GET", "/ingroups"))["ingroups"]
    assert [each["name"] for each in told] == sorted(native.house.state.ingroups)
    by_name = {each["name"]: each for each in told}
    assert (by_name["SALESLINE"]["title"], by_name["SALESLINE"]["active"], by_name["OLD_IN"]["active"]) == (
        "Sales",
        True,
        False,
    )
    assert [name for name, each in by_name.items() if each["waiting"]] == ["TEST_IN3"]
    assert "callers" not in by_name["TEST_IN3"], "who they are is another scope's"


def test_there_is_no_such_line(native: Native) -> None:
    details = check_problem(native.ask("GET", "/ingroups/FAKE_IN"), 404, "ingroup_unknown")
    assert details["ingroup"] == "FAKE_IN"
    assert "session" not in details


def test_an_agents_token_gets_the_callers_alone_who_are_his(native: Native) -> None:
    own = native.token("agent", "1000")
    native.house.call_in("SALESLINE", "7275550001")
    assert line(native, token=own)["callers"] == []
    assert line(native, token=own)["waiting"] == 1
    native.house.wait_for(native.house.operations.pause("1000"))
    native.house.call_in("AGENTDIRECT", "7275550002", wanted="1001")
    native.house.call_in("AGENTDIRECT", "7275550003", wanted="1000")
    told = line(native, token=own, name="AGENTDIRECT")
    assert [(each["number"], each["wanted"], each["position"]) for each in told["callers"]] == [
        ("7275550003", "1000", 2)
    ]
    choose(native, "SALESLINE")
    native.house.wait_for(native.house.operations.resume("1000"))
    assert [(each["number"], each["offered"]) for each in line(native, token=own)["callers"]] == [
        ("7275550001", "1000")
    ]


# --- who gets whom -------------------------------------------------------------------------------------------


def test_ranks_are_shown_and_decide(native: Native) -> None:
    native.house.change(InGroupSet("TEST_IN", InGroup("TEST_IN", 2, pick=Pick.RANK)))
    for agent, phone, rank in (("1001", "503", 5), ("101", "504", 9)):
        native.house.change(UserSet(agent, replace(user(agent), ingroups=("TEST_IN",), ranks={"TEST_IN": rank})))
        native.ask("POST", "/sessions", {"agent": agent, "phone": phone, "ready": True})
    choose(native, "TEST_IN")
    assert native.snapshot("101")["ranks"] == {"TEST_IN": 9}
    native.house.take("101", "TEST_IN")
    native.house.take("1001", "TEST_IN")
    native.house.take("1000", "TEST_IN")
