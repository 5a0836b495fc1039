"""The native API's verbs on recordings that are running, and on supervisors."""

from __future__ import annotations

from typing import Any

import pytest

from agentd.core.model import RecordingRule
from tests.faces.native import Native, body, check_problem, frames
from tests.faces.people import campaign

RECORDINGS = "/sessions/1000/recordings"
MONITOR = "/sessions/1000/monitor"


@pytest.fixture
def native() -> Native:
    """Agent 1000 is connected with a customer."""
    native = Native(role="admin")
    native.house.log_in()
    native.house.talk(lead_id=123456)
    return native


def start(native: Native, **wanted: Any) -> Any:
    answer = native.ask("POST", RECORDINGS, wanted)
    assert answer.status == 201, answer.text
    return body(answer)


def running(native: Native) -> list[int]:
    return [recording["id"] for recording in body(native.ask("GET", RECORDINGS))["recordings"]]


# --- recordings ----------------------------------------------------------------------------------------------


def test_a_recording_is_there_when_it_is_answered(native: Native) -> None:
    answer = native.ask("POST", RECORDINGS, {"stage": "offer"})
    recording = body(answer)
    call = native.house.call()
    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1/recordings/{recording['id']}"
    assert (recording["call_id"], recording["stage"], recording["muted"]) == (call.id, "offer", False)
    assert recording["file"].endswith("_7275551212_1000_offer.wav")
    assert recording["started"] <= native.house.now
    session = recording.pop("session")
    assert session["recordings"] == [recording] == body(native.ask("GET", RECORDINGS))["recordings"]
    row = body(native.ask("GET", answer.headers["Location"].removeprefix("/api/v1")))
    assert (row["id"], row["call_key"], row["lead_id"], row["ended"]) == (recording["id"], call.key, 123456, None)


def test_a_recording_that_is_only_asked_for_is_not_shown(native: Native) -> None:
    exchange = native.send("POST", RECORDINGS, {})
    assert not exchange.answered
    assert native.send("GET", RECORDINGS).answer.body == b'{"recordings":[]}'
    native.house.until(lambda: exchange.answered)
    assert len(running(native)) == 1


def test_several_at_once_and_each_ends_by_itself(native: Native) -> None:
    ids = [start(native)["id"] for _ in range(3)]
    assert running(native) == ids
    assert len({recording["file"] for recording in native.snapshot()["recordings"]}) == 3
    ended = native.ask("DELETE", f"{RECORDINGS}/{ids[1]}")
    assert (ended.status, body(ended)["ids"]) == (200, [ids[1]])
    assert running(native) == [ids[0], ids[2]]
    assert body(native.ask("GET", f"/recordings/{ids[1]}"))["ended"] is not None
    ended = native.ask("DELETE", RECORDINGS)
    assert (body(ended)["ids"], body(ended)["session"]["recordings"]) == ([ids[0], ids[2]], [])


def test_silence_while_a_card_number_is_said(native: Native) -> None:
    ids = [start(native)["id"] for _ in range(2)]
    muted = native.ask("PATCH", f"{RECORDINGS}/{ids[0]}", {"muted": True})
    assert (muted.status, body(muted)["ids"]) == (200, [ids[0]])
    assert [recording["muted"] for recording in body(muted)["session"]["recordings"]] == [True, False]
    assert body(native.ask("PATCH", RECORDINGS, {"muted": True}))["ids"] == ids
    native.house.advance(10)
    native.ask("PATCH", RECORDINGS, {"muted": False})
    assert [recording["muted"] for recording in native.snapshot()["recordings"]] == [False, False]
    [silence] = body(native.ask("GET", f"/recordings/{ids[0]}"))["muted"]
    assert silence["until"] - silence["from"] >= 10


def test_it_ends_with_the_customer(native: Native) -> None:
    recording = start(native)["id"]
    native.house.customer_leaves()
    assert running(native) == []
    row = body(native.ask("GET", f"/recordings/{recording}"))
    assert row["reason"] == "hangup"
    check_problem(native.ask("DELETE", RECORDINGS), 404, "not_recording")


def test_without_a_call_the_agents_phone_is_recorded() -> None:
    native = Native()
    native.house.log_in()
    recording = start(native)
    assert (recording["call_id"], native.house.switch.asked[-1].leg) == (None, native.house.session().leg)
    check_problem(native.ask("POST", RECORDINGS, {"call_id": 99}), 404, "call_not_found")


@pytest.mark.parametrize("which", ["99", "0", "x", "-1", "9" * 30])
@pytest.mark.parametrize(("method", "wanted"), [("DELETE", None), ("PATCH", {"muted": True})])
def test_another_recording_is_not_found(native: Native, which: str, method: str, wanted: Any) -> None:
    mine = start(native)["id"]
    check_problem(native.ask(method, f"{RECORDINGS}/{which}", wanted), 404, "not_recording")
    native.house.log_in("1001", "503")
    check_problem(native.ask(method, f"/sessions/1001/recordings/{mine}", wanted), 404, "not_recording")
    assert running(native) == [mine]


def test_a_stage_that_no_file_name_gets(native: Native) -> None:
    for stage in ("../x", "a b", "ä", "a\n", "a.b"):
        check_problem(native.ask("POST", RECORDINGS, {"stage": stage}), 422, "stage_invalid")
    assert running(native) == []


def test_what_the_campaign_says_goes() -> None:
    native = Native()
    native.house.change_campaign(campaign(recording=RecordingRule.NEVER))
    native.house.log_in()
    check_problem(native.ask("POST", RECORDINGS, {}), 422, "recording_off")

    native.house.change_campaign(campaign(recording=RecordingRule.FORCED))
    native.house.talk()
    native.house.until(lambda: bool(running(native)))
    check_problem(native.ask("DELETE", RECORDINGS), 422, "recording_forced")
    check_problem(native.ask("PATCH", RECORDINGS, {"muted": True}), 422, "recording_forced")
    assert len(running(native)) == 1


def test_a_recording_asked_for_twice_is_one(native: Native) -> None:
    answers = [native.ask("POST", RECORDINGS, {}, Idempotency_Key="r") for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert len(running(native)) == 1


def test_who_may_control_a_recording_need_not_hear_it(native: Native) -> None:
    native.plain = native.token("integration", scopes=["calls"])
    recording = start(native)["id"]
    check_problem(native.ask("GET", f"/recordings/{recording}/audio"), 403, "not_permitted")
    assert native.ask("DELETE", f"{RECORDINGS}/{recording}").status == 200


def test_what_is_recorded_is_told(native: Native) -> None:
    stream = native.read("?types=recording")
    recording = start(native, stage="x")
    native.ask("PATCH", RECORDINGS, {"muted": True})
    native.ask("DELETE", RECORDINGS)
    told = [(frame.name, frame.data["recording_id"]) for frame in frames(stream)[1:]]
    names = ["recording.asked", "recording.started", "recording.muted", "recording.ended"]
    assert told == [(name, recording["id"]) for name in names]


# --- supervisors ---------------------------------------------------------------------------------------------


def monitors(native: Native) -> list[Any]:
    found: list[Any] = native.snapshot()["monitors"]
    return found


def test_a_supervisor_listens_whispers_barges_and_goes(native: Native) -> None:
    answer = native.ask("POST", MONITOR, {"phone": "510", "mode": "listen"})
    assert answer.status == 202
    told = body(answer)
    assert [told[name] for name in ("phone", "mode", "by", "since")] == ["510", "listen", "admin token", None]
    assert told["session"]["monitors"] == [{"phone": "510", "mode": "listen", "by": "admin token", "since": None}]
    assert [monitor["phone"] for monitor in monitors(native)] == ["510"]

    native.house.until(lambda: monitors(native)[0]["since"] is not None)
    since = monitors(native)[0]["since"]
    for mode in ("whisper", "barge", "listen", "listen"):
        answer = native.ask("POST", MONITOR, {"phone": "510", "mode": mode})
        assert (answer.status, body(answer)["mode"], body(answer)["since"]) == (200, mode, since)
    assert native.snapshot()["calls"][0]["state"] == "connected"

    gone = native.ask("DELETE", f"{MONITOR}/510")
    assert (gone.status, body(gone)["monitors"]) == (200, [])
    check_problem(native.ask("DELETE", f"{MONITOR}/510"), 404, "not_monitoring")


def test_who_listened_is_known_by_his_user(native: Native) -> None:
    plain = native.token("supervisor", "1001")
    answer = native.ask("POST", MONITOR, {"phone": "000*094", "mode": "barge"}, token=plain)
    assert (answer.status, body(answer)["by"]) == (202, "1001")
    assert native.ask("DELETE", f"{MONITOR}/000*094", token=plain).status == 200


@pytest.mark.parametrize(
    ("phone", "status", "reason"),
    [
        ("999", 422, "phone_unknown"),
        ("524", 422, "phone_has_no_dial_string"),
        ("502", 409, "phone_in_use"),
        ("7275551212", 422, "phone_unknown"),
        ("523", 409, "phone_unreachable"),
    ],
)
def test_a_phone_that_cannot_listen(native: Native, phone: str, status: int, reason: str) -> None:
    check_problem(native.ask("POST", MONITOR, {"phone": phone, "mode": "listen"}), status, reason)
    assert monitors(native) == []


def test_nobody_listens_to_who_is_not_there() -> None:
    native = Native(role="supervisor")
    check_problem(native.ask("POST", MONITOR, {"phone": "510", "mode": "listen"}), 404, "not_logged_in")
    check_problem(native.ask("DELETE", f"{MONITOR}/510"), 404, "not_logged_in")


def test_no_supervisor_is_left_alone_with_a_customer(native: Native) -> None:
    native.ask("POST", MONITOR, {"phone": "510", "mode": "barge"})
    native.house.until(lambda: monitors(native)[0]["since"] is not None)
    native.house.phone_lost()
    native.house.until(lambda: monitors(native) == [])


def test_everything_that_the_picture_shows_changes_its_tag(native: Native) -> None:
    seen: dict[str, bytes] = {}
    verbs: list[tuple[str, str, Any]] = [
        ("POST", RECORDINGS, {}),
        ("PATCH", RECORDINGS, {"muted": True}),
        ("POST", MONITOR, {"phone": "510", "mode": "listen"}),
        ("POST", MONITOR, {"phone": "510", "mode": "whisper"}),
        ("DELETE", f"{MONITOR}/510", None),
        ("DELETE", RECORDINGS, None),
    ]
    for method, path, wanted in verbs:
        exchange = native.send(method, path, wanted)
        for _ in range(40):
            answer = native.send("GET", "/sessions/1000").answer
            assert seen.setdefault(answer.headers["ETag"], answer.body) == answer.body
            native.house.advance(0.0005 if not exchange.answered else 0.01)
        assert exchange.answer.status in {200, 201, 202}, exchange.answer.text
