"""What a journal's folder holds after whatever happened to the daemon and the machine.

A crash of the daemon can leave one line that is not whole, at the end. A machine that lost its power may have lost
any of what was not synced, and kept later parts of that. Both are cut off: nobody was promised it. Whatever else
does not fit is damage, and stops the start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from twisted.logger import Logger

from agentd.core.evolving import evolve
from agentd.core.model import State
from agentd.engine.ports import Entry
from agentd.storage.codec import Header, decode_batch, decode_header, decode_state
from agentd.storage.errors import JournalDamaged
from agentd.storage.segments import Scan, scan, segments

__all__ = ["Recovered", "recover"]

_log = Logger(namespace="agentd.storage")


@dataclass(slots=True)
class Recovered:
    """The newest segment, and what is true after its last whole line.

    ``end`` is where the next line goes; ``torn`` says that there is something to wipe away behind it.
    """

    path: Path
    header: Header
    state: State
    last: int
    at: float
    end: int
    size: int
    torn: bool
    entries: list[Entry] = field(default_factory=list)


def recover(folder: Path) -> Recovered | None:
    """Read the newest checkpoint and what follows it; None if the folder has no segment.

    Raises:
        JournalDamaged: something that was on the disk is not there any more.
    """
    found = segments(folder)
    while found:
        first, path = found.pop()
        data = path.read_bytes()
        part = scan(data)
        if not part.payloads or (found and not _continues(found[-1][1], first)):
            _refuse_loss(folder, path, first, part, only=not found)
            path.rename(path.with_suffix(".cut"))
            _log.warn("{path}: dropped, it was not on the disk yet when the machine stopped", path=str(path))
            continue
        return _replayed(path, part, len(data))
    return None


def _refuse_loss(folder: Path, path: Path, first: int, part: Scan, *, only: bool) -> None:
    """A segment that cannot stand may go only if nothing in it is known to have been synced."""
    known = [decode_batch(payload).synced for payload in part.payloads[1:]]
    if part.synced is not None:
        known.append(part.synced)
    if only or max(known, default=0) >= first:
        raise JournalDamaged(
            f"{path}: the journal is damaged. Restore {folder} from a backup, or move it away: the database keeps "
            "what was applied, and sessions start anew"
        )


def _continues(path: Path, first: int) -> bool:
    """Say whether a segment is whole up to the record before ``first``."""
    part = scan(path.read_bytes())
    if part.torn or not part.payloads:
        return False
    for payload in reversed(part.payloads[1:]):
        entries = decode_batch(payload).entries
        if entries:
            return entries[-1].seq == first - 1
    return decode_header(part.payloads[0]).first == first


def _replayed(path: Path, part: Scan, size: int) -> Recovered:
    header = decode_header(part.payloads[0])
    state = decode_state(header.state)
    recovered = Recovered(path, header, state, header.first - 1, header.at, part.end, size, part.torn)
    for payload in part.payloads[1:]:
        for entry in decode_batch(payload).entries:
            if entry.seq != recovered.last + 1:
                raise JournalDamaged(f"{path}: record {recovered.last + 1} is missing, {entry.seq} follows")
            if entry.seq > header.last:
                evolve(state, entry.record, entry.at)
            recovered.entries.append(entry)
            recovered.last, recovered.at = entry.seq, entry.at
    if part.synced is not None and part.synced > recovered.last:
        raise JournalDamaged(
            f"{path}: byte {part.end} is damaged: record {recovered.last + 1} is lost, though it was on the disk. "
            f"Restore {path.parent} from a backup, or move it away: the database keeps what was applied"
        )
    if recovered.last < header.last:
        raise JournalDamaged(f"{path}: the records {recovered.last + 1} to {header.last} of its checkpoint are missing")
    return recovered
