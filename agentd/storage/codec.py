"""Records and State as bytes, and back.

In the journal a record is ``{"daemon", "seq", "at", "kind", "fields"}``. Fields that a later version added have
defaults, so an older journal stays readable; a kind that is not known stops the reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from agentd.core.model import State
from agentd.core.records import KINDS, Record
from agentd.engine.ports import Entry
from agentd.storage.errors import JournalDamaged

__all__ = [
    "Batch",
    "Header",
    "decode_batch",
    "decode_header",
    "decode_state",
    "encode_batch",
    "encode_header",
    "encode_record",
    "encode_state",
    "kind_of",
    "writable",
]

_encoder = msgspec.json.Encoder()
_state_decoder = msgspec.json.Decoder(State)
_decoders: dict[str, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(cls) for kind, cls in KINDS.items()}
_kinds: dict[type[Record], str] = {cls: kind for kind, cls in KINDS.items()}


class Header(msgspec.Struct, frozen=True):
    """What a segment begins with: the State as it was after the record ``last``.

    The segment's records begin with ``first``, which may be older than ``last``: they count for the database and
    the event stream, not for the State.
    """

    version: int
    journal: str
    daemon: str
    first: int
    last: int
    at: float
    state: msgspec.Raw


class _Line(msgspec.Struct):
    daemon: str
    seq: int
    at: float
    kind: str
    fields: msgspec.Raw


class _Lines(msgspec.Struct):
    synced: int
    records: list[_Line]


class Batch(msgspec.Struct, frozen=True):
    """The records of one turn. ``synced``: everything up to that was on the disk when they were written."""

    synced: int
    entries: list[Entry]


_header_decoder = msgspec.json.Decoder(Header)
_lines_decoder = msgspec.json.Decoder(_Lines)


def kind_of(record: Record) -> str:
    """Give the name of a record's class as it stands in the journal."""
    return _kinds[type(record)]


def encode_record(record: Record) -> bytes:
    """Give a record's fields as JSON.

    Text that no UTF-8 can hold (half of a surrogate pair, as broken input of a channel may leave it) is replaced by
    question marks, so that nothing that has become true can fail to be written.
    """
    try:
        return _encoder.encode(record)
    except UnicodeEncodeError:
        return _encoder.encode(writable(msgspec.to_builtins(record)))


def writable(value: Any) -> Any:
    """Give the same with every text such as UTF-8 can hold it."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {writable(key): writable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [writable(item) for item in value]
    return value


def encode_batch(daemon: str, entries: Sequence[Entry], synced: int) -> bytes:
    """Give one turn's records as JSON, all of them proven to be readable.

    Raises:
        ValueError: a record holds what its class does not allow; it must not be written.
    """
    lines = [
        _Line(daemon, entry.seq, entry.at, kind_of(entry.record), msgspec.Raw(encode_record(entry.record)))
        for entry in entries
    ]
    for line in lines:
        try:
            _decoders[line.kind].decode(line.fields)
        except msgspec.DecodeError as error:
            raise ValueError(f"a record of kind {line.kind} cannot be written: {error}") from error
    return _encoder.encode(_Lines(synced, lines))


def decode_batch(payload: bytes) -> Batch:
    """Give back what :func:`encode_batch` was given.

    Raises:
        JournalDamaged: this is not such a line, or a newer agentd wrote it.
    """
    try:
        lines = _lines_decoder.decode(payload)
        entries = [Entry(line.seq, line.at, _decoders[line.kind].decode(line.fields)) for line in lines.records]
    except KeyError as error:
        raise JournalDamaged(f"the record kind {error} is not known to this version of agentd") from error
    except msgspec.DecodeError as error:
        raise JournalDamaged(f"a line cannot be understood: {error}") from error
    return Batch(lines.synced, entries)


def encode_header(header: Header) -> bytes:
    """Give a segment's header as JSON."""
    return _encoder.encode(header)


def decode_header(payload: bytes) -> Header:
    """Give back what :func:`encode_header` was given.

    Raises:
        JournalDamaged: this is not a header, or not one that this version of agentd can read.
    """
    try:
        header = _header_decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise JournalDamaged(f"a segment's header cannot be understood: {error}") from error
    if header.version != 1:
        raise JournalDamaged(f"the journal has format {header.version}; this agentd reads format 1")
    return header


def encode_state(state: State) -> bytes:
    """Give a checkpoint of the State (text as in :func:`encode_record`)."""
    try:
        return _encoder.encode(state)
    except UnicodeEncodeError:
        return _encoder.encode(writable(msgspec.to_builtins(state, str_keys=True)))


def decode_state(payload: bytes) -> State:
    """Give back what :func:`encode_state` was given, equal.

    Raises:
        JournalDamaged: this is not a State.
    """
    try:
        return _state_decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise JournalDamaged(f"a checkpoint cannot be understood: {error}") from error
