"""Who may do what, whatever the face."""

from __future__ import annotations

import pytest

from agentd.core.errors import ManualDialForbidden, NotLoggedIn, UserUnknown
from agentd.core.model import Token
from agentd.core.records import TokenSet, UserSet
from agentd.engine.access import PasswordRefused, may_use, password_hashes, require_agent, require_manual_dial
from agentd.engine.auth import Verdict, new_token
from tests.faces.house import House
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
