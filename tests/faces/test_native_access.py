"""Who may use the native API, for what, and how often."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from agentd.core.records import UserSet
from agentd.dialects.native import mount
from agentd.dialects.native.api import VERBS
from agentd.dialects.native.callers import Role
from agentd.dialects.native.door import FACE, Limits
from agentd.http.metrics import VerbMetrics
from tests.faces.native import Native, body, check_problem, frames
from tests.faces.people import user

ROUTES = [
    ("GET", "/sessions", None, "sessions"),
    ("GET", "/sessions/1000", None, "sessions"),
    ("POST", "/sessions", {"agent": "1000", "phone": "510"}, "sessions"),
    ("PATCH", "/sessions/1000", {"state": "ready"}, "sessions"),
    ("PUT", "/sessions/1000/ingroups", {"ingroups": ["SALESLINE"]}, "sessions"),
    ("POST", "/sessions/1000/phone", None, "sessions"),
    ("GET", "/ingroups", None, "sessions"),
    ("GET", "/ingroups/SALESLINE", None, "calls"),
    ("GET", "/campaigns", None, "sessions"),
    ("GET", "/campaigns/TESTCAMP", None, "sessions"),
    ("PATCH", "/campaigns/TESTCAMP", {"auto_dial_level": 1}, "supervise"),
    ("POST", "/sessions/1000/calls", {"number": "7275551212"}, "calls"),
    ("GET", "/sessions/1000/calls/current", None, "calls"),
    ("PUT", "/sessions/1000/calls/current/disposition", {"status": "A"}, "calls"),
    ("POST", "/sessions/1000/calls/current/hold", None, "calls"),
    ("POST", "/sessions/1000/calls/current/park", {"where": "ivr"}, "calls"),
    ("POST", "/sessions/1000/calls/current/retrieve", None, "calls"),
    ("POST", "/sessions/1000/calls/current/third-party", {"number": "7275551213"}, "calls"),
    ("DELETE", "/sessions/1000/calls/current/third-party", None, "calls"),
    ("POST", "/sessions/1000/calls/current/transfer", {"kind": "leave"}, "calls"),
    ("POST", "/sessions/1000/calls/current/connect", {"other": 1}, "calls"),
    ("POST", "/sessions/1000/calls/current/dtmf", {"digits": "1"}, "calls"),
    ("POST", "/sessions/1000/recordings", {"stage": "x"}, "calls"),
    ("GET", "/sessions/1000/recordings", None, "calls"),
    ("PATCH", "/sessions/1000/recordings", {"muted": True}, "calls"),
    ("DELETE", "/sessions/1000/recordings", None, "calls"),
    ("PATCH", "/sessions/1000/recordings/1", {"muted": True}, "calls"),
    ("DELETE", "/sessions/1000/recordings/1", None, "calls"),
    ("GET", "/recordings", None, "recordings"),
    ("GET", "/recordings/1", None, "recordings"),
    ("GET", "/recordings/1/audio", None, "recordings"),
    ("POST", "/sessions/1000/monitor", {"phone": "510", "mode": "listen"}, "supervise"),
    ("DELETE", "/sessions/1000/monitor/510", None, "supervise"),
    ("DELETE", "/sessions/1000/calls/current", None, "calls"),
    ("DELETE", "/sessions/1000", None, "sessions"),
    ("POST", "/sessions/1000/preview", {"action": "skip"}, "calls"),
    ("PUT", "/sessions/1000/timer", {"kind": "message_only", "seconds": 5}, "calls"),
    ("DELETE", "/sessions/1000/timer", None, "calls"),
    ("PATCH", "/sessions/1000/lead", {"city": "Kyiv"}, "leads"),
    ("GET", "/sessions/1000/webphone", None, "sessions"),
    ("GET", "/leads", None, "leads"),
    ("POST", "/leads", {"phone_number": "7275551234", "list_id": 101}, "leads"),
    ("GET", "/leads/123456", None, "leads"),
    ("PATCH", "/leads/123456", {"city": "Kyiv"}, "leads"),
    ("DELETE", "/leads/123456", None, "leads"),
    ("GET", "/callbacks", None, "leads"),
    (
        "POST",
        "/callbacks",
        {"lead_id": 402028, "campaign": "TESTCAMP", "due": 1_800_000_000, "agent": "1000"},
        "leads",
    ),
    ("GET", "/callbacks/1", None, "leads"),
    ("PATCH", "/callbacks/1", {"comments": "later"}, "leads"),
    ("DELETE", "/callbacks/1", None, "leads"),
    ("GET", "/dnc", None, "leads"),
    ("PUT", "/dnc/7275551234", None, "leads"),
    ("DELETE", "/dnc/7275551234", None, "leads"),
    ("PUT", "/campaigns/TESTCAMP/dnc/7275551234", None, "leads"),
    ("DELETE", "/campaigns/TESTCAMP/dnc/7275551234", None, "leads"),
    ("GET", "/activities", None, "leads"),
    ("POST", "/activities", {"id": "7", "number": "7275551234"}, "leads"),
    ("GET", "/activities/7", None, "leads"),
    ("PUT", "/activities/7", {"number": "7275551234"}, "leads"),
    ("DELETE", "/activities/7", None, "leads"),
    ("PUT", "/users/1001/custom/three", {"value": "876544"}, "sessions"),
    ("GET", "/events", None, "events"),
]


@pytest.fixture
def native() -> Native:
    native = Native()
    native.house.log_in()
    return native


@pytest.mark.parametrize(("method", "path", "wanted", "_scope"), ROUTES)
def test_nothing_without_a_token(native: Native, method: str, path: str, wanted: object, _scope: str) -> None:
    before = native.house.journal.entries[:]
    answer = native.ask(method, path, wanted, token="")
    check_problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="agentd"'
    answer = native.ask(method, path, wanted, token="agentd_guess")
    check_problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="agentd", error="invalid_token"'
    assert native.house.journal.entries == before


@pytest.mark.parametrize(("method", "path", "wanted", "scope"), ROUTES)
def test_a_token_reaches_what_its_scopes_name(
    native: Native, method: str, path: str, wanted: object, scope: str
) -> None:
    others = {"sessions", "calls", "leads", "recordings", "supervise", "events", "admin"} - {scope}
    details = check_problem(
        native.ask(method, path, wanted, token=native.token("admin", scopes=others)), 403, "not_permitted"
    )
    assert details["scope"] == scope
    native.plain = native.token("admin", scopes={scope})
    if path == "/events":
        assert frames(native.read())[0].name == "snapshot"
    else:
        assert native.ask(method, path, wanted).status not in {401, 403}


def test_a_token_never_has_more_than_its_role(native: Native) -> None:
    reaching = {
        role: native.ask("GET", "/sessions", token=native.token(role, "1000", ["sessions"])).status
        for role in (*Role, "visitor")
    }
    assert reaching == {"agent": 200, "supervisor": 200, "integration": 200, "admin": 200, "visitor": 403}
    check_problem(native.ask("GET", "/sessions", token=native.token("agent", "1000", ["admin"])), 403, "not_permitted")


def test_an_agents_token_is_for_his_own_session_alone(native: Native) -> None:
    native.house.log_in("1001", "503")
    own = native.token("agent", "1000")
    for method, path, wanted, _ in ROUTES:
        if "1000" in path or "agent" in (wanted or {}):
            other = {**wanted, "agent": "1001"} if wanted and "agent" in wanted else wanted
            answer = native.ask(method, path.replace("1000", "1001"), other, token=own)
            check_problem(answer, 403, "not_permitted")
    assert [session["agent"] for session in body(native.ask("GET", "/sessions", token=own))["sessions"]] == ["1000"]
    assert native.ask("PATCH", "/sessions/1000", {"state": "ready"}, token=own).status == 200
    check_problem(native.ask("GET", "/events?agent=1001", token=own), 403, "not_permitted")
    check_problem(native.ask("GET", "/sessions/4496", token=own), 403, "not_permitted")


def test_an_agents_token_without_an_agent_reaches_nothing(native: Native) -> None:
    lost = native.token("agent")
    for path in ("/sessions", "/sessions/1000", "/events"):
        check_problem(native.ask("GET", path, token=lost), 403, "not_permitted")


def test_tokens_end_with_their_time_and_with_their_user(native: Native) -> None:
    short = native.token("integration", expires=native.house.now + 60)
    own = native.token("agent", "1000")
    assert native.ask("GET", "/sessions", token=short).status == native.ask("GET", "/sessions", token=own).status == 200
    native.house.advance(60)
    native.house.change(UserSet("1000", user("1000", active=False)))
    check_problem(native.ask("GET", "/sessions", token=short), 401, "unauthorized")
    check_problem(native.ask("GET", "/sessions", token=own), 401, "unauthorized")


# --- how often -----------------------------------------------------------------------------------------------


def test_the_rate_is_told_with_every_answer_and_kept() -> None:
    native = Native(limits=Limits(rate=0.5, burst=3))
    left = []
    for _ in range(3):
        answer = native.ask("GET", "/sessions")
        assert (answer.status, answer.headers["RateLimit-Limit"]) == (200, "3")
        left.append((answer.headers["RateLimit-Remaining"], answer.headers["RateLimit-Reset"]))
    assert left == [("2", "2"), ("1", "4"), ("0", "6")]

    answer = native.ask("POST", "/sessions", {"agent": "1000", "phone": "502"})
    check_problem(answer, 429, "rate_limited")
    assert (answer.headers["Retry-After"], answer.headers["RateLimit-Remaining"]) == ("2", "0")
    assert native.house.switch.rung() == []
    assert native.ask("GET", "/sessions", token=native.token("admin")).status == 200, "another token has its own"

    native.house.advance(2)
    assert native.ask("GET", "/sessions").status == 200


def test_guessing_tokens_is_slowed_down_by_address() -> None:
    native = Native(limits=Limits(stranger_burst=2))
    for _ in range(2):
        check_problem(native.ask("GET", "/sessions", token="agentd_guess"), 401, "unauthorized")
    answer = native.ask("GET", "/sessions", token="agentd_guess")
    check_problem(answer, 429, "rate_limited")
    assert answer.headers["Retry-After"] == "1"
    assert native.ask("GET", "/sessions").status == 200, "a good token is not a stranger"


def test_a_stream_ends_when_its_token_does() -> None:
    native = Native()
    short = native.token("integration", expires=native.house.now + 1)
    stream = native.read(token=short)
    native.house.log_in()
    assert frames(stream)[-1].name == "session.state"
    told = len(frames(stream))
    native.house.advance(1)
    native.ask("PATCH", "/sessions/1000", {"state": "ready"})
    assert len(frames(stream)) == told
    assert len(native.streams) == 0


# --- what is counted -----------------------------------------------------------------------------------------


def test_verbs_are_counted_by_their_result() -> None:
    registry = CollectorRegistry()
    metrics = VerbMetrics(registry, {FACE: VERBS}, ("done", "refused"))
    native = Native(metrics=metrics)
    native.ask("POST", "/sessions", {"agent": "1000", "phone": "502"})
    native.ask("PATCH", "/sessions/1000", {"state": "ready"})
    native.ask("PATCH", "/sessions/1000", {"state": "asleep"})
    native.ask("POST", "/sessions/1000/calls", {"number": "7275551212"}, token="")

    def count(verb: str, result: str) -> float | None:
        labels = {"face": "native", "verb": verb, "result": result}
        return registry.get_sample_value("agentd_requests_total", labels)

    assert (count("log_in", "done"), count("log_in", "refused")) == (1, 0)
    assert (count("change_state", "done"), count("change_state", "refused")) == (1, 1)
    assert (count("dial", "done"), count("dial", "refused")) == (0, 1)


def test_every_verb_is_announced_once_and_is_a_route_of_its_own() -> None:
    verbs = [route.verb for route in mount.ROUTES]
    assert sorted(verbs) == sorted({*VERBS, "events"})
    assert len({(route.method, route.path) for route in mount.ROUTES}) == len(verbs)
