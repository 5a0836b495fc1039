"""The agent API beyond its lines: the log, the lock, HTTP, and what a success promises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from agentd import __version__
from agentd.core.errors import AgentdError, LoginCancelled
from agentd.core.model import CallState, SessionState, UserKind
from agentd.core.records import ApiCalled, CallDisposed, CallStarted, CampaignSet, UserSet
from agentd.dialects.agent_api.errors import ERRORS
from agentd.dialects.agent_api.face import FACE, VERBS, AgentApi
from agentd.dialects.agent_api.routes import pages
from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.engine.clock import local_time
from agentd.http.metrics import VerbMetrics
from tests.faces.agent_api import AGC, DIAL, GOOD, ask, rows, serve, target
from tests.faces.house import House
from tests.faces.people import user
from tests.http.memory import Memory


@pytest.fixture
def house(house: House) -> House:
    """A house with the agent API in it."""
    serve(house)
    return house


# --- lines ---------------------------------------------------------------------------------------------------


def test_every_error_has_its_line() -> None:
    assert ERRORS.missing(AgentdError) == []


def test_version_needs_nobody(house: House) -> None:
    answer = house.ask(AGC + "?function=version")
    date = local_time(house.now).strftime("%Y-%m-%d %H:%M:%S")
    expected = f"VERSION: {__version__}-1|BUILD: 261120-0900|DATE: {date}|EPOCH: {int(house.now)}"
    assert (answer.status, answer.text) == (200, expected + "\n")
    assert rows(house) == [("", "version", "", "", "SUCCESS", "", "", expected)]


def test_version_of_the_configuration(house: House) -> None:
    house = House()
    serve(house, AgentApiSettings(version="2.8-39", build="140403-1738"))
    assert house.ask(AGC + "?function=version").text.startswith("VERSION: 2.8-39|BUILD: 140403-1738|DATE: ")


def test_switched_off() -> None:
    house = House()
    serve(house, AgentApiSettings(active=False))
    assert ask(house, function="external_pause", value="PAUSE") == "ERROR: System API NOT ACTIVE"
    assert ask(house, function="nothing") == "ERROR: System API NOT ACTIVE"
    assert ask(house, function="external_pause", **{"pass": "no"}).startswith("ERROR: Invalid Username/Password")
    assert rows(house)[0] == ("6666", "external_pause", "1000", "PAUSE", "ERROR", "System API NOT ACTIVE", "test", "")


def test_of_several_users_the_smallest_number_is_meant(house: House) -> None:
    house.log_in("1000")
    house.log_in("1001", "503")
    house.change(UserSet("1001", user("1001", custom={"three": "876543"})))
    assert ask(house, function="external_hangup", value="1", alt_user="876543").endswith("1|1000")
    house.change(UserSet("1000", replace(user("1000", custom={"three": "876543"}), active=False)))
    assert ask(house, function="external_hangup", value="1", alt_user="876543").endswith("1|1001")


def test_a_single_character_is_no_alt_user(house: House) -> None:
    house.log_in()
    assert ask(house, function="external_hangup", value="1", alt_user="x").endswith("1|1000")
    assert ask(house, function="external_hangup", value="1", alt_user="x", agent_user="") == (
        "ERROR: external_hangup not valid - 1|"
    )


def test_a_right_to_one_function_is_a_right_to_no_other(house: House) -> None:
    house.log_in()
    rights = frozenset({"agent_api", "function:external_pause", "function:logout"})
    house.change(UserSet("crm", user("crm", kind=UserKind.API, rights=rights, group="")))
    assert ask(house, user="crm", function="external_pause", value="PAUSE").startswith("SUCCESS")
    assert ask(house, user="crm", function="pause_code", value="BREAK") == (
        "ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - BREAK|crm|pause_code|"
    )


# --- the lock ------------------------------------------------------------------------------------------------


def test_ten_wrong_passwords_lock_the_user_at_that_address(house: House) -> None:
    house.log_in()
    wrong = {"function": "external_pause", "value": "PAUSE"}
    for n in range(10):
        line = ask(house, "192.0.2.1", **wrong, **{"pass": f"guess{n}"})
        assert line == "ERROR: Invalid Username/Password: |6666||0|0|BAD|"
    assert ask(house, "192.0.2.1", **wrong) == "ERROR: Invalid Username/Password: |6666||0|0|LOCK|"
    assert ask(house, "192.0.2.1", **wrong, user="101").startswith("SUCCESS")
    assert ask(house, "192.0.2.2", **wrong).startswith("SUCCESS")
    house.advance(15 * 60 + 1)
    assert ask(house, "192.0.2.1", **wrong).startswith("SUCCESS")


def test_a_lost_right_counts_at_once(house: House) -> None:
    house.log_in()
    assert ask(house, function="external_hangup", value="1").startswith("SUCCESS")
    house.change(UserSet("6666", user("6666", rights=frozenset())))
    assert ask(house, function="external_hangup", value="1") == "ERROR: Invalid Username/Password: |6666||1|0|GOOD|"
    house.change(UserSet("6666", user("6666", active=False)))
    assert ask(house, function="external_hangup", value="1") == "ERROR: Invalid Username/Password: |6666||0|0|BAD|"


# --- the log -------------------------------------------------------------------------------------------------


def test_the_log_has_a_row_for_every_line(house: House) -> None:
    house.log_in()
    ask(house, source="")
    ask(house, function="external_pause", value="PAUSE", **{"pass": "secret"})
    ask(house, function="pause")
    ask(house, function="external_hangup", value="2")
    epoch = str(int(house.now))
    ask(house, function="external_pause", value="RESUME")
    ask(house, function="external_pause", value="PAUSE", alt_user="876543", agent_user="")
    ask(house, function="pause_code", value="BREAK")
    ask(house, function="external_dial", value="7275551212", vendor_id="a,b", dial_prefix="9", **without(DIAL))
    house.advance(2)
    ask(house, function="external_hangup", value="1")
    ask(house, function="external_status", value="A", qm_dispo_code="77")
    ask(house, function="call_agent", value="CALL")
    ask(house, function="logout", value="LOGOUT")
    later = str(int(house.now))
    assert rows(house) == [
        ("6666", "", "1000", "", "ERROR", "Invalid Source", "", ""),
        ("6666", "external_pause", "1000", "PAUSE", "ERROR", "Invalid Username/Password", "test", "6666||0|0|BAD|"),
        ("6666", "pause", "1000", "", "ERROR", "unknown function", "test", ""),
        ("6666", "external_hangup", "1000", "2", "ERROR", "external_hangup not valid", "test", ""),
        ("6666", "external_pause", "1000", "RESUME", "SUCCESS", "external_pause function set", "test", epoch),
        ("6666", "external_pause", "1000", "PAUSE", "SUCCESS", "external_pause function set", "test", epoch),
        ("6666", "pause_code", "1000", "BREAK", "SUCCESS", "pause_code function sent", "test", epoch),
        ("6666", "external_dial", "1000", "7275551212", "SUCCESS", "external_dial function set", "test",
         f"1|NO|NO|NO|a,b|{epoch}|9|||"),
        ("6666", "external_hangup", "1000", "1", "SUCCESS", "external_hangup function set", "test", ""),
        ("6666", "external_status", "1000", "A!!!!77", "SUCCESS", "external_status function set", "test", ""),
        ("6666", "call_agent", "1000", "CALL", "SUCCESS", "call_agent function sent", "test", later),
        ("6666", "logout", "1000", "LOGOUT", "SUCCESS", "logout function set", "test", later),
    ]  # fmt: skip


def without(params: dict[str, str]) -> dict[str, str]:
    """The parameters of a dial but its function."""
    return {name: value for name, value in params.items() if name != "function"}


def test_strangers_cannot_fill_the_log(house: House) -> None:
    stranger = "192.0.2.9"
    for _ in range(100):
        ask(house, stranger, function="version")
    for number in range(20):
        ask(house, stranger, function="external_pause", value="PAUSE", user=f"guess{number}")
    assert len(rows(house)) == 60
    house.advance(5)
    for _ in range(100):
        ask(house, stranger, function="version", source="")
    assert len(rows(house)) == 65
    ask(house, stranger, function="external_hangup", value="1")
    ask(house, function="external_pause", value="PAUSE", **{"pass": "wrong"})
    assert [row[0:2] for row in rows(house)[65:]] == [("6666", "external_hangup"), ("6666", "external_pause")]


def test_the_log_tells_where_a_request_came_from_and_how_long_it_took(house: House) -> None:
    house.log_in()
    call = house.talk()
    house.get("/x5/api/agent.php", "192.0.2.7", **GOOD, agent_user="1000", function="external_hangup", value="1")
    row = house.records(ApiCalled)[-1]
    assert call.state is CallState.WRAPPING
    assert (row.script, row.fields["address"], row.fields["path"]) == ("agent", "192.0.2.7", "/x5/api/agent.php")
    assert 0.001 < float(row.fields["run_time"]) < 1


def test_the_log_holds_one_line_of_bounded_length_whatever_is_sent(house: House) -> None:
    ask(house, source="x" * 50, function="f" * 300 + "\n|<b>", agent_user="a" * 4000, value="v" * 4000, user="6666")
    row = house.records(ApiCalled)[-1]
    assert row.source == "x" * 20
    assert row.function == "f" * 20
    assert row.agent_user == "a" * 20
    assert row.value == "v" * 255
    assert len(row.result_reason) < 256


def test_no_secret_is_answered_or_logged(house: House) -> None:
    house.log_in()
    with Memory(house.root) as logs:
        answers = [
            house.ask(target(function="external_pause", value="PAUSE")).text,
            house.ask(target(function="external_pause", value="PAUSE", **{"pass": "hunter2hunter2"})).text,
            house.ask(target(function="hunter", **{"pass": "hunter2hunter2"})).text,
            house.post(AGC, **{**GOOD, "pass": "hunter2hunter2"}, function="external_pause").text,
        ]
        logged = logs.logged_text()
    assert "agc/api.php" in logged
    for text in [*answers, logged, repr(house.journal.entries)]:
        assert "hunter2" not in text
        assert "pass=1234" not in text


# --- what a success promises ---------------------------------------------------------------------------------


def test_a_hangup_is_answered_when_the_customer_is_gone(house: House) -> None:
    house.log_in()
    call = house.talk()
    exchange = house.send(target(function="external_hangup", value="1"))
    assert not exchange.answered
    house.until(lambda: exchange.answered)
    assert call.leg not in house.switch.channels
    assert exchange.answer.text == "SUCCESS: external_hangup function set - 1|1000\n"


def test_a_hangup_that_asterisk_does_not_confirm_is_an_error_within_five_seconds(house: House) -> None:
    house.log_in()
    house.talk()
    house.switch.deaf = True
    exchange = house.send(target(function="external_hangup", value="1"))
    house.advance(4.9)
    assert not exchange.answered
    house.advance(0.2)
    assert exchange.answer.text == "ERROR: external_hangup not sent - Asterisk did not confirm in time|1000\n"


def test_a_dial_is_answered_when_asterisk_shows_the_channel(house: House) -> None:
    house.log_in()
    exchange = house.send(target(**DIAL, value="7275551212"))
    assert not exchange.answered
    house.until(lambda: exchange.answered)
    assert house.call().leg in house.switch.channels
    assert house.call().state is CallState.DIALLING


def test_a_disposition_is_answered_when_it_is_on_the_disk(house: House) -> None:
    house.log_in()
    house.talk()
    house.wait_for(house.operations.hang_up("1000"))
    house.journal.held = True
    exchange = house.send(target(function="external_status", value="A"))
    assert [record.status for record in house.records(CallDisposed)] == ["A"]
    assert not exchange.answered
    house.journal.sync()
    assert exchange.answer.text == "SUCCESS: external_status function set - A|1000\n"


def test_a_client_that_leaves_gets_done_what_it_asked_for(house: House) -> None:
    house.log_in()
    house.talk()
    with Memory(house.root) as logs:
        exchange = house.send(target(function="external_hangup", value="1"))
        exchange.leave()
        house.advance(1)
        assert "failed" not in logs.logged_text()
    assert house.session().state is SessionState.WRAPUP
    assert rows(house)[-1][4:6] == ("SUCCESS", "external_hangup function set")


def test_a_logout_while_the_phone_rings_cancels_the_login(house: House) -> None:
    login = house.operations.log_in("1000", "521")
    house.advance(1)
    assert ask(house, function="external_pause", value="PAUSE") == "ERROR: agent_user is not logged in - 1000"
    assert ask(house, function="logout", value="LOGOUT").startswith("SUCCESS: logout function set - LOGOUT|")
    with pytest.raises(LoginCancelled):
        house.wait_for(login)
    house.advance(1)
    assert house.switch.channels == {}


def test_a_dial_carries_what_the_request_says(house: House) -> None:
    house.log_in()
    house.store.lead_table[402028].phone_number = "7275551212"
    ask(house, **{**DIAL, "search": "YES", "focus": "YES"}, value="727-555-1212", vendor_id="V-1")
    assert house.call().lead_id == 402028
    [started] = house.records(CallStarted)
    assert (started.focus, started.vendor_id, started.source) == (True, "V-1", "test")


def test_a_campaign_that_was_deleted_during_the_session_dials_no_more(house: House) -> None:
    house.log_in()
    house.change(CampaignSet("TESTCAMP", None))
    refused = "ERROR: external_dial not valid - 7275551212|1|YES|1000"
    assert ask(house, **{**DIAL, "search": "YES"}, value="7275551212") == refused
    assert house.session().state is SessionState.PAUSED


def test_without_search_a_new_lead_is_made(house: House) -> None:
    house.log_in()
    ask(house, **DIAL, value="7275551212")
    assert house.call().lead_id == 500_001


def test_what_is_asked_is_counted_and_noted() -> None:
    registry = CollectorRegistry()
    house = House()
    metrics = VerbMetrics(registry, {FACE: VERBS}, ("done", "refused"))
    for path, resource in pages(AgentApi(house.operations, house.access, metrics=metrics)).items():
        house.mount(path, resource)
    with Memory(house.root) as logs:
        ask(house, function="external_pause", value="PAUSE")
        house.log_in()
        ask(house, function="external_pause", value="PAUSE")
        ask(house, function="dance")
        [first, *_] = logs.access()
    count = registry.get_sample_value
    assert count("agentd_requests_total", {"face": FACE, "verb": "external_pause", "result": "done"}) == 1
    assert count("agentd_requests_total", {"face": FACE, "verb": "external_pause", "result": "refused"}) == 1
    assert count("agentd_requests_total", {"face": FACE, "verb": "other", "result": "refused"}) == 1
    assert (first["function"], first["agent"]) == ("external_pause", "1000")
