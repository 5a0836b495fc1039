"""A site moves: what its VICIdial was set up with, as agentd has it then; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select, update

from agentd.core.model import (
    HANG_UP,
    WAIT_ON,
    Campaign,
    DialMethod,
    GroupAlias,
    InGroup,
    Lead,
    PauseCode,
    Phone,
    Pick,
    Preset,
    PreviewRule,
    RecordingRule,
    Status,
    Treatment,
    TreatmentKind,
    User,
    UserGroup,
    UserKind,
)
from agentd.core.records import CampaignSet, InGroupSet, UserSet
from agentd.importing.vicidial.moving import KINDS, Move, MoveWish
from agentd.importing.vicidial.notes import Notes
from agentd.importing.vicidial.source import Source
from agentd.importing.wishes import ImportRefused
from agentd.storage import tables
from agentd.storage.blocks import reserve
from agentd.storage.database import connect
from agentd.storage.management import put_lead, put_list, put_status
from agentd.storage.reference import read_reference
from tests.importing.office import NOW
from tests.importing.vicidial import fill
from tests.storage.mariadb import MariaDB

TRUNK = "PJSIP/{number}@carrier"
ZONE = "America/New_York"


class Site:
    """A VICIdial's database, which is only read, and ours."""

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self.ours = engine

    def move(self, *, dry: bool = False, tell: Callable[[int], object] = lambda _: None, **how: Any) -> Notes:
        theirs = connect(self.url)
        try:
            move = Move(self.ours, Source(theirs, ZONE), MoveWish(trunk=TRUNK, dry=dry, **how), NOW, tell)
            move.run()
        finally:
            theirs.dispose()
        return move.notes

    def things(self, kind: type[Any] | None = None) -> list[Any]:
        """What was set up: users, phones and so on, but for hashes of passwords."""
        with self.ours.connect() as connection:
            return [record for record in read_reference(connection) if kind is None or isinstance(record, kind)]

    def rows(self, table: Any, *columns: str) -> list[tuple[Any, ...]]:
        query = select(*(table.c[name] for name in columns or table.c.keys())).order_by(*table.primary_key.columns)
        with self.ours.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        return {name: self.rows(table) for name, table in tables.metadata.tables.items()}


@pytest.fixture(scope="module")
def there(mariadb: MariaDB) -> str:
    """The database, for those who leave it as it is."""
    url = mariadb.new_database("asterisk")
    fill(url)
    return url


@pytest.fixture
def site(there: str, engine: Engine) -> Site:
    return Site(there, engine)


@pytest.fixture
def changing(mariadb: MariaDB, engine: Engine) -> Site:
    """A site at which work goes on."""
    url = mariadb.new_database("asterisk_at_work")
    fill(url)
    return Site(url, engine)


def test_all_of_it_is_taken_over(site: Site) -> None:
    notes = site.move()
    _check_people(site)
    _check_calls(site)
    _check_leads(site)
    counts = {row["kind"]: (row["found"], row["new"], row["left_out"]) for row in notes.counts}
    assert counts == {
        "user groups": (2, 2, 0),
        "phones": (4, 2, 2),
        "users": (6, 4, 2),
        "in-groups": (4, 2, 2),
        "campaigns": (3, 2, 1),
        "statuses": (5, 4, 1),
        "pause codes": (2, 2, 0),
        "lists": (3, 3, 0),
        "leads": (5, 3, 2),
        "dnc": (4, 3, 1),
        "callbacks": (4, 3, 1),
        "aliases": (2, 1, 1),
        "remote agents": (1, 0, 1),
    }


def _check_people(site: Site) -> None:
    people = {record.name: record.user for record in site.things(UserSet)}
    hashes = {name: user.password_hash for name, user in people.items()}
    assert PasswordHasher().verify(hashes["1000"], "secret1")
    assert PasswordHasher().verify(hashes["6666"], "secret2")
    assert hashes["1001"].startswith("$argon2id$")
    assert {name: _without_hash(user) for name, user in people.items()} == {
        "1000": User(
            name="1000",
            number=1000,
            full_name="Ann Agent",
            group="AGENTS",
            rights=frozenset({"agentcall_manual"}),
            custom={"three": "876543"},
            ingroups=("SALESLINE", "TESTIN"),
            ranks={"SALESLINE": 3},
            blended=True,
            phone="501",
        ),
        "1001": User("1001", 1001, "Bob Hashed"),
        "6666": User(
            name="6666",
            number=6666,
            full_name="API",
            kind=UserKind.API,
            group="ADMIN",
            rights=frozenset(
                {
                    "agent_api",
                    "modify_leads",
                    "modify_campaigns",
                    "change_agent_campaign",
                    "function:external_dial",
                    "function:external_hangup",
                }
            ),
        ),
        "gone": User("gone", 1_000_000_000, "Left us", active=False, group="AGENTS"),
    }
    others = [vars_of(record) for record in site.things() if not isinstance(record, UserSet)]
    assert UserGroup("AGENTS", "The agents") in others
    assert [one for one in others if isinstance(one, Phone)] == [
        Phone("501", "PJSIP/501"),
        Phone("web7", "PJSIP/web7"),
    ]
    assert GroupAlias("TESTING", "7275551000", "For tests") in others


def _without_hash(user: User) -> User:
    return replace(user, password_hash="")


def vars_of(record: Any) -> Any:
    """The thing in a record of reference data."""
    return next(getattr(record, name) for name in record.__slots__[1:] if not isinstance(getattr(record, name), str))


def _check_calls(site: Site) -> None:
    assert {record.name: record.campaign for record in site.things(CampaignSet)} == {
        "OTHER": Campaign(
            name="OTHER",
            number=1,
            title="Another one",
            active=False,
            dial_timeout=60,
            trunk=TRUNK,
            recording=RecordingRule.NEVER,
            inbound=False,
            dial_method=DialMethod.MANUAL,
            timezone=ZONE,
            hopper=1,
            preview=PreviewRule.DISABLED,
            statuses={"STOP": Status("STOP", 4, "Never again", human_answered=True, dnc=True)},
        ),
        "TESTCAMP": Campaign(
            name="TESTCAMP",
            number=2,
            title="Test campaign",
            wrapup=90,
            default_status="TIMEUP",
            dial_timeout=45,
            dial_prefix="9",
            trunk=TRUNK,
            caller_id="7275551000",
            manual_queue=True,
            manual_list=998,
            park_music="jazz",
            default_ingroup="SALESLINE",
            recording=RecordingRule.FORCED,
            auto_dial_level=1.5,
            max_drop_rate=2.5,
            drop=Treatment(TreatmentKind.INGROUP, "SALESLINE"),
            dial_statuses=("NEW", "A", "CALLBK"),
            timezone=ZONE,
            hopper=100,
            preview=PreviewRule.ONLY,
            alternative_numbers=True,
            refuse_dnc=True,
            webform="https://crm.example/?id={lead_id}&v={vendor_lead_code}",
            webform2="https://crm.example/plain",
            presets={"D1": Preset("D1", "7275552001"), "D5": Preset("D5", "8300")},
            pause_codes={
                "BREAK": PauseCode("BREAK", "Break"),
                "TRAIN": PauseCode("TRAIN", "Training", productive=True),
            },
            statuses={"MYCB": Status("MYCB", 3, "Call me again", callback=True, human_answered=True)},
        ),
    }
    office = "; ".join(f"{day} 08:00-17:30" for day in ("mon", "tue", "wed", "thu", "fri"))
    assert {record.name: record.ingroup for record in site.things(InGroupSet)} == {
        "SALESLINE": InGroup(
            name="SALESLINE",
            number=1,
            title="Sales",
            music="jazz",
            pick=Pick.RANK,
            priority=50,
            welcome="welcome",
            announce_every=45,
            hours=f"{office}; sat 10:00-14:00",
            timezone=ZONE,
            after_hours=Treatment(TreatmentKind.VOICEMAIL, "500"),
            no_agent=Treatment(TreatmentKind.INGROUP, "TESTIN"),
            max_waiting=9,
            drop_after=120,
            drop=Treatment(TreatmentKind.EXTENSION, "8307"),
        ),
        "TESTIN": InGroup(
            name="TESTIN",
            number=2,
            title="Test",
            announce_position=False,
            timezone=ZONE,
            after_hours=HANG_UP,
            no_agent=WAIT_ON,
        ),
    }


def _check_leads(site: Site) -> None:
    assert site.rows(tables.lists) == [
        (101, "Spring", "TESTCAMP", True),
        (102, "Others", "OTHER", False),
        (999, "Inbound", "", True),
    ]
    fields = dict(zip(tables.leads.c.keys(), site.rows(tables.leads)[0], strict=True))
    assert {name: value for name, value in fields.items() if value is not None} == {
        "id": 123456,
        "list_id": 101,
        "status": "A",
        "user": "1000",
        "phone_code": "1",
        "phone_number": "7275551212",
        "entry_date": datetime(2026, 1, 15, 14, 30),  # noqa: DTZ001 - UTC, as the database has it
        "modify_date": datetime(2026, 1, 16, 8, 0),  # noqa: DTZ001
        "called_count": 3,
        "called_since_last_reset": 2,
        "last_local_call_time": datetime(2026, 7, 16, 14, 0),  # noqa: DTZ001
        "vendor_lead_code": "9987-1234",
        "gmt_offset_now": "-5.00",
        "title": "Ms",
        "first_name": "Ann",
        "last_name": "Müller",
        "state": "FL",
        "gender": "F",
        "date_of_birth": "1980-02-29",
        "alt_phone": "7275551213",
        "comments": "likes tea",
        "rank": 5,
        "owner": "1000",
    }
    assert site.rows(tables.leads, "id", "phone_code", "phone_number")[1:] == [
        (123457, "1", "7275551214"),
        (123460, "44", "2079460958"),
    ]
    assert site.rows(tables.dnc) == [("", "7275551290"), ("OTHER", "7275551292"), ("TESTCAMP", "7275551291")]
    columns = ("lead_id", "campaign", "user", "due_at", "anyone", "comments", "status")
    assert site.rows(tables.callbacks, *columns) == [
        (123456, "TESTCAMP", "1000", datetime(2026, 12, 1, 20, 0), False, "after lunch", "waiting"),  # noqa: DTZ001
        (123457, "TESTCAMP", "", datetime(2026, 11, 1, 14, 0), True, "", "waiting"),  # noqa: DTZ001
        (123460, "OTHER", "nobody", datetime(2026, 12, 2, 20, 0), True, "", "waiting"),  # noqa: DTZ001
    ]
    with site.ours.begin() as connection:
        assert reserve(connection, "lead")[0] == 123_462


def test_what_has_no_place_here_is_told(site: Site) -> None:
    remarks = {(row["kind"], *row["names"]): row["what"] for row in site.move().remarks}
    assert remarks["users", "1001"] == "his password cannot be known: `agentd user password` gives him one"
    assert remarks["users", "Jürgen"].startswith("left out: name: expected")
    assert remarks["users", "6666"] == "agentcall_manual 2 lets dial on the screen alone: no right agentcall_manual"
    assert remarks["phones", "501 on 10.0.0.2"] == "left out: another server has one of this extension"
    assert remarks["phones", "mobile@trunk"].startswith("left out: its protocol is EXTERNAL")
    assert remarks["statuses", "LOST of NONE"] == "left out: its campaign is not here"
    assert remarks["dnc", "727XXXXXXX"].startswith("left out: no number")
    assert remarks["leads", "123458"] == "left out: its phone_number is none"
    assert remarks["leads", "those of 555"] == "left out: their list is not here"
    assert remarks["callbacks", "4"] == "its user is not here: anybody may keep it"
    assert remarks["remote agents", "2001"].startswith("left out: `agentd user change")
    told = [row["what"] for row in site.move(kinds=("campaigns",)).remarks]
    assert "dial_method ADAPT_TAPERED is taken over as RATIO" in told
    assert "preset D2, 'ask Bob', is not taken over: number: expected an extension or a number, digits alone" in told


def test_a_status_that_is_here_stays_as_it_is_and_that_is_told(site: Site) -> None:
    with site.ours.begin() as connection:
        put_status(connection, Status("NEW", 0, "New lead", selectable=False))
        put_status(connection, Status("SALE", 0, "Sold"))
    told = [row["names"] for row in site.move(kinds=("statuses",)).remarks if "other flags" in row["what"]]
    assert told == [["SALE"]]
    assert site.rows(tables.statuses, "code", "sale") == [("NEW", False), ("SALE", False)]


def test_twice_changes_nothing_and_keeps_what_was_changed_here(site: Site) -> None:
    site.move()
    with site.ours.begin() as connection:
        connection.execute(update(tables.campaigns).values(title="Ours"))
        connection.execute(update(tables.leads).where(tables.leads.c.id == 123456).values(status="SALE"))
        connection.execute(update(tables.callbacks).where(tables.callbacks.c.id == 1).values(status="done"))
    before = site.everything()
    again = site.move()
    assert site.everything() == before
    assert {row["new"] for row in again.counts} == {0}


def test_a_dry_run_tells_the_same_and_writes_nothing(site: Site) -> None:
    before = site.everything()
    told = site.move(dry=True)
    assert site.everything() == before
    assert site.move().counts == told.counts


def test_one_campaign_comes_with_what_belongs_to_it(site: Site) -> None:
    site.move(campaigns=("TESTCAMP",))
    assert [record.name for record in site.things(CampaignSet)] == ["TESTCAMP"]
    assert site.rows(tables.lists, "id") == [(101,)]
    assert site.rows(tables.leads, "id") == [(123456,), (123457,)]
    assert site.rows(tables.dnc) == [("", "7275551290"), ("TESTCAMP", "7275551291")]
    assert site.rows(tables.callbacks, "lead_id") == [(123456,), (123457,)]
    site.move()  # the rest
    assert site.rows(tables.leads, "id") == [(123456,), (123457,), (123460,)]
    assert site.rows(tables.dnc, "number") == [("7275551290",), ("7275551292",), ("7275551291",)]


def test_ids_that_are_taken_or_promised_move_all_of_them(changing: Site) -> None:
    with changing.ours.begin() as connection:
        put_list(connection, 7)
        put_lead(connection, Lead(123_400, 7, "NEW", "1", "7275550000"), NOW)
        reserve(connection, "lead", 10_000)  # a daemon's block: 123,401 to 133,400
    notes = changing.move()
    assert changing.rows(tables.leads, "id") == [(123_400,), (1_123_456,), (1_123_457,), (1_123_460,)]
    assert changing.rows(tables.callbacks, "lead_id") == [(1_123_456,), (1_123_457,), (1_123_460,)]
    assert ["123456 to 123461"] in [row["names"] for row in notes.remarks if "higher by 1000000" in row["what"]]
    fill(changing.url, "insert into vicidial_list (lead_id, list_id, phone_number) values (123470, 101, '7275559999')")
    changing.move()
    assert changing.rows(tables.leads, "id", "phone_number")[-1] == (1_123_470, "7275559999")


def test_leads_of_a_list_that_was_here_before_are_told(site: Site) -> None:
    with site.ours.begin() as connection:
        put_list(connection, 101, "Ours", "MINE")
    told = [row for row in site.move().remarks if row["what"] == "go into a list that was here already"]
    assert [row["names"] for row in told] == [["101"]]
    assert site.rows(tables.lists)[0] == (101, "Ours", "MINE", True)


def test_one_that_was_stopped_goes_on_where_it_was(changing: Site) -> None:
    theirs = connect(changing.url)
    rows = [{"id": n, "number": f"727{n:07}"} for n in range(200_000, 201_200)]
    statement = "insert into vicidial_list (lead_id, list_id, phone_number) values (%(id)s, 999, %(number)s)"
    with theirs.begin() as connection:
        connection.exec_driver_sql(statement, rows)
    theirs.dispose()

    def stop(read: int) -> None:
        if read > 600:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        changing.move(tell=stop)
    assert 500 <= len(changing.rows(tables.leads, "id")) < 1203
    changing.move()
    assert changing.rows(tables.leads, "id")[3:] == [(row["id"],) for row in rows]


def test_leads_that_were_deleted_here_do_not_come_back(site: Site) -> None:
    site.move()
    with site.ours.begin() as connection:
        connection.execute(tables.leads.delete())
    site.move()
    assert site.rows(tables.leads, "id") == []


def test_kinds_can_be_chosen(site: Site) -> None:
    site.move(kinds=("phones",))
    assert [vars_of(record) for record in site.things()] == [Phone("501", "PJSIP/501"), Phone("web7", "PJSIP/web7")]
    assert set(KINDS) >= {"phones", "leads"}


def test_a_phone_is_dialled_as_it_is_said(site: Site) -> None:
    site.move(kinds=("phones",), dial="SIP/{extension}")
    assert site.rows(tables.phones, "dial") == [("SIP/501",), ("SIP/web7",)]


def test_what_is_no_vicidial_is_refused(site: Site, mariadb: MariaDB) -> None:
    site.url = mariadb.new_database("empty")
    with pytest.raises(ImportRefused, match="this is no VICIdial's database: it has no table vicidial_users"):
        site.move()


def test_an_older_one_lacks_columns_and_is_read_all_the_same(changing: Site) -> None:
    fill(
        changing.url,
        "alter table vicidial_users drop column pass_hash, drop column api_only_user;\ndrop table phones;\n",
    )
    changing.move(kinds=("users",))
    assert [record.user.kind for record in changing.things(UserSet)] == [UserKind.LOCAL] * 4


def test_a_campaign_that_is_not_there_is_refused(site: Site) -> None:
    with pytest.raises(ImportRefused, match="there is no campaign NONE"):
        site.move(campaigns=("TESTCAMP", "NONE"))
    assert site.things() == []
