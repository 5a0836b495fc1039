"""What happened to a call in hand is told once and alike: in the logs, the event stream, and the native API."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_twisted

from tests.e2e.centre import CUSTOMER
from tests.e2e.hand import COLLEAGUE, SUPERVISOR, THIRD, Hand
from tests.e2e.web import Stream

async_test = pytest_twisted.ensureDeferred


async def park_log(hand: Hand, call: int, count: int) -> list[dict[str, Any]]:
    """So many stretches of a call without the agent, when all are over; each length is that of its stretch."""
    sql = "select place, retrieved_by, started, ended, length from park_log where call_id = ? order by seq"

    def look() -> list[dict[str, Any]]:
        rows = hand.rows(sql, call)
        return rows if len(rows) == count and all(row["ended"] for row in rows) else []

    rows = await hand.until(look, "end of what is in the park log", 5)
    for row in rows:
        between = hand.rows("select (julianday(?) - julianday(?)) * 86400 as s", row["ended"], row["started"])
        assert row["length"] == pytest.approx(between[0]["s"], abs=0.002)
        assert row["length"] > 0
    return rows


@async_test
async def test_parked_time(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    call = (await hand.call())["id"]
    stream = await hand.stream()
    for value in ("PARK_CUSTOMER", "PARK_IVR_CUSTOMER", "GRAB_CUSTOMER"):
        await hand.park(value)
    await hand.short_prompt(1)
    try:
        await hand.park("PARK_IVR_CUSTOMER")
        await hand.until_call("connected")
    finally:
        await hand.long_prompt()
    await hand.park("PARK_CUSTOMER")
    held = await hand.call()
    assert held["held_since"] is not None
    assert await hand.rig.hang_up(CUSTOMER) == 1
    await hand.until_state("1000", "WRAPUP")
    rows = await park_log(hand, call, 4)
    assert [(row["place"], row["retrieved_by"]) for row in rows] == [
        ("held", ""), ("ivr", "agent"), ("ivr", "ivr"), ("held", ""),
    ]  # fmt: skip
    assert rows[0]["ended"] == rows[1]["started"], "from the music straight to the prompt"
    told = [event for event in stream.events if event["event"] in {"call.held", "call.retrieved"}]
    assert [event.get("where") or event.get("by") for event in told] == ["held", "ivr", "agent", "ivr", "ivr", "held"]
    assert {event["call_id"] for event in told} == {call}
    sql = "select cause, hung_up_by from calls where id = ?"
    await hand.until_rows([{"cause": 16, "hung_up_by": "customer"}], sql, call)
    [row] = hand.rows("select held, talk from calls where id = ?", call)
    assert row["held"] == pytest.approx(sum(each["length"] for each in rows), abs=0.001)
    assert row["held"] < row["talk"]


@async_test
async def test_third_parties_and_transfers(hand: Hand) -> None:
    await hand.duty()
    await hand.log_in()
    stream = await hand.stream()
    customer = await hand.talk()
    call = (await hand.call())["id"]
    for nth, number in enumerate(("7275551200", "8500", THIRD), 1):
        await hand.transfer("DIAL_WITH_CUSTOMER", phone_number=number)
        await stream.event("call.third_party", call_id=call, state="asked", number=number)
        if number == "8500":
            await hand.until_third()
            await hand.transfer("HANGUP_XFER")
        if number != THIRD:
            await _ended(hand, stream, nth)
    await hand.until_third()
    assert await hand.rig.hang_up(THIRD) == 1
    await _ended(hand, stream, 3)
    await hand.consult()
    await hand.transfer("LEAVE_3WAY_CALL")
    sql = (
        "select phone_number, ingroup, consulted, answered is not null as came, ended is not null as went, cause,"
        " hung_up_by from third_log where call_id = ? order by asked"
    )
    number = {"ingroup": "", "consulted": "", "went": 1}
    await hand.until_rows(
        [
            {"phone_number": "7275551200", **number, "came": 0, "cause": 17, "hung_up_by": "third"},
            {"phone_number": "8500", **number, "came": 1, "cause": 16, "hung_up_by": "agent"},
            {"phone_number": THIRD, **number, "came": 1, "cause": 16, "hung_up_by": "third"},
            {"phone_number": "", "ingroup": "TEST_IN3", "consulted": COLLEAGUE, "came": 1, "went": 1, "cause": None,
             "hung_up_by": ""},
        ],
        sql,
        call,
    )  # fmt: skip
    new = (await hand.snapshot(COLLEAGUE))["calls"][0]
    assert (await stream.event("call.transferred", call_id=call))["to"] == COLLEAGUE
    await stream.event("consult.joined", agent=COLLEAGUE, call_id=call, owner="1000")
    await stream.event("consult.ended", agent=COLLEAGUE, call_id=call)
    await stream.event("call.delivered", agent=COLLEAGUE, call_id=new["id"])
    transfers = "select user, how, target from transfer_log where call_id = ?"
    await hand.until_rows([{"user": "1000", "how": "consult", "target": COLLEAGUE}], transfers, call)
    # The colleague's call is one of its own, with the same customer.
    assert new["origin"] == call
    assert new["legs"] == [
        {"role": "customer", "channel": customer, "place": "conference", "room": await hand.room(COLLEAGUE)}
    ]
    await hand.api("external_status", "SALE")
    await hand.api("external_hangup", "1", COLLEAGUE)
    await hand.api("external_status", "NI", COLLEAGUE)
    rows = "select user, status, cause, hung_up_by, origin from calls where id in (?, ?) order by id"
    await hand.until_rows(
        [
            {"user": "1000", "status": "SALE", "cause": 16, "hung_up_by": "transfer", "origin": 0},
            {"user": COLLEAGUE, "status": "NI", "cause": 16, "hung_up_by": "agent", "origin": call},
        ],
        rows,
        call,
        new["id"],
    )


async def _ended(hand: Hand, stream: Stream, count: int) -> None:
    """Wait until so many third parties have ended."""

    def look() -> bool:
        ended = [event for event in stream.events if event["event"] == "call.third_party" and event["state"] == "ended"]
        return len(ended) == count

    await hand.until(look, "end of the third party")


@async_test
async def test_a_waiting_customer_and_the_agent_log(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    call = await hand.call()
    stream = await hand.stream()
    await hand.transfer("LOCAL_CLOSER", ingroup_choices="SALESLINE")
    waiting = await stream.event("call.waiting", ingroup="SALESLINE")
    assert (waiting["origin"], waiting["lead_id"], waiting["number"]) == (call["id"], 123456, CUSTOMER)
    assert waiting["agent"] is None
    await hand.duty()
    taken = await hand.until_state(COLLEAGUE, "INCALL")
    await stream.event("call.offered", call_id=waiting["call_id"], to=COLLEAGUE)
    await stream.event("call.waiting_ended", call_id=waiting["call_id"], reason="delivered")
    await stream.event("session.state", agent=COLLEAGUE, state="INCALL")
    assert taken["calls"][0]["key"] == waiting["key"]
    states = [
        event["state"] for event in stream.events if event["event"] == "session.state" and event["agent"] == COLLEAGUE
    ]
    assert states == ["PAUSED", "READY", "RINGING", "INCALL"]
    await hand.api("external_hangup", "1", COLLEAGUE)
    await hand.api("external_status", "A", COLLEAGUE)
    assert (await hand.snapshot(COLLEAGUE))["state"] == "READY", "he took a call from a line, and takes the next"
    sql = "select ingroup, direction, answered > started as waited, status from calls where id = ?"
    await hand.until_rows(
        [{"ingroup": "SALESLINE", "direction": "inbound", "waited": 1, "status": "A"}], sql, waiting["call_id"]
    )
    await hand.api("logout", "LOGOUT", COLLEAGUE)
    log = await hand.agent_log(taken["session_id"])
    assert [row["state"] for row in log] == ["PAUSED", "READY", "RINGING", "INCALL", "WRAPUP", "READY"]


# --- recordings ----------------------------------------------------------------------------------------------


@async_test
async def test_the_recording_log_and_the_sound_by_the_native_api(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    call = await hand.call()
    stream = await hand.stream()
    path = "/sessions/1000/recordings"
    made = (await hand.native("POST", path, {"stage": "offer"})).json()
    assert (await hand.native("GET", f"/recordings/{made['id']}/audio")).json()["reason"] == "recording_running"
    for muted in (True, False):
        assert (await hand.native("PATCH", f"{path}/{made['id']}", {"muted": muted})).code == 200
        [running] = (await hand.snapshot("1000"))["recordings"]
        assert running == {key: made[key] for key in ("id", "call_id", "file", "stage", "started")} | {"muted": muted}
    await hand.hears(CUSTOMER)
    assert await hand.rig.hang_up(CUSTOMER) == 1
    await stream.event("recording.ended", recording_id=made["id"], reason="hangup")
    told = [event for event in stream.events if event["event"].startswith("recording.")]
    assert [event["event"] for event in told] == [
        "recording.asked", "recording.started", "recording.muted", "recording.muted", "recording.ended",
    ]  # fmt: skip
    row = (await hand.native("GET", f"/recordings/{made['id']}")).json()
    assert (row["agent"], row["call_key"], row["lead_id"], row["number"]) == ("1000", call["key"], 123456, CUSTOMER)
    assert row["length"] == pytest.approx(row["ended"] - row["started"], abs=0.001)
    [silence] = row["muted"]
    assert row["started"] < silence["from"] < silence["until"] < row["ended"]
    [kept] = hand.rows("select * from recordings where id = ?", made["id"])
    assert (kept["file"], kept["stage"], kept["asked_by"], kept["reason"]) == (row["file"], "offer", "agent", "hangup")
    [listed] = (await hand.native("GET", f"/recordings?call_id={call['id']}")).json()["recordings"]
    assert listed == row
    await _fetched(hand, row)


async def _fetched(hand: Hand, row: dict[str, Any]) -> None:
    """The file comes whole and in parts, and the parts are the whole's."""
    file = hand.rig.recordings / row["file"]
    path = row["audio"].removeprefix("/api/v1")

    async def whole() -> bytes:
        answer = await hand.native("GET", path)
        return answer.body if answer.code == 200 and answer.body == file.read_bytes() else b""

    sound = await hand.until(whole, "whole file")
    assert sound[:4] == b"RIFF"
    size = len(sound)
    for wanted, part in (
        ("bytes=0-99", sound[:100]),
        ("bytes=100-", sound[100:]),
        ("bytes=-10", sound[-10:]),
        (f"bytes={size - 5}-{size + 100}", sound[-5:]),
    ):
        answer = await hand.native("GET", path, Range=wanted)
        assert (answer.code, answer.body) == (206, part), wanted
        first = size - len(part) if wanted != "bytes=0-99" else 0
        assert answer.header("Content-Range") == f"bytes {first}-{first + len(part) - 1}/{size}"
    answer = await hand.native("GET", path, Range=f"bytes={size}-")
    assert (answer.code, answer.header("Content-Range")) == (416, f"bytes */{size}")
    assert (await hand.native("GET", path, Authorization="Bearer nonsense")).code == 401


# --- supervisors ---------------------------------------------------------------------------------------------


@async_test
async def test_who_listened_when(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    stream = await hand.stream()
    path = "/sessions/1000/monitor"
    answer = await hand.native("POST", path, {"phone": SUPERVISOR, "mode": "listen"})
    assert (answer.code, answer.json()["since"]) == (202, None)
    started = await stream.event("monitor.started", phone=SUPERVISOR, mode="listen")
    for mode in ("whisper", "barge"):
        assert (await hand.native("POST", path, {"phone": SUPERVISOR, "mode": mode})).code == 200
        await stream.event("monitor.changed", phone=SUPERVISOR, mode=mode)
        assert [each["mode"] for each in (await hand.snapshot("1000"))["monitors"]] == [mode]
    assert (await hand.native("DELETE", f"{path}/{SUPERVISOR}")).code == 200
    await stream.event("monitor.ended", phone=SUPERVISOR, cause=16)
    assert (await hand.snapshot("1000"))["monitors"] == []
    newest = "select max(asked) from supervision_log"
    sql = (
        "select user, phone, mode, asked_by, cause, ended is not null as over from supervision_log"
        f" where asked = ({newest})"
    )
    row = {"user": "1000", "phone": SUPERVISOR, "mode": "listen", "asked_by": started["by"], "cause": 16, "over": 1}
    await hand.until_rows([row], sql)
    modes = (
        "select m.mode, m.length > 0 as lasted from supervision_modes m join supervision_log l"
        f" on l.leg = m.leg and l.daemon = m.daemon where l.asked = ({newest}) order by m.seq"
    )
    await hand.until_rows([{"mode": mode, "lasted": 1} for mode in ("listen", "whisper", "barge")], modes)


@async_test
async def test_only_a_supervisor_may_listen_and_only_from_a_free_phone_of_the_house(hand: Hand) -> None:
    await hand.duty()
    await hand.log_in()
    path = "/sessions/1000/monitor"
    made = await hand.cli("token", "create", "--name", "crm", "--role", "integration", "--json")
    token = json.loads(made)["token"]
    body = {"phone": SUPERVISOR, "mode": "listen"}
    refused = await hand.native("POST", path, body, Authorization=f"Bearer {token}")
    assert (refused.code, refused.json()["reason"]) == (403, "not_permitted")
    for phone, reason in (("505", "phone_in_use"), ("7275551212", "phone_unknown"), ("8500", "phone_unknown")):
        refused = await hand.native("POST", path, {"phone": phone, "mode": "listen"})
        assert refused.json()["reason"] == reason, phone
    await hand.until_members("1000", "agent")
    assert (await hand.native("DELETE", f"{path}/{SUPERVISOR}")).json()["reason"] == "not_monitoring"
