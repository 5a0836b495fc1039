"""An agent logs in and out, pauses and resumes: the lines, the conference, the agent log."""

from __future__ import annotations

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred

from tests.e2e.centre import AGC, X5, Centre


@pytest_twisted.ensureDeferred
async def test_a_login_puts_the_phone_into_the_conference(centre: Centre) -> None:
    assert await centre.crystal("login", "1000", "502") == "0: OK login,1000,502"
    room = await centre.room("1000")
    assert room == "8600051"
    assert room in await centre.rig.pbx.cli("confbridge list")
    inside = await centre.rig.pbx.cli(f"confbridge list {room}")
    assert inside.count("PJSIP/502-") == 1
    assert [member["Channel"].partition("-")[0] for member in await centre.observer.members(room)] == ["PJSIP/502"]


@pytest_twisted.ensureDeferred
async def test_a_login_that_cannot_be_says_why_and_leaves_nothing_behind(centre: Centre) -> None:
    before = centre.rows("select count(*) as n from sessions")
    assert await centre.crystal("login", "4496", "502") == "1: No such agent!"
    assert await centre.crystal("login", "1028", "502") == "1: No such agent!"
    assert await centre.crystal("login", "1000", "599") == "2: no such extension"
    assert await centre.crystal("login", "1000") == "2: no such extension"
    assert await centre.crystal("login", "1000", "521") == "7: extension 521 did not answer"
    assert await centre.crystal("login", "1000", "522") == "8: extension 522 is busy"
    assert await centre.crystal("login", "1000", "523") == "9: extension 523 is not registered"
    assert await centre.sessions() == []
    assert await centre.observer.channels() == []
    assert "8600051" not in await centre.rig.pbx.cli("confbridge list")
    assert await centre.crystal("login", "1000", "502") == "0: OK login,1000,502"
    [session] = await centre.sessions()
    count = "select count(*) as n from sessions"
    await centre.until_rows([{"n": before[0]["n"] + 1}], count)
    await centre.until_rows([{"phone": "502"}], "select phone from sessions where id = ?", session["session_id"])


@pytest_twisted.ensureDeferred
async def test_an_agent_has_one_session_and_a_phone_one_agent(centre: Centre) -> None:
    await centre.log_in("1000", "502")
    assert await centre.crystal("login", "1000", "502") == "3: Agent 1000 not logged off!"
    assert await centre.crystal("login", "1000", "503") == "3: Agent 1000 not logged off!"
    assert await centre.crystal("login", "1001", "502") == "4: Exten 502 is inuse by 1000"
    assert len(await centre.observer.channels()) == 1


@pytest_twisted.ensureDeferred
async def test_a_login_that_rings_counts_and_a_logoff_cancels_it(centre: Centre) -> None:
    login = ensureDeferred(centre.crystal("login", "1000", "521"))
    await centre.observer.event("Newstate", ChannelStateDesc="Ringing")
    assert await centre.crystal("login", "1000", "502") == "3: Agent 1000 not logged off!"
    assert await centre.crystal("login", "1001", "521") == "4: Exten 521 is inuse by 1000"
    assert await centre.crystal("logoff", "1000") == "0: OK logoff,1000,521"
    assert await login == "5: Agent 1000 is already logged off!"
    await centre.until_empty()


@pytest_twisted.ensureDeferred
async def test_pause_mission_and_online_each_twice(centre: Centre) -> None:
    await centre.log_in("201", "501")
    session_id = (await centre.snapshot("201"))["session_id"]
    for action, state, code in (
        ("online", "READY", None),
        ("mission", "PAUSED", "MISSN"),
        ("pause", "PAUSED", "PAUSE"),
        ("online", "READY", None),
        ("pause", "PAUSED", "PAUSE"),
    ):
        for _ in range(2):
            assert await centre.crystal(action, "201") == f"0: OK {action},201,501"
            seen = await centre.snapshot("201")
            assert (seen["state"], seen["code"]) == (state, code)
    assert await centre.crystal("logoff", "201") == "0: OK logoff,201,501"
    for action in ("logoff", "pause", "mission", "online"):
        assert await centre.crystal(action, "201") == "5: Agent 201 is already logged off!"
    assert await centre.observer.channels() == []
    log = await centre.agent_log(session_id)
    codes = [(row["state"], row["code"], bool(row["productive"])) for row in log]
    assert codes == [
        ("PAUSED", "LOGIN", False),
        ("READY", "", False),
        ("PAUSED", "MISSN", True),
        ("PAUSED", "PAUSE", False),
        ("READY", "", False),
        ("PAUSED", "PAUSE", False),
    ]


@pytest_twisted.ensureDeferred
async def test_what_crystal_says_to_nonsense(centre: Centre) -> None:
    assert await centre.crystal("dance") == "6: unknown action"
    assert await centre.crystal("login", "") == "1: No such agent!"
    assert await centre.crystal("pause", "123") == "1: No such agent!"
    assert await centre.observer.channels() == []


@pytest.mark.parametrize("path", [AGC, X5])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest_twisted.ensureDeferred
async def test_state_over_the_agent_api(centre: Centre, path: str, method: str) -> None:
    async def ask(function: str, value: str) -> str:
        return await centre.api(function, value, path=path, method=method)

    assert await ask("external_pause", "PAUSE") == "ERROR: agent_user is not logged in - 1000"
    await centre.log_in()
    since = int((await centre.snapshot("1000"))["since"])
    head, epoch, who = (await ask("external_pause", "RESUME")).split("|")
    assert (head, who) == ("SUCCESS: external_pause function set - RESUME", "1000")
    assert since <= int(epoch) < since + 60
    assert await ask("external_pause", "RESUME") == "ERROR: external_pause agent is not paused - RESUME|1000"
    assert await ask("pause_code", "BREAK") == "ERROR: pause_code error - agent is not paused - 1000"
    assert (await ask("external_pause", "PAUSE")).endswith("|1000")
    assert await ask("pause_code", "JUMPING") == "ERROR: pause_code not valid - 1000|JUMPING"
    assert await ask("pause_code", "TEA") == "ERROR: pause_code not valid - 1000|TEA"
    assert await ask("pause_code", "BREAK") == "SUCCESS: pause_code function sent - 1000"
    assert (await centre.snapshot("1000"))["code"] == "BREAK"
    assert await ask("call_agent", "CALL") == "SUCCESS: call_agent function sent - 1000"
    assert await ask("logout", "PAUSE") == "ERROR: logout not valid - PAUSE|1000"
    assert (await ask("logout", "LOGOUT")).startswith("SUCCESS: logout function set - LOGOUT|")
    assert await ask("logout", "LOGOUT") == "ERROR: agent_user is not logged in - 1000"
    assert await centre.snapshot("1000") is None
    assert await centre.observer.channels() == []


@pytest_twisted.ensureDeferred
async def test_alt_user_finds_the_agent(centre: Centre) -> None:
    await centre.log_in()
    assert (await centre.api("external_pause", "RESUME", "", alt_user="876543")).endswith("|1000")
    assert (await centre.snapshot("1000"))["state"] == "READY"
    assert await centre.api("external_pause", "PAUSE", "1000", alt_user="999") == "ERROR: no user found - 999"
    assert (await centre.snapshot("1000"))["state"] == "READY"
