"""``external_pause`` a second: agentd's against a bare ``twisted.web`` Resource, in one run.

    python -m bench.agent_api [--seconds 6] [--rounds 3]

Thirty-two clients on a connection each, one agent each, RESUME and PAUSE in turn, so that every request is
authenticated, changes a session, is written to the journal, told to the event stream, logged in the access log and the
API log, and on its way to the database when it is answered. Every answer is looked at. The two servers are measured in
turn, with the same clients; a server has one core at most, the clients another. What counts is the ratio, and the
processor time for a request: figures a second are those of a machine that may have other things to do.

It fails (exit code 1) when the ratio of the rates is below the goal: 6,000/s where the bare Resource gives 26,000/s.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from statistics import median

from bench.parts.centre import Centre, pause_requests, served, usage
from bench.parts.load import Figures, closed_loop

CONNECTIONS = 32
GOAL = 6000 / 26000
_WARM_UP = 1.0


class Side:
    """One of the two servers: its figures, round by round."""

    def __init__(self, name: str, pid: int, port: int, clients: Sequence[Sequence[bytes]]) -> None:
        self.name = name
        self._pid = pid
        self._port = port
        self._clients = clients
        self.runs: list[Figures] = []
        self.costs: list[float] = []
        closed_loop(port, _WARM_UP, clients, b"SUCCESS")

    def run(self, seconds: float) -> None:
        """One round."""
        before = usage(self._pid).seconds
        figures = closed_loop(self._port, seconds, self._clients, b"SUCCESS")
        self.costs.append((usage(self._pid).seconds - before) / figures.answers)
        self.runs.append(figures)

    @property
    def rate(self) -> float:
        """The median round's answers a second."""
        return median(run.rate for run in self.runs)

    @property
    def cost(self) -> float:
        """The median round's processor seconds for an answer, all threads."""
        return median(self.costs)

    def wait(self, percent: float) -> float:
        """The median round's percentile."""
        return median(run.at(percent) for run in self.runs)

    def line(self) -> str:
        """For people."""
        return (
            f"{self.name:10} {self.rate:8,.0f}/s   half within {self.wait(50) * 1000:5.1f} ms, "
            f"99 % within {self.wait(99) * 1000:5.1f} ms   {self.cost * 1e6:4.0f} us of processor each"
        )


def main() -> int:
    """Run the rounds and compare."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=6.0)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with (
        served("bare") as (bare_pid, bare_port),
        served("scripted") as (_, ami),
        Centre(CONNECTIONS, f"127.0.0.1:{ami}") as centre,
    ):
        centre.log_in()
        clients = [pause_requests(agent) for agent in centre.agents]
        bare = Side("bare", bare_pid, bare_port, clients)
        ours = Side("agentd", centre.pid, centre.port, clients)
        for _ in range(chosen.rounds):
            bare.run(chosen.seconds)
            ours.run(chosen.seconds)
        behind = json.loads(centre.get("/readyz")[1])["parts"]["database"]["detail"]
        print(f"{CONNECTIONS} connections, median of {chosen.rounds} rounds of {chosen.seconds:g} s")
        print(bare.line(), ours.line(), f"the database at the end: {behind or 'up to date'}", sep="\n")
    ratio = ours.rate / bare.rate
    print(f"ratio of the rates {ratio:.2f} (at least {GOAL:.2f}), of the processor times {ours.cost / bare.cost:.1f}")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
