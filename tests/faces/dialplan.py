"""A channel in the dialplan: it asks the daemon over FastAGI, plays what it is told to, and presses keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from twisted.internet.address import IPv4Address
from twisted.internet.defer import maybeDeferred
from twisted.internet.testing import StringTransport

from agentd.core import commands as c
from agentd.core.model import Place, PlaceKind, Role
from agentd.engine.auth import Authenticator
from agentd.engine.pins import Pins, pin_hashes
from agentd.fastagi import FastAGIFactory
from agi.entries import routes
from tests.faces.house import House
from tests.faces.scripted_channels import STEP, Channel

_COMMAND = re.compile(r"([A-Z ]+?)((?: \"(?:[^\"\\]|\\.)*\")*)\n")
_WORD = re.compile(r" \"((?:[^\"\\]|\\.)*)\"")


class Dialplan:
    """Everything that channels can ask the daemon of a house for."""

    def __init__(self, house: House) -> None:
        self.house = house
        pins = Pins(house.state, Authenticator(pin_hashes(house.state), house.clock, maybeDeferred))
        self.factory = FastAGIFactory(routes(house.operations, pins, "agentd-conf"), house.time)
        self.calls = 0

    def call(self, script: str, *arguments: str, channel: str = "PJSIP/502", **more: object) -> Asking:
        """A new channel of a device comes to an ``AGI()`` line; ``more`` is of :class:`Asking`."""
        self.calls += 1
        leg = f"1795159465.{self.calls}"
        asking = Asking(self, leg, f"{channel}-{self.calls:08x}", **more)  # type: ignore[arg-type]
        self.house.switch.channels[leg] = Channel(leg, channel, None, 0, "", Place(PlaceKind.UP))
        asking.ask(script, *arguments)
        return asking


@dataclass
class Asking:
    """A channel whose ``AGI()`` line is being carried out.

    ``typed`` are the keys for each prompt that wants some; ``key`` is what is pressed in the prompt ``at``, or when a
    key is waited for. ``missing`` sounds are not there. ``heard`` is all that was played, in order; ``context`` where
    the dialplan goes on, if the daemon said so.
    """

    dialplan: Dialplan
    leg: str
    name: str
    number: str = ""
    caller: str = ""
    dialled: str = ""
    typed: list[str] = field(default_factory=list)
    key: str = ""
    at: str = ""
    missing: set[str] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    context: str = ""
    extension: str = ""
    hung_up: bool = False

    def ask(self, script: str, *arguments: str) -> None:
        """The channel comes to an ``AGI()`` line with these arguments."""
        session = self.dialplan.factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 5000))
        assert session is not None
        self._session = session
        self._transport = StringTransport()
        session.makeConnection(self._transport)
        said = {
            "network_script": script,
            "channel": self.name,
            "uniqueid": self.leg,
            "callerid": self.number or "unknown",
            "calleridname": self.caller or "unknown",
            "dnid": self.dialled or "unknown",
            **{f"arg_{place}": argument for place, argument in enumerate(arguments, 1)},
        }
        lines = "".join(f"agi_{name}: {value}\n" for name, value in said.items())
        session.dataReceived(f"{lines}\n".encode("utf-8", "surrogateescape"))
        self._go_on()

    @property
    def over(self) -> bool:
        """Whether the dialplan goes on."""
        return self._transport.disconnecting or self._transport.disconnected

    def _go_on(self) -> None:
        """Answer each command a moment after it came, until there are no more."""
        written = self._transport.value()
        self._transport.clear()
        for command, words in _COMMAND.findall(written.decode()):
            arguments = [re.sub(r"\\(.)", r"\1", word) for word in _WORD.findall(words)]
            self._session.dataReceived(f"{self._answer(command, arguments)}\n".encode())
        if not self.over:
            self.dialplan.house.clock.later(STEP, self._go_on)
        elif self.hung_up:
            self.dialplan.house.switch.end(self.leg)

    def hang_up(self) -> None:
        """The channel is hung up while the daemon is being asked: it ends when that is over."""
        self.hung_up = True
        self._session.dataReceived(b"HANGUP\n")

    # --- what Asterisk answers ---------------------------------------------------------------------------

    def _answer(self, command: str, words: list[str]) -> str:
        if command == "GET VARIABLE":
            value = self.variables.get(words[0])
            return "200 result=0" if value is None else f"200 result=1 ({value})"
        if command == "SET VARIABLE":
            self.variables[words[0]] = words[1]
            return "200 result=1"
        if command in {"STREAM FILE", "GET DATA", "WAIT FOR DIGIT"}:
            return "511 Command Not Permitted on a dead channel" if self.hung_up else self._media(command, words)
        if command == "EXEC":
            self.heard.append(" ".join(words))
            return "200 result=-1"
        if command == "HANGUP":
            self.hung_up = True
        elif command == "SET CONTEXT":
            self.context = words[0]
        elif command == "SET EXTENSION":
            self.extension = words[0]
        return "200 result=0"

    def _media(self, command: str, words: list[str]) -> str:
        if command == "WAIT FOR DIGIT":
            return f"200 result={ord(self.key) if self.key and not self.at else 0}"
        if words[0] in self.missing:
            return "200 result=-1"
        self.heard.append(words[0])
        if command == "GET DATA":
            typed = self.typed.pop(0) if self.typed else ""
            return f"200 result={typed}" + ("" if typed else " (timeout)")
        pressed = self.key if words[0] == self.at and self.key in words[1] else ""
        return f"200 result={ord(pressed) if pressed else 0} endpos=8000"

    # --- the dialplan goes on ----------------------------------------------------------------------------

    def finish(self) -> None:
        """Let time pass until the dialplan goes on; who was sent to a conference enters it."""
        self.dialplan.house.until(lambda: self.over)
        if self.context == "agentd-conf":
            self._enter()

    def _enter(self) -> None:
        house = self.dialplan.house
        place = Place(PlaceKind.CONFERENCE, self.extension)
        role, session_id = Role(self.variables["AGENTD_ROLE"]), int(self.variables["AGENTD_SESSION"])
        house.switch.channels[self.leg] = Channel(self.leg, self.name, role, session_id, "", place)
        house.switch.news(c.LegJoined(self.leg, self.extension))
