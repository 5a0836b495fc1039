"""Moves of legs: a Redirect, after the variables that it needs. Seen on Asterisk 22.10.1.

An answer to a Redirect says only that it is queued; that the leg has come is told by the conference, or by the
dialplan (UserEvent AgentdPlace). What Asterisk refuses is told as MoveRefused, or as the end of the leg.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from agentd.ami import actions as a
from agentd.ami.errors import ActionFailed, AMIError
from agentd.core import commands as c
from agentd.core.effects import Effect, JoinBoth
from agentd.switch.asking import Asking, is_gone, is_unknown, reason_of
from agentd.switch.destinations import PEER, Destination, Unfit, destination

__all__ = ["Moves", "Prompted"]

_NOT_UP = "channel not up"  # it is still on its way out of a bridge; or it is being hung up
_AGAIN = 0.01  # seconds after which such a Redirect is sent again
_TRIES = 5


class _Move:
    """A move under way: until Asterisk has accepted or refused it, or a hangup or another move has overtaken it."""

    def __init__(self, legs: tuple[str, ...], to: Destination) -> None:
        self.legs = legs
        self.to = to
        self.tries = 0

    def redirect(self) -> a.Redirect:
        """The action."""
        to = self.to
        if len(self.legs) == 1:
            return a.Redirect(self.legs[0], to.context, to.extension)
        first, second = self.legs
        return a.Redirect(first, to.context, to.extension, 1, second, to.context, to.extension, 1)


class Prompted:
    """Legs that hear a prompt, from which they come back by themselves.

    That a leg has come to the prompt is told by the dialplan, that it is back by the conference: two ways of
    Asterisk's, of which either may be the faster when there is nothing to play.
    """

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._told: set[str] = set()

    def asked(self, leg: str, *, prompt: bool) -> None:
        """A move was asked for, to a prompt or to somewhere else."""
        self._told.discard(leg)
        if prompt:
            self._asked.add(leg)
        else:
            self._asked.discard(leg)

    def is_back(self, leg: str) -> bool:
        """The leg is in a conference. Say whether it is still to be told that it was at the prompt."""
        if leg not in self._asked:
            return False
        self._asked.discard(leg)
        self._told.add(leg)
        return True

    def is_there(self, leg: str) -> bool:
        """The leg is at the prompt. Say whether that is news."""
        self._asked.discard(leg)
        if leg not in self._told:
            return True
        self._told.discard(leg)
        return False

    def gone(self, leg: str) -> None:
        """The leg has ended."""
        self._asked.discard(leg)
        self._told.discard(leg)

    def clear(self) -> None:
        """The link was lost, and with it all that was asked."""
        self._asked.clear()
        self._told.clear()


class Moves:
    """Asks for moves, for each leg one at a time. ``conferences`` is the context whose extensions are conferences."""

    def __init__(self, asking: Asking, conferences: str) -> None:
        self._asking = asking
        self._conferences = conferences
        self._under_way: dict[str, _Move] = {}

    def begin(self, effect: Effect) -> None:
        """Ask for a move. A refusal comes back as MoveRefused for each leg that was to move."""
        legs = (effect.leg, effect.other) if isinstance(effect, JoinBoth) else (effect.leg,)
        try:
            move = _Move(legs, destination(effect, self._conferences))
        except Unfit as unfit:
            for leg in legs:
                self._asking.feed(c.MoveRefused(leg, str(unfit)))
            return
        self._under_way.update(dict.fromkeys(legs, move))
        if len(legs) == 1:
            self._go(move, {legs[0]: move.to.variables})
        else:
            self._introduce(move)

    def drop(self, leg: str) -> None:
        """The leg is being hung up, or is gone: what is refused from now on was not asked for any more."""
        self._under_way.pop(leg, None)

    def clear(self) -> None:
        """The link was lost, and with it all that was asked."""
        self._under_way.clear()

    def _goes_on(self, move: _Move) -> bool:
        return all(self._under_way.get(leg) is move for leg in move.legs)

    def _introduce(self, move: _Move) -> None:
        """Two legs that go together get to know each other's names: SoftHangup takes nothing else."""

        async def names() -> dict[str, dict[str, str]]:
            first, second = move.legs
            return {second: {PEER: await self._name(first)}, first: {PEER: await self._name(second)}}

        async def go() -> None:
            variables = await names()
            if self._goes_on(move):
                self._go(move, variables)
            else:
                self._refuse(move, "the other leg has gone")

        Deferred.fromCoroutine(go()).addErrback(self._failed, move)

    async def _name(self, leg: str) -> str:
        answer = await self._asking.client.send(a.Getvar("CHANNEL(name)", leg))
        return answer["Value"]

    def _go(self, move: _Move, variables: Any) -> None:
        """Set the variables and redirect, in one go: Asterisk does what it is asked in order.

        A Setvar that did not leave ends the move, lest the leg hear or dial what was meant for an earlier one. Asterisk
        itself refuses it only when there is no channel, and then the Redirect, too.
        """
        failures: list[Failure] = []
        for leg, values in variables.items():
            for name, value in values.items():
                setting: Deferred[Any] = self._asking.client.send(a.Setvar(name, value, leg))
                setting.addErrback(failures.append)
                if failures:
                    self._failed(failures[0], move)
                    return
        self._redirect(move)

    def _redirect(self, move: _Move) -> None:
        move.tries += 1
        asked: Deferred[Any] = self._asking.client.send(move.redirect())
        asked.addCallbacks(lambda _answer: self._over(move), self._failed, errbackArgs=(move,))

    def _again(self, move: _Move) -> None:
        if self._goes_on(move):
            self._redirect(move)
        else:
            self._refuse(move, "the other leg has gone")

    def _failed(self, failure: Failure, move: _Move) -> None:
        self._asking.failed("Redirect", " and ".join(move.legs), failure)
        error = failure.value
        if not isinstance(error, AMIError):
            self._refuse(move, "refused")
        elif is_unknown(error):
            self._over(move)
        elif isinstance(error, ActionFailed) and _NOT_UP in error.message and move.tries < _TRIES:
            self._asking.later(_AGAIN, self._again, move)
        elif is_gone(error):
            self._missing(move, _channel_of(error, move))
        else:
            self._refuse(move, reason_of(error))

    def _missing(self, move: _Move, leg: str) -> None:
        if self._under_way.pop(leg, None) is move:
            self._asking.missing(leg)
        self._refuse(move, "the other leg has gone")

    def _refuse(self, move: _Move, reason: str) -> None:
        for leg in self._over(move):
            self._asking.feed(c.MoveRefused(leg, reason))

    def _over(self, move: _Move) -> list[str]:
        """The move needs no more attention; the legs for which it was still under way."""
        legs = [leg for leg in move.legs if self._under_way.get(leg) is move]
        for leg in legs:
            del self._under_way[leg]
        return legs


def _channel_of(error: AMIError, move: _Move) -> str:
    """Which of the legs has no channel."""
    if isinstance(error, ActionFailed) and isinstance(error.action, a.Getvar):
        return error.action.channel or move.legs[0]
    second = isinstance(error, ActionFailed) and error.message.startswith("Extra")
    return move.legs[1] if second else move.legs[0]
