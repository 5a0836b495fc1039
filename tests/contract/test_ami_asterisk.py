"""agentd.ami against the real Asterisk: what the wire tests take for granted is true."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from agentd.ami import (
    ActionFailed,
    AMIClient,
    LinkLost,
    LinkState,
    Tuning,
    UnsafeHeader,
    actions,
    events,
)
from agentd.ami.encoder import MAX_LINE, MAX_LINES
from tests.contract.ami_rig import AMIRig, Witness, ami_rig, make_client

__all__ = ["ami_rig", "make_client"]

async_test = pytest_twisted.ensureDeferred


async def live(client: AMIClient, reactor: Any) -> AMIClient:
    client.start()
    await client.when_live().addTimeout(10, reactor)
    return client


def call(client: AMIClient, channel_id: str, *, to: str = "100", exten: str = "800", **how: Any) -> Deferred:
    """Originate a Local channel whose near end goes to a conference."""
    return client.originate(
        f"Local/{to}@sim/n", "sim", exten, channel_id=channel_id, other_channel_id=f"{channel_id}b", **how
    )


# --- logging in ------------------------------------------------------------------------------------------------------


@async_test
@pytest.mark.parametrize("challenge", [True, False])
async def test_login_with_and_without_challenge(make_client: Any, reactor: Any, challenge: bool) -> None:
    client = await live(make_client(challenge=challenge), reactor)
    assert (await client.ping())["Ping"] == "Pong"
    assert (await client.core_settings())["AsteriskVersion"]


@async_test
async def test_login_over_tls_with_the_certificate_checked(make_client: Any, reactor: Any, ami_rig: AMIRig) -> None:
    client = await live(make_client(endpoint=ami_rig.tls(ami_rig.ca)), reactor)
    assert (await client.ping())["Ping"] == "Pong"


@async_test
async def test_a_certificate_of_another_authority_is_not_trusted(
    make_client: Any, reactor: Any, ami_rig: AMIRig
) -> None:
    client = make_client(endpoint=ami_rig.tls(ami_rig.other_ca))
    ended: Deferred[str] = Deferred()
    client.link.watch(
        lambda state, reason: state is LinkState.DISCONNECTED and not ended.called and ended.callback(reason)
    )
    client.start()
    assert "certificate verify failed" in await ended.addTimeout(10, reactor)
    assert client.alarm is None


@async_test
async def test_a_wrong_secret_raises_the_alarm(make_client: Any, reactor: Any) -> None:
    alarm: Deferred[str] = Deferred()
    client = make_client(secret="wrong", on_alarm=alarm.callback)
    client.start()
    assert "Authentication failed" in await alarm.addTimeout(5, reactor)
    assert client.counters.refusals == 1
    assert client.link.state is LinkState.DISCONNECTED
    error = await failure_of(client.ping(), LinkLost)
    assert "wrong" not in str(error).replace("Authentication", "")


async def failure_of(deferred: Deferred, kind: type[Exception]) -> Any:
    with pytest.raises(kind) as caught:
        await deferred
    return caught.value


# --- events ----------------------------------------------------------------------------------------------------------


@async_test
async def test_asterisk_sends_only_what_is_wanted(make_client: Any, reactor: Any) -> None:
    client = make_client("admin")
    witness = Witness(reactor, client, events.Newchannel, events.Hangup, events.OriginateResponse)
    await live(client, reactor)
    await call(client, "agd-filter")
    await witness.when("OriginateResponse", Uniqueid="agd-filter")
    await client.hangup("agd-filter")
    await witness.when("Hangup", Uniqueid="agd-filterb")
    names = {event.name for event in witness.events}
    assert names == {"Newchannel", "Hangup", "OriginateResponse"}
    assert client.counters.skipped == 0, "nothing else came over the wire"


@async_test
async def test_without_the_privilege_for_filters_the_rest_is_skipped_here(make_client: Any, reactor: Any) -> None:
    client = make_client("lowly")
    witness = Witness(reactor, client, events.Newchannel, events.Hangup, events.VarSet)
    await live(client, reactor)
    await call(client, "agd-nofilter", variables={"AGENTD_ROLE": "agent"})
    await witness.when("VarSet", Uniqueid="agd-nofilter")
    await witness.when("Newchannel", Uniqueid="agd-nofilterb")
    await client.hangup("agd-nofilter")
    await witness.when("Hangup", Uniqueid="agd-nofilterb")
    assert {event.name for event in witness.events} == {"Newchannel", "Hangup", "VarSet"}
    assert client.counters.skipped > 0


@async_test
async def test_an_event_wanted_later_comes_too(make_client: Any, reactor: Any) -> None:
    client = make_client()
    witness = Witness(reactor, client, events.Hangup)
    await live(client, reactor)
    client.register_event(events.ConfbridgeJoin, witness._saw)
    await client.ping()
    await call(client, "agd-later")
    await witness.when("ConfbridgeJoin", Uniqueid="agd-later")


@async_test
async def test_what_a_dialplan_writes_into_an_event_stays_a_value(make_client: Any, reactor: Any) -> None:
    client = make_client()
    witness = Witness(reactor, client, events.UserEvent, "Fake")
    await live(client, reactor)
    await call(client, "agd-odd", to="400")
    event = await witness.when("UserEvent", UserEvent="Odd")
    assert isinstance(event, events.UserEvent)
    assert event["Text"] == "Event: Fake"
    assert event.uniqueid == "agd-oddb"


# --- calls -----------------------------------------------------------------------------------------------------------


@async_test
async def test_a_call_from_originate_to_hangup(make_client: Any, reactor: Any) -> None:
    client = make_client()
    kinds = (events.Newchannel, events.DialEnd, events.OriginateResponse, events.ConfbridgeJoin, events.ConfbridgeLeave)
    witness = Witness(reactor, client, *kinds, events.Hangup, events.HangupRequest)
    await live(client, reactor)
    variables = {"AGENTD_ROLE": "customer", "__AGENTD_SESSION": "8600051"}
    queued = await call(client, "agd-call", variables=variables, caller_id='"A B" <123>', timeout=5000)
    assert queued.message == "Originate successfully queued"

    ended = await witness.when("DialEnd", DestUniqueid="agd-call")
    assert (ended.dial_status, ended.dest_uniqueid) == ("ANSWER", "agd-call")
    assert ended.dest_variables["AGENTD_ROLE"] == "customer"
    answered = await witness.when("OriginateResponse", Uniqueid="agd-call")
    assert answered.success
    assert answered.reason == 4
    assert answered.action_id == queued.action_id
    assert answered.variables["AGENTD_SESSION"] == "8600051"
    joined = await witness.when("ConfbridgeJoin", Conference="800")
    assert (joined.uniqueid, joined.channel_state, joined.exten) == ("agd-call", 6, "800")
    assert joined.muted is False
    assert joined.variables == {"AGENTD_ROLE": "customer", "AGENTD_SESSION": "8600051", "AGENTD_CALL": ""}
    assert joined.caller_id_num == "123"

    await client.redirect("agd-call", "sim", "801")
    left = await witness.when("ConfbridgeLeave", Conference="800")
    assert left.uniqueid == "agd-call"
    await witness.when("ConfbridgeJoin", Conference="801")
    await client.hangup("agd-call", 17)
    hangup = await witness.when("Hangup", Uniqueid="agd-call")
    assert (hangup.cause, hangup.cause_txt) == (17, "User busy")
    gone = await failure_of(client.hangup("agd-call"), ActionFailed)
    assert gone.message == "No such channel"


@async_test
async def test_an_unanswered_originate_ends_with_its_response(make_client: Any, reactor: Any) -> None:
    client = await live(make_client(), reactor)
    originate = actions.Originate("Local/300@sim/n", "sim", "800", 1, timeout=300, channel_id="agd-ring")
    ended = await client.collect(originate)
    assert isinstance(ended.complete, events.OriginateResponse)
    assert not ended.complete.success
    assert ended.complete.reason == 3
    assert ended == []


@async_test
async def test_variables_are_read_and_set_as_they_are(make_client: Any, reactor: Any) -> None:
    client = make_client()
    witness = Witness(reactor, client, events.OriginateResponse)
    await live(client, reactor)
    await call(client, "agd-vars", variables={"ONE": "a=b;c d", "TWO": "(x)|[y]&%"})
    await witness.when("OriginateResponse", Uniqueid="agd-vars")
    assert await client.get_var("agd-vars", "ONE") == "a=b;c d"
    assert await client.get_var("agd-vars", "TWO") == "(x)|[y]&%"
    for value in ('${EXTEN},"x"\\', "$[1+1]", "", "  inner  spaces", "x" * (MAX_LINE - len("Value: "))):
        await client.set_var("agd-vars", "THREE", value)
        assert await client.getVar("agd-vars", "THREE") == value.lstrip(" ")
    await client.set_var(None, "EVERYWHERE", "7")
    assert await client.get_var(None, "EVERYWHERE") == "7"


@async_test
async def test_asterisk_would_split_a_variable_at_a_comma_and_eat_quotes(make_client: Any, reactor: Any) -> None:
    """Why such values are refused: sent past the mapping, they become something else."""
    client = make_client()
    witness = Witness(reactor, client, events.OriginateResponse)
    await live(client, reactor)
    headers = {"Channel": "Local/100@sim/n", "ChannelId": "agd-split", "Context": "sim", "Exten": "800"}
    await client.send_action(
        "Originate", {**headers, "Priority": "1", "Async": "true", "Variable": 'ONE=a,TWO="b"\\\\'}
    )
    await witness.when("OriginateResponse", Uniqueid="agd-split")
    assert await client.get_var("agd-split", "ONE") == "a"
    assert await client.get_var("agd-split", "TWO") == "b\\"


@async_test
@pytest.mark.parametrize(
    ("raw", "text"),
    [("René Lévesque".encode(), "René Lévesque"), ("Иван 李".encode(), "Иван 李"), (b"Ren\xe9", "Ren\udce9")],
)
async def test_caller_names_come_and_go_as_they_are(make_client: Any, reactor: Any, raw: bytes, text: str) -> None:
    client = make_client()
    witness = Witness(reactor, client, events.OriginateResponse, events.NewCallerid, events.Hangup)
    await live(client, reactor)
    await call(client, "agd-name")
    await witness.when("OriginateResponse", Uniqueid="agd-name")
    await client.set_var("agd-name", "CALLERID(name)", raw.decode("utf-8", "surrogateescape"))
    changed = await witness.when("NewCallerid", Uniqueid="agd-name", CallerIDName=text)
    assert changed.caller_id_name.encode("utf-8", "surrogateescape") == raw
    assert await client.get_var("agd-name", "CALLERID(name)") == text
    await client.hangup("agd-name")
    await witness.when("Hangup", Uniqueid="agd-nameb")


@async_test
@pytest.mark.parametrize("evil", ["x\r\n\r\nAction: Hangup\r\nChannel: /.*/", "x\n\nAction: Ping", "x\rAction: Ping"])
async def test_injection_is_refused_and_nothing_reaches_asterisk(make_client: Any, reactor: Any, evil: str) -> None:
    client = make_client()
    witness = Witness(reactor, client, events.OriginateResponse, events.Hangup, events.Newchannel)
    await live(client, reactor)
    await call(client, "agd-safe")
    await witness.when("OriginateResponse", Uniqueid="agd-safe")
    attempts = [
        client.set_var("agd-safe", "X", evil),
        client.get_var("agd-safe", evil),
        client.originate(evil, "sim", "800"),
        client.originate("Local/100@sim", "sim", "800", caller_id=evil),
        client.originate("Local/100@sim", "sim", "800", variables={"X": evil}),
        client.redirect("agd-safe", "sim", evil),
        client.hangup(evil),
        client.user_event("X", {"Y": evil}),
        client.send_action(evil),
        client.send_action("Ping", {evil: "x"}),
    ]
    for attempt in attempts:
        await failure_of(attempt, UnsafeHeader)
    await client.ping()
    assert [channel.uniqueid for channel in await client.core_show_channels()].count("agd-safe") == 1
    assert not [event for event in witness.events if event.name == "Hangup"]
    assert len(await client.core_show_channels()) == 2


@async_test
async def test_the_longest_line_and_message_that_we_send_are_taken_whole(make_client: Any, reactor: Any) -> None:
    client = await live(make_client(), reactor)
    await client.set_var(None, "LONG", "é" * ((MAX_LINE - len("Value: ")) // 2))
    assert len(await client.get_var(None, "LONG")) == (MAX_LINE - len("Value: ")) // 2
    await client.send_action("Ping", {f"X{number}": "x" for number in range(MAX_LINES - 2)})


# --- lists -----------------------------------------------------------------------------------------------------------


@async_test
async def test_lists_of_nothing_are_empty(make_client: Any, reactor: Any) -> None:
    client = await live(make_client(), reactor)
    assert await client.core_show_channels() == []
    assert await client.confbridge_list("800") == []
    assert await client.confbridge_list_rooms() == []
    assert await client.bridge_list() == []
    assert await client.status() == []


@async_test
async def test_lists_show_what_there_is(make_client: Any, reactor: Any) -> None:
    client = make_client()
    witness = Witness(reactor, client, events.ConfbridgeJoin)
    await live(client, reactor)
    for number in range(3):
        await call(client, f"agd-list{number}", exten="802", variables={"AGENTD_ROLE": f"r{number}"})
        await witness.when("ConfbridgeJoin", Uniqueid=f"agd-list{number}")
    channels = {channel.uniqueid: channel for channel in await client.core_show_channels()}
    assert len(channels) == 6
    assert channels["agd-list1"].application == "ConfBridge"
    assert channels["agd-list1"].variables["AGENTD_ROLE"] == "r1"
    assert {member.uniqueid for member in await client.confbridge_list("802")} == {
        "agd-list0",
        "agd-list1",
        "agd-list2",
    }
    assert await client.confbridge_list("803") == []
    (room,) = await client.confbridge_list_rooms()
    assert (room.conference, room.parties) == ("802", 3)
    (bridge,) = await client.bridge_list()
    assert bridge.bridge_uniqueid == channels["agd-list1"].bridge_id
    assert {each.uniqueid for each in await client.bridge_info(bridge.bridge_uniqueid)} >= {"agd-list0"}
    assert {each.uniqueid for each in await client.status()} == set(channels)
    items: list[str] = []
    ended = await client.stream(actions.CoreShowChannels(), lambda event: items.append(event["Uniqueid"]))
    assert ended["ListItems"] == "6"
    assert set(items) == set(channels)


@async_test
async def test_members_are_muted_and_put_out(make_client: Any, reactor: Any) -> None:
    client = make_client()
    kinds = (events.ConfbridgeJoin, events.ConfbridgeMute, events.ConfbridgeUnmute, events.ConfbridgeLeave)
    witness = Witness(reactor, client, *kinds)
    await live(client, reactor)
    await call(client, "agd-mute", exten="804")
    name = (await witness.when("ConfbridgeJoin", Uniqueid="agd-mute")).channel
    await client.confbridge_mute("804", name)
    await witness.when("ConfbridgeMute", Uniqueid="agd-mute")
    assert [member.muted for member in await client.confbridge_list("804")] == [True]
    await client.confbridge_unmute("804", name)
    await witness.when("ConfbridgeUnmute", Uniqueid="agd-mute")
    await client.confbridge_kick("804", name)
    await witness.when("ConfbridgeLeave", Uniqueid="agd-mute")


# --- recordings, digits, commands ------------------------------------------------------------------------------------


@async_test
async def test_a_recording_is_started_silenced_and_stopped(make_client: Any, reactor: Any, ami_rig: AMIRig) -> None:
    client = make_client()
    kinds = (events.MixMonitorStart, events.MixMonitorStop, events.MixMonitorMute, events.OriginateResponse)
    witness = Witness(reactor, client, *kinds)
    await live(client, reactor)
    await call(client, "agd-rec")
    await witness.when("OriginateResponse", Uniqueid="agd-rec")
    recording = await client.mix_monitor("agd-rec", str(ami_rig.folder / "rec.wav"), "i(AGENTD_REC)")
    assert recording == await client.get_var("agd-rec", "AGENTD_REC")
    await witness.when("MixMonitorStart", Uniqueid="agd-rec")
    await client.mute_mix_monitor("agd-rec", recording)
    assert (await witness.when("MixMonitorMute", State="1")).direction == "both"
    await client.unmute_mix_monitor("agd-rec", recording)
    await witness.when("MixMonitorMute", State="0")
    await client.stop_mix_monitor("agd-rec", recording)
    await witness.when("MixMonitorStop", Uniqueid="agd-rec")


@async_test
async def test_what_is_not_allowed_fails_with_asterisks_words(make_client: Any, reactor: Any) -> None:
    client = await live(make_client("lowly"), reactor)
    denied = await failure_of(client.mix_monitor("agd-none", "/nowhere.wav"), ActionFailed)
    assert denied.message == "Permission denied"
    unknown = await failure_of(client.send_action("NoSuchAction"), ActionFailed)
    assert "Invalid/unknown command" in unknown.message


@async_test
async def test_a_digit_is_heard_at_the_other_end(make_client: Any, reactor: Any) -> None:
    client = make_client()
    witness = Witness(reactor, client, events.DTMFEnd, events.OriginateResponse)
    await live(client, reactor)
    await call(client, "agd-digit")
    await witness.when("OriginateResponse", Uniqueid="agd-digit")
    await client.play_dtmf("agd-digit", "5", 100)
    heard = await witness.when("DTMFEnd", Uniqueid="agd-digitb")
    assert (heard.digit, heard.direction) == ("5", "Received")


@async_test
async def test_a_command_gives_its_lines(make_client: Any, reactor: Any) -> None:
    client = await live(make_client("admin"), reactor)
    lines = await client.command("dialplan show sim")
    assert any("ConfBridge(${EXTEN},,quiet)" in line for line in lines)
    assert len(lines) > 5
    wrong = await failure_of(client.command("no such thing"), ActionFailed)
    assert "No such command" in wrong.response.output[0]


@async_test
async def test_many_actions_at_once_each_get_their_own_answer(make_client: Any, reactor: Any) -> None:
    client = await live(make_client(), reactor)
    await gatherResults([client.set_var(None, f"MANY{number}", str(number)) for number in range(500)])
    values = await gatherResults([client.get_var(None, f"MANY{number}") for number in range(500)])
    assert values == [str(number) for number in range(500)]
    assert client.pending == 0
    assert client.counters.late == 0


# --- the link ends ---------------------------------------------------------------------------------------------------


@async_test
async def test_the_link_comes_back_after_asterisk_restarted(make_client: Any, reactor: Any, ami_rig: AMIRig) -> None:
    snapshots: list[int] = []

    async def synchronise(client: AMIClient) -> None:
        snapshots.append(len(await client.core_show_channels()))

    client = make_client(synchronise=synchronise, tuning=Tuning(retry_first=0.05, retry_longest=0.5))
    witness = Witness(reactor, client, events.Shutdown, events.ConfbridgeJoin, events.FullyBooted)
    await live(client, reactor)
    await call(client, "agd-before")
    await witness.when("ConfbridgeJoin", Uniqueid="agd-before")
    started = (await client.core_status())["CoreStartupTime"]
    down = client.link.when_down()
    restarted = Deferred.fromCoroutine(ami_rig.asterisk.restart())
    await down.addTimeout(10, reactor)
    await restarted
    await client.when_live().addTimeout(10, reactor)
    assert snapshots == [0, 0]
    assert started
    assert client.counters.connects >= 2
    assert [event.get("Restart") for event in witness.events if event.name == "Shutdown"] in (["True"], [])
    assert witness.events[-1].name == "FullyBooted"
    await call(client, "agd-after")
    await witness.when("ConfbridgeJoin", Uniqueid="agd-after")


@async_test
async def test_what_is_pending_when_asterisk_is_killed_fails(make_client: Any, reactor: Any, ami_rig: AMIRig) -> None:
    client = make_client(tuning=Tuning(retry_first=0.05, retry_longest=0.5))
    witness = Witness(reactor, client, events.OriginateResponse)
    await live(client, reactor)
    await call(client, "agd-killed")
    await witness.when("OriginateResponse", Uniqueid="agd-killed")
    blocking = client.play_dtmf("agd-killed", "1", 4000)  # holds the session, so that what follows waits for it
    pending = [blocking, client.ping(), client.core_show_channels()]
    for action in pending:
        action.addErrback(lambda failure: failure.value)
    await ami_rig.asterisk.kill()
    lost = [await action.addTimeout(5, reactor) for action in pending]
    assert [(type(each), each.sent) for each in lost] == [(LinkLost, True)] * 3
    await ami_rig.asterisk.start()
    await client.when_live().addTimeout(10, reactor)
    assert (await client.ping())["Ping"] == "Pong"


@async_test
async def test_a_stopped_client_leaves_no_session_behind(make_client: Any, reactor: Any) -> None:
    observer = await live(make_client("admin"), reactor)
    client = await live(make_client(), reactor)
    assert any("agentd" in line for line in await observer.command("manager show connected"))
    await client.stop()
    deadline = reactor.seconds() + 5
    while any(line.split()[:1] == ["agentd"] for line in await observer.command("manager show connected")):
        assert reactor.seconds() < deadline, "the session is still there"
