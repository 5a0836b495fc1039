"""The baseline over HTTP: a bare ``twisted.web`` Resource that answers the same line, and does nothing for it.

    python -m bench.parts.bare

It prints the port that it listens on. No parameters are read, nobody is let in, nothing is done, logged or kept.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Site

LINE = b"SUCCESS: external_pause function set - PAUSE|1795169272|1000\n"


class Bare(Resource):
    """Always the same line."""

    isLeaf = True

    def render(self, request: Any) -> bytes:
        """Answer."""
        request.setHeader(b"Content-Type", b"text/html; charset=utf-8")
        return LINE


def main() -> int:
    """Listen on a free port, tell it, and serve until killed."""
    from twisted.internet import reactor as _reactor  # noqa: PLC0415 - importing it installs it

    reactor: Any = _reactor
    port = reactor.listenTCP(0, Site(Bare()), interface="127.0.0.1")
    print(port.getHost().port, flush=True)
    gc.collect()
    gc.freeze()  # as the daemon does
    reactor.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
