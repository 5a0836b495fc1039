"""FastAGI against a real Asterisk: every kind of answer provoked, and every way in which a session can end."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from agentd.fastagi import AGI
from agentd.fastagi.commands import Digits, Recorded
from agentd.fastagi.errors import (
    BadUsage,
    ChannelHungUp,
    CommandFailed,
    CommandTimeout,
    DeadChannel,
    OutOfStep,
    SessionClosed,
    UnknownCommand,
)
from agentd.fastagi.wire import MAX_COMMAND
from agentd.sandbox.rootfs import AsteriskFiles
from tests.contract.agi_rig import CALLED, CALLER, AgiRig


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, asterisk_files: AsteriskFiles, reactor: Any):
    """One Asterisk for all tests of this module."""
    rig = AgiRig(reactor, tmp_path_factory.mktemp("agi"), asterisk_files)
    pytest_twisted.blockon(Deferred.fromCoroutine(rig.start()))
    yield rig
    pytest_twisted.blockon(Deferred.fromCoroutine(rig.stop()))


@pytest_twisted.ensureDeferred
async def test_the_environment(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> Any:
        return agi.environment

    environment = await rig.call(handler)
    assert environment.script == "route"
    assert environment.uniqueid == CALLED
    assert environment.channel.startswith("Local/route@called-")
    assert environment.arguments == ("one", "", "three q")
    assert (environment.context, environment.extension) == ("called", "route")
    assert (environment.caller_number, environment.caller_name) == ("7275551212", "Ren\u00e9")
    assert environment.variables["agi_request"].endswith("/route")


@pytest_twisted.ensureDeferred
async def test_a_functions_value_is_set_and_read_like_a_variables(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> Any:
        before = await agi.get_variable("CHANNEL(musicclass)")
        await agi.set_variable("CHANNEL(musicclass)", "sales-line_2")
        return before, await agi.get_variable("CHANNEL(musicclass)")

    assert await rig.call(handler) == ("", "sales-line_2")


@pytest_twisted.ensureDeferred
async def test_variables_go_there_and_back_letter_for_letter(rig: AgiRig) -> None:
    values = [
        'a "b" \\ c',
        "",
        " ",
        "${EXTEN} $[1+1]",
        "Ren\u00e9 \u2603 \U0001f4de",
        "\udce9",
        "a) (b",
        "\t",
        "\\\\",
        '"',
    ]

    async def handler(agi: AGI) -> list[str | None]:
        back = []
        for value in values:
            await agi.set_variable("X", value)
            back.append(await agi.get_variable("X"))
        return [await agi.get_variable("PROBE"), await agi.get_variable("NONE"), *back]

    probe, none, *back = await rig.call(handler)
    assert probe == 'a "quoted" \\ value'
    assert none is None
    assert back == values


@pytest_twisted.ensureDeferred
async def test_functions_expressions_and_the_database(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> list[object]:
        await agi.database_put("agentd", "key", "two words")
        found = [
            await agi.get_variable("CHANNEL(uniqueid)"),
            await agi.get_full_variable("<${EXTEN}>"),
            await agi.get_full_variable("${EXTEN}", "Local/none"),
            await agi.database_get("agentd", "key"),
            await agi.channel_status(),
        ]
        await agi.database_delete("agentd", "key")
        found.append(await agi.database_get("agentd", "key"))
        await agi.database_put("agentd", "a/b", "x")
        await agi.database_delete_tree("agentd", "a")
        found.append(await agi.database_get("agentd", "a/b"))
        return found

    assert await rig.call(handler) == [CALLED, "<route>", None, "two words", 4, None, None]


@pytest_twisted.ensureDeferred
async def test_every_refusal_and_the_session_goes_on_in_step(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> list[object]:
        errors: list[object] = []
        for command in (
            agi.send("FLY", "away"),
            agi.send("GET VARIABLE"),
            agi.set_priority("nosuchlabel"),
            agi.execute("NoSuchApplication", "x"),
            agi.execute("Gosub", "nowhere,s,1"),
            agi.stream_file("/nosuchfile"),
            agi.get_data("/nosuchfile", wait=0.1, max_digits=1),
            agi.channel_status("Local/none"),
            agi.say_digits("*1"),
        ):
            try:
                await command
            except CommandFailed as error:
                errors.append((type(error), error.answer.code, error.answer.result))
        return [*errors, await agi.get_variable("EXTEN")]

    assert await rig.call(handler) == [
        (UnknownCommand, 510, None),
        (BadUsage, 520, None),
        (BadUsage, 520, None),
        (CommandFailed, 200, "-2"),
        (CommandFailed, 200, "-1"),
        (CommandFailed, 200, "-1"),
        (CommandFailed, 200, "-1"),
        (CommandFailed, 200, "-1"),
        (BadUsage, 520, None),
        "route",
    ]


@pytest_twisted.ensureDeferred
async def test_the_explanation_of_a_520_is_kept(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> str:
        with pytest.raises(BadUsage) as refused:
            await agi.send("GET VARIABLE")
        return refused.value.answer.text

    text = await rig.call(handler)
    assert "Proper usage" in text
    assert len(text.splitlines()) > 1


@pytest_twisted.ensureDeferred
async def test_commands_sent_at_once_are_answered_one_by_one(rig: AgiRig) -> None:
    """A second command would end the prompt and swallow its answer, were it not held back."""

    async def handler(agi: AGI) -> list[object]:
        await agi.answer()
        asked = [agi.stream_file(rig.tone, timeout=20), *(agi.get_variable(name) for name in ("EXTEN", "NONE", "TEXT"))]
        return [await deferred for deferred in asked]

    played, *values = await rig.call(handler)
    assert (played.digit, played.position) == (None, 16000)
    assert values == ["route", None, "one\ntwo"]


@pytest_twisted.ensureDeferred
async def test_a_value_that_looks_like_an_answer_fools_nobody(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> tuple[object, ...]:
        first, second = agi.get_variable("LINES"), agi.get_variable("EXTEN")
        value = await first
        with pytest.raises(OutOfStep):
            await second
        return (value,)

    before = rig.factory.counters.out_of_step
    assert await rig.call(handler) == ("a",)
    assert rig.factory.counters.out_of_step == before + 1
    await rig.observer.event("UserEvent", UserEvent="Continued")


@pytest_twisted.ensureDeferred
async def test_the_longest_command_is_one_command(rig: AgiRig) -> None:
    room = MAX_COMMAND - len(b'SET VARIABLE "X" ""\n')

    async def handler(agi: AGI) -> tuple[object, ...]:
        await agi.set_variable("X", "x" * room)
        return await agi.get_variable("EXTEN"), await agi.get_full_variable("${LEN(${X})}")

    assert await rig.call(handler) == ("route", str(room))


@pytest_twisted.ensureDeferred
async def test_injection_is_one_harmless_value(rig: AgiRig) -> None:
    evil = '" "HANGUP" \\" EXEC UserEvent Injected \\'

    async def handler(agi: AGI) -> object:
        await agi.set_variable("X", evil)
        return await agi.get_variable("X")

    assert await rig.call(handler) == evil
    await rig.observer.event("UserEvent", UserEvent="Continued")
    assert rig.observer.seen("UserEvent", UserEvent="Injected") == []


@pytest_twisted.ensureDeferred
async def test_keys_are_collected(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> Digits:
        await agi.answer()
        return await agi.get_data(rig.tone, wait=10, max_digits=4)

    await rig.dial(handler)
    await rig.running("GET DATA")
    for digit in "1001":
        await rig.press(digit)
    assert await rig.served() == Digits("1001", timed_out=False)


@pytest_twisted.ensureDeferred
async def test_a_caller_who_presses_nothing(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> tuple[object, ...]:
        await agi.answer()
        return await agi.get_data(rig.tone, wait=0.05, max_digits=4), await agi.wait_for_digit(0.05)

    assert await rig.call(handler) == (Digits("", timed_out=True), None)


@pytest_twisted.ensureDeferred
async def test_a_key_ends_a_prompt_and_a_recording(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> tuple[object, ...]:
        await agi.answer()
        played = await agi.stream_file(rig.tone, "5")
        return played.digit, await agi.record_file(rig.tone + "-recorded", "sln", "#", 10), await agi.wait_for_digit(10)

    await rig.dial(handler)
    for command, digit in (("STREAM FILE", "5"), ("RECORD FILE", "#"), ("WAIT FOR DIGIT", "9")):
        await rig.running(command)
        await rig.press(digit)
    digit, recorded, waited = await rig.served()
    assert (digit, waited) == ("5", "9")
    assert isinstance(recorded, Recorded)
    assert (recorded.reason, recorded.digit) == ("dtmf", "#")


@pytest_twisted.ensureDeferred
async def test_the_dialplan_goes_on_where_the_handler_said(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> None:
        await agi.set_variable("LEFT", "by the handler")
        await agi.go_to("elsewhere", "s")

    await rig.call(handler)
    event = await rig.observer.event("UserEvent", UserEvent="Elsewhere")
    assert event["Left"] == "by the handler"


@pytest_twisted.ensureDeferred
async def test_a_label_is_a_priority(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> None:
        await agi.set_priority("after")

    await rig.call(handler)
    assert (await rig.observer.event("UserEvent", UserEvent="Continued"))["Status"] == "SUCCESS"


@pytest_twisted.ensureDeferred
async def test_the_caller_hangs_up_in_mid_command(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> tuple[object, ...]:
        await agi.answer()
        with pytest.raises(ChannelHungUp) as hung_up:
            await agi.wait_for_digit(30)
        with pytest.raises(DeadChannel):
            await agi.stream_file(rig.tone)
        return hung_up.value.command, agi.hung_up, await agi.get_variable("EXTEN")

    await rig.dial(handler)
    await rig.running("WAIT FOR DIGIT")
    await rig.hang_up()
    assert await rig.served() == ("WAIT FOR DIGIT", True, "route")


@pytest_twisted.ensureDeferred
async def test_the_caller_hangs_up_in_a_prompt_with_commands_waiting(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> tuple[object, ...]:
        await agi.answer()
        prompt, waiting, last = agi.stream_file(rig.tone), agi.get_variable("NONE"), agi.get_variable("EXTEN")
        with pytest.raises(ChannelHungUp) as hung_up:
            await prompt
        with suppress(ChannelHungUp):  # if Asterisk's HANGUP line met it on its way
            assert await waiting is None
        return hung_up.value.command, await last

    await rig.dial(handler)
    await rig.running("STREAM FILE")
    await rig.hang_up()
    assert await rig.served() == ("STREAM FILE", "route")


@pytest_twisted.ensureDeferred
async def test_the_caller_hangs_up_between_commands(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> tuple[object, ...]:
        await agi.answer()
        gone = agi.when_hung_up()
        await rig.hang_up()
        await gone
        with pytest.raises(DeadChannel):
            await agi.channel_status()
        return (await agi.get_variable("EXTEN"),)

    assert await rig.call(handler) == ("route",)


@pytest_twisted.ensureDeferred
async def test_a_redirect_in_mid_command_takes_the_channel_away_alive(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> tuple[object, ...]:
        await agi.answer()
        await agi.set_variable("LEFT", "by redirect")
        with pytest.raises(ChannelHungUp):
            await agi.stream_file(rig.tone)
        return agi.hung_up, await agi.get_variable("LEFT")

    await rig.dial(handler)
    await rig.running("STREAM FILE")
    await rig.redirect()
    assert await rig.served() == (True, "by redirect")
    assert (await rig.observer.event("UserEvent", UserEvent="Elsewhere"))["Left"] == "by redirect"
    assert (await rig.observer.channel(CALLED))["Context"] == "elsewhere"


@pytest_twisted.ensureDeferred
async def test_the_handler_hangs_up(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> bool:
        await agi.answer()
        await agi.hangup()
        await agi.when_hung_up()
        return agi.hung_up

    assert await rig.call(handler)
    await rig.observer.event("Hangup", Uniqueid=CALLED)


@pytest_twisted.ensureDeferred
async def test_closing_in_mid_prompt_lets_the_dialplan_go_on_at_once(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> str:
        await agi.answer()
        await agi.set_variable("LEFT", "early")
        prompt = agi.stream_file(rig.tone)
        await rig.running("STREAM FILE")
        agi.finish()
        with pytest.raises(SessionClosed) as closed:
            await prompt
        return closed.value.command

    assert await rig.call(handler) == "STREAM FILE"
    event = await rig.observer.event("UserEvent", within=1.5, UserEvent="Continued")
    assert (event["Status"], event["Left"]) == ("SUCCESS", "early")
    assert await rig.observer.channel(CALLER)


@pytest_twisted.ensureDeferred
async def test_a_missed_deadline_does_not_shift_the_answers(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> object:
        await agi.answer()
        with pytest.raises(CommandTimeout):
            await agi.stream_file(rig.tone, timeout=0.05)
        return await agi.get_variable("EXTEN")

    before = rig.factory.counters.late_answers
    assert await rig.call(handler) == "route"
    assert rig.factory.counters.late_answers == before + 1


@pytest_twisted.ensureDeferred
async def test_an_unknown_route_lets_the_dialplan_go_on(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> None:
        raise AssertionError("must not be reached")

    before = rig.factory.counters.unknown_route
    await rig.dial(handler, script="unknown")
    assert (await rig.observer.event("UserEvent", UserEvent="Continued"))["Status"] == "SUCCESS"
    assert rig.factory.counters.unknown_route == before + 1


@pytest_twisted.ensureDeferred
async def test_a_failing_handler_lets_the_dialplan_go_on(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> None:
        await agi.set_variable("LEFT", "before it failed")
        raise LookupError("no such agent")

    before = rig.factory.counters.failed_handlers
    with pytest.raises(LookupError):
        await rig.call(handler)
    assert (await rig.observer.event("UserEvent", UserEvent="Continued"))["Left"] == "before it failed"
    assert rig.factory.counters.failed_handlers == before + 1


@pytest_twisted.ensureDeferred
async def test_asterisk_dies_in_mid_command(rig: AgiRig) -> None:
    async def handler(agi: AGI) -> tuple[object, ...]:
        await agi.answer()
        with pytest.raises(SessionClosed) as closed:
            await agi.wait_for_digit(30)
        return closed.value.command, closed.value.reason

    await rig.dial(handler)
    await rig.running("WAIT FOR DIGIT")
    await rig.asterisk.kill()
    assert await rig.served() == ("WAIT FOR DIGIT", "connection lost")
    await rig.start_asterisk()
    assert rig.factory.sessions == 0
