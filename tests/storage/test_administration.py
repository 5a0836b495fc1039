"""Changes of what is set up: what is kept, what is refused, what the World and the audit log hear of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from agentd.core.errors import AlreadyThere, ChangedMeanwhile, NotThere, StillInUse
from agentd.core.model import (
    Campaign,
    LeadList,
    PauseCode,
    Phone,
    Preset,
    Status,
    Token,
    Treatment,
    TreatmentKind,
    User,
    UserGroup,
    UserKind,
)
from agentd.core.records import CampaignSet, PhoneSet, StatusSet
from agentd.engine.kinds import (
    CAMPAIGN,
    GROUP_ALIAS,
    INGROUP,
    KINDS,
    LIST,
    PAUSE_CODE,
    PHONE,
    PRESET,
    STATUS,
    TOKEN,
    USER,
    USER_GROUP,
    Action,
    By,
    Kind,
    Named,
    revision_of,
    view,
)
from agentd.engine.ports import AuditRow
from agentd.storage import management as m
from agentd.storage.seeding import PAUSE_CODES, STATUSES, seed
from agentd.storage.tables import audit_log, callbacks, leads, pause_codes, statuses
from tests.storage.helpers import NOW
from tests.storage.office import BY, Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


EXAMPLES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    USER.name: (
        "anna",
        {
            "full_name": "Anna Ärger",
            "kind": "remote",
            "outside_number": "7275551299",
            "rights": ["agent_api", "function:external_dial"],
            "custom": {"three": "876543"},
            "lines": 3,
        },
        {"rights": [], "custom": {}, "kind": "local"},
    ),
    USER_GROUP.name: ("day", {"title": "Day", "addresses": ["10.1.0.0/16", "2001:db8::1"]}, {"addresses": []}),
    PHONE.name: (
        "000*094",
        {"dial": "PJSIP/94", "webphone_url": "https://phone.example/?e={extension}"},
        {"active": False},
    ),
    CAMPAIGN.name: (
        "SALES",
        {"wrapup": 30, "trunk": "PJSIP/{number}@carrier", "dial_statuses": ["NEW", "N"]},
        {"wrapup": None, "webform": "https://crm.example/{lead_id}?n={phone_number}", "preview": "only"},
    ),
    STATUS.name: ("SALE", {"title": "Sale", "sale": True}, {"sale": False}),
    PAUSE_CODE.name: ("YOGA", {"title": "Yoga", "productive": True}, {"title": ""}),
    PRESET.name: ("D1", {"number": "8500", "title": "Switchboard"}, {"number": "+17275551212"}),
    INGROUP.name: (
        "SALESLINE",
        {"hours": "mon-fri 08:00-18:00", "drop": {"kind": "extension", "to": "8500"}},
        {"drop": {"kind": "wait", "to": ""}, "pick": "rank"},
    ),
    GROUP_ALIAS.name: ("TESTING", {"caller_id": "7275551211"}, {"active": False}),
    LIST.name: ("101", {"title": "The first"}, {"active": False}),
    TOKEN.name: (
        "d" * 64,
        {"name": "crm", "role": "integration", "scopes": ["calls", "sessions"]},
        {"expires": NOW + 60.5, "role": "admin"},
    ),
}


def campaign_of(office: Office, kind: Kind) -> str:
    """The campaign of which an example is to be part."""
    if kind not in {PAUSE_CODE, PRESET}:
        return ""
    office.create(CAMPAIGN, "HOME")
    return "HOME"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_thing_of_each_kind_comes_changes_and_goes(office: Office, name: str) -> None:
    kind, (key, values, other) = KINDS[name], EXAMPLES[name]
    campaign = campaign_of(office, kind)
    made = office.create(kind, key, campaign, **values)
    assert office.read(kind, key, campaign) == made
    shown = view(kind, made)
    assert {field: shown[field] for field in values} == values
    with pytest.raises(AlreadyThere):
        office.create(kind, key, campaign, **values)
    changed = office.change(kind, key, campaign, **other)
    shown = view(kind, changed)
    assert {field: shown[field] for field in other} == other
    assert changed != made
    assert office.read(kind, key, campaign) == changed
    if kind is not LIST:
        assert office.state == office.reference()
    office.delete(kind, key, campaign)
    assert office.read(kind, key, campaign) is None
    assert office.state == office.reference()
    with pytest.raises(NotThere):
        office.delete(kind, key, campaign)
    where = f"{campaign}/{key}" if campaign else key
    assert [row.action for row in office.audit(kind=name, name=where)] == ["delete", "change", "create"]


def test_each_change_has_its_row_with_what_was_and_is(office: Office) -> None:
    office.create(PHONE, "502", dial="PJSIP/502")
    office.change(PHONE, "502", dial="PJSIP/x502")
    office.delete(PHONE, "502")
    gone, changed, made = office.audit()
    assert made == AuditRow(
        made.id,
        NOW + 0.25,
        "boss",
        "cli",
        "phone",
        "502",
        "create",
        None,
        {"extension": "502", "dial": "PJSIP/502", "active": True, "webphone_url": ""},
    )
    assert (changed.action, changed.before, changed.after) == ("change", {"dial": "PJSIP/502"}, {"dial": "PJSIP/x502"})
    assert (gone.action, gone.after) == ("delete", None)
    assert gone.before == {"extension": "502", "dial": "PJSIP/x502", "active": True, "webphone_url": ""}
    assert gone.id > changed.id > made.id


def test_what_changes_nothing_is_told_to_nobody(office: Office) -> None:
    office.create(PHONE, "502", dial="PJSIP/502")
    changed = office.do(Action.CHANGE, Named(PHONE, "502"), dial="PJSIP/502")
    assert (changed.thing.dial, changed.records) == ("PJSIP/502", ())
    assert len(office.audit()) == 1


def test_the_log_is_read_by_who_what_and_when(office: Office) -> None:
    for number, who in enumerate(("ann", "bob", "ann")):
        office.do(Action.CREATE, Named(PHONE, f"50{number}"), By(who, "cli", NOW + number), dial="PJSIP/1")
    names = lambda **query: [row.name for row in office.audit(**query)]  # noqa: E731
    assert names() == ["502", "501", "500"]
    assert names(who="ann") == ["502", "500"]
    assert names(kind="user") == []
    assert names(name="501") == ["501"]
    assert names(since=NOW + 1) == ["502", "501"]
    assert names(until=NOW + 1) == ["500"]
    first = office.audit(limit=2)
    assert names(before=first[-1].id) == ["500"]


# --- secrets -------------------------------------------------------------------------------------------------


def test_passwords_are_kept_as_hashes_and_shown_nowhere(office: Office) -> None:
    made = office.create(USER, "anna", password="p4ssw0rd", pin="4711")
    assert PasswordHasher().verify(made.password_hash, "p4ssw0rd")
    assert PasswordHasher().verify(made.pin_hash, "4711")
    changed = office.change(USER, "anna", password="an0ther", pin="")
    assert PasswordHasher().verify(changed.password_hash, "an0ther")
    assert changed.pin_hash == ""
    assert {"has_password": True, "has_pin": False}.items() <= view(USER, changed).items()
    last, first = office.audit()
    assert last.after == {"password": "changed", "pin": "changed", "has_pin": False}
    rows = repr((first, last, view(USER, changed)))
    assert not any(secret in rows for secret in ("p4ssw0rd", "an0ther", "4711", "argon2", "hash"))


def test_what_is_not_said_of_a_user_stays_and_his_password_too_when_he_is_replaced(office: Office) -> None:
    made = office.create(USER, "anna", password="p4ssw0rd", full_name="Anna", blended=True)
    assert office.change(USER, "anna", blended=False) == replace(made, blended=False)
    whole = office.do(Action.REPLACE, Named(USER, "anna"), lines=2).thing
    assert whole == User("anna", made.number, password_hash=made.password_hash, lines=2)


# --- revisions -----------------------------------------------------------------------------------------------


def test_a_change_that_expects_another_revision_is_refused(office: Office) -> None:
    first = revision_of(PHONE, office.create(PHONE, "502", dial="PJSIP/502"))
    second = revision_of(PHONE, office.change(PHONE, "502", active=False, expected={first, "other"}))
    assert first != second
    for action in (Action.CHANGE, Action.REPLACE, Action.DELETE):
        with pytest.raises(ChangedMeanwhile):
            office.do(
                action, Named(PHONE, "502"), expected={first}, **({"dial": "PJSIP/1"} if action != "delete" else {})
            )
    assert office.read(PHONE, "502") == Phone("502", "PJSIP/502", active=False)
    office.delete(PHONE, "502", expected={second})


def test_a_changed_password_is_another_revision(office: Office) -> None:
    made = office.create(USER, "anna", password="1234")
    assert revision_of(USER, office.change(USER, "anna", password="1234")) != revision_of(USER, made)


def test_of_two_at_once_that_expect_the_same_revision_one_wins(office: Office) -> None:
    expected = {revision_of(PHONE, office.create(PHONE, "502", dial="PJSIP/502"))}
    begin, outcomes = threading.Barrier(4), []

    def try_it(number: int) -> None:
        begin.wait()
        try:
            outcomes.append(office.change(PHONE, "502", dial=f"PJSIP/{number}", expected=expected).dial)
        except ChangedMeanwhile:
            outcomes.append(None)

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [winner] = [one for one in outcomes if one]
    assert len(outcomes) == 4
    assert office.read(PHONE, "502").dial == winner
    assert len(office.audit()) == 2


# --- campaigns and what is part of them ----------------------------------------------------------------------


def test_the_parts_of_a_campaign_come_with_it_into_the_world(office: Office) -> None:
    office.create(CAMPAIGN, "SALES", preview="only")
    office.create(STATUS, "HOT", "SALES", sale=True)
    office.create(PAUSE_CODE, "YOGA", "SALES")
    office.create(PRESET, "D1", "SALES", number="8500")
    campaign = office.state.campaigns["SALES"]
    assert campaign.presets == {"D1": Preset("D1", "8500")}
    assert campaign.statuses["HOT"] == Status("HOT", campaign.statuses["HOT"].number, sale=True)
    assert campaign.pause_codes["YOGA"] == PauseCode("YOGA")
    office.change(CAMPAIGN, "SALES", title="Sales")
    assert office.state.campaigns["SALES"] == replace(campaign, title="Sales")
    assert office.state == office.reference()
    with pytest.raises(NotThere):
        office.change(PRESET, "D1", "OTHER", title="x")
    done = office.delete(CAMPAIGN, "SALES")
    assert done.records == (CampaignSet("SALES", None),)
    assert (office.count(pause_codes), office.count(statuses)) == (0, 0)


def test_a_new_campaign_has_pause_codes(office: Office) -> None:
    office.create(CAMPAIGN, "SALES")
    assert set(office.state.campaigns["SALES"].pause_codes) == {code.code for code in PAUSE_CODES}


def test_the_same_code_may_be_the_systems_and_a_campaigns(office: Office) -> None:
    office.create(CAMPAIGN, "SALES")
    ours, theirs = office.create(STATUS, "A"), office.create(STATUS, "A", "SALES", title="Ours")
    assert ours.number != theirs.number
    assert office.delete(STATUS, "A").records == (StatusSet("A", None),)
    assert office.read(STATUS, "A", "SALES") == theirs
    assert office.find(STATUS) == []
    assert office.find(STATUS, campaign="SALES") == ["A"]


# --- lists ---------------------------------------------------------------------------------------------------


def test_lists_tell_how_many_leads_they_have(office: Office) -> None:
    for number in ("9", "101", "20"):
        office.create(LIST, number)
    office.put_leads(101, 1, 2, 3)
    assert office.read(LIST, "101") == LeadList(101, leads=3)
    assert office.find(LIST) == ["9", "20", "101"], "in the order of their numbers"
    assert office.find(LIST, after="9", limit=1) == ["20"]
    assert revision_of(LIST, office.read(LIST, "101")) == revision_of(LIST, LeadList(101))


def test_a_list_with_leads_stays_until_it_is_emptied(office: Office) -> None:
    office.create(LIST, "101")
    office.put_leads(101, 1, 2, 3)
    office.put_leads(102, 4)
    waiting = m.Callback(2, "", NOW)
    with office.engine.begin() as connection:
        kept = m.put_callback(connection, waiting, NOW)
        other = m.put_callback(connection, replace(waiting, lead_id=4), NOW)
    with pytest.raises(StillInUse) as refused:
        office.delete(LIST, "101")
    assert refused.value.by == (("leads", "3"),)
    with office.engine.begin() as connection:
        assert m.empty_list(connection, 101, 2, BY) == [1, 2]
        assert m.empty_list(connection, 101, 2, BY) == [3]
        assert m.empty_list(connection, 101, 2, BY) == []
        assert set(connection.execute(select(leads.c.id)).scalars()) == {4}
        found = {row.id: row.status for row in connection.execute(select(callbacks.c.id, callbacks.c.status))}
    assert found == {kept: "dropped", other: "waiting"}
    assert [(row.action, row.before) for row in office.audit()[:2]] == [
        ("empty", {"leads": 1}),
        ("empty", {"leads": 2}),
    ]
    office.delete(LIST, "101")


def test_a_list_that_is_needed_is_not_emptied(office: Office) -> None:
    office.create(LIST, "101")
    office.create(CAMPAIGN, "SALES", search_lists=[101])
    office.put_leads(101, 1)
    with office.engine.begin() as connection, pytest.raises(StillInUse):
        m.empty_list(connection, 101, 10, BY)
    assert office.count(leads) == 1


def test_campaigns_ask_anew_for_leads_when_a_list_changes(office: Office) -> None:
    """What they hold ready may be of that list."""
    for name in ("A", "B"):
        office.create(CAMPAIGN, name)
    made = office.do(Action.CREATE, Named(LIST, "101"), campaign="A")
    moved = office.do(Action.CHANGE, Named(LIST, "101"), campaign="B")
    gone = office.delete(LIST, "101")
    told = [[record.name for record in done.records] for done in (made, moved, gone)]  # type: ignore[attr-defined]
    assert told == [["A"], ["A", "B"], ["B"]]
    assert made.records[0] == CampaignSet("A", office.reference().campaigns["A"])


# --- looking -------------------------------------------------------------------------------------------------


def test_things_are_found_by_fields_and_in_pages(office: Office) -> None:
    office.create(CAMPAIGN, "SALES")
    office.create(USER_GROUP, "day")
    for name, values in {
        "anna": {"campaign": "SALES", "group": "day"},
        "bob": {"active": False},
        "Carl": {"kind": "api"},
        "dora": {"campaign": "SALES"},
    }.items():
        office.create(USER, name, **values)
    assert office.find(USER) == ["Carl", "anna", "bob", "dora"]
    assert office.find(USER, after="anna", limit=1) == ["bob"]
    assert office.find(USER, having={"campaign": "SALES"}) == ["anna", "dora"]
    assert office.find(USER, having={"campaign": "SALES", "group": "day"}) == ["anna"]
    assert office.find(USER, having={"active": False}) == ["bob"]
    assert office.find(USER, having={"kind": "api"}) == ["Carl"]


def test_names_differ_by_case(office: Office) -> None:
    office.create(USER, "Anna")
    assert office.read(USER, "anna") is None
    office.create(USER, "anna")


def test_a_campaign_is_read_without_its_parts(office: Office) -> None:
    made = office.create(CAMPAIGN, "SALES", drop=Treatment(TreatmentKind.MESSAGE, "agentd/sorry"))
    assert made == Campaign("SALES", made.number, drop=Treatment(TreatmentKind.MESSAGE, "agentd/sorry"))
    assert office.read(CAMPAIGN, "SALES") == made
    assert not {"statuses", "pause_codes", "presets"} & set(view(CAMPAIGN, made))


def test_values_may_be_the_fields_own(office: Office) -> None:
    """As the command line has them."""
    made = office.create(USER, "anna", kind=UserKind.API, rights=frozenset({"agent_api"}), ingroups=())
    assert (
        office.read(USER, "anna")
        == made
        == User("anna", made.number, kind=UserKind.API, rights=frozenset({"agent_api"}))
    )
    assert office.create(USER_GROUP, "day", addresses=("10.0.0.1",)) == UserGroup("day", addresses=("10.0.0.1",))
    token = office.create(TOKEN, "e" * 64, name="x", role="admin", user="", scopes=frozenset({"calls"}))
    assert token == Token("e" * 64, "x", "admin", "", frozenset({"calls"}))
    assert office.state.phones == {}
    assert office.do(Action.CREATE, Named(PHONE, "502"), dial="PJSIP/502").records == (
        PhoneSet("502", Phone("502", "PJSIP/502")),
    )


# --- a new site ----------------------------------------------------------------------------------------------


def test_a_new_site_has_statuses_and_nothing_is_overwritten(engine: Engine) -> None:
    with engine.begin() as connection:
        seed(connection)
        seed(connection)
    office = Office(engine)
    known = office.reference().statuses
    assert set(known) == {status.code for status in STATUSES}
    assert {"NEW", "DISPO", "A", "B", "N", "DC", "REJ", "CONG", "CANCEL", "DROP", "RAXFER"} <= set(known)
    assert (known["CALLBK"].callback, known["DNC"].dnc, known["SALE"].sale) == (True, True, True)
    assert not known["DISPO"].selectable
    assert len({status.number for status in known.values()}) == len(STATUSES)
    assert office.create(STATUS, "MINE").number not in {status.number for status in known.values()}
    office.delete(STATUS, "A")
    with engine.begin() as connection:
        seed(connection)
    assert office.read(STATUS, "A") is None
    assert office.count(audit_log) == 2
