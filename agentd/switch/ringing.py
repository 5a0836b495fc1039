"""Channels that the switch makes: phones and customers, consultations, supervisors. Seen on Asterisk 22.10.1."""

from __future__ import annotations

from collections.abc import Mapping

from agentd.ami import actions as a
from agentd.ami import events as e
from agentd.ami.errors import AMIError
from agentd.ami.messages import Response
from agentd.core import commands as c
from agentd.core.effects import Ring, RingConsult, RingMonitor, RingToWait
from agentd.core.model import Role
from agentd.switch.asking import Asking, is_unknown, reason_of
from agentd.switch.destinations import Destination, Unfit, monitor_destination, number_of, wait_destination

__all__ = ["Ringing"]

_OVERTAKEN = 0.25  # seconds by which news of a channel may come after its OriginateResponse; 0.01 was seen in a burst
_CALL_HEADER = "PJSIP_HEADER(add,X-AGENTD-CALL)"  # set before the INVITE goes out, on channels of that driver only
_UNREACHABLE = 20  # Q.850: subscriber absent


class Ringing:
    """Makes channels, and finds out which came to nothing. ``conferences``: the context with the conferences."""

    def __init__(self, asking: Asking, conferences: str) -> None:
        self._asking = asking
        self._conferences = conferences
        self._asked: dict[str, bool] = {}  # legs whose OriginateResponse is due: whether a channel was seen
        self._origins: dict[str, str] = {}  # ActionID of an Originate -> leg

    def ring(self, ring: Ring) -> None:
        """Make a channel that enters a conference when it answers."""
        self._originate(
            ring.leg,
            ring.resource,
            Destination(self._conferences, ring.room, _owner(ring.role, ring.session_id, ring.call_key)),
            ring.caller_id,
            ring.timeout,
        )

    def ring_to_wait(self, ring: RingToWait) -> None:
        """Make a channel that waits when it answers. With a call's name it tells the far end which call it is for."""
        try:
            to = wait_destination(ring)
        except Unfit as unfit:
            self._asking.feed(c.LegRefused(ring.leg, str(unfit)))
            return
        variables = {**_owner(ring.role, ring.session_id, ring.call_key), **to.variables}
        caller_id = ring.caller_id
        if ring.names_call:
            caller_id = f"{ring.call_key} <{number_of(ring.caller_id)}>"
            if ring.resource.startswith("PJSIP/"):
                variables[_CALL_HEADER] = ring.call_key
        there = Destination(to.context, to.extension, variables)
        self._originate(ring.leg, ring.resource, there, caller_id, ring.timeout)

    def ring_consult(self, ring: RingConsult) -> None:
        """Make a Local channel: one half, the leg, waits with music; the other is in the first agent's conference."""
        music = {"CHANNEL(musicclass)": ring.music} if ring.music else {}
        variables = {**_owner(Role.THIRD, ring.session_id, ring.call_key), **music}
        self._originate(
            ring.leg, f"Local/{ring.room}@{self._conferences}/n", Destination("agentd-wait", "s", variables)
        )

    def ring_monitor(self, ring: RingMonitor) -> None:
        """Make a channel to a supervisor's phone, which then hears the agent's, or is in his conference."""
        try:
            to = monitor_destination(ring, self._conferences)
        except Unfit as unfit:
            self._asking.feed(c.LegRefused(ring.leg, str(unfit)))
            return
        variables = {**_owner(Role.MONITOR, ring.session_id, ""), **to.variables}
        there = Destination(to.context, to.extension, variables)
        self._originate(ring.leg, ring.resource, there, ring.caller_id, ring.timeout)

    def _originate(
        self, leg: str, resource: str, to: Destination, caller_id: str = "", timeout: int | None = None
    ) -> None:
        self._asked[leg] = False
        originate = a.Originate(
            channel=resource,
            channel_id=leg,
            other_channel_id=f"{leg}-2" if resource.startswith("Local/") else None,
            context=to.context,
            exten=to.extension,
            priority=1,
            timeout=None if timeout is None else timeout * 1000,
            caller_id=caller_id or None,
            variables=to.variables,
        )
        self._asking.send(originate, leg, refused=self._refused, accepted=self._accepted)

    def _accepted(self, leg: str, response: Response) -> None:
        if response.action_id is not None and leg in self._asked:
            self._origins[response.action_id] = leg

    def _refused(self, leg: str, error: AMIError) -> None:
        if not is_unknown(error):
            self._asked.pop(leg, None)
            self._asking.feed(c.LegRefused(leg, reason_of(error)))

    def is_expected(self, leg: str) -> bool:
        """Say whether the outcome of making this channel is still to come."""
        return leg in self._asked

    def appeared(self, leg: str) -> None:
        """There is such a channel."""
        if leg in self._asked:
            self._asked[leg] = True

    def ended(self, leg: str) -> None:
        """There was such a channel, and its own end told how it ended."""
        self._asked.pop(leg, None)

    def clear(self) -> None:
        """The link was lost, and with it all that was asked."""
        self._asked.clear()
        self._origins.clear()

    def responded(self, event: e.OriginateResponse) -> None:
        """The one signal that always comes. It comes another way than a channel's events, and may overtake them."""
        leg = self._origins.pop(event.action_id or "", None)
        if leg is None:
            return
        if event.response != "Failure":
            self._asked.pop(leg, None)
        elif self._asked.get(leg, True):
            self._failed(leg)
        else:
            self._asking.later(_OVERTAKEN, self._failed, leg)

    def _failed(self, leg: str) -> None:
        """It has failed: of a channel that was seen its own end tells, and otherwise there was none."""
        if not self._asked.pop(leg, True):
            self._asking.feed(c.LegRefused(leg, "not reachable", reachable=False, cause=_UNREACHABLE))


def _owner(role: Role, session_id: int, call_key: str) -> Mapping[str, str]:
    """The variables that say, after a restart, whose channel it is."""
    return {"AGENTD_SESSION": str(session_id), "AGENTD_CALL": call_key, "AGENTD_ROLE": role.value}
