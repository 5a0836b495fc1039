"""One HTTP request, with an id, the client's address, and errors that say nothing of our insides."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.error import UnsupportedMethod
from twisted.web.resource import IResource

from agentd.http.addresses import Client

if TYPE_CHECKING:
    from agentd.http.channel import Channel
    from agentd.http.site import Site

__all__ = ["Request"]


class Request(server.Request):
    """Made by the channel. The body is at most ``max_body`` long and in memory; ``args`` stays empty.

    (Parameters come from :class:`agentd.http.params.Params`, which keeps query and body apart.)
    """

    site: Site
    channel: Channel
    content: BytesIO
    _log = Logger(namespace="agentd.http")

    def __init__(self, channel: Channel, *args: Any, **kwargs: Any) -> None:
        super().__init__(channel, *args, **kwargs)
        self.site = channel.site
        self.request_id = self.site.new_request_id()
        self.since = self.site.clock.monotonic()
        self.notes: dict[str, str] = {}
        """Fields for the access log, such as the agent; never a secret."""
        self._under_way = False
        self._client: Client | None = None

    @property
    def client_address(self) -> Client:
        """Where the request comes from, through trusted proxies."""
        if self._client is None:
            self._client = self.site.policy.proxies.client(self.client, self.requestHeaders)
        return self._client

    # --- the body ------------------------------------------------------------------------------------

    def gotLength(self, length: int | None) -> None:  # noqa: ARG002
        """Twisted would open a temporary file for a body of unknown length; ours is bounded."""
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        if self.channel.refused:
            return
        if self.content.tell() + len(data) > self.site.policy.max_body:
            self.channel.body_too_long()
            return
        self.content.write(data)

    # --- the answer ----------------------------------------------------------------------------------

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self.content.seek(0)
        self.args = {}
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.partition(b"?")[0]
        self._under_way = True
        if b"%" in self.path and not _is_text(unquote_to_bytes(self.path)):
            self.answer(400, "The URL's path is not UTF-8 text.")
        else:
            self.process()

    def render(self, resrc: IResource) -> None:
        """As Twisted's, without its HTML pages that quote the request."""
        try:
            body = resrc.render(self)
        except UnsupportedMethod as refused:
            self.setHeader(b"Allow", b", ".join(sorted(refused.allowedMethods)))
            self.answer(405, "That method is not allowed here.")
            return
        if body is server.NOT_DONE_YET:
            return
        self.setHeader(b"Content-Length", b"%d" % len(body))
        self.write(body)
        self.finish()

    def answer(self, status: int, text: str) -> None:
        """Finish the request with one line of plain text."""
        body = text.encode("utf-8") + b"\n"
        self.setResponseCode(status)
        self.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        self.setHeader(b"Content-Length", b"%d" % len(body))
        self.write(body)
        self.finish()

    def processingFailed(self, reason: Failure) -> Failure:
        """Log the failure under the request's id, and tell the client only that id."""
        request_id = self.request_id.decode("ascii")
        self._log.failure("request {request} failed unexpectedly", reason, request=request_id)
        if self._disconnected or self.finished:
            return reason
        if self.startedWriting:
            self.channel.transport.abortConnection()
        else:
            self.answer(500, f"Internal error; the log has it as request {request_id}.")
        return reason

    def connectionLost(self, reason: Failure) -> None:
        if self._under_way and not self.finished:
            self.site.unanswered(self)
        super().connectionLost(reason)


def _is_text(path: bytes) -> bool:
    try:
        return "\0" not in path.decode("utf-8")
    except UnicodeDecodeError:
        return False
