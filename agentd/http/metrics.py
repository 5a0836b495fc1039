"""What the HTTP side counts, in a registry of its own.

Labels come from fixed lists, so that no client can add one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

__all__ = ["HttpMetrics", "VerbMetrics", "new_registry"]

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

OTHER = "other"
"""The label of a verb that was not announced."""


def new_registry() -> CollectorRegistry:
    """A registry with the process's own figures (memory, CPU, open files, garbage collection)."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class HttpMetrics:
    """Connections, requests and streams, whatever the face."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.connections = Gauge("agentd_http_connections", "Open connections.", registry=registry)
        self.refused = Counter(
            "agentd_http_refused",
            "Requests refused before they reached a face.",
            ["status"],
            registry=registry,
        )
        self.streams = Gauge("agentd_http_streams", "Open event streams.", registry=registry)
        self.cut_off = Counter(
            "agentd_http_streams_cut_off",
            "Event streams closed because their reader was too slow.",
            registry=registry,
        )
        answers = Counter("agentd_http_answers", "Answers by status.", ["status"], registry=registry)
        self._answers = {status: answers.labels(f"{status}xx") for status in range(1, 6)}
        self._seconds = Histogram(
            "agentd_http_seconds",
            "From the first byte of a request to its answer.",
            buckets=SECONDS,
            registry=registry,
        )

    def answered(self, status: int, seconds: float) -> None:
        """One request was answered."""
        self._answers[min(5, max(1, status // 100))].inc()
        self._seconds.observe(seconds)


class VerbMetrics:
    """Requests by face, verb and result; each face announces its verbs and results at the start."""

    def __init__(self, registry: CollectorRegistry, verbs: Mapping[str, Iterable[str]], results: Iterable[str]) -> None:
        """``verbs`` by face; ``results`` such as done, refused, failed."""
        requests = Counter("agentd_requests", "Verbs asked for.", ["face", "verb", "result"], registry=registry)
        seconds = Histogram(
            "agentd_request_seconds",
            "How long a verb took.",
            ["face", "verb"],
            buckets=SECONDS,
            registry=registry,
        )
        names = {(face, verb) for face, own in verbs.items() for verb in (*own, OTHER)}
        self._results = (*results, OTHER)
        self._requests = {
            (face, verb, result): requests.labels(face, verb, result)
            for face, verb in names
            for result in self._results
        }
        self._seconds = {(face, verb): seconds.labels(face, verb) for face, verb in names}

    def done(self, face: str, verb: str, result: str, seconds: float) -> None:
        """Count one; an unannounced verb or result is ``other``. Raises KeyError for an unknown face."""
        verb = verb if (face, verb) in self._seconds else OTHER
        result = result if result in self._results else OTHER
        self._requests[face, verb, result].inc()
        self._seconds[face, verb].observe(seconds)
