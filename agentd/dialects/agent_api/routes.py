"""The two URLs of the agent API.

CRMs call it for every click, so each URL is a plain resource: Klein (24.8), whose routing a single URL does not need,
adds two fifths to the time of a whole request. Without it nothing cancels an operation whose client has gone.
"""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.error import UnsupportedMethod
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET

from agentd.dialects.agent_api.answers import Line
from agentd.dialects.agent_api.asked import PATHS, Asked
from agentd.dialects.agent_api.face import AgentApi
from agentd.dialects.agent_api.page import page
from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.http import kit
from agentd.http.request import Request
from agentd.http.site import Missing

__all__ = ["PATHS", "AgentApiPage", "pages"]


class AgentApiPage(Resource):
    """One URL of the agent API. GET and POST alike; nothing else, since every request may do something."""

    def __init__(self, api: AgentApi, path: str) -> None:
        super().__init__()
        self._api = api
        self._path = path

    def getChild(self, path: bytes, request: Request) -> Resource:  # noqa: ARG002
        """There is nothing below it."""
        return Missing()

    def render(self, request: Request) -> int:
        """Answer when the operation is done."""
        if request.method not in {b"GET", b"POST"}:
            raise UnsupportedMethod((b"GET", b"POST"))
        client_of = kit.client_address(request)
        host = request.getRequestHostname().decode("latin-1")
        asked = Asked.of(kit.Params.of(request), client_of, f"/{self._path}", host)
        client = _Client(request, self._api.settings)
        answer = Deferred.fromCoroutine(self._api.answer(asked))
        answer.addCallback(client.send, asked).addErrback(client.failed)
        return NOT_DONE_YET


class _Client:
    """Whoever waits for the answer, and may have gone before it comes."""

    def __init__(self, request: Request, settings: AgentApiSettings) -> None:
        self._request = request
        self._settings = settings
        self._gone = False
        request.notifyFinish().addErrback(self._leave)

    def _leave(self, _reason: Failure) -> None:
        self._gone = True

    def send(self, line: Line, asked: Asked) -> None:
        self._request.notes.update(function=kit.echo(asked.function)[:20], agent=kit.echo(asked.agent)[:20])
        if not self._gone:
            self._request.write(page(self._request, line, asked, self._settings))
            self._request.finish()

    def failed(self, failure: Failure) -> None:
        """A mistake of ours: the log has it, the client is told no more than that."""
        self._request.processingFailed(failure)


def pages(api: AgentApi) -> dict[str, IResource]:
    """Give a resource for each path below the root."""
    return {path: AgentApiPage(api, path) for path in PATHS}
