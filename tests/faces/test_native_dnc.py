"""Numbers not to call, what a CRM has planned, and what it keeps about its users, over the native API."""

from __future__ import annotations

from typing import Any

import pytest

from agentd.core.records import DncChanged
from agentd.engine.ports import Activity
from tests.faces.native import Native, body, check_problem

ACTIVITY = {"number": "7275551212", "phone_code": "1", "account": "ACME-1", "subject": "Offer"}


@pytest.fixture
def native() -> Native:
    return Native()


def listed(native: Native, query: str = "") -> list[tuple[str, str | None]]:
    answer = native.ask("GET", f"/dnc{query}")
    assert answer.status == 200, answer.text
    return [(entry["number"], entry["campaign"]) for entry in body(answer)["numbers"]]


# --- numbers not to call -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "number", "campaign"),
    [
        ("/dnc/7275551234", "7275551234", None),
        ("/dnc/%2B1%20(727)%20555-1234", "17275551234", None),
        ("/campaigns/TESTCAMP/dnc/7275551234", "7275551234", "TESTCAMP"),
    ],
)
def test_a_number_goes_on_a_list_and_off_it(native: Native, path: str, number: str, campaign: str | None) -> None:
    for method, is_listed in (("PUT", True), ("PUT", True), ("DELETE", False), ("DELETE", False)):
        answer = native.ask(method, path)
        told = {"number": number, "campaign": campaign, "listed": is_listed}
        assert (answer.status, body(answer)) == (200, told)
        assert listed(native) == ([(number, campaign)] if is_listed else [])
    check_problem(native.ask("PUT", path, If_Match='"any"'), 412, "revision_mismatch")
    assert {record.by for record in native.house.records(DncChanged)} == {"integration token"}


def test_the_lists_come_a_page_at_a_time_and_one_by_one(native: Native) -> None:
    native.house.store.not_to_call |= {("", "71"), ("", "72"), ("2000", "71"), ("TESTCAMP", "73")}
    every = [("71", None), ("72", None), ("71", "2000"), ("73", "TESTCAMP")]
    assert listed(native) == every
    page = body(native.ask("GET", "/dnc?limit=2"))
    assert listed(native, f"?limit=2&cursor={page['next']}") == every[2:]
    assert listed(native, "?number=71") == [("71", None), ("71", "2000")]
    assert listed(native, "?system=true") == every[:2]
    assert listed(native, "?campaign=TESTCAMP") == every[3:]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("campaign=2000&system=1", "system"), ("cursor=YQ==", "cursor"), ("number=x", "number"), ("system=2", "system")],
)
def test_a_filter_that_makes_no_sense_is_refused(native: Native, query: str, parameter: str) -> None:
    details = check_problem(native.ask("GET", f"/dnc?{query}"), 400, "invalid_parameter")
    assert details["parameter"] == parameter


def test_what_is_no_number_or_no_campaign_is_on_no_list(native: Native) -> None:
    check_problem(native.ask("PUT", "/dnc/nobody"), 422, "number_not_allowed")
    for method in ("PUT", "DELETE"):
        check_problem(native.ask(method, "/campaigns/NOPE/dnc/7275551234"), 404, "campaign_unknown")
    assert native.house.records(DncChanged) == []


# --- what a CRM has planned ----------------------------------------------------------------------------------


def test_an_activity_is_kept_changed_and_forgotten(native: Native) -> None:
    created = native.ask("POST", "/activities", {"id": "call 7 ü", **ACTIVITY})
    place = created.headers["Location"]
    assert (created.status, body(created)) == (201, {"id": "call 7 ü", **ACTIVITY})
    assert place == "/api/v1/activities/call%207%20%C3%BC"
    assert body(native.ask("GET", place.removeprefix("/api/v1"))) == body(created)
    check_problem(native.ask("POST", "/activities", {"id": "call 7 ü", "number": "7"}), 409, "already_there")
    assert native.house.store.planned["call 7 ü"].number == "7275551212"


def test_an_activity_may_be_put_under_an_id_of_the_crms_own(native: Native) -> None:
    answer = native.ask("PUT", "/activities/a-7", ACTIVITY)
    assert (answer.status, body(answer)) == (201, {"id": "a-7", **ACTIVITY})
    changed = native.ask("PUT", "/activities/a-7", {"number": "(727) 555-1299"}, If_Match=answer.headers["ETag"])
    told = {"id": "a-7", "number": "7275551299", "phone_code": "", "account": "", "subject": ""}
    assert (changed.status, body(changed)) == (200, told)
    stale = native.ask("PUT", "/activities/a-7", ACTIVITY, If_Match=answer.headers["ETag"])
    assert check_problem(stale, 412, "changed_meanwhile")["present"] == told
    again = native.ask("GET", "/activities/a-7")
    assert (body(again), again.headers["ETag"]) == (told, changed.headers["ETag"])
    assert native.ask("DELETE", "/activities/a-7").status == 204
    for method in ("GET", "DELETE"):
        check_problem(native.ask(method, "/activities/a-7"), 404, "activity_unknown")


@pytest.mark.parametrize("which", ["x" * 41, "a%0Ab"])
def test_an_id_is_a_short_text(native: Native, which: str) -> None:
    check_problem(native.ask("PUT", f"/activities/{which}", ACTIVITY), 400, "invalid_parameter")
    assert native.house.store.planned == {}


def test_activities_come_a_page_at_a_time(native: Native) -> None:
    native.house.store.planned |= {name: Activity(name, "7275551212") for name in ("c", "a", "b")}
    page = body(native.ask("GET", "/activities?limit=2"))
    rest = body(native.ask("GET", f"/activities?limit=2&cursor={page['next']}"))
    assert [each["id"] for each in page["activities"] + rest["activities"]] == ["a", "b", "c"]
    assert rest["next"] is None


# --- what it keeps about its users ---------------------------------------------------------------------------


def test_a_custom_field_of_a_user_is_set(native: Native) -> None:
    answer = native.ask("PUT", "/users/1001/custom/four", {"value": "crm-77"})
    assert (answer.status, body(answer)) == (200, {"user": "1001", "field": "four", "value": "crm-77"})
    assert native.house.state.users["1001"].custom == {"four": "crm-77"}
    check_problem(native.ask("PUT", "/users/4496/custom/four", {"value": "x"}), 404, "user_unknown")
    check_problem(native.ask("PUT", "/users/1001/custom/six", {"value": "x"}), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/dnc", None),
        ("PUT", "/dnc/7275551234", None),
        ("DELETE", "/campaigns/TESTCAMP/dnc/7275551234", None),
        ("GET", "/activities", None),
        ("GET", "/activities/7", None),
        ("POST", "/activities", {"id": "7", **ACTIVITY}),
        ("PUT", "/activities/7", ACTIVITY),
        ("DELETE", "/activities/7", None),
        ("PUT", "/users/1000/custom/three", {"value": "876544"}),
    ],
)
def test_none_of_this_is_an_agents(native: Native, method: str, path: str, wanted: Any) -> None:
    token = native.token("agent", "1000")
    check_problem(native.ask(method, path, wanted, token=token), 403, "not_permitted")
    assert native.house.store.planned == {}
    assert native.house.records(DncChanged) == []
