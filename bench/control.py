"""What agentd adds to a command: from the HTTP request to Asterisk's event, against the same straight over AMI.

    python -m bench.control [--calls 40] [--rounds 15] [--rate 100]

On a real Asterisk with Local legs. In each round as many agents as ``--calls`` are in a call each; then at ``--rate``
commands a second each command is given in turn by the agent API and as an AMI action of another connection:
PARK_CUSTOMER and GRAB_CUSTOMER against a Redirect, HANGUP_XFER (of a third party) and external_hangup against a Hangup.
A third connection, none of the project's code, sees the events: the time is from the sending to the arrival there.

It fails (exit code 1) when a median is more than 2 ms more, or a 99th percentile more than 1.2 times as long.
"""

from __future__ import annotations

import argparse
import select
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.parts.centre import PASSWORD, Centre, real_pbx
from bench.parts.load import percentile
from bench.parts.manager import Manager
from bench.parts.pbx import ANSWERS

_CLIENTS = 8
_PACE = 0.05  # seconds between two dials: the private Asterisk shares the machine


@dataclass(frozen=True)
class Target:
    """An agent in a call, with the conference and the unique ids of the others' channels."""

    agent: str
    room: str
    customer: str
    third: str = ""


@dataclass(frozen=True)
class Command:
    """One of the commands: what is asked of agentd, what of Asterisk, and the event that tells that it is done."""

    name: str
    function: str
    value: str
    event: str
    action: Callable[[Target], dict[str, str]]
    leg: Callable[[Target], str] = lambda target: target.customer

    def request(self, agent: str) -> bytes:
        """The HTTP request."""
        who = f"source=bench&user=api&pass={PASSWORD}&agent_user={agent}"
        path = f"/agc/api.php?{who}&function={self.function}&value={self.value}"
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def _redirect(context: str, extension: str) -> dict[str, str]:
    return {"name": "Redirect", "Context": context, "Exten": extension, "Priority": "1"}


def _hangup(_target: Target) -> dict[str, str]:
    return {"name": "Hangup", "Cause": "16"}


_PARK = Command(
    "PARK_CUSTOMER", "park_call", "PARK_CUSTOMER", "MusicOnHoldStart", lambda _target: _redirect("agentd-wait", "s")
)
_GRAB = Command(
    "GRAB_CUSTOMER",
    "park_call",
    "GRAB_CUSTOMER",
    "ConfbridgeJoin",
    lambda target: _redirect("agentd-conf", target.room),
)
_HANGUP_XFER = Command(
    "HANGUP_XFER", "transfer_conference", "HANGUP_XFER", "Hangup", _hangup, lambda target: target.third
)
_HANGUP = Command("external_hangup", "external_hangup", "1", "Hangup", _hangup)


class Round:
    """One command for each call at a steady rate, and when it was seen to be done."""

    def __init__(self, centre: Centre, actor: Manager, listener: Manager, rate: float, command: Command) -> None:
        self._actor = actor
        self._listener = listener
        self._rate = rate
        self._command = command
        self._clients = [socket.create_connection(("127.0.0.1", centre.port)) for _ in range(_CLIENTS)]
        for client in self._clients:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")  # kept alive, as a CRM's would be
            client.recv(65536)
        self._sent: dict[str, float] = {}
        self._seen: dict[str, float] = {}

    def run(self, targets: Sequence[Target]) -> tuple[list[float], list[float]]:
        """Give the command for each call, the even ones over HTTP; the seconds of those, and of the others."""
        self._listener.forget()
        begin = time.perf_counter()
        for number, target in enumerate(targets):
            self._look_until(begin + number / self._rate)
            leg = self._command.leg(target)
            self._sent[leg] = time.perf_counter()
            if number % 2:
                self._actor.send(Channel=leg, **self._command.action(target))
            else:
                self._clients[number // 2 % _CLIENTS].sendall(self._command.request(target.agent))
        deadline = time.perf_counter() + 5
        while len(self._seen) < len(targets):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{self._command.name}: {len(targets) - len(self._seen)} were not done")
            self._look_until(time.perf_counter() + 0.01)
        legs = [self._command.leg(target) for target in targets]
        waits = [self._seen[leg] - self._sent[leg] for leg in legs]
        return waits[::2], waits[1::2]

    def _look_until(self, end: float) -> None:
        """Take note of every event of the kind until then; what the others answer is read and dropped."""
        sockets = [self._listener.socket, self._actor.socket, *self._clients]
        while (left := end - time.perf_counter()) > 0:
            for ready in select.select(sockets, [], [], left)[0]:
                if ready is self._listener.socket:
                    for arrived, message in self._listener.arrived():
                        if message.get("Event") == self._command.event and message["Uniqueid"] in self._sent:
                            self._seen[message["Uniqueid"]] = arrived
                else:
                    data = ready.recv(65536)
                    assert b"ERROR" not in data, data

    def close(self) -> None:
        """Close the HTTP connections."""
        for client in self._clients:
            client.close()


# --- calls ---------------------------------------------------------------------------------------------------


def _dial(centre: Centre, listener: Manager) -> list[Target]:
    """Put every agent into a call."""
    targets = []
    for number, agent in enumerate(centre.agents):
        more = {"phone_code": "1", "search": "NO", "preview": "NO", "focus": "NO"}
        centre.api(agent, "external_dial", f"727555{number:04d}", **more)
        session = centre.session(agent)
        customer = session["calls"][0]["legs"][0]["channel"]
        listener.next("ConfbridgeJoin", Uniqueid=customer)
        targets.append(Target(agent, session["conference"], customer))
        time.sleep(_PACE)
    return targets


def _dial_third(centre: Centre, listener: Manager, targets: Sequence[Target]) -> list[Target]:
    """Call a third party into every call."""
    found = []
    for target in targets:
        centre.api(target.agent, "transfer_conference", "DIAL_WITH_CUSTOMER", phone_number="7275559999")
        third = centre.session(target.agent)["calls"][0]["third_party"]["leg"]
        listener.next("ConfbridgeJoin", Uniqueid=third)
        found.append(Target(target.agent, target.room, target.customer, third))
        time.sleep(_PACE)
    return found


class Bench:
    """All rounds, and what they gave: seconds over HTTP and straight over AMI, by command."""

    def __init__(self, centre: Centre, actor: Manager, listener: Manager, rate: float) -> None:
        self._centre = centre
        self._actor = actor
        self._listener = listener
        self._rate = rate
        self.over_http: dict[str, list[float]] = defaultdict(list)
        self.over_ami: dict[str, list[float]] = defaultdict(list)

    def once(self) -> None:
        """Every command once in every call."""
        targets = _dial(self._centre, self._listener)
        for command in (_PARK, _GRAB):
            self._command(command, targets)
        self._command(_HANGUP_XFER, _dial_third(self._centre, self._listener, targets))
        self._command(_HANGUP, targets)
        for agent in self._centre.agents:
            self._centre.until(agent, "WRAPUP")
            self._centre.api(agent, "external_status", "A")

    def _command(self, command: Command, targets: Sequence[Target]) -> None:
        round_ = Round(self._centre, self._actor, self._listener, self._rate, command)
        ours, straight = round_.run(targets)
        round_.close()
        self.over_http[command.name] += ours
        self.over_ami[command.name] += straight

    def compare(self) -> bool:
        """Print what came of it; whether all goals were met."""
        met = [self._compare(name) for name in self.over_http]
        return all(met)

    def _compare(self, name: str) -> bool:
        ours, straight = sorted(self.over_http[name]), sorted(self.over_ami[name])
        print(f"\n{name}, {len(ours)} of each at {self._rate:g}/s")
        for how, waits in (("straight over AMI", straight), ("through agentd", ours)):
            half, most, longest = (1000 * wait for wait in (median(waits), percentile(waits, 99), waits[-1]))
            print(f"  {how:18} half within {half:.2f} ms, 99 % within {most:.2f} ms, all within {longest:.2f} ms")
        more = (median(ours) - median(straight)) * 1000
        times = percentile(ours, 99) / percentile(straight, 99)
        print(f"  median {more:+.2f} ms (at most +2); 99th percentile {times:.2f} times as long (at most 1.2)")
        return more <= 2 and times <= 1.2


def main() -> int:
    """Run the rounds and compare."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--calls", type=int, default=40)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--rate", type=float, default=100.0)
    chosen = options.parse_args()
    with real_pbx() as pbx:
        ami = f"{pbx['host']}:{pbx['port']}"
        with (
            Centre(chosen.calls, ami, secret=pbx["agentd"], phone=ANSWERS, trunk=ANSWERS) as centre,
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
