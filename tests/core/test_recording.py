"""Recordings: on whose leg, under which name, begun and ended by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import MuteRecording, StartRecording, StopRecording
from agentd.core.model import RecordingRule
from tests.core.desk import CAMPAIGN, NUMBER, SETTINGS, START, Desk, Operation, seen


def desk_that_records(rule: RecordingRule, **more: object) -> Desk:
    """Agent 1000 is logged in, in a campaign of that rule."""
    desk = Desk(SETTINGS, replace(CAMPAIGN, recording=rule, **more))
    desk.log_in()
    return desk


@pytest.fixture
def desk() -> Desk:
    """Agent 1000 is logged in, in a campaign that records on demand."""
    return desk_that_records(RecordingRule.ON_DEMAND)


def begin(desk: Desk, stage: str = "", agent: str = "1000") -> StartRecording:
    """Have a recording begun; what was asked of Asterisk."""
    operation = desk.ask(c.BeginRecording(agent, stage))
    asked = desk.take(StartRecording)
    assert not operation.done
    desk.hear(c.RecordingBegun(asked.recording_id))
    assert operation.done
    assert operation.error is None
    assert operation.value == asked.recording_id
    return asked


def running(desk: Desk) -> list[int]:
    """The recordings in the agent's snapshot."""
    return [recording["id"] for recording in desk.snapshot()["recordings"]]


def moment(seconds: float = 0) -> str:
    return datetime.fromtimestamp(START + seconds).strftime("%Y%m%d-%H%M%S")


# --- where, and under which name -------------------------------------------------------------------------------


def test_a_call_is_recorded_on_the_customers_leg_under_a_name_that_tells(desk: Desk) -> None:
    customer = desk.talk().leg
    asked = begin(desk, "_MIDCALL")
    assert asked.leg == customer
    assert asked.file == f"{moment()}_{NUMBER}_1000__MIDCALL.wav"
    (record,) = desk.recorded(r.RecordingAsked)
    assert (record.call_id, record.lead_id, record.number, record.stage) == (1000, 402028, NUMBER, "_MIDCALL")
    assert record.name + ".wav" == record.file


@pytest.mark.parametrize("ivr", [False, True])
def test_a_held_customer_is_recorded_all_the_same(desk: Desk, ivr: bool) -> None:
    customer = desk.talk().leg
    desk.ask(c.HoldCall("1000", ivr=ivr))
    desk.obey()
    assert begin(desk).leg == customer


def test_without_a_call_the_phone_is_recorded(desk: Desk) -> None:
    asked = begin(desk)
    assert asked.leg == desk.session().leg
    assert asked.file == f"{moment()}__1000_.wav"
    assert desk.recorded(r.RecordingAsked)[0].call_id == 0


def test_while_it_rings_and_in_wrap_up_the_phone_is_recorded_for_the_call(desk: Desk) -> None:
    phone = desk.session().leg
    ring = desk.dial()
    assert begin(desk).leg == phone
    desk.answer(ring)
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert desk.stands() == "WRAPUP"
    assert begin(desk).leg == phone
    assert {record.call_id for record in desk.recorded(r.RecordingAsked)} == {1000}


def test_with_a_third_party_alone_the_phone_is_recorded(desk: Desk) -> None:
    customer = desk.talk().leg
    desk.ask(c.DialThird("1000", "7275551213"))
    desk.obey()
    desk.hear(c.LegGone(customer, 16, far_end=True))
    assert begin(desk).leg == desk.session().leg


def test_the_number_in_the_name_has_digits_alone(desk: Desk) -> None:
    desk.answer(desk.dial(number="+7275551212"))
    assert begin(desk).file == f"{moment()}_7275551212_1000_.wav"


def test_it_has_the_campaigns_format() -> None:
    desk = desk_that_records(RecordingRule.ON_DEMAND, recording_format="gsm")
    assert begin(desk).file.endswith("_1000_.gsm")


def test_no_two_recordings_of_an_agent_have_one_name(desk: Desk) -> None:
    files = [begin(desk).file for _ in range(3)]
    desk.now += 1
    files.append(begin(desk).file)
    desk.restart()
    desk.hear(c.LinkUp((seen(desk, desk.session().leg),)))
    files.append(begin(desk).file)
    desk.now += 60
    files.append(begin(desk).file)
    assert files == [f"{moment(seconds)}__1000_.wav" for seconds in (0, 1, 2, 3, 4, 61)]


def test_two_agents_record_in_the_same_second(desk: Desk) -> None:
    desk.log_in("1001", "503")
    assert begin(desk).file == f"{moment()}__1000_.wav"
    assert begin(desk, agent="1001").file == f"{moment()}__1001_.wav"


def test_a_moment_within_a_second_is_that_second(desk: Desk) -> None:
    desk.now += 0.999
    assert begin(desk).file == f"{moment()}__1000_.wav"


# --- what is refused -------------------------------------------------------------------------------------------


def test_a_campaign_may_record_nothing() -> None:
    desk_that_records(RecordingRule.NEVER).refused(c.BeginRecording("1000"), e.RecordingOff)


@pytest.mark.parametrize("stage", ["../x", "a b", "a.b", "ü", "a\n", "x" * 15])
def test_a_stage_that_no_file_name_gets_is_refused(desk: Desk, stage: str) -> None:
    desk.refused(c.BeginRecording("1000", stage), e.StageInvalid)


def test_beginning_can_be_refused(desk: Desk) -> None:
    desk.refused(c.BeginRecording("1001"), e.NotLoggedIn)
    desk.refused(c.BeginRecording("1000", call_id=1), e.CallNotFound)
    desk.lose_phone()
    desk.refused(c.BeginRecording("1000"), e.PhoneNotConnected)
    desk.hear(c.LinkDown("lost"))
    desk.refused(c.BeginRecording("1000"), e.PbxLinkDown)
    desk.refused(c.StopRecordings("1000"), e.NotRecording)
    desk.refused(c.MuteRecordings("1000", muted=True), e.NotRecording)


def test_without_a_phone_the_customer_can_still_be_recorded(desk: Desk) -> None:
    customer = desk.talk().leg
    desk.lose_phone()
    assert begin(desk).leg == customer


def test_without_ids_nothing_is_begun(desk: Desk) -> None:
    desk.state.blocks["recording"].clear()
    desk.shadow.blocks["recording"].clear()
    desk.refused(c.BeginRecording("1000"), e.IdsUsedUp)


# --- stopping --------------------------------------------------------------------------------------------------


def test_stop_ends_all_and_is_done_when_all_have_ended(desk: Desk) -> None:
    phone = begin(desk)
    desk.talk()
    customer = begin(desk)
    assert running(desk) == [1, 2]
    operation = desk.ask(c.StopRecordings("1000"))
    assert desk.effects == [StopRecording(phone.leg, 1), StopRecording(customer.leg, 2)]
    desk.hear(c.RecordingOver(2))
    assert not operation.done
    desk.hear(c.RecordingOver(1))
    assert operation.value == [1, 2]
    assert running(desk) == []
    assert [(end.recording_id, end.reason) for end in desk.recorded(r.RecordingEnded)] == [(2, "agent"), (1, "agent")]
    desk.refused(c.StopRecordings("1000"), e.NotRecording)


def test_one_recording_or_those_of_one_call_can_be_stopped(desk: Desk) -> None:
    begin(desk)
    desk.talk()
    begin(desk)
    begin(desk)
    desk.refused(c.StopRecordings("1000", recording_id=9), e.NotRecording)
    desk.refused(c.StopRecordings("1000", call_id=9), e.NotRecording)
    desk.ask(c.StopRecordings("1000", recording_id=2))
    assert desk.take(StopRecording).recording_id == 2
    desk.hear(c.RecordingOver(2))
    desk.ask(c.StopRecordings("1000", call_id=1000))
    assert desk.take(StopRecording).recording_id == 3


def test_a_second_stop_waits_for_the_first(desk: Desk) -> None:
    begin(desk)
    first = desk.ask(c.StopRecordings("1000"))
    desk.take(StopRecording)
    second = desk.ask(c.StopRecordings("1000"))
    assert desk.effects == []
    desk.hear(c.RecordingOver(1))
    assert first.value == second.value == [1]
    assert len(desk.recorded(r.RecordingEnded)) == 1


def test_a_stop_may_come_before_the_start_is_confirmed(desk: Desk) -> None:
    started = desk.ask(c.BeginRecording("1000"))
    desk.take(StartRecording)
    stopped = desk.ask(c.StopRecordings("1000"))
    desk.take(StopRecording)
    desk.hear(c.RecordingBegun(1))
    assert started.value == 1
    desk.wait(5)
    assert isinstance(stopped.error, e.PbxTimeout), "the start has not made the stop forgotten"
    again = desk.ask(c.StopRecordings("1000"))
    desk.take(StopRecording)
    desk.hear(c.RecordingOver(1))
    assert again.value == [1]


def test_a_stop_that_asterisk_refuses_leaves_the_recording_running(desk: Desk) -> None:
    begin(desk)
    operation = desk.ask(c.StopRecordings("1000"))
    desk.take(StopRecording)
    desk.hear(c.RecordingRefused(1, "Permission denied"))
    assert isinstance(operation.error, e.PbxRefused)
    assert running(desk) == [1]
    assert not desk.state.deadlines
    desk.ask(c.StopRecordings("1000"))
    desk.take(StopRecording)


def test_a_stop_that_is_not_confirmed_fails_and_can_be_asked_again(desk: Desk) -> None:
    begin(desk)
    operation = desk.ask(c.StopRecordings("1000"))
    desk.take(StopRecording)
    desk.wait(4.9)
    assert not operation.done
    desk.wait(0.1)
    assert isinstance(operation.error, e.PbxTimeout)
    assert running(desk) == [1]
    desk.ask(c.StopRecordings("1000"))
    desk.take(StopRecording)


# --- silence for card data -------------------------------------------------------------------------------------


def test_all_recordings_go_on_in_silence_and_with_sound_again(desk: Desk) -> None:
    first, second = begin(desk), begin(desk)
    for muted in (True, False):
        operation = desk.ask(c.MuteRecordings("1000", muted))
        assert desk.effects == [
            MuteRecording(first.leg, 1, muted),
            MuteRecording(second.leg, 2, muted),
        ]
        desk.effects.clear()
        desk.hear(c.RecordingSilenced(1, muted))
        assert not operation.done
        assert [recording["muted"] for recording in desk.snapshot()["recordings"]] == [muted, not muted]
        desk.hear(c.RecordingSilenced(2, muted))
        assert operation.value == [1, 2]
        assert not desk.state.deadlines
    stretches = [(mute.recording_id, mute.muted) for mute in desk.recorded(r.RecordingMuted)]
    assert stretches == [(1, True), (2, True), (1, False), (2, False)]


def test_sound_again_is_not_confirmed_by_the_silence_before_it(desk: Desk) -> None:
    begin(desk)
    silence, sound = desk.ask(c.MuteRecordings("1000", True)), desk.ask(c.MuteRecordings("1000", False))
    desk.hear(c.RecordingSilenced(1, True))
    assert silence.done
    assert not sound.done
    desk.hear(c.RecordingSilenced(1, False))
    assert sound.value == [1]


def test_a_silence_that_is_there_already_is_one_stretch_in_the_log(desk: Desk) -> None:
    begin(desk)
    for _ in range(2):
        desk.ask(c.MuteRecordings("1000", True, recording_id=1))
        desk.take(MuteRecording)
        desk.hear(c.RecordingSilenced(1, True))
    assert len(desk.recorded(r.RecordingMuted)) == 1


def test_a_silence_that_is_refused_or_not_confirmed_has_failed(desk: Desk) -> None:
    begin(desk)
    operation = desk.ask(c.MuteRecordings("1000", True))
    desk.hear(c.RecordingRefused(1, "Permission denied"))
    assert isinstance(operation.error, e.PbxRefused)
    operation = desk.ask(c.MuteRecordings("1000", True))
    desk.wait(5)
    assert isinstance(operation.error, e.PbxTimeout)
    assert desk.snapshot()["recordings"][0]["muted"] is False
    assert not desk.recorded(r.RecordingFailed)


def test_a_recording_that_ends_while_it_is_being_silenced(desk: Desk) -> None:
    customer = desk.talk().leg
    begin(desk)
    operation = desk.ask(c.MuteRecordings("1000", True))
    desk.hear(c.LegGone(customer, 16, far_end=True))
    assert isinstance(operation.error, e.CallGone)


# --- the campaign's rule ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [RecordingRule.ALL, RecordingRule.FORCED])
def test_a_campaign_that_records_all_begins_when_the_customer_is_connected(rule: RecordingRule) -> None:
    desk = desk_that_records(rule)
    ring = desk.dial()
    assert not desk.effects
    desk.answer(ring)
    asked = desk.take(StartRecording)
    assert asked.leg == ring.leg
    desk.hear(c.RecordingBegun(asked.recording_id))
    assert desk.recorded(r.RecordingAsked)[0].by == "campaign"
    assert running(desk) == [1]


def test_a_call_that_comes_back_from_the_hold_is_not_begun_anew() -> None:
    desk = desk_that_records(RecordingRule.ALL)
    desk.talk()
    desk.hear(c.RecordingBegun(desk.take(StartRecording).recording_id))
    for command in (c.HoldCall("1000"), c.RetrieveCall("1000")):
        desk.ask(command)
        assert not [effect for effect in desk.obey() if isinstance(effect, StartRecording)]
    assert running(desk) == [1]


@pytest.mark.parametrize("rule", [RecordingRule.NEVER, RecordingRule.ON_DEMAND])
def test_other_campaigns_begin_nothing_by_themselves(rule: RecordingRule) -> None:
    desk = desk_that_records(rule)
    desk.talk()
    assert not desk.effects


def test_what_a_campaign_forces_cannot_be_stopped_or_silenced_and_the_rest_can() -> None:
    desk = desk_that_records(RecordingRule.FORCED)
    desk.talk()
    desk.hear(c.RecordingBegun(desk.take(StartRecording).recording_id))
    desk.refused(c.StopRecordings("1000"), e.RecordingForced)
    desk.refused(c.MuteRecordings("1000", True), e.RecordingForced)
    begin(desk)
    desk.refused(c.StopRecordings("1000", recording_id=1), e.RecordingForced)
    operation = desk.ask(c.StopRecordings("1000"))
    assert desk.take(StopRecording).recording_id == 2
    desk.hear(c.RecordingOver(2))
    assert operation.value == [2]
    assert running(desk) == [1]


def test_what_a_campaign_begins_but_does_not_force_can_be_stopped() -> None:
    desk = desk_that_records(RecordingRule.ALL)
    desk.talk()
    desk.hear(c.RecordingBegun(desk.take(StartRecording).recording_id))
    desk.ask(c.MuteRecordings("1000", True))
    desk.take(MuteRecording)
    desk.ask(c.StopRecordings("1000"))
    desk.take(StopRecording)


def test_a_forced_recording_that_cannot_be_made_is_told() -> None:
    desk = desk_that_records(RecordingRule.FORCED)
    desk.state.blocks["recording"].clear()
    desk.shadow.blocks["recording"].clear()
    desk.talk()
    assert desk.stands() == "INCALL"
    assert [(failed.call_id, failed.agent) for failed in desk.recorded(r.RecordingFailed)] == [(1000, "1000")]


# --- failures and ends -----------------------------------------------------------------------------------------


def failure(operation: Operation, desk: Desk) -> tuple[type[BaseException], str]:
    """How a recording failed: for who asked, and in the log."""
    (failed,) = desk.recorded(r.RecordingFailed)
    assert desk.state.recordings == {}
    assert not desk.state.deadlines
    return type(operation.error), failed.reason


def test_a_start_that_asterisk_refuses(desk: Desk) -> None:
    operation = desk.ask(c.BeginRecording("1000"))
    desk.hear(c.RecordingRefused(1, "Permission denied"))
    assert failure(operation, desk) == (e.PbxRefused, "Permission denied")


def test_a_start_that_is_not_confirmed_is_ended_lest_it_runs_unseen(desk: Desk) -> None:
    operation = desk.ask(c.BeginRecording("1000"))
    asked = desk.take(StartRecording)
    desk.wait(5)
    assert failure(operation, desk)[0] is e.PbxTimeout
    assert desk.take(StopRecording) == StopRecording(asked.leg, 1)
    desk.hear(c.RecordingBegun(1))
    desk.hear(c.RecordingOver(1))
    assert running(desk) == []
    assert not desk.recorded(r.RecordingEnded)


def test_a_start_lost_with_the_link_is_ended_when_the_link_is_back(desk: Desk) -> None:
    operation = desk.ask(c.BeginRecording("1000"))
    asked = desk.take(StartRecording)
    desk.hear(c.LinkDown("lost"))
    assert isinstance(operation.error, e.PbxLinkDown)
    desk.wait(60)
    assert not desk.effects
    desk.hear(c.LinkUp((seen(desk, asked.leg),)))
    desk.wait(5)
    assert failure(operation, desk)[0] is e.PbxLinkDown
    assert desk.take(StopRecording) == StopRecording(asked.leg, 1)


def test_a_customer_who_goes_before_it_has_begun(desk: Desk) -> None:
    customer = desk.talk().leg
    operation = desk.ask(c.BeginRecording("1000"))
    desk.hear(c.LegGone(customer, 16, far_end=True))
    assert failure(operation, desk)[0] is e.CallGone


def test_the_end_of_the_leg_ends_its_recordings_and_no_others(desk: Desk) -> None:
    begin(desk)
    customer = desk.talk().leg
    begin(desk)
    begin(desk)
    stopping = desk.ask(c.StopRecordings("1000", recording_id=3))
    desk.take(StopRecording)
    desk.hear(c.LegGone(customer, 16, far_end=True))
    ends = [(end.recording_id, end.reason, end.call_id) for end in desk.recorded(r.RecordingEnded)]
    assert ends == [(2, "hangup", 1000), (3, "hangup", 1000)]
    assert stopping.value == [3], "it has ended, as was wanted"
    assert running(desk) == [1]


def test_the_end_of_the_session_ends_the_recording_of_the_phone(desk: Desk) -> None:
    begin(desk)
    desk.ask(c.LogOut("1000"))
    desk.obey()
    assert desk.state.recordings == {}
    assert desk.recorded(r.RecordingEnded)[0].reason == "hangup"


def test_after_a_restart_a_recording_goes_on_and_can_be_stopped(desk: Desk) -> None:
    customer = desk.talk().leg
    asked = begin(desk)
    desk.restart()
    desk.hear(c.LinkUp((seen(desk, desk.session().leg), seen(desk, customer))))
    assert running(desk) == [1]
    operation = desk.ask(c.StopRecordings("1000"))
    assert desk.take(StopRecording) == StopRecording(asked.leg, 1)
    desk.hear(c.RecordingOver(1))
    assert operation.value == [1]


def test_a_recording_whose_leg_went_unseen_has_ended_with_it(desk: Desk) -> None:
    desk.talk()
    begin(desk)
    desk.restart()
    desk.hear(c.LinkUp((seen(desk, desk.session().leg),)))
    assert desk.recorded(r.RecordingEnded)[0].reason == "link"
    assert desk.state.recordings == {}


# --- with the customer to another agent --------------------------------------------------------------------------


def test_it_goes_on_with_the_customer_and_is_the_other_agents_then(desk: Desk) -> None:
    desk.log_in("1001", "503")
    desk.talk()
    begin(desk)
    desk.ask(c.Resume("1001"))
    desk.ask(c.TransferToInGroup("1000", "SALESLINE"))
    desk.obey()
    assert desk.stands("1001") == "INCALL"
    assert running(desk) == []
    assert [recording["id"] for recording in desk.snapshot("1001")["recordings"]] == [1]
    desk.refused(c.StopRecordings("1000"), e.NotRecording)
    operation = desk.ask(c.MuteRecordings("1001", True))
    desk.take(MuteRecording)
    desk.hear(c.RecordingSilenced(1, True))
    assert operation.value == [1]
    desk.ask(c.StopRecordings("1001"))
    desk.take(StopRecording)
    desk.hear(c.RecordingOver(1))
    assert desk.recorded(r.RecordingAsked)[0].agent == "1000"
    assert desk.recorded(r.RecordingEnded)[0].agent == "1001"


def test_it_goes_on_after_a_blind_transfer_until_the_customer_hangs_up(desk: Desk) -> None:
    customer = desk.talk().leg
    begin(desk)
    desk.ask(c.TransferBlind("1000", "7275551213"))
    desk.obey()
    assert desk.stands() == "WRAPUP"
    assert running(desk) == []
    assert list(desk.state.recordings) == [1]
    desk.hear(c.LegGone(customer, 16, far_end=True))
    assert desk.state.recordings == {}


# --- files -----------------------------------------------------------------------------------------------------


def test_a_file_that_is_missing_is_a_failure_in_the_log(desk: Desk) -> None:
    desk.hear(c.RecordingFileGone(7, "x.wav", "1000", 1000, missing=True))
    (failed,) = desk.recorded(r.RecordingFailed)
    assert (failed.recording_id, failed.agent, failed.call_id, failed.file) == (7, "1000", 1000, "x.wav")


def test_a_file_that_was_removed_for_its_age_is_told(desk: Desk) -> None:
    desk.hear(c.RecordingFileGone(7, "x.wav"))
    assert desk.recorded(r.RecordingRemoved) == [r.RecordingRemoved(7, "x.wav")]


def test_the_journal_gives_the_same_again(desk: Desk) -> None:
    desk.talk()
    begin(desk, "A")
    desk.ask(c.MuteRecordings("1000", True))
    desk.hear(c.RecordingSilenced(1, True))
    desk.ask(c.StopRecordings("1000"))
    assert desk.replay_from_disk() == desk.state
