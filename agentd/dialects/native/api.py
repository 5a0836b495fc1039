"""The native API as the composition root makes it."""

# mypy: allow-untyped-calls
# (Klein carries no annotations that hold.)

from __future__ import annotations

from twisted.web.resource import IResource

from agentd.dialects.native.door import Door, Limits, TokenOf
from agentd.dialects.native.mount import VERBS, mounted
from agentd.dialects.native.routing import Tools
from agentd.dialects.native.words import Words
from agentd.engine.bus import Bus
from agentd.engine.engine import Engine
from agentd.engine.operations import Operations
from agentd.http.kit import Files
from agentd.http.metrics import VerbMetrics
from agentd.http.sse import Streams

__all__ = ["VERBS", "NativeApi"]


class NativeApi:
    """Served at ``/api/v1``. ``token_of`` is ``Access.token``; ``recordings`` the folder that Asterisk records into."""

    def __init__(
        self,
        operations: Operations,
        engine: Engine,
        bus: Bus,
        streams: Streams,
        token_of: TokenOf,
        recordings: Files,
        limits: Limits | None = None,
        metrics: VerbMetrics | None = None,
    ) -> None:
        words = Words(operations)
        door = Door(engine, words, token_of, limits or Limits(), metrics)
        self._app = mounted(Tools(operations, words, door, bus, streams, token_of, recordings))

    def resource(self) -> IResource:
        """What is to be mounted at ``/api/v1``."""
        resource: IResource = self._app.resource()
        return resource
