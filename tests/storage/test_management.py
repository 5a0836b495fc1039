"""What administrators change, and what comes of it in memory and in the database."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agentd.core.evolving import evolve
from agentd.core.model import (
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
    State,
    Status,
    Token,
    Treatment,
    TreatmentKind,
    User,
    UserKind,
)
from agentd.core.records import CampaignSet, GroupAliasSet, InGroupSet, PhoneSet, StatusSet, TokenSet, UserSet
from agentd.engine.supply import changes
from agentd.storage import management as m
from agentd.storage.blocks import reserve
from agentd.storage.leads import find_lead, read_lead
from agentd.storage.reference import read_reference
from agentd.storage.tables import leads
from tests.storage.helpers import NOW

USER = User(
    "anna",
    0,
    full_name="Anna Ärger",
    kind=UserKind.REMOTE,
    password_hash="$argon2id$x",
    active=False,
    campaign="TESTCAMP",
    group="day",
    rights=frozenset({"agent_api", "agentcall_manual"}),
    custom={"three": "876543"},
    ingroups=("SALESLINE", "TEST_IN"),
    ranks={"SALESLINE": 3, "TEST_IN": -9},
    blended=True,
    phone="502",
    pin_hash="$argon2id$y",
    on_hook=True,
    outside_number="7275551299",
    lines=3,
)
CAMPAIGN = Campaign(
    "TESTCAMP",
    0,
    title="Test",
    active=False,
    wrapup=0,
    default_status="N",
    disposition_required=True,
    after_manual="ready",
    dial_timeout=25,
    dial_prefix="9",
    caller_id="7275551210",
    dial_allow=("[0-9]+", "00.*"),
    manual_queue=True,
    manual_list=101,
    trunk="PJSIP/{number}@carrier",
    dial_deny=("900.*",),
    search_lists=(101, 102),
    park_music="jazz",
    ivr_context="my-ivr",
    ivr_prompt="agentd/ivr-prompt",
    leave_message="agentd/leave-message",
    default_ingroup="SALESLINE",
    recording=RecordingRule.FORCED,
    recording_format="gsm",
    inbound=False,
    dial_method=DialMethod.MANUAL,
    auto_dial_level=1.5,
    max_drop_rate=0.5,
    drop_seconds=1.25,
    drop=Treatment(TreatmentKind.MESSAGE, "agentd/sorry"),
    dial_statuses=("NEW", "N"),
    redial_after=60,
    call_hours="mon-fri 09:00-20:00",
    timezone="America/New_York",
    hopper=20,
    preview=PreviewRule.ONLY,
    alternative_numbers=True,
    refuse_dnc=True,
    webform="https://crm.example/?id={lead_id}",
    webform2="https://crm.example/{user}",
    presets={"D1": Preset("D1", "8500", "Switchboard")},
    pause_codes={"LUNCH": PauseCode("LUNCH", "Lunch"), "TRAIN": PauseCode("TRAIN", productive=True)},
    statuses={"SALE": Status("SALE", 0, "Sale", sale=True), "CALLBK": Status("CALLBK", 0, callback=True)},
)
INGROUP = InGroup(
    "SALESLINE",
    0,
    "Sales",
    active=False,
    music="jazz",
    transfer_to="TEST_IN",
    pick=Pick.RANK,
    priority=-5,
    list_id=101,
    search_lists=(101, 102),
    welcome="agentd/welcome",
    announce_every=30,
    announce_position=False,
    announce_wait=True,
    ring_time=12,
    service_level=15,
    hours="mon-fri 08:00-18:00",
    timezone="Europe/Berlin",
    after_hours=Treatment(TreatmentKind.VOICEMAIL, "500"),
    no_agent=Treatment(TreatmentKind.INGROUP, "TEST_IN"),
    max_waiting=7,
    full=Treatment(TreatmentKind.EXTENSION, "8500"),
    drop_after=90,
    drop=Treatment(TreatmentKind.MESSAGE, "agentd/sorry"),
)
ALIAS = GroupAlias("TESTING", "7275551211", "For tests", active=False)
TOKEN = Token("d" * 64, "crm", "integration", "anna", frozenset({"sessions", "calls"}), expires=NOW + 0.25)


def everything(engine: Engine) -> State:
    """The reference data of the database, in memory."""
    state = State()
    with engine.connect() as connection:
        for record in read_reference(connection):
            evolve(state, record, NOW)
    return state


def test_what_was_put_is_read_back_equal(engine: Engine) -> None:
    with engine.begin() as connection:
        (user,) = m.put_user(connection, USER)
        (phone,) = m.put_phone(connection, Phone("000*094", "PJSIP/94", webphone_url="https://phone/"))
        (status,) = m.put_status(connection, Status("A", 0, "Answering machine"))
        (campaign,) = m.put_campaign(connection, CAMPAIGN)
        (ingroup,) = m.put_ingroup(connection, INGROUP)
        (alias,) = m.put_group_alias(connection, ALIAS)
        (token,) = m.put_token(connection, TOKEN)
    told = State()
    for record in (user, phone, status, campaign, ingroup, alias, token):
        evolve(told, record, NOW)
    assert everything(engine) == told
    assert told.users["anna"] == replace(USER, number=1_000_000_000)
    assert told.tokens[TOKEN.digest] == TOKEN
    assert told.ingroups == {"SALESLINE": replace(INGROUP, number=1)}
    assert told.group_aliases == {"TESTING": ALIAS}
    assert set(told.campaigns["TESTCAMP"].statuses) == {"SALE", "CALLBK"}
    assert replace(told.campaigns["TESTCAMP"], number=0, statuses=CAMPAIGN.statuses) == CAMPAIGN


@pytest.mark.parametrize("made", [USER, CAMPAIGN, INGROUP, ALIAS, TOKEN], ids=lambda made: type(made).__name__)
def test_nothing_of_what_is_put_above_is_the_default(made: Any) -> None:
    """So that a field that is not kept is seen."""
    defaults = {field.name: field.default for field in fields(made)}
    assert [name for name, value in defaults.items() if getattr(made, name) == value] == []


@pytest.mark.parametrize(
    ("name", "number"),
    [("1000", 1000), ("0", 0), ("999999999", 999999999), ("007", None), ("1234567890", None), ("anna", None)],
)
def test_a_user_name_of_digits_is_its_own_number(engine: Engine, name: str, number: int | None) -> None:
    with engine.begin() as connection:
        m.put_user(connection, User("first", 5))
        (record,) = m.put_user(connection, User(name, 77))
    assert isinstance(record, UserSet)
    assert record.user is not None
    assert record.user.number == (1_000_000_001 if number is None else number)


def test_numbers_are_kept_and_never_given_again(engine: Engine) -> None:
    with engine.begin() as connection:
        one = m.put_campaign(connection, CAMPAIGN)[0].campaign
        m.put_user(connection, USER)
        again = m.put_campaign(connection, replace(CAMPAIGN, title="new"))[0].campaign
        line = m.put_ingroup(connection, INGROUP)[0].ingroup
        assert m.put_ingroup(connection, replace(INGROUP, number=9, title="new"))[0].ingroup.number == line.number
        m.delete_ingroup(connection, "SALESLINE")
        assert m.put_ingroup(connection, INGROUP)[0].ingroup.number == line.number + 1
        assert (again.number, again.statuses["SALE"].number) == (one.number, one.statuses["SALE"].number)
        m.delete_campaign(connection, "TESTCAMP")
        m.delete_user(connection, "anna")
        other = m.put_campaign(connection, CAMPAIGN)[0].campaign
        bert = m.put_user(connection, User("bert", 0))[0].user
    used = {one.number, *(status.number for status in one.statuses.values())}
    assert other.number == one.number + 1
    assert not {status.number for status in other.statuses.values()} & {
        status.number for status in one.statuses.values()
    }
    assert bert.number == 1_000_000_001
    assert used


def test_a_campaign_loses_what_is_not_named_any_more(engine: Engine) -> None:
    with engine.begin() as connection:
        m.put_campaign(connection, CAMPAIGN)
        less = replace(CAMPAIGN, statuses={}, pause_codes={"LUNCH": PauseCode("LUNCH")})
        (record,) = m.put_campaign(connection, less)
    assert record.campaign.statuses == {}
    assert set(record.campaign.pause_codes) == {"LUNCH"}


def test_statuses_and_pause_codes_can_be_changed_one_by_one(engine: Engine) -> None:
    with engine.begin() as connection:
        m.put_campaign(connection, CAMPAIGN)
        m.put_status(connection, Status("VIP", 0), "TESTCAMP")
        m.put_pause_code(connection, "TESTCAMP", PauseCode("BREAK"))
        m.delete_status(connection, "SALE", "TESTCAMP")
        (record,) = m.delete_pause_code(connection, "TESTCAMP", "LUNCH")
        assert isinstance(record, CampaignSet)
        assert set(record.campaign.statuses) == {"CALLBK", "VIP"}
        assert set(record.campaign.pause_codes) == {"TRAIN", "BREAK"}
        assert m.put_status(connection, Status("A", 0))[0].status.number > 0
        assert m.delete_status(connection, "A") == [StatusSet("A", None)]
        with pytest.raises(m.Unfit, match="NOCAMP"):
            m.put_status(connection, Status("A", 0), "NOCAMP")


def test_what_is_taken_away_is_gone(engine: Engine) -> None:
    with engine.begin() as connection:
        m.put_user(connection, USER)
        m.put_token(connection, TOKEN)
        m.put_phone(connection, Phone("502", "PJSIP/502"))
        m.put_ingroup(connection, INGROUP)
        m.put_group_alias(connection, ALIAS)
    with engine.begin() as connection:
        assert m.delete_ingroup(connection, "SALESLINE") == [InGroupSet("SALESLINE", None)]
        assert m.delete_group_alias(connection, "TESTING") == [GroupAliasSet("TESTING", None)]
        assert m.delete_ingroup(connection, "SALESLINE") == m.delete_group_alias(connection, "TESTING") == []
        assert m.delete_user(connection, "anna") == [TokenSet(TOKEN.digest, None), UserSet("anna", None)]
        assert m.delete_phone(connection, "502") == [PhoneSet("502", None)]
        assert m.delete_user(connection, "anna") == m.delete_phone(connection, "502") == []
        assert m.delete_token(connection, "x") == m.delete_campaign(connection, "x") == []
    assert everything(engine) == State()


def test_a_text_that_is_too_long_is_refused_and_not_cut(engine: Engine) -> None:
    with pytest.raises(m.Unfit, match="full_name may have 100 characters"), engine.begin() as connection:
        m.put_user(connection, replace(USER, full_name="x" * 101))
    assert everything(engine).users == {}


def test_names_differ_by_case_and_accent_as_in_memory(engine: Engine) -> None:
    with engine.begin() as connection:
        for name in ("anna", "Anna", "ANNA", "änna"):
            m.put_user(connection, User(name, 0))
    assert set(everything(engine).users) == {"anna", "Anna", "ANNA", "änna"}


def test_a_reload_finds_what_differs_and_what_is_gone(engine: Engine) -> None:
    with engine.begin() as connection:
        m.put_user(connection, User("1000", 0))
        m.put_user(connection, User("1001", 0))
        m.put_phone(connection, Phone("502", "PJSIP/502"))
        m.put_campaign(connection, CAMPAIGN)
        m.put_ingroup(connection, INGROUP)
        m.put_group_alias(connection, ALIAS)
    state = everything(engine)
    with engine.begin() as connection:
        m.put_user(connection, User("1000", 0, full_name="new"))
        m.put_ingroup(connection, replace(INGROUP, active=True))
        m.delete_group_alias(connection, "TESTING")
        m.delete_phone(connection, "502")
        m.put_phone(connection, Phone("503", "PJSIP/503"))
        found = changes(state, read_reference(connection))
    assert len(found) == 5
    for record in found:
        evolve(state, record, NOW)
    assert state == everything(engine)
    assert set(state.phones) == {"503"}
    assert state.ingroups["SALESLINE"].active
    assert state.group_aliases == {}
    with engine.connect() as connection:
        assert changes(state, read_reference(connection)) == []


# --- leads and ids -------------------------------------------------------------------------------------------


def test_a_lead_that_was_put_is_read_back_equal(engine: Engine) -> None:
    lead = Lead(
        123456, 101, "NEW", "1", "7275551212", {"alt_phone": "7275551213", "rank": "-5", "comments": "ä" * 2000}
    )
    with engine.begin() as connection:
        m.put_list(connection, 101, "Test", "TESTCAMP")
        m.put_lead(connection, lead, NOW)
        assert read_lead(connection, 123456) == lead
        assert find_lead(connection, [101], "7275551212") == lead
        changed = replace(lead, status="A", fields={"first_name": "Bob"})
        m.put_lead(connection, changed, NOW + 5)
        assert read_lead(connection, 123456) == changed
        row = connection.execute(select(leads)).mappings().one()
    assert (row["modify_date"] - row["entry_date"]).total_seconds() == 5


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("7275551212", 1),
        ("17275551212", 1),
        ("+17275551212", 1),
        ("+4930123456", 2),
        ("4930123456", 2),
        ("+442079460000", 3),
        ("442079460000", 4),
        ("+449302079460000", None),
        ("+27275551212", None),
        ("8500", None),
        ("", None),
    ],
)
def test_a_lead_is_found_by_its_number_with_and_without_its_countrys_code(
    engine: Engine, told: str, found: int | None
) -> None:
    with engine.begin() as connection:
        m.put_list(connection, 101, "Test", "TESTCAMP")
        m.put_lead(connection, Lead(1, 101, "NEW", "1", "7275551212"), NOW)
        m.put_lead(connection, Lead(2, 101, "NEW", "49", "30123456"), NOW)
        m.put_lead(connection, Lead(3, 101, "NEW", "1", "+442079460000"), NOW)
        m.put_lead(connection, Lead(4, 101, "NEW", "44", "2079460000"), NOW)
        lead = find_lead(connection, [101], told)
    assert (lead.id if lead is not None else None) == found


def test_id_blocks_lie_above_everything_that_is_there(engine: Engine) -> None:
    with engine.begin() as connection:
        assert reserve(connection, "call", 100) == (1000, 1099)
        assert reserve(connection, "call", 100) == (1100, 1199)
        assert reserve(connection, "session", 10) == (1, 10)
        assert reserve(connection, "recording", 10) == (1, 10)
        m.put_lead(connection, Lead(402028, 101, "NEW", "1", "7"), NOW)
        assert reserve(connection, "lead", 10) == (402029, 402038)
        m.put_lead(connection, Lead(500000, 101, "NEW", "1", "7"), NOW)
        assert reserve(connection, "lead", 10) == (500001, 500010)
        with pytest.raises(KeyError):
            reserve(connection, "sandwich")
    with engine.begin() as connection:
        assert reserve(connection, "call", 1) == (1200, 1200)


# --- lines and dialling, as the faces change them ------------------------------------------------------------


def test_an_agents_lines_are_kept_and_nothing_else_of_him_changes(engine: Engine) -> None:
    with engine.begin() as connection:
        (before,) = m.put_user(connection, USER)
        changed = m.set_agent_lines(connection, "anna", ["TEST_IN2"], blended=False)
        assert m.set_agent_lines(connection, "nobody", ["TEST_IN2"], blended=True) == []
    expected = replace(before.user, ingroups=("TEST_IN2",), blended=False)
    assert changed == [UserSet("anna", expected)]
    assert everything(engine).users == {"anna": expected}


def test_a_campaigns_dial_level_is_kept_and_nothing_else_of_it_changes(engine: Engine) -> None:
    with engine.begin() as connection:
        (before,) = m.put_campaign(connection, CAMPAIGN)
        first = m.set_dial_level(connection, "TESTCAMP", 2.5)
        again = m.set_dial_level(connection, "TESTCAMP", 2.5)
        assert m.set_dial_level(connection, "NOCAMP", 1) == []
    assert first == again == [CampaignSet("TESTCAMP", replace(before.campaign, auto_dial_level=2.5))]
    assert everything(engine).campaigns["TESTCAMP"].auto_dial_level == 2.5


def test_numbers_that_must_not_be_called_are_the_systems_or_a_campaigns(engine: Engine) -> None:
    with engine.begin() as connection:
        for number, campaign in (("7275551291", "TESTCAMP"), ("7275551290", ""), ("7275551290", "")):
            m.put_dnc(connection, number, campaign)
        assert m.read_dnc(connection) == [("7275551290", ""), ("7275551291", "TESTCAMP")]
        assert m.read_dnc(connection, "TESTCAMP") == [("7275551291", "TESTCAMP")]
        assert m.read_dnc(connection, "") == [("7275551290", "")]
        assert not m.delete_dnc(connection, "7275551290", "TESTCAMP")
        assert m.delete_dnc(connection, "7275551290")
        assert m.read_dnc(connection) == [("7275551291", "TESTCAMP")]
        with pytest.raises(m.Unfit, match="number may have 24 characters"):
            m.put_dnc(connection, "7" * 25)


def test_ids_of_callbacks_are_given_once(engine: Engine) -> None:
    with engine.begin() as connection:
        assert m.put_callback(connection, m.Callback(1, "TESTCAMP", NOW), NOW) == 1
        assert m.put_callback(connection, m.Callback(2, "TESTCAMP", NOW), NOW, 70) == 70
        assert reserve(connection, "callback", 10) == (71, 80)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE ingroups SET pick = 'youngest'", "table ingroups, row SALESLINE: .*youngest.*pick"),
        ("UPDATE ingroups SET drop_kind = 'sing'", "table ingroups, row SALESLINE: .*sing.*drop.kind"),
        ('UPDATE users SET ranks = \'{"A": "x"}\'', "table users, row anna: .*ranks"),
    ],
)
def test_what_somebody_wrote_wrongly_is_named(engine: Engine, change: str, said: str) -> None:
    with engine.begin() as connection:
        m.put_user(connection, USER)
        m.put_ingroup(connection, INGROUP)
        connection.exec_driver_sql(change)
        with pytest.raises(ValueError, match=said):
            read_reference(connection)
