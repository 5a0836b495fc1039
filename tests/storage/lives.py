"""A daemon's storage that lives in a process of its own and is killed, again and again, where it hurts.

Run as a program it forks one life for each order (a line of JSON on its input) and tells how it went. Everything is
imported before, so that a life costs little.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from twisted.internet.task import Clock as Timers

import agentd.storage.applying
import agentd.storage.journal
import agentd.storage.retention
import agentd.storage.segments
import agentd.storage.spare
from agentd.engine.clock import Clock, WallClock
from agentd.storage.segments import write_all
from tests.storage.shift import Shift

__all__ = ["FAILPOINTS", "Nursery", "Order", "Report"]

LONGEST = 60.0  # seconds that a life may take


@dataclass(frozen=True)
class Order:
    """A life: so many steps of a shift, killed at the n-th passing of a failpoint, or after so many seconds."""

    folder: str
    url: str
    seed: int
    steps: int
    failpoint: str = ""
    nth: int = 1
    seconds: float = LONGEST


@dataclass(frozen=True)
class Report:
    """How a life ended, and what it had said before: the last record written, synced, and in the database."""

    status: int
    written: int
    synced: int
    applied: int


# --- in the process that lives -------------------------------------------------------------------------------


def die() -> None:
    """Be killed, here and now."""
    os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    """Dies at the n-th call."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __call__(self) -> None:
        self.left -= 1
        if not self.left:
            die()


def before(owner: Any, name: str) -> Callable[[Any, int], None]:
    """A failpoint before a function is called."""

    def arm(_engine: Any, nth: int) -> None:
        original, countdown = getattr(owner, name), Countdown(nth)

        def replaced(*values: Any) -> Any:
            countdown()
            return original(*values)

        setattr(owner, name, replaced)

    return arm


def after(owner: Any, name: str) -> Callable[[Any, int], None]:
    """A failpoint after a function has returned."""

    def arm(_engine: Any, nth: int) -> None:
        original, countdown = getattr(owner, name), Countdown(nth)

        def replaced(*values: Any) -> Any:
            result = original(*values)
            countdown()
            return result

        setattr(owner, name, replaced)

    return arm


def in_the_middle_of_a_write(_engine: Any, nth: int) -> None:
    """Half a line is written when the end comes."""
    countdown = Countdown(nth)

    def half(fd: int, data: bytes, offset: int) -> None:
        if countdown.left == 1:
            write_all(fd, data[: len(data) // 2], offset)
        countdown()
        write_all(fd, data, offset)

    agentd.storage.journal.write_all = half


def before_commit(engine: Any, nth: int) -> None:
    """Everything is in the transaction, and it is not committed."""
    before(engine.dialect, "do_commit")(engine, nth)


def after_commit(engine: Any, nth: int) -> None:
    """It is committed, and nobody knows yet."""
    after(engine.dialect, "do_commit")(engine, nth)


FAILPOINTS: dict[str, Callable[[Any, int], None]] = {
    "before a write": before(agentd.storage.journal, "write_all"),
    "in the middle of a write": in_the_middle_of_a_write,
    "after a write": after(agentd.storage.journal, "write_all"),
    "before a sync": before(os, "fdatasync"),
    "after a sync": after(os, "fdatasync"),
    "before a new segment": before(agentd.storage.spare.Spare, "take"),
    "while a new segment has no name": after(agentd.storage.spare.Spare, "take"),
    "before the old segment is cut": before(os, "ftruncate"),
    "before the spare has its name": before(os, "posix_fallocate"),
    "between rows and position": before(agentd.storage.applying, "move_position"),
    "before a commit": before_commit,
    "after a commit": after_commit,
}


def live(order: Order, out: int) -> None:
    """Live."""
    from twisted.internet import reactor  # noqa: TID251 - each life has a reactor of its own
    from twisted.internet.defer import Deferred

    from tests.storage.following import Storage

    def tell(what: str, seq: int) -> None:
        os.write(out, f"{what} {seq}\n".encode())

    storage = Storage(Path(order.folder), order.url)
    journal = storage.journal
    tell("written", journal.last)

    async def work() -> None:
        await storage.applier.start()
        shift = Shift(journal, storage.state, order.seed, storage.opened.at + 1)
        shift.engine.listen(storage.applier.noticed)
        if order.failpoint:
            FAILPOINTS[order.failpoint](storage.engine, order.nth)
        for _ in range(order.steps):
            shift.step()
            seq = journal.last
            tell("written", seq)
            journal.synced(seq).addCallback(lambda _, seq=seq: tell("synced", seq))
            storage.applier.reached(seq).addCallback(lambda _, seq=seq: tell("applied", seq))
            await storage.moment(shift.random.choice((0, 0, 0.002)))
        await storage.applier.reached(journal.last)
        await storage.stop()

    def ended(result: Any) -> None:
        if hasattr(result, "printTraceback"):
            result.printTraceback(file=sys.stderr)
            os._exit(3)
        reactor.stop()  # type: ignore[attr-defined]

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(work()).addBoth(ended))  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


# --- in the process that forks -------------------------------------------------------------------------------


def one_life(order: Order, clock: Clock) -> Report:
    """Fork a life, listen to what it says, and see how it ends."""
    heard, said = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(heard)
        try:
            live(order, said)
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 4)
    os.close(said)
    text, end = b"", clock.monotonic() + order.seconds
    while select.select([heard], [], [], max(0.0, end - clock.monotonic()))[0]:
        piece = os.read(heard, 65536)
        if not piece:
            break
        text += piece
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(heard)
    _, status = os.waitpid(pid, 0)
    latest = {"written": 0, "synced": 0, "applied": 0}
    for line in text.decode().splitlines():
        what, _, seq = line.partition(" ")
        if seq:
            latest[what] = int(seq)
    return Report(os.waitstatus_to_exitcode(status), **latest)


def main() -> None:
    """Take orders."""
    clock = WallClock(Timers())
    for line in sys.stdin:
        report = one_life(Order(**json.loads(line)), clock)
        sys.stdout.write(json.dumps(asdict(report)) + "\n")
        sys.stdout.flush()


# --- in the tests --------------------------------------------------------------------------------------------


class Nursery:
    """Gives lives to tests."""

    def __enter__(self) -> Nursery:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.storage.lives"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def life(self, order: Order) -> Report:
        """One life, to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        return Report(**json.loads(self._process.stdout.readline()))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=LONGEST)


if __name__ == "__main__":
    main()
