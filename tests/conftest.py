"""What every test may ask for. A test that needs Asterisk fails, never skips, when none can be had.

Property tests draw the same examples every time, so that a change is judged by what it changes; ``AGENTD_RANDOM=1``
has them draw others, and look for what nobody has found.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import pytest_twisted
from hypothesis import settings
from twisted.internet.defer import Deferred

from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.rig import Rig
from agentd.sandbox.rootfs import AsteriskFiles, find_asterisk
from tests.rig.observer import Observer

settings.register_profile("agentd", derandomize=not os.environ.get("AGENTD_RANDOM"), deadline=None)
settings.load_profile("agentd")


@pytest.fixture(scope="session")
def reactor(twisted_greenlet: object) -> Any:
    """The reactor that runs the asynchronous tests."""
    from twisted.internet import reactor as running  # noqa: TID251 - handed on from here, imported nowhere else

    return running


@pytest.fixture(scope="session")
def asterisk_files() -> AsteriskFiles:
    """The Asterisk of this machine, or of the cache; fetched the first time."""
    return find_asterisk()


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory, asterisk_files: AsteriskFiles, reactor: Any):
    """A private PBX and a private outside world, running; the same ones for the whole session."""
    rig = Rig(reactor, tmp_path_factory.mktemp("rig"), asterisk_files)
    pytest_twisted.blockon(Deferred.fromCoroutine(rig.start()))
    yield rig
    pytest_twisted.blockon(Deferred.fromCoroutine(rig.stop()))


@pytest_twisted.async_yield_fixture
async def observer(rig: Rig, reactor: Any):
    """Somebody else's AMI connection to the PBX, which sees everything; afterwards no channel is left."""
    watcher = await Observer.connect(reactor, **rig.administrator)
    yield watcher
    await watcher.hang_up_all()
    await watcher.close()


@pytest_twisted.async_yield_fixture
async def world_observer(rig: Rig, reactor: Any):
    """The same for the outside world: what the phones and the carrier's customers see."""
    watcher = await Observer.connect(reactor, PBX_HOST, rig.ports.world_ami, "admin", rig.secrets["world"])
    yield watcher
    await watcher.close()
