"""Bodies, routes and errors of the native API: always JSON, always a reason, never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentd.core import errors as e
from agentd.dialects.native.problems import STATUSES
from tests.faces.native import BASE, Native, body, check_problem

LOGIN = {"agent": "1000", "phone": "502"}
CALLS = "/sessions/1000/calls"


def send_raw(native: Native, method: str, path: str, raw: bytes, kind: str = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {native.plain}", "Content-Type": kind}
    return native.house.ask(BASE + path, method, raw, headers)


@pytest.mark.parametrize(
    ("method", "path", "wanted", "field"),
    [
        ("POST", "/sessions", {}, "$.agent"),
        ("POST", "/sessions", {"agent": "1000", "phone": 502}, "$.phone"),
        ("POST", "/sessions", {"agent": "1000", "ready": "yes"}, "$.ready"),
        ("POST", "/sessions", {"agent": 1000, "phone": "502"}, "$.agent"),
        ("POST", "/sessions", {"agent": "", "phone": "502"}, "$.agent"),
        ("POST", "/sessions", {**LOGIN, "campaign": None}, "$.campaign"),
        ("POST", "/sessions", {**LOGIN, "fone": "502"}, "$.fone"),
        ("POST", "/sessions", [LOGIN], "$"),
        ("POST", "/sessions", "login", "$"),
        ("PATCH", "/sessions/1000", {"state": "asleep"}, "$.state"),
        ("PATCH", "/sessions/1000", {"state": "PAUSED"}, "$.state"),
        ("PATCH", "/sessions/1000", {"state": "ready", "code": "LUNCH"}, "$"),
        ("PATCH", "/sessions/1000", {"state": "paused", "code": "TOOLONG"}, "$.code"),
        ("PUT", "/sessions/1000/ingroups", {}, "$.ingroups"),
        ("PUT", "/sessions/1000/ingroups", {"blended": True}, "$.ingroups"),
        ("PUT", "/sessions/1000/ingroups", {"ingroups": "SALESLINE"}, "$.ingroups"),
        ("PUT", "/sessions/1000/ingroups", {"ingroups": ["SALESLINE", ""]}, "$.ingroups[1]"),
        ("PUT", "/sessions/1000/ingroups", {"ingroups": ["X"] * 201}, "$.ingroups"),
        ("PUT", "/sessions/1000/ingroups", {"ingroups": [], "choice": "CHANGE"}, "$.choice"),
        ("PUT", "/sessions/1000/ingroups", {"ingroups": [], "blended": "YES"}, "$.blended"),
        ("PUT", "/sessions/1000/ingroups", {"ingroups": [], "set_as_default": 1}, "$.set_as_default"),
        ("PATCH", "/campaigns/TESTCAMP", {}, "$.auto_dial_level"),
        ("PATCH", "/campaigns/TESTCAMP", {"auto_dial_level": -1}, "$.auto_dial_level"),
        ("PATCH", "/campaigns/TESTCAMP", {"auto_dial_level": 20.5}, "$.auto_dial_level"),
        ("PATCH", "/campaigns/TESTCAMP", {"auto_dial_level": "1"}, "$.auto_dial_level"),
        ("PATCH", "/campaigns/TESTCAMP", {"auto_dial_level": 1, "dial_method": "manual"}, "$.dial_method"),
        ("POST", CALLS, {}, "$"),
        ("POST", CALLS, {"number": "7275551212", "lead_id": 1}, "$"),
        ("POST", CALLS, {"number": 7275551212}, "$.number"),
        ("POST", CALLS, {"lead_id": "123456"}, "$.lead_id"),
        ("POST", CALLS, {"lead_id": 0}, "$.lead_id"),
        ("POST", CALLS, {"lead_id": 2**63}, "$.lead_id"),
        ("POST", CALLS, {"number": "7275551212", "phone_code": "1\n"}, "$.phone_code"),
        ("POST", CALLS, {"number": "7275551212", "dial_prefix": "9,1"}, "$.dial_prefix"),
        ("POST", CALLS, {"number": "7275551212", "search": "yes"}, "$.search"),
        ("POST", CALLS, {"number": "7275551212", "caller_id": "911"}, "$.caller_id"),
        ("POST", CALLS, {"number": "7275551212", "next": True}, "$"),
        ("POST", CALLS, {"lead_id": 123456, "activity": "7"}, "$"),
        ("POST", CALLS, {"next": False}, "$"),
        ("POST", CALLS, {"next": "yes"}, "$.next"),
        ("POST", CALLS, {"activity": ""}, "$.activity"),
        ("POST", CALLS, {"activity": "7\n"}, "$.activity"),
        ("POST", CALLS, {"lead_id": 123456, "alternative": "third"}, "$.alternative"),
        ("POST", CALLS, {"number": "7275551212", "alternative": "alt"}, "$"),
        ("POST", CALLS, {"activity": "7", "alternative": "alt"}, "$"),
        ("POST", CALLS, {"lead_id": 123456, "alternative": "search"}, "$"),
        ("POST", CALLS, {"number": "7275551212", "alternative": "search"}, "$"),
        ("POST", CALLS, {"lead_id": 123456, "number": "7275551212", "alternative": "search", "next": True}, "$"),
        ("POST", CALLS, {"number": "7275551212", "vendor_id": "9" * 41}, "$.vendor_id"),
        ("POST", CALLS, {"number": "7275551212", "preview": 1}, "$.preview"),
        ("POST", "/sessions/1000/preview", {}, "$.action"),
        ("POST", "/sessions/1000/preview", {"action": "SKIP"}, "$.action"),
        ("PUT", "/sessions/1000/timer", {"kind": "webform"}, "$.seconds"),
        ("PUT", "/sessions/1000/timer", {"kind": "d6_dial", "seconds": 5}, "$.kind"),
        ("PUT", "/sessions/1000/timer", {"kind": "webform", "seconds": -1}, "$.seconds"),
        ("PUT", "/sessions/1000/timer", {"kind": "webform", "seconds": 86_401}, "$.seconds"),
        ("PUT", "/sessions/1000/timer", {"kind": "webform", "seconds": 5, "message": "a\nb"}, "$.message"),
        ("PATCH", "/sessions/1000/lead", {"first_nam": "Ada"}, "$.first_nam"),
        ("PATCH", "/sessions/1000/lead", {"id": 5}, "$.id"),
        ("PATCH", "/sessions/1000/lead", {"city": 5}, "$.city"),
        ("PATCH", "/leads/123456", {"list_id": "101"}, "$.list_id"),
        ("PATCH", "/leads/123456", {"list_id": None}, "$.list_id"),
        ("PATCH", "/leads/123456", {"rank": 1.5}, "$.rank"),
        ("POST", "/leads", {"list_id": 101}, "$.phone_number"),
        ("POST", "/leads", {"phone_number": "7275551234"}, "$"),
        ("POST", "/leads", {"phone_number": "7275551234", "list_id": 0}, "$.list_id"),
        ("POST", "/leads", {"phone_number": "7275551234", "list_id": 101, "dnc_check": "YES"}, "$.dnc_check"),
        ("POST", "/callbacks", {"lead_id": 1, "campaign": "TESTCAMP"}, "$.due"),
        ("POST", "/callbacks", {"lead_id": 1, "campaign": "TESTCAMP", "due": "tomorrow"}, "$.due"),
        ("POST", "/callbacks", {"lead_id": 1, "campaign": "TESTCAMP", "due": "2026-11-21T10:00:00"}, "$.due"),
        ("POST", "/callbacks", {"lead_id": 1, "campaign": "TESTCAMP", "due": -1}, "$.due"),
        ("POST", "/callbacks", {"lead_id": 1, "campaign": "TESTCAMP", "due": 1e11}, "$"),
        ("POST", "/callbacks", {"lead_id": 1, "campaign": "TESTCAMP", "due": "0001-01-01T00:00:00Z"}, "$"),
        ("POST", "/callbacks", {"lead_id": 1, "campaign": "TESTCAMP", "due": 5, "comments": "x" * 200}, "$.comments"),
        ("PATCH", "/callbacks/1", {}, "$"),
        ("PATCH", "/callbacks/1", {"lead_id": 1}, "$.lead_id"),
        ("POST", "/activities", {"number": "7275551234"}, "$.id"),
        ("POST", "/activities", {"id": "a/7", "number": "7275551234"}, "$.id"),
        ("PUT", "/activities/7", {"id": "7", "number": "7275551234"}, "$.id"),
        ("PUT", "/activities/7", {"number": "7275551234", "subject": "\u0000"}, "$.subject"),
        ("PUT", "/users/1001/custom/three", {}, "$.value"),
        ("PUT", "/users/1001/custom/three", {"value": "9" * 41}, "$.value"),
        ("POST", f"{CALLS}/current/park", {"where": "jail"}, "$.where"),
        ("POST", f"{CALLS}/current/third-party", {}, "$"),
        ("POST", f"{CALLS}/current/third-party", {"number": "7275551213", "ingroup": "SALESLINE"}, "$"),
        ("POST", f"{CALLS}/current/third-party", {"number": "7275551213", "agent": "1001"}, "$"),
        ("POST", f"{CALLS}/current/third-party", {"ingroup": "SALESLINE", "agent": "1001"}, "$"),
        ("POST", f"{CALLS}/current/third-party", {"ingroup": "SALESLINE", "exactly": True}, "$"),
        ("POST", f"{CALLS}/current/third-party", {"number": "7275551213", "hold": 1}, "$.hold"),
        ("POST", f"{CALLS}/current/transfer", {}, "$.kind"),
        ("POST", f"{CALLS}/current/transfer", {"kind": "away"}, "$.kind"),
        ("POST", f"{CALLS}/current/transfer", {"kind": "blind"}, "$.number"),
        ("POST", f"{CALLS}/current/transfer", {"kind": "blind", "number": ""}, "$.number"),
        ("POST", f"{CALLS}/current/transfer", {"kind": "leave", "number": "7275551213"}, "$.number"),
        ("POST", f"{CALLS}/current/transfer", {"kind": "message", "ingroup": "SALESLINE"}, "$.ingroup"),
        ("POST", f"{CALLS}/current/transfer", {"kind": "leave", "status": "SALE"}, "$.status"),
        (
            "POST",
            f"{CALLS}/current/transfer",
            {"kind": "blind", "number": "7275551213", "status": "TOOLONG"},
            "$.status",
        ),
        ("POST", f"{CALLS}/current/transfer", {"kind": "ingroup"}, "$"),
        ("POST", f"{CALLS}/current/transfer", {"kind": "ingroup", "ingroup": "SALESLINE", "agent": "1001"}, "$"),
        ("POST", f"{CALLS}/current/connect", {"other": "1001"}, "$.other"),
        ("POST", f"{CALLS}/current/dtmf", {"digits": 1234}, "$.digits"),
        ("POST", f"{CALLS}/current/dtmf", {"digits": ""}, "$.digits"),
        ("POST", f"{CALLS}/current/dtmf", {"digits": "1" * 101}, "$.digits"),
        ("POST", "/sessions/1000/recordings", {"stage": "x" * 15}, "$.stage"),
        ("POST", "/sessions/1000/recordings", {"file": "/etc/passwd"}, "$.file"),
        ("PATCH", "/sessions/1000/recordings/1", {"muted": None}, "$.muted"),
        ("POST", "/sessions/1000/monitor", {"phone": "510"}, "$.mode"),
        ("POST", "/sessions/1000/monitor", {"phone": "510", "mode": "spy"}, "$.mode"),
        ("PUT", f"{CALLS}/current/disposition", {"status": ""}, "$.status"),
        ("PUT", f"{CALLS}/current/disposition", {"status": "A", "callback": "2026-11-21"}, "$.callback"),
        ("PUT", f"{CALLS}/current/disposition", {"status": "CALLBK", "callback": {}}, "$.callback.due"),
        (
            "PUT",
            f"{CALLS}/current/disposition",
            {"status": "CALLBK", "callback": {"due": 5, "whose": "hers"}},
            "$.callback.whose",
        ),
        ("PUT", f"{CALLS}/current/disposition", {"status": "CALLBK", "callback": {"due": 1e11}}, "$.callback"),
        ("PUT", f"{CALLS}/current/disposition", {"status": "A", "code": "a\tb"}, "$.code"),
    ],
)
def test_a_body_of_another_shape_names_the_field(method: str, path: str, wanted: Any, field: str) -> None:
    native = Native(role="admin")
    native.house.log_in()
    before = native.house.journal.entries[:]
    details = check_problem(native.ask(method, path, wanted), 400, "invalid_body")
    assert details["field"] == field
    assert native.house.journal.entries == before


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"nil", b'{"agent":"1000"', b"[" * 100_000, b'{"agent":"\xff","phone":"5"}']
)
def test_what_is_not_json_is_said_to_be_so(raw: bytes) -> None:
    answer = send_raw(Native(), "POST", "/sessions", raw)
    assert answer.status == 400
    assert body(answer)["reason"] in {"malformed_json", "invalid_body"}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "json"]
)
def test_only_json_is_understood(kind: str) -> None:
    answer = send_raw(Native(), "POST", "/sessions", json.dumps(LOGIN).encode(), kind)
    check_problem(answer, 415, "unsupported_media_type")
    assert answer.headers["Accept"] == "application/json"


def test_json_with_a_charset_is_json() -> None:
    raw = json.dumps(LOGIN).encode()
    assert send_raw(Native(), "POST", "/sessions", raw, "Application/JSON; charset=utf-8").status == 201


def test_long_names_are_not_given_back_whole() -> None:
    answer = Native().ask("POST", "/sessions", {**LOGIN, "x" * 100_000: 1})
    check_problem(answer, 400, "invalid_body")
    assert len(answer.body) < 1000


# --- routes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/sessions", "GET, HEAD, POST"),
        ("POST", "/sessions/1000", "DELETE, GET, HEAD, PATCH"),
        ("GET", CALLS, "POST"),
        ("GET", f"{CALLS}/current/disposition", "PUT"),
        ("GET", f"{CALLS}/current/hold", "POST"),
        ("GET", f"{CALLS}/current/third-party", "DELETE, POST"),
        ("GET", "/sessions/1000/ingroups", "PUT"),
        ("PUT", "/leads/123456", "DELETE, GET, HEAD, PATCH"),
        ("POST", "/dnc/7275551234", "DELETE, PUT"),
        ("PUT", "/sessions/1000/recordings", "DELETE, GET, HEAD, PATCH, POST"),
        ("DELETE", "/recordings/1", "GET, HEAD"),
        ("POST", "/events", "GET, HEAD"),
    ],
)
def test_another_method_is_told_the_right_ones(method: str, path: str, allow: str) -> None:
    answer = Native().ask(method, path)
    check_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == allow


@pytest.mark.parametrize("path", ["", "/", "/session", "/sessions/1000/calls/current/x", "/v1/sessions"])
def test_there_is_nothing_elsewhere(path: str) -> None:
    check_problem(Native().ask("GET", path), 404, "not_found")


def test_an_unknown_parameter_is_refused_by_routes_that_act() -> None:
    native = Native()
    native.house.log_in()
    details = check_problem(native.ask("DELETE", "/sessions/1000?atonce=true"), 400, "invalid_parameter")
    assert details["parameter"] == "atonce"
    assert native.ask("GET", "/sessions/1000").status == 200


def test_a_mistake_of_our_own_is_a_500_that_tells_nothing(native_broken: Native) -> None:
    answer = native_broken.ask("PATCH", "/sessions/1000", {"state": "ready"})
    details = check_problem(answer, 500, "internal_error")
    assert answer.headers["X-Request-Id"] in details["detail"]
    assert "secret of the house" not in answer.text


@pytest.fixture
def native_broken(monkeypatch: pytest.MonkeyPatch) -> Native:
    native = Native()
    native.house.log_in()

    def broken(*_args: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(native.house.engine, "submit", broken)
    return native


def test_heads_get_headers_alone() -> None:
    native = Native()
    native.house.log_in()
    for path, kind in (("/sessions", "application/json"), ("/events", "text/event-stream; charset=utf-8")):
        answer = native.ask("HEAD", path)
        assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"", kind)
    assert len(native.streams) == 0


# --- errors --------------------------------------------------------------------------------------------------


def test_every_error_of_the_core_has_its_status() -> None:
    assert STATUSES.missing(e.AgentdError) == []


def test_reasons_are_words_of_their_own() -> None:
    classes = [getattr(e, name) for name in e.__all__ if name != "AgentdError"]
    reasons = [cls.reason for cls in classes]
    assert len(set(reasons)) == len(reasons)
    assert "failed" not in reasons


def test_broken_text_from_asterisk_does_not_break_the_answer() -> None:
    native = Native()
    native.house.log_in()
    native.house.talk()
    native.house.switch.refusal = "Perm\udce9ssion"
    details = check_problem(native.ask("DELETE", f"{CALLS}/current"), 502, "pbx_refused")
    assert "Perm?ssion" in details["detail"]


# --- whatever comes ------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [
        "agent",
        "phone",
        "campaign",
        "state",
        "code",
        "number",
        "lead_id",
        "phone_code",
        "search",
        "dial_prefix",
        "status",
        *("where", "ingroup", "hold", "exactly", "group_alias", "kind", "agent", "other", "digits"),
        *("stage", "call_id", "muted", "mode", "ready", "ingroups", "choice", "blended", "auto_dial_level"),
    ]
)
WORDS = st.sampled_from(
    [
        *("1000", "1001", "502", "503", "521", "TESTCAMP", "paused", "ready", "mission", "LUNCH", "A", "SALE"),
        *("7275551212", "music", "ivr", "SALESLINE", "AGENTDIRECT", "DEFAULT", "blind", "message", "ingroup", "leave"),
        *("12#", "listen", "barge", "change", "add", "remove", "TEST_IN"),
    ]
)
PLAIN = WORDS | st.text(max_size=30) | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
NESTED = st.lists(PLAIN, max_size=3) | st.dictionaries(NAMES, PLAIN, max_size=3)
VALUES = PLAIN | NESTED | st.lists(NESTED, max_size=2) | st.dictionaries(NAMES, NESTED, max_size=2)
BODIES = st.binary(max_size=60) | st.dictionaries(NAMES, VALUES, max_size=4).map(lambda obj: json.dumps(obj).encode())
ASKED = st.tuples(
    st.sampled_from(["POST", "PATCH", "PUT", "DELETE"]),
    st.sampled_from(
        [
            *("/sessions", "/sessions/1000", "/sessions/1001", "/sessions/1000/phone", "/sessions/1000/ingroups"),
            *(CALLS, f"{CALLS}/current", f"{CALLS}/current/disposition", f"{CALLS}/1000/disposition"),
            *(f"{CALLS}/current/{verb}" for verb in ("hold", "park", "retrieve", "third-party", "transfer", "connect")),
            *(f"{CALLS}/current/dtmf", "/sessions/1000/recordings", "/sessions/1000/recordings/1", "/recordings/1"),
            *("/sessions/1000/monitor", "/sessions/1000/monitor/510"),
        ]
    ),
    BODIES,
)
SAFE = frozenset("0123456789+*#ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/@-_")


@settings(max_examples=150, deadline=None)
@given(st.lists(ASKED, min_size=1, max_size=6))
def test_no_body_ever_breaks_the_house(asked: list[tuple[str, str, bytes]]) -> None:
    native = Native(role="admin")
    native.house.log_in()
    native.house.talk()
    for method, path, raw in asked:
        answer = send_raw(native, method, path, raw)
        assert answer.status in {200, 201, 202, 400, 403, 404, 405, 409, 422, 502, 503, 504}
        assert body(answer)
        if answer.status >= 400:
            check_problem(answer, answer.status, body(answer)["reason"])
    for resource in native.house.switch.rung():
        assert set(resource) <= SAFE
