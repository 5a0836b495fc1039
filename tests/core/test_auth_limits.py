"""The limiters, on plain numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.engine.limits import SlidingWindow, TokenBucket

steps = st.lists(st.floats(0, 20, allow_nan=False), min_size=1, max_size=80)


@given(steps, st.integers(1, 5))
def test_never_more_than_the_limit_in_any_period(waits, limit):
    window = SlidingWindow(limit, 10.0)
    now, let_in = 0.0, []
    for wait in waits:
        now += wait
        recent = [when for when in let_in if when + 10.0 > now]
        allowance = window.take("key", now)
        assert allowance.allowed == (len(recent) < limit)
        if allowance.allowed:
            let_in.append(now)
            assert allowance.remaining == limit - len(recent) - 1
        else:
            assert allowance.remaining == 0
            assert window.take("key", now + allowance.retry_after + 1e-6).allowed
            return


def test_a_window_tells_when_it_is_open_again():
    window = SlidingWindow(2, 60.0)
    window.take("a", 0.0)
    second = window.take("a", 10.5)
    assert (second.allowed, second.limit, second.remaining, second.reset) == (True, 2, 0, 60)
    third = window.take("a", 20.0)
    assert (third.allowed, third.reset, third.retry_after) == (False, 51, 40)
    assert window.take("b", 20.0).allowed
    assert window.look("none", 0.0).reset == 0


def test_one_can_be_taken_back_or_all_forgotten():
    window = SlidingWindow(1, 60.0)
    window.add("a", 1.0)
    window.take_back("a", 2.0)
    assert window.full("a", 3.0)
    window.take_back("a", 1.0)
    assert not window.full("a", 3.0)
    window.add("a", 4.0)
    window.clear("a")
    assert window.count("a", 5.0) == 0
    assert len(window) == 0


@given(steps, st.integers(1, 10))
def test_a_bucket_gives_no_more_than_its_burst_and_rate(waits, burst):
    bucket = TokenBucket(0.5, burst)
    now, given_out = 0.0, 0
    for wait in waits:
        now += wait
        allowance = bucket.take("key", now)
        given_out += allowance.allowed
        assert given_out <= burst + 0.5 * now + 1e-6
        assert 0 <= allowance.remaining < burst or not allowance.allowed
        if not allowance.allowed:
            assert bucket.take("key", now + allowance.retry_after + 1e-6).allowed
            return


def test_a_bucket_is_full_again_after_its_reset():
    bucket = TokenBucket(2.0, 10)
    for _ in range(10):
        last = bucket.take("a", 0.0)
    assert (last.allowed, last.remaining, last.reset, last.retry_after) == (True, 0, 5, 0)
    refused = bucket.take("a", 0.1)
    assert (refused.allowed, refused.retry_after) == (False, 1)
    assert bucket.take("b", 0.1).remaining == 9
    assert bucket.take("a", 5.0).remaining == 9


@pytest.mark.parametrize("limiter", [SlidingWindow(3, 60.0, max_keys=10), TokenBucket(1.0, 3, max_keys=10)])
def test_memory_is_bounded_and_the_longest_unused_goes_first(limiter):
    limiter.take("kept", 0.0)
    for n in range(100):
        limiter.take(n, 0.0)
        if n % 5 == 0:
            limiter.take("kept", 0.0)
    assert len(limiter) == 10
    assert limiter.take("kept", 0.0).allowed is False
    assert limiter.take(0, 0.0).remaining == 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: SlidingWindow(0, 1.0),
        lambda: SlidingWindow(1, 0.0),
        lambda: TokenBucket(0.0, 1),
        lambda: TokenBucket(1.0, 0),
        lambda: TokenBucket(1.0, 1, max_keys=0),
    ],
)
def test_a_limiter_that_cannot_work_is_refused(wrong):
    with pytest.raises(ValueError, match=r"positive|one key"):
        wrong()
