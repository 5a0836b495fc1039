"""One command being carried out: what the handlers read, and what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agentd.core.effects import Effect
from agentd.core.errors import AgentdError, NotLoggedIn, PbxLinkDown
from agentd.core.memory import Memory, Wait
from agentd.core.model import Campaign, Session
from agentd.core.records import DeadlineSet, Record

__all__ = ["Milestone", "Outcome", "Settled", "Turn"]


class Milestone(StrEnum):
    """What an operation may wait for a leg to reach."""

    PLACED = "placed"
    JOINED = "joined"
    GONE = "gone"


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
    """One command being carried out: the handlers read the state here and say what becomes true."""

    def __init__(self, memory: Memory, now: float, operation: int) -> None:
        self.memory = memory
        self.state = memory.state
        self.settings = memory.settings
        self.now = now
        self.operation = operation
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

    def wait(self, leg: str, milestone: str, value: Any = None, *, regardless: bool = False) -> None:
        """The operation goes on until the leg reaches the milestone, and then has this result.

        ``regardless``: what was asked is done already, so that a leg that never gets there is no failure.
        """
        if self.operation:
            self.memory.waits.setdefault(leg, []).append(Wait(self.operation, milestone, value, regardless))
            self.outcome.pending = True

    def reach(self, leg: str, milestone: str) -> None:
        """The leg has reached the milestone: operations that waited for it are done."""
        self._settle(leg, {milestone}, None)

    def fail(self, leg: str, error: AgentdError, *milestones: str) -> None:
        """The leg will not reach these milestones (none named: any): operations that waited have failed."""
        self._settle(leg, set(milestones) or None, error)

    def _settle(self, leg: str, milestones: set[str] | None, error: AgentdError | None) -> None:
        waits = self.memory.waits.pop(leg, [])
        left = [wait for wait in waits if milestones is not None and wait.milestone not in milestones]
        if left:
            self.memory.waits[leg] = left
        for wait in waits:
            if wait not in left:
                failure = None if wait.regardless else error
                self.outcome.settled.append(Settled(wait.operation, wait.value, failure))

    def fail_all(self, error: AgentdError) -> None:
        """Every operation under way has failed."""
        for leg in list(self.memory.waits):
            self.fail(leg, error)
