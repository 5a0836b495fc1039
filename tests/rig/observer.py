"""An independent look at an Asterisk: the smallest AMI connection that serves, none of the project's own code.

A mistake in ``agentd.ami`` or in the switch can so never hide itself from a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import defer
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.protocols.basic import LineReceiver

Message = dict[str, str]

_BOOKKEEPING = ("CBAnn/", "CBRec/")


class Observer(LineReceiver):
    """One AMI connection. Header names are as Asterisk writes them; a repeated one has its values joined by newlines.

    ``events`` holds every event since the connection (or since ``forget``), oldest first.
    """

    delimiter = b"\r\n"
    MAX_LENGTH = 1 << 20

    def __init__(self) -> None:
        self.events: list[Message] = []
        self._message: Message = {}
        self._answers: dict[str, tuple[defer.Deferred[list[Message]], list[Message], bool]] = {}
        self._watchers: list[tuple[Callable[[Message], bool], defer.Deferred[Message]]] = []
        self._next = 0
        self._lost: defer.Deferred[None] = defer.Deferred()
        self.clock: Any = None

    @classmethod
    async def connect(cls, reactor: Any, host: str, port: int, user: str, secret: str) -> Observer:
        """Connect and log in, with all events that the user may read."""
        endpoint = TCP4ClientEndpoint(reactor, host, port, timeout=5)
        observer = await connectProtocol(endpoint, cls())
        observer.clock = reactor
        await observer.action("Login", Username=user, Secret=secret)
        return observer

    async def close(self) -> None:
        self.transport.loseConnection()
        await self._lost

    # --- asking ---

    async def action(self, name: str, *, lists: bool = False, variables: dict[str, str] | None = None, **headers: Any):
        """Send an action; the response, or with ``lists`` its list items. An error is an AssertionError."""
        self._next += 1
        action_id = f"observer-{self._next}"
        lines = [f"Action: {name}", f"ActionID: {action_id}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        lines += [f"Variable: {key}={value}" for key, value in (variables or {}).items()]
        answer: defer.Deferred[list[Message]] = defer.Deferred()
        self._answers[action_id] = (answer, [], lists)
        self.transport.write("\r\n".join([*lines, "", ""]).encode())
        messages = await answer.addTimeout(10, self.clock)
        if messages[0].get("Response") == "Error":
            raise AssertionError(f"{name}: {messages[0].get('Message')}")
        return messages[1:] if lists else messages[0]

    async def variable(self, channel: str, name: str) -> str:
        return (await self.action("Getvar", Channel=channel, Variable=name))["Value"]

    async def channels(self) -> list[Message]:
        """All channels, without ConfBridge's own announcers."""
        found = await self.action("CoreShowChannels", lists=True)
        return [item for item in found if not item["Channel"].startswith(_BOOKKEEPING)]

    async def channel(self, uniqueid: str) -> Message | None:
        return next((item for item in await self.channels() if item["Uniqueid"] == uniqueid), None)

    async def members(self, room: str) -> list[Message]:
        """Who is in a conference; nobody, if there is none."""
        try:
            return await self.action("ConfbridgeList", lists=True, Conference=room)
        except AssertionError:
            return []

    async def together(self, *uniqueids: str, within: float = 5.0) -> bool:
        """Whether all these channels come into one bridge, of whatever kind; for the contrary there is ``apart``.

        OriginateResponse and ConfbridgeJoin may come before the bridge has the channel (seen on 22.10.1). So a no is
        asked again whenever one of them enters a bridge, until ``within`` seconds have passed without that.
        """
        while not await self._in_one_bridge(uniqueids):
            entered: defer.Deferred[Message] = defer.Deferred()
            self._watchers.append(
                (lambda event: event["Event"] == "BridgeEnter" and event.get("Uniqueid") in uniqueids, entered)
            )
            entered.addTimeout(within, self.clock, onTimeoutCancel=lambda *_: {})
            if not await entered:
                return await self._in_one_bridge(uniqueids)
        return True

    async def apart(self, *uniqueids: str) -> bool:
        """Whether these channels are not in one bridge now."""
        return not await self._in_one_bridge(uniqueids)

    async def _in_one_bridge(self, uniqueids: tuple[str, ...]) -> bool:
        bridges = {}
        for item in await self.channels():
            bridges[item["Uniqueid"]] = item["BridgeId"]
        places = {bridges.get(uniqueid, "") for uniqueid in uniqueids}
        return len(places) == 1 and "" not in places

    # --- waiting ---

    def forget(self) -> None:
        """Let go of the events so far, so that ``event`` sees only what comes from now on."""
        self.events.clear()

    def seen(self, name: str, **headers: str) -> list[Message]:
        """The events of this name whose headers have these values."""
        return [event for event in self.events if _matches(event, name, headers)]

    def event(self, name: str, within: float = 10.0, **headers: str) -> defer.Deferred[Message]:
        """The first such event since the connection or ``forget``, if it has come or comes in time (seconds)."""
        for event in self.seen(name, **headers):
            return defer.succeed(event)
        found: defer.Deferred[Message] = defer.Deferred()
        self._watchers.append((lambda event: _matches(event, name, headers), found))
        found.addTimeout(within, self.clock, onTimeoutCancel=lambda *_: _late(name, headers, self.events))
        return found

    async def caught_up(self) -> None:
        """Done when the events of whatever has happened by now are here: one of our own comes after them."""
        self._next += 1
        name = f"observer-{self._next}"
        await self.action("UserEvent", UserEvent="Barrier", Name=name)
        await self.event("UserEvent", Name=name)

    async def originate(self, uniqueid: str, channel: str, **headers: Any) -> Message:
        """Originate with our own id, asynchronously; the OriginateResponse event (its Reason, its Response)."""
        await self.action("Originate", Channel=channel, ChannelId=uniqueid, Async="true", **headers)
        return await self.event("OriginateResponse", within=40, Uniqueid=uniqueid)

    async def hang_up_all(self) -> None:
        """Hang up every channel and wait until none is left."""
        self.forget()
        for item in await self.channels():
            try:
                await self.action("Hangup", Channel=item["Uniqueid"], Cause=16)
            except AssertionError:  # gone meanwhile
                continue
            await self.event("Hangup", Uniqueid=item["Uniqueid"])
        assert await self.channels() == []

    # --- the wire ---

    def lineReceived(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        if text:
            key, _, value = text.partition(":")
            value = value.strip()
            self._message[key] = f"{self._message[key]}\n{value}" if key in self._message else value
        elif self._message:
            message, self._message = self._message, {}
            self._take(message)

    def _take(self, message: Message) -> None:
        pending = self._answers.get(message.get("ActionID", ""))
        if pending is not None and (message.get("Event") != "OriginateResponse"):
            answer, messages, lists = pending
            if "EventList" not in message or message["EventList"] == "start":
                messages.append(message)
            if not lists or message.get("Response") == "Error" or message.get("EventList") == "Complete":
                del self._answers[message["ActionID"]]
                answer.callback(messages)
        elif "Event" in message:
            self.events.append(message)
            due = [found for wanted, found in self._watchers if wanted(message)]
            self._watchers = [(wanted, found) for wanted, found in self._watchers if found not in due]
            for found in due:
                if not found.called:
                    found.callback(message)

    def connectionLost(self, reason: Any = None) -> None:
        waiting, self._answers = self._answers, {}
        for answer, _, _ in waiting.values():
            answer.errback(reason)
        self._lost.callback(None)


def _matches(event: Message, name: str, headers: dict[str, str]) -> bool:
    return event["Event"] == name and all(event.get(key) == value for key, value in headers.items())


def _late(name: str, headers: dict[str, str], events: list[Message]) -> None:
    names = [event["Event"] for event in events]
    raise AssertionError(f"no {name} with {headers} came in time; there were {', '.join(names[-30:]) or 'none'}")
