"""One command being carried out: what the handlers read, and what they say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agentd.core.commands.news import Command
from agentd.core.effects import Effect
from agentd.core.errors import AgentdError, LegBusy, NotLoggedIn, PbxLinkDown, PbxTimeout
from agentd.core.memory import Memory, Queued, Wait
from agentd.core.model import Campaign, Session
from agentd.core.records import DeadlineSet, Record

__all__ = ["LINE_LENGTH", "Milestone", "Outcome", "Settled", "Turn"]

LINE_LENGTH = 4  # commands that may wait for the moves of one leg


class Milestone(StrEnum):
    """What an operation may wait for a leg (or a recording) to reach."""

    PLACED = "placed"
    JOINED = "joined"
    MOVED = "moved"
    GONE = "gone"
    RECORDED = "recorded"
    MUTED = "muted"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Settled:
    """An operation that has ended: ``value`` is its result, or ``error`` why it failed."""

    operation: int
    value: Any = None
    error: AgentdError | None = None


@dataclass(slots=True)
class Outcome:
    """What came of one command. ``pending``: the operation goes on and will be settled by a later outcome."""

    records: list[Record] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    value: Any = None
    pending: bool = False


class Turn:
    """One command being carried out: the handlers read the state here and say what becomes true.

    ``until`` is when the operation must be over: nobody waits longer for Asterisk.
    """

    def __init__(
        self, memory: Memory, now: float, operation: int, command: Command, until: float | None = None
    ) -> None:
        self.memory = memory
        self.state = memory.state
        self.settings = memory.settings
        self.now = now
        self.operation = operation
        self.command = command
        self.until = now + memory.settings.confirm_time if until is None else until
        self._was_in_line = until is not None
        self.outcome = Outcome()

    def record(self, record: Record) -> None:
        """Something is true from now on."""
        self.memory.remember(record, self.now)
        self.outcome.records.append(record)

    def ask(self, effect: Effect) -> None:
        """Ask something of Asterisk; the same thing only once in a turn."""
        if effect not in self.outcome.effects:
            self.outcome.effects.append(effect)

    def deadline(self, what: str, of: str, seconds: float | None) -> None:
        """Something is due in so many seconds (None: no longer)."""
        self.record(DeadlineSet(what, of, None if seconds is None else self.now + seconds))

    def session(self, agent: str) -> Session:
        """Give the agent's session.

        Raises:
            NotLoggedIn
        """
        session = self.state.sessions.get(agent)
        if session is None:
            raise NotLoggedIn(f"{agent} is not logged in")
        return session

    def campaign(self, session: Session) -> Campaign:
        """Give the session's campaign; one that was deleted meanwhile leaves the rules that a bare campaign has."""
        return self.state.campaigns.get(session.campaign) or Campaign(session.campaign, 0)

    def require_link(self) -> None:
        """Refuse when there is no link to Asterisk.

        Raises:
            PbxLinkDown
        """
        if not self.state.link_up:
            raise PbxLinkDown("PBX link down")

    # --- one thing after the other ---------------------------------------------------------------------------

    def in_line(self, *legs: str) -> bool:
        """Say whether the command must wait until moves of these legs are done; it is carried out then, from the start.

        Raises:
            LegBusy: too many wait already.
        """
        wanted = frozenset(legs)
        # What has come out of the line has nobody ahead: those who are in it came later.
        ahead = [] if self._was_in_line else [queued for queued in self.memory.line if queued.legs & wanted]
        if not ahead and not any(self.memory.is_moving(leg) for leg in wanted):
            return False
        if any(sum(leg in queued.legs for queued in ahead) >= LINE_LENGTH for leg in wanted):
            raise LegBusy("too many moves of this call are waiting")
        place = 0 if self._was_in_line else len(self.memory.line)
        self.memory.line.insert(place, Queued(self.operation, self.command, wanted, self.until))
        self.outcome.pending = True
        return True

    # --- waiting ---------------------------------------------------------------------------------------------

    def wait(self, leg: str, milestone: str, value: Any = None, *, regardless: bool = False) -> None:
        """The operation goes on until the leg reaches the milestone, and then has this result.

        ``regardless``: what was asked is done already, so that a leg that never gets there is no failure.
        """
        self.wait_all([(leg, milestone)], value, regardless=regardless)

    def wait_all(self, steps: Iterable[tuple[str, str]], value: Any = None, *, regardless: bool = False) -> None:
        """The operation goes on until each of these legs has reached its milestone; one that fails fails it."""
        if not self.operation:
            return
        wait = Wait(self.operation, value, regardless, set(steps))
        for leg, milestone in wait.left:
            self.memory.waits.setdefault(leg, []).append((milestone, wait))
        self.outcome.pending = True

    def reach(self, leg: str, milestone: str) -> None:
        """The leg has reached the milestone: operations that waited for nothing else are done."""
        for wait in self._released(leg, {milestone}):
            wait.left.discard((leg, milestone))
            if not wait.left:
                self.outcome.settled.append(Settled(wait.operation, wait.value))

    def fail(self, leg: str, error: AgentdError, *milestones: str) -> None:
        """The leg will not reach these milestones (none named: any): operations that waited have failed."""
        for wait in self._released(leg, set(milestones) or None):
            failure = None if wait.regardless else error
            self.outcome.settled.append(Settled(wait.operation, wait.value, failure))
            for other, milestone in wait.left:
                self._forget(other, milestone, wait)

    def _released(self, leg: str, milestones: set[str] | None) -> list[Wait]:
        waits = self.memory.waits.pop(leg, [])
        kept = [entry for entry in waits if milestones is not None and entry[0] not in milestones]
        if kept:
            self.memory.waits[leg] = kept
        return [wait for milestone, wait in waits if milestones is None or milestone in milestones]

    def _forget(self, leg: str, milestone: str, wait: Wait) -> None:
        left = [entry for entry in self.memory.waits.get(leg, []) if entry != (milestone, wait)]
        if left:
            self.memory.waits[leg] = left
        else:
            self.memory.waits.pop(leg, None)

    def fail_all(self, error: AgentdError) -> None:
        """Every operation under way has failed, also those in line."""
        for leg in list(self.memory.waits):
            self.fail(leg, error)
        for queued in self.memory.line:
            self.outcome.settled.append(Settled(queued.operation, None, error))
        self.memory.line.clear()

    def too_late(self) -> None:
        """Refuse what has waited in line for too long.

        Raises:
            PbxTimeout
        """
        if self.now >= self.until:
            raise PbxTimeout("Asterisk did not confirm what was asked before in time")
