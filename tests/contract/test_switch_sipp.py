"""A customer who is no Asterisk: SIPp answers by its own scenario, and counts what does not fit it."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest_twisted
from twisted.internet.utils import getProcessOutputAndValue

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.model import CallState
from agentd.sandbox.rig import Rig
from tests.contract.switch_parties import Stage
from tests.contract.switch_stages import Real, parties
from tests.faces.people import campaign

__all__ = ["parties"]

NUMBER = "7275557777"
HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def dial_sipp(stage: Stage, port: int) -> None:
    """Have the campaign's outside numbers reach SIPp there."""
    changed = replace(campaign(), trunk=f"PJSIP/carrier/sip:{{number}}@{HOST}:{port}")
    stage.engine.feed(c.ReferenceChanged((r.CampaignSet(changed.name, changed),)))


@pytest_twisted.ensureDeferred
async def test_parking_is_no_business_of_the_customers_phone(parties: Rig, reactor: Any) -> None:
    port = free_port()
    answers_one_call = ["-sn", "uas", "-i", HOST, "-p", str(port), "-m", "1", "-timeout", "20", "-nostdin"]
    sipp = getProcessOutputAndValue("sipp", answers_one_call, env={"TERM": "dumb"}, path=str(parties.folder))
    stage = Real(parties, reactor)
    await stage.open()
    try:
        dial_sipp(stage, port)
        await stage.arrive()
        customer = await stage.talk(NUMBER)
        for ivr in (False, True):
            await stage.done(stage.begin(c.HoldCall("1000", ivr=ivr)))
            assert stage.call().state is (CallState.IVR if ivr else CallState.HELD)
            await stage.done(stage.begin(c.RetrieveCall("1000")))
            assert stage.call().state is CallState.CONNECTED
        await stage.hang_up()
        assert customer not in stage.legs()
        out, err, code = await sipp.addTimeout(25, reactor)
        assert code == 0, (out[-2000:], err)  # one call, answered and ended as it should be; 1 is a failed call
        await stage.empty()
    finally:
        await stage.close()
