"""What nobody should send: a clear error each, nothing sent to Asterisk, nothing secret in the log."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.interfaces import IPullProducer
from twisted.internet.protocol import Protocol
from zope.interface import implementer

from tests.e2e.centre import AGC, CRYSTAL, X5, Centre

WELL = "source=test&user=6666&pass=1234&agent_user=1000"
SECRET = "s3cr3t-never-to-be-seen"
_ABOUT_CHANNELS = {
    "Newchannel",
    "VarSet",
    "OriginateResponse",
    "SoftHangupRequest",
    "Hangup",
    "MusicOnHoldStart",
    "Newexten",
    "BridgeLeave",
}


async def untouched(centre: Centre, agent: str) -> None:
    """Asterisk was not asked for anything, the agent is as he was.

    What his conference does to his phone's channel, and that he has answered, may come after the login is answered.
    """
    await centre.observer.caught_up()
    late = {("VarSet", agent), ("OriginateResponse", agent)}
    events = centre.observer.events
    seen = {event["Event"] for event in events if (event["Event"], event.get("Uniqueid")) not in late}
    assert not seen & _ABOUT_CHANNELS, seen
    assert [channel["Uniqueid"] for channel in await centre.observer.channels()] == [agent]
    assert (await centre.snapshot("1000"))["state"] == "PAUSED"


@pytest.mark.parametrize("path", [AGC, X5])
@pytest_twisted.ensureDeferred
async def test_the_agent_api_says_what_is_wrong(centre: Centre, path: str) -> None:
    agent = await centre.log_in()
    centre.observer.forget()
    dial = "function=external_dial&phone_code=1&search=YES&preview=NO&focus=YES"
    bad = "ERROR: Invalid Username/Password: "
    asked = {
        f"source=test&user=6666&pass={SECRET}&agent_user=1000&{dial}&value=7275551212": f"{bad}|6666||0|0|BAD|",
        f"source=test&user=6666&agent_user=1000&{dial}&value=7275551212": f"{bad}|6666||0|0|BAD|",
        f"source=test&pass=1234&agent_user=1000&{dial}&value=7275551212": f"{bad}|||0|0|BAD|",
        f"source=test&user=1000&pass=1234&agent_user=1000&{dial}&value=7275551212": f"{bad}|1000||1|0|GOOD|",
        f"user=6666&pass=1234&agent_user=1000&{dial}&value=7275551212": "ERROR: Invalid Source - ",
        f"{WELL}&function=make_money&value=1": "ERROR: unknown function - make_money",
        f"{WELL}&value=1": "ERROR: unknown function - ",
        "source=test&user=6666&pass=1234&function=external_hangup&value=1": "ERROR: external_hangup not valid - 1|",
        f"{WELL}&function=external_hangup&value=2": "ERROR: external_hangup not valid - 2|1000",
        f"{WELL}&function=external_hangup": "ERROR: external_hangup not valid - |1000",
        f"{WELL}&function=external_pause&value=XPAUSEX": "ERROR: external_pause not valid - XPAUSEX|1000",
        f"{WELL}&{dial}&value=7": "ERROR: external_dial not valid - 7|1|YES|1000",
        f"{WELL}&{dial}&value=abc": "ERROR: external_dial not valid - abc|1|YES|1000",
        f"{WELL}&function=external_status&value=%3Cscript%3E": "ERROR: external_status not valid - script|1000",
        f"{WELL.replace('1000', '%2E%2E')}&function=external_hangup&value=1": "ERROR: external_hangup not valid - 1|..",
    }
    for query, line in asked.items():
        answer = await centre.web.ask("GET", f"{path}?{query}")
        assert (answer.code, answer.text) == (200, f"{line}\n"), query
    await untouched(centre, agent)
    assert SECRET not in centre.log


_EVIL = {
    "CR LF": "\r\nAction: Originate\r\n\r\n",
    "LF": "\nX",
    "NUL": "\0",
    "64 KB": "9" * 65536,
    "not UTF-8": "\udcff",
}


_FIELDS = [
    *("source", "user", "pass", "agent_user", "function", "value"),
    *("phone_code", "vendor_id", "search", "dial_prefix", "group_alias", "lead_id", "callback_comments", "stage"),
]


@pytest.mark.parametrize("name", _FIELDS)
@pytest_twisted.ensureDeferred
async def test_no_field_lets_anything_through(centre: Centre, name: str) -> None:
    agent = await centre.log_in()
    centre.observer.forget()
    good = {"source": "test", "user": "6666", "pass": "1234", "agent_user": "1000", "function": "external_dial",
            "value": "7275551212", "phone_code": "1", "search": "YES", "preview": "NO", "focus": "YES"}  # fmt: skip
    for what, text in _EVIL.items():
        fields = good | {name: good.get(name, "") + text}
        query = "&".join(f"{key}={quote(value, errors='surrogateescape')}" for key, value in fields.items())
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answers = [await centre.web.ask("POST", AGC, query.encode(), form)]
        if len(query) < 16000:
            answers.append(await centre.web.ask("GET", f"{AGC}?{query}"))
        for answer in answers:
            assert answer.code == 200, (what, answer)
            assert re.fullmatch(r"ERROR: [^\r\n\0]{1,6000}\n", answer.text), (what, answer.text[:200])
    await untouched(centre, agent)


@pytest_twisted.ensureDeferred
async def test_crystal_lets_nothing_through(centre: Centre) -> None:
    agent = await centre.log_in()
    centre.observer.forget()
    for what, text in _EVIL.items():
        if len(text) > 1000:
            continue
        evil = quote(text, errors="surrogateescape")
        for query, expected in {
            f"action=login&agid=1001&agext=505{evil}": "2: no such extension\n",
            f"action=login&agid=1001{evil}&agext=505": "1: No such agent!\n",
            f"action=login{evil}&agid=1001&agext=505": "6: unknown action\n",
        }.items():
            answer = await centre.web.ask("GET", f"{CRYSTAL}?{query}")
            assert (answer.code, answer.text) == (200, expected), (what, query)
    await untouched(centre, agent)


@pytest_twisted.ensureDeferred
async def test_the_native_api_says_what_is_wrong(centre: Centre) -> None:
    agent = await centre.log_in()
    centre.observer.forget()
    wrong: list[tuple[str, str, Any, int, str]] = [
        ("POST", "/sessions/1000/calls", {"number": "7275551212\r\nAction: Originate"}, 422, "number_not_allowed"),
        ("POST", "/sessions/1000/calls", {"number": "727\0"}, 422, "number_not_allowed"),
        ("POST", "/sessions/1000/calls", {"number": 7275551212}, 400, "invalid_body"),
        ("POST", "/sessions/1000/calls", {"numbr": "7275551212"}, 400, "invalid_body"),
        ("POST", "/sessions/1000/calls", {}, 400, "invalid_body"),
        ("POST", "/sessions/4496/calls", {"number": "7275551212"}, 404, "not_logged_in"),
        ("PUT", "/sessions/1000/calls/current/disposition", {"status": "XXXX"}, 422, "status_unknown"),
        ("PATCH", "/sessions/1000", {"state": "asleep"}, 400, "invalid_body"),
        ("PATCH", "/sessions/1000", {"state": "paused", "code": "NO\nPE"}, 422, "pause_code_unknown"),
        ("POST", "/sessions", {"agent": "1001", "phone": "505/../../x"}, 422, "phone_unknown"),
        ("GET", "/session", None, 404, "not_found"),
        ("PUT", "/sessions", {}, 405, "method_not_allowed"),
    ]
    for method, path, body, code, reason in wrong:
        answer = await centre.native(method, path, body)
        assert (answer.code, answer.json()["reason"]) == (code, reason), (path, answer.text)
        assert answer.header("Content-Type") == "application/problem+json"
    for token in ("Bearer nonsense", f"Bearer {SECRET}", "Basic NjY2NjoxMjM0", ""):
        answer = await centre.native("POST", "/sessions/1000/calls", {"number": "7275551212"}, Authorization=token)
        assert (answer.code, answer.json()["reason"]) == (401, "unauthorized")
    await untouched(centre, agent)


@pytest.mark.parametrize("path", [AGC, CRYSTAL, "/api/v1/sessions", "/nowhere"])
@pytest.mark.parametrize("told", [True, False], ids=["with its length", "in chunks"])
@pytest_twisted.ensureDeferred
async def test_a_gigabyte_is_cut_off(centre: Centre, path: str, told: bool) -> None:
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/x-www-form-urlencoded"]
    head.append("Content-Length: 1073741824" if told else "Transfer-Encoding: chunked")
    before = _resident(centre)
    flood = await _flood(centre, "\r\n".join([*head, "", ""]).encode(), chunked=not told)
    assert flood.answer.startswith(b"HTTP/1.1 413 "), flood.answer[:200]
    assert flood.sent < 16 << 20, "most of a gigabyte was taken"
    assert _resident(centre) - before < 32 << 20
    assert (await centre.web.ask("GET", "/healthz")).code == 200


def _resident(centre: Centre) -> int:
    """The daemon's memory, in bytes."""
    with open(f"/proc/{centre.demo.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@implementer(IPullProducer)
class _Flood(Protocol):
    """Sends a head and then a gigabyte, as fast as it is taken, until the other side has enough."""

    def __init__(self, head: bytes, *, chunked: bool) -> None:
        self.sent = 0
        self.answer = b""
        self.over: Deferred[None] = Deferred()
        self._head = head
        self._blocks = self._gigabyte(chunked)

    @staticmethod
    def _gigabyte(chunked: bool) -> Iterator[bytes]:
        block = b"value=" + b"1" * 65530
        for _ in range(16384):
            yield b"%x\r\n%s\r\n" % (len(block), block) if chunked else block

    def connectionMade(self) -> None:
        self.transport.write(self._head)
        self.transport.registerProducer(self, False)

    def resumeProducing(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self.transport.unregisterProducer()
            return
        self.sent += len(block)
        self.transport.write(block)

    def stopProducing(self) -> None:
        """The connection is gone."""

    def dataReceived(self, data: bytes) -> None:
        self.answer += data

    def connectionLost(self, reason: object = None) -> None:
        self.over.callback(None)


async def _flood(centre: Centre, head: bytes, *, chunked: bool) -> _Flood:
    endpoint = TCP4ClientEndpoint(centre.reactor, "127.0.0.1", centre.demo.port, timeout=5)
    flood = await connectProtocol(endpoint, _Flood(head, chunked=chunked))
    await flood.over.addTimeout(20, centre.reactor)
    return flood


@pytest_twisted.ensureDeferred
async def test_urls_and_heads_that_are_no_http(centre: Centre) -> None:
    answer = await centre.web.ask("GET", f"{AGC}?function=version&value={'9' * 20000}")
    assert answer.code == 414
    answer = await centre.web.ask("GET", f"{AGC}?function=version", headers={"Host": "evil.example"})
    assert answer.code == 421
    answer = await centre.web.ask("DELETE", f"{AGC}?function=version")
    assert answer.code == 405
    answer = await centre.web.ask("GET", "/agc/../../../etc/passwd")
    assert answer.code == 404
    line = await centre.web.ask("GET", f"{AGC}?function=version")
    assert re.fullmatch(r"VERSION: \S+\|BUILD: \S+\|DATE: [-\d]{10} [:\d]{8}\|EPOCH: \d{10}\n", line.text)
    assert line.header("Content-Type") == "text/html; charset=utf-8"


@pytest_twisted.ensureDeferred
async def test_ten_wrong_passwords_lock_that_user_and_nobody_else(centre: Centre) -> None:
    await centre.cli("user", "add", "8888", "--right", "agent_api", "--password", "1234")
    before = centre.log.count("reloaded:")
    await centre.cli("reload")
    await centre.until(lambda: centre.log.count("reloaded:") > before, "reload")

    async def ask(password: str) -> str:
        return await centre.api("external_pause", "PAUSE", user="8888", **{"pass": password})

    for _ in range(10):
        assert await ask(SECRET) == "ERROR: Invalid Username/Password: |8888||0|0|BAD|"
    for password in (SECRET, "1234"):
        assert await ask(password) == "ERROR: Invalid Username/Password: |8888||0|0|LOCK|"
    for path in (AGC, X5):
        line = await centre.api("external_pause", "PAUSE", path=path)
        assert line == "ERROR: agent_user is not logged in - 1000", "another user of the same address"


@pytest_twisted.ensureDeferred
async def test_nothing_that_is_secret_is_in_the_log_or_the_api_log(centre: Centre) -> None:
    await centre.log_in()
    await centre.api("external_pause", "PAUSE")
    await centre.api("external_pause", "PAUSE", method="POST", **{"pass": SECRET})
    await centre.web.ask("GET", f"{CRYSTAL}?action=pause&agid=1000&secure=4324221")
    await centre.native("GET", "/sessions", Authorization=f"Bearer {SECRET}")
    secrets = [SECRET, "pass=", "4324221", centre.runtime["token"], *centre.rig.secrets.values()]
    await centre.until(lambda: f"POST {AGC} 200" in centre.log, "word of this test in the log")
    for secret in secrets:
        assert secret not in centre.log
    sql = "select * from api_log where function = 'external_pause' and result = 'ERROR' order by api_id desc limit 1"
    [row] = await centre.until(lambda: centre.rows(sql), "row of the API log")
    assert not {SECRET, "1234"} & {str(value) for value in row.values()}
    journal = b"".join(file.read_bytes() for file in (centre.demo.folder / "state" / "journal").iterdir())
    for secret in (SECRET, centre.runtime["token"]):
        assert secret.encode() not in journal
