"""What the records tell of callers, added up anew: what became of each of them, and the counts of the day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict

from agentd.core import records as r
from agentd.core.evolving.counts import day_of
from agentd.core.model import DialCounts, InGroup, LineCounts, State

__all__ = ["Ledger"]

OVER = {"delivered", "abandoned", "treated"}


class Ledger:
    """Reads the records as they are made. ``fates`` says what became of each call whose caller has waited."""

    def __init__(self) -> None:
        self.fates: dict[int, str] = {}
        self.waits: dict[int, float] = {}  # call -> since when its caller waits in this line
        self.lines: dict[int, str] = {}
        self.campaigns: dict[int, str] = {}
        self.answered: dict[int, float] = {}
        self.consults: set[str] = set()
        self.ingroups: dict[str, InGroup] = {}
        self.line_counts: defaultdict[tuple[str, str], LineCounts] = defaultdict(lambda: LineCounts(""))
        self.dial_counts: defaultdict[tuple[str, str], DialCounts] = defaultdict(lambda: DialCounts(""))

    def read(self, record: r.Record, at: float) -> None:
        """Add one record."""
        day = day_of(at)
        if isinstance(record, r.InGroupSet):
            self._set(record)
        elif isinstance(record, r.CallWaiting):
            self._begins(record.call_id, record.ingroup)
            self.line_counts[day, record.ingroup].offered += 1
        elif isinstance(record, r.CallDialled):
            self.dial_counts[day, record.campaign].dialled += 1
        elif isinstance(record, r.LeadAnswered):
            self._begins(record.call_id, "")
            self.campaigns[record.call_id] = record.campaign
            self.dial_counts[day, record.campaign].answered += 1
        elif isinstance(record, r.WaitingJoined):
            self._joined(record)
        elif isinstance(record, r.WaitingEnded):
            self._ended(record, at, day)
        elif isinstance(record, r.CallTreated):
            self._treated(record, day)
        elif isinstance(record, r.CallRerouted):
            self._rerouted(record, day)
        elif isinstance(record, r.CallDelivered):
            assert record.call_id not in self.answered, "delivered twice"
            self.answered[record.call_id] = at
        elif isinstance(record, r.CallEnded):
            self._over(record, at, day)

    def _set(self, record: r.InGroupSet) -> None:
        if record.ingroup is None:
            self.ingroups.pop(record.name, None)
        else:
            self.ingroups[record.name] = record.ingroup

    def _begins(self, call_id: int, ingroup: str) -> None:
        assert call_id not in self.fates
        self.fates[call_id] = "waits"
        self.lines[call_id] = ingroup

    def _joined(self, record: r.WaitingJoined) -> None:
        if record.consult:
            self.consults.add(record.leg)
            return
        assert self.fates[record.call_id] == "waits"
        assert self.waits.setdefault(record.call_id, record.since) == record.since, "a caller lost his place"

    def _ended(self, record: r.WaitingEnded, at: float, day: str) -> None:
        if record.leg in self.consults:
            return
        assert self.fates[record.call_id] == "waits"
        if record.reason not in OVER:
            assert record.reason == "system", "a caller waits no longer, and nobody knows why"
            return
        self.fates[record.call_id] = record.reason
        waited = at - self.waits.pop(record.call_id)
        counts = self.line_counts[day, record.ingroup]
        if not record.ingroup:
            self.dial_counts[day, self.campaigns[record.call_id]].dropped += record.reason == "abandoned"
        elif record.reason == "delivered":
            ingroup = self.ingroups.get(record.ingroup)
            counts.answered += 1
            counts.waited += waited
            counts.in_time += ingroup is not None and waited <= ingroup.service_level
        elif record.reason == "abandoned":
            counts.abandoned += 1

    def _treated(self, record: r.CallTreated, day: str) -> None:
        if record.campaign:
            self.dial_counts[day, record.campaign].dropped += 1
        else:
            self.line_counts[day, record.ingroup].dropped += 1

    def _rerouted(self, record: r.CallRerouted, day: str) -> None:
        assert self.fates[record.call_id] == "treated"
        self.fates[record.call_id] = "waits"
        self.lines[record.call_id] = record.ingroup
        self.line_counts[day, record.ingroup].offered += 1

    def _over(self, record: r.CallEnded, at: float, day: str) -> None:
        assert self.fates.get(record.call_id) != "waits", "over, and still in line"
        line = self.lines.get(record.call_id, "")
        if line and record.call_id in self.answered:
            counts = self.line_counts[day, line]
            counts.ended += 1
            counts.talked += at - self.answered[record.call_id]

    # --- against the State -------------------------------------------------------------------------------------

    def check(self, state: State) -> None:
        """Fail when the State says something else."""
        waiting = {each.call_id for each in state.waiting.values() if not each.consult}
        assert waiting == {call_id for call_id, fate in self.fates.items() if fate == "waits"}
        for each in state.waiting.values():
            assert each.consult or each.since == self.waits[each.call_id], "a caller lost his place"
        for name, counted in state.line_counts.items():
            told = {**asdict(self.line_counts[counted.day, name]), "day": counted.day}
            assert told == asdict(counted), f"the counts of {name}"
        for name, dialled in state.dial_counts.items():
            told = {**asdict(self.dial_counts[dialled.day, name]), "day": dialled.day}
            assert told == asdict(dialled), f"the counts of {name}"
        self._nobody_is_missing(state)

    def _nobody_is_missing(self, state: State) -> None:
        """Whoever came into a line has been answered, has gone, was sent elsewhere, or is still there."""
        came, left = defaultdict[str, int](int), defaultdict[str, int](int)
        for (_day, name), counts in self.line_counts.items():
            came[name] += counts.offered
            left[name] += counts.answered + counts.abandoned + counts.dropped
        for each in state.waiting.values():
            left[each.ingroup] += bool(each.ingroup) and not each.consult
        assert {name: count for name, count in came.items() if count} == {
            n: count for n, count in left.items() if count
        }
