"""Changes of what is set up that are refused: what cannot be, and what others need."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from agentd.core.errors import NotThere, StillInUse, ValueRefused
from agentd.core.model import (
    User,
)
from agentd.core.records import TokenSet, UserSet
from agentd.engine.kinds import (
    CAMPAIGN,
    GROUP_ALIAS,
    INGROUP,
    LIST,
    PAUSE_CODE,
    PHONE,
    PRESET,
    STATUS,
    TOKEN,
    USER,
    USER_GROUP,
    Kind,
)
from agentd.storage import management as m
from agentd.storage.tables import tokens
from tests.storage.helpers import NOW
from tests.storage.office import Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


# --- what is refused -----------------------------------------------------------------------------------------


REFUSED: list[tuple[Kind, str, dict[str, Any], str]] = [
    (USER, "a b", {}, "name"),
    (USER, "anna", {"nonsense": 1}, "nonsense"),
    (USER, "anna", {"number": 5}, "number"),
    (USER, "anna", {"password_hash": "x"}, "password_hash"),
    (USER, "anna", {"password": "x"}, "password"),
    (USER, "anna", {"password": 1234}, "password"),
    (USER, "anna", {"pin": "12ab"}, "pin"),
    (USER, "anna", {"full_name": "A\nB"}, "full_name"),
    (USER, "anna", {"full_name": "x" * 101}, "full_name"),
    (USER, "anna", {"full_name": "\ud800"}, "full_name"),
    (USER, "anna", {"kind": "alien"}, "kind"),
    (USER, "anna", {"kind": "remote"}, "outside_number"),
    (USER, "anna", {"lines": 51}, "lines"),
    (USER, "anna", {"lines": "many"}, "lines"),
    (USER, "anna", {"rights": ["All Rights"]}, "rights"),
    (USER, "anna", {"custom": {"six": "x"}}, "custom"),
    (USER, "anna", {"custom": {"one": "x" * 17_000}}, "custom"),
    (USER, "anna", {"campaign": "NOCAMP"}, "campaign"),
    (USER, "anna", {"group": "nobody"}, "group"),
    (USER, "anna", {"phone": "599"}, "phone"),
    (USER, "anna", {"ingroups": ["FAKE_IN"]}, "ingroups"),
    (USER, "anna", {"ranks": {"FAKE_IN": 1}}, "ranks"),
    (USER_GROUP, "day", {"addresses": ["10.0.0.1/8"]}, "addresses"),
    (USER_GROUP, "day", {"addresses": ["home"]}, "addresses"),
    (USER_GROUP, "day", {"addresses": [f"10.0.0.{n}" for n in range(101)]}, "addresses"),
    (PHONE, "502", {}, "dial"),
    (PHONE, "502", {"dial": "PJSIP/1&PJSIP/2"}, "dial"),
    (PHONE, "502", {"dial": "PJSIP/502", "webphone_url": "javascript:alert(1)"}, "webphone_url"),
    (CAMPAIGN, "SALES", {"webform": "ftp://x/"}, "webform"),
    (CAMPAIGN, "SALES", {"webform": "https://{city}.example/"}, "webform"),
    (CAMPAIGN, "SALES", {"webform2": "https://x/?a={City}"}, "webform2"),
    (CAMPAIGN, "SALES", {"webform": "https://x/" + "a" * 2000}, "webform"),
    (CAMPAIGN, "SALES", {"manual_list": 101}, "manual_list"),
    (CAMPAIGN, "SALES", {"search_lists": [0]}, "search_lists"),
    (CAMPAIGN, "SALES", {"search_lists": [10**30]}, "search_lists"),
    (CAMPAIGN, "SALES", {"default_ingroup": "FAKE_IN"}, "default_ingroup"),
    (CAMPAIGN, "SALES", {"drop": {"kind": "ingroup", "to": "FAKE_IN"}}, "drop"),
    (CAMPAIGN, "SALES", {"default_status": "NO WAY"}, "default_status"),
    (CAMPAIGN, "SALES", {"wrapup": 10**9}, "wrapup"),
    (CAMPAIGN, "SALES", {"redial_after": 2**40}, "redial_after"),
    (CAMPAIGN, "SALES", {"timezone": "Mars/Base"}, "timezone"),
    (CAMPAIGN, "SALES", {"dial_allow": ["(a+)+"]}, "dial_allow"),
    (CAMPAIGN, "SALES", {"statuses": {}}, "statuses"),
    (STATUS, "TOOLONG", {}, "code"),
    (GROUP_ALIAS, "X", {}, "caller_id"),
    (LIST, "0", {}, "id"),
    (LIST, "abc", {}, "id"),
    (LIST, "9" * 19, {}, "id"),
    (LIST, "101", {"leads": 5}, "leads"),
    (LIST, "101", {"campaign": "NOCAMP"}, "campaign"),
    (INGROUP, "LINE", {"list_id": 7}, "list_id"),
    (INGROUP, "LINE", {"transfer_to": "FAKE_IN"}, "transfer_to"),
    (TOKEN, "d" * 64, {"name": "x", "role": "king"}, "role"),
    (TOKEN, "d" * 64, {"name": "x", "role": "agent"}, "user"),
    (TOKEN, "d" * 64, {"name": "x", "role": "admin", "user": "nobody"}, "user"),
    (TOKEN, "d" * 64, {"name": "x", "role": "admin", "scopes": ["all"]}, "scopes"),
    (TOKEN, "d" * 64, {"name": "x", "role": "admin", "expires": NOW}, "expires"),
    (TOKEN, "d" * 64, {"role": "admin"}, "name"),
]


def test_what_cannot_be_is_refused_and_its_field_named(office: Office) -> None:
    for kind, key, values, field in REFUSED:
        with pytest.raises(ValueRefused) as refused:
            office.create(kind, key, **values)
        assert refused.value.field == field, (kind.name, values, refused.value.message)
        assert refused.value.message
        assert office.read(kind, key) is None
    assert office.audit() == []


def test_a_preset_is_a_number_that_can_be_dialled(office: Office) -> None:
    office.create(CAMPAIGN, "SALES")
    with pytest.raises(ValueRefused, match="number: expected") as refused:
        office.create(PRESET, "D1", "SALES", number="727-555-1212")
    assert refused.value.field == "number"
    with pytest.raises(ValueRefused, match="number"):
        office.create(PRESET, "D1", "SALES", number="1" * 30)


def test_what_is_part_of_a_campaign_needs_one(office: Office) -> None:
    for kind, values in ((STATUS, {}), (PAUSE_CODE, {}), (PRESET, {"number": "8500"})):
        with pytest.raises(NotThere, match="there is no campaign NOCAMP"):
            office.create(kind, "X", "NOCAMP", **values)


def test_what_was_named_before_it_had_to_be_there_may_stay_so(engine: Engine) -> None:
    """A database of an earlier agentd has users in groups that nobody ever made."""
    with engine.begin() as connection:
        m.put_user(connection, User("old", 0, group="ADMIN", campaign="GONE"))
    office = Office(engine)
    assert office.change(USER, "old", full_name="Old Hand").group == "ADMIN"
    with pytest.raises(ValueRefused, match="there is no user group NIGHT"):
        office.change(USER, "old", group="NIGHT")


# --- what is needed elsewhere --------------------------------------------------------------------------------


NEEDED: list[tuple[tuple[Kind, str], tuple[Kind, str], dict[str, Any]]] = [
    ((CAMPAIGN, "SALES"), (LIST, "101"), {"campaign": "SALES"}),
    ((CAMPAIGN, "SALES"), (USER, "anna"), {"campaign": "SALES"}),
    ((USER_GROUP, "day"), (USER, "anna"), {"group": "day"}),
    ((LIST, "7"), (CAMPAIGN, "SALES"), {"manual_list": 7}),
    ((LIST, "7"), (CAMPAIGN, "SALES"), {"search_lists": [7]}),
    ((LIST, "7"), (INGROUP, "LINE"), {"list_id": 7}),
    ((INGROUP, "IN"), (INGROUP, "LINE"), {"transfer_to": "IN"}),
    ((INGROUP, "IN"), (INGROUP, "LINE"), {"no_agent": {"kind": "ingroup", "to": "IN"}}),
    ((INGROUP, "IN"), (CAMPAIGN, "SALES"), {"default_ingroup": "IN"}),
    ((INGROUP, "IN"), (CAMPAIGN, "SALES"), {"drop": {"kind": "ingroup", "to": "IN"}}),
]


def test_what_others_need_stays(office: Office) -> None:
    for needed, by, values in NEEDED:
        office.create(*needed)
        office.create(*by, **values)
        with pytest.raises(StillInUse) as refused:
            office.delete(*needed)
        assert refused.value.by == ((by[0].name, by[1]),)
        assert f"needed by {by[0].name} {by[1]}" in refused.value.message
        office.delete(*by)
        office.delete(*needed)


def test_an_in_group_may_name_itself_and_users_bind_none(office: Office) -> None:
    office.create(INGROUP, "LINE", transfer_to="LINE")
    office.create(USER, "anna", ingroups=["LINE"], ranks={"LINE": 3})
    office.delete(INGROUP, "LINE")
    assert office.read(USER, "anna").ingroups == ("LINE",)
    assert office.change(USER, "anna", ingroups=[]).ingroups == ()


def test_a_users_tokens_go_with_him(office: Office) -> None:
    office.create(USER, "anna")
    for letter in "ab":
        office.create(TOKEN, letter * 64, name="crm", role="agent", user="anna")
    office.create(TOKEN, "c" * 64, name="other", role="admin", user="")
    done = office.delete(USER, "anna")
    assert done.records == (TokenSet("a" * 64, None), TokenSet("b" * 64, None), UserSet("anna", None))
    assert office.find(TOKEN) == ["c" * 64]
    assert office.count(tokens) == 1
    deleted = [(row.kind, row.name[:1]) for row in office.audit() if row.action == "delete"]
    assert deleted == [("user", "a"), ("token", "b"), ("token", "a")]
