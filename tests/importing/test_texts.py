"""Texts on their way into the database, and back into a file that a spreadsheet opens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.importing.texts import BadText, clean, harmless, tidy


@given(st.text())
def test_what_is_clean_can_be_shown_and_stays_as_it_is(text: str) -> None:
    try:
        cleaned = clean(text)
    except BadText:
        cleaned = tidy(text)
    assert cleaned.isprintable()
    assert cleaned == cleaned.strip()
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Ann ", "Ann"),
        ("12 Main St\r\nApt 4\tB", "12 Main St Apt 4 B"),
        ("Müller\N{NO-BREAK SPACE}& Söhne", "Müller & Söhne"),
        ("\N{LEFT-TO-RIGHT MARK}שלום", "שלום"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ],
)
def test_spaces_of_all_kinds_are_one(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A\0B", "has the character U[+]0000, which cannot be shown"),
        ("\x1b[2J", "has the character U[+]001B, which cannot be shown"),
        ("Ren\udce9", "has the byte 0xE9, which is not of the file's encoding"),
        ("Ren\N{REPLACEMENT CHARACTER}", "has a character that could not be read"),
    ],
)
def test_what_cannot_be_shown_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadText, match=reason):
        clean(text)


@pytest.mark.parametrize("text", ["=1+1", "+CMD|'/C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_reckons_nothing(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Ann", "", "+1 (727) 555-1212", "-5.00", "a=b", "'=1"])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
