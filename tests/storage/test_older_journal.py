"""Journals that earlier versions wrote: a checkpoint, what happened after it, and what was true then."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from agentd.core.evolving import evolve
from agentd.core.model import State
from agentd.storage.codec import decode_batch, decode_state

DATA = Path(__file__).parent / "data"


def replayed(version: str) -> tuple[State, State, int]:
    """The state that the journal makes now, the one that was written then, and how many records are between."""
    checkpoint, batch, after = gzip.decompress((DATA / f"journal-{version}.gz").read_bytes()).split(b"\n")
    state = decode_state(checkpoint)
    entries = decode_batch(batch).entries
    for entry in entries:
        evolve(state, entry.record, entry.at)
    return state, decode_state(after), len(entries)


def without_counts(state: State) -> State:
    """What version 0.2 did not count yet is left out."""
    state.line_counts.clear()
    for session in state.sessions.values():
        session.taken.clear()
    return state


@pytest.mark.parametrize(("version", "count"), [("0.1", 398), ("0.2", 576)])
def test_an_older_journal_is_read_and_gives_the_state_that_there_was(version: str, count: int) -> None:
    state, then, records = replayed(version)
    assert records == count
    assert without_counts(state) == then


def test_a_shift_that_began_with_version_0_2_goes_on() -> None:
    """In the middle of everything: a consultation waits, a customer is on hold, a supervisor listens."""
    state, _, _ = replayed("0.2")
    [waiting] = state.waiting.values()
    assert waiting.consult
    assert waiting.ingroup == "SALESLINE"
    assert (set(state.recordings), len(state.monitors)) == ({1, 2}, 1)
    assert all(session.kind == "seated" and session.ingroups for session in state.sessions.values())
    assert state.ingroups["SALESLINE"].service_level == 20
