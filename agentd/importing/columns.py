"""Which column of a file is which field of a lead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agentd.importing.wishes import ImportRefused

__all__ = ["Columns", "Unmapped", "parse_map"]

_SYNONYMS: dict[str, str] = {
    "account": "accountname company organisation organization",
    "address1": "address addressline1 street streetaddress strasse",
    "address2": "addressline2",
    "address3": "addressline3 phone3",
    "alt_phone": "alternatephone alternativephone otherphone phone2 secondphone workphone",
    "city": "town ort stadt",
    "comments": "comment note notes remarks",
    "country_code": "country land",
    "date_of_birth": "birthdate birthday dob",
    "email": "emailaddress mail",
    "first_name": "first forename givenname vorname",
    "gender": "sex",
    "gmt_offset_now": "gmtoffset utcoffset",
    "id": "activityid",
    "last_name": "familyname last nachname surname",
    "middle_initial": "initial middle mi",
    "number": "phone phonenumber telephone",
    "phone_code": "callingcode dialcode diallingcode",
    "phone_number": "cell cellphone mainphone mobile mobilephone msisdn number phone phone1 primaryphone tel telephone "
    "telefon",
    "postal_code": "plz postcode zip zipcode",
    "rank": "priority score",
    "security_phrase": "security",
    "source_id": "source",
    "subject": "summary",
    "title": "salutation anrede",
    "vendor_lead_code": "crmid customerid externalid vendor vendorcode vendorid",
}
_ALIKE = re.compile(r"[^a-z0-9]")


class Unmapped(ImportRefused):
    """The columns of a file cannot be told; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Columns:
    """``places`` are the places of the fields in a row; ``ignored`` the names of columns that are no field."""

    places: dict[str, int]
    ignored: tuple[str, ...]

    @classmethod
    def of(
        cls, header: Sequence[str], fields: Iterable[str], said: Mapping[str, str], needed: Iterable[str]
    ) -> Columns:
        """Find the fields in a file's first line: those that are said, then by their names, then by usual others.

        Args:
            header: The names in the first line.
            fields: What there may be.
            said: Names of columns with the fields that they are; an empty one for none.
            needed: The fields that must be there.

        Raises:
            Unmapped
        """
        known = list(fields)
        names = [name.strip() for name in header]
        places = _said(names, known, said)
        rest = [place for place, name in enumerate(names) if name not in said]
        _find(places, names, rest, {_alike(field): field for field in known})
        _find(places, names, rest, _synonyms(known))
        for field in needed:
            if field not in places:
                there = ", ".join(repr(name) for name in names)
                raise Unmapped(f"no column is the {field}: there are {there}; say which with --map COLUMN={field}")
        used = set(places.values())
        return cls(places, tuple(name for place, name in enumerate(names) if place not in used))


def _alike(name: str) -> str:
    return _ALIKE.sub("", name.lower())


def _synonyms(known: Sequence[str]) -> dict[str, str]:
    return {word: field for field in known for word in _SYNONYMS.get(field, "").split()}


def _said(names: Sequence[str], known: Sequence[str], said: Mapping[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for name, field in said.items():
        if names.count(name) != 1:
            there = ", ".join(repr(one) for one in names)
            raise Unmapped(f"--map: {name!r} is not one of the columns {there}, or more than one")
        if field and field not in known:
            raise Unmapped(f"--map: there is no field {field!r}; fields are {', '.join(known)}")
        if field in places:
            raise Unmapped(f"--map: {field} is said twice")
        if field:
            places[field] = names.index(name)
    return places


def _find(places: dict[str, int], names: Sequence[str], rest: list[int], words: Mapping[str, str]) -> None:
    """Take the columns that go by these words, unless their field is found already."""
    found: dict[str, int] = {}
    for place in list(rest):
        field = words.get(_alike(names[place]))
        if field is None or field in places:
            continue
        if field in found:
            both = f"{names[found[field]]!r} and {names[place]!r}"
            raise Unmapped(f"the columns {both} may both be the {field}; say with --map COLUMN={field} which it is")
        found[field] = place
        rest.remove(place)
    places |= found


def parse_map(texts: Iterable[str]) -> dict[str, str]:
    """Read what is said of columns: ``phone=phone_number,first=first_name``; an empty field takes a column out.

    Raises:
        Unmapped
    """
    said: dict[str, str] = {}
    for part in (part for text in texts for part in text.split(",") if part.strip()):
        name, equals, field = part.rpartition("=")
        if not equals:
            raise Unmapped(f"--map: expected COLUMN=FIELD instead of {part!r}")
        if name.strip() in said:
            raise Unmapped(f"--map: {name.strip()!r} is said twice")
        said[name.strip()] = field.strip()
    return said
