"""Liveness, readiness, metrics."""

from __future__ import annotations

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from agentd.http.health import Health, MetricsPage, PartState, Readiness, State
from agentd.http.metrics import HttpMetrics, VerbMetrics, new_registry
from agentd.http.site import Root
from tests.http.memory import Memory, get

UP, DEGRADED, DOWN = State.UP, State.DEGRADED, State.DOWN


class Daemon:
    def __init__(self):
        self.state = {}

    def parts(self):
        return self.state


@pytest.fixture
def daemon():
    return Daemon()


@pytest.fixture
def registry():
    return new_registry()


@pytest.fixture
def memory(daemon, registry):
    root = Root()
    root.putChild(b"healthz", Health())
    root.putChild(b"readyz", Readiness(daemon))
    root.putChild(b"metrics", MetricsPage(registry, lambda token: token == "good"))
    with Memory(root, metrics=HttpMetrics(registry)) as memory:
        yield memory


@pytest.mark.parametrize(
    ("pbx", "journal", "database", "status", "word"),
    [
        (UP, UP, UP, 200, "ready"),
        (UP, UP, DOWN, 200, "degraded"),
        (UP, UP, DEGRADED, 200, "degraded"),
        (UP, DEGRADED, UP, 200, "degraded"),
        (DOWN, UP, UP, 503, "down"),
        (UP, DOWN, UP, 503, "down"),
        (DOWN, DOWN, DOWN, 503, "down"),
    ],
)
def test_readiness_depends_on_what_calls_need(memory, daemon, pbx, journal, database, status, word):
    daemon.state = {
        "pbx": PartState(pbx, "link is live"),
        "journal": PartState(journal),
        "database": PartState(database, essential=False),
    }
    answer = memory.ask(get("/readyz"))
    assert answer.status == status
    body = msgspec.json.decode(answer.body)
    assert body["status"] == word
    assert body["parts"]["pbx"] == {"state": pbx, "detail": "link is live"}
    assert body["parts"]["database"]["state"] == database


def test_liveness_depends_on_nothing(memory, daemon):
    daemon.state = {"pbx": PartState(DOWN)}
    answer = memory.ask(get("/healthz"))
    assert (answer.status, answer.body) == (200, b'{"status":"alive"}')


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", [], 200),
        ("127.0.0.1", ["X-Forwarded-For: 127.0.0.1"], 401),
        ("192.0.2.1", [], 401),
        ("192.0.2.1", ["Authorization: Bearer bad"], 401),
        ("192.0.2.1", ["Authorization: Bearer good"], 200),
    ],
)
def test_metrics_are_for_this_machine_or_for_a_token(memory, peer, headers, status):
    answer = memory.ask(get("/metrics", *headers), peer=peer)
    assert answer.status == status
    assert (b"agentd_http_connections" in answer.body) == (status == 200)
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_metrics_are_in_prometheus_text_format(memory, registry):
    verbs = VerbMetrics(registry, {"agent_api": ["external_hangup"]}, ["done", "refused"])
    verbs.done("agent_api", "external_hangup", "done", 0.003)
    verbs.done("agent_api", "rubbish" * 100, "odd", 0.003)
    answer = memory.ask(get("/metrics"))
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert "process_resident_memory_bytes" in families
    requests = {
        (sample.labels["verb"], sample.labels["result"]): sample.value
        for sample in families["agentd_requests"].samples
        if sample.name.endswith("_total")
    }
    assert requests == {
        ("external_hangup", "done"): 1,
        ("external_hangup", "refused"): 0,
        ("external_hangup", "other"): 0,
        ("other", "done"): 0,
        ("other", "refused"): 0,
        ("other", "other"): 1,
    }


def test_head_and_wrong_methods(memory, daemon):
    assert memory.ask(get("/healthz", method="HEAD"), method="HEAD").status == 200
    assert memory.ask(get("/readyz", method="POST")).status == 405
