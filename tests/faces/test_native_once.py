"""Idempotency-Key: what was asked for twice is done once, whatever happens in between."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentd.core.model import SessionState
from agentd.core.records import AnswerKept, CallStarted
from tests.faces.native import Native, body, check_problem
from tests.faces.scripted import Fate
from tests.http.memory import Connection

CALLS = "/sessions/1000/calls"
DIAL = {"number": "7275551212"}


@pytest.fixture
def native() -> Native:
    native = Native()
    native.house.log_in()
    return native


def dials(native: Native) -> int:
    return len(native.house.records(CallStarted))


def test_a_hundred_identical_dials_with_one_key_make_one_call(native: Native) -> None:
    exchanges = [native.send("POST", CALLS, DIAL, Idempotency_Key="crm-1") for _ in range(100)]
    assert not any(exchange.answered for exchange in exchanges), "Asterisk has not answered yet"
    native.house.until(lambda: exchanges[0].answered)

    assert {(exchange.answer.status, exchange.answer.body) for exchange in exchanges} == {
        (201, exchanges[0].answer.body)
    }
    assert dials(native) == 1
    assert len(native.house.switch.rung()) == 2, "the agent's phone and one customer"

    late = native.ask("POST", CALLS, DIAL, Idempotency_Key="crm-1")
    assert (late.status, late.body) == (201, exchanges[0].answer.body)
    assert late.headers["Idempotency-Replayed"] == "true"
    assert late.headers["Location"] == exchanges[0].answer.headers["Location"]
    assert dials(native) == 1


def test_without_a_key_a_second_dial_is_a_second_dial(native: Native) -> None:
    assert [native.ask("POST", CALLS, DIAL).status for _ in range(2)] == [201, 202]


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("POST", CALLS, {"number": "7275551213"}),
        ("POST", CALLS, {"number": "7275551212", "search": True}),
        ("POST", "/sessions/1001/calls", DIAL),
        ("DELETE", "/sessions/1000", None),
        ("PATCH", "/sessions/1000", {"state": "ready"}),
    ],
)
def test_a_key_belongs_to_one_request(native: Native, method: str, path: str, wanted: object) -> None:
    native.house.log_in("1001", "503")
    exchange = native.send("POST", CALLS, DIAL, Idempotency_Key="k")
    check_problem(native.send(method, path, wanted, Idempotency_Key="k").answer, 409, "idempotency_mismatch")
    native.house.until(lambda: exchange.answered)
    check_problem(native.ask(method, path, wanted, Idempotency_Key="k"), 409, "idempotency_mismatch")
    assert dials(native) == 1
    assert native.house.session("1001").state is SessionState.PAUSED


def test_the_same_request_may_be_written_differently(native: Native) -> None:
    first = native.ask("POST", CALLS, {"number": "7275551212", "search": False}, Idempotency_Key="k")
    second = native.ask("POST", CALLS, {"search": False, "number": "7275551212"}, Idempotency_Key="k")
    assert (second.status, second.body) == (first.status, first.body)


def test_a_parameter_makes_another_request(native: Native) -> None:
    native.house.talk()
    assert native.ask("DELETE", "/sessions/1000", Idempotency_Key="k").status == 202
    answer = native.ask("DELETE", "/sessions/1000?at_once=true", Idempotency_Key="k")
    check_problem(answer, 409, "idempotency_mismatch")


def test_each_token_has_its_own_keys(native: Native) -> None:
    native.ask("POST", CALLS, DIAL, Idempotency_Key="k")
    other = native.ask("POST", CALLS, DIAL, token=native.token("admin"), Idempotency_Key="k")
    assert other.status == 202
    assert native.house.session().queue


def test_refusals_are_kept_too(native: Native) -> None:
    native.house.switch.fates["PJSIP/17275551212@carrier"] = Fate.REFUSE
    first = native.ask("POST", CALLS, DIAL, Idempotency_Key="k")
    check_problem(first, 502, "dial_refused")
    del native.house.switch.fates["PJSIP/17275551212@carrier"]
    again = native.ask("POST", CALLS, DIAL, Idempotency_Key="k")
    assert (again.status, again.body, again.headers["Content-Type"]) == (502, first.body, "application/problem+json")
    assert dials(native) == 1


def test_what_was_never_begun_is_not_kept(native: Native) -> None:
    """A client may mend its request and come again with the same key."""
    check_problem(native.ask("POST", CALLS, {"nummer": "1"}, Idempotency_Key="k"), 400, "invalid_body")
    check_problem(native.ask("POST", CALLS, DIAL, Idempotency_Key="k", If_Match='"0-0"'), 412, "revision_mismatch")
    check_problem(native.ask("DELETE", "/sessions/1000?at_once=x", Idempotency_Key="k"), 400, "invalid_parameter")
    native.house.journal.full = True
    check_problem(native.ask("POST", CALLS, DIAL, Idempotency_Key="k"), 503, "journal_full")
    native.house.journal.full = False
    native.house.engine.draining = True
    check_problem(native.ask("POST", CALLS, DIAL, Idempotency_Key="k"), 503, "draining")
    native.house.engine.draining = False
    assert not native.house.records(AnswerKept)
    assert native.ask("POST", CALLS, DIAL, Idempotency_Key="k").status == 201


def test_a_repeated_request_is_not_held_against_its_own_change(native: Native) -> None:
    tag = native.ask("GET", "/sessions/1000").headers["ETag"]
    first = native.ask("PATCH", "/sessions/1000", {"state": "ready"}, Idempotency_Key="k", If_Match=tag)
    again = native.ask("PATCH", "/sessions/1000", {"state": "ready"}, Idempotency_Key="k", If_Match=tag)
    assert (again.status, again.body, again.headers["ETag"]) == (200, first.body, first.headers["ETag"])


def test_a_client_that_goes_away_and_comes_again_gets_the_answer(native: Native) -> None:
    native.send("POST", CALLS, DIAL, Idempotency_Key="k").leave()
    joined = native.send("POST", CALLS, DIAL, Idempotency_Key="k")
    native.house.until(lambda: joined.answered)
    assert joined.answer.status == 201
    assert dials(native) == 1


def test_the_answer_outlives_the_daemon(native: Native) -> None:
    first = native.ask("POST", CALLS, DIAL, Idempotency_Key="k")
    again = native.restart()
    answer = again.ask("POST", CALLS, DIAL, Idempotency_Key="k")
    assert (answer.status, answer.body, answer.headers["Location"]) == (201, first.body, first.headers["Location"])
    check_problem(again.ask("POST", CALLS, {"number": "7275551213"}, Idempotency_Key="k"), 409, "idempotency_mismatch")
    assert dials(again) == 1


def test_begun_and_never_answered_is_an_unknown_outcome(native: Native) -> None:
    native.send("POST", CALLS, DIAL, Idempotency_Key="k")
    again = native.restart()
    check_problem(again.ask("POST", CALLS, DIAL, Idempotency_Key="k"), 409, "outcome_unknown")
    assert dials(again) == 1


def test_a_daemon_that_is_stopped_under_way_leaves_the_outcome_unknown(native: Native) -> None:
    exchange = native.send("POST", CALLS, DIAL, Idempotency_Key="k")
    native.house.engine.stop()
    check_problem(exchange.answer, 503, "draining")
    check_problem(native.restart().ask("POST", CALLS, DIAL, Idempotency_Key="k"), 409, "outcome_unknown")


def test_a_key_is_forgotten_after_a_day(native: Native) -> None:
    native.ask("PATCH", "/sessions/1000", {"state": "ready"}, Idempotency_Key="k")
    native.house.advance(86_399)
    check_problem(native.ask("DELETE", "/sessions/1000", Idempotency_Key="k"), 409, "idempotency_mismatch")
    native.house.advance(1)
    assert native.ask("DELETE", "/sessions/1000", Idempotency_Key="k").status == 200


def test_forgotten_keys_leave_the_memory(native: Native) -> None:
    for n in range(5):
        native.ask("PATCH", "/sessions/1000", {"state": "ready"}, Idempotency_Key=f"k{n}")
    native.house.advance(86_401)
    native.ask("PATCH", "/sessions/1000", {"state": "ready"}, Idempotency_Key="last")
    assert len(native.house.state.answers) == 1


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256])
def test_a_key_that_is_none(native: Native, key: str) -> None:
    raw = f"Bearer {native.plain}"
    lines = ["DELETE /api/v1/sessions/1000 HTTP/1.1", "Host: localhost", f"Authorization: {raw}"]
    connection = Connection(native.house.site)
    connection.send("\r\n".join([*lines, f"Idempotency-Key: {key}", "", ""]).encode())
    check_problem(connection.answer("DELETE"), 400, "invalid_idempotency_key")
    assert native.ask("GET", "/sessions/1000").status == 200


def test_keys_hold_no_secret_of_the_token(native: Native) -> None:
    native.ask("POST", CALLS, DIAL, Idempotency_Key="k")
    assert native.plain not in repr(native.house.records(AnswerKept))


STEPS = st.lists(st.sampled_from(["again", "later", "leave", "restart"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_however_often_it_is_asked_there_is_one_call(steps: list[str]) -> None:
    native = Native()
    native.house.log_in()
    answers = set()
    pending = [native.send("POST", CALLS, DIAL, Idempotency_Key="k")]
    for step in steps:
        if step == "later":
            native.house.advance(0.002)
        elif step == "leave" and pending:
            pending.pop().leave()
        elif step == "restart":
            pending, native = [], native.restart()
        else:
            pending.append(native.send("POST", CALLS, DIAL, Idempotency_Key="k"))
        answers |= {exchange.answer.body for exchange in pending if exchange.answered}
    native.house.advance(1)
    answers |= {exchange.answer.body for exchange in pending if exchange.answered}
    assert dials(native) == 1
    assert len({text for text in answers if b"outcome_unknown" not in text}) <= 1
    assert body(native.ask("GET", "/sessions/1000"))["dial_queue"] == []
