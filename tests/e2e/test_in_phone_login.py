"""Agents who call to log in, and what they press in their conference: the session is the same as any other."""

from __future__ import annotations

from typing import Any

import pytest_twisted

from agentd.sandbox.tones import outside_hertz, phone_hertz
from tests.e2e.line import NUMBERS, ON_HOOK, ON_HOOK_PHONE, Line

async_test = pytest_twisted.ensureDeferred

LOGIN = "8600"
STRANGE, STRANGE_HERTZ = "506", phone_hertz("506")
"""A phone that is nobody's own."""

ASK_NUMBER, ASK_PIN, WRONG, KEYS = "agent-user", "agent-pass", "agent-incorrect", "do-not-disturb"
DONE, REFUSED = '"beep"', '"beeperr"'


class Phone:
    """A phone that calls to log in, with somebody at it who listens before he types."""

    def __init__(self, line: Line, extension: str) -> None:
        self._line = line
        self.extension = extension

    def calls(self) -> None:
        """Call the number for logins."""
        self._line.observer.forget()
        self._line.rig.dial_in(self.extension, LOGIN, phone_hertz(self.extension))

    async def hears(self, sound: str) -> None:
        """Wait until the dialplan plays a sound, for the first time since the last look."""
        await self._line.until(lambda: self._played(sound), sound)
        self._line.observer.forget()

    def _played(self, sound: str) -> bool:
        return any(sound in event["Command"] for event in self._line.observer.seen("AGIExecStart"))

    def _answered(self, sound: str) -> bool:
        return any(sound in event["Command"] for event in self._line.observer.seen("AGIExecEnd"))

    async def types(self, digits: str) -> None:
        """Type, in the call that it has."""
        assert await self._line.rig.press(self.extension, digits) == 1

    async def says_who(self, number: str, pin: str, prompt: str = ASK_NUMBER) -> None:
        """Answer what is asked."""
        await self.hears(f'"{prompt}"')
        await self.types(f"{number}#")
        await self.hears(f'"{ASK_PIN}"')
        await self.types(f"{pin}#")

    async def chooses(self, key: str) -> None:
        """Press a key when all is said."""
        await self.hears("vm-press")
        await self.types(key)

    async def presses(self, keys: str, answer: str = DONE) -> None:
        """Press keys in the conference, and listen to the tone that tells what came of it."""
        self._line.observer.forget()
        await self.types(keys)
        await self._line.until(lambda: self._answered(answer), answer)


async def sits(line: Line, agent: str, state: str) -> dict[str, Any]:
    """Wait until the agent's phone is in his conference and he is in that state; the snapshot."""

    async def look() -> dict[str, Any] | None:
        session = await line.snapshot(agent)
        there = session is not None and session["state"] == state and session["phone"]["attached"]
        return session if there else None

    session = await line.until(look, f"{agent} in his conference and {state}", within=20)
    await line.until_members(agent, "agent")
    return session


async def has_phone(line: Line, agent: str, attached: bool) -> bool:
    """Whether the agent's phone is there, or is not."""
    return (await line.snapshot(agent))["phone"]["attached"] is attached


@async_test
async def test_number_pin_and_a_key_and_all_that_a_phone_can_do(line: Line) -> None:
    phone = Phone(line, STRANGE)
    phone.calls()
    await phone.says_who("1000", "1234")
    await phone.chooses("1")
    session = await sits(line, "1000", "READY")
    assert (session["kind"], session["phone"]["extension"]) == ("dialled_in", STRANGE)
    assert (await line.news.event("session.started", agent="1000"))["source"] == "phone"
    # He takes calls like anybody, and every face can drive his session.
    caller = await line.caller()
    await line.until_with("1000", caller)
    await line.all_hear({caller.number: {STRANGE_HERTZ}, STRANGE: {outside_hertz(caller.number)}})
    await phone.presses("*1")
    assert (await line.snapshot("1000"))["after"]["state"] == "PAUSED"
    await line.done_with("1000")
    await line.until_state("1000", "PAUSED")
    await phone.presses("*2")
    await line.until_state("1000", "READY")
    # His phone is not the daemon's to call.
    assert await line.api("call_agent", "CALL") == "ERROR: call_agent error - no session data - 1000"
    await phone.presses("*1")
    assert (await line.until_state("1000", "PAUSED"))["code"] == "PAUSE"
    await phone.types("*3")
    ended = await line.news.event("session.ended", agent="1000")
    assert (ended["reason"], ended["source"]) == ("logout", "phone")
    await line.until(line.is_empty, "end of all channels")
    log = await line.agent_log(session["session_id"])
    assert [row["state"] for row in log] == [
        "PAUSED", "READY", "RINGING", "INCALL", "WRAPUP", "PAUSED", "READY", "PAUSED",
    ]  # fmt: skip
    row = "select kind, source, ended_source, phone from sessions where id = ?"
    await line.until_rows(
        [{"kind": "dialled_in", "source": "phone", "ended_source": "phone", "phone": STRANGE}],
        row,
        session["session_id"],
    )


@async_test
async def test_his_own_phone_needs_no_pin_and_two_is_paused(line: Line) -> None:
    phone = Phone(line, ON_HOOK_PHONE)
    phone.calls()
    await phone.chooses("2")
    session = await sits(line, ON_HOOK, "PAUSED")
    assert (session["code"], session["kind"]) == ("LOGIN", "dialled_in")
    assert not [event for event in line.observer.events if ASK_NUMBER in event.get("Command", "")]
    await phone.presses("*2")
    await line.until_state(ON_HOOK, "READY")
    await phone.types("*3")
    await line.until_state(ON_HOOK, None)
    # Who is rung for each call is so again when he does not call himself.
    assert (await line.at_work(ON_HOOK))["kind"] == "on_hook"


@async_test
async def test_three_wrong_pins(line: Line) -> None:
    phone = Phone(line, STRANGE)
    phone.calls()
    wrong = ("90817263", "71829304", "52749618")
    for pin, prompt in zip(wrong, (ASK_NUMBER, WRONG, WRONG), strict=True):
        await phone.says_who("1000", pin, prompt)
    await phone.hears("vm-goodbye")
    await line.until(line.is_empty, "end of the call")
    assert not line.news.events[1:], "nobody was logged in"
    assert not any(pin in line.log for pin in wrong)
    # A right one afterwards is good.
    phone.calls()
    await phone.says_who("1000", "9999")
    await phone.says_who("1000", "1234", WRONG)
    await phone.chooses("2")
    await sits(line, "1000", "PAUSED")


@async_test
async def test_who_hangs_up_and_calls_again_is_back_in_the_same_session(line: Line) -> None:
    phone = Phone(line, STRANGE)
    phone.calls()
    await phone.says_who("1000", "1234")
    await phone.chooses("1")
    session = await sits(line, "1000", "READY")
    assert await line.rig.hang_up(STRANGE) == 1
    assert (await line.until_state("1000", "PAUSED"))["code"] == "NOPHON"
    phone.calls()
    back = await sits(line, "1000", "READY")
    assert (back["session_id"], back["conference"]) == (session["session_id"], session["conference"])
    # The same with a customer, who hears music meanwhile.
    caller = await line.caller(number=NUMBERS[0])
    await line.until_with("1000", caller)
    await line.rig.behave(STRANGE, "silent")  # it is not called by the daemon
    try:
        assert await line.rig.hang_up(STRANGE) == 1
        await line.until(lambda: has_phone(line, "1000", False), "loss of the phone")
        phone.calls()
        await line.until(lambda: has_phone(line, "1000", True), "phone that is back")
        await line.until_with("1000", caller)
    finally:
        await line.rig.behave(STRANGE, "usual")
    assert (await line.snapshot("1000"))["session_id"] == session["session_id"]
    assert not [event for event in line.news.events if event.get("recalling")]
    await line.all_hear({caller.number: {STRANGE_HERTZ}, STRANGE: {outside_hertz(caller.number)}})
