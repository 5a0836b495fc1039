"""Administration in the native API: what is refused, what is still needed, and a database that is away."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed

from agentd.core import commands as c
from agentd.core.model import CallbackWish, Lead
from agentd.core.records import PhoneSet, TokenSet
from agentd.dialects.native.callers import ROLES, Role, Scope
from agentd.engine import checks
from agentd.engine.auth import token_digest
from agentd.engine.supply import Supply
from tests.faces.native import Native, body, check_problem
from tests.faces.setup_tables import SetupTables


@pytest.fixture
def native() -> Native:
    native = Native(role="admin")
    native.tables = SetupTables(native.house)
    return native


MISSHAPEN: list[tuple[str, str, Any, str]] = [
    ("POST", "/users", {"name": "anna", "nonsense": 1}, "$.nonsense"),
    ("POST", "/users", {"name": "anna", "number": 7}, "$.number"),
    ("POST", "/users", {"name": "anna", "password_hash": "x"}, "$.password_hash"),
    ("POST", "/users", {"full_name": "Anna"}, "$.name"),
    ("POST", "/users", {"name": "anna", "lines": "two"}, "$.lines"),
    ("POST", "/users", {"name": "anna", "kind": "alien"}, "$.kind"),
    ("POST", "/users", {"name": "anna", "ranks": {"SALESLINE": "high"}}, "$.ranks[...]"),
    ("PATCH", "/users/1000", {"name": "1002"}, "$.name"),
    ("PATCH", "/users/1000", {"active": None}, "$.active"),
    ("PATCH", "/ingroups/SALESLINE/settings", {"drop": {"kind": "wait", "too": ""}}, "$.drop.too"),
    ("PATCH", "/campaigns/TESTCAMP/settings", {"statuses": {}}, "$.statuses"),
    ("POST", "/phones", {"extension": "599"}, "$.dial"),
    ("POST", "/lists", {"id": "101"}, "$.id"),
    ("POST", "/tokens", {"name": "x", "role": "admin", "digest": "0" * 64}, "$.digest"),
]


def test_a_body_of_another_shape_is_refused(native: Native) -> None:
    for method, path, wanted, field in MISSHAPEN:
        details = check_problem(native.ask(method, path, wanted), 400, "invalid_body")
        assert details["field"] == field, details
    assert native.tables.changes == 0


UNUSABLE: list[tuple[str, str, Any, str]] = [
    ("POST", "/users", {"name": "a b"}, "name"),
    ("POST", "/users", {"name": "anna", "full_name": "x" * 101}, "full_name"),
    ("PATCH", "/users/1000", {"campaign": "NOCAMP"}, "campaign"),
    ("PATCH", "/users/1000", {"password": "x"}, "password"),
    ("PATCH", "/users/1000", {"group": "nobody"}, "group"),
    ("PATCH", "/campaigns/TESTCAMP/settings", {"dial_timeout": 0}, "dial_timeout"),
    ("PATCH", "/campaigns/TESTCAMP/settings", {"webform": "javascript:alert(1)"}, "webform"),
    ("PATCH", "/campaigns/TESTCAMP/settings", {"manual_list": 999}, "manual_list"),
    ("PATCH", "/ingroups/SALESLINE/settings", {"drop": {"kind": "ingroup", "to": "SALESLINE"}}, "drop"),
    ("POST", "/campaigns/TESTCAMP/presets", {"code": "D1", "number": "call me"}, "number"),
    ("POST", "/user-groups", {"name": "day", "addresses": ["10.0.0.0/33"]}, "addresses"),
    ("POST", "/lists", {"id": -1}, "id"),
    ("POST", "/tokens", {"name": "x", "role": "king"}, "role"),
    ("PATCH", "/phones/502", {"dial": "PJSIP/1\r\nAction: Originate"}, "dial"),
]


def test_a_value_that_cannot_be_is_refused(native: Native) -> None:
    for method, path, wanted, field in UNUSABLE:
        details = check_problem(native.ask(method, path, wanted), 422, "value_refused")
        assert details["field"] == field, details
    assert native.tables.changes == 0


def test_what_the_url_names_must_be_there(native: Native) -> None:
    for method, path, wanted in (
        ("GET", "/users/nobody", None),
        ("GET", "/lists/abc", None),
        ("PATCH", "/lists/99999999999999999999", {}),
        ("POST", "/campaigns/NOCAMP/statuses", {"code": "A"}),
        ("GET", "/campaigns/TESTCAMP/statuses/A", None),
        ("DELETE", "/campaigns/NOCAMP/pause-codes/LUNCH", None),
        ("GET", "/tokens/" + "0" * 64, None),
    ):
        check_problem(native.ask(method, path, wanted), 404, "not_there")


def test_roles_and_scopes_are_the_same_everywhere() -> None:
    assert set(checks.ROLES) == set(Role) == set(ROLES)
    assert set(checks.SCOPES) == set(Scope)


# --- what goes on needs it -----------------------------------------------------------------------------------


def used(native: Native, path: str) -> Any:
    """What still needs a thing that is to be taken away."""
    before = native.tables.changes
    details = check_problem(native.ask("DELETE", path), 409, "still_in_use")
    assert native.tables.changes == before
    return details["used_by"]


def test_who_is_logged_in_keeps_his_user_phone_and_campaign(native: Native) -> None:
    native.house.log_in("1000", "502")
    session = [{"kind": "session", "name": "1000"}]
    assert used(native, "/users/1000") == used(native, "/phones/502") == session
    assert used(native, "/campaigns/TESTCAMP") == session
    native.ask("DELETE", "/sessions/1000")
    assert native.ask("DELETE", "/users/1000").status == 204
    assert native.ask("DELETE", "/phones/502").status == 204
    assert "1000" not in native.house.state.users


def test_so_does_who_is_being_called_to_log_in(native: Native) -> None:
    native.house.operations.log_in("1000", "521")
    assert used(native, "/users/1000") == used(native, "/phones/521") == [{"kind": "session", "name": "1000"}]


def test_an_in_group_stays_while_somebody_waits_in_its_line(native: Native) -> None:
    call = native.house.call_in("TEST_IN4")
    assert used(native, "/ingroups/TEST_IN4") == [{"kind": "call", "name": str(call.id)}]
    native.house.switch.hang_up(call.leg)
    native.house.advance(1)
    assert native.ask("DELETE", "/ingroups/TEST_IN4").status == 204


def test_a_user_stays_while_somebody_waits_for_him(native: Native) -> None:
    call = native.house.call_in("AGENTDIRECT", wanted="1001")
    assert used(native, "/users/1001") == [{"kind": "call", "name": str(call.id)}]


def test_what_is_set_up_keeps_what_it_names(native: Native) -> None:
    assert used(native, "/ingroups/TEST_IN3") == [{"kind": "in-group", "name": "TEST_IN"}]
    assert {"kind": "list", "name": "101"} in used(native, "/campaigns/TESTCAMP")
    assert used(native, "/lists/101") == [{"kind": "campaign", "name": name} for name in ("2000", "TESTCAMP")]


def test_a_list_with_a_lead_on_a_screen_stays(native: Native) -> None:
    native.ask("POST", "/lists", {"id": 7})
    native.house.store.lead_table[70] = Lead(70, 7, "NEW", "1", "7275551212")
    native.house.log_in()
    native.house.talk(lead_id=70)
    for query in ("", "?with_leads=true"):
        assert used(native, f"/lists/7{query}") == [{"kind": "lead", "name": "70"}]


# --- lists and their leads -----------------------------------------------------------------------------------


def test_a_list_goes_with_its_leads_if_that_is_said(native: Native) -> None:
    native.ask("POST", "/lists", {"id": 7, "campaign": "2000"})
    native.tables.put_leads(7, 70, 71, 72)
    wish = CallbackWish(native.house.now + 60, anyone=False)
    native.house.engine.feed(c.GrantIds("callback", 1, 100))
    for lead in (71, 123456):
        native.house.wait_for(native.house.operations.leads.set_callback(lead, "2000", wish, user="1000"))
    assert used(native, "/lists/7") == [{"kind": "leads", "name": "3"}]
    assert native.ask("DELETE", "/lists/7?with_leads=true").status == 204
    assert [one.lead_id for one in native.house.state.callbacks.values()] == [123456]
    check_problem(native.ask("GET", "/lists/7"), 404, "not_there")
    rows = body(native.ask("GET", "/audit?kind=list"))["changes"]
    assert [(row["action"], row["before"] and row["before"]["leads"]) for row in rows] == [
        ("delete", 0),
        ("empty", 3),
        ("create", None),
    ]


def test_a_long_list_takes_several_requests(native: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentd.engine.administration.BATCH", 2)
    native.ask("POST", "/lists", {"id": 7})
    native.tables.put_leads(7, *range(70, 75))
    native.tables.takes = 1.6
    part = native.ask("DELETE", "/lists/7?with_leads=true")
    assert (part.status, body(part)) == (202, {"id": 7, "leads": 1})
    assert native.ask("DELETE", "/lists/7?with_leads=true").status == 204


# --- the database, the journal -------------------------------------------------------------------------------


def test_without_a_database_nothing_is_changed(native: Native) -> None:
    native.tables.away = True
    before = dict(native.house.state.phones)
    for method, path, wanted in (
        ("PATCH", "/phones/502", {"active": False}),
        ("POST", "/phones", {"extension": "599", "dial": "PJSIP/599"}),
        ("DELETE", "/phones/502", None),
        ("GET", "/phones/502", None),
        ("GET", "/audit", None),
    ):
        answer = native.ask(method, path, wanted)
        check_problem(answer, 503, "database_away")
        assert answer.headers["Retry-After"] == "5"
    native.tables.away = False
    assert native.house.state.phones == before
    assert native.tables.changes == 0


def test_while_the_journal_is_full_the_database_is_left_alone(native: Native) -> None:
    native.house.journal.full = True
    check_problem(native.ask("PATCH", "/phones/502", {"active": False}), 503, "journal_full")
    assert native.tables.changes == 0


def test_what_the_database_has_the_world_gets_though_the_journal_filled_meanwhile(native: Native) -> None:
    native.tables.slow = True
    asked = native.send("PATCH", "/phones/502", {"active": False})
    native.house.journal.full = True
    native.tables.go_on()
    native.house.advance(1)
    assert asked.answer.status == 200
    assert native.house.state.phones["502"].active is False


def test_a_failed_change_lets_the_next_one_through(native: Native) -> None:
    check_problem(native.ask("PATCH", "/phones/502", {"dial": "x"}), 422, "value_refused")
    assert native.ask("PATCH", "/phones/502", {"dial": "PJSIP/x"}).status == 200


def test_too_many_changes_do_not_wait_for_ever(native: Native) -> None:
    native.tables.slow = True
    asked = [native.send("PATCH", "/phones/502", {"dial": f"PJSIP/{n}"}) for n in range(53)]
    late = [each for each in asked if each.answered]
    assert [each.answer.status for each in late] == [503, 503]
    while native.tables.waiting:
        native.tables.go_on()
    native.house.advance(1)
    assert {each.answer.status for each in asked if each not in late} == {200}
    assert native.house.state.phones["502"].dial == "PJSIP/50"


def test_a_reload_that_read_before_a_change_does_not_undo_it(native: Native) -> None:
    """SIGHUP, while an administrator is at work."""
    house = native.house
    read: Deferred[list[Any]] = Deferred()
    old = [PhoneSet(phone.extension, phone) for phone in house.state.phones.values()]
    house.store.reference = lambda: read
    house.store.callbacks_to_keep = lambda: succeed([])
    reloaded = Supply(house.engine, house.store).reload()
    asked = native.send("PATCH", "/phones/502", {"dial": "PJSIP/new"})
    native.house.advance(1)
    assert not asked.answered, "it waits until the World has what was read"
    read.callback([*old, TokenSet(token_digest(native.plain), house.state.tokens[token_digest(native.plain)])])
    house.wait_for(reloaded)
    native.house.advance(1)
    assert asked.answer.status == 200
    assert house.state.phones["502"].dial == "PJSIP/new"
