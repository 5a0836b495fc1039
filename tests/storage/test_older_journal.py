"""A journal that version 0.1 wrote: a checkpoint, what happened after it, and what was true then."""

from __future__ import annotations

import gzip
from pathlib import Path

from agentd.core.evolve import evolve
from agentd.storage.codec import decode_batch, decode_state

WRITTEN = Path(__file__).parent / "data" / "journal-0.1.gz"


def test_an_older_journal_is_read_and_gives_the_state_that_there_was() -> None:
    checkpoint, batch, after = gzip.decompress(WRITTEN.read_bytes()).split(b"\n")
    state = decode_state(checkpoint)
    entries = decode_batch(batch).entries
    for entry in entries:
        evolve(state, entry.record, entry.at)
    assert len(entries) == 398
    assert state == decode_state(after)
