"""Promises to call again, over the native API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentd.core.records import CallbackEnded, CallbackSet
from tests.faces.house import START
from tests.faces.native import Native, body, check_problem

DUE = START + 3600


@pytest.fixture
def native() -> Native:
    return Native()


def promise(native: Native, status: int = 201, **more: Any) -> Any:
    wanted = {"lead_id": 402028, "campaign": "TESTCAMP", "due": DUE, **more}
    answer = native.ask("POST", "/callbacks", wanted)
    assert answer.status == status, answer.text
    return body(answer)


def found(native: Native, query: str = "") -> list[int]:
    answer = native.ask("GET", f"/callbacks{query}")
    assert answer.status == 200, answer.text
    return [callback["id"] for callback in body(answer)["callbacks"]]


def keep(native: Native, callback_id: int) -> None:
    """A call has kept the promise."""
    table = native.house.store.callback_table
    table[callback_id] = replace(table[callback_id], status="done", call_id=1000)


def test_one_agents_callback_is_told_and_is_on_his_screen(native: Native) -> None:
    native.house.log_in()
    wanted = {"lead_id": 402028, "campaign": "TESTCAMP", "due": DUE, "agent": "1000", "comments": "after lunch"}
    answer = native.ask("POST", "/callbacks", wanted)
    callback = body(answer)
    assert (answer.status, answer.headers["Location"]) == (201, f"/api/v1/callbacks/{callback['id']}")
    assert callback == wanted | {
        "id": 1,
        "status": "waiting",
        "created": native.house.now,
        "made_by_call": None,
        "kept_by_call": None,
    }
    again = native.ask("GET", "/callbacks/1")
    assert (body(again), again.headers["ETag"]) == (callback, answer.headers["ETag"])
    assert native.ask("GET", "/callbacks/1", If_None_Match=answer.headers["ETag"]).status == 304
    [mine] = native.snapshot()["callbacks"]
    assert (mine["id"], mine["due"], mine["is_due"]) == (1, DUE, False)
    native.house.advance(3600)
    assert native.snapshot()["callbacks"][0]["is_due"] is True


def test_anybodys_callback_is_on_no_screen(native: Native) -> None:
    native.house.log_in()
    callback = promise(native, due="2026-11-20T09:24:25+01:00")
    assert (callback["agent"], callback["due"]) == (None, DUE)
    assert native.snapshot()["callbacks"] == []


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"lead_id": 1234567}, "lead_unknown"),
        ({"campaign": "NOPE"}, "campaign_unknown"),
        ({"agent": "4496"}, "user_unknown"),
    ],
)
def test_a_promise_names_what_is_there(native: Native, more: dict[str, Any], reason: str) -> None:
    wanted = {"lead_id": 402028, "campaign": "TESTCAMP", "due": DUE, **more}
    check_problem(native.ask("POST", "/callbacks", wanted), 422, reason)
    assert native.house.records(CallbackSet) == []


def test_callbacks_are_found_and_come_a_page_at_a_time(native: Native) -> None:
    first = promise(native, agent="1000")["id"]
    second = promise(native, agent="1001", lead_id=123456, due=DUE + 60)["id"]
    third = promise(native, campaign="2000")["id"]
    keep(native, first)
    for query, ids in (
        ("", [first, second, third]),
        ("?agent=1001", [second]),
        ("?campaign=2000", [third]),
        ("?lead_id=402028", [first, third]),
        ("?waiting=true", [second, third]),
        ("?waiting=false", [first]),
        (f"?due_before={DUE + 1}", [first, third]),
    ):
        assert found(native, query) == ids, query
    page = body(native.ask("GET", "/callbacks?limit=2"))
    assert found(native, f"?limit=2&cursor={page['next']}") == [third]
    check_problem(native.ask("GET", "/callbacks?waiting=yes"), 400, "invalid_parameter")


def test_only_what_is_given_is_changed(native: Native) -> None:
    native.house.log_in()
    before = promise(native, agent="1000", comments="after lunch")
    answer = native.ask("PATCH", "/callbacks/1", {"due": DUE + 60})
    assert (answer.status, body(answer)) == (200, before | {"due": DUE + 60})
    assert body(native.ask("PATCH", "/callbacks/1", {"comments": ""}))["comments"] is None
    moved = body(native.ask("PATCH", "/callbacks/1", {"agent": "1001"}))
    assert (moved["agent"], moved["due"], native.snapshot()["callbacks"]) == ("1001", DUE + 60, [])
    assert body(native.ask("PATCH", "/callbacks/1", {"agent": None}))["agent"] is None
    assert native.house.records(CallbackSet)[-1].by == "integration token"


def test_a_callback_is_changed_only_as_the_client_has_seen_it(native: Native) -> None:
    promise(native)
    tag = native.ask("GET", "/callbacks/1").headers["ETag"]
    wanted = {"agent": "1000"}
    assert native.ask("PATCH", "/callbacks/1", wanted, If_Match=tag).status == 200
    details = check_problem(native.ask("PATCH", "/callbacks/1", wanted, If_Match=tag), 412, "changed_meanwhile")
    assert details["present"]["agent"] == "1000"


def test_a_promise_is_taken_back(native: Native) -> None:
    native.house.log_in()
    promise(native, agent="1000")
    answer = native.ask("DELETE", "/callbacks/1")
    assert (answer.status, answer.body) == (204, b"")
    assert native.snapshot()["callbacks"] == []
    assert [(record.callback_id, record.call_id) for record in native.house.records(CallbackEnded)] == [(1, 0)]
    assert body(native.ask("GET", "/callbacks/1"))["status"] == "dropped"


def test_what_is_over_is_neither_changed_nor_taken_back(native: Native) -> None:
    promise(native)
    keep(native, 1)
    for method, wanted in (("PATCH", {"comments": "again"}), ("DELETE", None)):
        details = check_problem(native.ask(method, "/callbacks/1", wanted), 409, "callback_over")
        assert details["callback"]["kept_by_call"] == 1000


@pytest.mark.parametrize("which", ["2", "0", "x", "9" * 30])
def test_a_callback_that_is_not_there_is_not_found(native: Native, which: str) -> None:
    for method, wanted in (("GET", None), ("PATCH", {"comments": "later"}), ("DELETE", None)):
        check_problem(native.ask(method, f"/callbacks/{which}", wanted), 404, "callback_unknown")


def test_an_agents_token_reaches_his_own_alone(native: Native) -> None:
    own, others, anybodys = (promise(native, agent=agent)["id"] for agent in ("1000", "1001", None))
    native.plain = native.token("agent", "1000")
    assert found(native) == found(native, "?agent=1000") == [own]
    check_problem(native.ask("GET", "/callbacks?agent=1001"), 403, "not_permitted")
    for callback_id in (others, anybodys):
        for method, wanted in (("GET", None), ("PATCH", {"comments": "x"}), ("DELETE", None)):
            check_problem(native.ask(method, f"/callbacks/{callback_id}", wanted), 404, "callback_unknown")
    wanted = {"lead_id": 402028, "campaign": "TESTCAMP", "due": DUE}
    for more in ({}, {"agent": None}, {"agent": "1001"}):
        check_problem(native.ask("POST", "/callbacks", wanted | more), 403, "not_permitted")
    for agent in (None, "1001"):
        check_problem(native.ask("PATCH", f"/callbacks/{own}", {"agent": agent}), 403, "not_permitted")
    assert promise(native, agent="1000")["agent"] == "1000"
    assert native.ask("PATCH", f"/callbacks/{own}", {"comments": "mine"}).status == 200
    assert native.ask("DELETE", f"/callbacks/{own}").status == 204


def test_without_the_database_nothing_is_promised(native: Native) -> None:
    native.house.store.away = True
    wanted = {"lead_id": 402028, "campaign": "TESTCAMP", "due": DUE}
    for method, path, obj in (("GET", "/callbacks", None), ("POST", "/callbacks", wanted)):
        check_problem(native.ask(method, path, obj), 503, "database_away")
    assert native.house.records(CallbackSet) == []
