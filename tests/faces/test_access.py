"""Who may do what, whatever the face."""

from __future__ import annotations

import pytest

from agentd.core.errors import ManualDialForbidden, NotLoggedIn, NotPermitted, UserUnknown
from agentd.core.model import Token, UserGroup
from agentd.core.records import TokenSet, UserGroupSet, UserSet
from agentd.engine.access import (
    MODIFY_LEADS,
    PasswordRefused,
    is_allowed_from,
    may_use,
    password_hashes,
    require_agent,
    require_manual_dial,
    require_right_over,
)
from agentd.engine.auth import Verdict, new_token
from tests.faces.agent_api import serve
from tests.faces.house import House
from tests.faces.native import Native
from tests.faces.people import user


def give_token(house: House, **fields) -> str:
    plain, digest = new_token()
    house.change(TokenSet(digest, Token(digest, "crm", "integration", **{"user": "", **fields})))
    return plain


def test_the_right_password_gives_the_user(house: House) -> None:
    assert house.wait_for(house.access.password("1000", "1234", "127.0.0.1")).name == "1000"


@pytest.mark.parametrize(("name", "password"), [("1000", "12345"), ("4496", "1234"), ("gone", "1234"), ("", "")])
def test_a_wrong_one_does_not(house: House, name: str, password: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        house.wait_for(house.access.password(name, password, "127.0.0.1"))
    assert refused.value.verdict is Verdict.BAD


def test_a_user_without_a_password_has_none_that_fits(house: House) -> None:
    house.change(UserSet("empty", user("empty", password_hash="")))
    with pytest.raises(PasswordRefused):
        house.wait_for(house.access.password("empty", "", "127.0.0.1"))


def test_only_active_users_have_a_hash(house: House) -> None:
    hash_of = password_hashes(house.state)
    assert hash_of("1000") == house.state.users["1000"].password_hash
    assert [hash_of(name) for name in ("gone", "4496", "")] == [None, None, None]


def test_too_many_wrong_ones_are_told_apart(house: House) -> None:
    for n in range(10):
        with pytest.raises(PasswordRefused):
            house.wait_for(house.access.password("1000", f"no{n}", "127.0.0.1"))
    with pytest.raises(PasswordRefused) as refused:
        house.wait_for(house.access.password("1000", "1234", "127.0.0.1"))
    assert refused.value.verdict is Verdict.LOCK


def test_a_token_is_known_by_its_text(house: House) -> None:
    plain = give_token(house)
    token = house.access.token(plain, house.now)
    assert token is not None
    assert token.name == "crm"
    assert house.access.token(plain + "x", house.now) is None
    assert house.access.token(token.digest, house.now) is None
    assert house.access.token("", house.now) is None


def test_a_token_ends(house: House) -> None:
    plain = give_token(house, expires=house.now + 10)
    assert house.access.token(plain, house.now + 9.9) is not None
    assert house.access.token(plain, house.now + 10) is None


def test_a_token_is_worth_what_its_user_is(house: House) -> None:
    plain = give_token(house, user="1000")
    assert house.access.token(plain, house.now) is not None
    house.change(UserSet("1000", user("1000", active=False)))
    assert house.access.token(plain, house.now) is None
    house.change(UserSet("1000", None))
    assert house.access.token(plain, house.now) is None


def test_functions_are_limited_only_when_some_are_named() -> None:
    assert may_use(user("6666"), "external_dial")
    limited = user("crm", rights=frozenset({"agent_api", "function:logout"}))
    assert may_use(limited, "logout")
    assert not may_use(limited, "external_dial")


def test_who_is_an_agent(house: House) -> None:
    require_agent(house.state, "1000")
    require_agent(house.state, "1028")
    for name in ("api", "gone", "4496", ""):
        with pytest.raises(UserUnknown):
            require_agent(house.state, name)


def test_who_may_dial_by_hand(house: House) -> None:
    with pytest.raises(NotLoggedIn):
        require_manual_dial(house.state, "nodial")
    house.log_in("nodial", "505")
    with pytest.raises(ManualDialForbidden):
        require_manual_dial(house.state, "nodial")
    house.log_in("1000")
    require_manual_dial(house.state, "1000")


def test_who_may_change_what_an_agent_has_before_him(house: House) -> None:
    with pytest.raises(NotLoggedIn):
        require_right_over(house.state, "nochange", "1000", MODIFY_LEADS)
    house.log_in("1000")
    for name in ("nochange", "4496"):
        with pytest.raises(NotPermitted):
            require_right_over(house.state, name, "1000", MODIFY_LEADS)
    require_right_over(house.state, "6666", "1000", MODIFY_LEADS)


# --- from where ----------------------------------------------------------------------------------------------


def limit_to(house: House, *addresses: str) -> None:
    """The group of user 1000 may ask from there alone."""
    house.change(UserGroupSet("SHIFT", UserGroup("SHIFT", addresses=addresses)))
    house.change(UserSet("1000", user("1000", group="SHIFT")))


@pytest.mark.parametrize(
    ("addresses", "asked", "allowed"),
    [
        ((), "192.0.2.1", True),
        (("192.0.2.1",), "192.0.2.1", True),
        (("192.0.2.1",), "192.0.2.2", False),
        (("192.0.2.0/24", "198.51.100.7"), "198.51.100.7", True),
        (("192.0.2.5/24",), "192.0.2.250", True),
        (("192.0.2.0/24",), "::ffff:192.0.2.9", True),
        (("192.0.2.0/24",), "2001:db8::1", False),
        (("2001:db8::/32",), "2001:db8:1::1", True),
        (("fe80::/10",), "fe80::1%eth0", True),
        (("nonsense",), "192.0.2.1", False),
        (("192.0.2.1",), "nonsense", False),
        (("0.0.0.0/0",), "", False),
    ],
)
def test_a_group_asks_from_its_addresses(
    house: House, addresses: tuple[str, ...], asked: str, *, allowed: bool
) -> None:
    limit_to(house, *addresses)
    assert is_allowed_from(house.state, house.state.users["1000"], asked) is allowed


def test_only_who_has_the_password_is_told_that_it_is_the_wrong_place(house: House) -> None:
    limit_to(house, "192.0.2.0/24")
    assert house.wait_for(house.access.password("1000", "1234", "192.0.2.9")).name == "1000"
    for password, verdict in (("1234", Verdict.IPBLOCK), ("12345", Verdict.BAD)):
        with pytest.raises(PasswordRefused) as refused:
            house.wait_for(house.access.password("1000", password, "127.0.0.1"))
        assert refused.value.verdict is verdict


def test_a_group_that_there_is_not_limits_nobody(house: House) -> None:
    limit_to(house, "192.0.2.0/24")
    house.change(UserGroupSet("SHIFT", None))
    assert house.wait_for(house.access.password("1000", "1234", "127.0.0.1")).name == "1000"


def test_a_token_of_such_a_user_counts_from_there(house: House) -> None:
    limit_to(house, "192.0.2.0/24")
    plain = give_token(house, user="1000")
    assert house.access.token(plain, house.now, "192.0.2.9") is not None
    assert house.access.token(plain, house.now, "127.0.0.1") is None
    assert house.access.token(give_token(house), house.now, "127.0.0.1") is not None


def test_behind_a_proxy_that_is_none_of_ours_nobody_is_where_he_should_be(house: House) -> None:
    """The proxy stands at an address that is let in; whom it speaks for is not known."""
    serve(house)
    limit_to(house, "127.0.0.1")
    target = "/agc/api.php?source=test&user=1000&pass=1234&agent_user=4496&function=external_hangup&value=1"
    assert house.ask(target).text == "ERROR: agent_user is not logged in - 4496\n"
    refused = house.ask(target, headers={"X-Forwarded-For": "127.0.0.1"})
    assert refused.text == "ERROR: Invalid Username/Password: |1000||0|0|IPBLOCK|\n"


def test_a_token_is_good_where_its_user_is(house: House) -> None:
    native = Native(house)
    limit_to(house, "127.0.0.1")
    token = native.token("agent", "1000")
    assert native.ask("GET", "/sessions/1000", token=token).status == 404
    assert native.ask("GET", "/sessions/1000", token=token, X_Forwarded_For="127.0.0.1").status == 401
    limit_to(house, "192.0.2.0/24")
    assert native.ask("GET", "/sessions/1000", token=token).status == 401
