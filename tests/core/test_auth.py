"""Passwords and tokens: right, wrong, too often; on numbers, with threads that are told when to be done."""

from __future__ import annotations

from functools import partial

import pytest
import pytest_twisted
from argon2 import PasswordHasher
from twisted.internet import reactor  # noqa: TID251 - one test has real threads
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.task import Clock as FakeReactor
from twisted.internet.threads import deferToThreadPool
from twisted.logger import globalLogPublisher
from twisted.python.threadpool import ThreadPool

from agentd.engine.auth import (
    Authenticator,
    AuthLimits,
    Verdict,
    address_key,
    hash_password,
    new_token,
    token_digest,
)
from agentd.engine.clock import Clock, WallClock

GOOD, BAD, LOCK = Verdict.GOOD, Verdict.BAD, Verdict.LOCK
HERE, THERE = "192.0.2.1", "192.0.2.2"
MINUTE, HOUR = 60.0, 3600.0


SHARED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("1234")
"""Of the password 1234, at next to no cost."""


class Hashes(dict):
    """Stored hashes: of 6666, 1000, and everybody whose name begins with user."""

    def __init__(self):
        self["6666"] = self["1000"] = SHARED

    def of(self, user):
        return SHARED if user.startswith("user") else self.get(user)


class Threads:
    """Runs what it is given at once, or when told."""

    def __init__(self):
        self.patient = False
        self.count = 0
        self.under_way = []

    def __call__(self, function):
        self.count += 1
        if not self.patient:
            return maybeDeferred(function)
        done = Deferred()
        self.under_way.append((done, function))
        return done

    def finish_one(self):
        done, function = self.under_way.pop(0)
        maybeDeferred(function).chainDeferred(done)


class Door:
    """An authenticator with its surroundings."""

    def __init__(self, **limits):
        self.time = FakeReactor()
        self.hashes = Hashes()
        self.threads = Threads()
        self.auth = Authenticator(self.hashes.of, Clock(self.time), self.threads, AuthLimits(**limits))

    def ask(self, user="6666", password="1234", address=HERE):
        answers = self.begin(user, password, address)
        assert len(answers) == 1, "not answered at once"
        return answers[0]

    def begin(self, user="6666", password="1234", address=HERE):
        answers = []
        self.auth.verify(user, password, address).addCallback(answers.append)
        return answers


@pytest.fixture
def door():
    return Door()


# --- right and wrong -----------------------------------------------------------------------------------------


def test_a_right_password_is_good_and_a_wrong_one_bad(door):
    assert [door.ask(), door.ask(password="12345"), door.ask(password="")] == [GOOD, BAD, BAD]


def test_the_words_are_those_of_the_agent_api():
    assert [str(verdict) for verdict in Verdict] == ["GOOD", "BAD", "LOCK", "IPBLOCK"]


def test_an_unknown_user_is_bad_and_costs_a_hash_like_any_other(door):
    assert door.ask("nobody", "1234") is BAD
    assert door.threads.count == 1


def test_passwords_may_be_any_text(door):
    for password in ("pâsswörd☎", "\udce9", "a" * 4096, " "):
        door.hashes["odd"] = hash_password(password)
        assert door.ask("odd", password) is GOOD


def test_user_and_password_are_not_confused(door):
    door.hashes["ab"] = hash_password("c")
    door.hashes["a"] = hash_password("x")
    assert door.ask("ab", "c") is GOOD
    assert door.ask("a", "bc") is BAD


def test_the_hash_is_argon2id_with_the_agreed_cost():
    assert hash_password("1234").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_password("1234") != hash_password("1234")


# --- remembering ---------------------------------------------------------------------------------------------


def test_a_good_password_is_remembered_for_a_minute_without_a_thread(door):
    door.ask()
    for _ in range(1000):
        assert door.ask() is GOOD
    door.time.advance(59)
    assert door.ask(address=THERE) is GOOD
    assert door.threads.count == 1
    door.time.advance(2)
    assert door.ask() is GOOD
    assert door.threads.count == 2


def test_a_wrong_password_is_never_remembered(door):
    door.ask()
    assert [door.ask(password="x"), door.ask(password="x")] == [BAD, BAD]
    assert door.threads.count == 3
    assert door.ask() is GOOD
    assert door.threads.count == 3


def test_a_changed_user_is_looked_at_again(door):
    door.ask()
    door.hashes["6666"] = hash_password("new")
    assert door.ask(password="1234") is BAD
    assert door.ask(password="new") is GOOD
    del door.hashes["6666"]
    assert door.ask(password="new") is BAD


def test_a_forgotten_user_is_hashed_again(door):
    door.ask()
    door.auth.forget("6666")
    door.auth.forget("nobody")
    assert door.ask() is GOOD
    assert door.threads.count == 2


def test_a_change_during_the_hash_makes_the_old_password_bad(door):
    door.threads.patient = True
    answers = door.begin()
    door.hashes["6666"] = hash_password("new")
    door.threads.finish_one()
    assert answers == [BAD]


# --- counting ------------------------------------------------------------------------------------------------


def test_after_ten_wrong_passwords_the_user_is_locked_from_that_address(door):
    assert [door.ask(password="x") for _ in range(10)] == [BAD] * 10
    hashed = door.threads.count
    assert [door.ask(password="x"), door.ask()] == [LOCK, LOCK]
    assert door.threads.count == hashed
    assert door.ask(address=THERE) is GOOD
    assert door.ask("1000") is GOOD


def test_a_remembered_password_is_locked_too(door):
    door.ask()
    for n in range(10):
        assert door.ask(password=f"x{n}") is BAD
    assert door.ask() is LOCK


def test_the_lock_opens_a_quarter_of_an_hour_after_the_first_wrong_password(door):
    for _ in range(10):
        door.ask(password="x")
        door.time.advance(MINUTE)
    door.time.advance(5 * MINUTE - 1)
    assert door.ask() is LOCK
    door.time.advance(1)
    assert door.ask() is GOOD


def test_insisting_does_not_prolong_the_lock(door):
    for _ in range(10):
        door.ask(password="x")
    for _ in range(14):
        door.time.advance(MINUTE)
        assert door.ask(password="x") is LOCK
    door.time.advance(MINUTE)
    assert door.ask() is GOOD


def test_a_right_password_counts_nothing(door):
    for n in range(200):
        door.time.advance(2 * MINUTE if n % 7 else 0)
        assert door.ask() is GOOD


def test_an_address_is_locked_after_a_hundred_wrong_passwords_for_any_users(door):
    for n in range(100):
        assert door.ask(f"user{n}", "x") is BAD
    assert door.ask("1000") is LOCK
    assert door.ask("1000", address=THERE) is GOOD


def test_nobody_who_was_here_in_the_last_day_is_locked_out_by_others_at_his_address(door):
    assert door.ask() is GOOD
    door.time.advance(23 * HOUR)
    for n in range(100):
        door.ask(f"user{n}", "x")
    assert [door.ask(), door.ask("1000")] == [GOOD, LOCK]


def test_the_day_ends(door):
    assert door.ask() is GOOD
    door.time.advance(25 * HOUR)
    for n in range(100):
        door.ask(f"user{n}", "x")
    assert door.ask() is LOCK


def test_logins_of_known_users_open_no_gap_for_guesses(door):
    door.ask()
    for n in range(100):
        door.ask(f"user{n}", "x")
    door.auth.forget("6666")
    assert door.ask() is GOOD
    assert door.ask("1000", "x") is LOCK


def test_a_network_of_ipv6_is_one_address(door):
    for n in range(10):
        assert door.ask(password="x", address=f"2001:db8:0:1::{n:x}") is BAD
    assert door.ask(address="2001:db8:0:1:ffff::1") is LOCK
    assert door.ask(address="2001:db8:0:2::1") is GOOD


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix", "unix"),
    ],
)
def test_address_keys(address, key):
    assert address_key(address) == key


def test_long_names_do_not_fill_the_memory(door):
    name = "n" * 4096
    assert [door.ask(name, "x") for _ in range(11)] == [BAD] * 10 + [LOCK]
    assert door.ask(name[:-1], "x") is BAD
    assert len(address_key("a" * 10_000)) == 64


def test_what_is_kept_is_bounded():
    door = Door(max_keys=20)
    for n in range(100):
        assert door.ask(f"user{n}", address=f"198.51.100.{n}") is GOOD
        assert door.ask(f"user{n}", "x", address=f"203.0.113.{n}") is BAD
    kept = vars(door.auth)
    assert all(
        len(part) <= 20
        for part in kept.values()
        if hasattr(part, "__len__") and part is not kept["_dummy"] and part is not kept["_key"]
    )


# --- many at once --------------------------------------------------------------------------------------------


def test_two_hashes_at_a_time_and_thirty_two_wait(door):
    door.threads.patient = True
    answers = [door.begin(f"user{n}") for n in range(35)]
    assert len(door.threads.under_way) == 2
    assert answers[:34] == [[]] * 34
    assert answers[34] == [LOCK]
    for _ in range(34):
        assert len(door.threads.under_way) <= 2
        door.threads.finish_one()
    assert answers[:34] == [[GOOD]] * 34


def test_a_full_line_locks_nobody_for_longer(door):
    door.threads.patient = True
    for n in range(34):
        door.begin(f"user{n}")
    assert door.ask() is LOCK
    door.threads.patient = False
    while door.threads.under_way:
        door.threads.finish_one()
    assert door.ask() is GOOD


def test_the_same_password_sent_a_hundred_times_at_once_is_hashed_once(door):
    door.threads.patient = True
    answers = [door.begin() for _ in range(100)]
    assert door.threads.count == 1
    door.threads.finish_one()
    assert answers == [[GOOD]] * 100


def test_guesses_sent_all_at_once_are_counted_before_they_are_hashed(door):
    door.threads.patient = True
    answers = [door.begin(password=f"guess{n}") for n in range(30)]
    while door.threads.under_way:
        door.threads.finish_one()
    assert answers == [[BAD]] * 10 + [[LOCK]] * 20


def test_a_cancelled_question_is_counted_like_any_other(door):
    door.threads.patient = True
    for _ in range(20):
        asked = door.auth.verify("6666", "1234", HERE)
        asked.addErrback(lambda _cancelled: None)
        asked.cancel()
    door.threads.finish_one()
    door.threads.patient = False
    assert door.ask() is GOOD


# --- broken parts --------------------------------------------------------------------------------------------


@pytest.fixture
def log():
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def test_a_stored_text_that_is_no_hash_lets_nobody_in_and_is_logged(door, log):
    door.hashes["broken"] = "plaintext"
    assert door.ask("broken", "plaintext") is BAD
    assert [event["user"] for event in log] == ["broken"]
    assert "plaintext" not in repr(log)


def test_a_hash_that_cannot_be_made_blames_nobody(door, log):
    door.threads.patient = True
    answers = [door.begin(password=f"{n}") for n in range(10)]
    while door.threads.under_way:
        door.threads.under_way.pop(0)[0].errback(MemoryError())
    assert answers == [[LOCK]] * 10
    assert all(event["log_failure"].check(MemoryError) for event in log)
    assert len(log) == 10
    door.threads.patient = False
    assert door.ask() is GOOD


@pytest_twisted.ensureDeferred
async def test_in_real_threads():
    pool = ThreadPool(0, 2)
    pool.start()
    try:
        hashes = Hashes()
        auth = Authenticator(hashes.of, WallClock(reactor), partial(deferToThreadPool, reactor, pool))
        verdicts = await gatherResults(
            [auth.verify("6666", "1234", HERE), auth.verify("6666", "x", HERE), auth.verify("1000", "1234", HERE)]
        )
        assert verdicts == [GOOD, BAD, GOOD]
        assert auth.verify("1000", "1234", HERE).result is GOOD
    finally:
        pool.stop()


# --- tokens --------------------------------------------------------------------------------------------------


def test_tokens_are_random_prefixed_and_found_by_their_digest():
    plain, digest = new_token()
    assert plain.startswith("agentd_")
    assert len(plain) >= len("agentd_") + 43
    assert token_digest(plain) == digest
    assert plain not in digest
    assert len(digest) == 64
    assert new_token()[0] != plain
    assert token_digest(plain + "x") != digest
