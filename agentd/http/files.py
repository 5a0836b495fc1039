"""Files as answers: a whole one or a range of its bytes, read in threads, no faster than the client takes them."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IPushProducer
from twisted.logger import Logger
from twisted.web.iweb import IRequest
from zope.interface import implementer

from agentd.engine.clock import Clock
from agentd.http.request import Request

__all__ = ["Files", "InThread", "OutOfRange", "Span", "asked_span"]

InThread = Callable[[Callable[[], Any]], "Deferred[Any]"]
"""Runs a function off the reactor's thread."""

BLOCK = 64 * 1024
STALLED = 60.0
"""A client who takes nothing for so many seconds is cut off."""

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,250}")

_log = Logger(namespace="agentd.http")


class OutOfRange(Exception):
    """The range that is asked for has no byte of the file."""


class Span(NamedTuple):
    """So many bytes of a file, from the one at ``first``."""

    first: int
    length: int


def asked_span(header: str | None, size: int) -> Span | None:
    """Give what a Range header asks for of so many bytes; None: all of them.

    Several ranges at once, other units and what is malformed ask for all, as RFC 9110 lets a server have it.

    Raises:
        OutOfRange
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    first_text, last_text, tail_text = match.groups()
    if tail_text is not None:
        first, last = max(0, size - int(tail_text)), size - 1
    else:
        first, last = int(first_text), min(int(last_text or size), size - 1)
        if last_text and int(last_text) < first:
            return None
    if first > last:
        raise OutOfRange(f"the file has {size} bytes")
    return Span(first, last - first + 1)


class Files:
    """The plain files of one folder. Nothing else is ever opened: no folder below it, no link."""

    def __init__(self, folder: Path, clock: Clock, in_thread: InThread) -> None:
        self._folder = folder
        self._clock = clock
        self._in_thread = in_thread

    def size(self, name: str) -> Deferred[int | None]:
        """Fires with a file's size in bytes, None where there is no such file."""
        if not _NAME.fullmatch(name):
            return succeed(None)
        return self._in_thread(partial(_size, self._folder / name))

    def send(self, request: IRequest, name: str, span: Span) -> Deferred[bytes | None]:
        """Send a part of a file that :meth:`size` has found (one byte at least), as an answer whose headers are set.

        Fires with None when the client has it; a Klein handler returns this. Once a byte is sent, what goes wrong
        ends the connection, so that half an answer is never taken for a whole one.

        Raises:
            OSError: the file is gone meanwhile, and nothing was sent.
        """
        sending = _Sending(cast("Request", request), self._folder / name, self._clock, self._in_thread)
        return Deferred.fromCoroutine(sending.run(span))


@implementer(IPushProducer)
class _Sending:
    """One file on its way to one client. It is opened for each block, so that a client who leaves leaves nothing."""

    def __init__(self, request: Request, path: Path, clock: Clock, in_thread: InThread) -> None:
        self._request = request
        self._path = path
        self._clock = clock
        self._in_thread = in_thread
        self._full = False
        self._room: Deferred[None] | None = None

    async def run(self, span: Span) -> bytes | None:
        """Send it."""
        request, (first, left) = self._request, span
        block = await self._block(first, left)
        request.registerProducer(self, True)
        while True:
            request.write(block)
            first, left = first + len(block), left - len(block)
            if not left:
                break
            await self._taken()
            try:
                block = await self._block(first, left)
            except OSError as error:
                _log.error("{path} could not be sent whole: {error}", path=self._path.name, error=error)
                request.channel.transport.abortConnection()
                return None
        request.unregisterProducer()
        return None

    async def _block(self, first: int, left: int) -> bytes:
        block: bytes = await self._in_thread(partial(_read, self._path, first, min(BLOCK, left)))
        return block

    async def _taken(self) -> None:
        """Wait while the socket takes no more."""
        if not self._full:
            return
        self._room = Deferred()
        timer = self._clock.later(STALLED, self._request.channel.transport.abortConnection)
        try:
            await self._room
        finally:
            self._room = None
            if timer.active():
                timer.cancel()

    # --- Twisted's side ------------------------------------------------------------------------------------------

    def pauseProducing(self) -> None:
        """The socket is full."""
        self._full = True

    def resumeProducing(self) -> None:
        """The socket has sent all that it had."""
        self._full = False
        if self._room is not None:
            self._room.callback(None)

    def stopProducing(self) -> None:
        """The connection is gone; Klein cancels whoever waits."""


def _size(path: Path) -> int | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _read(path: Path, first: int, length: int) -> bytes:
    # Neither a link that was put there meanwhile nor a pipe, which would hold the thread up, gets through.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        block = os.pread(handle, length, first)
    finally:
        os.close(handle)
    if not block:
        raise OSError("it is shorter than it was")
    return block
