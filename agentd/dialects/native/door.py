"""The way of a request: token, rate, scope, agent, body, key, revision; then the operation; then the answer."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, Concatenate, Generic, Protocol, TypeVar, cast

import msgspec
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest

from agentd.core.errors import AgentdError, CallNotFound, Draining, NotRecording
from agentd.core.model import Token
from agentd.dialects.native.bodies import Nothing, body_of
from agentd.dialects.native.callers import Caller, Scope
from agentd.dialects.native.etags import require_match
from agentd.dialects.native.once import Once, key_of
from agentd.dialects.native.problems import problem_of
from agentd.dialects.native.queries import Query, id_of
from agentd.dialects.native.replies import Refused, Reply, begin, problem
from agentd.dialects.native.words import Words
from agentd.engine.engine import Engine
from agentd.engine.limits import Allowance, TokenBucket
from agentd.http.kit import bearer_token, client_address, rate_limit_headers, shield, sure_address
from agentd.http.metrics import VerbMetrics
from agentd.http.request import Request

__all__ = ["FACE", "Ask", "Demands", "Door", "Limits", "TokenOf", "acts", "demanding", "looks"]

FACE = "native"
"""The name of this face in the metrics, and in the journal as the source of what it asks for."""

TokenOf = Callable[[str, float, str], Token | None]
"""Gives the good token of a text, at a time, for a client at an address (``Access.token``)."""

Body = TypeVar("Body")
Api = TypeVar("Api", bound="HasDoor")
Run = TypeVar("Run", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Limits:
    """How often: ``rate`` a second and ``burst`` at once for each token, and for each address without a good one."""

    rate: float = 200.0
    burst: int = 1000
    stranger_rate: float = 1.0
    stranger_burst: int = 60


@dataclass(frozen=True, slots=True)
class Ask(Generic[Body]):
    """A request that was let in."""

    request: IRequest
    caller: Caller
    query: Query
    body: Body
    agent: str
    where: Mapping[str, str]
    """The parts of the URL's path that the route names."""

    @property
    def call_id(self) -> int | None:
        """The call that the URL names, None for ``current``. Raises CallNotFound."""
        if self.where["call"] == "current":
            return None
        call_id = id_of(self.where["call"])
        if call_id is None:
            raise CallNotFound(f"{self.agent} has no such call")
        return call_id

    @property
    def recording_id(self) -> int:
        """The running recording that the URL names. Raises NotRecording."""
        recording_id = id_of(self.where["recording"])
        if recording_id is None:
            raise NotRecording(f"{self.agent} has no such recording running")
        return recording_id


class HasDoor(Protocol):
    """A class of routes."""

    door: Door


Work = Callable[[Ask[Body]], "Deferred[Reply] | Reply"]
Handler = Callable[[Api, Ask[Body]], "Deferred[Reply] | Reply"]
Route = Callable[Concatenate[Api, IRequest, ...], "Deferred[bytes | None]"]


class Door:
    """Lets requests in and brings answers out."""

    def __init__(
        self,
        engine: Engine,
        words: Words,
        token_of: TokenOf,
        limits: Limits,
        metrics: VerbMetrics | None = None,
    ) -> None:
        self.clock = engine.clock
        self._metrics = metrics
        self._words = words
        self._token_of = token_of
        self._once = Once(engine)
        self._rate: TokenBucket[str] = TokenBucket(limits.rate, limits.burst)
        self._strangers: TokenBucket[str] = TokenBucket(limits.stranger_rate, limits.stranger_burst)

    # --- who and what ----------------------------------------------------------------------------------------

    def admit(self, request: IRequest, scope: Scope) -> Caller:
        """Give the caller, and set the rate limit headers.

        Raises:
            Refused: 401 without a good token, 403 without the scope, 429 when it comes too often.
        """
        plain = bearer_token(request)
        token = self._token_of(plain, self.clock.now(), sure_address(request)) if plain else None
        if token is None:
            raise Refused(self._stranger(request, plain))
        _note(request, "token", token.name)
        allowance = self._rate.take(token.digest, self.clock.monotonic())
        if not allowance.allowed:
            raise Refused(_too_often(allowance))
        for name, value in rate_limit_headers(allowance).items():
            request.setHeader(name.encode("ascii"), value.encode("ascii"))
        caller = Caller(token)
        caller.require(scope)
        return caller

    def _stranger(self, request: IRequest, plain: str | None) -> Reply:
        allowance = self._strangers.take(client_address(request).address, self.clock.monotonic())
        if not allowance.allowed:
            return _too_often(allowance)
        challenge = 'Bearer realm="agentd"' + (', error="invalid_token"' if plain else "")
        detail = "The token is not known, or not any more." if plain else "A bearer token is needed."
        return problem(401, "unauthorized", detail, {"WWW-Authenticate": challenge})

    def ask(self, request: IRequest, demands: Demands, where: Mapping[str, str]) -> Ask[Any]:
        """Let a request in that is as the route demands it.

        Raises:
            Refused
        """
        caller = self.admit(request, demands.scope)
        if "agent" in where:
            caller.require_agent(where["agent"])
        query, body = Query(request, demands.known, demands.texts), body_of(request, demands.kind)
        agent: str = where.get("agent", getattr(body, "agent", ""))
        if agent:
            caller.require_agent(agent)
            _note(request, "agent", agent)
        return Ask(request, caller, query, body, agent, where)

    # --- carrying out ----------------------------------------------------------------------------------------

    def look(self, ask: Ask[Body], handler: Work[Body]) -> Deferred[Reply]:
        """Answer a question; a domain error becomes its problem details."""
        return self._reply(handler, ask).addErrback(self._problem, ask)

    def act(self, ask: Ask[Body], handler: Work[Body], *, versioned: bool = False) -> Deferred[Reply]:
        """Have something done: once for each Idempotency-Key, on the revision of the session that the client wants.

        The parameters of a route that acts are flags, but for those that it names as texts. ``versioned``: the handler
        itself looks whether the client wants the version that is there (see Versions).

        Raises:
            Refused
        """
        ask.query.check_flags()
        key = key_of(ask.request)
        if key is None:
            self._require_match(ask, versioned)
            return self.look(ask, handler)
        own, fingerprint = f"{ask.caller.token.digest}:{key}", _fingerprint(ask)
        known = self._once.known(own, fingerprint)
        if known is None:
            self._require_match(ask, versioned)
            known = self._once.run(own, fingerprint, partial(self._finish, ask, handler))
        return known.addErrback(self._problem, ask)

    def _require_match(self, ask: Ask[Body], versioned: bool) -> None:
        if not versioned and ask.request.getHeader(b"If-Match") is not None:
            require_match(ask.request, self._words.snapshot(ask.agent))

    def _finish(self, ask: Ask[Body], handler: Work[Body]) -> Deferred[Reply]:
        """Do it; when the daemon is stopped meanwhile there is no answer to keep, since the outcome is not known."""

        def failed(failure: Failure) -> Reply:
            if failure.check(Draining):
                failure.raiseException()
            return self._problem(failure, ask)

        return self._reply(handler, ask).addErrback(failed)

    def _reply(self, handler: Work[Body], ask: Ask[Body]) -> Deferred[Reply]:
        # Twisted's annotation knows functions that give a Deferred or a value, not those that give either.
        return maybeDeferred(cast("Callable[[Ask[Body]], Deferred[Reply]]", handler), ask)

    def _problem(self, failure: Failure, ask: Ask[Any]) -> Reply:
        error = failure.value
        if isinstance(error, Refused):
            return error.answer
        if not isinstance(error, AgentdError):
            failure.raiseException()
        concerned = {"session": self._words.snapshot(ask.agent)} if ask.agent else {}
        return problem_of(error, concerned)

    def counted(self, answer: Reply, verb: str, began: float) -> Reply:
        """Count a verb that was asked for; gives its answer."""
        if self._metrics is not None:
            result = "done" if answer.status < 400 else "refused"
            self._metrics.done(FACE, verb, result, max(0.0, self.clock.monotonic() - began))
        return answer


@dataclass(frozen=True, slots=True)
class Demands:
    """What a route takes, for the description of the face: the arguments of :func:`looks` and :func:`acts`."""

    scope: Scope
    kind: Any = Nothing
    known: Collection[str] = ()
    texts: Collection[str] = ()
    acts: bool = False
    versioned: bool = False


def demanding(demands: Demands) -> Callable[[Run], Run]:
    """Note what a handler takes, as ``demands``."""

    def note(run: Run) -> Run:
        run.demands = demands  # type: ignore[attr-defined]
        return run

    return note


def looks(scope: Scope, *known: str) -> Callable[[Handler[Api, Nothing]], Route[Api]]:
    """Decorate the handler of a route that only looks; ``known`` names the parameters of its query."""
    return _route(Door.look, Demands(scope, known=known))


def acts(
    scope: Scope, kind: type[Body], *flags: str, texts: Collection[str] = (), versioned: bool = False
) -> Callable[[Handler[Api, Body]], Route[Api]]:
    """Decorate the handler of a route that does something, with a body of that kind; its query has flags and texts.

    ``versioned``: it goes by If-Match itself; else If-Match is about the session.
    """
    demands = Demands(scope, kind, (*flags, *texts), texts, acts=True, versioned=versioned)
    return _route(partial(Door.act, versioned=versioned), demands)


def _route(
    way: Callable[[Door, Ask[Any], Work[Any]], Deferred[Reply]], demands: Demands
) -> Callable[[Handler[Api, Body]], Route[Api]]:
    def decorate(handler: Handler[Api, Body]) -> Route[Api]:
        @demanding(demands)
        @wraps(handler)
        def run(api: Api, request: IRequest, /, **where: str) -> Deferred[bytes | None]:
            began = api.door.clock.monotonic()
            try:
                ask = api.door.ask(request, demands, where)
                answered = way(api.door, ask, partial(handler, api))
            except Refused as refused:
                answered = succeed(refused.answer)
            answered.addCallback(api.door.counted, handler.__name__, began)
            return shield(answered).addCallback(partial(begin, request))

        return run

    return decorate


def _note(request: IRequest, name: str, value: str) -> None:
    """For the access log."""
    if isinstance(request, Request):
        request.notes[name] = value


def _fingerprint(ask: Ask[Any]) -> str:
    """The same for the same request: method, path, parameters and body, however they were written.

    It is kept in the journal, and a body may have a card's digits, which a bare digest would give away to whoever
    tries them all: so it is keyed with the token, of which the journal has a digest alone.
    """
    request = ask.request
    key = (bearer_token(request) or "").encode()
    parts = (request.method, request.uri.partition(b"?")[0], str(ask.query).encode(), msgspec.json.encode(ask.body))
    return hmac.digest(key, b"\n".join(parts), "sha256").hex()


def _too_often(allowance: Allowance) -> Reply:
    detail = "Too many requests; wait as long as Retry-After says."
    return problem(429, "rate_limited", detail, rate_limit_headers(allowance))
