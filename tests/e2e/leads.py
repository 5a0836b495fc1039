"""Leads, as a test plays them: who is on a screen, who has promised what, and what rings outside because of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from agentd.engine.clock import WallClock
from tests.e2e.centre import AGC
from tests.e2e.hand import Hand
from tests.e2e.web import Stream

MAIN, ALT, THIRD_NUMBER = "7275557110", "7275557111", "7275557112"
"""The three numbers of a lead; nobody else has them, and who is called there answers."""

BUSY = "7275557100"
"""Is busy, as all numbers that end in 00."""

NUMBERS = tuple(f"72755572{nth:02d}" for nth in range(10, 16))
"""Numbers of leads who have but one."""

SHOWN = "7275551210"
"""The caller id of the campaign."""

FIRST = "99"
"""The rank of a lead who is dialled before all of the demo's."""

PRESET = "7275551251"
"""The campaign's second preset."""

_IN_A_HURRY = (MAIN, ALT, THIRD_NUMBER, PRESET, *NUMBERS)


class Leads(Hand):
    """A call centre in which leads are looked at, dialled and promised something."""

    news: Stream
    """What the daemon has told since the test began."""

    async def open(self) -> None:
        await super().open()
        self._made: list[int] = []
        self._listed: list[str] = []
        self.news = await self.stream()
        await self.answer_after("0", *_IN_A_HURRY)
        await self.far_ends.caught_up()
        self.far_ends.forget()

    async def close(self) -> None:
        await self.answer_after("", *_IN_A_HURRY)
        await super().close()
        for lead_id in self._made:
            assert (await self.native("DELETE", f"/leads/{lead_id}")).code == 204
        for place in self._listed:
            await self.native("DELETE", place)

    # --- leads -----------------------------------------------------------------------------------------------

    async def lead(self, number: str = MAIN, **fields: str) -> int:
        """Have a lead in the campaign's list until the test's end; his id."""
        wanted = {"phone_number": number, "phone_code": "1", "list_id": 101, **fields}
        answer = await self.native("POST", "/leads", wanted)
        assert answer.code == 201, answer.text
        self._made.append(answer.json()["id"])
        return self._made[-1]

    def mine(self, lead_id: int) -> None:
        """Have a lead that a test has made in another way forgotten at its end."""
        self._made.append(lead_id)

    async def listed(self, number: str, campaign: str = "") -> None:
        """Have a number that must not be called, until the test's end."""
        place = f"/campaigns/{campaign}/dnc/{number}" if campaign else f"/dnc/{number}"
        self.unlist(place)
        assert (await self.native("PUT", place)).code == 200

    def unlist(self, place: str) -> None:
        """Have a number, by its path in the native API, called again after the test."""
        self._listed.append(place)

    # --- dials -----------------------------------------------------------------------------------------------

    async def dial_lead(self, lead_id: int, agent: str = "1000", number: str = "", **more: str) -> str:
        """The line of external_dial for a lead."""
        return await self.dial(number, agent, lead_id=str(lead_id), **more)

    async def next(self, agent: str = "1000", **more: str) -> dict[str, Any]:
        """Have an agent dial whoever comes next, and talk; the call."""
        line = await self.dial("MANUALNEXT", agent, **more)
        assert line.startswith(f"SUCCESS: external_dial function set - MANUALNEXT|{agent}|1|YES|NO|YES|"), line
        return (await self.until_state(agent, "INCALL"))["calls"][0]

    async def done(self, status: str = "A", agent: str = "1000", path: str = AGC, **more: str) -> None:
        """End and dispose of an agent's call."""
        assert (await self.api("external_hangup", "1", agent, path=path)).startswith("SUCCESS")
        line = await self.api("external_status", status, agent, path=path, **more)
        assert line.startswith("SUCCESS: external_status function set - "), line

    async def rang(self) -> list[tuple[str, str]]:
        """What has been dialled outside so far, in its order, and the caller id that was shown there."""
        await self.far_ends.caught_up()
        calls = self.far_ends.seen("Newchannel", Context="carrier")
        return [(each["Exten"], each["CallerIDNum"]) for each in calls if each["Exten"] != "s"]

    async def until_rings(self, *numbers: str) -> None:
        """Wait until these have been dialled through the campaign's trunk, in this order, and nobody else."""
        wanted = [(f"91{number}", SHOWN) for number in numbers]

        async def look() -> bool:
            return len(await self.rang()) >= len(wanted)

        await self.until(look, f"calls for {numbers}")
        assert await self.rang() == wanted

    # --- promises --------------------------------------------------------------------------------------------

    def now(self) -> float:
        """The daemon's time."""
        return WallClock(self.reactor).now()

    def in_seconds(self, seconds: float) -> str:
        """A moment that is so far away, as a CRM writes it: less by what is left out, a part of a second."""
        return datetime.fromtimestamp(self.now() + seconds).strftime("%Y-%m-%d %H:%M:%S")

    async def until_promises(self, lead_id: int, *wanted: dict[str, Any]) -> None:
        """Wait until the lead's rows of promises are these."""
        sql = (
            "select user, anyone, comments, status, call_id, made_by_call from callbacks where lead_id = ? order by id"
        )
        await self.until_rows(list(wanted), sql, lead_id)

    # --- limits ----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def limits(self, **limits: int) -> AsyncIterator[None]:
        """What is inside happens under these limits of the configuration; the daemon is started again with them."""
        before = self.demo.config_file.read_text()
        text = before
        for name, limit in limits.items():
            assert f"{name} = 0" in before
            text = text.replace(f"{name} = 0", f"{name} = {limit}")
        await self._started_with(text)
        try:
            yield
        finally:
            await self._started_with(before)

    async def _started_with(self, config: str) -> None:
        await self.demo.stop_daemon()
        self.demo.config_file.write_text(config)
        self.demo.start_daemon()
        await self.demo.ready()
        await self.until(self.link_up, "link")


def promised(whose: str, status: str, made_by: int, kept_by: int = 0, comments: str = "") -> dict[str, Any]:
    """A row of a promise: an agent's, or (``whose`` empty) anybody's."""
    row = {"user": whose, "anyone": int(not whose), "comments": comments, "status": status}
    return row | {"call_id": kept_by, "made_by_call": made_by}
