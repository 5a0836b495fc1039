"""Every example and every line of both documents for change_ingroups and ra_call_control."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from agentd.sandbox.tones import outside_hertz
from tests.e2e.centre import AGC, CUSTOMER, X5
from tests.e2e.hand import COLLEAGUE, HIS_PHONE, OTHER
from tests.e2e.line import NO_RIGHT, NUMBERS, Caller, Line

async_test = pytest_twisted.ensureDeferred
both_paths = pytest.mark.parametrize("path", [AGC, X5])
USERS = {AGC: "6666", X5: "101"}
OLD_KEY = "Y0315201639000402027"
"""The documents' call, which was over long ago."""


# --- change_ingroups -----------------------------------------------------------------------------------------


async def change(line: Line, path: str, value: str, choices: str | None, blended: str = "NO", **more: str) -> str:
    """The line of change_ingroups, but for what stands at the head of every success."""
    given = {} if choices is None else {"ingroup_choices": choices}
    said = await line.api("change_ingroups", value, path=path, blended=blended, **given, **more)
    return said.removeprefix("SUCCESS: change_ingroups function set - ")


async def taken(line: Line) -> tuple[list[str], bool]:
    """Whose calls agent 1000 takes."""
    session = await line.snapshot("1000")
    return session["ingroups"], session["blended"]


@both_paths
@async_test
async def test_in_groups_are_changed_added_and_removed(line: Line, path: str) -> None:
    await line.at_work("1000", "502", ready=False)
    assert await taken(line) == (["SALESLINE"], True)
    # The three examples: of the first one in-group does not exist.
    fake = " TEST_IN SALESLINE FAKE_IN -"
    said = await change(line, path, "CHANGE", fake, "YES", set_as_default="YES")
    assert said == f"ERROR: ingroup does not exist - FAKE_IN|{fake}"
    assert await taken(line) == (["SALESLINE"], True)
    assert (
        await change(line, path, "CHANGE", " TEST_IN2 TEST_IN TEST_IN4 -", "YES")
        == "YES| TEST_IN2 TEST_IN TEST_IN4 -|1000"
    )
    assert await change(line, path, "REMOVE", " TEST_IN2 TEST_IN4 -") == "NO| TEST_IN -|1000"
    assert await taken(line) == (["TEST_IN"], False)
    assert await change(line, path, "ADD", " TEST_IN2 -") == "NO| TEST_IN TEST_IN2 -|1000"
    assert await taken(line) == (["TEST_IN", "TEST_IN2"], False)
    assert await change(line, path, "CHANGE", None, "YES") == "YES| -|1000"
    assert await taken(line) == ([], True)
    event = await line.news.event("session.ingroups", agent="1000", ingroups=[])
    assert event["blended"] is True


@both_paths
@async_test
async def test_as_default_they_are_those_of_the_next_login(line: Line, path: str) -> None:
    await line.at_work("1000", "502", ready=False)
    try:
        said = await change(line, path, "CHANGE", " TEST_IN SALESLINE -", "NO", set_as_default="YES")
        assert said == "NO| TEST_IN SALESLINE -|1000"
        assert await change(line, path, "ADD", " TEST_IN2 -", "NO") == "NO| TEST_IN SALESLINE TEST_IN2 -|1000"
        await line.send_home("1000")
        await line.at_work("1000", "502", ready=False)
        assert await taken(line) == (["TEST_IN", "SALESLINE"], False)
    finally:
        assert (
            await change(line, path, "CHANGE", " SALESLINE -", "YES", set_as_default="YES") == "YES| SALESLINE -|1000"
        )


@both_paths
@async_test
async def test_it_counts_at_once(line: Line, path: str) -> None:
    caller = await line.caller("TEST_IN")
    await line.at_work("1000", "502")
    await line.until_waits(caller)
    assert await change(line, path, "ADD", "+TEST_IN+-", "YES") == "YES| SALESLINE TEST_IN -|1000"
    await line.until_with("1000", caller)
    assert await change(line, path, "REMOVE", " TEST_IN -", "YES") == "YES| SALESLINE -|1000"
    assert (await line.snapshot("1000"))["state"] == "INCALL", "the call that he has stays his"
    await line.done_with("1000")
    other = await line.caller("TEST_IN", NUMBERS[1])
    await line.until_waits(other)
    assert (await line.snapshot("1000"))["state"] == "READY"
    await line.hang_up(other)


@both_paths
@async_test
async def test_change_ingroups_errors(line: Line, path: str) -> None:
    async def refused(wanted: str, value: str, choices: str | None = " SALESLINE -", **more: str) -> None:
        before = await line.snapshot("1000")
        assert await change(line, path, value, choices, **more) == f"ERROR: {wanted}"
        assert await line.snapshot("1000") == before

    both = " TEST_IN SALESLINE -"
    await refused("agent_user is not logged in - 1000", "CHANGE")
    await line.at_work("1000", "502", ready=False)
    await refused(f"change_ingroups not valid - N|{both}", "N", both)
    await refused(f"change_ingroups not valid - CHANGE|{both}", "CHANGE", both, blended="MAYBE")
    for value in ("ADD", "REMOVE"):
        for nothing in (None, " -"):
            wanted = f"ingroup_choices are required for ADD and REMOVE values - {value}|{nothing or ''}"
            await refused(wanted, value, nothing)
    await refused(f"user is not allowed to change agent in-groups - {NO_RIGHT}|TESTCAMP|1000", "CHANGE", user=NO_RIGHT)
    fake = " TEST_IN FAKE_IN SALESLINE -"
    for value in ("CHANGE", "ADD", "REMOVE"):
        await refused(f"ingroup does not exist - FAKE_IN|{fake}", value, fake)
    await line.send_home("1000")
    for campaign, blended, wanted in (
        ("TESTMAN", "NO", "campaign does not allow inbound calls - 1000"),
        ("TESTPREV", "YES", "campaign dial_method does not allow outbound autodial - 1000|TESTPREV"),
    ):
        body = {"agent": "1000", "phone": "502", "campaign": campaign}
        assert (await line.native("POST", "/sessions", body)).code == 201
        await refused(wanted, "CHANGE", blended=blended)
        await line.send_home("1000")


# --- ra_call_control -----------------------------------------------------------------------------------------


async def remote_call(line: Line, ingroup: str = "SALESLINE", number: str = NUMBERS[0]) -> Caller:
    """A caller whom agent 1028, far away, talks with."""
    await line.at_work("1028")
    caller = await line.caller(ingroup, number)
    await line.until_with("1028", caller)
    return caller


async def over(line: Line, caller: Caller, status: str, how: str, by: str = "agent") -> None:
    """The call is over for the remote agent, who is ready again; its row has the status and its length."""
    session = await line.until_state("1028", "READY")
    assert session["calls"] == []
    wanted: dict[str, Any] = {
        "user": "1028", "status": status, "disposed_by": by, "hung_up_by": how, "cause": 16,
        "length > 0": 1, "talk > 0": 1,
    }  # fmt: skip
    await line.row(caller, wanted)


@pytest.mark.parametrize(("more", "status"), [({}, "RAXFER"), ({"status": "SALE"}, "SALE")])
@both_paths
@async_test
async def test_a_remote_agents_call_is_hung_up(line: Line, path: str, more: dict[str, str], status: str) -> None:
    caller = await remote_call(line)
    far_end = await line.phone_of("1028")
    said = await line.remote_control(caller.key, "HANGUP", path=path, **more)
    assert said == f"SUCCESS: ra_call_control hungup - 1028|{caller.key}|HANGUP"
    assert await line.observer.channel(caller.leg) is None
    await line.observer.event("Hangup", Uniqueid=far_end)
    await over(line, caller, status, "agent")


@pytest.mark.parametrize("number", ["8500", CUSTOMER])
@both_paths
@async_test
async def test_his_caller_goes_on_to_an_extension_or_a_number(line: Line, path: str, number: str) -> None:
    caller = await remote_call(line)
    far_end = await line.phone_of("1028")
    said = await line.remote_control(caller.key, "EXTENSIONTRANSFER", path=path, phone_number=number)
    assert said == f"SUCCESS: ra_call_control transferred - 1028|{caller.key}|{number}"
    await line.observer.event("Hangup", Uniqueid=far_end)
    await line.until_sent_on(caller.leg)
    await over(line, caller, "RAXFER", "transfer")
    await line.hang_up(caller)
    await line.until(lambda: line.gone(far_end, caller.leg), "end of both")


@pytest.mark.parametrize("ingroup", ["DEFAULTINGROUP", "SALESLINE"])
@both_paths
@async_test
async def test_his_caller_goes_into_a_line(line: Line, path: str, ingroup: str) -> None:
    caller = await remote_call(line)
    far_end = await line.phone_of("1028")
    await line.at_work(COLLEAGUE, HIS_PHONE)
    said = await line.remote_control(caller.key, "INGROUPTRANSFER", path=path, ingroup_choices=ingroup)
    assert said == f"SUCCESS: ra_call_control transferred - 1028|{caller.key}|SALESLINE"
    call = await line.until_with(COLLEAGUE, caller)
    assert (call["origin"], call["ingroup"]) == (caller.call_id, "SALESLINE")
    assert call["key"] != caller.key
    await line.observer.event("Hangup", Uniqueid=far_end)
    await over(line, caller, "RAXFER", "transfer")
    await line.all_hear({caller.number: {OTHER}, HIS_PHONE: {outside_hertz(caller.number)}})


@pytest.mark.parametrize("agent", ["1000", "1028"])
@both_paths
@async_test
async def test_the_default_in_group_is_that_of_the_calls_own_line(line: Line, path: str, agent: str) -> None:
    await line.at_work(agent, "" if agent == "1028" else "502")
    await line.takes(agent, "SENT")
    caller = await line.caller("SENT")
    await line.until_with(agent, caller)
    await line.at_work(COLLEAGUE, HIS_PHONE)
    if agent == "1028":
        said = await line.remote_control(caller.key, "INGROUPTRANSFER", path=path, ingroup_choices="DEFAULTINGROUP")
        assert said == f"SUCCESS: ra_call_control transferred - 1028|{caller.key}|TEST_IN3"
    else:
        said = await line.transfer("LOCAL_CLOSER", path, ingroup_choices="DEFAULTINGROUP")
        assert said == line.transferred(path, caller.key, "LOCAL_CLOSER", "TEST_IN3", "", "NO")
    call = await line.until_with(COLLEAGUE, caller)
    assert (call["ingroup"], call["origin"]) == ("TEST_IN3", caller.call_id)


@both_paths
@async_test
async def test_ra_call_control_errors(line: Line, path: str) -> None:
    async def refused(wanted: str, value: str, stage: str, agent: str = "1028", **more: str) -> None:
        assert await line.remote_control(value, stage, agent, path=path, **more) == f"ERROR: {wanted}"

    await refused("user not logged in - 1028", OLD_KEY, "HANGUP")
    await refused("user not logged in - 4496", OLD_KEY, "HANGUP", "4496")
    caller = await remote_call(line)
    await line.at_work(COLLEAGUE, HIS_PHONE)
    other = await line.caller(number=NUMBERS[1])
    await line.until_with(COLLEAGUE, other)
    before = await line.snapshot("1028")
    for stage in ("HANGUP", "EXTENSIONTRANSFER", "INGROUPTRANSFER", "XYZ"):
        for key in (OLD_KEY, other.key):
            await refused(f"no active call found - {key}", key, stage)
        await refused(f"no active call found - {other.key}", other.key, stage, COLLEAGUE)
    await refused("stage is not valid - XYZ", caller.key, "XYZ")
    await refused("phone_number is not valid - 9", caller.key, "EXTENSIONTRANSFER", phone_number="9")
    await refused("phone_number is not valid - ", caller.key, "EXTENSIONTRANSFER")
    await refused("phone_number is not valid - 8599", caller.key, "EXTENSIONTRANSFER", phone_number="8599")
    await refused("ingroup is not valid - TESTINGROUP", caller.key, "INGROUPTRANSFER", ingroup_choices="TESTINGROUP")
    await refused("ingroup is not valid - ", caller.key, "INGROUPTRANSFER")
    for key, stage, more in (("", "HANGUP", {}), (caller.key, "", {}), (caller.key, "HANGUP", {"status": "TOOLONG"})):
        await refused(f"ra_call_control not valid - {key}|1028|{stage}", key, stage, **more)
    assert await line.snapshot("1028") == before, "he has his call still"
    await line.hang_up(caller)
    await over(line, caller, "DISPO", "customer", by="none")
    await refused(f"no active call found - {caller.key}", caller.key, "HANGUP")
