"""Calls that come in and calls that a campaign makes, as a test plays them: callers, lines, agents of every kind."""

from __future__ import annotations

from collections import Counter
from typing import Any

from twisted.internet.utils import getProcessOutputAndValue

from agentd.sandbox.callers import call_in
from agentd.sandbox.data import DIAL_CAMPAIGN
from agentd.sandbox.tones import SORRY_HERTZ, phone_hertz
from tests.e2e.hand import Hand
from tests.rig.observer import Message

SEATED, ON_HOOK, REMOTE = "1000", "301", "302"
"""Agents of three kinds: one sits in his conference, one's phone is rung for each call, one is somewhere outside."""

REMOTE_NUMBER = "7275551298"
PHONES = {SEATED: "502", ON_HOOK: "512", "1001": "505", "101": "503", "6666": "504"}

LINE = "TEST_IN2"
"""A line in which nothing is announced: who comes hears music, and may be fetched at once."""


class Floor(Hand):
    """A call centre with callers and a dialler; ``close`` sends the callers home and stops the dialler."""

    tones = tuple({*Hand.tones, SORRY_HERTZ, *map(phone_hertz, PHONES.values()), *range(1000, 2000, 10)})

    async def open(self) -> None:
        self._callers: set[str] = set()
        self._changed: set[str] = set()
        await super().open()
        if not self.rows("select name from users where name = ?", ON_HOOK):
            more = ("--campaign", DIAL_CAMPAIGN, "--ingroup", LINE, "--right", "agentcall_manual")
            more = (*more, "--password", "x1y2z3")
            await self.cli("user", "add", ON_HOOK, "--on-hook", "--phone", PHONES[ON_HOOK], *more)
            await self.cli("user", "add", REMOTE, "--kind", "remote", "--outside-number", REMOTE_NUMBER, *more)
            await self.cli("reload")

    async def close(self) -> None:
        await self._mend()
        await self.until(self.link_up, "link", within=20)
        await self.dial_level(0)
        for number in self._changed:
            await self.rig.behave(number, "usual")
        for number in self._callers:
            await self.rig.hang_up(number)
        await super().close()

    # --- callers ---------------------------------------------------------------------------------------------

    def come(self, number: str, ingroup: str = LINE, **more: Any) -> None:
        """Have a customer call an in-group; ``more`` is what ``call_in`` takes besides."""
        self._callers.add(number)
        call_in(self.demo.folder, ingroup, number, **more)

    async def caller(self, number: str, ingroup: str = LINE, **more: Any) -> str:
        """Have a customer call and come to the music of a line; his channel."""
        self.come(number, ingroup, **more)
        return await self.channel_of(number, "MusicOnHold")

    async def channel_of(self, number: str, doing: str) -> str:
        """Wait until a caller's channel does that; its unique id."""

        async def look() -> str:
            found = [each for each in await self.observer.channels() if each["CallerIDNum"] == number]
            return next((each["Uniqueid"] for each in found if each["Application"] == doing), "")

        return await self.until(look, f"{number} in {doing}")

    async def line(self, ingroup: str = LINE) -> list[dict[str, Any]]:
        """Who waits in a line, the first one first."""
        return (await self.native("GET", f"/ingroups/{ingroup}")).json()["callers"]

    async def until_line(self, *numbers: str, ingroup: str = LINE) -> list[dict[str, Any]]:
        """Wait until these callers wait in a line, in this order; what is told of them."""

        async def look() -> list[dict[str, Any]] | None:
            found = await self.line(ingroup)
            return found if [one["number"] for one in found] == list(numbers) else None

        return await self.until(look, f"{numbers} in {ingroup}")

    async def all_who_wait(self, *ingroups: str) -> set[str]:
        """The numbers of those who wait in these lines."""
        return {caller["number"] for ingroup in ingroups for caller in await self.line(ingroup)}

    # --- agents ----------------------------------------------------------------------------------------------

    async def at_work(self, agent: str, *ingroups: str, blended: bool = False) -> None:
        """Have an agent logged in and ready, for these in-groups' calls and (``blended``) for his campaign's."""
        body = {"agent": agent} | ({} if agent == REMOTE else {"phone": PHONES[agent]})
        made = await self.native("POST", "/sessions", body)
        assert made.code == 201, made.text
        assert (await self.choose(agent, *ingroups, blended=blended)).code == 200
        assert (await self.ready(agent)).code == 200

    async def choose(self, agent: str, *ingroups: str, blended: bool) -> Any:
        """Have an agent take the calls of these in-groups alone; the answer."""
        return await self.native("PUT", f"/sessions/{agent}/ingroups", {"ingroups": ingroups, "blended": blended})

    async def ready(self, agent: str) -> Any:
        """Make an agent ready; the answer."""
        return await self.native("PATCH", f"/sessions/{agent}", {"state": "ready"})

    async def dispose(self, agent: str, status: str = "SALE") -> dict[str, Any]:
        """Hang up an agent's call and give it a status; the call as it was."""
        call = await self.call(agent)
        assert (await self.native("DELETE", f"/sessions/{agent}/calls/current?status={status}")).code == 200
        return call

    async def until_gone(self) -> None:
        """Wait until Asterisk has no channel."""

        async def look() -> bool:
            return not await self.observer.channels()

        await self.until(look, "end of all channels")

    # --- the dialler -----------------------------------------------------------------------------------------

    async def dialler(self, switch: str) -> str:
        """``agentd demo dialler on`` (or off), as people type it; what it prints."""
        command = ("demo", "dialler", "--dir", str(self.demo.folder), switch)
        out, error, code = await getProcessOutputAndValue(self.runtime["cli"], command, reactor=self.reactor)
        assert code == 0, error.decode()
        return out.decode()

    async def dial_level(self, level: float) -> dict[str, Any]:
        """Set how many calls are made for each free agent; the campaign."""
        answer = await self.native("PATCH", f"/campaigns/{DIAL_CAMPAIGN}", {"auto_dial_level": level})
        assert answer.code == 200, answer.text
        return answer.json()

    async def campaign(self) -> dict[str, Any]:
        return (await self.native("GET", f"/campaigns/{DIAL_CAMPAIGN}")).json()

    async def next_leads(self, count: int) -> list[dict[str, Any]]:
        """The leads that the dialler comes to next: those that were never called, in their order."""
        await self.until(self.written, "database that is up to date")
        sql = (
            "select id, phone_number from leads where list_id = 101 and status = 'NEW' and last_local_call_time is null"
            " and phone_number not in (select number from dnc) order by coalesce(rank, 0) desc, id limit ?"
        )
        found = self.rows(sql, count)
        assert len(found) == count, "the demo's list is used up"
        return found

    async def behave(self, number: str, manner: Any, after: float | None = None) -> None:
        """Have an outside party do something; it is its usual self again after the test."""
        self._changed.add(number)
        await self.rig.behave(number, manner, after)

    def dialled(self) -> list[str]:
        """The numbers that have rung outside so far, as their own Asterisk has seen it."""
        return [event["Exten"][-10:] for event in self.far_ends.events if _rings(event)]

    async def rings(self, number: str) -> Message:
        """Wait until an outside number is called; its channel there, as it came to be."""

        def look() -> Message | None:
            ringing = (event for event in self.far_ends.events if _rings(event) and event["Exten"].endswith(number))
            return next(ringing, None)

        return await self.until(look, f"call for {number}")

    async def answers(self, ringing: Message) -> None:
        """Wait until an outside number that is called, or a phone, has answered."""
        await self.far_ends.event("Newstate", Uniqueid=ringing["Uniqueid"], ChannelStateDesc="Up")

    def most_at_once(self) -> int:
        """How many calls the PBX had with the outside at a time, at most."""
        up: set[str] = set()
        most = 0
        for event in self.observer.events:
            if event["Event"] == "Newchannel" and event["Channel"].startswith("PJSIP/carrier-"):
                up.add(event["Uniqueid"])
            elif event["Event"] == "Hangup":
                up.discard(event["Uniqueid"])
            most = max(most, len(up))
        return most

    # --- what must not happen twice --------------------------------------------------------------------------

    def joined(self, leg: str) -> list[str]:
        """The conferences that a channel has entered since the observer was last told to forget."""
        return [event["Conference"] for event in self.observer.seen("ConfbridgeJoin", Uniqueid=leg)]

    async def owners(self) -> dict[int, list[str]]:
        """Who has which call, by the sessions' snapshots."""
        found: dict[int, list[str]] = {}
        for session in await self.sessions():
            for call in session["calls"]:
                found.setdefault(call["id"], []).append(session["agent"])
        return found


def _rings(event: Message) -> bool:
    """Whether an outside number is being called, and does not call itself."""
    return event["Event"] == "Newchannel" and event["Context"] == "carrier" and event["Exten"] != "s"


def once(values: list[str]) -> bool:
    """Whether nothing is there twice."""
    return max(Counter(values).values(), default=0) <= 1
