"""Actions under way: numbered, sent within a window, each ended once, by its answer, its deadline or the link's end."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from agentd.ami.actions import Action, Login
from agentd.ami.counters import Counters
from agentd.ami.encoder import encode
from agentd.ami.errors import (
    ActionFailed,
    ActionTimeout,
    AuthenticationFailed,
    FrameTooLong,
    LinkLost,
    SwitchBusy,
    UnsafeHeader,
)
from agentd.ami.lists import ListCollector, ListResult
from agentd.ami.messages import Event, Response

__all__ = ["Requests"]

_REMEMBERED = 1024


class _Request:
    """One action between its call and its end."""

    __slots__ = ("action", "action_id", "collector", "data", "deadline", "done", "heard", "idle", "sent")

    def __init__(self, action: Action, action_id: str, data: bytes, collector: ListCollector | None) -> None:
        self.action = action
        self.action_id = action_id
        self.data = data
        self.collector = collector
        self.done: Deferred[Any] | None = None
        self.deadline: IDelayedCall | None = None
        self.idle: IDelayedCall | None = None
        self.heard = 0.0
        self.sent = False


class Requests:
    """The outbound half of a connection. Times are seconds on ``clock``.

    At most ``window`` actions are under way and at most ``waiting`` wait for a place; more fail with SwitchBusy.
    Nothing is ever sent twice. Answers for which nobody waits any more are counted as late.
    """

    def __init__(
        self,
        clock: IReactorTime,
        write: Callable[[bytes], object],
        boot: str,
        counters: Counters,
        *,
        window: int,
        waiting: int,
    ) -> None:
        self._counters = counters
        self._clock = clock
        self._write = write
        self._boot = boot
        self._window = window
        self._most_waiting = waiting
        self._number = 0
        self._under_way: dict[str, _Request] = {}
        self._waiting: OrderedDict[str, _Request] = OrderedDict()
        self._given_up: deque[str] = deque(maxlen=_REMEMBERED)
        self._lists = 0
        self._closed: str | None = None

    def __len__(self) -> int:
        """Actions without an answer, sent or not."""
        return len(self._under_way) + len(self._waiting)

    @property
    def collecting(self) -> bool:
        """True while a list is under way."""
        return self._lists > 0

    def send(self, action: Action, timeout: float, *, urgent: bool = False) -> Deferred[Response]:
        """Send an action; fires with its answer.

        Fails with ActionFailed, ActionTimeout, LinkLost, SwitchBusy, FrameTooLong or UnsafeHeader. An urgent one
        passes the window and the queue. Who cancels the Deferred withdraws an action that has not been sent, and
        otherwise only stops waiting.
        """
        return self._submit(action, None, timeout, None, urgent=urgent)

    def collect(
        self,
        action: Action,
        idle: float,
        total: float,
        on_item: Callable[[Event], object] | None = None,
    ) -> Deferred[ListResult]:
        """Send a list action; fires with its items.

        Fails as :meth:`send` does, and with ListIncomplete when nothing came for ``idle`` seconds or the end not within
        ``total``, or when the count is wrong. With ``on_item`` the items go there as they come, and the list is empty.
        """
        return self._submit(action, ListCollector(action, on_item), total, idle)

    def _submit(
        self,
        action: Action,
        collector: ListCollector | None,
        timeout: float,
        idle: float | None,
        *,
        urgent: bool = False,
    ) -> Deferred[Any]:
        if self._closed is not None:
            return fail(LinkLost(action, self._closed, sent=False))
        if not urgent and len(self._under_way) >= self._window and len(self._waiting) >= self._most_waiting:
            return fail(SwitchBusy(action, len(self._waiting)))
        self._number += 1
        action_id = f"{self._boot}-{self._number}"
        try:
            request = _Request(action, action_id, encode(action, action_id), collector)
        except UnsafeHeader as error:
            return fail(error)
        done: Deferred[Any] = Deferred(lambda _: self._abandon(request))
        request.done = done
        request.deadline = self._clock.callLater(timeout, self._expired, request, timeout)
        if collector is not None:
            self._lists += 1
            assert idle is not None
            request.heard = self._clock.seconds()
            request.idle = self._clock.callLater(idle, self._idle, request, idle)
        if urgent:
            self._transmit(request)
        else:
            self._waiting[action_id] = request
            self._pump()
        return done

    def _pump(self) -> None:
        while self._waiting and len(self._under_way) < self._window:
            self._transmit(self._waiting.popitem(last=False)[1])

    def _transmit(self, request: _Request) -> None:
        request.sent = True
        request.heard = self._clock.seconds()
        self._under_way[request.action_id] = request
        self._write(request.data)

    def response(self, response: Response) -> None:
        """Take an answer. A list goes on if it is a good one; everything else ends with it."""
        request = self._under_way.get(response.action_id or "")
        if request is None:
            self._counters.late += 1
        elif response.truncated:
            self._give_up(request, FrameTooLong(request.action, response))
        elif not response.success:
            refused = AuthenticationFailed if isinstance(request.action, Login) else ActionFailed
            self._end(request, refused(request.action, response))
        elif request.collector is None:
            self._end(request, response)
        else:
            request.heard = self._clock.seconds()

    def event(self, event: Event) -> bool:
        """Take an event if it belongs to a list, and say whether it did."""
        if not self._lists and not self._given_up:
            return False
        action_id = event.action_id
        if action_id is None:
            return False
        request = self._under_way.get(action_id)
        if request is None or request.collector is None:
            if action_id in self._given_up:
                self._counters.late += 1
                return event.name != "OriginateResponse"
            return False
        request.heard = self._clock.seconds()
        try:
            result = request.collector.add(event)
        except Exception as error:  # noqa: BLE001 - the item's receiver may raise anything; it ends its own list
            self._give_up(request, error)
        else:
            if result is not None:
                self._end(request, result)
        return event.name != "OriginateResponse"  # an answer to one, and news for everybody

    def close(self, reason: str) -> None:
        """Fail everything that is pending with LinkLost, and whatever is asked from now on."""
        self.seal(reason)
        for request in list(self._under_way.values()):
            self._end(request, LinkLost(request.action, reason, sent=True))

    def seal(self, reason: str) -> None:
        """Send no more: fail what waits and whatever is asked from now on. Answers may still come."""
        self._closed = reason
        for request in list(self._waiting.values()):
            self._end(request, LinkLost(request.action, reason, sent=False))

    def _expired(self, request: _Request, seconds: float) -> None:
        request.deadline = None
        if request.collector is not None and request.sent:
            self._give_up(request, request.collector.incomplete(f"no end in {seconds:g} s"))
        else:
            self._give_up(request, ActionTimeout(request.action, seconds, sent=request.sent))

    def _idle(self, request: _Request, idle: float) -> None:
        request.idle = None
        assert request.collector is not None
        silent = self._clock.seconds() - request.heard
        if not request.sent or silent < idle:
            request.idle = self._clock.callLater(idle - silent if request.sent else idle, self._idle, request, idle)
        else:
            self._give_up(request, request.collector.incomplete(f"nothing in {idle:g} s"))

    def _abandon(self, request: _Request) -> None:
        """The caller has cancelled: take it back if it is still here; else its answer, if any, will be late."""
        request.done = None
        self._give_up(request, None)

    def _give_up(self, request: _Request, error: Exception | None) -> None:
        if request.sent:
            self._given_up.append(request.action_id)
        self._end(request, error)

    def _end(self, request: _Request, outcome: object) -> None:
        """The one way out of the table; who has left it stays out."""
        if self._under_way.pop(request.action_id, None) is self._waiting.pop(request.action_id, None):
            return  # neither held it
        for timer in (request.deadline, request.idle):
            if timer is not None and timer.active():
                timer.cancel()
        if request.collector is not None:
            self._lists -= 1
        done, request.done = request.done, None
        if self._closed is None:
            self._pump()
        if done is None:
            return
        if isinstance(outcome, Exception):
            done.errback(outcome)
        else:
            done.callback(outcome)
