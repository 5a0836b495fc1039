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


def as_it_was(state: State, version: str) -> State:
    """What that version did not count, or keep in mind, is left out."""
    for session in state.sessions.values():
        session.completed_number = ""
    if version < "0.3":
        state.line_counts.clear()
        for session in state.sessions.values():
            session.taken.clear()
    return state


@pytest.mark.parametrize(("version", "count"), [("0.1", 398), ("0.2", 576), ("0.3", 323)])
def test_an_older_journal_is_read_and_gives_the_state_that_there_was(version: str, count: int) -> None:
    state, then, records = replayed(version)
    assert records == count
    assert as_it_was(state, version) == then


def test_a_shift_that_began_with_version_0_3_goes_on() -> None:
    """Nobody has promised anything yet, or looks at a lead; calls and campaigns have what they had no word for."""
    state, _, _ = replayed("0.3")
    assert {session.kind for session in state.sessions.values()} == {"seated", "on_hook", "remote"}
    assert {call.direction for call in state.calls.values()} == {"manual", "auto", "inbound"}
    assert all((call.which, call.callback, call.code) == ("MAIN", None, "") for call in state.calls.values())
    assert [len(session.queue) for session in state.sessions.values() if session.queue] == [1]
    assert all((session.preview, session.timer) == (None, None) for session in state.sessions.values())
    assert (state.callbacks, state.user_groups) == ({}, {})
    campaign = state.campaigns["TESTCAMP"]
    assert (campaign.preview, campaign.alternative_numbers, campaign.presets) == ("enabled", False, {})


def test_a_shift_that_began_with_version_0_2_goes_on() -> None:
    """In the middle of everything: a consultation waits, a customer is on hold, a supervisor listens."""
    state, _, _ = replayed("0.2")
    [waiting] = state.waiting.values()
    assert waiting.consult
    assert waiting.ingroup == "SALESLINE"
    assert (set(state.recordings), len(state.monitors)) == ({1, 2}, 1)
    assert all(session.kind == "seated" and session.ingroups for session in state.sessions.values())
    assert state.ingroups["SALESLINE"].service_level == 20
