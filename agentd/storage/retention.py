"""How long segments stay: some days after the database had all of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from agentd.storage.segments import segments, sync_folder

__all__ = ["prune"]


def prune(folder: Path, position: int, now: float, keep: float) -> int:
    """Note which closed segments the database has whole, and remove those noted ``keep`` seconds ago.

    ``position`` is the last record that the database has; nothing after it is ever removed, whatever was noted, so
    that a database restored from a backup can catch up. Gives the first record that is still there.

    Raises:
        OSError
    """
    known = segments(folder)
    removed = False
    while len(known) > 1 and known[1][0] - 1 <= position:
        path = known[0][1]
        if _applied_at(path, now) > now - keep:
            break
        path.unlink()
        path.with_suffix(".applied").unlink(missing_ok=True)
        removed = True
        del known[0]
    for (_, path), (following, _) in pairwise(known):
        if following - 1 <= position:
            _applied_at(path, now)
    if removed:
        sync_folder(folder)
    return known[0][0]


def _applied_at(segment: Path, now: float) -> float:
    """When it was first noted that the database has the segment; that is now if it was not noted before."""
    note = segment.with_suffix(".applied")
    try:
        return float(note.read_text())
    except (FileNotFoundError, ValueError):
        note.write_text(f"{now}\n")
        return now
