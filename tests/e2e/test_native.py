"""The same verbs over the native API; the event stream; what was asked for twice is done once."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest_twisted
from twisted.internet.defer import ensureDeferred, gatherResults

from tests.e2e.centre import CUSTOMER, Centre


@pytest_twisted.ensureDeferred
async def test_the_main_job_over_the_native_api(centre: Centre) -> None:
    answer = await centre.native("POST", "/sessions", {"agent": "1000", "phone": "502"})
    assert (answer.code, answer.header("Location")) == (201, "/api/v1/sessions/1000")
    agent = (await centre.leg("1000", "agent"))["Uniqueid"]
    again = await centre.native("POST", "/sessions", {"agent": "1000", "phone": "502"})
    assert (again.code, again.json()["reason"]) == (409, "already_logged_in")
    taken = await centre.native("POST", "/sessions", {"agent": "1001", "phone": "502"})
    assert (taken.code, taken.json()["reason"], taken.json()["by"]) == (409, "phone_in_use", "1000")
    for phone, reason in {"522": "phone_busy", "523": "phone_unreachable", "521": "phone_no_answer"}.items():
        failed = await centre.native("POST", "/sessions", {"agent": "1001", "phone": phone})
        assert (failed.code, failed.json()["reason"]) == (409, reason)
    ready = await centre.native("PATCH", "/sessions/1000", {"state": "ready"})
    assert (ready.code, ready.json()["state"]) == (200, "READY")
    mission = await centre.native("PATCH", "/sessions/1000", {"state": "mission"})
    assert (mission.json()["state"], mission.json()["code"]) == ("PAUSED", "MISSN")
    paused = await centre.native("PATCH", "/sessions/1000", {"state": "paused", "code": "LUNCH"})
    assert (paused.json()["state"], paused.json()["code"]) == ("PAUSED", "LUNCH")
    dialled = await centre.native("POST", "/sessions/1000/calls", {"lead_id": 123456})
    assert dialled.code == 201
    call = dialled.json()["id"]
    assert dialled.header("Location") == f"/api/v1/sessions/1000/calls/{call}"
    await centre.until_state("1000", "INCALL")
    customer = (await centre.leg("1000", "customer"))["Uniqueid"]
    assert await centre.observer.together(agent, customer)
    pause = await centre.native("PATCH", "/sessions/1000", {"state": "paused", "code": "BREAK"})
    assert pause.json()["after"] == {"state": "PAUSED", "code": "BREAK", "logout": False}
    gone = await centre.native("DELETE", "/sessions/1000/calls/current")
    assert (gone.code, gone.json()["state"]) == (200, "WRAPUP")
    assert await centre.observer.channel(customer) is None
    wrong = await centre.native("PUT", f"/sessions/1000/calls/{call}/disposition", {"status": "XXXX"})
    assert (wrong.code, wrong.json()["reason"], wrong.json()["session"]["state"]) == (422, "status_unknown", "WRAPUP")
    done = await centre.native("PUT", f"/sessions/1000/calls/{call}/disposition", {"status": "SALE"})
    assert (done.code, done.json()["state"], done.json()["code"]) == (200, "PAUSED", "BREAK")
    await centre.until_rows([{"status": "SALE"}], "select status from leads where id = 123456")
    out = await centre.native("DELETE", "/sessions/1000")
    assert (out.code, out.json()["state"]) == (200, None)
    assert await centre.observer.channels() == []


@pytest_twisted.ensureDeferred
async def test_a_hundred_identical_dials_make_one_call(centre: Centre) -> None:
    await centre.log_in()
    before = centre.rows("select count(*) as n from calls")[0]["n"]
    centre.observer.forget()
    ask = {"number": CUSTOMER, "search": True}
    dials = [
        ensureDeferred(centre.native("POST", "/sessions/1000/calls", ask, Idempotency_Key="ticket-4711"))
        for _ in range(100)
    ]
    answers = await gatherResults(dials)
    assert {answer.code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    await centre.until_state("1000", "INCALL")
    await centre.observer.caught_up()
    assert len(centre.observer.seen("Newchannel")) == 1
    assert (await centre.snapshot("1000"))["dial_queue"] == []
    other = await centre.native("POST", "/sessions/1000/calls", {"number": "7275551213"}, Idempotency_Key="ticket-4711")
    assert (other.code, other.json()["reason"]) == (409, "idempotency_mismatch")
    await centre.native("DELETE", "/sessions/1000/calls/current")
    await centre.native("PUT", "/sessions/1000/calls/current/disposition", {"status": "A"})
    await centre.kill()
    late = await centre.soon(
        lambda: centre.native("POST", "/sessions/1000/calls", ask, Idempotency_Key="ticket-4711"), lambda _answer: True
    )
    assert (late.code, late.header("Idempotency-Replayed")) == (201, "true"), "after a restart, too"
    assert (await centre.snapshot("1000"))["state"] == "PAUSED"
    await centre.observer.caught_up()
    assert len(centre.observer.seen("Newchannel")) == 1
    await centre.until_rows([{"n": before + 1}], "select count(*) as n from calls")


@pytest_twisted.ensureDeferred
async def test_what_one_face_does_every_other_sees_at_once(centre: Centre) -> None:
    stream = await centre.stream()
    await stream.event("snapshot")
    await centre.log_in()
    await stream.event("session.started", agent="1000", phone="502", source="crystal")
    await centre.talk()
    started = await stream.event("call.started", agent="1000")
    assert (started["number"], started["lead_id"], started["focus"]) == (CUSTOMER, 123456, True)
    await stream.event("call.ringing", call_id=started["call_id"])
    await stream.event("call.answered", call_id=started["call_id"])
    tag = (await centre.native("GET", "/sessions/1000")).header("ETag")
    assert (await centre.native("GET", "/sessions/1000", If_None_Match=tag)).code == 304
    await centre.crystal("online")
    await stream.event("session.after", agent="1000", after={"state": "READY", "code": None, "logout": False})
    stale = await centre.native("DELETE", "/sessions/1000/calls/current", If_Match=tag)
    assert (stale.code, stale.json()["reason"]) == (412, "revision_mismatch")
    assert (await centre.snapshot("1000"))["state"] == "INCALL"
    await centre.api("external_hangup", "1")
    ended = await stream.event("call.ended", call_id=started["call_id"])
    assert (ended["cause"], ended["hung_up_by"]) == (16, "agent")
    await centre.api("external_status", "NI")
    await stream.event("call.disposed", call_id=started["call_id"], status="NI", by="agent")


@pytest_twisted.ensureDeferred
async def test_the_stream_goes_on_over_kill_9_without_gap_or_double(centre: Centre) -> None:
    witness: list[dict[str, Any]] = []
    stream = await centre.stream()
    await stream.event("snapshot")
    await centre.log_in("1000", "502")
    await centre.log_in("1001", "505")
    await centre.dial()
    for _ in range(3):
        await centre.api("external_pause", "RESUME", "1001")
        # Not one of these is waited for: the daemon dies with answers, news and syncs under way.
        asked = [ensureDeferred(centre.api("pause_code", code, "1001")) for code in ("BREAK", "LUNCH")]
        asked.append(ensureDeferred(centre.api("external_pause", "PAUSE", "1001")))
        os.kill(centre.demo.pid, signal.SIGKILL)
        await stream.over()
        for answer in asked:
            answer.addErrback(lambda _failure: None)
            await answer
        witness += stream.events
        last = stream.last_id
        await centre.until(lambda: centre.demo.pid, "new daemon")
        stream = await centre.soon(lambda last=last: centre.stream(last), bool)
    await centre.until(lambda: linked(centre), "link")
    await centre.until_state("1000", "INCALL")
    await centre.api("external_hangup", "1")
    await centre.api("external_status", "A")
    await centre.crystal("logoff", "1001")
    await centre.crystal("logoff", "1000")
    await stream.event("session.ended", agent="1000")
    witness += stream.events

    assert [event["event"] for event in witness].count("snapshot") == 1
    assert not [event for event in witness if event["event"] == "reset"]
    ids = [event["id"] for event in witness]
    assert len(ids) == len(set(ids)), "an event came twice"
    places = [tuple(int(part) for part in event["id"].rsplit("-", 2)[1:]) for event in witness]
    assert places == sorted(places)
    # Somebody who was never cut off, and reads all of it from the first id on, has seen the same.
    whole = await centre.stream(ids[0])
    await whole.event("session.ended", agent="1000")
    assert [event["id"] for event in whole.events] == ids[1:]
    assert whole.events == witness[1:]


async def linked(centre: Centre) -> bool:
    answer = await centre.web.ask("GET", "/readyz")
    return answer.json()["parts"]["pbx_link"]["state"] == "up"
