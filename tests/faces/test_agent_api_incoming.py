"""In-groups and remote agents by the agent API: the log, what a success promises, and whose phone is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core.errors import PhoneNotOurs
from agentd.core.model import CallState, PlaceKind, SessionKind, SessionState
from agentd.core.records import CallDisposed, InGroupsChanged, StatusSet, UserSet
from agentd.dialects.agent_api.recordings import STATE_WORDS, state_word
from tests.faces.agent_api import X5, ask, rows, serve, target
from tests.faces.house import House
from tests.faces.people import user

CHANGE = {"function": "change_ingroups", "value": "CHANGE", "blended": "NO"}
CONTROL = {"function": "ra_call_control", "agent_user": "1028"}


@pytest.fixture
def house(house: House) -> House:
    """A house with the agent API in it."""
    serve(house)
    return house


@pytest.fixture
def remote(house: House) -> House:
    """The same, where the remote agent 1028 talks with a caller."""
    house.log_in("1028", "")
    house.take("1028")
    return house


# --- change_ingroups -----------------------------------------------------------------------------------------


def test_as_many_in_groups_as_a_request_can_name(house: House) -> None:
    house.log_in()
    names = " ".join(["TEST_IN", "SALESLINE"] * 200)
    assert ask(house, **CHANGE, ingroup_choices=f" {names} -").endswith("NO| TEST_IN SALESLINE -|1000")


def test_what_is_so_already_is_no_change(house: House) -> None:
    house.log_in()
    for _ in range(3):
        line = ask(house, **CHANGE, ingroup_choices=" TEST_IN -")
        assert line == "SUCCESS: change_ingroups function set - NO| TEST_IN -|1000"
    assert len(house.records(InGroupsChanged)) == 1


def test_a_default_that_cannot_be_kept_changes_nothing(house: House) -> None:
    house.log_in()
    house.store.away = True
    line = ask(house, **CHANGE, ingroup_choices=" TEST_IN -", set_as_default="YES")
    assert line == "ERROR: change_ingroups not sent - the database does not answer|1000"
    assert house.records(InGroupsChanged) == []
    assert house.session().ingroups == ()


def test_a_default_keeps_what_else_is_known_of_the_agent(house: House) -> None:
    before = house.state.users["1000"]
    house.log_in()
    ask(house, **CHANGE, ingroup_choices=" TEST_IN -", set_as_default="YES")
    assert house.state.users["1000"] == replace(before, ingroups=("TEST_IN",))


def test_a_right_that_is_taken_away_counts_at_once(house: House) -> None:
    house.log_in()
    assert ask(house, **CHANGE, ingroup_choices=" TEST_IN -").startswith("SUCCESS")
    house.change(UserSet("6666", user("6666", rights=frozenset({"agent_api"}))))
    refused = "ERROR: user is not allowed to change agent in-groups - 6666|TESTCAMP|1000"
    assert ask(house, **CHANGE, ingroup_choices=" SALESLINE -") == refused
    assert house.session().ingroups == ("TEST_IN",)


def test_the_log_has_the_list_that_came_of_it(house: House) -> None:
    house.log_in()
    ask(house, **CHANGE, ingroup_choices=" TEST_IN -")
    ask(house, **{**CHANGE, "value": "ADD", "blended": "YES"}, ingroup_choices="SALESLINE", set_as_default="YES")
    ask(house, **CHANGE, ingroup_choices=" FAKE_IN -")
    ask(house, **{**CHANGE, "blended": ""})
    done = "change_ingroups function set"
    assert rows(house) == [
        ("6666", "change_ingroups", "1000", "CHANGE", "SUCCESS", done, "test", " TEST_IN -|NO|"),
        ("6666", "change_ingroups", "1000", "ADD", "SUCCESS", done, "test",
         " TEST_IN SALESLINE -|YES|User settings set as default"),
        ("6666", "change_ingroups", "1000", "CHANGE", "ERROR", "ingroup does not exist", "test", ""),
        ("6666", "change_ingroups", "1000", "CHANGE", "ERROR", "change_ingroups not valid", "test", ""),
    ]  # fmt: skip


def test_an_agent_who_takes_an_in_group_no_more_gets_no_call_of_it(house: House) -> None:
    house.log_in("1001", "505")
    house.wait_for(house.operations.resume("1001"))
    ask(house, **{**CHANGE, "value": "REMOVE"}, agent_user="1001", ingroup_choices=" SALESLINE -")
    house.call_in("SALESLINE")
    house.advance(5)
    assert house.session("1001").state is SessionState.READY
    house.take("1001", "TEST_IN3")


# --- ra_call_control -----------------------------------------------------------------------------------------


def test_a_hangup_is_answered_when_the_customer_is_gone(remote: House) -> None:
    call = remote.call("1028")
    exchange = remote.send(target(**CONTROL, stage="HANGUP", value=call.key))
    assert not exchange.answered
    remote.until(lambda: exchange.answered)
    assert call.leg not in remote.switch.channels
    assert exchange.answer.text == f"SUCCESS: ra_call_control hungup - 1028|{call.key}|HANGUP\n"
    remote.advance(1)
    assert remote.switch.channels == {}
    assert remote.session("1028").state is SessionState.READY


def test_a_transfer_is_answered_when_the_customer_stands_in_line(remote: House) -> None:
    call, leg = remote.call("1028"), remote.call("1028").leg
    asked = {"stage": "INGROUPTRANSFER", "ingroup_choices": "TEST_IN3", "value": call.key}
    exchange = remote.send(target(**CONTROL, **asked))
    assert not exchange.answered
    remote.until(lambda: exchange.answered)
    assert [(waiting.leg, waiting.ingroup) for waiting in remote.state.waiting.values()] == [(leg, "TEST_IN3")]
    remote.advance(60)
    assert list(remote.switch.channels) == [leg]
    assert remote.switch.channels[leg].place.kind is PlaceKind.WAIT


def test_a_customer_goes_on_to_a_number_without_the_agent(remote: House) -> None:
    call, leg = remote.call("1028"), remote.call("1028").leg
    asked = {"stage": "EXTENSIONTRANSFER", "phone_number": "7275551213", "value": call.key}
    assert ask(remote, **CONTROL, **asked) == f"SUCCESS: ra_call_control transferred - 1028|{call.key}|7275551213"
    remote.advance(60)
    assert list(remote.switch.channels) == [leg]
    assert remote.switch.channels[leg].place.kind is PlaceKind.CONFERENCE


def test_of_several_calls_the_one_that_is_named(remote: House) -> None:
    first = remote.call("1028")
    second = remote.take("1028", number="7275551222")
    line = ask(remote, **CONTROL, stage="HANGUP", value=first.key, status="SALE")
    assert line == f"SUCCESS: ra_call_control hungup - 1028|{first.key}|HANGUP"
    assert remote.session("1028").calls == [second.id]
    assert second.state is CallState.CONNECTED
    assert [(row.call_id, row.status) for row in remote.records(CallDisposed)] == [(first.id, "SALE")]


def test_the_status_that_is_meant_need_not_be_set_up(remote: House) -> None:
    remote.change(StatusSet("RAXFER", None))
    call = remote.call("1028")
    assert ask(remote, **CONTROL, stage="HANGUP", value=call.key).startswith("SUCCESS")
    assert [row.status for row in remote.records(CallDisposed)] == ["RAXFER"]


def test_another_remote_agents_call_is_none(remote: House) -> None:
    remote.change(UserSet("1029", replace(remote.state.users["1028"], name="1029", number=1029)))
    remote.log_in("1029", "")
    call = remote.call("1028")
    line = ask(remote, function="ra_call_control", agent_user="1029", stage="HANGUP", value=call.key)
    assert line == f"ERROR: no active call found - {call.key}"
    assert call.state is CallState.CONNECTED


def test_a_call_that_only_rings_him_is_none(house: House) -> None:
    house.log_in("1028", "")
    call = house.call_in()
    assert house.session("1028").state is SessionState.RINGING
    line = ask(house, **CONTROL, stage="HANGUP", value=call.key)
    assert line == f"ERROR: no active call found - {call.key}"
    assert house.state.calls[call.id].state is CallState.WAITING


def test_a_customer_who_goes_while_he_is_transferred_is_no_success(remote: House) -> None:
    call = remote.call("1028")
    asked = {"stage": "INGROUPTRANSFER", "ingroup_choices": "TEST_IN3", "value": call.key}
    exchange = remote.send(target(**CONTROL, **asked))
    remote.switch.hang_up(call.leg)
    remote.until(lambda: exchange.answered)
    assert exchange.answer.text == f"ERROR: no active call found - {call.key}\n"
    assert remote.state.waiting == {}


def test_a_refused_call_stays_with_its_agent(remote: House) -> None:
    call, before = remote.call("1028"), dict(remote.switch.channels)
    asked = {"stage": "INGROUPTRANSFER", "ingroup_choices": "TEST_IN3", "value": call.key}
    remote.switch.refusal = "No"
    assert ask(remote, **CONTROL, **asked) == "ERROR: ra_call_control not sent - No|1028"
    remote.switch.refusal = ""
    remote.advance(60)
    assert call.state is CallState.CONNECTED
    assert call.status == ""
    assert remote.switch.channels == before
    remote.switch.hang_up(call.leg)
    remote.advance(1)
    assert remote.switch.channels == {}


def test_the_log_names_the_call(remote: House) -> None:
    key = remote.call("1028").key
    ask(remote, **CONTROL, stage="XYZ", value=key)
    remote.get(X5, source="test", user="101", **{"pass": "1234"}, **CONTROL, stage="HANGUP", value=key)
    assert rows(remote) == [
        ("6666", "ra_call_control", "1028", key, "ERROR", "stage is not valid", "test", ""),
        ("101", "ra_call_control", "1028", key, "SUCCESS", "ra_call_control hungup", "test", ""),
    ]


# --- whose phone is called, and what a state is called -------------------------------------------------------


def test_a_phone_that_is_rung_for_each_call_is_not_called_for_the_agent(house: House) -> None:
    house.change(UserSet("1000", replace(house.state.users["1000"], on_hook=True)))
    assert house.log_in().kind is SessionKind.ON_HOOK
    assert ask(house, function="call_agent", value="CALL") == "ERROR: call_agent error - no session data - 1000"
    with pytest.raises(PhoneNotOurs):
        house.wait_for(house.operations.call_agent("1000"))
    assert house.switch.rung() == []


def test_only_who_is_ready_and_not_blended_is_a_closer(house: House) -> None:
    session = house.log_in()
    for blended in (False, True):
        session.blended = blended
        words = {state: state_word(replace(session, state=state)) for state in SessionState}
        assert words == STATE_WORDS | ({} if blended else {SessionState.READY: "CLOSER"})
