"""The corridor: command, World, journal, effects, news. Nothing else changes state."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock, fail
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from agentd.core.commands import (
    ActOnPreview,
    AddLead,
    ChangeDnc,
    Command,
    DeleteLead,
    Dial,
    Dispose,
    DropCallback,
    ReferenceChanged,
    SetCallback,
    Tick,
    UpdateLead,
)
from agentd.core.errors import AgentdError, Draining, JournalFull
from agentd.core.records import Record
from agentd.core.turn import Outcome, Settled
from agentd.core.world import World
from agentd.engine.clock import Clock
from agentd.engine.ports import Entry, Journal, Switch

__all__ = ["Engine"]

# The answers to these promise that nothing is lost: they wait for the disk.
DURABLE: tuple[type[Command], ...] = (
    Dispose,
    Dial,
    ActOnPreview,
    ReferenceChanged,
    UpdateLead,
    AddLead,
    DeleteLead,
    SetCallback,
    DropCallback,
    ChangeDnc,
)


class Engine:
    """Carries commands through the corridor, one at a time, on the reactor's thread.

    ``on_fatal`` is called when the journal cannot be written: the daemon must end, calls stay up.
    """

    log = Logger()

    def __init__(
        self,
        world: World,
        journal: Journal,
        switch: Switch,
        clock: Clock,
        on_fatal: Callable[[OSError], object],
    ) -> None:
        self.world = world
        self.journal = journal
        self.switch = switch
        self.clock = clock
        self.draining = False
        self.changing = DeferredLock()
        """Held by who reads or changes in the database what is set up, until the World has it: so it has the newest."""
        self._on_fatal = on_fatal
        self._listeners: list[Callable[[list[Entry]], object]] = []
        self._operations: dict[int, Deferred[Any]] = {}
        self._last_operation = 0
        self._fed: deque[Command] = deque()
        self._busy = False
        self._timer: IDelayedCall | None = None
        self._timer_at: float | None = None

    def listen(self, listener: Callable[[list[Entry]], object]) -> None:
        """Be told of all records from now on, in order, after they were written. A listener must be short."""
        self._listeners.append(listener)

    def submit(self, command: Command) -> Deferred[Any]:
        """Carry out a command from outside.

        Gives a Deferred that fires with the command's result when the operation is done, and fails with an
        AgentdError when it was refused (nothing has changed then) or has failed. Cancelling it stops only the
        waiting.
        """
        if self.draining:
            return fail(Draining("agentd is being stopped"))
        if self.journal.full:
            return fail(JournalFull("the journal is full"))
        self._last_operation += 1
        operation = self._last_operation
        now = self.clock.now()
        try:
            outcome = self.world.apply(command, now, operation)
        except AgentdError as error:
            return fail(error)
        done: Deferred[Any] = Deferred(lambda _: self._forget(operation))
        if outcome.pending:
            self._operations[operation] = done
        seq = self._carry_on(outcome, now)
        if not outcome.pending:
            done.callback(outcome.value)
        return self._durable(command, done, seq)

    def _forget(self, operation: int) -> None:
        self._operations.pop(operation, None)

    def _durable(self, command: Command, done: Deferred[Any], seq: int) -> Deferred[Any]:
        if seq and isinstance(command, DURABLE):
            return done.addCallback(lambda value: self.journal.synced(seq).addCallback(lambda _: value))
        return done

    def feed(self, command: Command) -> None:
        """Carry out a command from Asterisk, from a timer or of our own, after the one that is being carried out."""
        self._fed.append(command)
        self._drain()

    def _drain(self) -> None:
        while self._fed and not self._busy:
            command = self._fed.popleft()
            now = self.clock.now()
            try:
                outcome = self.world.apply(command, now)
            except AgentdError as error:
                self.log.warn("{command} was refused: {error}", command=type(command).__name__, error=error)
            else:
                self._carry_on(outcome, now)

    def _carry_on(self, outcome: Outcome, now: float) -> int:
        """Write, tell the news, let the effects go. Gives the seq of the last record (0: none).

        The records have the time that the World went by: replaying them gives the same World. What comes back at
        once (a part that is down refuses on the spot) waits its turn, so that records, news and effects keep one
        order.
        """
        entries: list[Entry] = []
        self._busy = True
        try:
            if outcome.records:
                entries = self._write(outcome.records, now)
                for listener in self._listeners:
                    self._tell(listener, entries)
            for effect in outcome.effects:
                self.switch.perform(effect)
        finally:
            self._busy = False
        for settled in outcome.settled:
            self._settle(settled)
        self._drain()
        self._arm()
        return entries[-1].seq if entries else 0

    def _write(self, records: list[Record], now: float) -> list[Entry]:
        try:
            return self.journal.write(records, now)
        except OSError as error:
            self._on_fatal(error)
            raise

    def _tell(self, listener: Callable[[list[Entry]], object], entries: list[Entry]) -> None:
        try:
            listener(entries)
        except Exception:  # noqa: BLE001 - one listener's mistake must not stop the corridor
            self.log.failure("a listener failed")

    def _settle(self, settled: Settled) -> None:
        done = self._operations.pop(settled.operation, None)
        if done is None:
            return
        if settled.error is not None:
            done.errback(settled.error)
        else:
            done.callback(settled.value)

    def start(self) -> None:
        """Begin to keep the deadlines that a restart found."""
        self._arm()

    def _arm(self) -> None:
        """Have a Tick when the next deadline is due."""
        when = self.world.next_deadline()
        if when == self._timer_at:
            return
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer, self._timer_at = None, when
        if when is not None:
            self._timer = self.clock.later(when - self.clock.now(), self._tick)

    def _tick(self) -> None:
        self._timer = self._timer_at = None
        try:
            self.feed(Tick())
        finally:
            self._arm()

    def stop(self) -> None:
        """Stop the timer; operations under way fail with Draining."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = self._timer_at = None
        operations, self._operations = self._operations, {}
        for done in operations.values():
            done.errback(Draining("agentd was stopped"))
