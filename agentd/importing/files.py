"""The imports of files, each from the opened file to what became of its rows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from sqlalchemy import Engine

from agentd.importing.columns import Columns, parse_map
from agentd.importing.leads import FIELDS, LeadRows
from agentd.importing.numbers import Numbers, code_of_region, region_of_code
from agentd.importing.rejects import Rejects
from agentd.importing.running import DryRun, Run, source_of
from agentd.importing.sheets import Sheet, digest_of
from agentd.importing.small import Activities, DncNumbers, Keyed, KeyedCounts, bring
from agentd.importing.wishes import FileWish, ImportRefused, LeadImport, LeadWish, Told
from agentd.importing.zones import Zones
from agentd.storage import bulk
from agentd.storage.database import transact
from agentd.storage.tables import campaigns

__all__ = ["Opened", "import_activities", "import_dnc", "import_leads", "opened_files"]

_T = TypeVar("_T")

_CODE = re.compile(r"\+?([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is read, and the one that is written beside it. (Both are opened before root becomes another user.)

    ``tell`` is told how many bytes have been read.
    """

    wish: FileWish
    file: BinaryIO
    rejects: Rejects
    tell: Callable[[int], object]

    @property
    def size(self) -> int:
        """The bytes of the file that is read."""
        return os.fstat(self.file.fileno()).st_size

    def sheet(self) -> Sheet:
        """Begin to read it."""
        return Sheet(self.file, self.wish.encoding, self.wish.delimiter)

    def told(self, counts: object, ignored: tuple[str, ...] = (), begun: int = 0) -> Told:
        """Give what became of it."""
        return Told(asdict(counts), ignored, begun)  # type: ignore[call-overload]


@contextmanager
def opened_files(wish: FileWish, tell: Callable[[int], object]) -> Iterator[Opened]:
    """Open what an import reads and writes. Rejects that are none leave no file.

    Raises:
        OSError
        ImportRefused: both would be the same file.
    """
    rejects_path = Path(wish.rejects or f"{wish.path}.rejects.csv")
    if rejects_path.exists() and rejects_path.samefile(wish.path):
        raise ImportRefused("the file for the rejects is the one that is to be read")
    with Path(wish.path).open("rb") as file:
        rejects = Rejects(rejects_path)
        try:
            yield Opened(wish, file, rejects, tell)
        finally:
            rejects.close()


def import_leads(engine: Engine, opened: Opened, wish: LeadWish, now: float) -> Told:
    """Import leads, or go on with it.

    Raises:
        ImportRefused: it cannot be; the text says why.
        SQLAlchemyError, OSError: it was stopped, and goes on with the next run.
    """
    numbers = _numbers(wish.country, wish.phone_code)
    facts = transact(engine, lambda connection: bulk.read_list(connection, wish.list_id))
    if facts is None:
        raise ImportRefused(f"there is no list {wish.list_id}: `agentd list add` makes one")
    digest = digest_of(opened.file)
    with opened.sheet() as sheet:
        columns = Columns.of(sheet.header, FIELDS, parse_map(opened.wish.mapped), ("phone_number",))
        asked = LeadImport(
            source=source_of(f"leads {wish.list_id}", os.path.realpath(opened.wish.path), opened.size, digest),
            said=wish.said(opened.wish),
            list_id=wish.list_id,
            campaign=facts.campaign,
            dnc=wish.dnc,
            duplicates=wish.duplicates,
            now=now,
        )
        rows = LeadRows(columns, wish.list_id, numbers, Zones(now))
        run = (DryRun if opened.wish.dry else Run)(engine, sheet, opened.rejects, rows, asked)
        begun = run.begin(restart=wish.restart)
        return opened.told(run.run(opened.tell), columns.ignored, begun)


def import_activities(engine: Engine, opened: Opened, country: str, phone_code: str) -> Told:
    """Import what a CRM has planned. Raises as :func:`import_leads` does."""
    numbers = _numbers(country, phone_code)
    with opened.sheet() as sheet:
        found = Activities(sheet, numbers, parse_map(opened.wish.mapped), dry=opened.wish.dry)
        return opened.told(_brought(engine, opened, sheet, found), found.ignored)


def import_dnc(engine: Engine, opened: Opened, campaign: str) -> Told:
    """Import numbers not to call, of a campaign or (empty) of the system. Raises as :func:`import_leads` does."""
    if campaign and not transact(engine, lambda connection: bulk.there(connection, campaigns, "name", [campaign])):
        raise ImportRefused(f"there is no campaign {campaign}")
    with opened.sheet() as sheet:
        found = DncNumbers(sheet, campaign, parse_map(opened.wish.mapped), dry=opened.wish.dry)
        return opened.told(_brought(engine, opened, sheet, found))


def _brought(engine: Engine, opened: Opened, sheet: Sheet, keyed: Keyed[_T]) -> KeyedCounts:
    opened.rejects.begin(keyed.header, 0)
    return bring(engine, keyed, opened.rejects, lambda: opened.tell(sheet.position), dry=opened.wish.dry)


def _numbers(country: str, phone_code: str) -> Numbers:
    """Numbers of the country that was said, by its letters or its code."""
    code = _CODE.fullmatch(phone_code)
    if country and not code_of_region(country):
        raise ImportRefused(f"{country!r} is no country: expected two letters, such as US")
    if phone_code and (code is None or not region_of_code(code[1])):
        raise ImportRefused(f"{phone_code!r} is no country's code, such as 1 or 49")
    if country and code and code_of_region(country) != code[1]:
        raise ImportRefused(f"the code of {country.upper()} is {code_of_region(country)}, not {code[1]}")
    return Numbers(country, code[1] if code else "")
