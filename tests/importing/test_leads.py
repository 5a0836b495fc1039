"""Leads of a file, as they stand in the database then; on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentd.core.model import Lead
from agentd.importing.files import opened_files
from agentd.importing.wishes import DncCheck, Duplicates, FileWish, ImportRefused
from agentd.storage.blocks import reserve
from agentd.storage.columns import moment
from agentd.storage.management import put_dnc, put_lead
from agentd.storage.tables import LEAD_FIELDS, leads
from tests.importing.office import NOW, Desk

EVERYTHING = """\
Vendor Lead Code,source_id,Phone,Alt Phone,address3,title,First,MI,Last,Street,address2,City,State,province,ZIP,\
country,gender,DOB,email,security,Notes,rank,owner,Status,Colour
9987-1234765,web,(727) 555-1212,+44 20 7946 0958,727.555.1214,Ms,Ann,B,Müller,12 Main St,"Apt 4
B",Clearwater,FL,Pinellas,33755,US,F,1980-02-29,ann@example.com,blue,"likes, tea",-3,1000,B,red
"""


def test_every_field_is_where_it_belongs(desk: Desk) -> None:
    told = desk.leads(EVERYTHING)
    assert told.counts == {
        "rows": 1, "imported": 1, "bad": 0, "duplicates": 0, "dnc": 0, "numbers_unread": 0
    }  # fmt: skip
    assert told.ignored == ("Colour",)
    columns = ("list_id", "status", "user", "phone_code", "phone_number", "called_count", "last_local_call_time")
    assert desk.rows(leads, *columns) == [(101, "B", "", "1", "7275551212", 0, None)]
    assert desk.rows(leads, "entry_date", "modify_date") == [(moment(NOW), moment(NOW))]
    assert dict(zip(LEAD_FIELDS, desk.rows(leads, *LEAD_FIELDS)[0], strict=True)) == {
        "vendor_lead_code": "9987-1234765",
        "source_id": "web",
        "gmt_offset_now": "-5.00",  # where the number is
        "title": "Ms",
        "first_name": "Ann",
        "middle_initial": "B",
        "last_name": "Müller",
        "address1": "12 Main St",
        "address2": "Apt 4 B",
        "address3": "7275551214",
        "city": "Clearwater",
        "state": "FL",
        "province": "Pinellas",
        "postal_code": "33755",
        "country_code": "US",
        "gender": "F",
        "date_of_birth": "1980-02-29",
        "alt_phone": "+442079460958",
        "email": "ann@example.com",
        "security_phrase": "blue",
        "comments": "likes, tea",
        "rank": -3,
        "owner": "1000",
    }
    assert desk.rejects == []


def test_what_is_not_said_is_not_set(desk: Desk) -> None:
    desk.leads("phone,first,rank\n18005551212,,\n")
    assert desk.rows(leads, "status", *LEAD_FIELDS) == [("NEW", *(None for _ in LEAD_FIELDS))]


def test_leads_come_in_the_order_of_the_file_with_ids_above_all_that_were_promised(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        put_lead(connection, Lead(41, 200, "NEW", "1", "7275550041"), NOW)
        first, last = reserve(connection, "lead", 10_000)  # a daemon's block
    numbers = [f"727555{n:04}" for n in range(1200)]
    desk.leads("phone\n" + "\n".join(numbers))
    assert (first, last) == (42, 10_041)
    assert desk.rows(leads, "id", "phone_number")[1:] == [(10_042 + n, number) for n, number in enumerate(numbers)]
    with desk.engine.begin() as connection:
        assert reserve(connection, "lead", 1) == (11_242, 11_242)


def test_an_offset_that_is_said_counts_and_is_written_as_others_are(desk: Desk) -> None:
    desk.leads("phone,gmt_offset_now\n7275551212,-8\n7275551213,\n")
    assert desk.rows(leads, "gmt_offset_now") == [("-8.00",), ("-5.00",)]


def test_a_third_address_that_is_none_of_a_number_stays_as_it_is(desk: Desk) -> None:
    told = desk.leads("phone,address3,alt_phone\n7275551212,2nd floor,none\n7275551213,12345 678,\n")
    assert desk.rows(leads, "address3", "alt_phone") == [("2nd floor", "none"), ("12345 678", None)]
    assert told.counts["numbers_unread"] == 2


def test_a_row_may_say_its_own_country(desk: Desk) -> None:
    desk.leads("phone,phone_code\n020 7946 0958,44\n030 123456,+49\n7275551212,\n")
    assert desk.numbers() == ["442079460958", "4930123456", "17275551212"]


BAD = {
    "555-1212,,,": "phone_number '555-1212' lacks its area code",
    ",Ann,,": "phone_number is empty",
    "7275551212,Ann,,,x": "has 5 columns, and the first line 4",
    "7275551212,Ann": "has 2 columns, and the first line 4",
    "7275551212,A\0B,,": "first_name has the character U+0000, which cannot be shown",
    "7275551212," + "x" * 51 + ",,": "first_name has 51 characters, and may have 50",
    "7275551212,,high,": "rank 'high' is no whole number",
    "7275551212,,2147483648,": "rank '2147483648' is no whole number",
    "7275551212,,,on hold": "status 'on hold' is no status: expected 1 to 6 letters, digits, _ or -",
    '7275551212,"x" y,,': "quotation marks do not match",
}


def test_a_bad_row_keeps_no_other_one_out_and_is_told_with_its_reason(desk: Desk) -> None:
    good = [f"72755512{n:02},,," for n in range(len(BAD))]
    lines = [line for both in zip(BAD, good, strict=True) for line in both]
    told = desk.leads("phone,first,rank,status\n" + "\n".join(lines))
    assert (told.counts["imported"], told.counts["bad"], told.counts["rows"]) == (len(BAD), len(BAD), 2 * len(BAD))
    assert desk.numbers() == [f"1{line[:10]}" for line in good]
    assert desk.reasons() == [(str(2 + 2 * n), reason) for n, reason in enumerate(BAD.values())]


def test_rejects_can_be_mended_and_imported_and_harm_no_spreadsheet(desk: Desk) -> None:
    desk.leads('phone,first\n12,"=cmd|x"\n+1 727 555 1212,"+1 is, not two"\n')
    assert desk.rejects == [
        ["line", "reason", "phone", "first"],
        ["2", "phone_number '12' is too short", "12", "'=cmd|x"],
    ]
    mended = (desk.folder / "leads.csv.rejects.csv").read_text().replace(",12,", ",7275551299,")
    assert desk.leads(mended).ignored == ("line", "reason")
    assert desk.rows(leads, "phone_number", "first_name") == [
        ("7275551212", "+1 is, not two"),
        ("7275551299", "'=cmd|x"),
    ]


def test_bytes_of_another_encoding_are_told_and_can_be_said(desk: Desk) -> None:
    content = "phone,first\n7275551212,René\n7275551213,Ann\n".encode("latin-1")
    assert desk.leads(content).counts["imported"] == 1
    assert desk.reasons() == [("2", "first_name has the byte 0xE9, which is not of the file's encoding")]
    assert desk.leads(content, encoding="latin-1", restart=True).counts["duplicates"] == 1
    assert desk.rows(leads, "first_name") == [("Ann",), ("René",)]


def test_what_cannot_be_imported_says_why(desk: Desk) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("", {}, "it is empty"),
        ("name\nAnn\n", {}, "no column is the phone_number"),
        ("phone\n1\n", {"list_id": 7}, "there is no list 7"),
        ("phone\n1\n", {"country": "XX"}, "'XX' is no country"),
        ("phone\n1\n", {"phone_code": "0"}, "'0' is no country's code"),
        ("phone\n1\n", {"phone_code": "44"}, "the code of US is 1, not 44"),
    ]
    for content, how, reason in cases:
        with pytest.raises(ImportRefused, match=reason):
            desk.leads(content, **how)
    assert desk.numbers() == []
    assert not (desk.folder / "leads.csv.rejects.csv").exists()


def test_a_file_with_names_alone_has_no_leads(desk: Desk) -> None:
    assert desk.leads("phone,first\n").counts["rows"] == 0


# --- duplicates, and numbers not to call ---------------------------------------------------------------------

SIX = "phone\n7275551201\n7275551202\n7275551203\n7275551204\n7275551205\n(727) 555-1205\n"


@pytest.mark.parametrize(
    ("where", "taken"),
    [
        (Duplicates.LIST, ["02", "03", "04", "05"]),
        (Duplicates.CAMPAIGN, ["03", "04", "05"]),
        (Duplicates.SYSTEM, ["04", "05"]),
        (Duplicates.NONE, ["01", "02", "03", "04", "05", "05"]),
    ],
)
def test_one_of_a_number_is_enough_where_it_is_said(desk: Desk, where: Duplicates, taken: list[str]) -> None:
    with desk.engine.begin() as connection:
        for lead_id, list_id in enumerate((101, 102, 200), 1):
            put_lead(connection, Lead(lead_id, list_id, "NEW", "1", f"727555120{lead_id}"), NOW)
    told = desk.leads(SIX, duplicates=where)
    assert desk.numbers()[3:] == [f"172755512{end}" for end in taken]
    assert told.counts["duplicates"] == 6 - len(taken)
    if where is Duplicates.SYSTEM:
        assert desk.reasons() == [
            ("2", "duplicate: lead 1 has this number"),
            ("3", "duplicate: lead 2 has this number"),
            ("4", "duplicate: lead 3 has this number"),
            ("7", "duplicate: line 6 has this number"),
        ]


@pytest.mark.parametrize(("code", "number"), [("", "7275551201"), ("", "17275551201"), ("1", "+17275551201")])
def test_a_lead_who_came_by_himself_is_known_however_his_number_is_written(desk: Desk, code: str, number: str) -> None:
    with desk.engine.begin() as connection:
        put_lead(connection, Lead(1, 101, "NEW", code, number), NOW)
    assert desk.leads("phone\n7275551201\n7275551202\n").counts["duplicates"] == 1


def test_the_same_digits_in_another_country_are_another_number(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        put_lead(connection, Lead(1, 101, "NEW", "44", "7275551201"), NOW)
    assert desk.leads("phone\n7275551201\n").counts["imported"] == 1


def _listed(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        put_dnc(connection, "7275551201")
        put_dnc(connection, "17275551202", "SALES")
        put_dnc(connection, "7275551203", "OTHER")


def test_numbers_that_must_not_be_called_are_refused(desk: Desk) -> None:
    _listed(desk)
    told = desk.leads(SIX)
    assert desk.numbers() == ["17275551203", "17275551204", "17275551205"]
    assert (told.counts["dnc"], told.counts["duplicates"]) == (2, 1)
    assert desk.reasons()[:2] == [
        ("2", "DNC: this number must not be called"),
        ("3", "DNC: this number must not be called"),
    ]


def test_or_marked(desk: Desk) -> None:
    _listed(desk)
    assert desk.leads(SIX, dnc=DncCheck.MARK).counts["dnc"] == 2
    assert desk.rows(leads, "phone_number", "status")[:3] == [
        ("7275551201", "DNC"),
        ("7275551202", "DNC"),
        ("7275551203", "NEW"),
    ]


def test_or_not_looked_at(desk: Desk) -> None:
    _listed(desk)
    assert desk.leads(SIX, dnc=DncCheck.NONE).counts["dnc"] == 0
    assert len(desk.numbers()) == 5


# --- dry runs ------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_the_same_and_writes_nothing(desk: Desk) -> None:
    _listed(desk)
    numbers = [f"727556{n:04}" for n in range(700)]
    content = "phone\n7275551201\n12\n" + "\n".join([*numbers, *numbers]) + "\n"
    told = desk.leads(content, dry=True)
    assert desk.numbers() == []
    reasons = desk.reasons()
    assert desk.leads(content) == told
    assert told.counts == {
        "rows": 1402, "imported": 700, "bad": 1, "duplicates": 700, "dnc": 1, "numbers_unread": 0
    }  # fmt: skip
    assert [line for line, _ in reasons] == [line for line, _ in desk.reasons()]


def test_the_rejects_must_not_be_the_file_itself(desk: Desk, tmp_path: Path) -> None:
    path = desk.file("phone\n12\n")
    with (
        pytest.raises(ImportRefused, match="is the one that is to be read"),
        opened_files(FileWish(path, rejects=str(tmp_path / "leads.csv")), lambda _: None),
    ):
        pass
    assert Path(path).read_text() == "phone\n12\n"
