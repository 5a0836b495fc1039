"""What ``agentd demo call`` and ``agentd demo dialler`` say when there is no demo, or when nothing comes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentd.cli import main
from agentd.sandbox import orders

CALL = {"event": "call.waiting", "at": 0.1, "ingroup": "SALESLINE", "number": "7275556123", "key": "Y1"}


class Door(BaseHTTPRequestHandler):
    """The native API, as far as an order needs it."""

    def do_GET(self) -> None:
        """An in-group; or the snapshot, and then the events that there are."""
        if not self.path.startswith("/api/v1/events"):
            self._answer(200, {})
            return
        self.send_response(200)
        self.end_headers()
        for event in [{"event": "snapshot", "at": 0.0}, *self.server.events]:  # type: ignore[attr-defined]
            self.wfile.write(f"id: 1\nevent: {event['event']}\ndata: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()
        self.server.silence.wait(10)  # type: ignore[attr-defined]

    def do_PATCH(self) -> None:
        """Refused."""
        self._answer(409, {"detail": "campaign TESTCAMP does not dial by itself"})

    def _answer(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def door() -> Iterator[Any]:
    """It, listening."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.events = []  # type: ignore[attr-defined]
        server.silence = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.silence.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


@pytest.fixture
def demo(tmp_path: Path, door: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a demo whose outside world does nothing."""
    url = f"http://127.0.0.1:{door.server_address[1]}"
    (tmp_path / "runtime.json").write_text(json.dumps({"http": url, "token": "t"}))
    monkeypatch.setattr(orders, "call_in", lambda *_: None)
    monkeypatch.setattr(orders, "_SECONDS", 0.3)
    return tmp_path


def told(*words: str) -> tuple[int, str]:
    """The exit code of an order, and what it says."""
    result = CliRunner().invoke(main, ["demo", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output.strip()


@pytest.mark.parametrize("words", [("call", "SALESLINE"), ("dialler", "on")])
def test_without_a_demo_it_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, said = told(words[0], "--dir", str(tmp_path), *words[1:])
    assert (code, said.startswith(f"agentd: no demo runs in {tmp_path}, or its files")) == (1, True)


def test_a_demo_that_has_died_is_named(tmp_path: Path) -> None:
    (tmp_path / "runtime.json").write_text(json.dumps({"http": "http://127.0.0.1:9", "token": "t"}))
    code, said = told("dialler", "--dir", str(tmp_path), "off")
    assert (code, said.startswith("agentd: the daemon does not answer at http://127.0.0.1:9")) == (1, True)


def test_it_waits_for_the_call_that_is_meant(demo: Path, door: Any) -> None:
    others = [{**CALL, "number": "7275556124", "key": "Y2"}, {**CALL, "ingroup": "TEST_IN", "key": "Y3"}]
    door.events = [*others, CALL]
    assert told("--dir", str(demo), "call", "SALESLINE", "--number", CALL["number"]) == (0, "Y1")
    code, said = told("call", "--dir", str(demo), "SALESLINE", "--number", CALL["number"], "--json")
    assert (code, json.loads(said)) == (0, CALL)


@pytest.mark.parametrize("events", [[], [{**CALL, "number": "1"}], [{**CALL, "number": "1", "at": 9.0}, CALL]])
def test_a_call_that_does_not_come_is_not_waited_for_for_ever(
    demo: Path, door: Any, events: list[dict[str, Any]]
) -> None:
    door.events = events
    code, said = told("call", "--dir", str(demo), "SALESLINE", "--number", CALL["number"])
    assert (code, said.startswith("agentd: the call did not come; agentd.log")) == (1, True)


def test_what_the_daemon_refuses_is_said(demo: Path) -> None:
    assert told("dialler", "--dir", str(demo), "on") == (1, "agentd: campaign TESTCAMP does not dial by itself")
