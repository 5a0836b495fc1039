"""The agent API over HTTP: methods, headers, forms, limits, and whatever no request should have in it."""

from __future__ import annotations

import pytest

from agentd.core.model import SessionState
from tests.faces.agent_api import AGC, DIAL, GOOD, ask, serve, target
from tests.faces.house import House
from tests.http.memory import Memory

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def house(house: House) -> House:
    """A house with the agent API in it."""
    serve(house)
    return house


def test_a_form_does_the_same(house: House) -> None:
    house.log_in()
    posted = house.post(AGC, **GOOD, agent_user="1000", function="external_pause", value="PAUSE")
    assert posted.text == f"SUCCESS: external_pause function set - PAUSE|{int(house.now)}|1000\n"


def test_the_query_wins_over_the_form(house: House) -> None:
    house.log_in()
    body = b"value=RESUME&function=external_pause&agent_user=1001"
    answer = house.ask(target(value="PAUSE"), "POST", body, FORM)
    assert answer.text.startswith("SUCCESS: external_pause function set - PAUSE|")
    assert answer.text.endswith("|1000\n")


def test_headers(house: House) -> None:
    headers = house.ask(AGC + "?function=version").headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "default-src 'none'"


def test_the_link_may_run_its_script_and_nothing_else_may(house: House) -> None:
    answer = house.ask(target(function="external_hangup", value="1", close_window_link="1"))
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; script-src 'unsafe-inline'"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_do_nothing(house: House, method: str) -> None:
    session = house.log_in()
    answer = house.ask(target(function="external_pause", value="RESUME"), method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    assert session.state is SessionState.PAUSED


def test_there_is_nothing_below(house: House) -> None:
    assert house.ask(AGC + "/more?function=version").status == 404
    assert house.ask("/agc?function=version").status == 404


def test_pages_of_other_sites_may_pop_it_up(house: House) -> None:
    house.log_in()
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://crm.example"}
    answer = house.ask(target(function="external_hangup", value="1"), headers=headers)
    assert answer.text.startswith("SUCCESS")


FIELDS = (
    "function", "source", "user", "agent_user", "alt_user", "value", "phone_code", "lead_id", "search", "preview",
    "focus", "vendor_id", "dial_prefix", "group_alias", "vtiger_callback", "alt_dial", "callback_datetime",
    "callback_type", "callback_comments", "qm_dispo_code", "close_window_link", "language", "pass", "something",
)  # fmt: skip


@pytest.mark.parametrize("bad", ["\r\n", "\n", "\r", "\0", "\x1b", "\u2028", "\r\n\r\nAction: Hangup"])
@pytest.mark.parametrize("field", FIELDS)
def test_a_control_character_in_any_field_is_refused(house: House, field: str, bad: str) -> None:
    house.log_in()
    asked = len(house.switch.asked)
    good = {**GOOD, **DIAL, "agent_user": "1000", "value": "7275551212"}
    answer = house.get(AGC, **{**good, field: good.get(field, "") + bad})
    assert (answer.status, answer.text[:7], answer.text.count("\n")) == (200, "ERROR: ", 1)
    assert len(house.switch.asked) == asked
    assert house.get(AGC, **good).text.startswith("SUCCESS")


def test_values_of_any_length(house: House) -> None:
    house.log_in()
    long = "7" * 65536
    form = f"value={long}&function=external_dial&phone_code=1&search=NO&preview=NO&focus=NO"
    posted = house.ask(target(), "POST", form.encode(), FORM)
    assert (posted.status, posted.text) == (200, "ERROR: external_dial not valid - |1|NO|1000\n")
    assert house.ask(target(function="external_pause", value=long)).status == 414
    five = "7" * 5000
    assert ask(house, function="external_dial", value=five) == "ERROR: external_dial not valid - |||1000"
    assert ask(house, function="external_pause", value="PAUSE", notes=five) == (
        "ERROR: external_pause not valid - PAUSE|1000"
    )
    assert ask(house, function="external_pause", value="PAUSE", **{"pass": five}) == (
        "ERROR: Invalid Username/Password: |6666||0|0|BAD|"
    )
    assert house.switch.rung() == ["PJSIP/502"]


def test_a_gigabyte_is_not_waited_for(house: House) -> None:
    house.log_in()
    exchange = house.send(
        target(function="external_pause", value="RESUME"), "POST", None, {"Content-Length": "1000000000"}
    )
    assert exchange.answer.status == 413
    assert house.session().state is SessionState.PAUSED


def test_a_mistake_of_ours_says_nothing_of_our_insides(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.log_in()

    def broken(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(house.operations, "pause", broken)
    with Memory(house.root) as logs:
        answer = house.ask(target(function="external_pause", value="PAUSE"))
        assert "secret inside" in logs.logged_text()
    assert answer.status == 500
    assert "secret" not in answer.text
    assert house.ask(target(function="external_hangup", value="1")).text.startswith("SUCCESS")
