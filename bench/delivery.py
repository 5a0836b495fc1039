"""How long a caller waits for an agent who is ready: from the HTTP request to the conference, against a bare Redirect.

    python -m bench.delivery [--agents 20] [--rounds 10] [--rate 20]

On a real Asterisk with Local legs. In each round as many callers of an in-group as half of the agents, who are paused,
wait; their arrival is in the database. ``--rate`` agents a second are made ready (external_pause RESUME), and each gets
the caller who has waited longest. Between each two of them the same is done by hand: somebody who hears music, and is
no caller of ours, is sent into the conference of one of the other half by an AMI Redirect. A third connection, none of
the project's code, sees both enter (ConfbridgeJoin): the time is from the sending of the request, or of the action, to
the arrival there.

It fails (exit code 1) when a median or a 99th percentile is more than 30 ms more.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
from itertools import count
from statistics import median

from bench.parts.centre import INGROUP, PASSWORD, Centre, real_pbx
from bench.parts.load import percentile
from bench.parts.manager import Manager
from bench.parts.pbx import ANSWERS

_MORE = 0.030
_WAIT = {"Context": "agentd-wait", "Exten": "s", "Priority": "1"}


class Bench:
    """All rounds, and what they gave: the seconds of deliveries, and of bare Redirects."""

    def __init__(self, centre: Centre, actor: Manager, listener: Manager, rate: float) -> None:
        self._centre = centre
        self._pace = 1 / rate
        self._actor = actor
        self._listener = listener
        self._rooms = {agent: centre.session(agent)["conference"] for agent in centre.agents}
        self._client = http.client.HTTPConnection("127.0.0.1", centre.port, timeout=10)  # kept alive, as a CRM's is
        self._numbers = count(1)
        self.delivered: list[float] = []
        self.redirected: list[float] = []

    def once(self) -> None:
        """One delivery to each agent of one half, one Redirect to each of the other; then the halves are swapped."""
        half = len(self._centre.agents) // 2
        for ours, others in ((0, half), (half, 0)):
            agents = self._centre.agents[ours : ours + half]
            rooms = [self._rooms[agent] for agent in self._centre.agents[others : others + half]]
            self._half(agents, rooms)

    def _half(self, agents: list[str], rooms: list[str]) -> None:
        for agent in agents:  # who is paused stays so; the password is known from then on, as one that is used often is
            self._pause(agent)
        bare = [self._somebody_waits({}) for _ in rooms]
        callers = [self._somebody_waits({"AGENTD_INGROUP": INGROUP}) for _ in agents]
        while self._waiting() < len(callers) or not self._at_rest():
            time.sleep(0.01)
        self._listener.forget()
        begin = time.perf_counter()
        for number, (agent, leg, room) in enumerate(zip(agents, bare, rooms, strict=True)):
            _wait_until(begin + number * self._pace)
            self.delivered.append(self._deliver(agent))
            _wait_until(begin + (number + 0.5) * self._pace)
            self.redirected.append(self._redirect(leg, room))
        for agent in agents:
            self._pause(agent)
        for leg in (*bare, *callers):
            self._actor.act("Hangup", Channel=leg)
            self._listener.next("Hangup", Uniqueid=leg)
        for agent in agents:
            self._centre.until(agent, "WRAPUP")
            self._centre.api(agent, "external_status", "A")

    def _somebody_waits(self, variables: dict[str, str]) -> str:
        leg = f"bench-{next(self._numbers)}"
        self._actor.act("Originate", variables, Channel=ANSWERS, ChannelId=leg, Async="true", **_WAIT)
        self._listener.next("MusicOnHoldStart", Uniqueid=leg)
        return leg

    def _waiting(self) -> int:
        callers: int = self._centre.native(f"/ingroups/{INGROUP}")["waiting"]
        return callers

    def _at_rest(self) -> bool:
        """Whether the daemon has nothing to do any more with those who have come."""
        _, text = self._centre.get("/readyz")
        return bool(json.loads(text)["parts"]["database"]["detail"] == "0 records behind")

    def _deliver(self, agent: str) -> float:
        """Make the agent ready: somebody comes to him."""
        sent = time.perf_counter()
        self._ask(agent, "RESUME")
        come, _ = self._listener.next("ConfbridgeJoin", Conference=self._rooms[agent])
        answer = self._client.getresponse().read()
        assert answer.startswith(b"SUCCESS"), answer
        return come - sent

    def _pause(self, agent: str) -> None:
        """He takes no call, or no other one after that which he has."""
        self._ask(agent, "PAUSE")
        answer = self._client.getresponse().read()
        assert answer.startswith(b"SUCCESS"), answer

    def _ask(self, agent: str, value: str) -> None:
        who = f"source=bench&user=api&pass={PASSWORD}&agent_user={agent}"
        self._client.request("GET", f"/agc/api.php?{who}&function=external_pause&value={value}")

    def _redirect(self, leg: str, room: str) -> float:
        sent = time.perf_counter()
        self._actor.send("Redirect", Channel=leg, Context="agentd-conf", Exten=room, Priority="1")
        come, _ = self._listener.next("ConfbridgeJoin", Uniqueid=leg)
        return come - sent

    def compare(self) -> bool:
        """Print what came of it; whether the goal was met."""
        self._client.close()
        ours, bare = sorted(self.delivered), sorted(self.redirected)
        for how, waits in (("a bare Redirect", bare), ("ready over HTTP", ours)):
            half, most, longest = (1000 * wait for wait in (median(waits), percentile(waits, 99), waits[-1]))
            print(f"  {how}: half within {half:.2f} ms, 99 % within {most:.2f} ms, all within {longest:.2f} ms")
        more = median(ours) - median(bare)
        most = percentile(ours, 99) - percentile(bare, 99)
        print(
            f"  {len(ours)} of each: median {1000 * more:+.2f} ms, {median(ours) / median(bare):.1f} times as long;",
            end="",
        )
        print(f" 99th percentile {1000 * most:+.2f} ms (both at most {1000 * _MORE:+.0f})")
        return max(more, most) <= _MORE


def _wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.perf_counter()))


def main() -> int:
    """Run the rounds and compare."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--agents", type=int, default=20, help="an even number")
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--rate", type=float, default=20.0, help="deliveries a second; a PBX may start 20 calls")
    chosen = options.parse_args()
    with real_pbx() as pbx:
        ami = f"{pbx['host']}:{pbx['port']}"
        with (
            Centre(chosen.agents, ami, secret=pbx["agentd"], phone=ANSWERS, trunk=ANSWERS) as centre,
            Manager(pbx["host"], pbx["port"], "admin", pbx["admin"], events="off") as actor,
            Manager(pbx["host"], pbx["port"], "admin", pbx["admin"], events="call") as listener,
        ):
            centre.log_in()
            bench = Bench(centre, actor, listener, chosen.rate)
            for _ in range(chosen.rounds):
                bench.once()
    return 0 if bench.compare() else 1


if __name__ == "__main__":
    sys.exit(main())
