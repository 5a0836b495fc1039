"""What agentd adds to a hangup: from the HTTP request to Asterisk's Hangup event, against the same straight over AMI.

    python -m bench.control [--calls 40] [--rounds 15] [--rate 100]

On a real Asterisk with Local legs. In each round as many agents as ``--calls`` are in a call each; then at ``--rate``
commands a second the calls are ended in turn by ``external_hangup`` and by an AMI Hangup of another connection. A third
connection, none of the project's code, sees the events: the time is from the sending to the arrival there, for both.

It fails (exit code 1) when the median is more than 2 ms more, or the 99th percentile more than 1.2 times as long.
"""

from __future__ import annotations

import argparse
import select
import socket
import sys
import time
from collections.abc import Sequence
from statistics import median

from bench.parts.centre import PASSWORD, Centre, real_pbx
from bench.parts.load import percentile
from bench.parts.manager import Manager
from bench.parts.pbx import ANSWERS

_CLIENTS = 8
_PACE = 0.05  # seconds between two dials: the private Asterisk shares the machine


class Round:
    """One round: commands at a steady rate, and when each channel was seen to end."""

    def __init__(self, centre: Centre, actor: Manager, listener: Manager, rate: float) -> None:
        self._actor = actor
        self._listener = listener
        self._rate = rate
        self._clients = [socket.create_connection(("127.0.0.1", centre.port)) for _ in range(_CLIENTS)]
        for client in self._clients:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")  # kept alive, as a CRM's would be
            client.recv(65536)
        self._sent: dict[str, float] = {}
        self._seen: dict[str, float] = {}

    def run(self, calls: Sequence[tuple[str, str]]) -> tuple[list[float], list[float]]:
        """End the calls (agent and channel), the even ones over HTTP; the seconds of those, and of the others."""
        self._listener.forget()
        begin = time.perf_counter()
        for number, (agent, channel) in enumerate(calls):
            self._look_until(begin + number / self._rate)
            self._sent[channel] = time.perf_counter()
            if number % 2:
                self._actor.send("Hangup", Channel=channel, Cause="16")
            else:
                self._clients[number // 2 % _CLIENTS].sendall(_hangup(agent))
        deadline = time.perf_counter() + 5
        while len(self._seen) < len(calls):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{len(calls) - len(self._seen)} channels did not end")
            self._look_until(time.perf_counter() + 0.01)
        waits = [self._seen[channel] - self._sent[channel] for _, channel in calls]
        return waits[::2], waits[1::2]

    def _look_until(self, end: float) -> None:
        """Take note of every Hangup event until then; what the others answer is read and dropped."""
        sockets = [self._listener.socket, self._actor.socket, *self._clients]
        while (left := end - time.perf_counter()) > 0:
            for ready in select.select(sockets, [], [], left)[0]:
                if ready is self._listener.socket:
                    for arrived, message in self._listener.arrived():
                        if message.get("Event") == "Hangup" and message["Uniqueid"] in self._sent:
                            self._seen[message["Uniqueid"]] = arrived
                else:
                    data = ready.recv(65536)
                    assert b"ERROR" not in data, data

    def close(self) -> None:
        """Close the HTTP connections."""
        for client in self._clients:
            client.close()


def _hangup(agent: str) -> bytes:
    path = f"/agc/api.php?source=bench&user=api&pass={PASSWORD}&agent_user={agent}&function=external_hangup&value=1"
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def _dial(centre: Centre, listener: Manager) -> list[tuple[str, str]]:
    """Put every agent into a call; the agents and the customers' channels."""
    calls = []
    for number, agent in enumerate(centre.agents):
        more = {"phone_code": "1", "search": "NO", "preview": "NO", "focus": "NO"}
        centre.api(agent, "external_dial", f"727555{number:04d}", **more)
        channel = centre.session(agent)["calls"][0]["legs"][0]["channel"]
        listener.next("ConfbridgeJoin", Uniqueid=channel)
        calls.append((agent, channel))
        time.sleep(_PACE)
    return calls


def main() -> int:
    """Run the rounds and compare."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--calls", type=int, default=40)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--rate", type=float, default=100.0)
    chosen = options.parse_args()
    over_http: list[float] = []
    over_ami: list[float] = []
    with real_pbx() as pbx:
        ami = f"{pbx['host']}:{pbx['port']}"
        with (
            Centre(chosen.calls, ami, secret=pbx["agentd"], phone=ANSWERS, trunk=ANSWERS) as centre,
            Manager(pbx["host"], pbx["port"], "admin", pbx["admin"], events="off") as actor,
            Manager(pbx["host"], pbx["port"], "admin", pbx["admin"], events="call") as listener,
        ):
            centre.log_in()
            for _ in range(chosen.rounds):
                calls = _dial(centre, listener)
                round_ = Round(centre, actor, listener, chosen.rate)
                ours, straight = round_.run(calls)
                round_.close()
                over_http += ours
                over_ami += straight
                for agent in centre.agents:
                    centre.until(agent, "WRAPUP")
                    centre.api(agent, "external_status", "A")
    return _compare(sorted(over_http), sorted(over_ami), chosen.rate)


def _compare(ours: list[float], straight: list[float], rate: float) -> int:
    for name, waits in (("straight over AMI", straight), ("through agentd", ours)):
        print(
            f"{name:18} {len(waits)} hangups at {rate:g}/s: half within {median(waits) * 1000:.2f} ms, "
            f"99 % within {percentile(waits, 99) * 1000:.2f} ms, all within {waits[-1] * 1000:.2f} ms"
        )
    more = (median(ours) - median(straight)) * 1000
    times = percentile(ours, 99) / percentile(straight, 99)
    print(f"median {more:+.2f} ms (at most +2); 99th percentile {times:.2f} times as long (at most 1.2)")
    return 0 if more <= 2 and times <= 1.2 else 1


if __name__ == "__main__":
    sys.exit(main())
