"""The switch: one Asterisk, reached over AMI.

What Asterisk says is taken for true, and nothing else. Seen on Asterisk 22.10.1 unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.ami import actions as a
from agentd.ami import events as e
from agentd.ami import items
from agentd.ami.client import AMIClient
from agentd.ami.errors import ActionFailed, ActionTimeout, AMIError, LinkLost, SwitchBusy
from agentd.ami.link import LinkState
from agentd.ami.lists import ListResult
from agentd.ami.messages import Event, Response
from agentd.core import commands as c
from agentd.core.effects import Effect, HangUpChannel, HangUpLeg, ReadLeg, Ring
from agentd.switch.channels import UP, place_of, seen

__all__ = ["AsteriskSwitch"]

_RINGING = 5  # AST_STATE_RINGING
_ASK = 1.0  # seconds that a question before a dial may take
_OVERTAKEN = 0.25  # seconds by which news of a channel may come after its OriginateResponse; 0.01 was seen in a burst
_UNREACHABLE = 20  # Q.850: subscriber absent
_EventT = TypeVar("_EventT", bound=Event)


class AsteriskSwitch:
    """Carries out effects on one Asterisk, and feeds what it says back as commands.

    ``feed`` takes the commands; ``known`` says whether a unique id is a leg of ours; ``context`` is the dialplan
    context whose extensions are conferences, ``extensions`` the one of the PBX's own extensions. ``later(seconds,
    function, *arguments)`` sets a timer.
    """

    log = Logger()

    def __init__(
        self,
        client: AMIClient,
        feed: Callable[[c.Command], object],
        known: Callable[[str], bool],
        later: Callable[..., object],
        context: str = "agentd-conf",
        extensions: str = "agentd-extensions",
    ) -> None:
        self._client = client
        self._feed = feed
        self._known = known
        self._context = context
        self._extensions = extensions
        self._later = later
        self._asked: dict[str, bool] = {}  # legs whose OriginateResponse is due: whether a channel was seen
        self._origins: dict[str, str] = {}  # ActionID of an Originate -> leg
        self._far_end: set[str] = set()  # channels whose own side hung up
        self._up = False
        self._listen()

    # --- effects ---------------------------------------------------------------------------------------------

    def perform(self, effect: Effect) -> None:
        """Ask Asterisk for it; the outcome comes back as a command."""
        match effect:
            case Ring():
                self._ring(effect)
            case HangUpLeg():
                self._send(a.Hangup(effect.leg, effect.cause), effect.leg, refused=self._hangup_refused)
            case HangUpChannel():
                self.log.info("channel {leg} is ended: it {reason}", leg=effect.leg, reason=effect.reason)
                self._send(a.Hangup(effect.leg, 16), effect.leg, refused=lambda _leg, _error: None)
            case ReadLeg():
                self._read(effect.leg)

    def extension_exists(self, number: str) -> Deferred[bool]:
        """Ask the dialplan; True when it cannot be asked, since the dial itself will tell."""
        asked = self._client.send(a.Getvar(f"DIALPLAN_EXISTS({self._extensions},{number},1)"), _ASK)
        return asked.addCallbacks(lambda answer: answer["Value"] != "0", lambda _failure: True)

    def _ring(self, ring: Ring) -> None:
        local = ring.resource.startswith("Local/")
        self._asked[ring.leg] = False
        originate = a.Originate(
            channel=ring.resource,
            channel_id=ring.leg,
            other_channel_id=f"{ring.leg}-2" if local else None,
            context=self._context,
            exten=ring.room,
            priority=1,
            timeout=ring.timeout * 1000,
            caller_id=ring.caller_id or None,
            variables={
                "AGENTD_SESSION": str(ring.session_id),
                "AGENTD_CALL": ring.call_key,
                "AGENTD_ROLE": ring.role.value,
            },
        )
        self._send(originate, ring.leg, refused=self._originate_refused, accepted=self._originate_accepted)

    def _originate_accepted(self, leg: str, response: Response) -> None:
        if response.action_id is not None and leg in self._asked:
            self._origins[response.action_id] = leg

    def _originate_refused(self, leg: str, error: AMIError) -> None:
        """Not sent, or refused at once. An answer that is late or lost says nothing: deadlines and resync do."""
        if isinstance(error, ActionTimeout | LinkLost) and error.sent:
            return
        self._asked.pop(leg, None)
        self._feed(c.LegRefused(leg, _reason(error)))

    def _hangup_refused(self, leg: str, error: AMIError) -> None:
        if not isinstance(error, ActionFailed):
            return
        if not error.message.startswith("No such channel"):
            self._feed(c.MoveRefused(leg, _reason(error)))
        elif leg not in self._asked:
            self._feed(c.LegGone(leg, 0))

    def _read(self, leg: str) -> None:
        def tell(listed: ListResult) -> None:
            for item in listed:
                if isinstance(item, items.CoreShowChannel) and item.uniqueid == leg:
                    self._feed(c.LegRead(leg, place_of(item)))
                    return
            self._feed(c.LegRead(leg, None))

        listed: Deferred[Any] = self._client.collect(a.CoreShowChannels())
        listed.addCallbacks(tell, lambda failure: self._failed("CoreShowChannels", leg, failure))

    def _send(
        self,
        action: a.Action,
        leg: str,
        *,
        refused: Callable[[str, AMIError], object],
        accepted: Callable[[str, Response], object] | None = None,
    ) -> None:
        def failed(failure: Failure) -> None:
            self._failed(action.action_name, leg, failure)
            if isinstance(failure.value, AMIError):
                refused(leg, failure.value)

        sent: Deferred[Any] = self._client.send(action)
        if accepted is not None:
            sent.addCallback(lambda response: accepted(leg, response))
        sent.addErrback(failed)

    def _failed(self, action: str, leg: str, failure: Failure) -> None:
        if isinstance(failure.value, AMIError):
            self.log.info("{action} of {leg}: {why}", action=action, leg=leg, why=str(failure.value))
        else:
            self.log.failure("{action} of {leg} failed", failure, action=action, leg=leg)

    # --- events ----------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        on = self._client.register_event
        on(e.Newchannel, self._new_channel)
        on(e.Newstate, self._new_state)
        on(e.DialState, self._dial_state)
        on(e.ConfbridgeJoin, self._joined)
        on(e.ConfbridgeLeave, self._left)
        on(e.HangupRequest, self._hangup_request)
        on(e.Hangup, self._hangup)
        on(e.OriginateResponse, self._originate_response)
        self._client.link.watch(self._link_moved)

    def _new_channel(self, _client: AMIClient, event: e.Newchannel) -> None:
        if event.uniqueid in self._asked:
            self._asked[event.uniqueid] = True
        if self._known(event.uniqueid):
            self._feed(c.LegPlaced(event.uniqueid))

    def _new_state(self, _client: AMIClient, event: e.Newstate) -> None:
        if not self._known(event.uniqueid):
            return
        if event.channel_state == UP:
            self._feed(c.LegAnswered(event.uniqueid))
        elif event.channel_state == _RINGING:
            self._feed(c.LegRinging(event.uniqueid))

    def _dial_state(self, _client: AMIClient, event: e.DialState) -> None:
        if event.dial_status == "RINGING" and self._known(event.dest_uniqueid):
            self._feed(c.LegRinging(event.dest_uniqueid))

    def _joined(self, _client: AMIClient, event: e.ConfbridgeJoin) -> None:
        if self._known(event.uniqueid):
            self._feed(c.LegJoined(event.uniqueid, event.conference))

    def _left(self, _client: AMIClient, event: e.ConfbridgeLeave) -> None:
        if self._known(event.uniqueid):
            self._feed(c.LegLeft(event.uniqueid, event.conference))

    def _hangup_request(self, _client: AMIClient, event: e.HangupRequest) -> None:
        """The far end hangs up. It also comes with every refusal of a dial, of which the cause tells who refused."""
        if event.channel_state == UP and self._known(event.uniqueid):
            self._far_end.add(event.uniqueid)

    def _hangup(self, _client: AMIClient, event: e.Hangup) -> None:
        far_end = event.uniqueid in self._far_end
        self._far_end.discard(event.uniqueid)
        self._asked.pop(event.uniqueid, None)
        if self._known(event.uniqueid):
            self._feed(c.LegGone(event.uniqueid, event.cause, far_end))

    def _originate_response(self, _client: AMIClient, event: e.OriginateResponse) -> None:
        """The one signal that always comes. It comes another way than a channel's events, and may overtake them."""
        leg = self._origins.pop(event.action_id or "", None)
        if leg is None:
            return
        if event.response != "Failure":
            self._asked.pop(leg, None)
        elif self._asked.get(leg, True):
            self._failed_ring(leg)
        else:
            self._later(_OVERTAKEN, self._failed_ring, leg)

    def _failed_ring(self, leg: str) -> None:
        """A Ring has failed: of a channel that was seen its own end tells, and otherwise there was none."""
        if not self._asked.pop(leg, True):
            self._feed(c.LegRefused(leg, "not reachable", reachable=False, cause=_UNREACHABLE))

    # --- the link --------------------------------------------------------------------------------------------

    async def synchronise(self) -> None:
        """Compare with Asterisk's channels; runs before the link is live, with events kept meanwhile."""
        self._asked.clear()
        self._origins.clear()
        self._far_end.clear()
        channels = await self._client.collect(a.CoreShowChannels())
        self._up = True
        self._feed(c.LinkUp(seen(channels, self._known)))

    def _link_moved(self, state: LinkState, reason: str) -> None:
        if self._up and state in {LinkState.DISCONNECTED, LinkState.CLOSING}:
            self._up = False
            self._feed(c.LinkDown(reason))


def _reason(error: AMIError) -> str:
    """Asterisk's own words where it spoke, without the stop that ends some of them; else ours."""
    if isinstance(error, ActionFailed):
        return error.message.rstrip(".")
    return "PBX busy" if isinstance(error, SwitchBusy) else "refused"
