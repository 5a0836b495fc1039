"""What is, for Prometheus: the daemon's parts, sessions, calls, lines and dialling, and what the parts have counted.

Read when it is asked for; nothing is counted along the way.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from agentd.core.dialler.figures import DiallerFigures, dialler_figures
from agentd.core.lines.figures import LineFigures, line_figures
from agentd.core.memory import Memory
from agentd.core.model import CallState, SessionState
from agentd.http.health import Parts
from agentd.http.health import State as PartIs

__all__ = ["Figures", "Gauges"]

_DIRECTIONS = ("manual", "auto", "inbound")

_INGROUP: Sequence[tuple[str, str, Callable[[LineFigures], float | None]]] = (
    ("waiting", "Callers in the line.", lambda line: line.waiting),
    ("longest_wait_seconds", "How long the one who waits longest has waited.", lambda line: line.longest_wait),
    ("agents", "Agents logged in who take the in-group's calls.", lambda line: line.agents),
    ("agents_ready", "Those of them who are ready.", lambda line: line.ready),
    ("offered_today", "Callers who came since midnight.", lambda line: line.offered),
    ("answered_today", "Callers who were answered since midnight.", lambda line: line.answered),
    ("abandoned_today", "Callers who hung up in the line since midnight.", lambda line: line.abandoned),
    ("dropped_today", "Callers who were sent elsewhere since midnight.", lambda line: line.dropped),
    ("service_level_percent", "Today's callers who were answered in time.", lambda line: line.service_level),
)
_DIALLER: Sequence[tuple[str, str, Callable[[DiallerFigures], float | None]]] = (
    ("agents_ready", "Agents who are ready for a call of the campaign.", lambda dialler: dialler.ready),
    ("dialling", "Calls that the campaign has made and nobody has answered yet.", lambda dialler: dialler.dialling),
    ("waiting", "Calls that were answered and are not with an agent yet.", lambda dialler: dialler.waiting),
    ("dialled_today", "Calls that the campaign made since midnight.", lambda dialler: dialler.dialled),
    ("answered_today", "Those of them that were answered.", lambda dialler: dialler.answered),
    ("dropped_today", "Those answered that found no agent.", lambda dialler: dialler.dropped),
)
"""Counts that begin again at midnight are gauges, not counters: they say so in their names."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the daemon's parts count by themselves. Counts are since the start, times in seconds, sizes in bytes."""

    behind: int | None
    """Records that the database lacks; None: unknown."""
    rejected: int
    """Records that the database refused for good, and that stand in journal_rejects."""
    journal_full: bool
    journal_free: int
    link_lag: float
    link_backlog: int
    link_events: int
    link_late: int
    link_handler_errors: int
    repairs: Mapping[str, int]
    """By what had differed from Asterisk when the link came up."""
    recordings_failed: int
    recordings_removed: int
    digits_dropped: int


class Gauges(Collector):
    """The World, the daemon's parts and their figures."""

    def __init__(self, memory: Memory, parts: Parts, figures: Callable[[], Figures], now: Callable[[], float]) -> None:
        self._memory = memory
        self._state = memory.state
        self._parts = parts
        self._figures = figures
        self._now = now

    def describe(self) -> list[Metric]:
        """Nothing is asked before the daemon is built."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Each with every label that it can have, so that a graph has no holes."""
        parts = {name: float(part.state is PartIs.UP) for name, part in self._parts.parts().items()}
        yield _labelled(
            GaugeMetricFamily("agentd_part_up", "Whether a part of the daemon is up.", labels=["part"]), parts
        )
        yield from self._world()
        yield from self._lines()
        yield from self._diallers()
        figures = self._figures()
        yield from _journal(figures)
        yield from _link(figures)
        yield from _in_calls(figures)

    def _world(self) -> Iterator[Metric]:
        sessions = self._state.sessions.values()
        by_state = GaugeMetricFamily("agentd_sessions", "Sessions by state.", labels=["state"])
        yield _labelled(by_state, _tally(SessionState, (session.state for session in sessions)))
        lost = sum(not session.attached for session in sessions)
        yield _gauge("phones_lost", "Sessions whose phone is not connected.", lost)
        by_progress = GaugeMetricFamily("agentd_calls", "Calls that are not complete, by state.", labels=["state"])
        yield _labelled(by_progress, _tally(CallState, (call.state for call in self._state.calls.values())))
        about = "Calls that are not complete, by who began them."
        by_direction = GaugeMetricFamily("agentd_calls_by_direction", about, labels=["direction"])
        yield _labelled(by_direction, _tally(_DIRECTIONS, (call.direction for call in self._state.calls.values())))
        running = sum(recording.started is not None for recording in self._state.recordings.values())
        yield _gauge("recordings", "Recordings that run.", running)
        there = sum(monitor.since is not None for monitor in self._state.monitors.values())
        yield _gauge("supervisors", "Supervisors who are there.", there)

    def _lines(self) -> Iterator[Metric]:
        """In-groups that are there; what was counted for one that was removed is not told."""
        now = self._now()
        figures = {name: line_figures(self._state, name, now) for name in self._state.ingroups}
        for name, text, value in _INGROUP:
            family = GaugeMetricFamily(f"agentd_ingroup_{name}", text, labels=["ingroup"])
            yield _labelled(family, {ingroup: value(line) for ingroup, line in figures.items()})

    def _diallers(self) -> Iterator[Metric]:
        now = self._now()
        figures = {name: dialler_figures(self._state, name, now) for name in self._state.campaigns}
        for name, text, value in _DIALLER:
            family = GaugeMetricFamily(f"agentd_dialler_{name}", text, labels=["campaign"])
            yield _labelled(family, {campaign: value(dialler) for campaign, dialler in figures.items()})
        level = GaugeMetricFamily("agentd_dialler_level", "Calls for each ready agent.", labels=["campaign"])
        yield _labelled(level, {name: campaign.auto_dial_level for name, campaign in self._state.campaigns.items()})
        hopper = GaugeMetricFamily("agentd_dialler_hopper", "Leads held ready to be dialled.", labels=["campaign"])
        yield _labelled(hopper, {name: len(self._memory.hopper.get(name, ())) for name in self._state.campaigns})


def _journal(figures: Figures) -> Iterator[Metric]:
    yield _gauge("journal_full", "Whether new work is refused because the journal is full.", figures.journal_full)
    yield _gauge("journal_free_bytes", "What the journal can take without asking the disk.", figures.journal_free)
    yield _counter("journal_rejects", "Records that the database refused and that were set aside.", figures.rejected)
    if figures.behind is not None:
        yield _gauge("database_behind", "Records that the database has not yet.", figures.behind)


def _link(figures: Figures) -> Iterator[Metric]:
    yield _gauge("link_lag_seconds", "How long the oldest unread word of Asterisk has waited.", figures.link_lag)
    yield _gauge("link_backlog", "Words of Asterisk that are not read yet.", figures.link_backlog)
    yield _counter("link_events", "Events of Asterisk that were read.", figures.link_events)
    yield _counter("link_late_answers", "Answers of Asterisk that nobody waited for any more.", figures.link_late)
    errors = "Events of Asterisk at which a handler failed."
    yield _counter("link_handler_errors", errors, figures.link_handler_errors)
    repaired = "What differed from Asterisk when the link came up, and was repaired."
    yield _labelled(CounterMetricFamily("agentd_repairs", repaired, labels=["what"]), figures.repairs)


def _in_calls(figures: Figures) -> Iterator[Metric]:
    yield _counter("recordings_failed", "Recordings that left no file that can be read.", figures.recordings_failed)
    yield _counter("recordings_removed", "Recordings whose file was removed for its age.", figures.recordings_removed)
    yield _counter("digits_dropped", "DTMF digits that were never sent.", figures.digits_dropped)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"agentd_{name}", text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"agentd_{name}", text, value=value)


def _labelled(
    family: GaugeMetricFamily | CounterMetricFamily, values: Mapping[str, float | None]
) -> GaugeMetricFamily | CounterMetricFamily:
    """What is None is left out: nothing is known of it."""
    for label, value in values.items():
        if value is not None:
            family.add_metric([label], value)
    return family


def _tally(states: Iterable[str], found: Iterable[str]) -> dict[str, float]:
    tally = Tally(found)
    return {str(state): tally[state] for state in states}
