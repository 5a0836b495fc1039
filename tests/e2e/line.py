"""Callers, as a test plays them: who stands in which line, and what becomes of him."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from agentd.cli import main as command_line
from agentd.engine.clock import WallClock
from agentd.sandbox.callers import ANY_DID, DIDS
from agentd.sandbox.tones import SORRY_HERTZ, WELCOME_HERTZ, outside_hertz, phone_hertz
from tests.e2e.hand import Hand, role_of
from tests.e2e.web import Stream
from tests.rig.observer import Message

REMOTE = "7275551299"
"""The number of agent 1028."""

FAR_AWAY, WELCOME, SORRY = outside_hertz(REMOTE), WELCOME_HERTZ, SORRY_HERTZ
"""What he sounds like; what Asterisk plays to callers."""

ON_HOOK, ON_HOOK_PHONE = "1002", "508"
"""An agent whose phone is rung for each call, whom these tests set up, and his phone."""

NO_RIGHT = "7000"
"""A user of the agent API who may not change agents' in-groups, whom these tests set up."""

PHONES = ("503", "504", "506", ON_HOOK_PHONE)
"""The other phones at which these tests have agents."""

NUMBERS = [f"72755560{nth:02d}" for nth in (30, 40, 50, 60, *range(6, 30), 31, 32)]
"""Numbers of people whom nobody knows. None of them behaves in any way of its own, and each has a tone of its own:
the first four have tones far apart."""

_LINES = {
    "SALESLINE": (),
    "RING": ("--ring-time", "1"),
    "TOLD": ("--announce-every", "10", "--no-announce-wait"),
    "SENT": ("--transfer-to", "TEST_IN3"),
    "CLOSED": ("--hours", "DAY 03:00-03:01", "--after-hours", "message:agentd/sorry"),
    "NOBODY": ("--no-agent", "message:agentd/sorry"),
    "D_HANGUP": ("--drop-after", "1"),
    "D_MESSAGE": ("--drop-after", "1", "--drop", "message:agentd/sorry"),
    "D_EXTENSION": ("--drop-after", "1", "--drop", "extension:8500"),
    "D_INGROUP": ("--drop-after", "1", "--drop", "ingroup:TEST_IN3"),
    "D_VOICEMAIL": ("--drop-after", "1", "--drop", "voicemail:100"),
}
"""In-groups that these tests set up, beside the demo's. SALESLINE is the demo's own; DAY is one some days away."""


@dataclass(frozen=True)
class Caller:
    """Somebody who called in: his number, his channel, and his call."""

    number: str
    leg: str
    key: str
    call_id: int
    lead_id: int


def commanded(words: list[str]) -> str:
    """What a command of ``agentd`` prints. It runs in this process, since to start a program takes long."""
    with redirect_stdout(StringIO()) as said:
        command_line(words, standalone_mode=False)
    return said.getvalue()


class Line(Hand):
    """A call centre into which people call."""

    tones = (*Hand.tones, FAR_AWAY, WELCOME, SORRY, *map(phone_hertz, PHONES), *map(outside_hertz, NUMBERS[:4]))

    news: Stream
    """What the daemon has told since the test began."""

    async def open(self) -> None:
        await super().open()
        self._callers: list[str] = []
        self.news = await self.stream()
        await self.answer_after("0", REMOTE)

    async def close(self) -> None:
        await self.answer_after("", REMOTE)
        for session in await self.sessions():  # so that nobody is brought to an agent who is sent home
            await self.native("PATCH", f"/sessions/{session['agent']}", {"state": "paused"})
        for number in self._callers:
            await self.rig.hang_up(number)
        await super().close()

    async def set_up(self) -> None:
        """Make what these tests need besides the demo's own, as an administrator does: by commands."""
        some_day = datetime.fromtimestamp(WallClock(self.reactor).now() + 3 * 86400, UTC).strftime("%a").lower()
        orders = [
            ("ingroup", "add", "--replace", name, *(word.replace("DAY", some_day) for word in said))
            for name, said in _LINES.items()
            if said
        ]
        phone = ("--on-hook", "--phone", ON_HOOK_PHONE, "--campaign", "TESTCAMP", "--password", "1234")
        lines = [word for name in ("SALESLINE", "RING") for word in ("--ingroup", name)]
        orders.append(("user", "add", "--replace", ON_HOOK, *phone, *lines))
        orders.append(
            ("user", "add", "--replace", NO_RIGHT, "--kind", "api", "--right", "agent_api", "--password", "1234")
        )
        for order in orders:
            self.administer(*order)
        await self.until(self._is_set_up, "in-groups and agent that were made")

    def administer(self, *order: str) -> None:
        """Have the demo's administrator give a command of ``agentd``."""
        commanded([*order[:2], "--config", self.runtime["config"], *order[2:]])

    async def _is_set_up(self) -> bool:
        found = (await self.native("GET", "/ingroups")).json()["ingroups"]
        return {each["name"] for each in found} >= _LINES.keys()

    # --- callers ---------------------------------------------------------------------------------------------

    def calls_in(self, ingroup: str, number: str, **headers: str) -> None:
        """Have somebody call in; what comes of it is told."""
        self._callers.append(number)
        did = next((did for did, name in DIDS.items() if name == ingroup), ANY_DID)
        self.rig.call_in(did, number, **headers, **({"Ingroup": ingroup} if did == ANY_DID else {}))

    async def caller(self, ingroup: str = "SALESLINE", number: str = NUMBERS[0], **headers: str) -> Caller:
        """Have somebody call in, and wait until he has a call."""
        self.calls_in(ingroup, number, **headers)
        return await self.came(ingroup, number)

    async def came(self, ingroup: str, number: str) -> Caller:
        """Wait until somebody who calls in has a call."""
        told = await self.news.event("call.waiting", ingroup=ingroup, number=number)
        leg = await self.until(lambda: self._leg_of(told["key"]), f"channel of {number}")
        return Caller(number, leg, told["key"], told["call_id"], told["lead_id"])

    async def _leg_of(self, key: str) -> str:
        """The channel of the customer of a call, by what Asterisk shows."""
        mark = f"AGENTD_CALL={key}"
        for channel in await self.observer.channels():
            if mark in channel.get("ChanVariable", "").split("\n") and role_of(channel) == "customer":
                return channel["Uniqueid"]
        return ""

    async def hang_up(self, caller: Caller) -> None:
        """Have a caller hang up."""
        assert await self.rig.hang_up(caller.number) == 1

    async def in_line(self, ingroup: str = "SALESLINE") -> list[str]:
        """The keys of those who wait in a line, the first first."""
        return [each["key"] for each in (await self.figures(ingroup))["callers"]]

    async def figures(self, ingroup: str = "SALESLINE") -> dict[str, Any]:
        """What the native API tells of a line."""
        return (await self.native("GET", f"/ingroups/{ingroup}")).json()

    async def until_waits(self, caller: Caller) -> None:
        """Wait until a caller hears the music, and is being brought to nobody."""
        await self.until_doing(caller.leg, "MusicOnHold")

    async def until_with(self, agent: str, caller: Caller, within: float = 10.0) -> dict[str, Any]:
        """Wait until an agent has this caller, and Asterisk has the two of them together; the call."""

        async def look() -> dict[str, Any] | None:
            calls = (await self.snapshot(agent) or {"calls": []})["calls"]
            connected = (call for call in calls if call["state"] == "connected")
            return next((call for call in connected if caller.leg in {leg["channel"] for leg in call["legs"]}), None)

        call = await self.until(look, f"{caller.number} with {agent}", within)
        phone = call["agent_leg"] or await self.phone_of(agent)
        assert await self.observer.together(caller.leg, phone), f"{agent} with {caller.number}"
        return call

    async def phone_of(self, agent: str) -> str:
        """The channel by which an agent talks: of a remote one that of his newest call."""
        session = await self.snapshot(agent)
        assert session is not None, f"{agent} is not logged in"
        if session["kind"] == "remote":
            return session["calls"][-1]["agent_leg"]
        return (await self.leg(agent, "agent"))["Uniqueid"]

    async def row(self, caller: Caller, wanted: dict[str, Any]) -> None:
        """Wait until the call's row has these values."""
        await self.until_rows([wanted], f"select {', '.join(wanted)} from calls where id = ?", caller.call_id)

    async def offers(self, caller: Caller, wanted: list[tuple[str, str]]) -> None:
        """Wait until these agents, in this order, were offered the caller, with these outcomes."""
        rows = [{"user": user, "outcome": outcome} for user, outcome in wanted]
        await self.until_rows(rows, "select user, outcome from offers where call_id = ? order by seq", caller.call_id)

    # --- agents ----------------------------------------------------------------------------------------------

    async def at_work(self, agent: str, phone: str = "", *, ready: bool = True) -> dict[str, Any]:
        """Log an agent in by the native API; the snapshot."""
        body = {"agent": agent, "ready": ready} | ({"phone": phone} if phone else {})
        answer = await self.native("POST", "/sessions", body)
        assert answer.code == 201, answer.text
        return answer.json()

    async def becomes(self, agent: str, state: str, code: str = "") -> None:
        """Have an agent ready, or paused."""
        body = {"state": state} | ({"code": code} if code else {})
        answer = await self.native("PATCH", f"/sessions/{agent}", body)
        assert answer.code == 200, answer.text

    async def takes(self, agent: str, *ingroups: str) -> None:
        """Have an agent take the calls of these in-groups, and of no others."""
        body = {"choice": "change", "ingroups": list(ingroups)}
        answer = await self.native("PUT", f"/sessions/{agent}/ingroups", body)
        assert answer.code == 200, answer.text

    async def done_with(self, agent: str, status: str = "A") -> None:
        """End and dispose of an agent's call, as a CRM does."""
        assert (await self.api("external_hangup", "1", agent)).startswith("SUCCESS")
        assert (await self.api("external_status", status, agent)).startswith("SUCCESS")

    async def remote_control(self, key: str, stage: str, agent: str = "1028", **more: str) -> str:
        """The line of ra_call_control."""
        return await self.api("ra_call_control", key, agent, stage=stage, **more)

    async def is_empty(self) -> bool:
        """Whether Asterisk has no channel."""
        return not await self.observer.channels()

    async def gone(self, *legs: str) -> bool:
        """Whether none of these channels is there any more."""
        return not {each["Uniqueid"] for each in await self.observer.channels()} & set(legs)

    # --- the moment between --------------------------------------------------------------------------------------

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        """What is inside happens while Asterisk does nothing, so that what it was asked for is not done yet."""
        asterisk = self.rig.pbx.pid
        assert asterisk is not None
        os.kill(asterisk, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(asterisk, signal.SIGCONT)

    async def far_ends_of(self, number: str) -> list[Message]:
        """The channels of a party, in the world."""
        return [each for each in await self.far_ends.channels() if each["AccountCode"] == number[-10:]]
