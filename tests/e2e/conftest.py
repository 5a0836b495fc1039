"""One demo for the whole folder, with short times; each test begins and ends with an empty call centre."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from agentd.sandbox.demo import Demo
from agentd.sandbox.rootfs import AsteriskFiles

pytest.register_assert_rewrite(*(f"tests.e2e.{name}" for name in ("centre", "hand", "incoming", "leads", "line")))

from tests.e2e.centre import Centre  # noqa: E402 - its assertions are to tell what they have seen
from tests.e2e.hand import Hand  # noqa: E402 - likewise
from tests.e2e.incoming import Floor  # noqa: E402 - likewise
from tests.e2e.leads import Leads  # noqa: E402 - likewise
from tests.e2e.line import Line  # noqa: E402 - likewise

TIMES = """\
ring_time = 3
logout_grace = 1
phone_grace = 4
recall_interval = 0.5
nophone_logout = 8
rest_after_miss = 0.5
missed_calls = 2
"""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, asterisk_files: AsteriskFiles, reactor: Any):
    """The demo, running, as ``make demo`` runs it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("demo")
    demo = Demo(reactor, folder, port, asterisk_files, sessions=TIMES, on_duty=None, say=lambda _text: None)
    pytest_twisted.blockon(Deferred.fromCoroutine(demo.start()))
    yield demo
    pytest_twisted.blockon(Deferred.fromCoroutine(demo.stop()))


@pytest_twisted.async_yield_fixture
async def centre(demo: Demo, reactor: Any):
    """The demo as its users reach it, with nobody logged in."""
    centre = Centre(demo, reactor)
    await centre.open()
    yield centre
    await centre.close()


@pytest_twisted.async_yield_fixture
async def hand(demo: Demo, reactor: Any):
    """The same, for a test of calls in hand."""
    hand = Hand(demo, reactor)
    await hand.open()
    yield hand
    await hand.close()


@pytest.fixture(scope="session")
def lines(demo: Demo, reactor: Any):
    """The demo with the in-groups and the agent that tests of callers need besides."""
    pytest_twisted.blockon(Deferred.fromCoroutine(Line(demo, reactor).set_up()))
    return demo


@pytest_twisted.async_yield_fixture
async def line(lines: Demo, reactor: Any):
    """The same, for a test of callers."""
    line = Line(lines, reactor)
    await line.open()
    yield line
    await line.close()


@pytest_twisted.async_yield_fixture
async def floor(demo: Demo, reactor: Any):
    """The same, for a test of callers and of the dialler."""
    floor = Floor(demo, reactor)
    await floor.open()
    yield floor
    await floor.close()


@pytest_twisted.async_yield_fixture
async def leads(demo: Demo, reactor: Any):
    """The same, for a test of leads and of what is promised to them."""
    leads = Leads(demo, reactor)
    await leads.open()
    yield leads
    await leads.close()
