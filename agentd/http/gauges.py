"""What is, for Prometheus: the daemon's parts, sessions, calls, and how far the database is behind.

Read when it is asked for; nothing is counted along the way.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from agentd.core.model import CallState, SessionState, State
from agentd.http.health import Parts
from agentd.http.health import State as PartIs

__all__ = ["Gauges"]


class Gauges(Collector):
    """The World and the daemon's parts as gauges. ``behind`` is how many records the database lacks, None: unknown."""

    def __init__(self, state: State, parts: Parts, behind: Callable[[], int | None]) -> None:
        self._state = state
        self._parts = parts
        self._behind = behind

    def describe(self) -> list[Metric]:
        """Nothing is asked before the daemon is built."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Each with every label that it can have, so that a graph has no holes."""
        up = GaugeMetricFamily("agentd_part_up", "Whether a part of the daemon is up.", labels=["part"])
        for name, part in self._parts.parts().items():
            up.add_metric([name], float(part.state is PartIs.UP))
        yield up
        sessions = Tally(session.state for session in self._state.sessions.values())
        by_state = GaugeMetricFamily("agentd_sessions", "Sessions by state.", labels=["state"])
        for session_state in SessionState:
            by_state.add_metric([session_state.value], sessions[session_state])
        yield by_state
        phones = sum(not session.attached for session in self._state.sessions.values())
        yield GaugeMetricFamily("agentd_phones_lost", "Sessions whose phone is not connected.", value=phones)
        calls = Tally(call.state for call in self._state.calls.values())
        by_progress = GaugeMetricFamily("agentd_calls", "Calls that are not complete, by state.", labels=["state"])
        for call_state in CallState:
            by_progress.add_metric([call_state.value], calls[call_state])
        yield by_progress
        behind = self._behind()
        if behind is not None:
            yield GaugeMetricFamily("agentd_database_behind", "Records that the database has not yet.", value=behind)
