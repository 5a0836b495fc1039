"""A small Asterisk that calls a FastAGI server: one call at a time, between two ends of a Local channel.

The far end (``;1``) is the caller; the near end (``;2``) runs the dialplan with ``AGI()`` in it.
"""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint

from agentd.fastagi import AGI, FastAGIFactory
from agentd.sandbox.asterisk import PrivateAsterisk
from agentd.sandbox.rootfs import AsteriskFiles
from tests.rig.observer import Observer

HOST = "127.0.0.1"
CALLER, CALLED = "agi-caller", "agi-called"
"""The Uniqueids of the two ends. A new call may take them when the one before has ended."""

ASTERISK_CONF = """
[directories]
astetcdir => {folder}/etc
astmoddir => {modules}
astvarlibdir => {folder}/lib
astdbdir => {folder}/lib
astkeydir => {folder}/lib/keys
astdatadir => {folder}/data
astagidir => {folder}/lib
astspooldir => {folder}/spool
astrundir => {folder}/run
astlogdir => {folder}/log
[options]
nocolor = yes
; the caller is never without audio, as on a real call: without frames Asterisk does not notice the end of a key
transmit_silence = yes
"""

MODULES = """
res_timing_timerfd res_musiconhold res_speech res_agi pbx_config app_userevent app_exec app_stack app_verbose
app_senddtmf format_sln func_base64 func_channel func_strings
"""

MANAGER_CONF = """
[general]
enabled = yes
bindaddr = 127.0.0.1
port = {port}
[observer]
secret = observer
read = all
write = all
writetimeout = 5000
"""

# The value of LINES is "a)", a newline and "200 result=1 (fake)"; that of TEXT "one", a newline, "two".
EXTENSIONS_CONF = """
[called]
exten => _[a-z].,1,Set(PROBE=a "quoted" \\ value)
 same => n,Set(LINES=${{BASE64_DECODE(YSkKMjAwIHJlc3VsdD0xIChmYWtlKQ==)}})
 same => n,Set(TEXT=${{BASE64_DECODE(b25lCnR3bw==)}})
 same => n,AGI(agi://127.0.0.1:{port}/${{EXTEN}},one,,three "q")
 same => n(after),UserEvent(Continued,Status: ${{AGISTATUS}},Left: ${{LEFT}})
 same => n,Wait(60)
[elsewhere]
exten => s,1,UserEvent(Elsewhere,Left: ${{LEFT}})
 same => n,Wait(60)
[caller]
exten => s,1,Answer()
 same => n,Wait(60)
"""


class AgiRig:
    """A private Asterisk and a FastAGI server for it. ``tone`` is a sound file of two seconds."""

    def __init__(self, reactor: Any, folder: Path, asterisk_files: AsteriskFiles) -> None:
        self.asterisk = PrivateAsterisk(reactor, asterisk_files, folder)
        self.observer: Observer
        self.factory: FastAGIFactory
        self.tone = str(folder / "tone")
        self._modules = asterisk_files.modules
        self._reactor = reactor
        self._handler: Callable[[AGI], Awaitable[Any]] | None = None
        self._served: Deferred[Any] = Deferred()

    async def start(self) -> None:
        """Listen, and start the Asterisk that calls."""
        self.factory = FastAGIFactory({"route": self._serve}, self._reactor)
        self._port = await TCP4ServerEndpoint(self._reactor, 0, interface=HOST).listen(self.factory)
        self._manager = _free_port()
        loaded = "".join(f"load = {module}.so\n" for module in MODULES.split())
        self.asterisk.configure(
            {
                "asterisk.conf": ASTERISK_CONF.format(folder=self.asterisk.folder, modules=self._modules),
                "modules.conf": f"[modules]\nautoload = no\n{loaded}",
                "manager.conf": MANAGER_CONF.format(port=self._manager),
                "extensions.conf": EXTENSIONS_CONF.format(port=self._port.getHost().port),
                "logger.conf": "[logfiles]\nmessages.log => notice,warning,error\n",
            }
        )
        samples = (int(8000 * math.sin(n * math.tau * 440 / 8000)) for n in range(16000))
        Path(f"{self.tone}.sln").write_bytes(b"".join(struct.pack("<h", sample) for sample in samples))
        await self.start_asterisk()

    async def start_asterisk(self) -> None:
        """Start the Asterisk (again) and connect to it."""
        await self.asterisk.start()
        self.observer = await Observer.connect(self._reactor, HOST, self._manager, "observer", "observer")

    async def stop(self) -> None:
        """End everything."""
        await self.observer.close()
        await self.asterisk.stop()
        await self.factory.drain(5)
        await self._port.stopListening()

    async def call(self, handler: Callable[[AGI], Awaitable[Any]], script: str = "route") -> Any:
        """Make a call, serve its AGI session with ``handler`` and give what that returns or raises."""
        await self.dial(handler, script)
        return await self.served()

    async def served(self) -> Any:
        """What the handler of the call has returned or raised, when it has."""
        return await self._served.addTimeout(20, self._reactor)

    async def dial(self, handler: Callable[[AGI], Awaitable[Any]], script: str = "route") -> None:
        """Make the call only: it is answered by the caller, and the AGI session begins when it likes."""
        await self.observer.hang_up_all()
        self.observer.forget()
        self._handler, self._served = handler, Deferred()
        await self.observer.action(
            "Originate",
            Channel=f"Local/{script}@called/n",
            ChannelId=CALLER,
            OtherChannelId=CALLED,
            Context="caller",
            Exten="s",
            Priority=1,
            CallerID='"Ren\u00e9" <7275551212>',
            Async="true",
        )

    async def running(self, command: str) -> None:
        """Wait until Asterisk has begun to carry out this AGI command (its words without the arguments)."""
        while not any(event["Command"].startswith(command) for event in self.observer.seen("AGIExecStart")):
            self.observer.forget()
            await self.observer.event("AGIExecStart")

    async def press(self, digit: str) -> None:
        """The caller presses a key."""
        await self.observer.action("PlayDTMF", Channel=CALLER, Digit=digit, Duration=100)

    async def hang_up(self) -> None:
        """The caller hangs up."""
        await self.observer.action("Hangup", Channel=CALLER, Cause=16)

    async def redirect(self) -> None:
        """Somebody sends the called end to another place in the dialplan."""
        await self.observer.action("Redirect", Channel=CALLED, Context="elsewhere", Exten="s", Priority=1)

    async def _serve(self, agi: AGI) -> None:
        handler, served = self._handler, self._served
        assert handler is not None
        try:
            result = await handler(agi)
        except Exception as error:
            served.errback(error)
            raise
        served.callback(result)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
