"""How much memory a full house takes, and whether it grows: 500 agents with 500 calls on the scripted Asterisk.

    python -m bench.capacity [--agents 500] [--minutes 2]

All agents are logged in and in a call; then calls end, are disposed of and are dialled again, one agent after the
other, for so many minutes, while somebody reads all snapshots and the event stream. Printed are the daemon's memory
when it has started, when the house is full, and at each quarter of the time, and its processor time for a whole call
(dial, answer, hangup, disposition), as a ratio to a bare HTTP answer of the same run.

What is kept on purpose grows: the last 10,000 records and events until these are there (the first half of the time is
more than enough), and the key of each call for an hour. Growth is therefore what the second half added for a call, and
what that makes of an hour at 20 new calls a second, the most that a PBX is allowed by default. It fails (exit code 1)
above 200 MB, now or then.
"""

from __future__ import annotations

import argparse
import socket
import sys
import threading
import time

from bench.parts.bare import LINE
from bench.parts.centre import Centre, served, usage
from bench.parts.load import closed_loop
from bench.restart import fill

LIMIT = 200.0
_BARE = [[b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"]]
_HOUR = 72_000  # calls, at 20 a second
_LOOK = 2.0  # seconds between two readings of all snapshots


class _Reader(threading.Thread):
    """Reads the event stream and counts its bytes."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._socket = socket.create_connection(("127.0.0.1", centre.port))
        request = f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: {centre.bearer}\r\n\r\n"
        self._socket.sendall(request.encode())
        self.start()

    def run(self) -> None:
        """Until the daemon closes."""
        while data := self._socket.recv(65536):
            self.bytes += len(data)


def _calls(centre: Centre, seconds: float) -> int:
    """Whole calls, one agent after the other, for so long; how many."""
    end, done, looked = time.perf_counter() + seconds, 0, 0.0
    more = {"phone_code": "1", "search": "NO", "preview": "NO", "focus": "NO"}
    while time.perf_counter() < end:
        agent = centre.agents[done % len(centre.agents)]
        centre.api(agent, "external_hangup", "1")
        centre.api(agent, "external_status", "A")
        centre.api(agent, "external_dial", f"727{done:07d}", **more)
        done += 1
        if time.perf_counter() > looked + _LOOK:
            looked = time.perf_counter()
            assert len(centre.sessions()) == len(centre.agents)
    return done


def main() -> int:
    """Fill the house, keep it busy, and look at the memory."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--agents", type=int, default=500)
    options.add_argument("--minutes", type=float, default=2.0)
    chosen = options.parse_args()
    with (
        served("bare") as (bare_pid, bare_port),
        served("scripted") as (_, port),
        Centre(chosen.agents, f"127.0.0.1:{port}") as centre,
    ):
        print(f"started: {usage(centre.pid).resident:.0f} MB")
        fill(centre, 0.0)
        reader = _Reader(centre)
        print(f"{len(centre.agents)} agents, {len(centre.agents)} calls: {usage(centre.pid).resident:.0f} MB")
        before, done, memory, calls = usage(centre.pid).seconds, 0, [], []
        for quarter in range(1, 5):
            done += _calls(centre, chosen.minutes * 15)
            memory.append(usage(centre.pid).resident)
            calls.append(done)
            print(f"after {quarter * chosen.minutes / 4:g} minutes and {done:,} more calls: {memory[-1]:.0f} MB")
        cost = (usage(centre.pid).seconds - before) / done
        bare_before = usage(bare_pid).seconds
        answers = closed_loop(bare_port, 2.0, _BARE, LINE).answers
        bare = (usage(bare_pid).seconds - bare_before) / answers
        print(f"a whole call takes {cost * 1e3:.2f} ms of processor, {cost / bare:.0f} bare HTTP answers' worth")
        print(f"the event stream gave {reader.bytes / 1e6:.1f} MB")
    each = (memory[3] - memory[1]) / (calls[3] - calls[1])
    later = memory[3] + max(0.0, each) * _HOUR
    print(f"highest {max(memory):.0f} MB; the second half added {each * 1e6:,.0f} bytes for a call")
    print(f"after an hour at 20 calls a second: {later:.0f} MB (at most {LIMIT:g})")
    return 0 if max(*memory, later) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
