"""Calls in hand, as a test plays them: what Asterisk has of each party, and what each of them hears."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from twisted.internet.defer import ensureDeferred, gatherResults

from agentd.sandbox.data import ON_DUTY
from agentd.sandbox.ports import PBX_HOST
from agentd.sandbox.tones import (
    IVR_PROMPT,
    LEAVE_MESSAGE_HERTZ,
    MESSAGE_HERTZ,
    MUSIC_HERTZ,
    PROMPT_HERTZ,
    outside_hertz,
    phone_hertz,
    write_tone,
)
from tests.e2e.centre import AGC, CUSTOMER, X5, Centre
from tests.rig.listen import listen
from tests.rig.observer import Message, Observer

COLLEAGUE, HIS_PHONE = ON_DUTY
"""The agent who is there when the demo has started, and his phone."""

THIRD = "919998888177"
"""The number of a third party; the outside knows it by its last ten digits."""

DOCUMENTS_THIRD = "919998888112"
"""That of the documents' third party, who sounds like the documents' customer."""

SECOND_CUSTOMER = "7275551213"

SUPERVISOR = "510"
"""A phone that is nobody's."""

OWN, OTHER, BOSS = phone_hertz("502"), phone_hertz(HIS_PHONE), phone_hertz(SUPERVISOR)
CALLER, THIRD_PARTY, SECOND = outside_hertz(CUSTOMER), outside_hertz(THIRD), outside_hertz(SECOND_CUSTOMER)
MUSIC, PROMPT, MESSAGE, LEFT_MESSAGE = MUSIC_HERTZ, PROMPT_HERTZ, MESSAGE_HERTZ, LEAVE_MESSAGE_HERTZ
"""What the parties sound like: 1000's phone, the colleague's, the supervisor's; the customer, the third party, a second
customer; and what Asterisk plays to them."""

_TONES = (OWN, OTHER, BOSS, CALLER, THIRD_PARTY, SECOND, MUSIC, PROMPT, MESSAGE, LEFT_MESSAGE, 440, 480)
_IN_A_HURRY = (CUSTOMER, SECOND_CUSTOMER, THIRD, DOCUMENTS_THIRD)
_PROMPT_SECONDS = 25
_LISTENINGS = 4
_LISTENS, _IS_DEAF = "enabled = yes", "enabled = no"


class Hand(Centre):
    """A call centre in which a call is in hand: agent 1000 on phone 502, unless said otherwise."""

    far_ends: Observer
    """The AMI of the phones and of the outside: what has come through to them."""

    tones: tuple[int, ...] = _TONES
    """What is listened for."""

    async def open(self) -> None:
        await super().open()
        secret = self.rig.secrets["world"]
        self.far_ends = await Observer.connect(self.reactor, PBX_HOST, self.rig.ports.world_ami, "admin", secret)
        await self.answer_after("0", *_IN_A_HURRY)

    async def close(self) -> None:
        await self.answer_after("", *_IN_A_HURRY)
        await self.far_ends.close()
        await super().close()

    async def answer_after(self, seconds: str, *numbers: str) -> None:
        """Have parties outside answer so fast; with no seconds, as fast as usual (Rig.behave, for those in a hurry)."""
        for number in numbers:
            await self.far_ends.action("Setvar", Variable=f"AFTER_{number[-10:]}", Value=seconds)

    # --- the documents' functions ----------------------------------------------------------------------------

    async def park(self, value: str, path: str = AGC) -> str:
        """The line of park_call."""
        return await self.api("park_call", value, path=path)

    async def transfer(self, value: str, path: str = AGC, **more: str) -> str:
        """The line of transfer_conference."""
        return await self.api("transfer_conference", value, path=path, **more)

    def transferred(self, path: str, key: str, *fields: str) -> str:
        """The line of a transfer_conference that was carried out, on this path, for the call of that key."""
        last = (key,) if path == X5 else ()
        return "SUCCESS: transfer_conference function set - " + "|".join((*fields, "1000", *last))

    # --- scenes ----------------------------------------------------------------------------------------------

    async def duty(self, agent: str = COLLEAGUE, phone: str = HIS_PHONE) -> str:
        """Have an agent logged in and ready, as one is in the demo; the channel of his phone."""
        leg = await self.log_in(agent, phone)
        assert (await self.native("PATCH", f"/sessions/{agent}", {"state": "ready"})).code == 200
        return leg

    async def third(self, value: str = "DIAL_WITH_CUSTOMER") -> str:
        """Have the third party called and answered; his channel."""
        line = await self.transfer(value, phone_number=THIRD, dial_override="YES")
        assert line == f"SUCCESS: transfer_conference function set - {value}||{THIRD}|NO|1000"
        return (await self.until_third())["leg"]

    async def consult(self, value: str = "DIAL_WITH_CUSTOMER") -> str:
        """Have the colleague consulted and there; the leg that waited for him."""
        line = await self.transfer(value, ingroup_choices="TEST_IN3", consultative="YES")
        assert line == f"SUCCESS: transfer_conference function set - {value}|TEST_IN3||YES|1000"
        return (await self.until_third())["leg"]

    async def call(self, agent: str = "1000") -> dict[str, Any]:
        """An agent's newest call."""
        session = await self.snapshot(agent)
        assert session is not None, f"{agent} is not logged in"
        assert session["calls"], f"{agent} has no call"
        return session["calls"][-1]

    async def until_call(self, state: str, agent: str = "1000", within: float = 10.0) -> dict[str, Any]:
        """Wait until an agent's newest call is in that state; the call."""

        async def look() -> dict[str, Any] | None:
            calls = (await self.snapshot(agent) or {"calls": []})["calls"]
            return calls[-1] if calls and calls[-1]["state"] == state else None

        return await self.until(look, f"call of {agent} in {state}", within)

    async def until_third(self, agent: str = "1000") -> dict[str, Any]:
        """Wait until the third party of an agent's call is there."""

        async def look() -> dict[str, Any] | None:
            third = (await self.call(agent))["third_party"]
            return third if third is not None and third["state"] == "connected" else None

        return await self.until(look, "third party")

    async def until_empty_but(self, *agents: str) -> None:
        """Wait until Asterisk has no channels but those of these agents' phones."""
        own = {(await self.leg(agent, "agent"))["Uniqueid"] for agent in agents}

        async def look() -> bool:
            return {channel["Uniqueid"] for channel in await self.observer.channels()} == own

        await self.until(look, "end of all other channels")

    async def short_prompt(self, seconds: int) -> None:
        """Have the prompt of the campaign's IVR last so long; ``long_prompt`` makes it what it was."""
        sounds = self.rig.pbx.folder / "data" / "sounds"
        write_tone(sounds / f"{IVR_PROMPT}.wav", PROMPT, 0.9, pause=0.1, times=seconds)

    async def long_prompt(self) -> None:
        await self.short_prompt(_PROMPT_SECONDS)

    # --- what Asterisk has -----------------------------------------------------------------------------------

    async def doing(self, leg: str) -> str:
        """What a channel does: the application that runs it, with the conference's number; empty: it is gone."""
        channel = await self.observer.channel(leg)
        return "" if channel is None else _doing(channel)

    async def until_doing(self, leg: str, what: str, within: float = 10.0) -> None:
        """Wait until a channel does that: a move is confirmed a moment before the application runs."""

        async def look() -> bool:
            return await self.doing(leg) == what

        await self.until(look, f"{leg} in {what or 'nothing'}", within)

    async def until_sent_on(self, leg: str) -> None:
        """Wait until a channel talks with one other, who is no agent."""

        async def look() -> bool:
            channels = await self.observer.channels()
            bridge = next((each["BridgeId"] for each in channels if each["Uniqueid"] == leg), "")
            roles = [role_of(each) for each in channels if bridge and each["BridgeId"] == bridge]
            return len(roles) == 2 and "agent" not in roles

        await self.until(look, f"{leg} with whom he was sent to")

    # --- what the parties hear -------------------------------------------------------------------------------

    async def hears(self, number: str, seconds: float = 0.6) -> set[int]:
        """The tones that a party hears, by its phone or outside number."""
        far_end = await self._far_end(number)
        folder = self.rig.folder / "heard"
        folder.mkdir(exist_ok=True)
        # What the far end's channel says to its own Asterisk is what has come to it from the PBX.
        return (await listen(self.far_ends, far_end, folder, self.tones, seconds)).says

    async def all_hear(self, wanted: dict[str, set[int]]) -> None:
        """Listen to several parties at once: each hears these tones, and no others, when it has come to that.

        Sounds come a moment after what is told of them, and beeps have silence between them; so it is tried again.
        """
        for _ in range(_LISTENINGS):
            heard = await gatherResults([ensureDeferred(self.hears(number)) for number in wanted], consumeErrors=True)
            if dict(zip(wanted, heard, strict=True)) == wanted:
                return
        assert dict(zip(wanted, heard, strict=True)) == wanted

    async def _far_end(self, number: str) -> str:
        """The newest channel of a party: one of the test before may not have heard yet that it is over."""

        async def look() -> list[str]:
            return [
                channel["Uniqueid"]
                for channel in await self.far_ends.channels()
                if channel["AccountCode"] == number[-10:] and channel["ChannelStateDesc"] == "Up"
            ]

        found = await self.until(look, f"call of {number}")
        return max(found, key=lambda uniqueid: int(uniqueid.rpartition(".")[2]))

    def typed(self, number: str) -> str:
        """The digits that have come to a party, since the last look at what anybody hears."""
        return "".join(
            event["Digit"] for event in self.far_ends.seen("DTMFEnd", AccountCode=number[-10:], Direction="Received")
        )

    # --- without the daemon, without the link ----------------------------------------------------------------

    @asynccontextmanager
    async def without(self, what: str) -> AsyncIterator[None]:
        """What is inside happens while there is no daemon (kill -9), or while it has no link and does not know it.

        Afterwards it is there, has the link, and has compared.
        """
        if what == "daemon":
            await self.demo.stop_daemon("KILL")
            try:
                yield
            finally:
                self.demo.start_daemon()
                await self.demo.ready()
            return
        stream = await self.stream()
        daemon = self.demo.pid
        assert daemon is not None
        os.kill(daemon, signal.SIGSTOP)
        try:
            await self._cut_the_link()
            yield
        finally:
            os.kill(daemon, signal.SIGCONT)
        await stream.event("pbx.link", up=False)
        await stream.event("pbx.link", within=40, up=True)  # a link that is lost again is not tried at once

    async def refuse_the_link(self) -> None:
        """Have Asterisk take no new AMI connection and end the daemon's, until ``allow_the_link``."""
        await self._manager(_LISTENS, _IS_DEAF)
        await self._cut_the_link()
        await self.until(self._link_down, "loss of the link")

    async def allow_the_link(self) -> None:
        """Have the link again."""
        await self._manager(_IS_DEAF, _LISTENS)
        await self.until(self.link_up, "link", within=20)

    async def _manager(self, old: str, new: str) -> None:
        settings = self.rig.pbx.folder / "etc" / "manager.conf"
        text = settings.read_text()
        assert old in text
        settings.write_text(text.replace(old, new))
        await self.rig.pbx.cli("manager reload")

    async def _link_down(self) -> bool:
        return not await self.link_up()

    async def _cut_the_link(self) -> None:
        """Have Asterisk end the daemon's AMI connections."""
        lines = (await self.rig.pbx.cli("manager show connected")).splitlines()
        for fields in (line.split() for line in lines):
            if fields[:1] == ["agentd"]:
                await self.rig.pbx.cli(f"manager kick session {fields[4]}")


def role_of(channel: Message) -> str:
    """The AGENTD_ROLE of a channel."""
    for variable in channel.get("ChanVariable", "").split("\n"):
        name, _, value = variable.partition("=")
        if name == "AGENTD_ROLE":
            return value
    return ""


def _doing(channel: Message) -> str:
    application = channel["Application"]
    return f"{application} {channel['Exten']}" if application == "ConfBridge" else application
