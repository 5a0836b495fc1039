"""How fast AMI bytes become events: agentd.ami against panoramisk (from PyPI), in one run on the same bytes.

    python bench/ami_parser.py

The bytes are what a real Asterisk 22.10.1 sent to a manager session with all privileges during three calls
(data/ami-session.bin), repeated until there are enough, in pieces as large as a socket gives. Both libraries are driven
through their own protocol's data path, ``dataReceived`` and ``data_received``, without a socket, a loop or a log:
bytes are cut, messages parsed, events dispatched to a registered function. Three questions:

* *read*: a function wants every event and reads every header of it, ``for name, value in event.items()``;
* *by name*: the same, but each value is looked up by its name, ``event[name]`` (for information);
* *skipped*: a function is registered, but for an event that never comes, so that everything is to be thrown away.

Each is run several times in turn; processor time is measured, and the best run of each counts. It fails (exit code 1)
below 2 times panoramisk's speed for *read* or 15 times for *skipped*.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from panoramisk.ami_protocol import AMIProtocol as PanoramiskProtocol
from panoramisk.manager import Manager
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from agentd.ami import AMIProtocol, Event, Tuning
from agentd.ami.counters import Counters
from agentd.ami.handlers import Handlers

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
PIECE = 65536
COPIES = 100
RUNS = 7
NEVER = "AgentsComplete"


def load() -> tuple[list[bytes], int]:
    """The stream in pieces, and how many events it holds."""
    session = (Path(__file__).parent / "data" / "ami-session.bin").read_bytes()
    stream = session * COPIES
    pieces = [stream[at : at + PIECE] for at in range(0, len(stream), PIECE)]
    return pieces, session.count(b"Event: ") * COPIES


class Reader:
    """A function for events that reads all of their headers. The two libraries' events can be read alike."""

    def __init__(self) -> None:
        self.events = 0
        self.characters = 0

    def __call__(self, _: object, event: Event) -> None:
        self.events += 1
        characters = 0
        for name, value in event.items():
            characters += len(name) + len(value)
        self.characters += characters


class ReaderByName(Reader):
    """The same, header by header."""

    def __call__(self, _: object, event: Event) -> None:
        self.events += 1
        characters = 0
        for name in event:
            characters += len(name) + len(event[name])
        self.characters += characters


def run_ours(pieces: list[bytes], wanted: str | None, reader: Reader) -> float:
    """Processor seconds for the whole stream through agentd.ami."""
    handlers = Handlers(Counters())
    handlers.add(wanted, reader)
    protocol = AMIProtocol(
        Clock(), "bench", lambda event: handlers.deliver(None, event), tuning=Tuning(turn_budget=1_000_000)
    )
    protocol.makeConnection(StringTransport())
    protocol.wanted = handlers.wanted
    protocol.dataReceived(BANNER)
    gc.collect()
    begin = time.process_time()
    for piece in pieces:
        protocol.dataReceived(piece)
    return time.process_time() - begin


def run_panoramisk(pieces: list[bytes], wanted: str | None, reader: Reader) -> float:
    """Processor seconds for the whole stream through panoramisk."""
    manager = Manager()
    manager.callbacks.clear()
    manager.patterns.clear()
    manager.register_event(wanted or "*", reader)
    protocol = PanoramiskProtocol()
    protocol.connection_made(None)
    protocol.factory = manager
    protocol.config = manager.config
    protocol.encoding = "utf8"
    protocol.data_received(BANNER)
    gc.collect()
    begin = time.process_time()
    for piece in pieces:
        protocol.data_received(piece)
    return time.process_time() - begin


def compare(question: str, pieces: list[bytes], events: int, at_least: float, wanted: str | None = None) -> bool:
    """Ask both, print a line, and say whether the ratio is good enough."""
    best = {"agentd.ami": float("inf"), "panoramisk": float("inf")}
    sides: dict[str, Callable[[list[bytes], str | None, Reader], float]] = {
        "agentd.ami": run_ours,
        "panoramisk": run_panoramisk,
    }
    for _ in range(RUNS):
        for name, run in sides.items():
            reader = ReaderByName() if question == "by name" else Reader()
            best[name] = min(best[name], run(pieces, wanted, reader))
            assert reader.events == (events if wanted is None else 0), f"{name} lost or made up events"
    ratio = best["panoramisk"] / best["agentd.ami"]
    print(
        f"{question:8} agentd.ami {events / best['agentd.ami']:12,.0f}/s   "
        f"panoramisk {events / best['panoramisk']:10,.0f}/s   ratio {ratio:5.1f}"
        + (f" (at least {at_least:g})" if at_least else "")
    )
    return ratio >= at_least


def main() -> int:
    """Run the comparisons."""
    pieces, events = load()
    size = sum(map(len, pieces))
    print(
        f"{events:,} events, {size / events:.0f} bytes each, in pieces of {PIECE}; Python {sys.version.split()[0]}, "
        f"panoramisk {version('panoramisk')}; best of {RUNS}"
    )
    enough = [
        compare("read", pieces, events, at_least=2),
        compare("by name", pieces, events, at_least=0),
        compare("skipped", pieces, events, at_least=15, wanted=NEVER),
    ]
    return 0 if all(enough) else 1


if __name__ == "__main__":
    sys.exit(main())
