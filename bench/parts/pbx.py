"""A private Asterisk, the real one, without the outside world: its phones and customers are Local channels.

    python -m bench.parts.pbx

It prints one line of JSON when it is up: its AMI's address and secrets. ``Local/s@bench/n`` answers and stays.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import Rig
from agentd.sandbox.rootfs import find_asterisk

__all__ = ["ANSWERS"]

ANSWERS = "Local/s@bench/n"
"""What Asterisk dials for a party that answers at once and stays."""


async def _start(rig: Rig) -> None:
    rig.prepare()
    await rig.pbx.start()
    for step in ("s,1,Answer", "s,2,Wait,86400"):
        await rig.pbx.cli(f"dialplan add extension {step} into bench")
    facts = {"host": PBX_HOST, "port": rig.ports.pbx_ami, "admin": rig.secrets["admin"], "pid": rig.pbx.pid}
    print(json.dumps(facts | {"agentd": rig.secrets["agentd"]}), flush=True)


def main() -> int:
    """Start it, tell where it is, and keep it until the standard input ends."""
    from twisted.internet import reactor as _reactor  # noqa: PLC0415 - importing it installs it
    from twisted.internet.protocol import Protocol  # noqa: PLC0415
    from twisted.internet.stdio import StandardIO  # noqa: PLC0415

    reactor: Any = _reactor
    asterisk = find_asterisk(lambda text: print(text, file=sys.stderr))
    failures: list[Failure] = []

    def end(result: Any = None) -> None:
        if isinstance(result, Failure):
            failures.append(result)
            result.printTraceback(sys.stderr)
        Deferred.fromCoroutine(rig.stop()).addBoth(lambda _: reactor.stop())

    class Owner(Protocol):
        """Whoever started us; when he is gone, so are we."""

        def connectionLost(self, _reason: Any = None) -> None:
            end()

    def begin() -> None:
        StandardIO(Owner())
        Deferred.fromCoroutine(_start(rig)).addErrback(end)

    with tempfile.TemporaryDirectory(prefix="agentd-pbx-") as folder:
        rig = Rig(reactor, Path(folder), asterisk)
        reactor.callWhenRunning(begin)
        reactor.run()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
