"""The steps of a random walk in which people call in, a campaign dials, and agents of every kind take part."""

from __future__ import annotations

import random
from typing import Any

from tests.e2e.incoming import LINE, ON_HOOK, PHONES, REMOTE, REMOTE_NUMBER, Floor
from tests.e2e.steps import AGENTS, INGROUPS, PARTIES, THIRD, Walker
from tests.e2e.watch import LINES, Watch

CALLERS = tuple(f"72755598{number}" for number in range(31, 39))
"""Who calls in, each again and again."""

STAFF = {**AGENTS, ON_HOOK: PHONES[ON_HOOK], REMOTE: REMOTE_NUMBER}
"""All agents, each with the number by which his phone is known."""

_COMING = (*("caller",) * 5, "caller_leaves", "choose", "dialler")
_REMOTE = {
    "nobody": ("login",),
    "PAUSED": ("resume", "resume", "logout"),
    "READY": (*_COMING, "pause", "code", "phone_away", "phones_back"),
    "RINGING": ("pause", "phone", "phone_away", "caller_leaves", "logout"),
    "INCALL": (*("remote",) * 6, "hangup", "status", "customer", "phone", "pause", "logout", "caller"),
}
"""What makes sense for a remote agent, by what he is doing."""


class FloorWalker(Walker):
    """Takes steps on a floor into which people call."""

    agents = STAFF
    parties = (*PARTIES, *CALLERS)
    rare = (*Walker.rare, "remote", "caller", "caller_leaves", "choose", "dialler")
    hand: Floor

    def __init__(self, floor: Floor, watch: Watch) -> None:
        super().__init__(floor, watch)

    def fitting(self, agent: str, session: dict[str, Any] | None) -> tuple[str, ...]:
        if agent == REMOTE:
            return _REMOTE["nobody" if session is None else session["state"]]
        away = ("phone_away", "phones_back") if agent == ON_HOOK else ()
        return (*super().fitting(agent, session), *_COMING, *away)

    # --- callers ---------------------------------------------------------------------------------------------

    async def _caller(self, _agent: str, chance: random.Random) -> str:
        """Somebody calls in; mostly it is waited for that he hears something."""
        number, ingroup = chance.choice(CALLERS), chance.choice(LINES)
        wanted = chance.choice(list(STAFF)) if ingroup == "AGENTDIRECT" or chance.random() < 0.1 else ""
        self.hand.come(number, ingroup, agent=wanted, priority=chance.choice((0, 0, 5)))
        at = len(self.hand.far_ends.events)
        if chance.random() < 0.8:
            await self.hand.until(lambda: self._came(number, at), f"call of {number}")
        return f"{number} calls {ingroup} {wanted}"

    async def _came(self, number: str, at: int) -> bool:
        """Whether his call has come, or he has thought better of it: another step may have made him hang up."""
        gone = (event for event in self.hand.far_ends.events[at:] if event["Event"] == "Hangup")
        if any(event["AccountCode"] == number for event in gone):
            return True
        return any(channel["CallerIDNum"] == number for channel in await self.hand.observer.channels())

    async def _caller_leaves(self, _agent: str, chance: random.Random) -> str:
        number = chance.choice(CALLERS)
        return f"{number} hung up {await self.hand.rig.hang_up(number)}"

    async def _customer(self, agent: str, chance: random.Random) -> str:
        """One of those who are in an agent's calls hangs up, if there is one; else somebody who may be in one."""
        talking = [call["number"] for call in await self._calls(agent)]
        if not talking:
            return await super()._customer(agent, chance)
        number = chance.choice(talking)
        return f"{number} hung up {await self.hand.rig.hang_up(number)}"

    # --- agents ----------------------------------------------------------------------------------------------

    async def _login(self, agent: str, chance: random.Random) -> str:
        if agent != REMOTE:
            return await super()._login(agent, chance)
        answer = await self.hand.native("POST", "/sessions", {"agent": agent})
        assert answer.code in {201, 409}, answer.text
        return f"{answer.code}"

    async def _remote(self, agent: str, chance: random.Random) -> str:
        """What a remote agent's CRM can do with a call of his, or of somebody else."""
        calls = await self._calls(agent if chance.random() < 0.2 else REMOTE)
        key = chance.choice(calls)["key"] if calls else "Y0315201639000402027"
        more = chance.choice((
            {"stage": "HANGUP"},
            {"stage": "HANGUP", "status": "SALE"},
            {"stage": "EXTENSIONTRANSFER", "phone_number": chance.choice(("8500", "508", THIRD[2:]))},
            {"stage": "INGROUPTRANSFER", "ingroup_choices": chance.choice((*INGROUPS, LINE)), "phone_number": agent},
        ))  # fmt: skip
        return await self._api("ra_call_control", key, REMOTE, **more)

    async def _choose(self, agent: str, chance: random.Random) -> str:
        """Other in-groups, and calls of the campaign or none."""
        choice, blended = chance.choice(("CHANGE", "ADD", "ADD", "REMOVE")), chance.choice(("YES", "NO"))
        names = " ".join(chance.sample(LINES, chance.choice((1, 2, 4))))
        return await self._api("change_ingroups", choice, agent, blended=blended, ingroup_choices=f" {names} -")

    async def _phone_away(self, agent: str, chance: random.Random) -> str:
        self._watch.away.add(agent)
        return await super()._phone_away(agent, chance)

    async def mend_phones(self) -> None:
        await super().mend_phones()
        self._watch.away.clear()

    # --- the campaign ----------------------------------------------------------------------------------------

    async def _dialler(self, _agent: str, chance: random.Random) -> str:
        level = chance.choice((0, 0, 1, 1, 2))
        await self.hand.dial_level(level)
        return f"auto_dial_level {level}"
