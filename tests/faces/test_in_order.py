"""Who comes first is served first, however long it takes to look him up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, fail, succeed

from agentd.engine.order import InOrder


@given(st.permutations(range(5)))
def test_things_are_done_in_the_order_in_which_they_were_asked_for(found: list[int]) -> None:
    order, done = InOrder(), []
    findings: list[Deferred[int]] = [Deferred() for _ in found]
    for number, finding in enumerate(findings):
        order.run(finding, lambda value, number=number: done.append((number, value)) or succeed(None))
    for number in found:
        findings[number].callback(10 * number)
        assert done == [(n, 10 * n) for n in range(len(done))]
    assert len(done) == len(found)


def test_the_result_is_given_to_whoever_asked_and_nobody_waits_for_it() -> None:
    order = InOrder()
    long: Deferred[str] = Deferred()
    first = order.run(succeed(1), lambda _found: long)
    second = order.run(succeed(2), lambda found: succeed(f"did {found}"))
    told: list[str] = []
    second.addCallback(told.append)
    first.addCallback(told.append)
    assert told == ["did 2"]
    long.callback("did 1")
    assert told == ["did 2", "did 1"]


@pytest.mark.parametrize("where", ["finding", "doing", "result"])
def test_a_failure_is_told_and_holds_nobody_up(where: str) -> None:
    order = InOrder()
    error = ZeroDivisionError()

    def broken(_found: int) -> Deferred[str]:
        if where == "doing":
            raise error
        return fail(error)

    finding: Deferred[int] = Deferred()
    failed = order.run(finding, broken)
    told: list[str] = []
    order.run(succeed(2), lambda found: succeed(f"did {found}")).addCallback(told.append)
    assert told == []
    if where == "finding":
        finding.errback(error)
    else:
        finding.callback(1)
    assert told == ["did 2"]
    seen: list[object] = []
    failed.addErrback(lambda failure: seen.append(failure.value))
    assert seen == [error]


def test_a_thousand_who_were_waiting_for_the_first_are_done_at_once() -> None:
    order, done = InOrder(), []
    first: Deferred[int] = Deferred()
    for number in range(2000):
        order.run(first if number == 0 else succeed(number), lambda found: done.append(found) or succeed(None))
    assert done == []
    first.callback(0)
    assert done == list(range(2000))
