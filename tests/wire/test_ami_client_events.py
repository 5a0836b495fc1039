"""The client: who hears of which events, and what happens while it synchronises."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed

from agentd.ami import AMIClient, LinkState
from agentd.ami.actions import Originate
from agentd.ami.errors import LinkDown, LinkLost
from agentd.ami.events import ConfbridgeJoin, Newchannel
from agentd.ami.messages import Event
from agentd.ami.subscription import event_mask
from tests.wire.ami_kit import Office, error, logged, offices_closed, result

__all__ = ["logged", "offices_closed"]


# --- events ----------------------------------------------------------------------------------------------------------


def test_only_what_handlers_want_is_asked_for() -> None:
    office = Office()
    office.client.register_event(ConfbridgeJoin, lambda client, event: None)
    office.client.register_event("DTMFEnd", lambda client, event: None)
    office.client.start()
    office.pbx.log_in()
    office.pbx.boot()
    first = office.pbx.asked()[0]
    assert first["MatchCriteria"] == "action(include),name(ConfbridgeJoin),method(starts_with)"
    assert office.pbx.subscribe() == ["ConfbridgeJoin", "DTMFEnd", "FullyBooted", "Shutdown", "call,dtmf,system"]


def test_without_the_privilege_for_filters_unwanted_events_are_skipped_here() -> None:
    office = Office()
    seen: list[Event] = []
    office.client.register_event(ConfbridgeJoin, lambda client, event: seen.append(event))
    office.client.start()
    office.pbx.log_in()
    office.pbx.boot()
    office.pbx.answer("Filter", "Message: Permission denied", status="Error")
    assert office.pbx.subscribe() == ["call,system"]
    assert office.client.state is LinkState.LIVE
    office.pbx.says("Event: Newexten", "Exten: s")
    office.pbx.says("Event: ConfbridgeJoin", "Conference: 1")
    assert [event.name for event in seen] == ["ConfbridgeJoin"]
    assert office.client.counters.skipped == 1


def test_filters_refused_half_way_would_lose_events_so_the_next_link_does_without() -> None:
    office = Office()
    office.client.register_event(ConfbridgeJoin, lambda client, event: None)
    office.client.start()
    office.pbx.log_in()
    office.pbx.boot()
    office.pbx.answer("Filter")
    office.pbx.answer("Filter", "Message: no more", status="Error")
    assert office.client.state is LinkState.DISCONNECTED
    office.clock.advance(1)
    office.pbx.log_in()
    office.pbx.boot()
    assert office.pbx.subscribe() == ["call,system"]
    assert office.client.state is LinkState.LIVE


def test_an_event_wanted_later_is_asked_for_then() -> None:
    office = Office()
    pbx = office.live()
    seen: list[tuple[AMIClient, Event]] = []

    def handler(client: AMIClient, event: Newchannel) -> None:
        seen.append((client, event))

    office.client.registerEvent("Newchannel", handler)
    assert pbx.subscribe() == ["Newchannel", "call,system"]
    pbx.says("Event: Newchannel", "Channel: A")
    assert [(client, event["Channel"]) for client, event in seen] == [(office.client, "A")]
    office.client.deregisterEvent("Newchannel", handler)
    pbx.says("Event: Newchannel", "Channel: B")
    assert len(seen) == 1
    assert office.client.counters.skipped == 1
    with pytest.raises(ValueError, match="not in list"):
        office.client.deregister_event(Newchannel, handler)


def test_an_originate_that_is_followed_asks_for_its_end_first() -> None:
    office = Office()
    pbx = office.live()
    ended = office.client.collect(Originate("Local/1@x"))
    assert pbx.subscribe() == ["OriginateResponse", "call,system"]
    (asked,) = pbx.asked()
    pbx.answer("Originate", "Message: Originate successfully queued")
    pbx.says("Event: OriginateResponse", f"ActionID: {asked['ActionID']}", "Response: Failure", "Reason: 0")
    assert result(ended).complete["Reason"] == "0"


def test_all_events_wanted_on_a_filtered_link_makes_a_new_one_without_filters() -> None:
    office = Office()
    seen: list[str] = []
    pbx = office.live()
    office.client.register_event(None, lambda client, event: seen.append(event.name))
    assert office.client.state is LinkState.DISCONNECTED
    office.clock.advance(1)
    pbx.log_in()
    pbx.boot()
    assert pbx.subscribe() == ["on"]
    pbx.says("Event: Whatever", "A: b")
    assert seen == ["FullyBooted", "Whatever"]


def test_one_handler_that_raises_stops_nobody_else(logged: list[dict[str, Any]]) -> None:
    office = Office()
    seen: list[str] = []
    office.client.register_event(Newchannel, lambda client, event: 1 / 0)
    office.client.register_event(Newchannel, lambda client, event: seen.append(event.channel))
    pbx = office.live()
    pbx.says("Event: Newchannel", "Channel: A")
    pbx.says("Event: Newchannel", "Channel: B")
    assert seen == ["A", "B"]
    assert office.client.counters.handler_errors == 2
    failures = [event for event in logged if "log_failure" in event]
    assert len(failures) == 2
    assert failures[0]["event"]["Channel"] == "A"
    assert office.client.state is LinkState.LIVE


def test_the_mask_is_everything_if_a_wanted_event_is_not_known() -> None:
    assert event_mask({"Newchannel", "VarSet"}) == "call,dialplan,system"
    assert event_mask({"Newchannel", "Whatever"}) == "on"
    assert event_mask(None) == "on"


# --- synchronisation -------------------------------------------------------------------------------------------------


class Snapshot:
    """A synchronisation that ends when the test says so."""

    def __init__(self) -> None:
        self.runs = 0
        self.done: Deferred[None] = Deferred()
        self.asked: Deferred[Any] | None = None

    def __call__(self, client: AMIClient) -> Deferred[None]:
        self.runs += 1
        self.asked = client.core_show_channels()
        self.done = Deferred()
        return self.done


def test_events_wait_for_the_snapshot_and_come_in_their_order_before_the_link_is_live() -> None:
    snapshot = Snapshot()
    office = Office(synchronise=snapshot, tuning={"turn_budget": 2})
    seen: list[tuple[str, LinkState]] = []
    office.client.register_event(Newchannel, lambda client, event: seen.append((event.channel, client.state)))
    office.client.start()
    pbx = office.pbx
    pbx.bring_up()
    assert office.client.state is LinkState.SYNCING
    pbx.says("Event: Newchannel", "Channel: A")
    action_id = pbx.asked()[0]["ActionID"]
    pbx.answer("CoreShowChannels", "EventList: start")
    pbx.says("Event: CoreShowChannel", f"ActionID: {action_id}", "Channel: X")
    pbx.says("Event: Newchannel", "Channel: B")
    pbx.says("Event: CoreShowChannelsComplete", f"ActionID: {action_id}", "EventList: Complete", "ListItems: 1")
    assert snapshot.asked is not None
    assert [each.channel for each in result(snapshot.asked)] == ["X"]
    assert seen == []
    snapshot.done.callback(None)
    assert [channel for channel, _ in seen] == ["A"], "the first turn's two events are FullyBooted and A"
    assert office.client.state is LinkState.SYNCING
    pbx.says("Event: Newchannel", "Channel: C")
    office.clock.advance(0)
    assert seen == [("A", LinkState.SYNCING), ("B", LinkState.SYNCING), ("C", LinkState.SYNCING)]
    assert office.client.state is LinkState.LIVE
    pbx.says("Event: Newchannel", "Channel: D")
    assert seen[-1] == ("D", LinkState.LIVE)


def test_a_long_replay_leaves_the_loop_its_turns() -> None:
    snapshot = Snapshot()
    office = Office(synchronise=snapshot, tuning={"turn_budget": 10})
    seen: list[str] = []
    office.client.register_event(Newchannel, lambda client, event: seen.append(event.channel))
    office.client.start()
    office.pbx.bring_up()
    for number in range(25):
        office.pbx.says("Event: Newchannel", f"Channel: {number}")
    snapshot.done.callback(None)
    assert len(seen) < 25
    office.clock.advance(0)
    assert seen == [str(number) for number in range(25)]
    assert snapshot.asked is not None
    snapshot.asked.addErrback(lambda _: None)  # nobody looks at this one's list


def test_more_events_than_can_be_kept_start_the_link_again() -> None:
    snapshot = Snapshot()
    office = Office(synchronise=snapshot, tuning={"sync_events": 10})
    office.client.register_event(Newchannel, lambda client, event: None)
    office.client.start()
    office.pbx.bring_up()
    for number in range(12):
        if office.client.state is LinkState.SYNCING:
            office.pbx.says("Event: Newchannel", f"Channel: {number}")
    assert office.pbx.far.aborted
    office.clock.advance(1)
    assert office.pbx.tries == 1, "the synchronisation itself has not ended yet"
    assert snapshot.asked is not None
    error(snapshot.asked, LinkLost)
    snapshot.done.errback(LinkDown("lost"))
    office.clock.advance(1)
    assert office.pbx.tries == 2


@pytest.mark.parametrize("broken", [lambda client: 1 / 0, lambda client: Deferred()])
def test_a_synchronisation_that_fails_or_hangs_starts_the_link_again(broken: Any) -> None:
    office = Office(synchronise=broken, tuning={"ping_interval": 1000})
    office.client.start()
    office.pbx.bring_up()
    office.clock.advance(30)
    assert office.pbx.far.closing
    office.clock.advance(1)
    assert office.pbx.tries == 2
    assert "live" not in office.states


def test_a_synchronisation_may_be_a_coroutine_or_nothing() -> None:
    ran: list[str] = []

    async def look(client: AMIClient) -> None:
        await succeed(None)
        ran.append("coroutine")

    Office(synchronise=look).live()
    Office(synchronise=lambda client: ran.append("plain")).live()
    assert ran == ["coroutine", "plain"]


def test_events_of_a_link_that_is_being_closed_reach_nobody() -> None:
    office = Office(synchronise=lambda client: 1 / 0)
    seen: list[Event] = []
    office.client.register_event(Newchannel, lambda client, event: seen.append(event))
    office.client.start()
    office.pbx.log_in()
    office.pbx.far.hangs = True
    office.pbx.boot()
    office.pbx.subscribe()
    assert office.client.state is LinkState.DISCONNECTED
    assert office.pbx.far.connected
    office.pbx.says("Event: Newchannel", "Channel: A")
    assert seen == []
