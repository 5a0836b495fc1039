"""``AGI(agi://127.0.0.1:4573/login)``: an agent has called to log in.

His phone is recognised by its channel: if it is in his session, or is his own, nothing is asked. Otherwise he types his
number and his PIN, each with ``#`` at its end, and has three tries. Then he says by a key whether he is ready (1) or
paused (2, or no key), and the dialplan goes on to his conference. An agent whose session has lost its phone is back in
it at once. Where the daemon sets no other place the dialplan plays the fast busy tone.

All sounds are of Asterisk's own standard set.
"""

from __future__ import annotations

from twisted.logger import Logger

from agentd.core.errors import (
    AgentdError,
    AlreadyLoggedIn,
    CampaignUnknown,
    NotAnAgent,
    PhoneInUse,
    PinWrong,
    UserUnknown,
)
from agentd.core.model import State
from agentd.engine.operations import Operations
from agentd.engine.pins import Pins, agent_of_phone, device_of_channel, phone_of_channel
from agentd.fastagi.commands import AGI
from agentd.fastagi.errors import CommandFailed
from agentd.fastagi.server import Handler
from agi.sounds import say

__all__ = ["route"]

_log = Logger()

ASK_NUMBER = "agent-user"
ASK_PIN = "agent-pass"
WRONG = "agent-incorrect"  # it asks for the number again, too
GOODBYE = "vm-goodbye"
WELCOME = "agent-loginok"
MENU = ("vm-press", "digits/1", "vm-for", "calling", "vm-press", "digits/2", "vm-for", "do-not-disturb")
READY, PAUSED = "1", "2"

_TRIES = 3
_KEY_WAIT = 5.0  # seconds for each key
_MOST_DIGITS = 32
_HIS_OWN_FAULT = (AlreadyLoggedIn, CampaignUnknown, NotAnAgent, PhoneInUse, UserUnknown)


def route(operations: Operations, pins: Pins, context: str = "agentd-conf") -> Handler:
    """Give the handler of this entry; ``context`` is where conferences are extensions."""

    async def login(agi: AGI) -> None:
        await agi.answer()
        phone = phone_of_channel(operations.state, agi.environment.channel)
        extension = phone.extension if phone is not None else ""
        agent = agent_of_phone(operations.state, extension) if extension else ""
        agent = agent or await _identified(agi, pins)
        if not agent:
            await say(agi, GOODBYE)
            await agi.hangup()
            return
        is_new = agent not in operations.state.sessions
        ready = is_new and await _wants_ready(agi)
        try:
            room = await operations.log_in_by_phone(agent, agi.environment.uniqueid, extension, ready=ready)
        except AgentdError as error:
            _log.info("{agent} could not log in by phone: {error}", agent=agent, error=error)
            if isinstance(error, _HIS_OWN_FAULT):
                await say(agi, WRONG)
        else:
            await _sit_down(agi, operations.state, context, room, greeted=is_new)

    return login


async def _identified(agi: AGI, pins: Pins) -> str:
    """The agent who types his number and his PIN; empty after three tries."""
    device = device_of_channel(agi.environment.channel)
    prompt = ASK_NUMBER
    for _ in range(_TRIES):
        number = await _typed(agi, prompt)
        pin = await _typed(agi, ASK_PIN) if number else ""
        try:
            if pin:
                return await pins.agent(number, pin, device)
        except PinWrong:
            _log.info("a login from {device} was refused", device=device)
        prompt = WRONG
    return ""


async def _typed(agi: AGI, prompt: str) -> str:
    """What is typed after, or into, a prompt. No trace is left of it anywhere: it may be a PIN."""
    try:
        return (await agi.get_data(prompt, wait=_KEY_WAIT, max_digits=_MOST_DIGITS)).digits
    except CommandFailed:
        _log.error("Asterisk has no sound {prompt}: nobody can log in by phone", prompt=prompt)
        return ""


async def _wants_ready(agi: AGI) -> bool:
    """Whether he chooses to be ready: by a key in the prompts, or soon after."""
    key = await say(agi, *MENU, keys=READY + PAUSED) or await agi.wait_for_digit(_KEY_WAIT)
    return key == READY


async def _sit_down(agi: AGI, state: State, context: str, room: str, *, greeted: bool) -> None:
    """The channel says whose it is, for the time after a restart, and goes on to the conference.

    For somebody who comes back a customer may be waiting there: he is not greeted.
    """
    leg = state.legs.get(agi.environment.uniqueid)
    await agi.set_variable("AGENTD_ROLE", "agent")
    await agi.set_variable("AGENTD_SESSION", leg.session_id if leg is not None else 0)
    if greeted:
        await say(agi, WELCOME)
    await agi.go_to(context, room)
