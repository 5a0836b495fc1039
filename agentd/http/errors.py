"""From errors to answers: a table per dialect, and what Klein should do with all that is left."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

from klein import Klein
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from agentd.http.answers import plain
from agentd.http.origin import CrossSite
from agentd.http.params import BadParameter
from agentd.http.request import Request

__all__ = ["ErrorTable", "Phrase", "install_errors"]

Answer = TypeVar("Answer")

Phrase = Callable[[IRequest, str, int], bytes]
"""Sets status and headers for an error of that text and HTTP status, and gives the body."""

_log = Logger(namespace="agentd.http")


class ErrorTable(Generic[Answer]):
    """Which answer a dialect gives to which error class; a class without its own has its nearest base's."""

    def __init__(self, answers: Mapping[type[BaseException], Answer]) -> None:
        self._answers = dict(answers)

    def find(self, error: BaseException) -> Answer | None:
        """The answer to an error; None if neither its class nor a base of it has one."""
        for cls in type(error).__mro__:
            if cls in self._answers:
                return self._answers[cls]
        return None

    def missing(self, base: type[BaseException]) -> list[type[BaseException]]:
        """The subclasses of ``base`` without an answer of their own or of a base below ``base``.

        For the test that a table is complete, which an answer for ``base`` itself must not satisfy. A class
        that is never raised says so by ``abstract = True`` in its own body.
        """
        return [
            cls
            for cls in _descendants(base)
            if not cls.__dict__.get("abstract", False)
            and not any(
                parent in self._answers for parent in cls.__mro__ if parent is not base and issubclass(parent, base)
            )
        ]


def install_errors(app: Klein, phrase: Phrase = plain) -> None:
    """Give a Klein app answers for what its own handlers leave: to be called after they are registered.

    405 with ``Allow``, 404 and the like as the routes say; 403 for :class:`CrossSite`; 400 for
    :class:`BadParameter`; anything else is logged and becomes a 500 that tells the client only the request's id.
    ``phrase`` words them.
    """

    def answer(*args: Any) -> bytes:
        # Klein passes the instance first if the app is bound to one.
        request, failure = args[-2:]
        return _answer(request, failure, phrase)

    app.handle_errors(Exception)(cast("Any", answer))


def _answer(request: IRequest, failure: Failure, phrase: Phrase) -> bytes:
    error = failure.value
    if isinstance(error, RequestRedirect):
        request.setHeader(b"Location", error.new_url.encode("utf-8"))
        return phrase(request, "The resource is at another URL.", error.code)
    if isinstance(error, MethodNotAllowed):
        request.setHeader(b"Allow", ", ".join(sorted(error.valid_methods or ())).encode("ascii"))
        return phrase(request, "That method is not allowed here.", 405)
    if isinstance(error, HTTPException):
        text = "There is nothing at this URL." if error.code == 404 else error.name
        return phrase(request, text, error.code or 500)
    if isinstance(error, CrossSite):
        return phrase(request, "Requests from another site's page are refused.", 403)
    if isinstance(error, BadParameter):
        return phrase(request, f"Parameter not usable: {error}.", 400)
    request_id = request.request_id.decode("ascii") if isinstance(request, Request) else "-"
    _log.failure("request {request} failed unexpectedly", failure, request=request_id)
    return phrase(request, f"Internal error; the log has it as request {request_id}.", 500)


def _descendants(base: type[BaseException]) -> Iterator[type[BaseException]]:
    for cls in base.__subclasses__():
        yield cls
        yield from _descendants(cls)
