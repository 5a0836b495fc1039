"""An independent AMI connection, of blocking sockets and none of the project's code: it acts, and sees what happens."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Mapping
from itertools import count
from types import TracebackType

__all__ = ["Manager", "Message"]

Message = Mapping[str, str]


class Manager:
    """One manager session, logged in. Events are kept until they are asked for, each with when it arrived."""

    def __init__(self, host: str, port: int, user: str, secret: str, events: str = "on") -> None:
        self.socket = socket.create_connection((host, port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._numbers = count(1)
        self._kept: deque[tuple[float, Message]] = deque()
        self._come: deque[tuple[float, Message]] = deque()
        while b"\r\n" not in self._buffer:
            self._buffer += self.socket.recv(65536)
        self._buffer = self._buffer.partition(b"\r\n")[2]
        answer = self.act("Login", Username=user, Secret=secret, Events=events)
        assert answer["Response"] == "Success", answer

    def send(self, name: str, variables: Mapping[str, str] | None = None, **headers: str) -> str:
        """Send an action without waiting; its ActionID."""
        action_id = f"bench-{next(self._numbers)}"
        lines = [f"Action: {name}", f"ActionID: {action_id}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        lines += [f"Variable: {key}={value}" for key, value in (variables or {}).items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        return action_id

    def act(self, name: str, variables: Mapping[str, str] | None = None, **headers: str) -> Message:
        """Send an action and wait for its response; events that come meanwhile are kept."""
        action_id = self.send(name, variables, **headers)
        while True:
            arrived, message = self._read()
            if "Event" not in message and message.get("ActionID") == action_id:
                return message
            self._kept.append((arrived, message))

    def next(self, name: str, within: float = 10.0, **headers: str) -> tuple[float, Message]:
        """The next event of that name with those headers, and when it arrived; others before it are dropped.

        Raises TimeoutError.
        """
        end = time.perf_counter() + within
        while time.perf_counter() < end:
            arrived, message = self._kept.popleft() if self._kept else self._read()
            if message.get("Event") == name and all(message.get(key) == value for key, value in headers.items()):
                return arrived, message
        raise TimeoutError(f"no {name} {headers} within {within} s")

    def forget(self) -> None:
        """Drop what has come so far."""
        self._kept.clear()

    def arrived(self) -> list[tuple[float, Message]]:
        """Read once, and give what has come."""
        self._receive()
        come, self._come = list(self._come), deque()
        return come

    def _read(self) -> tuple[float, Message]:
        while not self._come:
            self._receive()
        return self._come.popleft()

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("Asterisk closed the connection")
        arrived = time.perf_counter()
        *texts, self._buffer = (self._buffer + data).split(b"\r\n\r\n")
        for text in texts:
            lines = [line.partition(": ") for line in text.decode("utf-8", "replace").strip("\r\n").split("\r\n")]
            self._come.append((arrived, {name: value for name, _, value in lines}))

    def __enter__(self) -> Manager:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.socket.close()
