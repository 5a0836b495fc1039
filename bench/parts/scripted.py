"""A scripted Asterisk: an AMI server on loopback in a process of its own, which does at once what it is asked.

    python -m bench.parts.scripted

It prints the port that it listens on. Every phone and every number answers at once and stays until it is hung up, so
that as many agents and calls as wanted can be had on any machine. What it says, and in which order, is what an Asterisk
22.10.1 says to the same actions, of those events that agentd asks for.
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.protocol import Factory, Protocol

__all__ = ["Scripted", "ScriptedAsterisk"]

Headers = dict[str, str]


class ScriptedAsterisk(Factory):
    """The PBX: its channels outlive the connections."""

    noisy = False

    def __init__(self) -> None:
        self.channels: dict[str, Headers] = {}
        self.listeners: set[Scripted] = set()

    def buildProtocol(self, _addr: Any) -> Scripted:
        """A manager session."""
        return Scripted(self)

    def tell(self, name: str, headers: Headers, **more: str) -> None:
        """Send an event to whoever listens."""
        message = _message({"Event": name} | headers | more)
        for listener in self.listeners:
            listener.transport.write(message)

    def originate(self, asked: Headers, variables: list[str]) -> None:
        """A channel appears, is answered, and enters its conference."""
        uniqueid, room = asked["ChannelId"], asked["Exten"]
        channel = {
            "Channel": f"{asked['Channel'].partition('@')[0]}-{len(self.channels):08x}",
            "ChannelState": "0",
            "ChannelStateDesc": "Down",
            "CallerIDNum": "<unknown>",
            "CallerIDName": "<unknown>",
            "ConnectedLineNum": "<unknown>",
            "ConnectedLineName": "<unknown>",
            "Language": "en",
            "AccountCode": "",
            "Context": asked["Context"],
            "Exten": room,
            "Priority": "1",
            "Uniqueid": uniqueid,
            "Linkedid": uniqueid,
        }
        self.channels[uniqueid] = channel
        channel["ChanVariable"] = "\n".join(variables)
        self.tell("Newchannel", channel)
        channel.update(ChannelState="6", ChannelStateDesc="Up")
        self.tell("Newstate", channel)
        response = {key: asked[key] for key in ("ActionID", "Channel", "Context", "Exten")}
        self.tell("OriginateResponse", {"Response": "Success", "Reason": "4", "Uniqueid": uniqueid} | response)
        self.tell("ConfbridgeJoin", {"Conference": room} | channel, Admin="No", Muted="No")

    def hang_up(self, uniqueid: str, cause: str) -> bool:
        """A channel goes; False when there is none."""
        channel = self.channels.pop(uniqueid, None)
        if channel is None:
            return False
        self.tell("ConfbridgeLeave", {"Conference": channel["Exten"]} | channel, Admin="No")
        self.tell("Hangup", channel, **{"Cause": cause, "Cause-txt": "Normal Clearing"})
        return True


class Scripted(Protocol):
    """One manager session."""

    transport: Any

    def __init__(self, pbx: ScriptedAsterisk) -> None:
        self._pbx = pbx
        self._buffer = b""

    def connectionMade(self) -> None:
        """The greeting."""
        self.transport.setTcpNoDelay(True)
        self.transport.write(b"Asterisk Call Manager/11.0.0\r\n")

    def connectionLost(self, _reason: Any = None) -> None:
        """Nobody listens any more."""
        self._pbx.listeners.discard(self)

    def dataReceived(self, data: bytes) -> None:
        """Actions, whole or in pieces."""
        *messages, self._buffer = (self._buffer + data).split(b"\r\n\r\n")
        for message in messages:
            lines = [line.partition(": ")[::2] for line in message.decode().strip("\r\n").split("\r\n")]
            self._act(dict(lines), [value for name, value in lines if name == "Variable"])

    def _answer(self, asked: Headers, response: str = "Success", **more: str) -> None:
        self.transport.write(_message({"Response": response, "ActionID": asked.get("ActionID", "")} | more))

    def _act(self, asked: Headers, variables: list[str]) -> None:
        match asked["Action"]:
            case "Challenge":
                self._answer(asked, Challenge="123456789")
            case "Login":
                self._answer(asked, Message="Authentication accepted")
                self.transport.write(_message({"Event": "FullyBooted", "Status": "Fully Booted"}))
            case "Events":
                self._pbx.listeners.add(self)
                self._answer(asked, Events="On")
            case "CoreShowChannels":
                self._list(asked)
            case "Originate":
                self._answer(asked, Message="Originate successfully queued")
                self._pbx.originate(asked, variables)
            case "Hangup":
                if asked["Channel"] in self._pbx.channels:
                    self._answer(asked, Message="Channel Hungup")
                    self._pbx.hang_up(asked["Channel"], asked.get("Cause", "16"))
                else:
                    self._answer(asked, "Error", Message="No such channel")
            case "Getvar":
                self._answer(asked, Variable=asked["Variable"], Value="1")
            case _:
                self._answer(asked)

    def _list(self, asked: Headers) -> None:
        self._answer(asked, EventList="start", Message="Channels will follow")
        of_list = {"ActionID": asked.get("ActionID", "")}
        for channel in self._pbx.channels.values():
            here = {"Application": "ConfBridge", "ApplicationData": f"{channel['Exten']},agentd_bridge"}
            item = {"Event": "CoreShowChannel"} | of_list | channel | here
            self.transport.write(_message(item | {"Duration": "00:00:10", "BridgeId": channel["Exten"]}))
        count = str(len(self._pbx.channels))
        ending = {"Event": "CoreShowChannelsComplete", "EventList": "Complete", "ListItems": count}
        self.transport.write(_message(ending | of_list))


def _message(headers: Headers) -> bytes:
    """A message; a value of several lines is a header of its own each."""
    lines = [f"{name}: {line}" for name, value in headers.items() for line in value.split("\n")]
    return "\r\n".join([*lines, "", ""]).encode()


def main() -> int:
    """Listen on a free port, tell it, and serve until killed."""
    from twisted.internet import reactor as _reactor  # noqa: PLC0415 - importing it installs it

    reactor: Any = _reactor
    port = reactor.listenTCP(0, ScriptedAsterisk(), interface="127.0.0.1")
    print(port.getHost().port, flush=True)
    reactor.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
