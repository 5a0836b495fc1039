"""How long a restart takes, with calls up: ``kill -9``, start, and every session and call right again.

    python -m bench.restart [--agents 60] [--rounds 3]

First on a real Asterisk with Local legs and as many agents, each in a call; then on the scripted one with 500 agents
and 500 calls. After each start it is measured when ``/readyz`` says ready (the link to Asterisk is up and compared by
then), and when a first ``external_hangup`` was done on a call from before the kill; all snapshots are compared with
those from before. The start of a bare Python with agentd's imports, in the same run, tells how much of it is Python's.

It fails (exit code 1) when a session or call is not the same, or a start takes more than 2 s.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from statistics import median
from typing import Any

from bench.parts.centre import Centre, real_pbx, served
from bench.parts.pbx import ANSWERS

LIMIT = 2.0
_PACE = 0.05  # seconds between two dials, where Asterisk is real and shares the machine
_KEPT = ("agent", "session_id", "state", "code", "since", "phone", "conference", "campaign", "lead", "calls")


def _imports() -> float:
    """Seconds until Python has what the daemon imports."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import agentd.main"], check=True)
    return time.perf_counter() - begin


def _picture(centre: Centre) -> dict[str, dict[str, Any]]:
    """What must be the same after a restart."""
    return {one["agent"]: {name: one[name] for name in _KEPT} for one in centre.sessions()}


def fill(centre: Centre, pace: float) -> None:
    """Log everybody in and put everybody into a call."""
    centre.log_in()
    more = {"phone_code": "1", "search": "NO", "preview": "NO", "focus": "NO"}
    for number, agent in enumerate(centre.agents):
        centre.api(agent, "external_dial", f"727555{number:04d}", **more)
        time.sleep(pace)
    for agent in centre.agents:
        centre.until(agent, "INCALL")


def _restarts(name: str, centre: Centre, rounds: int, pace: float) -> bool:
    fill(centre, pace)
    ready, usable = [], []
    same = True
    for number in range(rounds):
        before = _picture(centre)
        centre.kill()
        ready.append(centre.start())
        begin = time.perf_counter()
        after = _picture(centre)
        same = same and before == after
        looking = time.perf_counter() - begin
        centre.api(centre.agents[number], "external_hangup", "1")
        usable.append(ready[-1] + time.perf_counter() - begin - looking)
    calls = sum(len(one["calls"]) for one in before.values())
    print(
        f"{name}: {len(before)} sessions, {calls} calls: ready after {median(ready):.2f} s (longest {max(ready):.2f}), "
        f"a hangup done after {median(usable):.2f} s; sessions and calls {'the same' if same else 'NOT THE SAME'}"
    )
    return same and max(usable) <= LIMIT


def main() -> int:
    """Run both."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--agents", type=int, default=60)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    good = []
    with real_pbx() as pbx:
        ami = f"{pbx['host']}:{pbx['port']}"
        with Centre(chosen.agents, ami, secret=pbx["agentd"], phone=ANSWERS, trunk=ANSWERS) as centre:
            good.append(_restarts("real Asterisk", centre, chosen.rounds, _PACE))
    with served("scripted") as (_, port), Centre(500, f"127.0.0.1:{port}") as centre:
        good.append(_restarts("scripted Asterisk", centre, chosen.rounds, 0.0))
    print(f"Python with agentd's imports alone: {median(_imports() for _ in range(3)):.2f} s")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
