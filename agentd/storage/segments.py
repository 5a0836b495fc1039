"""The journal's files: their names, their lines, and what a crash may leave of them.

A segment is a preallocated file of lines ``crc32 json``: first a header with a checkpoint, then one line per turn,
so that a turn's records are there all or not at all. Behind the last line there are zeros.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from agentd.storage.codec import Header, decode_batch, decode_header
from agentd.storage.errors import JournalDamaged

__all__ = ["Scan", "header_of", "pack", "scan", "segment_path", "segments", "sync_folder", "unpack", "write_all"]

_NAME = re.compile(r"(\d{20})\.segment")
_CRC = 8  # hexadecimal digits
_ZEROS = bytes(1 << 16)


def segment_path(folder: Path, first: int) -> Path:
    """How the segment whose records begin with ``first`` is called."""
    return folder / f"{first:020d}.segment"


def segments(folder: Path) -> list[tuple[int, Path]]:
    """The segments of a folder, oldest first, each with its first record's number."""
    found = [(match, path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    return sorted((int(match[1]), path) for match, path in found)


def pack(payload: bytes) -> bytes:
    """Make a line of it."""
    return b"%08x " % crc32(payload) + payload + b"\n"


def unpack(line: bytes) -> bytes | None:
    """Give the payload of a line (without its newline), None if it is not whole."""
    payload = line[_CRC + 1 :]
    return payload if line[: _CRC + 1] == b"%08x " % crc32(payload) else None


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write all of it at that place.

    Raises:
        OSError
    """
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view, offset = view[written:], offset + written


def sync_folder(folder: Path) -> None:
    """Have the folder's own entries on the disk (names of new files, removals)."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def header_of(path: Path) -> Header:
    """Read a segment's header.

    Raises:
        JournalDamaged: it is not whole.
        OSError
    """
    with path.open("rb") as file:
        payload = unpack(file.readline().rstrip(b"\n")) if file.peek(1)[:1] != b"\0" else None
    if payload is None:
        raise JournalDamaged(f"{path}: the header is damaged")
    return decode_header(payload)


@dataclass(frozen=True, slots=True)
class Scan:
    """What a segment holds: its whole lines, where they end, and whether something that is not whole follows.

    ``synced``: the highest record number that a line *behind* the damage knew to be on the disk; None if there is
    no whole line there. A machine that lost its power may have kept a later line and lost an earlier one, and may
    have done so only with what was not synced.
    """

    payloads: list[bytes]
    end: int
    torn: bool
    synced: int | None = None


def scan(data: bytes) -> Scan:
    """Take a segment's bytes apart."""
    payloads: list[bytes] = []
    offset = 0
    while offset < len(data) and data[offset]:
        end = data.find(b"\n", offset)
        payload = unpack(data[offset:end]) if end >= 0 else None
        if payload is None:
            break
        payloads.append(payload)
        offset = end + 1
    rest = _rest(data, offset)
    return Scan(payloads, offset, bool(rest), _latest_sync(rest))


def _rest(data: bytes, offset: int) -> bytes:
    """What follows the last whole line, without zeros at its ends.

    A segment is nearly all zeros, and whole pieces of them are compared a hundred times as fast as ``strip`` looks.
    """
    end = len(data)
    while end - offset >= len(_ZEROS) and data[end - len(_ZEROS) : end] == _ZEROS:
        end -= len(_ZEROS)
    return data[offset:end].strip(b"\0")


def _latest_sync(rest: bytes) -> int | None:
    known = [decode_batch(payload).synced for payload in _whole_lines(rest)]
    return max(known, default=None)


def _whole_lines(rest: bytes) -> Iterator[bytes]:
    for piece in rest.split(b"\n"):
        payload = unpack(piece.lstrip(b"\0"))
        if payload is not None:
            yield payload
