"""The rig: a private PBX and a private outside world in one folder, over real SIP and RTP on loopback.

The demo and the tests use the same. What the phones and the numbers outside do is said in docs/asterisk.md.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

from agentd.sandbox.asterisk import PrivateAsterisk, SandboxReactor, pause
from agentd.sandbox.callers import DIDS, begin_call
from agentd.sandbox.configuration import ANSWERING, BUSY, SILENT, pbx_files, world_files
from agentd.sandbox.errors import FolderInUse, StartFailed
from agentd.sandbox.ports import PBX_HOST, Ports, kept_ports
from agentd.sandbox.rootfs import AsteriskFiles
from agentd.sandbox.tones import (
    IVR_PROMPT,
    LEAVE_MESSAGE,
    LEAVE_MESSAGE_HERTZ,
    MESSAGE_HERTZ,
    MUSIC_HERTZ,
    PROMPT_HERTZ,
    SORRY,
    SORRY_HERTZ,
    WELCOME,
    WELCOME_HERTZ,
    outside_hertz,
    write_tone,
)

__all__ = ["DIDS", "Manner", "Rig"]

Manner = Literal["answers", "brief", "types", "silent", "busy", "congested", "rejects", "unknown", "usual"]
"""What a party does: answers and talks; answers and hangs up after 5 s; answers and types 1234#; rings for ever; is
busy (cause 17); finds no circuit (34); declines (21); does not exist (1); what it does by itself."""

_REGISTER_SECONDS = 10.0
_LOOK_AGAIN = 0.05


class Rig:
    """Both Asterisks. ``start`` takes a second or two; only one Rig at a time runs in a folder."""

    def __init__(
        self, reactor: SandboxReactor, folder: Path, asterisk: AsteriskFiles, dids: Mapping[str, str] = DIDS
    ) -> None:
        self.folder = folder.absolute()
        self.pbx = PrivateAsterisk(reactor, asterisk, self.folder / "pbx")
        self.world = PrivateAsterisk(reactor, asterisk, self.folder / "world")
        self.recordings = self.folder / "recordings"
        """A folder for recordings, named the same inside and outside Asterisk."""
        self._reactor = reactor
        self._asterisk = asterisk
        self._dids = dict(dids)
        self._lock: IO[str] | None = None
        self._ports: Ports | None = None
        self._secrets: dict[str, str] = {}

    @property
    def ports(self) -> Ports:
        """Where everything listens; known from ``prepare`` on."""
        assert self._ports is not None, "prepare or start comes first"
        return self._ports

    @property
    def secrets(self) -> Mapping[str, str]:
        """AMI secrets: ``agentd`` (the daemon's user) and ``admin`` on the PBX, ``world`` for the world's ``admin``."""
        return self._secrets

    @property
    def administrator(self) -> dict[str, str | int]:
        """The PBX's AMI for whoever looks on: host, port, user, secret. Never the daemon's own user."""
        return {"host": PBX_HOST, "port": self.ports.pbx_ami, "user": "admin", "secret": self._secrets["admin"]}

    @property
    def asterisk_cli(self) -> str:
        """A shell command that takes a line for the PBX's command line, in one argument or in several."""
        return shlex.quote(str(self.pbx.command_line))

    def prepare(self) -> None:
        """Take the folder, find ports, write the configuration. Raises FolderInUse if another Rig runs there."""
        if self._lock is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.recordings.mkdir(exist_ok=True)
        self._lock = _take(self.folder / "lock")
        self._ports = kept_ports(self.folder / "ports.json")
        self._secrets = _kept_secrets(self.folder / "secrets.json")
        pbx, world = self.pbx.folder, self.world.folder
        self.pbx.configure(pbx_files(self._asterisk, pbx, self.ports, self._secrets, self._dids))
        self.world.configure(world_files(self._asterisk, world, self.ports, self._secrets))
        write_tone(pbx / "data" / "moh" / "tone.wav", MUSIC_HERTZ, 8)
        write_tone(pbx / "data" / "message.wav", MESSAGE_HERTZ, 1, pause=0.5, times=5)
        # Beside the language's folder, which is the distribution's: Asterisk looks here when it does not find it there.
        sounds = pbx / "data" / "sounds"
        (sounds / "agentd").mkdir(parents=True, exist_ok=True)
        write_tone(sounds / f"{IVR_PROMPT}.wav", PROMPT_HERTZ, 0.9, pause=0.1, times=25)
        write_tone(sounds / f"{LEAVE_MESSAGE}.wav", LEAVE_MESSAGE_HERTZ, 3)
        write_tone(sounds / f"{WELCOME}.wav", WELCOME_HERTZ, 2)
        write_tone(sounds / f"{SORRY}.wav", SORRY_HERTZ, 3)

    async def start(self) -> None:
        """Start both, and wait until every phone that should be is registered.

        Raises FolderInUse, StartFailed, SandboxError; what was started is stopped then.
        """
        self.prepare()
        try:
            await self.pbx.start()
            await self.world.start()  # after the PBX: a registration that nobody answers is repeated late
            await self.register()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop both and leave the folder."""
        try:
            await self.world.stop()
        finally:
            await self.pbx.stop()
            if self._lock is not None:
                self._lock.close()
                self._lock = None

    async def __aenter__(self) -> Rig:
        await self.start()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.stop()

    # --- the phones ---

    async def register(self, number: str | None = None) -> None:
        """Have a phone (all that should be, if None) registered at the PBX; done when the PBX has it."""
        await self.world.cli(f"pjsip send register {number or '*all'}")
        await self._contacts({number} if number else {*ANSWERING, SILENT, BUSY}, present=True)

    async def unregister(self, number: str) -> None:
        """Take a phone off: from then on it looks like one that was never plugged in. Done when the PBX knows."""
        await self.world.cli(f"pjsip send unregister {number}")
        await self._contacts({number}, present=False)

    async def _contacts(self, numbers: set[str], *, present: bool) -> None:
        """Wait until the PBX has a contact for all (or none) of the numbers."""
        deadline = self._reactor.seconds() + _REGISTER_SECONDS
        while True:
            words = (await self.pbx.cli("pjsip show contacts")).split()
            known = {word.partition("/")[0] for word in words if "/sip:" in word}
            if (numbers <= known) if present else not (numbers & known):
                return
            if self._reactor.seconds() > deadline:
                wrong = sorted(numbers - known if present else numbers & known)
                raise StartFailed(f"these phones did not {'' if present else 'un'}register: {', '.join(wrong)}")
            await pause(self._reactor, _LOOK_AGAIN)

    # --- what the parties do ---

    async def behave(self, number: str, manner: Manner, after: float | None = None) -> None:
        """Have a phone or an outside number act in this manner, and answer ``after`` seconds (None: as usual).

        It holds for calls from now on, until changed or until the world is restarted. An outside number is known by
        its last ten digits, whatever is dialled in front of them.
        """
        name = number[-10:]
        usual = {SILENT: "silent", BUSY: "busy"}.get(name, "")
        await self.world.cli(f"dialplan set global HOW_{name} {_or_empty(usual if manner == 'usual' else manner)}")
        await self.world.cli(f"dialplan set global AFTER_{name} {_or_empty('' if after is None else str(after))}")

    async def hang_up(self, number: str) -> int:
        """Have this party, phone or outside number, hang up its calls. Returns how many it had."""
        calls = await self._calls_of(number)
        for call in calls:
            await self.world.cli(f"channel request hangup {call}")
        return len(calls)

    async def press(self, number: str, digits: str) -> int:
        """Have this party type digits (0-9, A-D, * and #; w is half a second) in its calls. Returns how many it has."""
        calls = await self._calls_of(number)
        for call in calls:
            await self.world.cli(f"channel redirect {call} types,{digits},1")
        return len(calls)

    async def _calls_of(self, number: str) -> list[str]:
        """The channels in which the world plays this party."""
        lines = (await self.world.cli("core show channels concise")).splitlines()
        return [fields[0] for fields in (line.split("!") for line in lines) if fields[8:9] == [number[-10:]]]

    def call_in(self, did: str, caller: str, **headers: str) -> None:
        """Have an outside party call a number of the PBX, through the carrier. It talks, in outside_hertz(caller).

        ``headers`` name the in-group of ANY_DID (``Ingroup``), the only agent who will do (``Agent``), the caller's
        priority (``Priority``).
        """
        begin_call(self.world.folder, f"PJSIP/{did}@carrier", caller, outside_hertz(caller), headers)

    def dial_in(self, phone: str, number: str, hertz: int, digits: str = "") -> None:
        """Have a phone call a number of the PBX, in the tone given; it types the digits when it is answered."""
        begin_call(self.world.folder, f"PJSIP/{number}@phone", phone, hertz, digits=digits)


def _take(file: Path) -> IO[str]:
    """Lock a file for as long as it stays open. Raises FolderInUse."""
    handle = file.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise FolderInUse(f"a sandbox runs in {file.parent} already: stop it, or choose another folder") from None
    return handle


def _kept_secrets(file: Path) -> dict[str, str]:
    """The AMI secrets in the file; made once, for its owner only."""
    if not file.exists():
        made = {name: secrets.token_urlsafe(24) for name in ("agentd", "admin", "world")}
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as handle:
            json.dump(made, handle, indent=2)
    kept: dict[str, str] = json.loads(file.read_text())
    return kept


def _or_empty(value: str) -> str:
    return value or '""'
