"""Dispositions with promises, timers, and changes of leads in the property tests."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from agentd.core import commands as c
from agentd.core.model import CallbackWish, Lead, TimerAction, TimerKind
from tests.core.desk import NUMBER
from tests.core.rules_agents import AGENTS, WHICH
from tests.core.rules_outside import DICE, Outside

SHOWN = st.sampled_from([77, 78])  # the leads that the rules of dials and callers use
AHEAD = st.sampled_from([-10.0, 0.0, 15.0, 300.0])
STATUSES = st.sampled_from(["CALLBK", "CALLBK", "CALLBK", "NEVER", "A"])
TIMERS = st.one_of(st.none(), st.builds(TimerAction, st.sampled_from(TimerKind), st.sampled_from([0, 1, 20])))
CHANGES = st.sampled_from(
    [
        {"city": "Miami"},
        {"phone_number": "7275551444", "city": ""},
        {"alt_phone": "8500", "rank": "12", "address3": "call me"},
        {"phone_number": ""},
        {"city": "x\n"},
        {},
    ]
)


class Promises(Outside):
    """Agents and a CRM that promise calls, time them, and change who is called."""

    @rule(agent=AGENTS, status=STATUSES, which=WHICH, ahead=AHEAD, anyone=st.booleans())
    def dispose_with_promise(self, agent: str, status: str, which: int | None, ahead: float, anyone: bool) -> None:
        wish = CallbackWish(self.desk.now + ahead, anyone)
        self.centre.ask(c.Dispose(agent, status, self._call(agent, which), wish, "12"))

    @rule(agent=AGENTS, lead_id=SHOWN, ahead=AHEAD, anyone=st.booleans(), pick=st.integers(0, 5))
    def set_callback(self, agent: str, lead_id: int, ahead: float, anyone: bool, pick: int) -> None:
        wish, known = CallbackWish(self.desk.now + ahead, anyone), list(self.desk.state.callbacks)
        changed = known[pick] if pick < len(known) else 0
        self.centre.ask(c.SetCallback(lead_id, "TESTCAMP", wish, agent, "boss", changed))

    @rule(pick=st.integers(0, 5), known=st.booleans())
    def drop_callback(self, pick: int, known: bool) -> None:
        callbacks = list(self.desk.state.callbacks.values())
        if known and pick < len(callbacks):
            self.centre.ask(c.DropCallback(callbacks[pick].id, "boss", callbacks[pick].user, callbacks[pick].lead_id))
        else:
            self.centre.ask(c.DropCallback(900 + pick, "boss", "1000" if known else "", 77))

    @rule(agent=AGENTS, timer=TIMERS, dice=DICE)
    def set_timer(self, agent: str, timer: TimerAction | None, dice: int) -> None:
        self._give(c.SetTimer(agent, timer), dice)

    @rule(agent=AGENTS, lead_id=SHOWN, on_screen=st.booleans(), fields=CHANGES)
    def update_lead(self, agent: str, lead_id: int, on_screen: bool, fields: dict[str, str]) -> None:
        whose = c.UpdateLead(fields, "crm", agent) if on_screen else c.UpdateLead(fields, "crm", lead_id=lead_id)
        self.centre.ask(whose)

    @rule(agent=st.sampled_from(["", "1000"]), number=st.sampled_from(["", NUMBER]))
    def add_lead(self, agent: str, number: str) -> None:
        self.centre.ask(c.AddLead(Lead(0, 101, "", "1", number), "crm", agent))

    @rule(lead_id=SHOWN)
    def delete_lead(self, lead_id: int) -> None:
        self.centre.ask(c.DeleteLead(lead_id, "crm"))

    @rule(number=st.sampled_from([NUMBER, "17275551477", "72755514 78"]), listed=st.booleans())
    def change_dnc(self, number: str, listed: bool) -> None:
        self.centre.ask(c.ChangeDnc(number, "", listed, "crm"))
