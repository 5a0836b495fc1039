"""Leads over the native API: found, read, added, changed, forgotten; and the one on an agent's screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentd.core.model import FIELDS, OWN_FIELDS, Lead
from agentd.core.records import LeadCreated, LeadDeleted, LeadUpdated
from tests.faces.native import Native, body, check_problem
from tests.faces.people import campaign

SCREEN = "/sessions/1000/lead"
LEAD = "/leads/123456"


@pytest.fixture
def native() -> Native:
    return Native()


def read(native: Native, path: str = LEAD) -> tuple[Any, str]:
    """A lead, and his tag."""
    answer = native.ask("GET", path)
    assert answer.status == 200, answer.text
    return body(answer), answer.headers["ETag"]


def found(native: Native, query: str) -> list[int]:
    answer = native.ask("GET", f"/leads?{query}")
    assert answer.status == 200, answer.text
    return [lead["id"] for lead in body(answer)["leads"]]


# --- finding -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("number=7275551212", [123456]),
        ("number=%28727%29%20555-1213", [123456]),
        ("number=7275551214", [123456]),
        ("vendor_lead_code=9987-1234765", [123456]),
        ("vendor_lead_code=9987", []),
        ("name=smi", [7]),
        ("list_id=102", [7]),
        ("status=SALE", [7]),
        ("status=SALE&list_id=101", []),
    ],
)
def test_leads_are_found_by_what_is_known_of_them(native: Native, query: str, ids: list[int]) -> None:
    native.house.store.lead_table[7] = Lead(7, 102, "SALE", "1", "7275550007", {"last_name": "Smith"})
    assert found(native, query) == ids


def test_leads_come_a_page_at_a_time_in_the_order_of_their_ids(native: Native) -> None:
    ids, cursor, pages = [], "", 0
    while cursor is not None:
        page = body(native.ask("GET", f"/leads?limit=2&cursor={cursor}"))
        ids += [lead["id"] for lead in page["leads"]]
        cursor, pages = page["next"], pages + 1
    assert (ids, pages) == ([123456, 402028, 402029, 402030, 402031], 3)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("number=abc", "number"), ("list_id=x", "list_id"), ("limit=0", "limit"), ("cursor=YQ==", "cursor"), ("q=1", "q")],
)
def test_a_filter_that_makes_no_sense_is_refused(native: Native, query: str, parameter: str) -> None:
    details = check_problem(native.ask("GET", f"/leads?{query}"), 400, "invalid_parameter")
    assert details["parameter"] == parameter


def test_a_lead_is_told_as_on_the_screen_and_with_what_the_database_knows(native: Native) -> None:
    lead, tag = read(native)
    native.house.log_in()
    native.house.dial(lead_id=123456)
    besides = {"user": None, "entered": 0.0, "changed": 0.0, "called": 0, "last_call": None}
    assert lead == native.snapshot()["lead"] | besides
    assert native.ask("GET", LEAD, If_None_Match=tag).status == 304
    assert native.ask("GET", LEAD, If_None_Match='"other"').status == 200


@pytest.mark.parametrize("which", ["1234567", "0", "x", "9" * 30])
def test_a_lead_that_is_not_there_is_not_found(native: Native, which: str) -> None:
    for method, wanted in (("GET", None), ("PATCH", {"city": "Kyiv"}), ("DELETE", None)):
        check_problem(native.ask(method, f"/leads/{which}", wanted), 404, "lead_unknown")


# --- adding --------------------------------------------------------------------------------------------------


def test_a_lead_is_added_to_a_list(native: Native) -> None:
    wanted = {"phone_number": "(727) 555-1234", "phone_code": "1", "list_id": 102, "first_name": "Ada", "rank": 5}
    answer = native.ask("POST", "/leads", wanted)
    lead = body(answer)
    assert (answer.status, answer.headers["Location"]) == (201, f"/api/v1/leads/{lead['id']}")
    assert {name: lead[name] for name in ("list_id", "status", "phone_number", "first_name", "rank")} == {
        "list_id": 102,
        "status": "NEW",
        "phone_number": "7275551234",
        "first_name": "Ada",
        "rank": "5",
    }
    assert read(native, f"/leads/{lead['id']}") == (lead, answer.headers["ETag"])


def test_a_lead_is_added_to_the_campaigns_own_list(native: Native) -> None:
    assert body(native.ask("POST", "/leads", {"phone_number": "7275551234", "campaign": "TESTCAMP"}))["list_id"] == 101
    wanted = {"phone_number": "7275551234", "campaign": "2000"}
    native.house.change_campaign(campaign("2000", manual_list=0))
    assert check_problem(native.ask("POST", "/leads", wanted), 422, "no_manual_list")["campaign"] == "2000"
    check_problem(native.ask("POST", "/leads", {**wanted, "campaign": "NOPE"}), 422, "campaign_unknown")


@pytest.mark.parametrize(
    ("number", "more", "whose"),
    [
        ("7275551290", {"list_id": 101}, ""),
        ("727-555-1290", {"campaign": "TESTCAMP"}, ""),
        ("7275551291", {"campaign": "TESTCAMP"}, "TESTCAMP"),
    ],
)
def test_who_must_not_be_called_is_not_added_when_that_is_asked(
    native: Native, number: str, more: dict[str, Any], whose: str
) -> None:
    native.house.store.not_to_call |= {("", "7275551290"), ("TESTCAMP", "7275551291")}
    wanted = {"phone_number": number, **more}
    details = check_problem(native.ask("POST", "/leads", {**wanted, "dnc_check": True}), 422, "dnc")
    assert (details["campaign"], native.house.records(LeadCreated)) == (whose, [])
    assert native.ask("POST", "/leads", wanted).status == 201


def test_who_is_on_the_list_of_a_campaign_may_be_added_to_another_list(native: Native) -> None:
    native.house.store.not_to_call.add(("TESTCAMP", "7275551291"))
    wanted = {"phone_number": "7275551291", "list_id": 102, "dnc_check": True}
    assert native.ask("POST", "/leads", wanted).status == 201


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"phone_number": "nobody"}, "number_not_allowed"),
        ({"phone_number": "7275551234", "list_id": 999}, "field_invalid"),
        ({"phone_number": "7275551234", "phone_code": "x"}, "field_invalid"),
        ({"phone_number": "7275551234", "city": "x" * 51}, "field_invalid"),
        ({"phone_number": "7275551234", "rank": "high"}, "field_invalid"),
    ],
)
def test_a_lead_that_cannot_be_is_not_added(native: Native, wanted: dict[str, Any], reason: str) -> None:
    check_problem(native.ask("POST", "/leads", {"list_id": 101, **wanted}), 422, reason)
    assert native.house.records(LeadCreated) == []


def test_a_lead_is_added_once_for_each_key(native: Native) -> None:
    wanted = {"phone_number": "7275551234", "list_id": 101}
    answers = [native.ask("POST", "/leads", wanted, Idempotency_Key="new-1") for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert len(native.house.records(LeadCreated)) == 1


# --- changing ------------------------------------------------------------------------------------------------


def test_only_the_given_fields_are_changed_and_empty_ones_cleared(native: Native) -> None:
    native.house.store._stamps[123456] = ("1001", 5.0, 6.0)
    before, _ = read(native)
    wanted = {"city": "Kyiv", "province": None, "source_id": "", "alt_phone": "(727) 555-1299", "list_id": 102}
    answer = native.ask("PATCH", LEAD, wanted)
    changed = {"city": "Kyiv", "alt_phone": "7275551299", "list_id": 102, "changed": native.house.now}
    expected = {name: value for name, value in before.items() if name not in {"province", "source_id"}} | changed
    assert (answer.status, body(answer)) == (200, expected)
    assert read(native) == (expected, answer.headers["ETag"])
    assert native.house.records(LeadUpdated)[-1].by == "integration token"


def test_every_field_of_a_lead_can_be_changed(native: Native) -> None:
    texts = {"phone_number": "7275551234", "alt_phone": "7275551235", "phone_code": "44", "rank": -3, "list_id": 102}
    wanted = {name: texts.get(name, "X") for name in (*OWN_FIELDS, *FIELDS)}
    told = body(native.ask("PATCH", LEAD, wanted))
    assert {name: told[name] for name in wanted} == wanted | {"rank": "-3"}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"rank": "high"}, "rank"),
        ({"list_id": 999}, "list_id"),
        ({"alt_phone": "call me"}, "alt_phone"),
        ({"status": ""}, "status"),
        ({"city": "x" * 51}, "city"),
        ({"comments": "a\x00b"}, "comments"),
    ],
)
def test_a_value_that_a_field_cannot_have_names_the_field(native: Native, wanted: dict[str, Any], field: str) -> None:
    assert check_problem(native.ask("PATCH", LEAD, wanted), 422, "field_invalid")["field"] == field
    check_problem(native.ask("PATCH", LEAD, {}), 422, "no_fields")
    assert native.house.records(LeadUpdated) == []


def test_a_change_is_made_only_on_what_the_client_has_seen(native: Native) -> None:
    _, tag = read(native)
    assert native.ask("PATCH", LEAD, {"city": "Kyiv"}, If_Match=tag).status == 200
    details = check_problem(native.ask("PATCH", LEAD, {"city": "Lviv"}, If_Match=tag), 412, "changed_meanwhile")
    assert details["present"]["city"] == "Kyiv"
    check_problem(native.ask("DELETE", LEAD, If_Match=tag), 412, "changed_meanwhile")
    _, tag = read(native)
    assert native.ask("PATCH", LEAD, {"city": "Lviv"}, If_Match=tag).status == 200


def test_of_two_changes_on_the_same_version_one_is_made(native: Native) -> None:
    _, tag = read(native)
    native.house.journal.held = True
    exchanges = [native.send("PATCH", LEAD, {"city": city}, If_Match=tag) for city in ("Kyiv", "Lviv")]
    assert not any(exchange.answered for exchange in exchanges)
    native.house.journal.sync()
    native.house.journal.held = False
    assert [exchange.answer.status for exchange in exchanges] == [200, 412]
    assert read(native)[0]["city"] == "Kyiv"


def test_a_change_is_answered_when_it_is_on_the_disk(native: Native) -> None:
    native.house.journal.held = True
    exchange = native.send("PATCH", LEAD, {"city": "Kyiv"})
    assert not exchange.answered
    native.house.journal.sync()
    assert exchange.answer.status == 200


def test_without_the_database_nothing_is_changed_and_what_was_done_is_told(native: Native) -> None:
    native.house.store.away = True
    for method, path, wanted in (("GET", "/leads", None), ("GET", LEAD, None), ("PATCH", LEAD, {"city": "Kyiv"})):
        check_problem(native.ask(method, path, wanted), 503, "database_away")
    assert native.house.records(LeadUpdated) == []
    answer = native.ask("POST", "/leads", {"phone_number": "7275551234", "campaign": "TESTCAMP"})
    assert (answer.status, body(answer)) == (201, {"id": native.house.records(LeadCreated)[-1].lead.id})


# --- forgetting ----------------------------------------------------------------------------------------------


def test_a_lead_is_forgotten_unless_somebody_has_him(native: Native) -> None:
    native.house.log_in()
    native.house.dial(lead_id=123456)
    check_problem(native.ask("DELETE", LEAD), 409, "lead_in_use")
    answer = native.ask("DELETE", "/leads/402028")
    assert (answer.status, answer.body, answer.headers.get("Content-Length")) == (204, b"", None)
    check_problem(native.ask("GET", "/leads/402028"), 404, "lead_unknown")
    assert [record.lead_id for record in native.house.records(LeadDeleted)] == [402028]


# --- on the screen -------------------------------------------------------------------------------------------


def test_the_lead_on_the_screen_is_changed_there_and_everywhere(native: Native) -> None:
    native.house.log_in()
    native.house.talk(lead_id=123456)
    tag = native.ask("GET", "/sessions/1000").headers["ETag"]
    answer = native.ask("PATCH", SCREEN, {"city": "Kyiv", "province": ""}, If_Match=tag)
    assert (answer.status, body(answer)["lead"]["city"]) == (200, "Kyiv")
    assert "province" not in body(answer)["lead"]
    assert read(native)[0]["city"] == "Kyiv"
    check_problem(native.ask("PATCH", SCREEN, {"city": "Lviv"}, If_Match=tag), 412, "revision_mismatch")


def test_a_change_of_a_lead_on_a_screen_is_seen_there(native: Native) -> None:
    native.house.log_in()
    native.house.talk(lead_id=123456)
    before = native.snapshot()["revision"]
    native.ask("PATCH", LEAD, {"city": "Kyiv"})
    assert native.snapshot()["lead"]["city"] == "Kyiv"
    assert native.snapshot()["revision"] > before


def test_without_a_lead_on_the_screen_nothing_is_changed(native: Native) -> None:
    native.house.log_in()
    details = check_problem(native.ask("PATCH", SCREEN, {"city": "Kyiv"}), 404, "no_lead_on_screen")
    assert details["session"]["lead"] is None
    check_problem(native.ask("PATCH", "/sessions/4496/lead", {"city": "Kyiv"}), 404, "not_logged_in")


def test_an_agents_token_reaches_the_lead_on_his_screen_alone(native: Native) -> None:
    native.house.log_in()
    native.house.talk(lead_id=123456)
    native.plain = native.token("agent", "1000")
    assert native.ask("GET", LEAD).status == 200
    assert native.ask("PATCH", LEAD, {"city": "Kyiv"}).status == 200
    assert native.ask("PATCH", SCREEN, {"city": "Lviv"}).status == 200
    for method, wanted in (("GET", None), ("PATCH", {"city": "Kyiv"})):
        check_problem(native.ask(method, "/leads/402028", wanted), 404, "lead_unknown")
    for method, path, wanted in (
        ("GET", "/leads", None),
        ("POST", "/leads", {"phone_number": "7275551234", "list_id": 101}),
        ("DELETE", LEAD, None),
        ("PATCH", LEAD, {"status": "NEW"}),
        ("PATCH", SCREEN, {"city": "Kyiv", "list_id": 101}),
    ):
        check_problem(native.ask(method, path, wanted), 403, "not_permitted")
    native.plain = native.token("agent", "1001")
    check_problem(native.ask("GET", LEAD), 404, "lead_unknown")


def test_the_tag_tells_every_difference(native: Native) -> None:
    """Also one that is in what the database knows besides, such as who had him last."""
    _, before = read(native)
    native.house.store._stamps[123456] = ("1000", 0.0, 0.0)
    _, after = read(native)
    assert after != before
    native.house.store.lead_table[123456] = replace(native.house.store.lead_table[123456], status="A")
    assert read(native)[1] not in {before, after}
