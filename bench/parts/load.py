"""Load over HTTP: connections that each send their next request when the answer is there, and look at every answer.

``wrk`` would do the sending as well, but would not see that an answer says ERROR.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Figures", "closed_loop", "percentile"]

_READ = 65536


@dataclass(frozen=True)
class Figures:
    """What a run gave. Times in seconds, ``waits`` sorted."""

    answers: int
    seconds: float
    waits: list[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    def at(self, percent: float) -> float:
        """A percentile of the waits."""
        return percentile(self.waits, percent)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The value that so many per cent of the values do not exceed."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class _Connection:
    """One client: its requests in turn, one at a time."""

    def __init__(self, port: int, requests: Sequence[bytes], expected: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = requests
        self._expected = expected
        self._count = 0
        self._sent = 0.0
        self._buffer = b""

    @property
    def in_between(self) -> bool:
        """Whether some of its requests have been sent, and others are still to come in this turn."""
        return self._count % len(self._requests) != 0

    def send(self) -> None:
        """The next request."""
        self._sent = time.perf_counter()
        self.socket.sendall(self._requests[self._count % len(self._requests)])
        self._count += 1

    def receive(self) -> float | None:
        """Read; how long the answer took, or None when it is not whole yet."""
        data = self.socket.recv(_READ)
        if not data:
            raise ConnectionError("the server closed a connection")
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return None
        wait = time.perf_counter() - self._sent
        if not head.startswith(b"HTTP/1.1 200 ") or not body.startswith(self._expected):
            raise AssertionError(f"not what was expected: {self._buffer[:1000]!r}")
        self._buffer = b""
        return wait


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0])


def closed_loop(port: int, seconds: float, clients: Sequence[Sequence[bytes]], expected: bytes) -> Figures:
    """Send for so long: a connection for each client, which repeats all of its requests, all answered as expected."""
    poll = select.epoll()
    connections = {}
    for requests in clients:
        connection = _Connection(port, requests, expected)
        connections[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    waits: list[float] = []
    begin = time.perf_counter()
    end = begin + seconds
    for connection in connections.values():
        connection.send()
    left = len(connections)
    while left:
        for number, _ in poll.poll(5.0) or _stuck(left):
            connection = connections[number]
            wait = connection.receive()
            if wait is None:
                continue
            waits.append(wait)
            if time.perf_counter() < end or connection.in_between:
                connection.send()
            else:
                left -= 1
    taken = time.perf_counter() - begin
    poll.close()
    for connection in connections.values():
        connection.socket.close()
    return Figures(len(waits), taken, sorted(waits))


def _stuck(left: int) -> list[tuple[int, int]]:
    raise TimeoutError(f"{left} answers did not come within 5 s")
