"""Where a client is on its way to a live link, and the ways that lead from state to state."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from agentd.ami.errors import LinkDown
from agentd.ami.once import Once
from agentd.ami.tuning import Tuning

__all__ = ["MOVES", "Backoff", "Link", "LinkState"]


class LinkState(Enum):
    """The states of a link."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    GREETING = "greeting"
    AUTHENTICATING = "authenticating"
    BOOTING = "booting"
    SYNCING = "syncing"
    LIVE = "live"
    CLOSING = "closing"


_S = LinkState
MOVES: dict[LinkState, frozenset[LinkState]] = {
    _S.DISCONNECTED: frozenset({_S.CONNECTING}),
    _S.CONNECTING: frozenset({_S.GREETING, _S.DISCONNECTED, _S.CLOSING}),
    _S.GREETING: frozenset({_S.AUTHENTICATING, _S.DISCONNECTED, _S.CLOSING}),
    _S.AUTHENTICATING: frozenset({_S.BOOTING, _S.DISCONNECTED, _S.CLOSING}),
    _S.BOOTING: frozenset({_S.SYNCING, _S.DISCONNECTED, _S.CLOSING}),
    _S.SYNCING: frozenset({_S.LIVE, _S.DISCONNECTED, _S.CLOSING}),
    _S.LIVE: frozenset({_S.DISCONNECTED, _S.CLOSING}),
    _S.CLOSING: frozenset({_S.DISCONNECTED}),
}
"""From each state, the states that may follow it: one step further, or the end."""


class Link:
    """The state of a link, and those who want to know."""

    _log = Logger()

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = LinkState.DISCONNECTED
        self.reason = "not started"
        self._watchers: list[Callable[[LinkState, str], object]] = []
        self._live: Once[None] = Once()
        self._down: Once[str] = Once()

    def move(self, state: LinkState, reason: str = "") -> None:
        """Go to a state that may follow, and tell the watchers. Raises ValueError if it may not."""
        if state not in MOVES[self.state]:
            raise ValueError(f"a link can't go from {self.state.value} to {state.value}")
        was_live = self.state is LinkState.LIVE
        self.state = state
        self.reason = reason
        self._log.info("PBX link {name}: {state} {reason}", name=self.name, state=state.value, reason=reason)
        for watcher in list(self._watchers):
            try:
                watcher(state, reason)
            except Exception:  # noqa: BLE001 - a watcher must not stop the link
                self._log.failure("a watcher of PBX link {name} failed", name=self.name)
        if state is LinkState.LIVE:
            self._down = Once()
            self._live.fire(None)
        elif was_live:
            self._live = Once()
            self._down.fire(reason)

    def watch(self, watcher: Callable[[LinkState, str], object]) -> Callable[[], None]:
        """Call ``watcher(state, reason)`` at every move; what is returned ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def when_live(self) -> Deferred[None]:
        """Fires when the link is live: at once if it is. Fails with LinkDown if the client is stopped."""
        return self._live.when()

    def when_down(self) -> Deferred[str]:
        """Fires with the reason when the live link, or the next one, has ended, or when the client is stopped."""
        return self._down.when()

    def give_up(self, reason: str) -> None:
        """Nobody will bring this link up any more: tell those who wait for it."""
        live, self._live = self._live, Once()
        live.fail(LinkDown(reason))
        self._down.fire(reason)


class Backoff:
    """How long to wait before the next try, in seconds: longer each time, with some luck in it."""

    def __init__(self, tuning: Tuning, random: Callable[[], float]) -> None:
        self._tuning = tuning
        self._random = random
        self._next = tuning.retry_first

    def reset(self) -> None:
        """The link was live: the next try may come soon."""
        self._next = self._tuning.retry_first

    def delay(self) -> float:
        """The delay for this try; the next will be longer, up to the longest."""
        tuning = self._tuning
        base = self._next
        self._next = min(base * tuning.retry_factor, tuning.retry_longest)
        return base * (1 + tuning.retry_jitter * (2 * self._random() - 1))
