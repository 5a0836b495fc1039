"""A file of rows with a first line of names, as spreadsheets and CRMs write it (RFC 4180, and what people make of it).

It is read a line at a time. What is wrong with one row is told with that row, and the next one is read.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO

from agentd.importing.wishes import ImportRefused

__all__ = ["Row", "Sheet", "Unreadable", "digest_of"]

_HEAD = 1 << 16
_LONGEST_LINE = 1 << 20  # characters
_MARKS = (  # UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_DELIMITERS = (",", ";", "\t", "|")


class Unreadable(ImportRefused):
    """A file that cannot be read as rows; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and the lines that it stands on; with a ``problem`` its cells are what could be read of it."""

    line: int
    last_line: int
    cells: list[str]
    problem: str = ""


def digest_of(file: BinaryIO) -> str:
    """Give a digest of how a file begins."""
    file.seek(0)
    return hashlib.sha256(file.read(_HEAD)).hexdigest()


class Sheet:
    """The rows of a file, within a ``with``. ``header`` are the names in its first line."""

    def __init__(self, file: BinaryIO, encoding: str = "", delimiter: str = "") -> None:
        """``encoding`` and ``delimiter`` are found out when they are not said; the file is left open.

        Raises:
            Unreadable: there is nothing in it; it is no text; there is no such encoding.
        """
        self._file = file
        self._encoding = encoding or _encoding_of(file)
        self._delimiter = "\t" if delimiter in {"tab", "\\t"} else delimiter
        if len(self._delimiter) > 1 or self._delimiter in {'"', "\r", "\n"}:
            raise Unreadable(f"{delimiter!r} is no delimiter: expected one character, or tab")
        self._text = self._opened()
        try:
            self._begin()
        except BaseException:
            self._text.detach()
            raise

    def _begin(self) -> None:
        first = next(self._lines(), "")
        self._delimiter = self._delimiter or _delimiter_of(first)
        rows = self.rows()
        begin = next(rows, None)
        if begin is None:
            raise Unreadable("it is empty")
        if begin.problem:
            raise Unreadable(f"the first line {begin.problem}")
        self.header = begin.cells

    def __enter__(self) -> Sheet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.detach()  # else it would close the file, which is not its own

    @property
    def position(self) -> int:
        """How many bytes were read."""
        return self._file.tell()

    def _opened(self) -> io.TextIOWrapper:
        # Bytes that are not of the encoding are told with their row, where the codec allows it.
        try:
            wide = codecs.lookup(self._encoding).name.startswith(("utf-16", "utf-32"))
        except LookupError:
            raise Unreadable(f"there is no encoding {self._encoding!r}") from None
        errors = "replace" if wide else "surrogateescape"
        self._file.seek(0)
        try:
            return io.TextIOWrapper(self._file, self._encoding, errors, newline="")
        except LookupError:
            raise Unreadable(f"{self._encoding} is no encoding of text") from None

    def rows(self) -> Iterator[Row]:
        """Give all rows from the first line on, blank ones left out.

        Raises:
            Unreadable: a line has no end.
        """
        self._text.detach()
        self._text = self._opened()
        reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, reader.line_num, [], _objection(error, line, reader.line_num))
                continue
            if any(cell and not cell.isspace() for cell in cells):
                yield Row(line, reader.line_num, cells)

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
                raise Unreadable(f"a line has more than {_LONGEST_LINE} characters: it is no file of rows")
            yield line


def _objection(error: csv.Error, line: int, last: int) -> str:
    told = "a cell is too long" if "limit" in str(error) else "quotation marks do not match"
    return told if last <= line else f"{told} (from line {line} to {last})"


def _encoding_of(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise Unreadable("it is empty")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if head.count(0) * 4 > len(head):  # every other byte of western text
        raise Unreadable("it seems to be UTF-16 without a mark: say --encoding utf-16-le, or utf-16-be")
    return "utf-8"


def _delimiter_of(line: str) -> str:
    """The one that is most often in the first line, not counting what is between quotation marks."""
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)
