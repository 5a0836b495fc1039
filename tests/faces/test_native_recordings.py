"""The recording log and its files, as somebody who listens to them meets it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from agentd.core import records as r
from agentd.http import files
from agentd.http.files import STALLED
from tests.faces.house import START, Exchange
from tests.faces.native import BASE, Native, body, check_problem
from tests.http.memory import Answer

SOUND = bytes(n % 251 for n in range(300_000))


@pytest.fixture
def native(tmp_path: Path) -> Native:
    native = Native(folder=tmp_path)
    native.house.log_in()
    return native


def keep(native: Native, number: int = 1, agent: str = "1000", file: str = "", **more: int) -> str:
    """Let a recording have been made; gives its file's name."""
    file = file or f"20261120-0924{number:02}_7275551212_{agent}_.wav"
    call_id, lead_id = more.get("call_id", 1000), more.get("lead_id", 123456)
    asked = r.RecordingAsked(
        number, "leg", agent, 1, call_id, lead_id, "7275551212", file[:-4], file, START + number, "offer"
    )
    tell(native, START + number, asked, r.RecordingStarted(number, agent, call_id))
    return file


def end(native: Native, number: int = 1, agent: str = "1000", file: str = "x.wav") -> None:
    """Let it be over, a minute later."""
    tell(native, START + number + 60, r.RecordingEnded(number, agent, 1000, file, "hangup"))


def tell(native: Native, at: float, *records: r.Record) -> None:
    for record in records:
        [entry] = native.house.journal.write([record], at)
        native.house.store.listen([entry])


def made(native: Native, folder: Path, number: int = 1, agent: str = "1000", sound: bytes = SOUND) -> str:
    """Let there be a recording, and its file."""
    file = keep(native, number, agent)
    end(native, number, agent, file)
    (folder / file).write_bytes(sound)
    return file


# --- the log -------------------------------------------------------------------------------------------------


def test_a_recording_of_the_log(native: Native) -> None:
    native.house.talk()
    file = keep(native)
    running = body(native.ask("GET", "/recordings/1"))
    assert (running["started"], running["ended"], running["length"], running["audio"]) == (START + 1, None, None, None)
    tell(native, START + 11, r.RecordingMuted(1, "1000", 1000, muted=True))
    tell(native, START + 16, r.RecordingMuted(1, "1000", 1000, muted=False))
    end(native, file=file)
    answer = native.ask("GET", "/recordings/1")
    assert answer.status == 200
    assert body(answer) == {
        "id": 1,
        "agent": "1000",
        "call_id": 1000,
        "call_key": native.house.call().key,
        "lead_id": 123456,
        "number": "7275551212",
        "file": file,
        "stage": "offer",
        "started": START + 1,
        "ended": START + 61,
        "length": 60.0,
        "reason": "hangup",
        "muted": [{"from": START + 11, "until": START + 16}],
        "failed": None,
        "removed": None,
        "audio": "/api/v1/recordings/1/audio",
    }


def test_a_stretch_of_silence_that_goes_on_has_no_end(native: Native) -> None:
    keep(native)
    tell(native, START + 11, r.RecordingMuted(1, "1000", 1000, muted=True))
    assert body(native.ask("GET", "/recordings/1"))["muted"] == [{"from": START + 11, "until": None}]


def test_the_log_page_by_page_the_newest_first(native: Native) -> None:
    for number in range(1, 8):
        keep(native, number)
    pages, cursor = [], ""
    while cursor is not None:
        page = body(native.ask("GET", f"/recordings?limit=3&cursor={cursor}"))
        pages.append([row["id"] for row in page["recordings"]])
        cursor = page["next"]
        keep(native, 8 + len(pages))  # what is new does not move the pages
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]
    whole = body(native.ask("GET", "/recordings?limit=10"))
    assert ([row["id"] for row in whole["recordings"]], whole["next"]) == ([11, 10, 9, 7, 6, 5, 4, 3, 2, 1], None)


def test_the_log_of_an_agent_a_call_a_lead_a_time(native: Native) -> None:
    keep(native, 1)
    keep(native, 2, "1001")
    keep(native, 3, call_id=1001)
    keep(native, 4, lead_id=402028)

    def ids(query: str) -> list[int]:
        return [row["id"] for row in body(native.ask("GET", f"/recordings?{query}"))["recordings"]]

    assert ids("") == [4, 3, 2, 1]
    assert ids("agent=1001") == [2]
    assert ids("call_id=1001") == [3]
    assert ids("lead_id=402028&agent=1000") == [4]
    assert ids(f"since={START + 2}&until={START + 4}") == [3, 2]
    assert ids(f"since={START + 2.5}") == [4, 3]
    assert ids("agent=4496") == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("call_id=x", "call_id"),
        ("lead_id=-1", "lead_id"),
        ("lead_id=%D9%A3", "lead_id"),
        ("since=yesterday", "since"),
        ("until=inf", "until"),
        ("until=1e9", "until"),
        ("cursor=%21", "cursor"),
        ("cursor=MTAwMA%3D%3Dx", "cursor"),
        ("cursor=YWJj", "cursor"),
        ("file=x.wav", "file"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(native: Native, query: str, parameter: str) -> None:
    details = check_problem(native.ask("GET", f"/recordings?{query}"), 400, "invalid_parameter")
    assert details["parameter"] == parameter


@pytest.mark.parametrize("name", ["2", "0", "x", "-1", "9" * 30, "%D9%A3", "..", "%2e%2e", "x.wav"])
def test_there_is_no_other(native: Native, tmp_path: Path, name: str) -> None:
    made(native, tmp_path)
    for path in (f"/recordings/{name}", f"/recordings/{name}/audio"):
        answer = native.ask("GET", path)
        assert (answer.status, body(answer)["reason"]) in {(404, "recording_unknown"), (404, "not_found")}


def test_without_the_database_there_is_no_log(native: Native) -> None:
    native.house.store.away = True
    for path in ("/recordings", "/recordings/1", "/recordings/1/audio"):
        check_problem(native.ask("GET", path), 503, "database_away")


def test_an_agent_hears_himself_alone(native: Native, tmp_path: Path) -> None:
    made(native, tmp_path, 1)
    made(native, tmp_path, 2, "1001")
    own = native.token("agent", "1000")
    assert [row["id"] for row in body(native.ask("GET", "/recordings", token=own))["recordings"]] == [1]
    check_problem(native.ask("GET", "/recordings?agent=1001", token=own), 403, "not_permitted")
    assert native.ask("GET", "/recordings/1/audio", token=own).body == SOUND
    for path in ("/recordings/2", "/recordings/2/audio"):
        check_problem(native.ask("GET", path, token=own), 404, "recording_unknown")


# --- the sound -----------------------------------------------------------------------------------------------


def sound(native: Native, **headers: str) -> Answer:
    named = {"Authorization": f"Bearer {native.plain}"} | {n.replace("_", "-"): v for n, v in headers.items()}
    return native.house.ask(f"{BASE}/recordings/1/audio", headers=named)


def test_the_whole_file(native: Native, tmp_path: Path) -> None:
    file = made(native, tmp_path)
    answer = sound(native)
    assert (answer.status, answer.body == SOUND) == (200, True)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Length"] == str(len(SOUND))
    assert answer.headers["Content-Disposition"] == f'inline; filename="{file}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Range" not in answer.headers


def test_the_head_alone(native: Native, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(native, tmp_path)
    monkeypatch.setattr(files, "_read", None)  # nothing is read for it
    answer = native.ask("HEAD", "/recordings/1/audio", Range="bytes=0-9")
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", str(len(SOUND)))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99999", 0, 99_999),
        ("bytes=65530-200000", 65_530, 200_000),
        ("bytes=299999-", 299_999, 299_999),
        ("bytes=-10", 299_990, 299_999),
        ("bytes=100-999999", 100, 299_999),
    ],
)
def test_a_part_of_it(native: Native, tmp_path: Path, asked: str, first: int, last: int) -> None:
    made(native, tmp_path)
    answer = sound(native, Range=asked)
    assert (answer.status, answer.body == SOUND[first : last + 1]) == (206, True)
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/300000"
    assert answer.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["bytes=300000-", "bytes=-0"])
def test_a_part_that_is_not_there(native: Native, tmp_path: Path, asked: str) -> None:
    made(native, tmp_path)
    answer = sound(native, Range=asked)
    check_problem(answer, 416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == "bytes */300000"


def test_a_download_goes_on_only_while_the_file_is_the_same(native: Native, tmp_path: Path) -> None:
    made(native, tmp_path)
    tag = sound(native).headers["ETag"]
    assert sound(native, Range="bytes=10-", If_Range=tag).status == 206
    changed = sound(native, Range="bytes=10-", If_Range='"another"')
    assert (changed.status, changed.body == SOUND) == (200, True)


@pytest.mark.parametrize(
    ("ending", "kind"), [("gsm", "audio/x-gsm"), ("ulaw", "audio/basic"), ("alaw", "audio/x-alaw-basic")]
)
def test_each_format_has_its_type(native: Native, tmp_path: Path, ending: str, kind: str) -> None:
    file = keep(native, file=f"20261120-092430_7275551212_1000_.{ending}")
    end(native, file=file)
    (tmp_path / file).write_bytes(b"x")
    assert sound(native).headers["Content-Type"] == kind


def test_what_is_being_recorded_is_not_sent_yet(native: Native, tmp_path: Path) -> None:
    (tmp_path / keep(native)).write_bytes(SOUND)
    check_problem(sound(native), 409, "recording_running")


def test_what_is_not_there_is_said_to_be_so(native: Native, tmp_path: Path) -> None:
    file = made(native, tmp_path)
    (tmp_path / file).write_bytes(b"")
    check_problem(sound(native), 404, "recording_gone")
    (tmp_path / file).unlink()
    check_problem(sound(native), 404, "recording_gone")
    (tmp_path / file).write_bytes(SOUND)
    tell(native, START + 99, r.RecordingRemoved(1, file))
    assert body(native.ask("GET", "/recordings/1"))["audio"] is None
    assert "age" in check_problem(sound(native), 404, "recording_gone")["detail"]


def test_a_recording_that_failed_has_none(native: Native) -> None:
    tell(native, START + 1, r.RecordingFailed(1, "1000", 1000, keep(native), "disk full"))
    assert "disk full" in check_problem(sound(native), 404, "recording_gone")["detail"]
    assert body(native.ask("GET", "/recordings/1"))["audio"] is None


@pytest.mark.parametrize("file", ["../secret.wav", "/etc/passwd", "link.wav", "a/b.wav", '".wav', "x\r\nY: z.wav"])
def test_no_row_leads_out_of_the_folder(native: Native, tmp_path: Path, file: str) -> None:
    (tmp_path.parent / "secret.wav").write_bytes(SOUND)
    (tmp_path / "link.wav").symlink_to(tmp_path.parent / "secret.wav")
    keep(native, file=file)
    end(native, file=file)
    answer = sound(native)
    check_problem(answer, 404, "recording_gone")
    assert "Y" not in answer.headers


# --- a reader of any speed -----------------------------------------------------------------------------------


def begun(native: Native) -> Exchange:
    named = {"Authorization": f"Bearer {native.plain}"}
    return native.house.send(f"{BASE}/recordings/1/audio", headers=named)


@pytest.fixture
def slowly(native: Native, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Native:
    """Every connection's socket is full after each write."""
    made(native, tmp_path)
    from agentd.http.channel import Channel

    def write(self: Channel, data: bytes) -> None:
        self.transport.write(data)
        self.pauseProducing()

    monkeypatch.setattr(Channel, "write", write)
    return native


def test_a_slow_reader_gets_it_at_his_pace(slowly: Native) -> None:
    exchange = begun(slowly)
    received = [len(exchange.stream)]
    while len(received) < 20 and not exchange.stream.endswith(SOUND[-100:]):
        exchange.connection.channel.resumeProducing()
        received.append(len(exchange.stream))
    steps = [after - before for before, after in pairwise(received)]
    assert all(0 < step <= 65_536 for step in steps), steps
    exchange.connection.channel.resumeProducing()
    assert exchange.answer.body == SOUND
    assert not exchange.connection.closed


def test_a_reader_who_takes_nothing_is_cut_off(slowly: Native) -> None:
    exchange = begun(slowly)
    slowly.house.advance(STALLED - 1)
    assert not exchange.connection.closed
    slowly.house.advance(1)
    assert exchange.connection.transport.aborted


def test_a_reader_who_goes_leaves_nothing(slowly: Native) -> None:
    exchange = begun(slowly)
    timers = len(slowly.house.time.calls)
    exchange.leave()
    assert len(slowly.house.time.calls) == timers - 1, "nobody waits for him any more"
    received = len(exchange.stream)
    slowly.house.advance(STALLED)
    assert len(exchange.stream) == received


def test_half_a_file_is_never_taken_for_a_whole_one(slowly: Native, tmp_path: Path) -> None:
    exchange = begun(slowly)
    [file] = tmp_path.iterdir()
    file.write_bytes(SOUND[:70_000])
    for _ in range(2):
        exchange.connection.channel.resumeProducing()
    assert exchange.connection.transport.aborted


def test_a_link_in_the_place_of_a_file_is_not_followed(slowly: Native, tmp_path: Path) -> None:
    exchange = begun(slowly)
    [file] = tmp_path.iterdir()
    other = tmp_path.parent / "other"
    other.write_bytes(b"secret" * 50_000)
    file.unlink()
    file.symlink_to(other)
    exchange.connection.channel.resumeProducing()
    assert exchange.connection.transport.aborted
    assert b"secret" not in exchange.stream
