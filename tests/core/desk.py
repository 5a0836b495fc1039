"""A World at a desk: commands with plain numbers for time, and what came of them."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest

from agentd.core import commands as c
from agentd.core import effects as x
from agentd.core import records as r
from agentd.core.effects import Effect, HangUpLeg, Ring
from agentd.core.errors import AgentdError
from agentd.core.evolving import evolve
from agentd.core.model import Call, Campaign, DialRequest, Lead, Place, PlaceKind, Session, State, Waiting
from agentd.core.settings import Settings
from agentd.core.snapshot import session_snapshot
from agentd.core.turn import Outcome
from agentd.core.world import World
from agentd.engine.ports import Entry
from agentd.storage.codec import decode_batch, decode_state, encode_batch, encode_state
from tests.core.invariants import check_invariants
from tests.core.reference import (
    CAMPAIGN,
    IVR,
    NUMBER,
    OUTSIDE,
    ROOM,
    SETTINGS,
    START,
    WAIT,
    conference,
    reference,
)

__all__ = [
    "CAMPAIGN",
    "IVR",
    "NUMBER",
    "OUTSIDE",
    "ROOM",
    "SETTINGS",
    "START",
    "WAIT",
    "Desk",
    "Operation",
    "conference",
    "reference",
    "seen",
]

_EffectT = TypeVar("_EffectT", bound=Effect)


@dataclass
class Operation:
    """What became of a command from outside."""

    command: c.Command
    asked: float
    done: bool = False
    value: Any = None
    error: AgentdError | None = None


@dataclass
class Desk:
    """A World, the time, the journal so far, and what was asked of Asterisk and not taken yet."""

    settings: Settings = SETTINGS
    campaign: Campaign = CAMPAIGN
    now: float = START
    journal: list[tuple[r.Record, float]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    operations: dict[int, Operation] = field(default_factory=dict)
    starts: int = 0
    shadow: State = field(default_factory=State)
    pictures: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(self.settings, "t0")
        self.hear(c.ReferenceChanged(tuple(reference(self.campaign))))
        self.hear(c.LinkUp())

    @property
    def state(self) -> State:
        return self.world.state

    # --- saying things -----------------------------------------------------------------------------------------

    def ask(self, command: c.Command) -> Operation:
        """Give a command from outside; a refusal raises, having changed nothing."""
        number = len(self.operations) + 1
        before = copy.deepcopy(self.state), self._expected()
        try:
            outcome = self.world.apply(command, self.now, number)
        except AgentdError:
            assert (self.state, self._expected()) == before, "a refused command has changed something"
            raise
        operation = self.operations[number] = Operation(command, self.now)
        self._keep(outcome)
        if not outcome.pending:
            assert not operation.done
            operation.done, operation.value = True, outcome.value
        return operation

    def _expected(self) -> list[object]:
        """What operations wait for, in a form that can be compared."""
        waits = [
            (leg, milestone, wait.operation, sorted(wait.left))
            for leg, waiting in self.world.waits.items()
            for milestone, wait in waiting
        ]
        return [*waits, *self.world.line]

    def refused(self, command: c.Command, error: type[AgentdError]) -> AgentdError:
        """Give a command that must be refused with this very error."""
        with pytest.raises(error) as caught:
            self.ask(command)
        assert type(caught.value) is error
        return caught.value

    def hear(self, command: c.Command) -> None:
        """Hear something from Asterisk, a timer or management."""
        self._keep(self.world.apply(command, self.now))

    def _keep(self, outcome: Outcome) -> None:
        for record in copy.deepcopy(outcome.records):
            self.journal.append((record, self.now))
            evolve(self.shadow, copy.deepcopy(record), self.now)
        self.effects += outcome.effects
        for settled in outcome.settled:
            operation = self.operations[settled.operation]
            assert not operation.done, "an operation was settled twice"
            operation.done, operation.value, operation.error = True, settled.value, settled.error
        self._check()

    def _check(self) -> None:
        assert self.shadow == self.state, "replaying the records gives another State"
        check_invariants(self.state)
        promised = [callback.due for callback in self.state.callbacks.values() if not callback.is_due]
        due = [*self.state.deadlines.values(), *promised, *(queued.until for queued in self.world.line)]
        assert self.world.next_deadline() == min(due, default=None)
        for session in self.state.sessions.values():
            picture = session_snapshot(self.state, session)
            revision = picture.pop("revision")
            last_revision, last_picture = self.pictures.get(session.id, (-1, {}))
            assert picture == last_picture or revision > last_revision, "the picture changed, its revision did not"
            self.pictures[session.id] = (revision, copy.deepcopy(picture))

    def wait(self, seconds: float) -> None:
        """Let time pass, with a Tick at every deadline."""
        until = self.now + seconds
        while (when := self.world.next_deadline()) is not None and when <= until:
            self.now = max(self.now, when)
            self.hear(c.Tick())
        self.now = until

    def replay_from_disk(self) -> State:
        """Give the State that comes of the journal as it is written, from its first record."""
        entries = [Entry(seq, at, record) for seq, (record, at) in enumerate(self.journal, 1)]
        state = State()
        for entry in decode_batch(encode_batch("test", entries, 0)).entries:
            evolve(state, entry.record, entry.at)
        return state

    def restart(self) -> None:
        """The daemon dies and starts again: what it knows is what the journal says, and there is no link."""
        self.starts += 1
        self.world = World(self.settings, f"t{self.starts}", decode_state(encode_state(self.shadow)))
        self.effects.clear()
        self.hear(c.LinkDown("starting"))

    # --- looking -----------------------------------------------------------------------------------------------

    def session(self, agent: str = "1000") -> Session:
        return self.state.sessions[agent]

    def stands(self, agent: str = "1000") -> str:
        """State and code in one word, such as ``PAUSED LOGIN``; ``-`` when not logged in."""
        session = self.state.sessions.get(agent)
        return "-" if session is None else f"{session.state} {session.code}".strip()

    def call(self, agent: str = "1000") -> Call:
        (call_id,) = self.session(agent).calls
        return self.state.calls[call_id]

    def snapshot(self, agent: str = "1000") -> dict[str, Any]:
        return session_snapshot(self.state, self.session(agent))

    def recorded(self, kind: type[r.Record]) -> list[Any]:
        """All records of a kind so far."""
        return [record for record, _ in self.journal if type(record) is kind]

    def take(self, kind: type[_EffectT]) -> _EffectT:
        """Take the one thing that was asked of Asterisk since the last time; it must be of that kind."""
        (effect,) = self.effects
        self.effects.clear()
        assert type(effect) is kind
        return effect

    # --- changing the set-up -----------------------------------------------------------------------------------

    def change_user(self, name: str, **changes: Any) -> None:
        """The administrator changes a user."""
        self.hear(c.ReferenceChanged((r.UserSet(name, replace(self.state.users[name], **changes)),)))

    def change_ingroup(self, name: str, **changes: Any) -> None:
        """The administrator changes an in-group."""
        self.hear(c.ReferenceChanged((r.InGroupSet(name, replace(self.state.ingroups[name], **changes)),)))

    def change_campaign(self, **changes: Any) -> None:
        """The administrator changes the campaign."""
        name = self.campaign.name
        self.hear(c.ReferenceChanged((r.CampaignSet(name, replace(self.state.campaigns[name], **changes)),)))

    # --- the usual steps ---------------------------------------------------------------------------------------

    def request(self, number: str = NUMBER, lead: Lead | None = None) -> DialRequest:
        return DialRequest(number, "1", lead=lead)

    def log_in(self, agent: str = "1000", phone: str = "502") -> str:
        """Log an agent in, with a phone that answers; gives the phone's leg. What was asked before is forgotten."""
        self.effects.clear()
        operation = self.ask(c.LogIn(agent, phone))
        ring = self.take(Ring)
        self.answer(ring)
        assert operation.done
        assert operation.error is None
        return ring.leg

    def answer(self, ring: Ring) -> None:
        """The far end answers and enters the conference."""
        self.hear(c.LegPlaced(ring.leg))
        self.hear(c.LegRinging(ring.leg))
        self.hear(c.LegAnswered(ring.leg))
        self.hear(c.LegJoined(ring.leg, ring.room))

    def call_in(self, leg: str = "in-1", ingroup: str = "SALESLINE", **more: Any) -> Call:
        """Somebody calls an in-group, and comes to its music; gives his call. ``more`` are fields of CallArrived."""
        more.setdefault("number", "7275551300")
        self.ask(c.CallArrived(leg, ingroup, **more))
        call = self.state.calls[self.state.legs[leg].call_id or 0]
        self.hear(c.LegAt(leg, WAIT))
        return call

    def waits(self, leg: str = "in-1") -> Waiting:
        """Whoever waits there."""
        return self.state.waiting[leg]

    def answer_to_wait(self, ring: x.RingToWait) -> None:
        """The far end answers and is in the wait."""
        for news in (c.LegPlaced(ring.leg), c.LegRinging(ring.leg), c.LegAnswered(ring.leg), c.LegAt(ring.leg, WAIT)):
            self.hear(news)

    def ready(self, agent: str = "1000", phone: str = "502") -> str:
        leg = self.log_in(agent, phone)
        self.ask(c.Resume(agent))
        return leg

    def dial(self, agent: str = "1000", number: str = NUMBER, lead: Lead | None = None) -> Ring:
        """Dial; Asterisk shows the channel."""
        operation = self.ask(c.Dial(agent, self.request(number, lead)))
        ring = self.take(Ring)
        self.hear(c.LegPlaced(ring.leg))
        assert operation.done
        assert operation.error is None
        return ring

    def preview(self, agent: str = "1000", lead: Lead | None = None) -> Operation:
        """Show a lead to an agent: this one, or one with three numbers."""
        shown = lead or Lead(77, 101, "NEW", "1", NUMBER, {"alt_phone": "727-555-1213", "address3": "7275551214"})
        return self.ask(c.Dial(agent, replace(self.request(shown.phone_number, shown), preview=True)))

    def talk(self, agent: str = "1000", lead: Lead | None = None) -> Ring:
        """Dial a customer, who answers."""
        ring = self.dial(agent, lead=lead)
        self.answer(ring)
        return ring

    def ring_through(self, agent: str = "1000") -> str:
        """Agent 1002 sends a customer of his to the agent, to whom he is being delivered; gives the customer's leg."""
        self.log_in("1002", "505")
        customer = self.talk("1002")
        self.ask(c.Resume(agent))
        self.ask(c.TransferToInGroup("1002", "AGENTDIRECT", agent))
        self.take(x.Hold)
        self.arrive(customer.leg, WAIT)
        join = next(effect for effect in self.effects if isinstance(effect, x.Join))
        assert join.leg == customer.leg
        self.effects.clear()
        return customer.leg

    def wrap_up(self, agent: str = "1000") -> None:
        """Dial a customer, who answers and hangs up."""
        self.hear(c.LegGone(self.talk(agent).leg, 16, far_end=True))

    def lose_phone(self, agent: str = "1000") -> None:
        """The agent's phone hangs up."""
        session = self.session(agent)
        leg = session.leg
        self.hear(c.LegLeft(leg, session.conference))
        self.hear(c.LegGone(leg, 16, far_end=True))

    def obey(self) -> list[Effect]:
        """Asterisk does all that it is asked, and whoever is rung answers; gives what it was asked."""
        done: list[Effect] = []
        while self.effects:
            effect = self.effects.pop(0)
            done.append(effect)
            self._obey(effect)
        return done

    def _obey(self, effect: Effect) -> None:
        leg = effect.leg
        if isinstance(effect, x.Ring):
            self.answer(effect)
        elif isinstance(effect, x.RingToWait):
            self.answer_to_wait(effect)
        elif isinstance(effect, x.RingConsult):
            for news in (c.LegPlaced(leg), c.LegAnswered(leg), c.LegAt(leg, WAIT)):
                self.hear(news)
        elif isinstance(effect, x.HangUpLeg):
            self.hear(c.LegGone(leg, effect.cause))
        elif isinstance(effect, x.JoinBoth):
            self.arrive(leg, conference(effect.room))
            self.arrive(effect.other, conference(effect.room))
        elif isinstance(effect, x.Join):
            self.arrive(leg, conference(effect.room))
        else:
            places = {x.Hold: PlaceKind.WAIT, x.Announce: PlaceKind.WAIT, x.Prompt: PlaceKind.IVR}
            outside = isinstance(effect, x.PlayMessage | x.SendOut | x.Voicemail)
            kind = PlaceKind.OUTSIDE if outside else places.get(type(effect))
            if kind is not None:
                self.arrive(leg, Place(kind))

    def arrive(self, leg: str, place: Place) -> None:
        """Asterisk tells that a leg went from where it was to a place."""
        was = self.state.legs[leg].place
        if was.kind is PlaceKind.CONFERENCE:
            self.hear(c.LegLeft(leg, was.room))
        in_conference = place.kind is PlaceKind.CONFERENCE
        self.hear(c.LegJoined(leg, place.room) if in_conference else c.LegAt(leg, place))

    def hung_up(self) -> str:
        """Asterisk carries out the one hangup that was asked for; gives the leg."""
        leg = self.take(HangUpLeg).leg
        self.hear(c.LegGone(leg, 16))
        return leg


def seen(desk: Desk, leg: str, kind: PlaceKind = PlaceKind.CONFERENCE) -> c.ChannelSeen:
    """A leg's channel as Asterisk lists it after the link is back, in the session's conference if in any."""
    known = desk.state.legs[leg]
    session = desk.state.sessions.get(known.agent)
    room = session.conference if session is not None and kind is PlaceKind.CONFERENCE else ""
    call = desk.state.calls.get(known.call_id or 0)
    return c.ChannelSeen(leg, known.role, known.session_id, call.key if call else "", Place(kind, room))
