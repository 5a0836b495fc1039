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

TOOK = 0.01
"""Seconds that everything in a thread takes here."""


class Working(Clock):
    """A clock on which work takes time, without any timer being called."""

    def __init__(self, timers: Timers) -> None:
        super().__init__(timers)
        self.spent = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.spent

    def work(self, function: Callable[[], Any]) -> Deferred[Any]:
        """An ``InThread``, done at once."""
        self.spent += TOOK
        return maybeDeferred(function)


class Following:
    """A journal with 1,000 records, and an applier that has brought in the first transaction's worth of them."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'agentd.db'}"
        migrate(url)
        self.timers = Timers()
        clock = Working(self.timers)
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


def test_it_rests_several_times_as_long_as_a_transaction_took(following: Following) -> None:
    assert following.position == 200
    following.timers.advance(applier.REST * TOOK - 0.001)
    assert following.position == 200
    following.timers.advance(0.002)
    assert following.position == 400


def test_whoever_waits_for_it_ends_its_rest(following: Following) -> None:
    there = following.applier.reached(1000)
    assert there.called
    assert following.position == 1000


def test_it_does_not_rest_while_there_is_much_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applier, "HURRY", 500)
    following = Following(tmp_path)
    assert following.position == 600
    following.engine.dispose()
