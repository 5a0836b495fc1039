"""Opening hours: how they are read, and when they hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentd.core.lines.hours import is_open, is_open_at_offset, parse, parse_zone

OFFICE = "mon-fri 08:00-18:00; sat 09:00-13:00; sun 10:00-12:00,14:00-16:00"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


def at(day: str, clock: str) -> float:
    """A time in the first week of June 2026, in UTC."""
    hour, minute = clock.split(":")
    return (MONDAY + timedelta(days=DAYS.index(day), hours=int(hour), minutes=int(minute))).timestamp()


def opens(text: str, day: str, clock: str) -> bool:
    return is_open(text, "UTC", at(day, clock))


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("mon", "07:59", False),
        ("mon", "08:00", True),
        ("fri", "17:59", True),
        ("fri", "18:00", False),
        ("sat", "12:00", True),
        ("sat", "13:00", False),
        ("sun", "11:00", True),
        ("sun", "13:00", False),
        ("sun", "15:59", True),
    ],
)
def test_office_hours(day: str, clock: str, expected: bool) -> None:
    assert opens(OFFICE, day, clock) is expected


@pytest.mark.parametrize(
    ("text", "day", "clock", "expected"),
    [
        ("", "sun", "03:00", True),
        ("  ", "sun", "03:00", True),
        ("08:00-18:00", "sun", "12:00", True),
        ("08:00-18:00", "sun", "07:00", False),
        ("00:00-24:00", "wed", "23:59", True),
        ("mon 22:00-06:00", "mon", "23:00", True),
        ("mon 22:00-06:00", "tue", "05:59", True),
        ("mon 22:00-06:00", "tue", "06:00", False),
        ("mon 22:00-06:00", "mon", "05:00", False),
        ("sun 22:00-06:00", "mon", "01:00", True),
        ("sun 20:00-00:00", "sun", "23:59", True),
        ("sun 20:00-00:00", "mon", "00:00", False),
        ("sat-mon 10:00-11:00", "sun", "10:30", True),
        ("sat-mon 10:00-11:00", "tue", "10:30", False),
        ("mon,wed-thu 10:00-11:00", "wed", "10:30", True),
        ("mon,wed-thu 10:00-11:00", "tue", "10:30", False),
        ("mon 08:00-10:00; mon 12:00-14:00", "mon", "13:00", True),
        ("mon 08:00-10:00; mon 12:00-14:00", "mon", "11:00", False),
        ("MON - FRI  8:00 - 12:00 , 13:00-18:00", "tue", "13:30", True),
    ],
)
def test_what_a_text_means(text: str, day: str, clock: str, expected: bool) -> None:
    assert opens(text, day, clock) is expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mon", "expected a range such as 08:00-18:00 instead of 'mon'"),
        ("monday 08:00-18:00", "'monday' is none of the days mon, tue"),
        ("mon- 08:00-18:00", "'mon' is not a time"),
        ("mon 08:00-25:00", "'25:00' is not a time from 00:00 to 24:00"),
        ("mon 08:00-24:01", "'24:01' is not a time"),
        ("mon 08:60-18:00", "'08:60' is not a time"),
        ("mon 8-18", "'8' is not a time"),
        ("mon 08:00-08:00", "a whole day is 00:00-24:00"),
        ("mon 24:00-08:00", "a whole day is 00:00-24:00"),
        ("mon 08:00-18:00;", "expected days and times"),
        (";", "expected days and times"),
        ("mon 08:00-18:00 tue", "expected days and times"),
        ("mon ٠٨:00-18:00", "is not a time"),
        ("08:00-18:00," * 100 + "08:00-18:00", "expected at most 1000 characters"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match="hours: ") as caught:
        parse(text)
    assert told in str(caught.value)


# --- any text ------------------------------------------------------------------------------------------------

_almost = st.lists(
    st.sampled_from([*DAYS, "-", ",", ";", " ", ":", "08:00", "18:00", "24:00", "00:00", "25:61", "8", "x", "\n"]),
    max_size=12,
).map("".join)


@given(st.one_of(st.text(max_size=40), _almost))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    hours, reason = None, ""
    try:
        hours = parse(text)
    except ValueError as error:
        reason = str(error)
    if hours is None:
        assert reason.startswith("hours: ")
    else:
        assert hours.always is (not text.strip())
        assert hours.always or any(hours.week)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@given(
    parts=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1440)),
        min_size=1,
        max_size=4,
    ),
    minute=st.integers(0, 7 * 1440 - 1),
)
def test_it_is_open_in_the_ranges_that_were_written_and_no_others(
    parts: list[tuple[int, int, int, int]], minute: int
) -> None:
    """Counted in minutes of the week, of which the last is followed by the first."""
    assume(all(start != end for _, _, start, end in parts))
    text = ";".join(f"{DAYS[a]}-{DAYS[b]} {_clock(start)}-{_clock(end)}" for a, b, start, end in parts)
    open_minutes = set()
    for first, last, start, end in parts:
        day = first
        while True:
            length = end - start if end > start else end + 1440 - start
            open_minutes |= {(day * 1440 + start + offset) % (7 * 1440) for offset in range(length)}
            if day == last:
                break
            day = (day + 1) % 7
    assert is_open(text, "UTC", MONDAY.timestamp() + minute * 60) is (minute in open_minutes)


# --- whose clock ---------------------------------------------------------------------------------------------


def test_each_time_zone_has_its_own_clock() -> None:
    noon = at("mon", "12:00")
    assert is_open("mon 14:00-15:00", "Europe/Berlin", noon)
    assert is_open("mon 08:00-09:00", "America/New_York", noon)
    assert not is_open("mon 12:00-13:00", "America/New_York", noon)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "Europe", "/etc/localtime", "x" * 300, "a\0b"])
def test_what_is_no_time_zone_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone; expected a name such as Europe/Berlin"):
        parse_zone(name)
    with pytest.raises(ValueError, match="is no time zone"):
        is_open("", name, 0.0)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-29 01:59 +0100", True),  # the clock jumps from 02:00 to 03:00
        ("2026-03-29 03:00 +0200", False),
        ("2026-03-30 02:15 +0200", True),
        ("2026-10-25 02:15 +0200", True),  # 02:15 comes twice
        ("2026-10-25 02:15 +0100", True),
        ("2026-10-25 03:00 +0100", False),
    ],
)
def test_hours_go_by_the_clock_on_the_wall_when_it_is_changed(moment: str, expected: bool) -> None:
    when = datetime.strptime(moment, "%Y-%m-%d %H:%M %z")
    assert when.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == moment[11:16]
    assert is_open("01:00-03:00", "Europe/Berlin", when.timestamp()) is expected


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The daemon runs in Tokyo."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def test_without_a_time_zone_the_daemons_clock_counts(in_tokyo: None) -> None:
    assert is_open("tue 02:00-04:00", "", at("mon", "18:00"))
    assert not is_open("mon 18:00-19:00", "", at("mon", "18:00"))


def test_a_leads_clock_is_known_by_its_offset() -> None:
    noon = at("mon", "12:00")
    assert is_open_at_offset("mon 07:00-08:00", -5, noon)
    assert is_open_at_offset("mon 17:30-18:00", 5.5, noon)
    assert not is_open_at_offset("mon 12:00-13:00", 5.5, noon)


@pytest.mark.parametrize("offset", [24, -24, 1e9, float("nan"), float("inf")])
def test_no_clock_is_a_day_ahead(offset: float) -> None:
    with pytest.raises(ValueError, match="no offset from UTC"):
        is_open_at_offset("", offset, 0.0)
