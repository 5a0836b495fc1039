"""Calls in hand by the agent API: the two documents' differences, the log, and what a success promises."""

from __future__ import annotations

import re

import pytest
from prometheus_client import CollectorRegistry

from agentd.core.model import CallState, PlaceKind, SessionState
from agentd.core.records import ApiCalled, RecordingAsked, RecordingStarted
from agentd.dialects.agent_api.asked import PATHS
from agentd.dialects.agent_api.face import FACE, VERBS, AgentApi
from agentd.dialects.agent_api.recordings import STATE_WORDS
from agentd.dialects.agent_api.routes import pages
from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.engine.clock import local_time
from agentd.http.metrics import VerbMetrics
from tests.faces.agent_api import GOOD, X5, ask, rows, serve, target
from tests.faces.house import House


@pytest.fixture
def house(house: House) -> House:
    """A house with the agent API in it, where 1000 talks with a customer."""
    serve(house)
    house.log_in()
    house.talk()
    return house


def ask_x5(house: House, **params: str) -> str:
    """The same on the later document's path."""
    return house.get(X5, **{**GOOD, "agent_user": "1000", **params}).text.rstrip("\n")


# --- the two documents ---------------------------------------------------------------------------------------


def test_the_later_document_ends_a_transfers_line_with_the_call_key(house: House) -> None:
    key = house.call().key
    assert re.fullmatch(r"M[0-9]{19}", key)
    asked = {"function": "transfer_conference", "value": "LOCAL_CLOSER", "ingroup_choices": "SALESLINE"}
    line = ask_x5(house, **asked, consultative="YES")
    assert line == f"SUCCESS: transfer_conference function set - LOCAL_CLOSER|SALESLINE||YES|1000|{key}"


def test_the_earlier_one_does_not(house: House) -> None:
    line = ask(house, function="transfer_conference", value="HANGUP_BOTH")
    assert line == "SUCCESS: transfer_conference function set - HANGUP_BOTH|||NO|1000"


def test_a_path_that_is_written_in_another_way_is_still_the_same(house: House) -> None:
    line = house.get("/x5/api/agent%2Ephp", **GOOD, agent_user="1000", function="transfer_conference",
                     value="HANGUP_XFER").text  # fmt: skip
    assert line == f"SUCCESS: transfer_conference function set - HANGUP_XFER|||NO|1000|{house.call().key}\n"


@pytest.mark.parametrize("path", PATHS)
def test_a_form_does_the_same(house: House, path: str) -> None:
    posted = house.post(f"/{path}", **GOOD, agent_user="1000", function="recording", value="START", stage="_MIDCALL")
    assert posted.text == "SUCCESS: recording function sent - 1000|START_MIDCALL||||127.0.0.1|8600051|INCALL\n"


# --- the log -------------------------------------------------------------------------------------------------


def test_the_log_has_a_row_for_every_line(house: House) -> None:
    key = house.call().key
    ask(house, function="park_call", value="PARK_CUSTOMER")
    ask(house, function="park_call", value="PARK")
    ask(house, function="send_dtmf", value="1234P", agent_user="", alt_user="876543")
    ask(house, function="recording", value="START", stage="_MIDCALL")
    ask(house, function="recording", value="STATUS", stage="_MIDCALL")
    ask(house, function="recording", value="STOP")
    ask(house, function="recording", value="STOP")
    ask(house, function="transfer_conference", value="XYZFUNCTION")
    ask(house, function="transfer_conference", value="HANGUP_XFER")
    ask_x5(house, function="transfer_conference", value="HANGUP_BOTH")
    sent, done = "recording function sent", "transfer_conference function set"
    assert rows(house) == [
        ("6666", "park_call", "1000", "PARK_CUSTOMER", "SUCCESS", "park_call function set", "test", ""),
        ("6666", "park_call", "1000", "PARK", "ERROR", "park_call not valid", "test", ""),
        ("6666", "send_dtmf", "1000", "xxxxx", "SUCCESS", "send_dtmf function set", "test", ""),
        ("6666", "recording", "1000", "START_MIDCALL", "SUCCESS", sent, "test", ""),
        ("6666", "recording", "1000", "STATUS", "NOTICE", "recording active", "test", ""),
        ("6666", "recording", "1000", "STOP", "SUCCESS", sent, "test", ""),
        ("6666", "recording", "1000", "STOP", "ERROR", "stop recording error", "test", ""),
        ("6666", "transfer_conference", "1000", "XYZFUNCTION", "ERROR", "value is not valid", "test", ""),
        ("6666", "transfer_conference", "1000", "HANGUP_XFER", "SUCCESS", done, "test", key),
        ("6666", "transfer_conference", "1000", "HANGUP_BOTH", "SUCCESS", done, "test", key),
    ]


@pytest.mark.parametrize("password", [GOOD["pass"], "wrong"])
def test_digits_reach_no_log(house: House, password: str) -> None:
    ask(house, **{"pass": password}, function="send_dtmf", value="4111111111111111")
    ask(house, **{"pass": password}, function="send_dtmf", value="4111111111111111;")
    records = [entry.record for entry in house.journal.entries]
    assert not [record for record in records if "4111111111111111" in repr(record)]
    assert [record.value for record in records if isinstance(record, ApiCalled)] == ["x" * 16, "x" * 17]


def test_what_is_told_counts_as_done(house: House) -> None:
    registry = CollectorRegistry()
    metrics = VerbMetrics(registry, {FACE: VERBS}, ("done", "refused"))
    other = House()
    for path, resource in pages(AgentApi(other.operations, other.access, metrics=metrics)).items():
        other.mount(path, resource)
    other.log_in()
    ask(other, function="recording", value="STATUS")
    ask(other, function="recording", value="STOP")
    count = registry.get_sample_value
    assert count("agentd_requests_total", {"face": FACE, "verb": "recording", "result": "done"}) == 1
    assert count("agentd_requests_total", {"face": FACE, "verb": "recording", "result": "refused"}) == 1


# --- recordings ----------------------------------------------------------------------------------------------


def test_recording_names_the_pbx_of_the_configuration() -> None:
    house = House()
    serve(house, AgentApiSettings(pbx_address="192.0.2.5"))
    house.log_in()
    assert ask(house, function="recording", value="START") == (
        "SUCCESS: recording function sent - 1000|START||||192.0.2.5|8600051|PAUSED"
    )
    [asked] = house.records(RecordingAsked)
    [started] = [entry.at for entry in house.journal.entries if isinstance(entry.record, RecordingStarted)]
    moment = local_time(started).strftime("%Y-%m-%d %H:%M:%S")
    assert re.fullmatch(r"[0-9]{8}-[0-9]{6}__1000_", asked.name)
    assert ask(house, function="recording", value="STATUS") == (
        f"NOTICE: recording active - 1000|1|{asked.name}|192.0.2.5|{moment}|192.0.2.5|8600051|PAUSED"
    )


def test_a_stage_ends_the_files_name(house: House) -> None:
    ask(house, function="recording", value="START", stage="_MIDCALL-and-more-than-fourteen")
    [asked] = house.records(RecordingAsked)
    assert asked.name.endswith("_1000__MIDCALL-and-m")


def test_status_tells_of_the_newest_and_of_nobody_elses(house: House) -> None:
    house.log_in("1001", "505")
    for stage in ("_A", "_B"):
        ask(house, function="recording", value="START", stage=stage)
    ask(house, function="recording", value="START", agent_user="1001")
    assert "|2|" in ask(house, function="recording", value="STATUS")
    assert ask(house, function="recording", value="STATUS").split("|")[2].endswith("_1000__B")
    ask(house, function="recording", value="STOP")
    assert ask(house, function="recording", value="STATUS").startswith("NOTICE: not recording - 1000|||||")
    assert ask(house, function="recording", value="STATUS", agent_user="1001").startswith("NOTICE: recording active")


def test_every_state_of_an_agent_has_its_word() -> None:
    assert set(STATE_WORDS) == set(SessionState)
    assert set(STATE_WORDS.values()) == {"PAUSED", "READY", "QUEUE", "MQUEUE", "INCALL"}


# --- what a success promises ---------------------------------------------------------------------------------


def test_a_park_is_answered_when_the_customer_hears_music(house: House) -> None:
    exchange = house.send(target(function="park_call", value="PARK_CUSTOMER"))
    assert not exchange.answered
    assert house.call().state is CallState.CONNECTED
    house.until(lambda: exchange.answered)
    assert house.call().state is CallState.HELD
    assert house.switch.channels[house.call().leg].place.kind is PlaceKind.WAIT
    assert exchange.answer.text == "SUCCESS: park_call function set - PARK_CUSTOMER|1000\n"


def test_a_transfer_is_answered_when_the_customer_has_gone_on(house: House) -> None:
    leg = house.call().leg
    exchange = house.send(target(function="transfer_conference", value="LOCAL_CLOSER", ingroup_choices="SALESLINE"))
    assert not exchange.answered
    assert house.session().state is SessionState.INCALL
    house.until(lambda: exchange.answered)
    assert house.session().state is SessionState.WRAPUP
    assert [waiting.leg for waiting in house.state.waiting.values()] == [leg]


def test_two_who_were_left_talk_on_while_the_agent_disposes(house: House) -> None:
    ask(house, function="transfer_conference", value="DIAL_WITH_CUSTOMER", phone_number="7275551213")
    house.advance(2)
    legs = [house.call().leg, house.call().third]
    line = ask(house, function="transfer_conference", value="LEAVE_3WAY_CALL")
    assert line == "SUCCESS: transfer_conference function set - LEAVE_3WAY_CALL|||NO|1000"
    assert ask(house, function="external_status", value="SALE") == ("SUCCESS: external_status function set - SALE|1000")
    house.advance(60)
    rooms = {house.switch.channels[leg].place.room for leg in legs}
    assert len(rooms) == 1
    assert 8600900 <= int(rooms.pop()) <= 8600999


def test_a_customer_who_goes_while_he_is_parked_is_no_success(house: House) -> None:
    exchange = house.send(target(function="park_call", value="PARK_CUSTOMER"))
    house.customer_leaves()
    house.until(lambda: exchange.answered)
    assert exchange.answer.text == "ERROR: park_call not valid - PARK_CUSTOMER|1000\n"
    assert house.session().state is SessionState.WRAPUP


def test_a_customer_who_goes_while_he_is_transferred_is_no_success(house: House) -> None:
    exchange = house.send(target(function="transfer_conference", value="LEAVE_VM"))
    house.customer_leaves()
    house.until(lambda: exchange.answered)
    assert exchange.answer.text == "ERROR: agent_user does not have a live call - 1000\n"


def test_so_many_moves_at_once_are_not_taken(house: House) -> None:
    moves = ["PARK_CUSTOMER", "GRAB_CUSTOMER"] * 4
    sent = [house.send(target(function="park_call", value=move)) for move in moves]
    house.advance(1)
    texts = [exchange.answer.text for exchange in sent]
    assert [text.split(" - ")[0] for text in texts[:5]] == ["SUCCESS: park_call function set"] * 5
    assert texts[5:] == ["ERROR: park_call not sent - too many moves of this call are waiting|1000\n"] * 3


def test_a_question_to_one_agent_by_name(house: House) -> None:
    house.log_in("1001", "505")
    house.log_in("6666", "504")
    for agent in ("1001", "6666"):
        house.wait_for(house.operations.resume(agent))
    line = ask(house, function="transfer_conference", value="DIAL_WITH_CUSTOMER", ingroup_choices="AGENTDIRECT",
               phone_number="6666", consultative="YES")  # fmt: skip
    assert line == "SUCCESS: transfer_conference function set - DIAL_WITH_CUSTOMER|AGENTDIRECT|6666|YES|1000"
    house.advance(1)
    assert house.session("6666").state is SessionState.INCALL
    assert house.session("1001").state is SessionState.READY


@pytest.mark.parametrize("value", ["LOCAL_CLOSER", "DIAL_WITH_CUSTOMER"])
@pytest.mark.parametrize("agent", ["", "4496", "gone"])
def test_an_agent_who_does_not_exist_cannot_be_asked_for(house: House, value: str, agent: str) -> None:
    line = ask(house, function="transfer_conference", value=value, ingroup_choices="AGENTDIRECT",
               phone_number=agent, consultative="YES")  # fmt: skip
    assert line == f"ERROR: transfer_conference not valid - {value}|1000"
    assert house.call().state is CallState.CONNECTED
    assert house.state.waiting == {}
