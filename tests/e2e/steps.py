"""The steps of a random walk: one operation of one agent, or of a party outside."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import ensureDeferred, succeed
from twisted.internet.error import ConnectError
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from tests.e2e.centre import CUSTOMER
from tests.e2e.hand import THIRD, Hand
from tests.e2e.watch import Watch

AGENTS = {"1000": "502", "1001": "505", "101": "503", "6666": "504", "201": "501"}
TALKERS = (CUSTOMER, "7275551213", *(f"72755513{number:02d}" for number in range(3, 13)))
NUMBERS = (*TALKERS, "7275551200", "7275551202", "507", "8500")
THIRDS = (THIRD, THIRD, "8500", "508", "7275551200", "7275551233")
PARTIES = (*TALKERS, THIRD, "7275551233", "7275551251", "507", "508")
INGROUPS = ("SALESLINE", "TEST_IN3", "DEFAULTINGROUP", *("AGENTDIRECT",) * 4, "XYZINGROUP")
SUPERVISORS = ("510", "511")
_LINES = ("SUCCESS: ", "ERROR: ", "NOTICE: ", "0: OK ", *(f"{n}: " for n in range(1, 11)))
_FINE = {200, 201, 202, 400, 404, 409, 422, 502, 503}
_MATCHING = 0.8  # how often an operation is one of those that fit what the agent is doing

# What makes sense, by what an agent is doing or has. Anything else is done too, only less often.
_FITTING = {
    "nobody": ("login",),
    "PAUSED": (*("dial",) * 5, "preview", "preview", *("resume",) * 6, "code", "logout"),
    "READY": ("dial", "dial", "dial", "preview", "pause", "mission", "monitor"),
    "PREVIEW": (*("on_preview",) * 8, "dial", "pause", "resume", "logout", "phone", "update"),
    "DIALLING": ("hangup", "status", "pause", "timer"),
    "RINGING": ("pause", "phone"),
    "WRAPUP": ("status", "status", "status", "resume", "dial", "preview", "on_preview"),
    "INCALL": (
        "park", "park", "grab", "park_ivr", "third", "third", "hold_third", "consult", "hold_consult", "closer",
        "blind", "message", "hangup_both", "hangup", "second", "second", "digits", "record", "record", "monitor",
        "customer", "phone", "phone_away", "resume", "status", "timer", "update",
    ),
    "third": (*("leave", "leave", "hangup_xfer", "hangup_both", "third_leaves", "park", "grab") * 2,),
    "held": (*("grab", "second", "swap") * 2,),
    "two": (*("connect", "swap", "swap") * 4,),
    "recordings": ("stop", "mute", "mute", "park", "leave"),
    "monitors": ("monitor", "monitor", "unmonitor", "phone"),
}  # fmt: skip


def fitting(session: dict[str, Any] | None) -> tuple[str, ...]:
    """The operations that make sense for an agent as he is."""
    if session is None:
        return _FITTING["nobody"]
    live = [call for call in session["calls"] if call["state"] != "wrapping"]
    true = {
        "third": any(call["third_party"] for call in live),
        "held": any(call["state"] in {"held", "ivr"} for call in live),
        "two": len(live) > 1,
        "recordings": bool(session["recordings"]),
        "monitors": bool(session["monitors"]),
    }
    more = [name for has, names in _FITTING.items() if true.get(has) for name in names]
    return (*_FITTING[session["state"]], *more)


class Walker:
    """Takes steps. ``told`` has what each was and what came of it, the newest last."""

    agents = AGENTS
    """Who takes part, each with the number by which his phone is known."""

    parties: tuple[str, ...] = PARTIES
    """Who talks until somebody hangs up."""

    rare: tuple[str, ...] = ("logoff", "call_agent", "release", "phones_back")
    """Operations that fit nothing in particular."""

    def __init__(self, hand: Hand, watch: Watch) -> None:
        self.hand = hand
        self.told: list[str] = []
        self._watch = watch
        fit = [name for names in _FITTING.values() for name in names]
        self._steps = sorted({*fit, *self.rare})
        self._how: dict[str, Callable[[str, random.Random], Awaitable[str]]] = {
            name: getattr(self, f"_{name}") for name in self._steps
        }

    async def step(self, chance: random.Random) -> None:
        """One operation, which the random numbers and what the agent is doing decide."""
        agent = chance.choice(list(self.agents))
        session = await self.hand.snapshot(agent)
        fits = chance.random() < _MATCHING
        name = chance.choice(self.fitting(agent, session) if fits else self._steps)
        does = f"{agent} ({'' if session is None else session['state']}) {name}"
        at = len(self.told)
        self.told.append(f"{does} ...")
        self.told[at] = f"{does}: {await self._how[name](agent, chance)}"

    def fitting(self, _agent: str, session: dict[str, Any] | None) -> tuple[str, ...]:
        """The operations that make sense for this agent as he is."""
        return fitting(session)

    async def interrupted(self, chance: random.Random) -> bool:
        """Have the daemon (True), or its link, end while an operation is under way and somebody outside hangs up."""
        what = chance.choice(("daemon", "link"))
        self.told.append(f"without {what}")
        under_way = ensureDeferred(self.step(chance)) if what == "daemon" else succeed(None)
        under_way.addErrback(lambda failure: failure.trap(ConnectError, ResponseFailed, ResponseNeverReceived))
        async with self.hand.without(what):
            for party in chance.sample(self.parties, 2):
                await self.hand.rig.hang_up(party)
        await under_way
        return what == "daemon"

    # --- the two languages -----------------------------------------------------------------------------------

    async def _api(self, function: str, value: str, agent: str, **more: str) -> str:
        return self._checked(await self.hand.api(function, value, agent, **more))

    async def _transfer(self, value: str, agent: str, **more: str) -> str:
        return await self._api("transfer_conference", value, agent, **more)

    async def _crystal(self, action: str, agent: str, phone: str | None = None) -> str:
        return self._checked(await self.hand.crystal(action, agent, phone))

    @staticmethod
    def _checked(line: str) -> str:
        assert line.startswith(_LINES), line
        assert "in time" not in line, line  # Asterisk has confirmed whatever it was asked
        return line

    async def _native(self, method: str, path: str, body: Any = None) -> str:
        answer = await self.hand.native(method, f"/sessions/{path}", body)
        assert answer.code in _FINE, answer.text
        return f"{method} {path} {body}: {answer.code} {answer.json().get('reason', '')}"

    # --- sessions --------------------------------------------------------------------------------------------

    async def _login(self, agent: str, _chance: random.Random) -> str:
        return await self._crystal("login", agent, self.agents[agent])

    async def _logout(self, agent: str, _chance: random.Random) -> str:
        return await self._api("logout", "LOGOUT", agent)

    async def _logoff(self, agent: str, _chance: random.Random) -> str:
        return await self._crystal("logoff", agent)

    async def _pause(self, agent: str, _chance: random.Random) -> str:
        return await self._api("external_pause", "PAUSE", agent)

    async def _resume(self, agent: str, _chance: random.Random) -> str:
        return await self._api("external_pause", "RESUME", agent)

    async def _code(self, agent: str, chance: random.Random) -> str:
        return await self._api("pause_code", chance.choice(("BREAK", "LUNCH")), agent)

    async def _mission(self, agent: str, _chance: random.Random) -> str:
        return await self._crystal("mission", agent)

    async def _call_agent(self, agent: str, _chance: random.Random) -> str:
        return await self._api("call_agent", "CALL", agent)

    async def _phone(self, agent: str, _chance: random.Random) -> str:
        return f"phone dropped {await self.hand.rig.hang_up(self.agents[agent])}"

    async def _phone_away(self, agent: str, _chance: random.Random) -> str:
        """It drops and does not come back when it is called."""
        await self.hand.rig.behave(self.agents[agent], "rejects")
        return f"phone away {await self.hand.rig.hang_up(self.agents[agent])}"

    async def _phones_back(self, _agent: str, _chance: random.Random) -> str:
        await self.mend_phones()
        return "all phones answer"

    async def mend_phones(self) -> None:
        """Have every agent's phone answer again."""
        for phone in self.agents.values():
            await self.hand.rig.behave(phone, "usual")

    # --- calls -----------------------------------------------------------------------------------------------

    async def _dial(self, agent: str, chance: random.Random) -> str:
        line = self._checked(await self.hand.dial(chance.choice(NUMBERS), agent))
        await self._settled(agent, chance)
        return line

    async def _preview(self, agent: str, chance: random.Random) -> str:
        return self._checked(await self.hand.dial(chance.choice(TALKERS), agent, preview="YES"))

    async def _on_preview(self, agent: str, chance: random.Random) -> str:
        action = chance.choice(("SKIP", "DIALONLY", "DIALONLY", "ALTDIAL", "ADR3DIAL", "FINISH"))
        line = await self._api("preview_dial_action", action, agent)
        await self._settled(agent, chance)
        return line

    async def _timer(self, agent: str, chance: random.Random) -> str:
        what = chance.choice(("MESSAGE_ONLY", "WEBFORM", "D1_DIAL", "D2_DIAL", "NONE"))
        return await self._api("set_timer_action", what, agent, notes="time", rank=chance.choice(("0", "1", "2")))

    async def _update(self, agent: str, chance: random.Random) -> str:
        return await self._api("update_fields", "", agent, city=chance.choice(("", "Kyiv", "Lviv")), address1="")

    async def _second(self, agent: str, chance: random.Random) -> str:
        """Hold the customer and dial another one."""
        held = await self._native("POST", f"{agent}/calls/current/hold")
        said = await self._native("POST", f"{agent}/calls", {"number": chance.choice(TALKERS), "search": True})
        await self._settled(agent, chance)
        return f"{held}, {said}"

    async def _settled(self, agent: str, chance: random.Random) -> None:
        """Mostly wait until it is known what became of a dial."""

        async def settled() -> bool:
            session = await self.hand.snapshot(agent)
            return session is None or session["state"] != "DIALLING"

        if chance.random() < 0.8:
            await self.hand.until(settled, "end of the dial")

    async def _hangup(self, agent: str, _chance: random.Random) -> str:
        return await self._api("external_hangup", "1", agent)

    async def _status(self, agent: str, chance: random.Random) -> str:
        return await self._api("external_status", chance.choice(("A", "NI", "SALE")), agent)

    async def _customer(self, _agent: str, chance: random.Random) -> str:
        number = chance.choice(TALKERS)
        return f"{number} hung up {await self.hand.rig.hang_up(number)}"

    async def _release(self, _agent: str, _chance: random.Random) -> str:
        """Everybody outside hangs up, one after the other."""
        return f"{[await self.hand.rig.hang_up(party) for party in self.parties]} hung up"

    # --- hold ------------------------------------------------------------------------------------------------

    async def _park(self, agent: str, _chance: random.Random) -> str:
        return await self._api("park_call", "PARK_CUSTOMER", agent)

    async def _grab(self, agent: str, chance: random.Random) -> str:
        return await self._api("park_call", chance.choice(("GRAB_CUSTOMER", "GRAB_IVR_CUSTOMER")), agent)

    async def _park_ivr(self, agent: str, _chance: random.Random) -> str:
        return await self._api("park_call", "PARK_IVR_CUSTOMER", agent)

    async def _swap(self, agent: str, chance: random.Random) -> str:
        """Hold one call, retrieve another, without waiting for either."""
        calls = await self._calls(agent)
        if not calls:
            return "no calls"
        verb = chance.choice(("hold", "retrieve", "retrieve"))
        return await self._native("POST", f"{agent}/calls/{chance.choice(calls)['id']}/{verb}")

    async def _calls(self, agent: str) -> list[dict[str, Any]]:
        return (await self.hand.snapshot(agent) or {"calls": []})["calls"]

    # --- third parties and transfers -------------------------------------------------------------------------

    async def _third(self, agent: str, chance: random.Random) -> str:
        return await self._dial_third("DIAL_WITH_CUSTOMER", agent, chance)

    async def _hold_third(self, agent: str, chance: random.Random) -> str:
        return await self._dial_third("PARK_CUSTOMER_DIAL", agent, chance)

    async def _dial_third(self, value: str, agent: str, chance: random.Random) -> str:
        alias = {"group_alias": "TESTING"} if chance.random() < 0.2 else {}
        return await self._transfer(value, agent, phone_number=chance.choice(THIRDS), **alias)

    async def _consult(self, agent: str, chance: random.Random) -> str:
        return await self._ask_agent("DIAL_WITH_CUSTOMER", agent, chance)

    async def _hold_consult(self, agent: str, chance: random.Random) -> str:
        return await self._ask_agent("PARK_CUSTOMER_DIAL", agent, chance)

    async def _ask_agent(self, value: str, agent: str, chance: random.Random) -> str:
        return await self._transfer(value, agent, consultative="YES", **self._line(chance))

    async def _closer(self, agent: str, chance: random.Random) -> str:
        return await self._transfer("LOCAL_CLOSER", agent, **self._line(chance))

    @staticmethod
    def _line(chance: random.Random) -> dict[str, str]:
        """An in-group, and an agent whom AGENTDIRECT is to find."""
        return {"ingroup_choices": chance.choice(INGROUPS), "phone_number": chance.choice(list(AGENTS))}

    async def _blind(self, agent: str, chance: random.Random) -> str:
        return await self._transfer("BLIND_TRANSFER", agent, phone_number=chance.choice(THIRDS))

    async def _message(self, agent: str, _chance: random.Random) -> str:
        return await self._transfer("LEAVE_VM", agent)

    async def _leave(self, agent: str, _chance: random.Random) -> str:
        return await self._transfer("LEAVE_3WAY_CALL", agent)

    async def _hangup_xfer(self, agent: str, _chance: random.Random) -> str:
        return await self._transfer("HANGUP_XFER", agent)

    async def _hangup_both(self, agent: str, _chance: random.Random) -> str:
        return await self._transfer("HANGUP_BOTH", agent)

    async def _third_leaves(self, _agent: str, chance: random.Random) -> str:
        number = chance.choice((THIRD, THIRD, "7275551233", "508"))
        return f"{number} hung up {await self.hand.rig.hang_up(number)}"

    async def _connect(self, agent: str, chance: random.Random) -> str:
        calls = await self._calls(agent)
        if len(calls) < 2:
            return "no two calls"
        one, other = chance.sample(calls, 2)
        self._watch.connected |= {leg["channel"] for call in (one, other) for leg in call["legs"]}
        return await self._native("POST", f"{agent}/calls/{one['id']}/connect", {"other": other["id"]})

    # --- digits, recordings, supervisors ---------------------------------------------------------------------

    async def _digits(self, agent: str, chance: random.Random) -> str:
        return await self._api("send_dtmf", chance.choice(("123P", "1QQ2", "S", "QQ", "x")), agent)

    async def _record(self, agent: str, chance: random.Random) -> str:
        return await self._api("recording", "START", agent, stage=chance.choice(("", "_MIDCALL")))

    async def _stop(self, agent: str, _chance: random.Random) -> str:
        return await self._api("recording", "STOP", agent)

    async def _mute(self, agent: str, chance: random.Random) -> str:
        return await self._native("PATCH", f"{agent}/recordings", {"muted": chance.random() < 0.5})

    async def _monitor(self, agent: str, chance: random.Random) -> str:
        mode = chance.choice(("listen", "whisper", "barge"))
        return await self._native("POST", f"{agent}/monitor", {"phone": await self._boss(agent, chance), "mode": mode})

    async def _unmonitor(self, agent: str, chance: random.Random) -> str:
        return await self._native("DELETE", f"{agent}/monitor/{await self._boss(agent, chance)}")

    async def _boss(self, agent: str, chance: random.Random) -> str:
        """A supervisor's phone: mostly one that is there already."""
        there = (await self.hand.snapshot(agent) or {"monitors": []})["monitors"]
        phones = [monitor["phone"] for monitor in there] if chance.random() < 0.7 else []
        return chance.choice(phones or SUPERVISORS)
