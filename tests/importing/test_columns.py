"""Which column is which field."""

from __future__ import annotations

import pytest

from agentd.importing.columns import Columns, Unmapped, parse_map
from agentd.importing.leads import FIELDS


def places(header: str, *said: str) -> dict[str, int]:
    return Columns.of(header.split(","), FIELDS, parse_map(said), ("phone_number",)).places


def test_the_documents_names_need_no_word() -> None:
    names = ",".join(FIELDS)
    assert places(names) == {name: place for place, name in enumerate(FIELDS)}


def test_usual_names_are_known_however_they_are_written() -> None:
    assert places("First Name,Surname,ZIP,Tel.,E-Mail,Phone 2,Vendor ID") == {
        "first_name": 0,
        "last_name": 1,
        "postal_code": 2,
        "phone_number": 3,
        "email": 4,
        "alt_phone": 5,
        "vendor_lead_code": 6,
    }


def test_the_documents_own_name_comes_before_others() -> None:
    assert places("phone,phone_number") == {"phone_number": 1}


def test_what_is_said_comes_before_names() -> None:
    assert places("phone_number,Best,first", "Best=phone_number,first=last_name") == {"phone_number": 1, "last_name": 2}


def test_a_column_can_be_taken_out() -> None:
    found = Columns.of(["phone", "mobile", "x"], FIELDS, parse_map(["mobile="]), ("phone_number",))
    assert (found.places, found.ignored) == ({"phone_number": 0}, ("mobile", "x"))


@pytest.mark.parametrize(
    ("header", "said", "reason"),
    [
        ("name,city", (), "no column is the phone_number: there are 'name', 'city'"),
        ("phone,mobile", (), "the columns 'phone' and 'mobile' may both be the phone_number"),
        ("phone", ("fone=phone_number",), "'fone' is not one of the columns 'phone'"),
        ("a,a", ("a=phone_number",), "'a' is not one of the columns 'a', 'a', or more than one"),
        ("phone", ("phone=number",), "there is no field 'number'; fields are phone_number"),
        ("a,b", ("a=phone_number,b=phone_number",), "phone_number is said twice"),
        ("a", ("a=phone_number", "a=email"), "'a' is said twice"),
        ("a", ("phone_number",), "expected COLUMN=FIELD instead of 'phone_number'"),
    ],
)
def test_what_cannot_be_told_is_asked_for(header: str, said: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Unmapped, match=reason):
        places(header, *said)
