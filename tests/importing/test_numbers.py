"""Numbers as people write them: what they mean, and why some mean nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.importing.numbers import BadNumber, Number, Numbers, code_of_region
from agentd.importing.zones import Zones

WINTER = 1_795_000_000.0
SUMMER = 1_782_000_000.0

PUNCTUATION = st.sampled_from(["", "", " ", "(", ")", ".", "-", "/", ") ", " - "])


@st.composite
def written(draw: st.DrawFn) -> str:
    """Ten digits as people write them in North America, mostly."""
    digits = draw(st.from_regex(r"[2-9][0-9]{9}", fullmatch=True))
    return draw(st.sampled_from(["", "1", "+1", "+"])) + "".join(draw(PUNCTUATION) + digit for digit in digits)


def meaning(read: Callable[[str, str], Number], text: str) -> Number | str:
    """What a text means, or why nothing."""
    try:
        return read(text, "1")
    except BadNumber as error:
        return str(error)


@given(st.one_of(written(), st.text("0123456789 ()./-+", max_size=24)))
def test_the_short_cut_of_north_america_gives_what_the_plans_of_the_world_give(text: str) -> None:
    numbers = Numbers("US")
    assert meaning(numbers.read, text) == meaning(numbers.read_by_plan, text)


@given(st.text(max_size=80))
def test_whatever_is_written_is_a_number_of_digits_or_refused(text: str) -> None:
    try:
        found = Numbers("DE").read(text)
    except BadNumber:
        return
    assert found.code.isascii()
    assert found.code.isdecimal()
    assert found.national.isascii()
    assert found.national.isdecimal()


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("(727) 555-1212", "", Number("1", "7275551212")),
        ("1-727-555-1212", "", Number("1", "7275551212")),
        ("7275551212.0", "", Number("1", "7275551212")),
        ("+44 20 7946 0958", "", Number("44", "2079460958")),
        ("020 7946 0958", "44", Number("44", "2079460958")),
        ("011 49 30 123456", "", Number("49", "30123456")),
        ("06 1234567", "39", Number("39", "061234567")),  # Italy's zero is part of the number
        ("1-800-FLOWERS", "", Number("1", "8003569377")),
        ("٧٢٧٥٥٥١٢١٢", "", Number("1", "7275551212")),
    ],
)
def test_a_number_is_its_code_and_the_rest(text: str, code: str, expected: Number) -> None:
    assert Numbers("US").read(text, code) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no telephone number"),
        ("ask for Joe", "is no telephone number"),
        ("555-1212", "lacks its area code"),
        ("727", "is too short"),
        ("727555121200", "is too long"),
        ("+999 123 456 789", "is no telephone number"),
        ("7.275551212E+9", "was rounded by a spreadsheet"),
        ("727 555 1212 x5", "has an extension, which cannot be dialled"),
        ("7" * 400, "is no telephone number"),
    ],
)
def test_what_is_no_number_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadNumber, match=f"^{reason}$"):
        Numbers("US").read(text)


def test_without_a_country_a_number_has_to_say_its_own() -> None:
    with pytest.raises(BadNumber, match="no country is said"):
        Numbers().read("7275551212")
    assert Numbers().read("+17275551212") == Number("1", "7275551212")
    assert Numbers().read("7275551212", "1") == Number("1", "7275551212")
    assert Numbers(code="49").read("030 123456") == Number("49", "30123456")


def test_countries_have_codes() -> None:
    assert [code_of_region(region) for region in ("US", "gb", "DE", "XX", "")] == ["1", "44", "49", "", ""]


@pytest.mark.parametrize(
    ("digits", "winter", "summer"),
    [
        ("17275551212", "-5.00", "-4.00"),
        ("16025551212", "-7.00", "-7.00"),  # Arizona keeps its clocks
        ("4930123456", "1.00", "2.00"),
        ("918012345678", "5.50", "5.50"),
        ("18005551212", None, None),  # all of North America
        ("999", None, None),
        ("", None, None),
    ],
)
def test_the_clocks_where_a_number_is(digits: str, winter: str | None, summer: str | None) -> None:
    assert Zones(WINTER).offset(digits) == winter
    assert Zones(SUMMER).offset(digits) == summer
