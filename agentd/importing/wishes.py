"""What is asked of an import, and what it tells in the end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = [
    "Counts",
    "DncCheck",
    "Duplicates",
    "FileWish",
    "ImportRefused",
    "LeadImport",
    "LeadWish",
    "Told",
]


class ImportRefused(Exception):
    """An import that cannot begin or go on; the text says why, and what to do."""


class DncCheck(StrEnum):
    """What becomes of leads whose number must not be called. MARK: they get a status that is not dialled."""

    REFUSE = "refuse"
    MARK = "mark"
    NONE = "none"


class Duplicates(StrEnum):
    """Where a lead of the same number keeps another one out: in the list, in lists of its campaign, anywhere."""

    LIST = "list"
    CAMPAIGN = "campaign"
    SYSTEM = "system"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FileWish:
    """A file as it was named, and how to read it; what is empty is found out. ``dry``: nothing is to be imported."""

    path: str
    rejects: str = ""
    encoding: str = ""
    delimiter: str = ""
    mapped: tuple[str, ...] = ()
    dry: bool = False


@dataclass(frozen=True, slots=True)
class LeadWish:
    """What is asked of an import of leads. ``restart``: what was done before does not count."""

    list_id: int
    country: str = ""
    phone_code: str = ""
    dnc: DncCheck = DncCheck.REFUSE
    duplicates: Duplicates = Duplicates.LIST
    restart: bool = False

    def said(self, file: FileWish) -> str:
        """Give all that decides what becomes of a row, to be compared with that of another time."""
        how = (self.country.upper(), self.phone_code, self.dnc.value, self.duplicates.value)
        return "|".join((*how, file.encoding, file.delimiter, *sorted(file.mapped)))


@dataclass(frozen=True, slots=True)
class LeadImport:
    """The same for the run: ``source`` names file and list, ``said`` is all that was asked for, as one text.

    ``campaign`` is the list's, ``now`` in epoch seconds.
    """

    source: str
    said: str
    list_id: int
    campaign: str
    dnc: DncCheck
    duplicates: Duplicates
    now: float


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a file's rows; ``numbers_unread`` are second and third numbers that stay as they were written."""

    rows: int = 0
    imported: int = 0
    bad: int = 0
    duplicates: int = 0
    dnc: int = 0
    numbers_unread: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a file: counts by their names, the columns that were no field, the line where it went on."""

    counts: dict[str, Any]
    ignored: tuple[str, ...] = ()
    begun: int = 0
