"""Files as spreadsheets, CRMs and people leave them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.importing.sheets import Row, Sheet, Unreadable


def rows(content: str | bytes, encoding: str = "", delimiter: str = "") -> list[Row]:
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    with Sheet(file, encoding, delimiter) as sheet:
        return list(sheet.rows())


def read(content: str | bytes, encoding: str = "", delimiter: str = "") -> list[list[str]]:
    return [row.cells for row in rows(content, encoding, delimiter)]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS).filter(lambda row: any(cell.strip() for cell in row)), min_size=1, max_size=8))
def test_what_is_written_is_read(table: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    assert read(text.getvalue(), "utf-8", ",") == [list(row) for row in table]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_tell_the_encoding(encoding: str) -> None:
    assert read("phone,name\n7275551212,Müller\n".encode(encoding)) == [["phone", "name"], ["7275551212", "Müller"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_ends_of_lines_and_delimiters_are_found_out(delimiter: str, end: str) -> None:
    lines = [["phone", "a name"], ["7275551212", "x"]]
    assert read(end.join(delimiter.join(line) for line in lines)) == lines


def test_a_delimiter_between_quotation_marks_is_none() -> None:
    assert read('"a,b,c";d\n1;2\n') == [["a,b,c", "d"], ["1", "2"]]


@pytest.mark.parametrize("delimiter", ["tab", "\\t", "\t"])
def test_a_tab_can_be_said(delimiter: str) -> None:
    assert read("a,b\tc\n", "", delimiter) == [["a,b", "c"]]


@pytest.mark.parametrize("delimiter", [";;", '"', "\n"])
def test_what_is_no_delimiter_is_refused(delimiter: str) -> None:
    with pytest.raises(Unreadable, match="is no delimiter: expected one character, or tab"):
        rows("a,b\n", "", delimiter)


def test_blank_lines_are_no_rows_but_count() -> None:
    found = rows("phone,name\n\n,\n 727 ,x\n")
    assert found == [Row(1, 1, ["phone", "name"]), Row(4, 4, [" 727 ", "x"])]


def test_a_row_may_stand_on_several_lines() -> None:
    assert rows('phone,notes\n727,"a\nb"\n728,c\n')[1:] == [
        Row(2, 3, ["727", "a\nb"]),
        Row(4, 4, ["728", "c"]),
    ]


def test_bytes_that_are_not_of_the_encoding_are_told_with_their_row() -> None:
    assert read("phone,name\n727,René\n".encode("latin-1"))[1] == ["727", "Ren\udce9"]
    assert read("phone,name\n727,René\n".encode("latin-1"), "latin-1")[1] == ["727", "René"]


def test_a_quotation_mark_that_does_not_match_is_the_problem_of_its_row() -> None:
    found = rows('phone,name\n727,"x" y\n728,z\n')
    assert found[1:] == [Row(2, 2, [], "quotation marks do not match"), Row(3, 3, ["728", "z"])]


def test_a_quotation_mark_without_its_other_one_swallows_what_it_tells() -> None:
    found = rows('phone,name\n727,"x\n728,y\n729,z\n')
    assert found[1:] == [Row(2, 4, [], "quotation marks do not match (from line 2 to 4)")]


def test_a_cell_without_end_is_the_problem_of_its_row() -> None:
    found = rows(f"phone,name\n727,{'x' * 200_000}\n728,y\n")
    assert found[1:] == [Row(2, 2, [], "a cell is too long"), Row(3, 3, ["728", "y"])]


@pytest.mark.parametrize(
    ("content", "encoding", "reason"),
    [
        (b"", "", "it is empty"),
        (b"\n \n", "", "it is empty"),
        ("phone,name\n".encode("utf-16-le"), "", "UTF-16 without a mark"),
        (b"phone\n", "klingon", "there is no encoding 'klingon'"),
        (b"phone\n", "base64", "base64 is no encoding of text"),
        (b'"phone\n727\n', "", "the first line quotation marks do not match"),
        (b"x" * 2_000_000, "", "a line has more than 1048576 characters"),
    ],
)
def test_what_is_no_file_of_rows_says_why(content: bytes, encoding: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        rows(content, encoding)
