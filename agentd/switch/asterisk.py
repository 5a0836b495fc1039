"""The switch: one Asterisk, reached over AMI.

What Asterisk says is taken for true, and nothing else. Seen on Asterisk 22.10.1 unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from agentd.ami import actions as a
from agentd.ami import events as e
from agentd.ami import items
from agentd.ami.client import AMIClient
from agentd.ami.errors import ActionFailed, AMIError
from agentd.ami.link import LinkState
from agentd.ami.lists import ListResult
from agentd.core import commands as c
from agentd.core.effects import (
    Announce,
    Effect,
    HangUpChannel,
    HangUpLeg,
    Hold,
    Join,
    JoinBoth,
    MuteRecording,
    Part,
    PlayMessage,
    Prompt,
    ReadLeg,
    Ring,
    RingConsult,
    RingMonitor,
    RingToWait,
    SendDigits,
    SendOut,
    SetMonitor,
    StartRecording,
    StopRecording,
    Tag,
    Voicemail,
)
from agentd.core.model import Place, PlaceKind
from agentd.switch.asking import Asking, is_gone, reason_of
from agentd.switch.channels import UP, place_of, place_told, seen
from agentd.switch.destinations import PEER
from agentd.switch.moves import Moves, Prompted
from agentd.switch.ringing import Ringing
from agentd.switch.strays import Strays

__all__ = ["AsteriskSwitch", "Digits", "Recordings"]

_RINGING = 5  # AST_STATE_RINGING
_NORMAL = 16  # Q.850; Asterisk leaves it out when somebody hangs up who hears music, or a sound
_ASK = 1.0  # seconds that a question before a dial may take


class Digits(Protocol):
    """What the switch needs of a sender of digits (:class:`agentd.switch.digits.Digits` is one)."""

    def send(self, leg: str, digits: str) -> None:
        """Let the leg's far end hear the digits."""

    def drop(self, leg: str) -> None:
        """The leg is being moved: forget what it was still to hear."""

    def gone(self, leg: str) -> None:
        """The leg has ended: forget what it was still to hear."""


class Recordings(Protocol):
    """What the switch needs of a recorder (:class:`agentd.switch.recordings.Recordings` is one)."""

    def start(self, effect: StartRecording) -> None:
        """Begin a recording."""

    def stop(self, effect: StopRecording) -> None:
        """End a recording."""

    def mute(self, effect: MuteRecording) -> None:
        """Silence a recording, or let it hear again."""


class AsteriskSwitch:
    """Carries out effects on one Asterisk, and feeds what it says back as commands.

    ``feed`` takes the commands; ``known`` says whether a unique id is a leg of ours; ``context`` is the dialplan
    context whose extensions are conferences, ``extensions`` the one of the PBX's own extensions, ``outside`` of those
    that are reached without an agent. ``later(seconds, function, *arguments)`` sets a timer. ``strays`` is told of
    those who wait and are none of ours yet.
    """

    log = Logger()

    def __init__(
        self,
        client: AMIClient,
        feed: Callable[[c.Command], object],
        known: Callable[[str], bool],
        later: Callable[..., object],
        digits: Digits,
        recordings: Recordings,
        strays: Strays,
        context: str = "agentd-conf",
        extensions: str = "agentd-extensions",
        outside: str = "agentd-outside",
    ) -> None:
        self._client = client
        self._feed = feed
        self._known = known
        self._extensions = extensions
        self._outside = outside
        self._asking = Asking(client, feed, later)
        self._ringing = Ringing(self._asking, context)
        self._moves = Moves(self._asking, context)
        self._prompted = Prompted()
        self._digits = digits
        self._recordings = recordings
        self._strays = strays
        self._far_end: set[str] = set()  # channels whose own side hung up
        self._up = False
        self._performers = self._how_to_perform()
        self._listen()

    # --- effects ---------------------------------------------------------------------------------------------

    def _how_to_perform(self) -> dict[type[Effect], Callable[[Any], object]]:
        moves = (Join, JoinBoth, Hold, Announce, Prompt, PlayMessage, Voicemail, SendOut, SetMonitor)
        return {
            **dict.fromkeys(moves, self._move),
            HangUpLeg: self._hang_up,
            HangUpChannel: self._hang_up_channel,
            Ring: self._ringing.ring,
            RingToWait: self._ringing.ring_to_wait,
            RingConsult: self._ringing.ring_consult,
            RingMonitor: self._ringing.ring_monitor,
            Tag: self._tag,
            Part: lambda effect: self._asking.send(a.Setvar(PEER, "", effect.leg), effect.leg),
            ReadLeg: self._read,
            SendDigits: lambda effect: self._digits.send(effect.leg, effect.digits),
            StartRecording: self._recordings.start,
            StopRecording: self._recordings.stop,
            MuteRecording: self._recordings.mute,
        }

    def perform(self, effect: Effect) -> None:
        """Ask Asterisk for it; the outcome comes back as a command."""
        self._performers[type(effect)](effect)

    def extension_exists(self, number: str, *, outside: bool = False) -> Deferred[bool]:
        """Ask the dialplan; True when it cannot be asked, since the dial itself will tell."""
        context = self._outside if outside else self._extensions
        asked = self._client.send(a.Getvar(f"DIALPLAN_EXISTS({context},{number},1)"), _ASK)
        return asked.addCallbacks(lambda answer: answer["Value"] != "0", lambda _failure: True)

    def _move(self, effect: Effect) -> None:
        for leg in (effect.leg, effect.other) if isinstance(effect, JoinBoth) else (effect.leg,):
            self._digits.drop(leg)
            self._prompted.asked(leg, prompt=isinstance(effect, Prompt))
        self._moves.begin(effect)

    def _hang_up(self, effect: HangUpLeg) -> None:
        self._digits.drop(effect.leg)
        self._moves.drop(effect.leg)
        self._asking.send(a.Hangup(effect.leg, effect.cause), effect.leg, refused=self._hangup_refused)

    def _hangup_refused(self, leg: str, error: AMIError) -> None:
        if not isinstance(error, ActionFailed):
            return
        if not is_gone(error):
            self._feed(c.MoveRefused(leg, reason_of(error)))
        elif not self._ringing.is_expected(leg):
            self._asking.missing(leg)

    def _hang_up_channel(self, effect: HangUpChannel) -> None:
        self.log.info("channel {leg} is ended: it {reason}", leg=effect.leg, reason=effect.reason)
        self._asking.send(a.Hangup(effect.leg, _NORMAL), effect.leg)

    def turn_away(self, channel: str) -> None:
        """Let a caller hear that he is not taken, and end him."""
        self._asking.send(a.Redirect(channel, "agentd-refused", "s"), channel)

    def _tag(self, tag: Tag) -> None:
        variables = {
            "AGENTD_SESSION": str(tag.session_id),
            "AGENTD_CALL": tag.call_key,
            "AGENTD_ROLE": tag.role.value,
        }
        for name, value in variables.items():
            self._asking.send(a.Setvar(name, value, tag.leg), tag.leg, refused=self._tag_refused)

    def _tag_refused(self, leg: str, error: AMIError) -> None:
        """One who arrived may have hung up before he was a leg, so that nothing was told of it."""
        if is_gone(error):
            self._asking.missing(leg)

    def _read(self, effect: ReadLeg) -> None:
        leg = effect.leg

        def tell(listed: ListResult) -> None:
            for item in listed:
                if isinstance(item, items.CoreShowChannel) and item.uniqueid == leg:
                    self._feed(c.LegRead(leg, place_of(item)))
                    return
            self._feed(c.LegRead(leg, None))

        listed: Deferred[Any] = self._client.collect(a.CoreShowChannels())
        listed.addCallbacks(tell, lambda failure: self._asking.failed("CoreShowChannels", leg, failure))

    # --- events ----------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        on = self._client.register_event
        on(e.Newchannel, self._new_channel)
        on(e.Newstate, self._new_state)
        on(e.DialState, self._dial_state)
        on(e.ConfbridgeJoin, self._joined)
        on(e.ConfbridgeLeave, self._left)
        on(e.UserEvent, self._dialplan_said)
        on(e.HangupRequest, self._hangup_request)
        on(e.Hangup, self._hangup)
        on(e.OriginateResponse, lambda _client, event: self._ringing.responded(event))
        self._client.link.watch(self._link_moved)

    def _new_channel(self, _client: AMIClient, event: e.Newchannel) -> None:
        self._ringing.appeared(event.uniqueid)
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
            if self._prompted.is_back(event.uniqueid):
                self._feed(c.LegAt(event.uniqueid, Place(PlaceKind.IVR)))
            self._feed(c.LegJoined(event.uniqueid, event.conference))

    def _left(self, _client: AMIClient, event: e.ConfbridgeLeave) -> None:
        if self._known(event.uniqueid):
            self._feed(c.LegLeft(event.uniqueid, event.conference))

    def _dialplan_said(self, _client: AMIClient, event: e.UserEvent) -> None:
        """The dialplan tells where a leg has come; what a site's own dialplan tells is not for us."""
        leg = event.uniqueid
        if event.user_event != "AgentdPlace" or leg is None:
            return
        place = place_told(event.get("Place"))
        if not self._known(leg):
            self._strays.told(event, place)
        elif place is not None and (place.kind is not PlaceKind.IVR or self._prompted.is_there(leg)):
            self._feed(c.LegAt(leg, place))

    def _hangup_request(self, _client: AMIClient, event: e.HangupRequest) -> None:
        """The far end hangs up. It also comes with every refusal of a dial, of which the cause tells who refused."""
        if event.channel_state == UP and self._known(event.uniqueid):
            self._far_end.add(event.uniqueid)

    def _hangup(self, _client: AMIClient, event: e.Hangup) -> None:
        far_end = event.uniqueid in self._far_end
        self._far_end.discard(event.uniqueid)
        self._ringing.ended(event.uniqueid)
        self._moves.drop(event.uniqueid)
        self._prompted.gone(event.uniqueid)
        self._digits.gone(event.uniqueid)
        if self._known(event.uniqueid):
            cause = event.cause or (_NORMAL if far_end else 0)
            self._feed(c.LegGone(event.uniqueid, cause, far_end))

    # --- the link --------------------------------------------------------------------------------------------

    async def synchronise(self) -> None:
        """Compare with Asterisk's channels; runs before the link is live, with events kept meanwhile."""
        self._ringing.clear()
        self._moves.clear()
        self._prompted.clear()
        self._far_end.clear()
        channels = await self._client.collect(a.CoreShowChannels())
        self._up = True
        self._feed(c.LinkUp(seen(channels, self._known)))
        self._strays.listed(channels)

    def _link_moved(self, state: LinkState, reason: str) -> None:
        if self._up and state in {LinkState.DISCONNECTED, LinkState.CLOSING}:
            self._up = False
            self._feed(c.LinkDown(reason))
