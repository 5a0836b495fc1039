"""Idempotency-Key: what was asked for twice is done once.

A key is remembered for 24 hours, in the journal: that it has begun before the operation, and the answer after it. A
daemon that died in between finds a key that was begun and never answered, and says that the outcome is unknown.
"""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest

from agentd.core.commands import KeepAnswer
from agentd.core.evolving.kept import ANSWER_MEMORY
from agentd.core.model import Answer
from agentd.dialects.native.replies import Refused, Reply, problem
from agentd.engine.engine import Engine

__all__ = ["Once", "key_of"]

Work = Callable[[], "Deferred[Reply]"]

_KEY = re.compile(rb"[\x21-\x7e]{1,255}")


def key_of(request: IRequest) -> str | None:
    """Give a request's Idempotency-Key, None where there is none.

    Raises:
        Refused: 400, it is not 1 to 255 visible ASCII characters.
    """
    header: bytes | None = request.getHeader(b"Idempotency-Key")
    if header is None:
        return None
    if not _KEY.fullmatch(header):
        text = "An Idempotency-Key is 1 to 255 visible ASCII characters."
        raise Refused(problem(400, "invalid_idempotency_key", text))
    return header.decode("ascii")


@dataclass(slots=True)
class _Flight:
    """An operation under way, and everybody who waits for its answer."""

    fingerprint: str
    waiting: list[Deferred[Reply]] = field(default_factory=list)

    def join(self) -> Deferred[Reply]:
        waiter: Deferred[Reply] = Deferred()
        self.waiting.append(waiter)
        return waiter


class Once:
    """Does the work for a key once, and gives the same answer to everybody who comes with it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._flights: dict[str, _Flight] = {}

    def known(self, key: str, fingerprint: str) -> Deferred[Reply] | None:
        """Give the answer to a request that came before, or that is being carried out; None for a new key.

        Raises:
            Refused: 409, the key came with another request, or its outcome is unknown.
        """
        flight = self._flights.get(key)
        if flight is not None:
            _require_same(flight.fingerprint, fingerprint)
            return flight.join()
        answer = self._engine.world.state.answers.get(key)
        if answer is None or answer.at <= self._engine.clock.now() - ANSWER_MEMORY:
            return None
        _require_same(answer.fingerprint, fingerprint)
        if not answer.status:
            _refuse("outcome_unknown", "The request was begun and agentd stopped; look at the session.")
        return succeed(Reply(answer.status, answer.body, {**answer.headers, "Idempotency-Replayed": "true"}))

    def run(self, key: str, fingerprint: str, work: Work) -> Deferred[Reply]:
        """Do the work for a new key.

        An answer is kept. A failure is not: the key stays begun, and the failure goes to everybody who waits.
        """
        begun = KeepAnswer(key, Answer(fingerprint, self._engine.clock.now()))
        return self._engine.submit(begun).addCallback(lambda _: self._fly(key, fingerprint, work))

    def _fly(self, key: str, fingerprint: str, work: Work) -> Deferred[Reply]:
        flight = self._flights[key] = _Flight(fingerprint)
        own = flight.join()
        work().addBoth(self._land, key, flight)
        return own

    def _land(self, result: Reply | Failure, key: str, flight: _Flight) -> None:
        del self._flights[key]
        if isinstance(result, Reply):
            self._keep(key, flight.fingerprint, result)
        for waiter in flight.waiting:
            waiter.callback(result)

    def _keep(self, key: str, fingerprint: str, reply: Reply) -> None:
        body = reply.body if reply.kept is None else reply.kept
        answer = Answer(fingerprint, self._engine.clock.now(), reply.status, body, dict(reply.headers))
        self._engine.feed(KeepAnswer(key, answer))


def _require_same(known: str, fingerprint: str) -> None:
    if known != fingerprint:
        _refuse("idempotency_mismatch", "The Idempotency-Key came with another request before.")


def _refuse(reason: str, detail: str) -> NoReturn:
    raise Refused(problem(409, reason, detail))
