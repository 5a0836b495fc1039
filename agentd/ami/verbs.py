"""The everyday actions as methods with plain arguments and results. starpy's users find their names here, too.

Each returns a Deferred and fails as :meth:`AMIClient.send` says; ActionFailed carries Asterisk's own words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeVar

from twisted.internet.defer import Deferred

from agentd.ami import actions, items
from agentd.ami.actions import Action
from agentd.ami.errors import ActionFailed
from agentd.ami.lists import ListResult
from agentd.ami.messages import Event, Response

__all__ = ["Verbs"]

E = TypeVar("E", bound=Event)

_NO_CONFERENCE = ("No active conferences.", "No Conference by that name found.")


class Verbs(ABC):
    """Thin methods over :meth:`send` and :meth:`collect`."""

    @abstractmethod
    def send(self, action: Action, timeout: float | None = None) -> Deferred[Response]:
        """Send an action; fires with its answer."""

    @abstractmethod
    def collect(
        self,
        action: Action,
        *,
        idle: float | None = None,
        total: float | None = None,
        on_item: Callable[[Event], object] | None = None,
    ) -> Deferred[ListResult]:
        """Send a list action; fires with its items."""

    def stream(
        self, action: Action, on_item: Callable[[Event], object], *, idle: float | None = None
    ) -> Deferred[Event]:
        """Send a list action and hand on each item as it comes; fires with the event that ends the list."""
        done = self.collect(action, idle=idle, on_item=on_item)
        return done.addCallback(lambda result: result.complete)

    def send_action(
        self, name: str, headers: Mapping[str, actions.Value | list[str]] | None = None, timeout: float | None = None
    ) -> Deferred[Response]:
        """Send any action by its name and headers (panoramisk: ``send_action``)."""
        return self.send(actions.Custom(name, headers or {}), timeout)

    # --- calls -----------------------------------------------------------------------------------------------------

    def originate(
        self,
        channel: str,
        context: str | None = None,
        exten: str | None = None,
        priority: int | None = 1,
        *,
        timeout: int | None = None,
        caller_id: str | None = None,
        account: str | None = None,
        application: str | None = None,
        data: str | None = None,
        variables: Mapping[str, str] | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
    ) -> Deferred[Response]:
        """Make a call; fires when Asterisk has taken it up, not when it is answered (that is OriginateResponse).

        ``timeout`` is how long it may ring, in milliseconds. starpy: ``originate``, always asynchronous here.
        """
        return self.send(
            actions.Originate(
                channel,
                context=context,
                exten=exten,
                priority=priority if application is None else None,
                application=application,
                data=data,
                timeout=timeout,
                caller_id=caller_id,
                account=account,
                channel_id=channel_id,
                other_channel_id=other_channel_id,
                variables=variables or {},
            )
        )

    def redirect(
        self,
        channel: str,
        context: str,
        exten: str,
        priority: int = 1,
        *,
        extra_channel: str | None = None,
        extra_context: str | None = None,
        extra_exten: str | None = None,
        extra_priority: int | None = None,
    ) -> Deferred[Response]:
        """Send a channel, or two at once, elsewhere; success means only that it is queued. starpy: ``redirect``."""
        return self.send(
            actions.Redirect(
                channel, context, exten, priority, extra_channel, extra_context, extra_exten, extra_priority
            )
        )

    def hangup(self, channel: str, cause: int | None = 16) -> Deferred[Response]:
        """End a channel. starpy: ``hangup``."""
        return self.send(actions.Hangup(channel, cause))

    def get_var(self, channel: str | None, variable: str) -> Deferred[str]:
        """The value of a channel's variable or function, or of a global variable. starpy: ``getVar``."""
        return self.send(actions.Getvar(variable, channel)).addCallback(lambda answer: answer["Value"])

    def set_var(self, channel: str | None, variable: str, value: str) -> Deferred[Response]:
        """Set a channel's variable or function, or a global variable. starpy: ``setVar``."""
        return self.send(actions.Setvar(variable, value, channel))

    def play_dtmf(self, channel: str, digit: str, duration: int | None = None) -> Deferred[Response]:
        """Send a digit; blocks this connection for ``duration`` milliseconds. starpy: ``playDTMF``."""
        return self.send(actions.PlayDTMF(channel, digit, duration))

    # --- recordings ------------------------------------------------------------------------------------------------

    def mix_monitor(self, channel: str, file: str, options: str | None = None) -> Deferred[str | None]:
        """Record a channel; fires with the recording's id if ``options`` holds ``i(NAME)``. starpy: ``mixMonitor``."""
        started = self.send(actions.MixMonitor(channel, file, options))
        return started.addCallback(lambda answer: answer.get("MixMonitorID"))

    def stop_mix_monitor(self, channel: str, mix_monitor_id: str | None = None) -> Deferred[Response]:
        """End a recording."""
        return self.send(actions.StopMixMonitor(channel, mix_monitor_id))

    def mute_mix_monitor(
        self, channel: str, mix_monitor_id: str | None = None, *, direction: str = "both"
    ) -> Deferred[Response]:
        """Make a recording silent."""
        return self.send(actions.MixMonitorMute(channel, direction, 1, mix_monitor_id))

    def unmute_mix_monitor(
        self, channel: str, mix_monitor_id: str | None = None, *, direction: str = "both"
    ) -> Deferred[Response]:
        """Let a recording hear again."""
        return self.send(actions.MixMonitorMute(channel, direction, 0, mix_monitor_id))

    # --- conferences -----------------------------------------------------------------------------------------------

    def confbridge_list(self, conference: str) -> Deferred[list[items.ConfbridgeList]]:
        """The members of a conference; none if there is no such conference."""
        return self._items(actions.ConfbridgeList(conference), items.ConfbridgeList, empty=_NO_CONFERENCE)

    def confbridge_list_rooms(self) -> Deferred[list[items.ConfbridgeListRooms]]:
        """The conferences that there are."""
        return self._items(actions.ConfbridgeListRooms(), items.ConfbridgeListRooms, empty=_NO_CONFERENCE)

    def confbridge_mute(self, conference: str, channel: str) -> Deferred[Response]:
        """Mute a member, given by the channel's name."""
        return self.send(actions.ConfbridgeMute(conference, channel))

    def confbridge_unmute(self, conference: str, channel: str) -> Deferred[Response]:
        """Let a muted member, given by the channel's name, be heard again."""
        return self.send(actions.ConfbridgeUnmute(conference, channel))

    def confbridge_kick(self, conference: str, channel: str) -> Deferred[Response]:
        """Put a member, given by the channel's name, out of a conference."""
        return self.send(actions.ConfbridgeKick(conference, channel))

    # --- what there is ---------------------------------------------------------------------------------------------

    def core_show_channels(self) -> Deferred[list[items.CoreShowChannel]]:
        """All channels with where they are."""
        return self._items(actions.CoreShowChannels(), items.CoreShowChannel)

    def status(self, channel: str | None = None) -> Deferred[list[items.Status]]:
        """All channels, or one, in detail. starpy: ``status``."""
        return self._items(actions.Status(channel), items.Status)

    def bridge_list(self) -> Deferred[list[items.BridgeListItem]]:
        """All bridges."""
        return self._items(actions.BridgeList(), items.BridgeListItem)

    def bridge_info(self, bridge_uniqueid: str) -> Deferred[list[items.BridgeInfoChannel]]:
        """The channels in a bridge."""
        return self._items(actions.BridgeInfo(bridge_uniqueid), items.BridgeInfoChannel)

    def pjsip_show_endpoints(self) -> Deferred[list[items.EndpointList]]:
        """The PJSIP endpoints; none if there are none."""
        return self._items(actions.PJSIPShowEndpoints(), items.EndpointList, empty=("No endpoints found",))

    def core_status(self) -> Deferred[Response]:
        """When Asterisk started, and how many calls it has."""
        return self.send(actions.CoreStatus())

    def core_settings(self) -> Deferred[Response]:
        """Asterisk's version and limits."""
        return self.send(actions.CoreSettings())

    def command(self, command: str) -> Deferred[list[str]]:
        """Run a CLI command; fires with the lines that it printed. starpy: ``command``."""
        return self.send(actions.Command(command)).addCallback(lambda answer: answer.output)

    def ping(self) -> Deferred[Response]:
        """Ask for a sign of life. starpy: ``ping``."""
        return self.send(actions.Ping())

    def user_event(self, name: str, headers: Mapping[str, str] | None = None) -> Deferred[Response]:
        """Send an event of one's own to all manager sessions. starpy: ``userEvent``."""
        return self.send(actions.UserEvent(name, headers or {}))

    def queue_pause(
        self, interface: str, *, paused: bool = True, queue: str | None = None, reason: str | None = None
    ) -> Deferred[Response]:
        """Pause or resume a member of Asterisk's own queues. starpy: ``queuePause``."""
        return self.send(actions.QueuePause(interface, paused, queue, reason))

    getVar = get_var
    setVar = set_var
    playDTMF = play_dtmf
    mixMonitor = mix_monitor
    userEvent = user_event
    queuePause = queue_pause

    def _items(self, action: Action, kind: type[E], empty: tuple[str, ...] = ()) -> Deferred[list[E]]:
        """The items of one kind. An answer in ``empty`` is Asterisk's way to say that there is nothing to list."""

        async def found() -> list[E]:
            try:
                listed = await self.collect(action)
            except ActionFailed as error:
                if error.message not in empty:
                    raise
                return []
            return [each for each in listed if isinstance(each, kind)]

        return Deferred.fromCoroutine(found())
