"""The thread that follows the journal leaves the interpreter to the reactor in between, unless somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock as Timers

from agentd.engine.clock import Clock
from agentd.storage import applier
from agentd.storage.applier import Applier
from agentd.storage.database import connect
from agentd.storage.migrating import migrate
from agentd.storage.opening import open_journal
from tests.storage.helpers import api_call

BUSY = 0.01
"""Processor seconds that the reactor uses here while anything is done in a thread."""


class Working(Clock):
    """A clock of a reactor that is busy meanwhile."""

    def __init__(self, timers: Timers) -> None:
        super().__init__(timers)
        self.used = 0.0
        self.each = BUSY

    def busy(self) -> float:
        return self.used

    def work(self, function: Callable[[], Any]) -> Deferred[Any]:
        """An ``InThread``, done at once."""
        self.used += self.each
        return maybeDeferred(function)


class Following:
    """A journal with 1,000 records, and an applier that has been started."""

    def __init__(self, folder: Path, busy: float = BUSY) -> None:
        url = f"sqlite:///{folder / 'agentd.db'}"
        migrate(url)
        self.timers = Timers()
        clock = Working(self.timers)
        clock.each = busy
        journal = open_journal(folder / "journal", "pbx1", clock, clock.work, lambda _: None).journal
        for number in range(1000):
            journal.write([api_call(number)], clock.now())
        self.engine = connect(url)
        self.applier = Applier(journal, self.engine, clock, clock.work)
        self.applier.start()

    @property
    def position(self) -> int | None:
        return self.applier.status().position


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Following]:
    made = Following(tmp_path)
    yield made
    made.engine.dispose()


def test_while_the_reactor_is_busy_it_rests_after_each_transaction(following: Following) -> None:
    assert following.position == 200
    following.timers.advance(applier.REST * BUSY - 0.001)
    assert following.position == 200
    following.timers.advance(0.002)
    assert following.position == 400


def test_whoever_waits_for_it_ends_its_rest(following: Following) -> None:
    there = following.applier.reached(1000)
    assert there.called
    assert following.position == 1000


def test_a_reactor_with_nothing_to_do_is_no_reason_to_rest(tmp_path: Path) -> None:
    following = Following(tmp_path, busy=0.0)
    following.timers.pump([0.0] * 10)
    assert following.position == 1000
    following.engine.dispose()


def test_it_does_not_rest_while_it_is_far_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applier, "HURRY", 500)
    following = Following(tmp_path)
    assert following.position == 600
    following.engine.dispose()
