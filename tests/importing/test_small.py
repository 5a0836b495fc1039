"""CRM activities and numbers not to call from files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agentd.importing import files
from agentd.importing.wishes import FileWish, ImportRefused, Told
from agentd.storage.management import put_dnc
from agentd.storage.tables import crm_activities, dnc
from tests.importing.office import Desk


def imported(desk: Desk, content: str, how: Callable[[files.Opened], Told], *mapped: str, dry: bool = False) -> Told:
    wish = FileWish(desk.file(content), mapped=mapped, dry=dry)
    with files.opened_files(wish, lambda _: None) as opened:
        return how(opened)


def import_dnc(desk: Desk, content: str, *mapped: str, campaign: str = "", dry: bool = False) -> dict[str, int]:
    told = imported(desk, content, lambda opened: files.import_dnc(desk.engine, opened, campaign), *mapped, dry=dry)
    return told.counts


# --- numbers not to call -------------------------------------------------------------------------------------


def test_numbers_one_a_line_are_not_called_any_more(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        put_dnc(connection, "7275551290")
    counts = import_dnc(desk, "(727) 555-1290\n+1 727 555 1291\n12\nnobody\n\n7275551292\n7275551292\n")
    assert counts == {"rows": 6, "imported": 2, "known": 2, "bad": 2}
    assert desk.rows(dnc, "campaign", "number") == [("", "17275551291"), ("", "7275551290"), ("", "7275551292")]
    assert desk.reasons() == [("3", "is no telephone number"), ("4", "is no telephone number")]


def test_or_a_column_of_them_for_a_campaign(desk: Desk) -> None:
    assert import_dnc(desk, "name;phone\nAnn;7275551290\n", campaign="SALES")["imported"] == 1
    assert import_dnc(desk, "No.;7\n1;7275551291\n2\n", "7=phone_number", campaign="SALES")["bad"] == 1
    assert desk.rows(dnc, "campaign", "number") == [("SALES", "7275551290"), ("SALES", "7275551291")]


def test_twice_is_as_good_as_once(desk: Desk) -> None:
    numbers = "".join(f"727555{n:04}\n" for n in range(1100))
    assert import_dnc(desk, numbers, dry=True) == {"rows": 1100, "imported": 1100, "known": 0, "bad": 0}
    assert desk.rows(dnc, "number") == []
    assert import_dnc(desk, numbers)["imported"] == 1100
    assert import_dnc(desk, numbers) == {"rows": 1100, "imported": 0, "known": 1100, "bad": 0}
    assert len(desk.rows(dnc, "number")) == 1100


def test_there_must_be_such_a_campaign_and_a_column_of_numbers(desk: Desk) -> None:
    with pytest.raises(ImportRefused, match="there is no campaign NONE"):
        import_dnc(desk, "7275551290\n", campaign="NONE")
    with pytest.raises(ImportRefused, match="no column is the phone_number"):
        import_dnc(desk, "name,city\nAnn,7275551290\n")


# --- activities ----------------------------------------------------------------------------------------------


def import_activities(desk: Desk, content: str, *, dry: bool = False) -> dict[str, int]:
    how = lambda opened: files.import_activities(desk.engine, opened, "US", "")  # noqa: E731
    return imported(desk, content, how, dry=dry).counts


def test_activities_are_found_by_their_ids_then(desk: Desk) -> None:
    content = (
        'id,phone,phone_code,account,subject\nA-7,(727) 555-1212,,Smith,"Renewal, first call"\n8,020 7946 0958,44,,\n'
    )
    assert import_activities(desk, content, dry=True)["imported"] == 2
    assert import_activities(desk, content) == {"rows": 2, "imported": 2, "known": 0, "bad": 0}
    assert desk.rows(crm_activities, "id", "number", "phone_code", "account", "subject") == [
        ("8", "2079460958", "44", "", ""),
        ("A-7", "7275551212", "1", "Smith", "Renewal, first call"),
    ]


def test_what_is_there_becomes_what_the_file_says(desk: Desk) -> None:
    import_activities(desk, "id,number\n8,7275551212\n")
    assert import_activities(desk, "id,number,subject\n8,7275551213,Later\n")["known"] == 1
    assert desk.rows(crm_activities, "id", "number", "subject") == [("8", "7275551213", "Later")]


def test_bad_activities_are_told(desk: Desk) -> None:
    rows = [
        ",7275551212,",
        "9,12,",
        "10,7275551212,yes",
        "11,7275551212",
        f"{'1' * 41},7275551212,",
        "12,7275551212,\x01",
    ]
    assert import_activities(desk, "id,number,phone_code\n" + "\n".join(rows))["bad"] == 6
    assert desk.rows(crm_activities, "id") == []
    assert [reason for _, reason in desk.reasons()] == [
        "id is empty",
        "number '12' is too short",
        "phone_code 'yes' is no country's code",
        "has 2 columns, and the first line 3",
        "id has 41 characters, and may have 40",
        "phone_code has the character U+0001, which cannot be shown",
    ]
