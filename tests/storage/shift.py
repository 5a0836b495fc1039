"""A shift: agents who log in, pause, dial, hold, transfer, record and dispose at random; Asterisk is played."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock as Timers

from agentd.core import commands as c
from agentd.core.model import (
    Campaign,
    DialRequest,
    InGroup,
    MonitorMode,
    PauseCode,
    Phone,
    SessionState,
    State,
    Status,
    User,
)
from agentd.core.records import CampaignSet, IdsGranted, InGroupSet, PhoneSet, Record, StatusSet, UserSet
from agentd.core.settings import Settings
from agentd.core.world import World
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from agentd.engine.ports import Entry, Journal
from tests.faces.scripted import ScriptedSwitch
from tests.storage.helpers import NOW, api_call

AGENTS = ("1000", "1001", "1002")
BOSS = "599"
"""A phone that nobody logs in on."""
NUMBERS = ("7275551212", "7275551200", "7275551202", "7275551203")


def reference() -> list[Record]:
    """The people, phones and rules of the shift, and ids enough for it."""
    rights = frozenset({"agentcall_manual"})
    campaign = Campaign(
        "TESTCAMP",
        1,
        trunk="PJSIP/{number}@carrier",
        manual_list=101,
        ivr_prompt="agentd/ivr-prompt",
        leave_message="agentd/leave-message",
        pause_codes={"LUNCH": PauseCode("LUNCH"), "TRAIN": PauseCode("TRAIN", productive=True)},
    )
    return [
        *(UserSet(name, User(name, int(name), rights=rights, ingroups=("SALESLINE",))) for name in AGENTS),
        *(PhoneSet(name, Phone(name, f"PJSIP/{name}")) for name in (*AGENTS, BOSS)),
        InGroupSet("SALESLINE", InGroup("SALESLINE", 1)),
        *(StatusSet(code, Status(code, number)) for number, code in enumerate(("A", "B", "N", "DISPO"), 1)),
        CampaignSet("TESTCAMP", campaign),
        IdsGranted("session", 1, 100_000),
        IdsGranted("call", 1000, 100_000),
        IdsGranted("lead", 1, 100_000),
        IdsGranted("recording", 1, 100_000),
    ]


class Shift:
    """The shift on a journal; time passes only in steps."""

    def __init__(self, journal: Journal, state: State, seed: int, start: float = NOW) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.timers = Timers()
        self.timers.advance(start)
        clock = Clock(self.timers)
        self.fatal: list[OSError] = []
        self.switch = ScriptedSwitch(clock)
        settings = Settings(default_campaign="TESTCAMP", recall_phone=False)
        world = World(settings, f"boot{seed}", state)
        self.engine = Engine(world, journal, self.switch, clock, self.fatal.append)
        self.switch.engine = self.engine
        self.count = 0
        if not state.users:
            self.engine.feed(c.ReferenceChanged(tuple(reference())))
        self.engine.feed(c.LinkDown("starting"))
        self.engine.feed(c.LinkUp())

    def step(self) -> c.Command:
        """Something happens, and some time passes."""
        command = self._some_command()
        self.engine.submit(command).addErrback(lambda _: None)
        self.count += 1
        data = f"{self.seed}-{self.count}"
        self.engine.feed(c.LogApiCall(api_call(self.count, value=type(command).__name__, data=data)))
        self.timers.pump([0.01] * 3 + [self.random.choice((0.02, 0.4, 3.0))])
        return command

    def _some_command(self) -> c.Command:
        choose = self.random.choice
        agent = choose(AGENTS)
        if agent not in self.engine.world.state.sessions:
            return c.LogIn(agent, agent)
        if self.engine.world.state.sessions[agent].state is SessionState.INCALL and self.random.random() < 0.7:
            return self._command_in_hand(agent)
        return choose(
            (
                c.Pause(agent, choose(("LUNCH", "TRAIN", ""))),
                c.Resume(agent),
                c.Dial(agent, DialRequest(choose(NUMBERS), "1")),
                c.Dial(agent, DialRequest(choose(NUMBERS), "1")),
                c.HangUp(agent),
                c.Dispose(agent, choose(("A", "B", "N"))),
                c.Dispose(agent, choose(("A", "B", "N"))),
                self._command_in_hand(agent),
                c.LogOut(agent, at_once=choose((True, False))),
            )
        )

    def _command_in_hand(self, agent: str) -> c.Command:
        choose, both = self.random.choice, self.random.choice((True, False))
        return choose(
            (
                c.HoldCall(agent, ivr=both),
                c.RetrieveCall(agent),
                c.DialThird(agent, choose(NUMBERS), hold=both),
                c.DialThird(agent, ingroup="SALESLINE", hold=both),
                c.HangUpThird(agent, both=both),
                c.TransferBlind(agent, choose(NUMBERS)),
                c.LeaveMessage(agent),
                c.TransferToInGroup(agent, "SALESLINE"),
                c.LeaveThreeWay(agent),
                c.BeginRecording(agent, choose(("", "part1"))),
                c.MuteRecordings(agent, muted=both),
                c.StopRecordings(agent),
                c.Supervise(agent, BOSS, choose(list(MonitorMode)), "6666"),
                c.EndSupervision(agent, BOSS),
            )
        )

    def run(self, steps: int) -> None:
        """Let so many things happen."""
        for _ in range(steps):
            self.step()

    def end(self) -> None:
        """Everybody goes home, and whoever is still on the line hangs up."""
        self._log_all_out()
        for leg in list(self.switch.channels):
            self.switch.hang_up(leg)
        self.timers.pump([0.01] * 5)
        self._log_all_out()

    def _log_all_out(self) -> None:
        for agent in AGENTS:
            self.engine.submit(c.LogOut(agent, at_once=True)).addErrback(lambda _: None)
            self.timers.pump([0.01] * 3 + [1.0])


class MemoryJournal:
    """A journal in memory, for what is not about the disk."""

    name = "memory"
    full = False

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def write(self, records: Sequence[Record], at: float) -> list[Entry]:
        """Keep them."""
        first = len(self.entries) + 1
        new = [Entry(first + number, at, record) for number, record in enumerate(records)]
        self.entries += new
        return new

    def synced(self, _seq: int) -> Deferred[None]:
        """At once."""
        return succeed(None)

    def entries_after(self, seq: int) -> Deferred[list[Entry] | None]:
        """From memory."""
        return succeed(self.entries[seq:])


def recorded_shift(seed: int, steps: int) -> list[Entry]:
    """What a shift leaves in the journal, to its end."""
    journal = MemoryJournal()
    shift = Shift(journal, State(), seed)
    shift.run(steps)
    shift.end()
    return journal.entries
