"""Administration in the native API: what comes, changes and goes, who may, and what the World has of it at once."""

from __future__ import annotations

from typing import Any

import pytest

from agentd.core.model import Phone, Preset, PreviewRule, UserGroup
from agentd.dialects.native.admin_sites import SITES
from agentd.engine.access import PasswordRefused
from tests.faces.native import Native, body, check_problem
from tests.faces.setup_tables import SetupTables


@pytest.fixture
def native() -> Native:
    native = Native(role="admin")
    native.tables = SetupTables(native.house)
    return native


def ask(native: Native, method: str, path: str, wanted: Any = None, status: int = 200, **more: Any) -> Any:
    """Ask; gives the answer's JSON, None where it has none."""
    answer = native.ask(method, path, wanted, **more)
    assert answer.status == status, answer.text
    return body(answer) if answer.body else None


NEW: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "/users": ("anna", {"name": "anna", "full_name": "Anna", "ingroups": ["SALESLINE"]}, {"full_name": "Ann"}),
    "/user-groups": ("day", {"name": "day", "addresses": ["10.0.0.0/8"]}, {"addresses": []}),
    "/phones": ("000%23095", {"extension": "000#095", "dial": "PJSIP/95"}, {"active": False}),
    "/campaigns": ("SALES", {"name": "SALES", "wrapup": 30, "search_lists": [101]}, {"wrapup": None}),
    "/statuses": ("HOT", {"code": "HOT", "sale": True}, {"sale": False}),
    "/campaigns/TESTCAMP/statuses": ("HOT", {"code": "HOT", "callback": True}, {"title": "Hot"}),
    "/campaigns/TESTCAMP/pause-codes": ("YOGA", {"code": "YOGA"}, {"productive": True}),
    "/campaigns/TESTCAMP/presets": ("D1", {"code": "D1", "number": "8500"}, {"number": "8501"}),
    "/ingroups": ("LINE", {"name": "LINE", "drop": {"kind": "message", "to": "sorry"}}, {"drop": {"kind": "hangup"}}),
    "/group-aliases": ("US", {"name": "US", "caller_id": "7275551200"}, {"active": False}),
    "/lists": ("7", {"id": 7, "campaign": "TESTCAMP"}, {"campaign": ""}),
}
"""The collection, the key in a URL, a new thing and a change; tokens have tests of their own."""


def test_there_is_an_example_of_everything() -> None:
    paths = {site.path.replace("<campaign>", "TESTCAMP") for site in SITES}
    assert paths == {*NEW, "/tokens"}


@pytest.mark.parametrize("path", NEW)
def test_a_thing_of_each_kind_comes_changes_and_goes(native: Native, path: str) -> None:
    key, new, change = NEW[path]
    apart = path in {"/campaigns", "/ingroups"}
    where = f"{path}/{key}/settings" if apart else f"{path}/{key}"
    made = native.ask("POST", path, new)
    assert made.status == 201, made.text
    assert made.headers["Location"] == f"/api/v1{where}"
    assert {name: body(made)[name] for name in new} == new
    read = native.ask("GET", where)
    assert (read.status, body(read), read.headers["ETag"]) == (200, body(made), made.headers["ETag"])
    changed = native.ask("PATCH", where, change, If_Match=read.headers["ETag"])
    assert changed.status == 200, changed.text
    expected = {name: {"to": "", **value} if name == "drop" else value for name, value in change.items()}
    assert body(changed) == body(made) | expected
    assert changed.headers["ETag"] != made.headers["ETag"]
    assert body(native.ask("GET", where)) == body(changed)
    details = check_problem(native.ask("POST", path, new), 409, "already_there")
    assert key.replace("%23", "#") in details["detail"]
    gone = native.ask("DELETE", f"{path}/{key}")
    assert (gone.status, gone.body) == (204, b"")
    check_problem(native.ask("GET", where), 404, "not_there")
    check_problem(native.ask("PATCH", where, change), 404, "not_there")
    check_problem(native.ask("DELETE", f"{path}/{key}"), 404, "not_there")


def test_the_world_has_it_when_it_is_answered(native: Native) -> None:
    state = native.house.state
    ask(native, "POST", "/phones", {"extension": "599", "dial": "PJSIP/599"}, 201)
    assert state.phones["599"] == Phone("599", "PJSIP/599")
    ask(native, "POST", "/user-groups", {"name": "day", "addresses": ["10.0.0.1"]}, 201)
    assert state.user_groups["day"] == UserGroup("day", addresses=("10.0.0.1",))
    ask(native, "PATCH", "/campaigns/TESTCAMP/settings", {"preview": "only"})
    ask(native, "POST", "/campaigns/TESTCAMP/presets", {"code": "D1", "number": "8500"}, 201)
    campaign = state.campaigns["TESTCAMP"]
    assert (campaign.preview, campaign.presets) == (PreviewRule.ONLY, {"D1": Preset("D1", "8500")})
    assert set(campaign.pause_codes) == {"BREAK", "LUNCH"}, "what is part of it stays"
    ask(native, "DELETE", "/statuses/SALE", status=204)
    assert "SALE" not in state.statuses


def test_a_new_agent_logs_in_on_a_new_phone(native: Native) -> None:
    ask(native, "POST", "/phones", {"extension": "599", "dial": "PJSIP/599"}, 201)
    ask(native, "POST", "/users", {"name": "2001", "password": "s3cret", "campaign": "TESTCAMP"}, 201)
    session = ask(native, "POST", "/sessions", {"agent": "2001", "phone": "599"}, 201)
    assert (session["agent"], session["campaign"]) == ("2001", "TESTCAMP")
    assert native.house.state.users["2001"].number == 2001


def test_put_sets_what_is_not_said_to_its_default(native: Native) -> None:
    ask(native, "POST", "/phones", {"extension": "599", "dial": "PJSIP/599", "active": False}, 201)
    assert ask(native, "PUT", "/phones/599", {"dial": "PJSIP/x"}) == {
        "extension": "599",
        "dial": "PJSIP/x",
        "active": True,
        "webphone_url": "",
    }
    assert check_problem(native.ask("PUT", "/phones/599", {}), 422, "value_refused")["field"] == "dial"


# --- lists of things -----------------------------------------------------------------------------------------


def test_things_come_in_pages_and_by_their_fields(native: Native) -> None:
    first = ask(native, "GET", "/users?limit=5")
    names = [user["name"] for user in first["users"]]
    following = first["next"]
    while following:
        page = ask(native, "GET", f"/users?limit=5&cursor={following}")
        names += [user["name"] for user in page["users"]]
        following = page["next"]
    assert names == sorted(native.house.state.users)
    inactive = ask(native, "GET", "/users?active=false")
    assert ([user["name"] for user in inactive["users"]], inactive["next"]) == (["gone"], None)
    assert [user["name"] for user in ask(native, "GET", "/users?kind=remote")["users"]] == ["1028"]
    assert ask(native, "GET", "/lists?campaign=TESTCAMP")["lists"] == [
        {"id": 101, "title": "The house's list", "campaign": "TESTCAMP", "active": True, "leads": 0}
    ]
    codes = [status["code"] for status in ask(native, "GET", "/statuses?selectable=true")["statuses"]]
    assert codes == ["A", "B", "CALLBK", "N", "SALE"]
    check_problem(native.ask("GET", "/users?colour=red"), 400, "invalid_parameter")
    check_problem(native.ask("GET", "/users?active=maybe"), 400, "invalid_parameter")
    check_problem(native.ask("GET", "/users?cursor=x"), 400, "invalid_parameter")
    check_problem(native.ask("GET", "/users?limit=501"), 400, "invalid_parameter")


def test_lists_tell_their_leads_and_are_never_unchanged(native: Native) -> None:
    before = native.ask("GET", "/lists/101")
    native.tables.put_leads(101, 1, 2, 3)
    after = native.ask("GET", "/lists/101", If_None_Match=before.headers["ETag"])
    assert (body(before)["leads"], after.status, body(after)["leads"]) == (0, 200, 3)
    assert native.ask("PATCH", "/lists/101", {"title": "x"}, If_Match=before.headers["ETag"]).status == 200


# --- who may -------------------------------------------------------------------------------------------------


def test_it_takes_the_scope_admin(native: Native) -> None:
    clerk = native.token("integration")
    for method, path, wanted in (
        ("GET", "/users", None),
        ("GET", "/users/1000", None),
        ("POST", "/phones", {"extension": "599", "dial": "PJSIP/599"}),
        ("PATCH", "/campaigns/TESTCAMP/settings", {"title": "x"}),
        ("GET", "/campaigns/TESTCAMP/settings", None),
        ("PUT", "/statuses/A", {}),
        ("DELETE", "/ingroups/TEST_IN4", None),
        ("GET", "/tokens", None),
        ("GET", "/audit", None),
    ):
        details = check_problem(native.ask(method, path, wanted, token=clerk), 403, "not_permitted")
        assert details["scope"] == "admin"
    assert native.tables.changes == 0


def test_an_agents_screen_may_read_what_he_can_choose(native: Native) -> None:
    own = native.token("agent", "1000")
    assert [one["code"] for one in ask(native, "GET", "/statuses", token=own)["statuses"]][:2] == ["A", "B"]
    codes = ask(native, "GET", "/campaigns/TESTCAMP/pause-codes", token=own)["pause_codes"]
    assert codes == [{"code": code, "title": "", "productive": False} for code in ("BREAK", "LUNCH")]
    assert ask(native, "GET", "/campaigns/TESTCAMP/presets", token=own) == {"presets": [], "next": None}
    check_problem(native.ask("DELETE", "/statuses/A", token=own), 403, "not_permitted")


# --- versions ------------------------------------------------------------------------------------------------


def test_what_the_client_has_is_not_sent_again(native: Native) -> None:
    tag = native.ask("GET", "/phones/502").headers["ETag"]
    again = native.ask("GET", "/phones/502", If_None_Match=tag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    ask(native, "PATCH", "/phones/502", {"active": False})
    assert native.ask("GET", "/phones/502", If_None_Match=tag).status == 200


def test_a_change_of_another_version_is_refused_and_tells_the_present_one(native: Native) -> None:
    tag = native.ask("GET", "/phones/502").headers["ETag"]
    ask(native, "PATCH", "/phones/502", {"dial": "PJSIP/x502"}, If_Match=tag)
    for method, wanted in (("PATCH", {"active": False}), ("PUT", {"dial": "PJSIP/502"}), ("DELETE", None)):
        answer = native.ask(method, "/phones/502", wanted, If_Match=tag)
        details = check_problem(answer, 412, "changed_meanwhile")
        assert details["present"]["dial"] == "PJSIP/x502"
    assert ask(native, "PATCH", "/phones/502", {"active": False}, If_Match=f'"other", W/{answer.headers["ETag"]}')
    assert ask(native, "PATCH", "/phones/502", {"active": True}, If_Match="*")["active"] is True


def test_of_two_at_once_with_the_same_tag_one_wins(native: Native) -> None:
    tag = native.ask("GET", "/phones/502").headers["ETag"]
    asked = [native.send("PATCH", "/phones/502", {"dial": f"PJSIP/{n}"}, If_Match=tag) for n in (1, 2)]
    native.house.advance(1)
    assert sorted(each.answer.status for each in asked) == [200, 412]
    assert native.house.state.phones["502"].dial == "PJSIP/1"


def test_the_world_hears_of_changes_in_their_order(native: Native) -> None:
    """Also when the database tells of the first one late."""
    native.tables.slow = True
    asked = [native.send("PATCH", "/phones/502", {"dial": f"PJSIP/{n}"}) for n in (1, 2)]
    assert native.tables.waiting == 1, "the second waits for the first"
    native.tables.go_on()
    native.house.advance(1)
    assert (asked[0].answered, asked[1].answered) == (True, False)
    assert native.house.state.phones["502"].dial == "PJSIP/1"
    native.tables.go_on()
    native.house.advance(1)
    assert body(asked[1].answer)["dial"] == native.house.state.phones["502"].dial == "PJSIP/2"


# --- secrets -------------------------------------------------------------------------------------------------


def may_come_in(native: Native, user: str, password: str) -> bool:
    try:
        native.house.wait_for(native.house.access.password(user, password, "127.0.0.1"))
    except PasswordRefused:
        return False
    return True


def test_passwords_are_told_to_nobody_and_count_at_once(native: Native) -> None:
    assert may_come_in(native, "1000", "1234")
    told = native.ask("PATCH", "/users/1000", {"password": "an0ther", "pin": "4711"})
    assert (body(told)["has_password"], body(told)["has_pin"]) == (True, True)
    assert may_come_in(native, "1000", "an0ther")
    assert not may_come_in(native, "1000", "1234")
    [row] = ask(native, "GET", "/audit")["changes"]
    assert row["after"] == {"password": "changed", "pin": "changed", "has_pin": True}
    answers = told.text + native.ask("GET", "/users").text + native.ask("GET", "/audit").text
    assert not any(secret in answers for secret in ("an0ther", "4711", "argon2", "hash"))


def test_a_tokens_text_is_told_once(native: Native) -> None:
    made = native.ask("POST", "/tokens", {"name": "crm", "role": "integration", "scopes": ["calls"]})
    token = body(made).pop("token")
    digest = body(made)["digest"]
    assert (made.status, made.headers["Location"]) == (201, f"/api/v1/tokens/{digest}")
    read = ask(native, "GET", f"/tokens/{digest}")
    assert read == {
        "digest": digest,
        "name": "crm",
        "role": "integration",
        "user": "",
        "scopes": ["calls"],
        "expires": None,
    }
    check_problem(native.ask("GET", "/sessions", token=token), 403, "not_permitted")
    ask(native, "PATCH", f"/tokens/{digest}", {"scopes": ["sessions"]})
    assert native.ask("GET", "/sessions", token=token).status == 200
    ask(native, "DELETE", f"/tokens/{digest}", status=204)
    check_problem(native.ask("GET", "/sessions", token=token), 401, "unauthorized")
    check_problem(native.ask("POST", "/tokens", {"name": "x", "role": "agent"}), 422, "value_refused")


def test_a_tokens_text_is_not_kept_for_its_idempotency_key(native: Native) -> None:
    wanted = {"name": "crm", "role": "integration"}
    first = native.ask("POST", "/tokens", wanted, Idempotency_Key="one")
    again = native.ask("POST", "/tokens", wanted, Idempotency_Key="one")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert body(again) == body(first) | {"token": None}
    assert body(first)["token"] not in repr(native.house.journal.entries)
    assert native.tables.changes == 1


def test_with_a_user_go_his_tokens(native: Native) -> None:
    ask(native, "POST", "/users", {"name": "anna"}, 201)
    token = ask(native, "POST", "/tokens", {"name": "hers", "role": "integration", "user": "anna"}, 201)["token"]
    assert native.ask("GET", "/sessions", token=token).status == 200
    ask(native, "DELETE", "/users/anna", status=204)
    check_problem(native.ask("GET", "/sessions", token=token), 401, "unauthorized")


# --- who changed what ----------------------------------------------------------------------------------------


def test_the_audit_log_tells_who_changed_what(native: Native) -> None:
    boss = native.token("admin", "6666")
    start = native.house.now
    ask(native, "PATCH", "/phones/502", {"active": False})
    native.house.advance(10)
    ask(native, "POST", "/campaigns/TESTCAMP/presets", {"code": "D1", "number": "8500"}, 201, token=boss)
    ask(native, "DELETE", "/campaigns/TESTCAMP/presets/D1", status=204, token=boss)
    gone, made, changed = ask(native, "GET", "/audit")["changes"]
    assert {name: changed[name] for name in ("at", "who", "face", "kind", "name", "action", "before", "after")} == {
        "at": start,
        "who": "admin token",
        "face": "native",
        "kind": "phone",
        "name": "502",
        "action": "change",
        "before": {"active": True},
        "after": {"active": False},
    }
    preset = {"code": "D1", "number": "8500", "title": ""}
    assert (made["who"], made["kind"], made["name"], made["before"], made["after"]) == (
        "6666",
        "preset",
        "TESTCAMP/D1",
        None,
        preset,
    )
    assert (gone["action"], gone["before"], gone["after"]) == ("delete", preset, None)
    ids = lambda query: [row["id"] for row in ask(native, "GET", f"/audit?{query}")["changes"]]  # noqa: E731
    assert ids("who=6666") == [gone["id"], made["id"]]
    assert ids("kind=phone") == ids("name=502") == ids(f"until={start + 5}") == [changed["id"]]
    assert ids(f"since={start + 5}") == [gone["id"], made["id"]]
    page = ask(native, "GET", "/audit?limit=2")
    assert ids(f"cursor={page['next']}") == [changed["id"]]
