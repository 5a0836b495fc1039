"""List actions: all items, or what there was and why it is not all."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from agentd.ami.actions import CoreShowChannels, Originate, Ping, Status
from agentd.ami.errors import (
    ActionFailed,
    ListIncomplete,
)
from tests.wire.ami_kit import Conversation, error, result


def waiting(deferred: Deferred) -> bool:
    return not deferred.called


def start_list(talk: Conversation, **how: object) -> Deferred:
    listed = talk.protocol.collect(CoreShowChannels(), **how)  # type: ignore[arg-type]
    talk.hears("Response: Success", "ActionID: b-1", "EventList: start", "Message: Channels will follow")
    return listed


def item(talk: Conversation, channel: str) -> None:
    talk.hears("Event: CoreShowChannel", "ActionID: b-1", f"Channel: {channel}")


def complete(talk: Conversation, count: int) -> None:
    talk.hears("Event: CoreShowChannelsComplete", "ActionID: b-1", "EventList: Complete", f"ListItems: {count}")


def test_a_list_is_its_items_and_they_are_no_news() -> None:
    talk = Conversation()
    talk.protocol.wanted = frozenset({"Hangup"})
    listed = start_list(talk)
    item(talk, "A")
    talk.hears("Event: Hangup", "Cause: 16")
    talk.hears("Event: Newexten", "Exten: s")
    item(talk, "B")
    assert waiting(listed)
    complete(talk, 2)
    items = result(listed)
    assert [each["Channel"] for each in items] == ["A", "B"]
    assert items.complete.name == "CoreShowChannelsComplete"
    assert [event.name for event in talk.events] == ["Hangup"]
    assert talk.protocol.counters.skipped == 1
    assert talk.clock.getDelayedCalls() == []


def test_a_stream_hands_on_each_item_as_it_comes() -> None:
    talk = Conversation()
    seen: list[str] = []
    listed = start_list(talk, on_item=lambda event: seen.append(event["Channel"]))
    item(talk, "A")
    assert seen == ["A"]
    complete(talk, 1)
    assert result(listed) == []


def test_a_receiver_that_raises_ends_its_own_list_only() -> None:
    talk = Conversation()
    listed = start_list(talk, on_item=lambda event: 1 / 0)
    item(talk, "A")
    error(listed, ZeroDivisionError)
    item(talk, "B")
    complete(talk, 2)
    assert talk.events == [], "the rest of it is no news"
    other = talk.protocol.send(Ping())
    talk.hears("Response: Success", "ActionID: b-2")
    assert result(other).success


def test_a_list_with_another_number_of_items_than_promised_is_incomplete() -> None:
    talk = Conversation()
    listed = start_list(talk)
    item(talk, "A")
    complete(talk, 2)
    incomplete = error(listed, ListIncomplete)
    assert [each["Channel"] for each in incomplete.partial] == ["A"]
    assert "2 items were promised, 1 came" in str(incomplete)


def test_a_list_that_asterisk_cancels_is_incomplete() -> None:
    talk = Conversation()
    listed = start_list(talk)
    talk.hears("Event: CoreShowChannelsComplete", "ActionID: b-1", "EventList: cancelled")
    assert error(listed, ListIncomplete).partial == []


def test_a_list_that_pauses_too_long_gives_what_it_had() -> None:
    talk = Conversation()
    listed = start_list(talk, idle=2, total=60)
    for channel in "ABC":
        talk.clock.advance(1.5)
        item(talk, channel)
    talk.clock.advance(1.9)
    assert waiting(listed)
    talk.clock.advance(0.2)
    assert [each["Channel"] for each in error(listed, ListIncomplete).partial] == ["A", "B", "C"]
    item(talk, "D")
    assert talk.events == [], "the rest of it is no news either"
    assert talk.protocol.counters.late == 1


def test_a_list_that_never_ends_gives_what_it_had() -> None:
    talk = Conversation()
    listed = start_list(talk, idle=2, total=5)
    for _ in range(5):
        talk.clock.advance(1)
        item(talk, "A")
    assert len(error(listed, ListIncomplete).partial) == 4


def test_a_refused_list_fails_at_once() -> None:
    talk = Conversation()
    listed = talk.protocol.collect(CoreShowChannels())
    talk.hears("Response: Error", "ActionID: b-1", "Message: Permission denied")
    assert error(listed, ActionFailed).message == "Permission denied"


def test_older_lists_end_with_an_event_of_their_own() -> None:
    talk = Conversation()
    listed = talk.protocol.collect(Status())
    talk.hears("Response: Success", "ActionID: b-1", "Message: Channel status will follow")
    talk.hears("Event: Status", "Privilege: Call", "Channel: A", "ActionID: b-1")
    talk.hears("Event: StatusComplete", "ActionID: b-1", "Items: 1")
    assert [each["Channel"] for each in result(listed)] == ["A"]


def test_an_originate_can_be_followed_to_its_end_and_everybody_hears_of_it() -> None:
    talk = Conversation()
    ended = talk.protocol.collect(Originate("Local/1@x"), idle=40, total=40)
    talk.hears("Response: Success", "ActionID: b-1", "Message: Originate successfully queued")
    talk.clock.advance(30)
    talk.hears("Event: OriginateResponse", "ActionID: b-1", "Response: Failure", "Reason: 3")
    assert result(ended).complete["Reason"] == "3"
    assert [event.name for event in talk.events] == ["OriginateResponse"]
