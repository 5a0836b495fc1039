"""A shift: agents log in, pause, dial, hold, transfer, dispose, promise; callers come and go; leads are dialled.

All of it at random, and Asterisk is played.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock as Timers

from agentd.core import commands as c
from agentd.core.model import (
    CallbackWish,
    Campaign,
    DialRequest,
    InGroup,
    Lead,
    MonitorMode,
    PauseCode,
    Phone,
    Preset,
    SessionState,
    State,
    Status,
    TimerAction,
    TimerKind,
    Treatment,
    TreatmentKind,
    User,
    UserKind,
)
from agentd.core.records import CampaignSet, IdsGranted, InGroupSet, PhoneSet, Record, StatusSet, UserSet
from agentd.core.settings import Settings
from agentd.core.world import World
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from agentd.engine.ports import Caller, Entry, Journal
from tests.faces.scripted import ScriptedSwitch
from tests.storage.helpers import NOW, api_call

AGENTS = ("1000", "1001", "1002", "1003", "1028")
"""The fourth is rung for each call, the last is a remote one."""
INGROUPS = ("SALESLINE", "TEST_IN")
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
        auto_dial_level=1.0,
        call_hours="",
        alternative_numbers=True,
        webform="https://crm.example/{lead_id}",
        presets={"D1": Preset("D1", "7275551213")},
        pause_codes={"LUNCH": PauseCode("LUNCH"), "TRAIN": PauseCode("TRAIN", productive=True)},
    )
    agent = User("", 0, rights=rights, campaign="TESTCAMP", ingroups=("SALESLINE",), ranks={"TEST_IN": 3})
    users = [replace(agent, name=name, number=int(name), blended=name == "1001") for name in AGENTS]
    users[3] = replace(users[3], on_hook=True)
    users[4] = replace(users[4], kind=UserKind.REMOTE, outside_number="7275551299", lines=2)
    to_test_in = Treatment(TreatmentKind.INGROUP, "TEST_IN")
    sorry = Treatment(TreatmentKind.MESSAGE, "agentd/sorry")
    return [
        *(UserSet(user.name, user) for user in users),
        *(PhoneSet(name, Phone(name, f"PJSIP/{name}")) for name in (*AGENTS, BOSS)),
        InGroupSet("SALESLINE", InGroup("SALESLINE", 1, ring_time=3, drop_after=15, drop=to_test_in)),
        InGroupSet("TEST_IN", InGroup("TEST_IN", 2, max_waiting=2, full=sorry, drop_after=10, drop=sorry)),
        *(StatusSet(code, Status(code, number)) for number, code in enumerate(("A", "B", "N", "DISPO"), 1)),
        StatusSet("CALLBK", Status("CALLBK", 5, callback=True)),
        StatusSet("DNC", Status("DNC", 6, dnc=True)),
        CampaignSet("TESTCAMP", campaign),
        IdsGranted("session", 1, 100_000),
        IdsGranted("call", 1000, 100_000),
        IdsGranted("lead", 1, 100_000),
        IdsGranted("recording", 1, 100_000),
        IdsGranted("callback", 1, 100_000),
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
        settings = Settings(default_campaign="TESTCAMP", recall_phone=False, dials_per_minute=0, dials_per_number=0)
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
        if self.random.random() < 0.25:
            self._somebody_outside()
        command = self._some_command()
        self.engine.submit(command).addErrback(lambda _: None)
        self.count += 1
        data = f"{self.seed}-{self.count}"
        self.engine.feed(c.LogApiCall(api_call(self.count, value=type(command).__name__, data=data)))
        self.timers.pump([0.01] * 3 + [self.random.choice((0.02, 0.4, 3.0))])
        return command

    def _somebody_outside(self) -> None:
        """A caller comes, or gives up; somebody hangs up; the campaign gets leads."""
        callers = [leg for leg in self.switch.channels if leg.startswith("in-")]
        chance = self.random.random()
        if chance < 0.5:
            leg = f"in-{self.seed}-{self.count}"
            caller = Caller(leg, self.random.choice(INGROUPS), self.random.choice(NUMBERS), did="7275550100")
            self.switch.call_in(caller)
            arrived = c.CallArrived(
                leg, caller.ingroup, caller.number, did=caller.did, priority=self.random.choice((0, 5))
            )
            self.engine.submit(arrived).addErrback(lambda _: None)
            self.switch.go_to_wait(leg)
        elif chance < 0.8 and callers:
            self.switch.hang_up(self.random.choice(callers))
        elif "TESTCAMP" in self.engine.world.state.campaigns:
            leads = tuple(Lead(90_000 + 10 * self.count + n, 101, "NEW", "1", NUMBERS[n]) for n in range(3))
            self.engine.feed(c.HopperFilled("TESTCAMP", leads))

    def _some_command(self) -> c.Command:
        choose = self.random.choice
        agent = choose(AGENTS)
        if self.random.random() < 0.2:
            return self._command_about_people(agent)
        if agent not in self.engine.world.state.sessions:
            return c.LogIn(agent, "" if agent == "1028" else agent, ready=choose((True, False)))
        if self.engine.world.state.sessions[agent].state is SessionState.INCALL and self.random.random() < 0.7:
            return self._command_in_hand(agent)
        return choose(
            (
                c.Pause(agent, choose(("LUNCH", "TRAIN", ""))),
                c.Resume(agent),
                c.Resume(agent),
                c.ChangeInGroups(agent, choose(list(c.Choice)), choose((INGROUPS, INGROUPS[:1])), choose((True, None))),
                c.Dial(agent, DialRequest(choose(NUMBERS), "1")),
                c.Dial(agent, DialRequest(choose(NUMBERS), "1")),
                c.HangUp(agent),
                c.Dial(agent, DialRequest(choose(NUMBERS), "1", preview=True)),
                c.ActOnPreview(agent, choose(list(c.PreviewAction))),
                c.ActOnPreview(agent, c.PreviewAction.DIAL_ONLY),
                c.Dispose(agent, choose(("A", "B", "N", "DNC")), code=choose(("", "12"))),
                c.Dispose(agent, "CALLBK", callback=self._wish()),
                self._command_in_hand(agent),
                c.LogOut(agent, at_once=choose((True, False))),
            )
        )

    def _wish(self) -> CallbackWish:
        return CallbackWish(self.timers.seconds() + self.random.choice((-5.0, 5.0, 500.0)), self.random.random() < 0.5)

    def _command_about_people(self, agent: str) -> c.Command:
        """Leads, promises and numbers not to call, whoever asks."""
        choose, callback_id = self.random.choice, self.random.randrange(1, 6)
        new = self.engine.world.state.blocks["lead"][0].next
        lead_id = self.random.randrange(1, new) if new > 1 else 99_999
        fields = choose(
            ({"first_name": "Anna", "rank": "7"}, {"status": "HOT", "city": ""}, {"alt_phone": "7275551213"})
        )
        known = self.engine.world.state.callbacks.get(callback_id)
        return choose(
            (
                c.UpdateLead(fields, "crm", agent=agent),
                c.UpdateLead(fields, "crm", lead_id=lead_id),
                c.AddLead(Lead(0, 101, "NEW", "1", choose(NUMBERS)), "crm"),
                c.DeleteLead(lead_id, "crm"),
                c.SetCallback(lead_id, "TESTCAMP", self._wish(), agent, "crm"),
                c.SetCallback(lead_id, "TESTCAMP", self._wish(), agent, "crm", callback_id if known else 0),
                c.DropCallback(callback_id, "crm", known.user if known else ""),
                c.ChangeDnc(choose(NUMBERS), choose(("", "TESTCAMP")), choose((True, False)), "crm"),
                c.SetTimer(agent, TimerAction(choose((TimerKind.WEBFORM, TimerKind.D1_DIAL)), 1)),
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
        self.engine.feed(c.HopperFilled("TESTCAMP", ()))
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
