"""The bus: ids, and what was missed, from memory and from the journal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from agentd.core.records import CallRinging, DeadlineSet, Record
from agentd.engine.bus import Bus, Missed, Place, Told
from tests.faces.scripted import MemoryJournal

LOUD, SILENT = CallRinging(1, "1000"), DeadlineSet("wrapup", "1000", None)


class Office:
    """A journal and a bus that is told of all that is written to it."""

    def __init__(self, *, before: int = 0, name: str = "memory", **limits: int) -> None:
        self.journal = MemoryJournal(name)
        self.write(*[LOUD] * before)
        self.bus = Bus(self.journal, before, **limits)

    def write(self, *records: Record) -> None:
        entries = self.journal.write(records, 5.0)
        if hasattr(self, "bus"):
            self.bus.tell(entries)

    def missed(self, since: str) -> Missed | None:
        place = self.bus.place_of(since)
        assert place is not None
        return done(self.bus.missed(place))

    def ids(self, since: str) -> list[str]:
        missed = self.missed(since)
        assert missed is not None
        return [told.id for told in missed.events]


def done(asked: Deferred[Missed | None]) -> Missed | None:
    results: list[Missed | None] = []
    asked.addCallback(results.append)
    [result] = results
    return result


def nothing() -> None:
    """What a test without failing followers does when one is dropped."""


def test_events_are_numbered_by_their_record() -> None:
    office = Office(before=2)
    seen: list[Told] = []
    office.bus.follow(seen.append, nothing)
    office.write(LOUD, SILENT, LOUD)
    assert [(told.id, told.at, told.event.name) for told in seen] == [
        ("memory-3-1", 5.0, "call.ringing"),
        ("memory-5-1", 5.0, "call.ringing"),
    ]
    assert office.bus.here_id == "memory-6-0"


def test_who_leaves_is_told_no_more() -> None:
    office, seen = Office(), []
    leave = office.bus.follow(seen.append, nothing)
    office.write(LOUD)
    leave()
    office.write(LOUD)
    assert len(seen) == 1


def test_a_reader_who_fails_is_dropped_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    office, seen, dropped = Office(), [], []

    def fails(_told: Told) -> None:
        raise RuntimeError("no")

    office.bus.follow(fails, lambda: dropped.append(True))
    office.bus.follow(seen.append, nothing)
    office.write(LOUD, LOUD)
    assert (len(seen), dropped) == (2, [True])


@pytest.mark.parametrize(
    "text",
    [
        *("", "memory", "memory-1", "memory-1-", "memory--1", "other-1-1", "memory-1-x", "memory-٣-1", "memory-7-0"),
        *("memory-6-1", "memory-0-1", "-1-1", "memory-" + "9" * 5000 + "-1", "xmemory-1-1"),
    ],
)
def test_an_id_that_was_never_given_names_no_place(text: str) -> None:
    assert Office(before=5).bus.place_of(text) is None


def test_a_journals_name_may_have_hyphens() -> None:
    office = Office(before=1, name="a-1-b")
    assert office.bus.place_of("a-1-b-1-1") == Place(1, 1)
    assert office.bus.place_of("a-1-1") is None


def test_from_memory_then_from_the_journal_then_too_far() -> None:
    office = Office(before=4, size=3, furthest=8)
    office.write(LOUD, LOUD, LOUD, LOUD, LOUD)
    everything = [f"memory-{seq}-1" for seq in range(1, 10)]
    assert office.ids("memory-10-0") == []
    for seen in range(1, 10):
        wanted = None if 10 - seen > 8 else everything[seen:]
        missed = office.missed(f"memory-{seen}-1")
        assert (None if missed is None else [told.id for told in missed.events]) == wanted


def test_a_journal_that_has_forgotten_says_so() -> None:
    office = Office(before=4)
    office.journal.kept_from = 2
    assert office.missed("memory-2-1") is None
    assert office.ids("memory-3-1") == ["memory-4-1"]


def test_after_a_restart_the_first_reader_warms_the_memory_for_the_others() -> None:
    office = Office(before=50)
    assert len(office.ids("memory-10-1")) == 40
    office.journal.kept_from = 10_000
    assert office.ids("memory-10-1") == [f"memory-{seq}-1" for seq in range(11, 51)]
    assert office.missed("memory-9-1") is None


def test_readers_who_come_together_read_the_journal_one_after_the_other() -> None:
    office = Office(before=50)
    held: list[Deferred[object]] = []
    read = office.journal.entries_after

    def slow(seq: int) -> Deferred[object]:
        waiting: Deferred[object] = Deferred()
        waiting.addCallback(lambda _: read(seq))
        held.append(waiting)
        return waiting

    office.journal.entries_after = slow
    results: list[Missed | None] = []
    for _ in range(10):
        office.bus.missed(Place(20, 1)).addCallback(results.append)
    office.write(LOUD)
    held[0].callback(None)
    assert len(held) == 1, "the others found it in memory"
    assert [[told.place.seq for told in result.events] for result in results] == [list(range(21, 52))] * 10


def test_what_was_read_is_not_kept_when_newer_events_have_been_forgotten_meanwhile() -> None:
    """The journal was read while only silent records were there; then came more events than memory holds."""
    office = Office(before=1, size=1)
    office.write(SILENT)
    office.bus = Bus(office.journal, 2, size=1)
    early = office.journal.entries[:]
    held: Deferred[object] = Deferred()
    read, office.journal.entries_after = office.journal.entries_after, lambda _seq: held
    results: list[Missed | None] = []
    office.bus.missed(Place(1, 1)).addCallback(results.append)
    office.write(LOUD, LOUD, LOUD)
    held.callback(early)
    office.journal.entries_after = read
    assert results == [Missed([], Place(3, 0))]
    assert office.ids("memory-1-1") == ["memory-3-1", "memory-4-1", "memory-5-1"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.booleans(), max_size=30),
    st.lists(st.booleans(), max_size=30),
    st.integers(1, 8),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_memory_and_journal_tell_the_same(before: list[bool], after: list[bool], size: int, places: list[int]) -> None:
    """Whoever has seen everything up to some event gets all others, once, whatever is in memory by then."""
    journal = MemoryJournal()
    journal.write([LOUD if loud else SILENT for loud in before], 5.0)
    bus = Bus(journal, len(before), size=size)
    everything = [f"memory-{seq}-1" for seq, loud in enumerate(before + after, 1) if loud]
    for loud in after:
        bus.tell(journal.write([LOUD if loud else SILENT], 5.0))
    for place in places:
        seen = min(place, len(before + after))
        missed = done(bus.missed(Place(seen, 1) if seen else Place(1, 0)))
        assert missed is not None
        assert [told.id for told in missed.events] == [one for one in everything if int(one.split("-")[1]) > seen]
        assert missed.upto == bus.here
