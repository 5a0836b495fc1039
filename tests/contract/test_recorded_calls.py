"""Calls that are recorded, from the agent's command to the sound in the file, on a real Asterisk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.errors import AgentdError, NotRecording, RecordingForced
from agentd.core.model import CallState, RecordingRule
from agentd.sandbox.rig import Rig
from tests.contract.switch_parties import ANOTHER
from tests.contract.switch_stages import Real, parties
from tests.contract.test_switch_recordings import BOTH, LOOK, MOMENT, sounds, stretches
from tests.faces.people import campaign

__all__ = ["parties"]


class Studio(Real):
    """Agent 1000 on the real Asterisk, and the files that come of it."""

    def __init__(self, rig: Rig, reactor: Any) -> None:
        super().__init__(rig, reactor)
        self.folder = rig.recordings

    def rule(self, rule: RecordingRule) -> None:
        """Have the agents' campaign record by this rule."""
        changed = replace(campaign(), recording=rule)
        self.engine.feed(c.ReferenceChanged((r.CampaignSet(changed.name, changed),)))

    async def ask(self, command: c.Command) -> Any:
        return await self.done(self.begin(command))

    async def talk_on(self, seconds: float = MOMENT) -> None:
        """Let everybody talk for so long."""
        await deferLater(self._reactor, seconds)

    def recorded(self, kind: type[r.Record]) -> list[Any]:
        return [entry.record for entry in self.journal.entries if isinstance(entry.record, kind)]

    @property
    def file(self) -> Path:
        """The newest recording's."""
        return self.folder / self.recorded(r.RecordingAsked)[-1].file

    async def heard_in(self, file: Path) -> list[set[str]]:
        return stretches(await sounds(self._reactor, file))


@pytest_twisted.async_yield_fixture
async def studio(parties: Rig, reactor: Any):
    studio = Studio(parties, reactor)
    await studio.open()
    await studio.arrive()
    yield studio
    try:
        await studio.empty()
    finally:
        await studio.close()


@pytest_twisted.ensureDeferred
async def test_it_goes_on_through_hold_and_three_way_and_is_silent_while_muted(studio: Studio) -> None:
    await studio.talk()
    recording = await studio.ask(c.BeginRecording("1000", "_A"))
    await studio.talk_on()
    await studio.ask(c.HoldCall("1000"))
    await studio.talk_on(0.8)
    await studio.ask(c.RetrieveCall("1000"))
    await studio.ask(c.MuteRecordings("1000", muted=True))
    await studio.talk_on()
    await studio.ask(c.MuteRecordings("1000", muted=False))
    await studio.ask(c.DialThird("1000", ANOTHER))
    await studio.until(lambda: studio.call().third_answered is not None)
    await studio.talk_on()
    assert await studio.ask(c.StopRecordings("1000")) == [recording]
    heard = await studio.heard_in(studio.file)
    assert heard[0] == BOTH
    assert {"customer", "music"} in heard
    assert set() in heard[heard.index({"customer", "music"}) :]
    assert heard[-1] == BOTH | {"third"}
    assert studio.file.name.endswith("_7275551212_1000__A.wav")


@pytest_twisted.ensureDeferred
async def test_the_phone_is_recorded_without_a_call_and_with_it(studio: Studio) -> None:
    await studio.ask(c.BeginRecording("1000"))
    await studio.talk_on()
    await studio.talk()
    await studio.talk_on()
    await studio.ask(c.StopRecordings("1000"))
    heard = await studio.heard_in(studio.file)
    assert (heard[0], heard[-1]) == ({"agent"}, BOTH)


@pytest_twisted.ensureDeferred
async def test_a_forced_recording_has_the_whole_call(studio: Studio) -> None:
    studio.rule(RecordingRule.FORCED)
    customer = await studio.talk()
    await studio.until(lambda: studio.recorded(r.RecordingStarted))
    await studio.talk_on(1.0)
    with pytest.raises(RecordingForced):
        await studio.ask(c.StopRecordings("1000"))
    await studio.leaves(customer)
    await studio.until(lambda: studio.recorded(r.RecordingEnded))
    heard = await sounds(studio._reactor, studio.file)
    assert stretches(heard) == [BOTH]
    assert len(heard) * LOOK >= 0.8
    assert studio.recorded(r.RecordingEnded)[0].reason == "hangup"


@pytest_twisted.ensureDeferred
async def test_a_recording_survives_a_break_of_the_link(studio: Studio) -> None:
    await studio.talk()
    recording = await studio.ask(c.BeginRecording("1000"))
    await studio.cut()
    with pytest.raises(AgentdError):
        await studio.ask(c.StopRecordings("1000"))
    await studio.talk_on()
    await studio.mend()
    assert await studio.ask(c.StopRecordings("1000")) == [recording]
    assert await studio.heard_in(studio.file) == [BOTH]
    with pytest.raises(NotRecording):
        await studio.ask(c.StopRecordings("1000"))


@pytest_twisted.ensureDeferred
async def test_after_a_blind_transfer_the_customer_is_recorded_until_he_goes(studio: Studio) -> None:
    customer = await studio.talk()
    await studio.ask(c.BeginRecording("1000"))
    await studio.talk_on()
    await studio.ask(c.TransferBlind("1000", ANOTHER))
    assert studio.call().state is CallState.WRAPPING
    await studio.talk_on(1.0)
    await studio.ended_by_others(customer)
    await studio.until(lambda: studio.recorded(r.RecordingEnded))
    heard = await sounds(studio._reactor, studio.file)
    assert stretches(heard)[0] == BOTH
    assert stretches(heard)[-1] == {"customer", "third"}
    assert len(heard) * LOOK >= MOMENT + 0.8
