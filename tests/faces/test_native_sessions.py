"""The native API's verbs on sessions, as a CRM developer meets them."""

from __future__ import annotations

import dataclasses

import pytest

from agentd.core.model import SessionState
from tests.faces.house import START
from tests.faces.native import Native, body, check_problem
from tests.faces.people import AGENTS, campaign
from tests.faces.scripted import Fate


@pytest.fixture
def native() -> Native:
    return Native()


# --- login ---------------------------------------------------------------------------------------------------


def test_login_answers_with_the_whole_session_once_the_phone_is_in_the_conference(native: Native) -> None:
    answer = native.ask("POST", "/sessions", {"agent": "1000", "phone": "502"})

    assert answer.status == 201
    assert answer.headers["Location"] == "/api/v1/sessions/1000"
    session = body(answer)
    assert answer.headers["ETag"] == f'"{session["session_id"]}-{session["revision"]}"'
    assert session.pop("revision") > 0
    assert session.pop("since") == session.pop("started") > START
    assert session == {
        "agent": "1000",
        "session_id": 1,
        "kind": "seated",
        "state": "PAUSED",
        "code": "LOGIN",
        "after": None,
        "phone": {"extension": "502", "attached": True},
        "conference": "8600051",
        "campaign": "TESTCAMP",
        "ingroups": [],
        "ranks": {},
        "blended": False,
        "lines": 1,
        "misses": 0,
        "lead": None,
        "preview": None,
        "timer": None,
        "callbacks": [],
        "calls": [],
        "offered": [],
        "consulted": None,
        "recordings": [],
        "monitors": [],
        "dial_queue": [],
    }


def test_login_names_its_campaign(native: Native) -> None:
    native.ask("POST", "/sessions", {"agent": "1000", "phone": "502", "campaign": "2000"})
    assert native.snapshot()["campaign"] == "2000"


@pytest.mark.parametrize(
    ("wanted", "status", "reason", "more"),
    [
        ({"agent": "4496", "phone": "502"}, 422, "user_unknown", {}),
        ({"agent": "gone", "phone": "502"}, 422, "user_unknown", {}),
        ({"agent": "api", "phone": "502"}, 422, "not_an_agent", {}),
        ({"agent": "1000", "phone": "999"}, 422, "phone_unknown", {}),
        ({"agent": "1000", "phone": "524"}, 422, "phone_has_no_dial_string", {}),
        ({"agent": "1000", "phone": "502", "campaign": "NOPE"}, 422, "campaign_unknown", {}),
        ({"agent": "1000", "phone": "521"}, 409, "phone_no_answer", {"phone": "521"}),
        ({"agent": "1000", "phone": "522"}, 409, "phone_busy", {"phone": "522"}),
        ({"agent": "1000", "phone": "523"}, 409, "phone_unreachable", {"phone": "523"}),
        ({"agent": "1000", "phone": "503"}, 409, "phone_in_use", {"phone": "503", "by": "101"}),
    ],
)
def test_a_login_that_fails_says_why_and_leaves_nothing(
    native: Native, wanted: dict[str, str], status: int, reason: str, more: dict[str, str]
) -> None:
    native.house.log_in("101", "503")
    details = check_problem(native.ask("POST", "/sessions", wanted), status, reason)
    assert details["session"] is None
    assert {name: details[name] for name in more} == more
    assert list(native.house.state.sessions) == ["101"]
    assert not native.house.state.logins


def test_a_second_login_shows_the_session_that_is_there(native: Native) -> None:
    native.house.log_in("1000", "502")
    details = check_problem(
        native.ask("POST", "/sessions", {"agent": "1000", "phone": "503"}), 409, "already_logged_in"
    )
    assert details["session"]["phone"]["extension"] == "502"


def test_login_without_a_link_to_the_pbx_is_refused_at_once(native: Native) -> None:
    native.house.link_down()
    exchange = native.send("POST", "/sessions", {"agent": "1000", "phone": "502"})
    check_problem(exchange.answer, 503, "pbx_link_down")
    assert exchange.answer.headers["Retry-After"] == "2"


def test_a_client_that_leaves_during_the_login_does_not_cancel_it(native: Native) -> None:
    native.send("POST", "/sessions", {"agent": "1000", "phone": "502"}).leave()
    native.house.until(lambda: "1000" in native.house.state.sessions)
    assert native.snapshot()["phone"] == {"extension": "502", "attached": True}


# --- looking -------------------------------------------------------------------------------------------------


def test_a_session_is_sent_again_only_when_it_has_changed(native: Native) -> None:
    native.house.log_in()
    first = native.ask("GET", "/sessions/1000")
    tag = first.headers["ETag"]

    unchanged = native.ask("GET", "/sessions/1000", If_None_Match=tag)
    assert (unchanged.status, unchanged.body, unchanged.headers["ETag"]) == (304, b"", tag)
    assert native.ask("GET", "/sessions/1000", If_None_Match=f'"x", W/{tag}').status == 304

    native.ask("PATCH", "/sessions/1000", {"state": "ready"})
    changed = native.ask("GET", "/sessions/1000", If_None_Match=tag)
    assert changed.status == 200
    assert changed.headers["ETag"] != tag


def test_a_new_session_never_has_an_old_sessions_tag(native: Native) -> None:
    native.house.log_in()
    tag = native.ask("GET", "/sessions/1000").headers["ETag"]
    native.ask("DELETE", "/sessions/1000")
    native.house.log_in()
    assert native.ask("GET", "/sessions/1000").headers["ETag"] != tag


def test_everything_that_the_picture_shows_changes_its_tag(native: Native) -> None:
    """A reader who polls with If-None-Match sees every step of a call."""
    native.house.log_in()
    seen: dict[str, bytes] = {}
    exchange = native.send("POST", "/sessions/1000/calls", {"number": "7275551212"})
    for _ in range(60):
        answer = native.send("GET", "/sessions/1000").answer
        assert seen.setdefault(answer.headers["ETag"], answer.body) == answer.body
        native.house.advance(0.0005 if not exchange.answered else 0.05)
    assert body(native.ask("GET", "/sessions/1000"))["state"] == "INCALL"


def test_all_sessions_page_by_page(native: Native) -> None:
    for n, agent in enumerate(AGENTS):
        native.house.log_in(agent, str(502 + n), "2000" if agent == "201" else "TESTCAMP")
    everybody = [session["agent"] for session in body(native.ask("GET", "/sessions"))["sessions"]]
    assert everybody == sorted(AGENTS)
    assert body(native.ask("GET", "/sessions"))["next"] is None

    pages, cursor = [], ""
    while cursor is not None:
        page = body(native.ask("GET", f"/sessions?limit=4&cursor={cursor}"))
        pages.append([session["agent"] for session in page["sessions"]])
        cursor = page["next"]
    assert [len(page) for page in pages] == [4, 2]
    assert [agent for page in pages for agent in page] == everybody


def test_a_page_goes_on_where_it_was_though_sessions_come_and_go(native: Native) -> None:
    for n, agent in enumerate(("1000", "1001", "136")):
        native.house.log_in(agent, str(502 + n))
    cursor = body(native.ask("GET", "/sessions?limit=2"))["next"]
    native.ask("DELETE", "/sessions/1001")
    native.house.log_in("101", "510")
    page = body(native.ask("GET", f"/sessions?limit=2&cursor={cursor}"))
    assert [session["agent"] for session in page["sessions"]] == ["101", "136"]


def test_sessions_by_campaign_and_state(native: Native) -> None:
    native.house.log_in("1000", "502")
    native.house.log_in("1001", "503", "2000")
    native.ask("PATCH", "/sessions/1001", {"state": "ready"})

    def agents(query: str) -> list[str]:
        return [session["agent"] for session in body(native.ask("GET", f"/sessions?{query}"))["sessions"]]

    assert agents("campaign=2000") == ["1001"]
    assert agents("state=paused") == ["1000"]
    assert agents("state=READY&campaign=TESTCAMP") == []
    assert agents("state=ready&campaign=2000") == ["1001"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=-1", "limit"),
        ("limit=%D9%A3", "limit"),
        ("state=SLEEPING", "state"),
        ("cursor=%21", "cursor"),
        ("cursor=gIA=", "cursor"),
        ("campain=2000", "campain"),
        ("state=%00", "state"),
        ("state=%ff", "state"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(native: Native, query: str, parameter: str) -> None:
    details = check_problem(native.ask("GET", f"/sessions?{query}"), 400, "invalid_parameter")
    assert details["parameter"] == parameter


def test_who_is_not_logged_in_is_not_found(native: Native) -> None:
    for agent in ("1000", "4496", "%0d%0a", "%F0%9F%98%80"):
        assert check_problem(native.ask("GET", f"/sessions/{agent}"), 404, "not_logged_in")["session"] is None


# --- pause, resume, mission ----------------------------------------------------------------------------------


def test_paused_ready_and_mission(native: Native) -> None:
    native.house.log_in()

    def becomes(**wanted: str) -> tuple[str, str | None]:
        answer = native.ask("PATCH", "/sessions/1000", wanted)
        assert answer.status == 200
        session = body(answer)
        assert session == native.snapshot()
        return session["state"], session["code"]

    assert becomes(state="ready") == ("READY", None)
    assert becomes(state="ready") == ("READY", None)
    assert becomes(state="paused") == ("PAUSED", "PAUSE")
    assert becomes(state="paused", code="LUNCH") == ("PAUSED", "LUNCH")
    assert becomes(state="paused") == ("PAUSED", "LUNCH")
    assert becomes(state="mission") == ("PAUSED", "MISSN")
    assert becomes(state="paused") == ("PAUSED", "PAUSE")


def test_in_a_call_the_change_comes_after_it(native: Native) -> None:
    native.house.log_in()
    native.house.talk()
    session = body(native.ask("PATCH", "/sessions/1000", {"state": "ready"}))
    assert (session["state"], session["after"]["state"]) == ("INCALL", "READY")
    session = body(native.ask("PATCH", "/sessions/1000", {"state": "paused", "code": "BREAK"}))
    assert session["after"] == {"state": "PAUSED", "code": "BREAK", "logout": False}
    native.ask("DELETE", "/sessions/1000/calls/current")
    native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "SALE"})
    assert (native.snapshot()["state"], native.snapshot()["code"]) == ("PAUSED", "BREAK")


def test_an_unknown_pause_code_changes_nothing(native: Native) -> None:
    native.house.log_in()
    before = native.snapshot()
    answer = native.ask("PATCH", "/sessions/1000", {"state": "paused", "code": "NAP"})
    assert check_problem(answer, 422, "pause_code_unknown")["session"] == before == native.snapshot()


def test_resume_waits_for_a_disposition_that_the_campaign_requires(native: Native) -> None:
    native.house.change_campaign(campaign(disposition_required=True))
    native.house.log_in()
    native.house.talk()
    native.ask("DELETE", "/sessions/1000/calls/current")
    details = check_problem(native.ask("PATCH", "/sessions/1000", {"state": "ready"}), 409, "disposition_required")
    assert details["session"]["state"] == "WRAPUP"


def test_ready_needs_the_phone_and_the_phone_can_be_called_again(native: Native) -> None:
    native.house.log_in()
    native.house.switch.fates["PJSIP/502"] = Fate.UNREGISTERED
    native.house.phone_lost()
    details = check_problem(native.ask("PATCH", "/sessions/1000", {"state": "ready"}), 409, "phone_not_connected")
    assert details["session"]["phone"] == {"extension": "502", "attached": False}
    assert details["session"]["code"] == "NOPHON"

    del native.house.switch.fates["PJSIP/502"]
    assert native.ask("POST", "/sessions/1000/phone").status == 200
    native.house.until(lambda: native.house.session().attached)
    assert (native.snapshot()["state"], native.snapshot()["code"]) == ("PAUSED", "LOGIN")


# --- logout --------------------------------------------------------------------------------------------------


def test_logout_of_a_paused_agent_is_done_when_answered(native: Native) -> None:
    native.house.log_in()
    answer = native.ask("DELETE", "/sessions/1000")
    assert (answer.status, body(answer)) == (200, {"agent": "1000", "state": None})
    assert not native.house.switch.channels
    check_problem(native.ask("DELETE", "/sessions/1000"), 404, "not_logged_in")


def test_logout_in_a_call_is_promised_and_comes_after_it(native: Native) -> None:
    native.house.log_in()
    native.house.talk()
    answer = native.ask("DELETE", "/sessions/1000")
    assert answer.status == 202
    assert (body(answer)["state"], body(answer)["after"]["logout"]) == ("INCALL", True)
    native.ask("DELETE", "/sessions/1000/calls/current")
    ended = native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "SALE"})
    assert (ended.status, body(ended)) == (200, {"agent": "1000", "state": None})
    assert native.ask("GET", "/sessions/1000").status == 404


def test_at_once_does_not_wait_in_wrapup(native: Native) -> None:
    native.house.log_in()
    native.house.talk()
    native.ask("DELETE", "/sessions/1000/calls/current")
    assert native.ask("DELETE", "/sessions/1000?at_once=true").status == 200
    assert native.ask("GET", "/sessions/1000").status == 404
    check_problem(native.ask("DELETE", "/sessions/1000?at_once=maybe"), 400, "invalid_parameter")


def test_logout_cancels_a_login_under_way(native: Native) -> None:
    login = native.send("POST", "/sessions", {"agent": "1000", "phone": "521"})
    assert native.ask("DELETE", "/sessions/1000").status == 200
    check_problem(login.answer, 409, "login_cancelled")


# --- If-Match ------------------------------------------------------------------------------------------------


def test_if_match_acts_only_on_the_state_that_the_client_knows(native: Native) -> None:
    native.house.log_in()
    tag = native.ask("GET", "/sessions/1000").headers["ETag"]
    native.ask("PATCH", "/sessions/1000", {"state": "ready"})
    answer = native.ask("POST", "/sessions/1000/calls", {"number": "7275551212"}, If_Match=tag)
    details = check_problem(answer, 412, "revision_mismatch")
    assert details["session"]["state"] == SessionState.READY
    assert native.house.switch.rung() == ["PJSIP/502"]

    fresh = answer.headers["ETag"]
    assert native.ask("PATCH", "/sessions/1000", {"state": "paused"}, If_Match=f'"0-0", {fresh}').status == 200
    assert native.ask("PATCH", "/sessions/1000", {"state": "ready"}, If_Match="*").status == 200
    native.ask("DELETE", "/sessions/1000")
    assert native.ask("PATCH", "/sessions/1000", {"state": "ready"}, If_Match="*").status == 412


# --- what is shown of leads ----------------------------------------------------------------------------------


def test_the_snapshot_shows_the_lead_on_the_screen(native: Native) -> None:
    native.house.log_in()
    native.house.dial(lead_id=123456)
    lead = native.house.store.lead_table[123456]
    assert native.snapshot()["lead"] == {
        **lead.fields,
        **{name: getattr(lead, name) for name in ("id", "list_id", "status", "phone_code", "phone_number")},
    }
    assert set(dataclasses.asdict(lead)) == {"id", "list_id", "status", "phone_code", "phone_number", "fields"}
