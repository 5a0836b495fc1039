"""Why the storage stops. All of these are for the administrator: their text says what to do."""

from __future__ import annotations

__all__ = ["JournalDamaged", "JournalForeign", "JournalLocked", "PositionRefused", "SchemaRefused", "StorageError"]


class StorageError(Exception):
    """The base: the daemon must not go on with this folder or database."""


class JournalLocked(StorageError):
    """Another daemon works in the journal's folder."""


class JournalDamaged(StorageError):
    """The journal holds something that is not what was written, where it was known to be on the disk."""


class PositionRefused(StorageError):
    """The database does not continue where this journal is."""


class SchemaRefused(StorageError):
    """The database's schema is not one that this agentd can work with."""


class JournalForeign(StorageError):
    """The journal in the folder belongs to another daemon."""
