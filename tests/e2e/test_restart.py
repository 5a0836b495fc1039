"""The daemon and Asterisk end and come back. No customer is dropped because the daemon died."""

from __future__ import annotations

import os
import signal
import sys

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred
from twisted.internet.utils import getProcessOutputAndValue
from twisted.web.client import ResponseNeverReceived

from agentd.sandbox.tones import MUSIC_HERTZ, outside_hertz
from tests.e2e.centre import CUSTOMER, Centre
from tests.rig.listen import listen

SOON = 2.0
"""Seconds from the start of the daemon to the first command carried out, on a machine that does nothing else."""


async def slowness() -> float:
    """How much longer than alone a Python program takes on this machine now."""
    program = (
        "import time, agentd.core.world, sqlalchemy, klein;"
        "print(time.clock_gettime(time.CLOCK_BOOTTIME)"
        " - int(open('/proc/self/stat').read().rpartition(')')[2].split()[19]) / 100, time.process_time())"
    )
    out, _error, code = await getProcessOutputAndValue(sys.executable, ["-c", program], env=os.environ)
    assert code == 0
    wall, own = map(float, out.split())
    return max(1.0, wall / own)


def undisturbed(centre: Centre, *legs: str) -> None:
    """These channels have not left their bridge."""
    for leg in legs:
        for name in ("ConfbridgeLeave", "BridgeLeave", "HangupRequest", "Hangup"):
            assert not centre.observer.seen(name, Uniqueid=leg), f"{name} of {leg}"


def good(line: str) -> bool:
    return line.startswith("SUCCESS")


@pytest_twisted.ensureDeferred
async def test_kill_9_in_a_call_is_not_noticed_and_hangup_works_at_once(centre: Centre) -> None:
    agent = await centre.log_in()
    # What else the machine does may begin and end at any time: of three times one is undisturbed.
    for _ in range(3):
        took = await killed_in_a_call(centre, agent)
        allowed = SOON * await slowness()
        if took < allowed:
            return
    assert took < allowed


async def killed_in_a_call(centre: Centre, agent: str) -> float:
    """A call in which the daemon is killed, and which is then hung up; the seconds from its start to the hangup."""
    customer = await centre.talk()
    before = await centre.snapshot("1000")
    centre.observer.forget()
    started = await centre.kill()
    line = await centre.soon(lambda: centre.api("external_hangup", "1"), good)
    took = centre.reactor.seconds() - started
    assert line == "SUCCESS: external_hangup function set - 1|1000"
    await centre.observer.event("Hangup", Uniqueid=customer)
    undisturbed(centre, agent)
    left = centre.observer.seen("ConfbridgeLeave", Uniqueid=customer)
    assert len(left) == 1
    after = await centre.snapshot("1000")
    assert (after["state"], after["session_id"]) == ("WRAPUP", before["session_id"])
    assert after["calls"][0]["key"] == before["calls"][0]["key"]
    assert await centre.api("external_status", "A") == "SUCCESS: external_status function set - A|1000"
    return took


@pytest_twisted.ensureDeferred
async def test_kill_9_at_five_other_moments(centre: Centre) -> None:
    sessions_before = "select count(*) as n from sessions where user = '1001'"
    [count] = centre.rows(sessions_before)

    # A phone rings for a login: nobody waits for it any more, so it stops ringing.
    login = ensureDeferred(centre.crystal("login", "1001", "521"))
    await centre.observer.event("Newstate", ChannelStateDesc="Ringing")
    await centre.kill()
    with pytest.raises(ResponseNeverReceived):
        await login
    await centre.soon(centre.sessions, lambda sessions: sessions == [])
    await centre.until(centre.link_up, "link")
    await centre.until_empty()
    agent = await centre.log_in()

    # While a customer's phone rings: the call goes on and is answered.
    await centre.rig.behave(CUSTOMER, "answers", after=2)
    try:
        await centre.dial()
        await centre.kill()
        await centre.soon(centre.sessions, bool)
        talking = await centre.until_state("1000", "INCALL")
        customer = talking["calls"][0]["legs"][0]["channel"]
        assert await centre.observer.together(agent, customer)
        assert [leg["Uniqueid"] for leg in (await centre.members("1000")).values()].count(customer) == 1
    finally:
        await centre.rig.behave(CUSTOMER, "usual")

    # In the call, with a dial remembered and a pause code for afterwards.
    await centre.dial("7275551213")
    await centre.api("external_pause", "PAUSE")
    before = await centre.snapshot("1000")
    centre.observer.forget()
    await centre.kill()
    await centre.soon(centre.sessions, bool)
    after = await centre.snapshot("1000")
    assert {key: after[key] for key in ("state", "after", "dial_queue", "calls", "lead", "since")} == {
        key: before[key] for key in ("state", "after", "dial_queue", "calls", "lead", "since")
    }
    undisturbed(centre, agent, customer)

    # In wrap-up: the disposition is given to the new one, and the remembered dial follows.
    await centre.soon(lambda: centre.api("external_hangup", "1"), good)
    await centre.kill()
    await centre.soon(centre.sessions, bool)
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP"
    await centre.soon(lambda: centre.native("GET", "/sessions/1000"), lambda answer: answer.code == 200)
    await centre.until(centre.link_up, "link")
    assert await centre.api("external_status", "A") == "SUCCESS: external_status function set - A|1000"
    talking = await centre.until_state("1000", "INCALL")
    assert [call["number"] for call in talking["calls"]] == ["7275551213"]

    # Dead while the customer hangs up: the new one finds him gone.
    await centre.demo.stop_daemon("KILL")
    assert await centre.rig.hang_up("7275551213") == 1
    await centre.observer.event("Hangup", Uniqueid=talking["calls"][0]["legs"][0]["channel"])
    centre.demo.start_daemon()
    await centre.demo.ready()
    wrapup = await centre.until_state("1000", "WRAPUP")
    assert wrapup["calls"][0]["cause"] == 27
    assert await centre.api("external_status", "NI") == "SUCCESS: external_status function set - NI|1000"

    # Every record once: one call row per call, no login that was given up.
    keys = [before["calls"][0]["key"], wrapup["calls"][0]["key"]]
    sql = "select status from calls where call_key in (?, ?) order by id"
    await centre.until_rows([{"status": "A"}, {"status": "NI"}], sql, *keys)
    assert centre.rows(sessions_before) == [count]
    session_id = before["session_id"]
    await centre.api("logout", "LOGOUT")
    log = await centre.agent_log(session_id)
    assert [row["state"] for row in log] == [
        "PAUSED", "DIALLING", "INCALL", "WRAPUP", "DIALLING", "INCALL", "WRAPUP", "PAUSED",
    ]  # fmt: skip


@pytest_twisted.ensureDeferred
async def test_sigterm_leaves_calls_alone(centre: Centre) -> None:
    agent = await centre.log_in()
    customer = await centre.talk()
    stream = await centre.stream()
    centre.observer.forget()
    await centre.demo.stop_daemon("TERM")
    await stream.over()
    undisturbed(centre, agent, customer)
    assert await centre.observer.together(agent, customer)
    centre.demo.start_daemon()
    await centre.demo.ready()
    undisturbed(centre, agent, customer)
    assert (await centre.snapshot("1000"))["state"] == "INCALL"
    assert await centre.api("external_hangup", "1") == "SUCCESS: external_hangup function set - 1|1000"


@pytest_twisted.ensureDeferred
async def test_a_caller_who_finds_no_daemon_hears_music_and_stays(centre: Centre) -> None:
    await centre.demo.stop_daemon("KILL")
    try:
        centre.rig.call_in("7275550100", "7275559914")
        waiting = await centre.observer.event("MusicOnHoldStart")
        caller = waiting["Uniqueid"]
        tones = (MUSIC_HERTZ, outside_hertz("7275559914"))
        heard = await listen(centre.observer, caller, centre.rig.recordings, tones)
        assert heard.hears == {MUSIC_HERTZ}
    finally:
        centre.demo.start_daemon()
        await centre.demo.ready()
    channel = await centre.observer.channel(caller)
    assert channel is not None, "the daemon's start has ended a caller who waits"

    async def in_line() -> list[str]:
        return [each["number"] for each in (await centre.native("GET", "/ingroups/SALESLINE")).json()["callers"]]

    await centre.until(in_line, "caller in the line")
    assert await in_line() == ["7275559914"]
    await centre.observer.hang_up_all()


@pytest_twisted.ensureDeferred
async def test_asterisk_restarts_and_nobody_is_in_a_call_that_is_gone(centre: Centre) -> None:
    await centre.log_in("1000", "502")
    await centre.log_in("1001", "505")
    await centre.log_in("101", "503")
    await centre.api("external_pause", "RESUME", "1001")
    await centre.talk("1000")
    call = (await centre.snapshot("1000"))["calls"][0]["id"]
    await centre.dial("7275551205", "101")
    stream = await centre.stream()
    await centre.rig.pbx.restart()
    await centre.observer.close()
    await centre.open()
    await stream.event("pbx.link", up=False)
    await stream.event("pbx.link", up=True)
    wrapup = await centre.until_state("1000", "WRAPUP")
    ended = wrapup["calls"][0]
    # An orderly restart ends each channel by an event of its own; a call whose event is lost has ended with cause 27.
    assert (ended["cause"] in {16, 27}, ended["hung_up_by"]) == (True, "pbx")
    await centre.until_state("101", "WRAPUP")
    for agent, state in (("1000", "WRAPUP"), ("1001", "READY"), ("101", "WRAPUP")):
        await stream.event("session.phone", agent=agent, attached=False)
        await stream.event("session.phone", agent=agent, attached=True)
        assert (await centre.snapshot(agent))["state"] == state
        await centre.until_members(agent, "agent")
    sql = "select cause, hung_up_by, status from calls where id = ?"
    await centre.until_rows([{"cause": ended["cause"], "hung_up_by": "pbx", "status": ""}], sql, call)
    assert await centre.api("external_status", "A") == "SUCCESS: external_status function set - A|1000"
    await centre.talk("1000")


@pytest_twisted.ensureDeferred
async def test_asterisk_dies_what_needs_it_is_refused_and_the_rest_goes_on(centre: Centre) -> None:
    await centre.log_in("1000", "502")
    await centre.log_in("1001", "505")
    await centre.log_in("101", "503")
    await centre.talk("1000")
    await centre.talk("101", "7275551213")
    calls = [(await centre.snapshot(agent))["calls"][0]["id"] for agent in ("1000", "101")]
    stream = await centre.stream()
    os.kill(centre.rig.pbx.pid, signal.SIGKILL)
    try:
        await stream.event("pbx.link", up=False)
        assert (await centre.web.ask("GET", "/readyz")).code == 503
        assert await centre.api("external_hangup", "1") == "ERROR: external_hangup not sent - PBX link down|1000"
        assert await centre.dial("7275551214", "1001") == "ERROR: external_dial not sent - PBX link down|1001"
        assert await centre.crystal("login", "201", "501") == "10: PBX unavailable"
        assert good(await centre.api("external_status", "NI"))
        assert good(await centre.api("pause_code", "BREAK", "1001"))
        assert (await centre.snapshot("1001"))["code"] == "BREAK"
        assert (await centre.snapshot("1000"))["state"] == "INCALL", "nobody knows yet what became of the call"
    finally:
        await centre.rig.pbx.when_gone()
        await hang_up_the_world(centre)
        await centre.rig.pbx.start()
        await centre.open()
    assert (await stream.event("call.ended", agent="101"))["cause"] == 27
    assert (await centre.snapshot("101"))["state"] == "WRAPUP"
    # This one's status was given meanwhile: with its end the call is complete.
    assert (await stream.event("call.disposed", agent="1000"))["status"] == "NI"
    await centre.until_state("1000", "PAUSED")
    for agent in ("1000", "1001", "101"):
        await stream.event("session.phone", agent=agent, attached=True)
        await centre.until_members(agent, "agent")
    assert (await centre.snapshot("1001"))["code"] == "BREAK"
    sql = "select cause, hung_up_by, status from calls where id in (?, ?) order by id"
    lost = {"cause": 27, "hung_up_by": "pbx"}
    await centre.until_rows([{**lost, "status": "NI"}, {**lost, "status": ""}], sql, *calls)
    await centre.talk("1001", "7275551214")


async def hang_up_the_world(centre: Centre) -> None:
    """End the calls of the phones and of the outside, whom nobody has told that their PBX died."""

    async def look() -> bool:
        await centre.rig.world.cli("channel request hangup all")
        return (await centre.rig.world.cli("core show channels count")).startswith("0 active channels")

    await centre.until(look, "end of the world's channels")


@pytest.mark.parametrize("how", ["command", "signal"])
@pytest_twisted.ensureDeferred
async def test_a_reload_takes_up_a_new_user(centre: Centre, how: str) -> None:
    name = f"77{len(how)}"
    assert await centre.crystal("login", name, "506") == "1: No such agent!"
    await centre.cli(
        "user", "add", name, "--campaign", "TESTCAMP", "--right", "agentcall_manual", "--password", "x1y2z3"
    )
    if how == "command":
        await centre.cli("reload")
    else:
        os.kill(centre.demo.pid, signal.SIGHUP)

    async def known() -> bool:
        return await centre.crystal("pause", name) != "1: No such agent!"

    await centre.until(known, "new user")
    await centre.log_in(name, "506")
    await centre.talk(name, "7275551230")
