"""The URL of Crystal's agent commands, and who may use it."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import hmac

from klein import Klein
from twisted.internet.defer import Deferred, succeed
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource
from werkzeug.exceptions import MethodNotAllowed

from agentd.dialects.crystal.actions import FACE, carry_out
from agentd.dialects.crystal.answers import FORBIDDEN, Asked
from agentd.dialects.crystal.settings import CrystalSettings
from agentd.engine.operations import Operations
from agentd.http import kit
from agentd.http.metrics import VerbMetrics
from agentd.http.request import Request

__all__ = ["BASE", "Crystal"]

BASE = "cc3/writedialplane/agents_commands"
"""Where the face is served, below the root."""

_METHODS = ("GET", "POST")


class Crystal:
    """The face. Its authority is the client's address, so a browser may not lend it to another site's page."""

    app = Klein()

    def __init__(
        self,
        operations: Operations,
        settings: CrystalSettings | None = None,
        metrics: VerbMetrics | None = None,
    ) -> None:
        self._operations = operations
        self._settings = settings or CrystalSettings()
        self._metrics = metrics

    @app.route("/agent_command.php", methods=_METHODS)
    def agent_command(self, request: IRequest) -> Deferred[bytes]:
        """One agent command."""
        _refuse_head(request)
        kit.require_same_site(request)
        params = kit.Params.of(request)
        if not self._let_in(request, params):
            return succeed(kit.plain(request, FORBIDDEN, kind=kit.HTML))
        asked = Asked(_text(params, "action"), _text(params, "agid"), _text(params, "agext"))
        _note(request, asked)
        line = Deferred.fromCoroutine(self._counted(asked))
        return kit.shield(line).addCallback(lambda text: kit.plain(request, text, kind=kit.HTML))

    kit.install_errors(app)

    async def _counted(self, asked: Asked) -> str:
        started = self._operations.now
        line = await carry_out(asked, self._operations)
        if self._metrics is not None:
            result = "done" if line.startswith("0:") else "refused"
            self._metrics.done(FACE, asked.action, result, max(0.0, self._operations.now - started))
        return line

    def _let_in(self, request: IRequest, params: kit.Params) -> bool:
        if kit.from_networks(request, self._settings.no_secret):
            return True
        given = _text(params, "secure").encode()
        # Every code is compared, so that the time does not tell which one was right.
        right = [hmac.compare_digest(given, code.encode()) for code in self._settings.secure if code]
        return any(right)

    def pages(self) -> dict[str, IResource]:
        """Give the resource for each path below the root."""
        return {BASE: self.app.resource()}


def _refuse_head(request: IRequest) -> None:
    """Klein routes HEAD as GET, but a command is carried out only for somebody who reads the answer."""
    if request.method == b"HEAD":
        raise MethodNotAllowed(_METHODS)


def _note(request: IRequest, asked: Asked) -> None:
    """For the access log."""
    if isinstance(request, Request):
        request.notes.update(action=kit.echo(asked.action)[:20], agent=kit.echo(asked.agid)[:20])


def _text(params: kit.Params, name: str) -> str:
    """A parameter; empty where there is none, or none that could be read: nothing has an empty name."""
    try:
        return params.get(name)
    except kit.BadParameter:
        return ""
