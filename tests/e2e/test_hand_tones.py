"""Who hears whom at the far ends, and what is in the recordings: each party is known by its tone (docs/asterisk.md)."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest_twisted

from tests.e2e.centre import CUSTOMER
from tests.e2e.hand import (
    BOSS,
    CALLER,
    COLLEAGUE,
    HIS_PHONE,
    LEFT_MESSAGE,
    MESSAGE,
    MUSIC,
    OTHER,
    OWN,
    PROMPT,
    SECOND,
    SECOND_CUSTOMER,
    SUPERVISOR,
    THIRD,
    THIRD_PARTY,
    Hand,
)
from tests.rig.listen import read_samples, strength, whole

async_test = pytest_twisted.ensureDeferred


# --- park, three-way, consult --------------------------------------------------------------------------------


@async_test
async def test_parked_prompted_and_back(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    await hand.all_hear({"502": {CALLER}, CUSTOMER: {OWN}})
    await hand.park("PARK_CUSTOMER")
    await hand.all_hear({"502": set(), CUSTOMER: {MUSIC}})
    await hand.park("PARK_IVR_CUSTOMER")
    await hand.all_hear({"502": set(), CUSTOMER: {PROMPT}})
    await hand.park("GRAB_IVR_CUSTOMER")
    await hand.all_hear({"502": {CALLER}, CUSTOMER: {OWN}})


@async_test
async def test_the_prompt_ends_and_the_customer_is_back_by_himself(hand: Hand) -> None:
    await hand.log_in()
    customer = await hand.talk()
    await hand.short_prompt(2)
    try:
        await hand.park("PARK_IVR_CUSTOMER")
        await hand.until_call("connected")
        assert await hand.doing(customer) == f"ConfBridge {await hand.room('1000')}"
        await hand.all_hear({"502": {CALLER}, CUSTOMER: {OWN}})
    finally:
        await hand.long_prompt()


@async_test
async def test_three_hear_each_other_and_a_parked_customer_does_not(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    await hand.third("PARK_CUSTOMER_DIAL")
    await hand.all_hear({"502": {THIRD_PARTY}, THIRD: {OWN}, CUSTOMER: {MUSIC}})
    await hand.park("GRAB_CUSTOMER")
    await hand.all_hear({"502": {CALLER, THIRD_PARTY}, THIRD: {OWN, CALLER}, CUSTOMER: {OWN, THIRD_PARTY}})
    await hand.transfer("LEAVE_3WAY_CALL")
    await hand.all_hear({"502": set(), THIRD: {CALLER}, CUSTOMER: {THIRD_PARTY}})
    assert await hand.rig.hang_up(CUSTOMER) == 1
    await hand.until_empty_but("1000")


@async_test
async def test_a_consultation(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    # Nobody is ready: agent and customer hear the music of the line, and each other.
    await hand.transfer("DIAL_WITH_CUSTOMER", ingroup_choices="TEST_IN3", consultative="YES")
    await hand.all_hear({"502": {CALLER, MUSIC}, CUSTOMER: {OWN, MUSIC}})
    await hand.duty()
    await hand.until_third()
    await hand.all_hear({"502": {CALLER, OTHER}, CUSTOMER: {OWN, OTHER}, HIS_PHONE: {OWN, CALLER}})
    await hand.park("PARK_CUSTOMER")
    await hand.all_hear({"502": {OTHER}, CUSTOMER: {MUSIC}, HIS_PHONE: {OWN}})
    await hand.park("GRAB_CUSTOMER")
    await hand.transfer("LEAVE_3WAY_CALL")
    await hand.all_hear({"502": set(), CUSTOMER: {OTHER}, HIS_PHONE: {CALLER}})


@async_test
async def test_who_is_sent_on_hears_where_he_was_sent(hand: Hand) -> None:
    await hand.log_in()
    customer = await hand.talk()
    await hand.transfer("BLIND_TRANSFER", phone_number=THIRD, dial_override="YES")
    await hand.until(lambda: _answers(hand, THIRD), "answer of the third party")
    await hand.all_hear({"502": set(), CUSTOMER: {THIRD_PARTY}, THIRD: {CALLER}})
    assert await hand.rig.hang_up(THIRD) == 1
    await hand.observer.event("Hangup", Uniqueid=customer)
    await hand.api("external_status", "A")
    customer = await hand.talk()
    await hand.transfer("BLIND_TRANSFER", phone_number="8500")
    await hand.until_sent_on(customer)
    await hand.all_hear({CUSTOMER: {MESSAGE}})
    await hand.observer.event("Hangup", within=20, Uniqueid=customer)
    await hand.api("external_status", "A")
    customer = await hand.talk()
    await hand.transfer("LEAVE_VM")
    await hand.until_doing(customer, "Playback")
    await hand.all_hear({"502": set(), CUSTOMER: {LEFT_MESSAGE}})
    await hand.observer.event("Hangup", Uniqueid=customer)


async def _answers(hand: Hand, number: str) -> bool:
    return any(
        channel["AccountCode"] == number[-10:] and channel["ChannelStateDesc"] == "Up"
        for channel in await hand.far_ends.channels()
    )


@async_test
async def test_two_calls_one_held_and_both_connected(hand: Hand) -> None:
    await hand.log_in()
    first = await hand.talk()
    one = (await hand.call())["id"]
    path = "/sessions/1000/calls"
    assert (await hand.native("POST", f"{path}/{one}/hold")).code == 200
    answer = await hand.native("POST", path, {"number": SECOND_CUSTOMER, "search": True})
    assert answer.code == 201, answer.text
    two = answer.json()["id"]
    await hand.until_call("connected")
    await hand.all_hear({"502": {SECOND}, CUSTOMER: {MUSIC}, SECOND_CUSTOMER: {OWN}})
    # One customer at a time: the other has to be held first.
    refused = await hand.native("POST", f"{path}/{one}/retrieve")
    assert (refused.code, refused.json()["reason"]) == (409, "another_call_connected")
    assert (await hand.native("POST", f"{path}/{two}/hold")).code == 200
    assert (await hand.native("POST", f"{path}/{one}/retrieve")).code == 200
    await hand.all_hear({"502": {CALLER}, CUSTOMER: {OWN}, SECOND_CUSTOMER: {MUSIC}})
    assert (await hand.native("POST", f"{path}/{one}/connect", {"other": two})).code == 200
    await hand.all_hear({"502": set(), CUSTOMER: {SECOND}, SECOND_CUSTOMER: {CALLER}})
    assert (await hand.snapshot("1000"))["state"] == "WRAPUP"
    assert await hand.rig.hang_up(SECOND_CUSTOMER) == 1
    await hand.observer.event("Hangup", Uniqueid=first)


# --- digits --------------------------------------------------------------------------------------------------


@async_test
async def test_digits_go_to_one_leg_and_end_with_a_move(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    await hand.third()
    hand.far_ends.forget()
    assert (await hand.api("send_dtmf", "12P")).startswith("SUCCESS")
    await hand.far_ends.event("DTMFEnd", AccountCode=CUSTOMER, Digit="#")
    assert (hand.typed(CUSTOMER), hand.typed("502"), hand.typed(THIRD)) == ("12#", "", "")
    await hand.transfer("HANGUP_XFER")
    hand.far_ends.forget()
    await hand.api("send_dtmf", "1QQQQQQ2P")
    await hand.far_ends.event("DTMFEnd", AccountCode=CUSTOMER, Digit="1")
    await hand.park("PARK_CUSTOMER")
    await hand.park("GRAB_CUSTOMER")
    await hand.api("send_dtmf", "SP")
    await hand.far_ends.event("DTMFEnd", AccountCode=CUSTOMER, Digit="#")
    assert hand.typed(CUSTOMER) == "1*#", "what had not sounded is dropped by the park"


# --- supervisors ---------------------------------------------------------------------------------------------


@async_test
async def test_a_supervisor_listens_whispers_and_barges(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    path = "/sessions/1000/monitor"
    answer = await hand.native("POST", path, {"phone": SUPERVISOR, "mode": "listen"})
    assert answer.code == 202, answer.text

    async def there() -> bool:
        [monitor] = (await hand.snapshot("1000"))["monitors"]
        return monitor["since"] is not None

    await hand.until(there, "supervisor")
    await hand.all_hear({"502": {CALLER}, CUSTOMER: {OWN}, SUPERVISOR: {OWN, CALLER}})
    answer = await hand.native("POST", path, {"phone": SUPERVISOR, "mode": "whisper"})
    assert (answer.code, answer.json()["mode"]) == (200, "whisper")
    await hand.until(lambda: _hears_the_boss(hand), "whisper")
    await hand.all_hear({"502": {CALLER, BOSS}, CUSTOMER: {OWN}, SUPERVISOR: {OWN, CALLER}})
    assert (await hand.native("POST", path, {"phone": SUPERVISOR, "mode": "barge"})).code == 200
    await hand.all_hear({"502": {CALLER, BOSS}, CUSTOMER: {OWN, BOSS}, SUPERVISOR: {OWN, CALLER}})
    assert (await hand.native("POST", path, {"phone": SUPERVISOR, "mode": "listen"})).code == 200
    await hand.all_hear({"502": {CALLER}, CUSTOMER: {OWN}})
    # He is not left alone with a customer: he goes when the agent's phone does.
    monitor = next(each["Uniqueid"] for each in await hand.observer.channels() if "ChanSpy" in each["Application"])
    assert await hand.rig.hang_up("502") == 1
    await hand.observer.event("Hangup", Uniqueid=monitor)
    assert (await hand.snapshot("1000"))["monitors"] == []


async def _hears_the_boss(hand: Hand) -> bool:
    """ChanSpy begins to be heard a tenth of a second after it has begun."""
    return BOSS in await hand.hears("502")


# --- recordings ----------------------------------------------------------------------------------------------


class Tape:
    """A finished recording, looked at in stretches of a fifth of a second."""

    STRETCH = 0.2

    def __init__(self, file: Path) -> None:
        self.samples, self.rate = read_samples(file)

    def has(self, *tones: int, never: tuple[int, ...] = ()) -> list[bool]:
        """For each stretch, whether all these tones are in it, and those not."""
        step = round(self.STRETCH * self.rate)
        pieces = [self.samples[at : at + step] for at in range(0, len(self.samples) - step + 1, step)]
        wanted = {**dict.fromkeys(tones, True), **dict.fromkeys(never, False)}
        return [
            all((strength(piece, self.rate, hertz) > 0.02) is there for hertz, there in wanted.items())
            for piece in pieces
        ]

    def seconds(self, *tones: int, never: tuple[int, ...] = ()) -> float:
        """How long all these tones sound together, and those do not."""
        return sum(self.has(*tones, never=never)) * self.STRETCH

    def longest(self, *tones: int) -> float:
        """For how long without a break all these tones sound together."""
        return _longest(self.has(*tones)) * self.STRETCH

    @property
    def silence(self) -> float:
        """The longest time without a sound, in seconds."""
        step = round(self.STRETCH * self.rate)
        pieces = [self.samples[at : at + step] for at in range(0, len(self.samples) - step + 1, step)]
        return _longest([max(map(abs, piece)) < 100 for piece in pieces]) * self.STRETCH


def _longest(stretches: list[bool]) -> int:
    return max((sum(1 for _ in run) for true, run in groupby(stretches) if true), default=0)


async def begin(hand: Hand, stage: str = "") -> dict[str, object]:
    answer = await hand.native("POST", "/sessions/1000/recordings", {"stage": stage})
    assert answer.code == 201, answer.text
    return answer.json()


async def tape(hand: Hand, recording: dict[str, object]) -> Tape:
    file = hand.rig.recordings / str(recording["file"])
    await whole(hand.reactor, file)
    return Tape(file)


@async_test
async def test_a_recording_goes_with_the_customer_through_everything(hand: Hand) -> None:
    other = await hand.duty()
    await hand.log_in()
    customer = await hand.talk()
    recording = await begin(hand)
    # Each listening is some time in which the parties are heard, in the recording too.
    await hand.all_hear({CUSTOMER: {OWN}})
    await hand.park("PARK_CUSTOMER")
    await hand.all_hear({CUSTOMER: {MUSIC}})
    await hand.park("GRAB_CUSTOMER")
    await hand.third()
    await hand.all_hear({CUSTOMER: {OWN, THIRD_PARTY}})
    await hand.transfer("HANGUP_XFER")
    await hand.transfer("LOCAL_CLOSER", ingroup_choices="SALESLINE")
    await hand.until_state(COLLEAGUE, "INCALL")
    assert await hand.observer.together(other, customer)
    await hand.all_hear({CUSTOMER: {OTHER}})
    await hand.api("transfer_conference", "BLIND_TRANSFER", COLLEAGUE, phone_number=THIRD, dial_override="YES")
    await hand.until_sent_on(customer)
    await hand.all_hear({CUSTOMER: {THIRD_PARTY}})
    assert await hand.rig.hang_up(CUSTOMER) == 1
    await hand.observer.event("Hangup", Uniqueid=customer)
    found = await tape(hand, recording)
    for tones in ((CALLER, OWN), (CALLER, MUSIC), (CALLER, OWN, THIRD_PARTY), (CALLER, OTHER)):
        assert found.seconds(*tones) >= 0.4, tones
    assert found.seconds(CALLER, THIRD_PARTY, never=(OWN, OTHER)) >= 0.4, "after the blind transfer"
    # The stretch in which one gives way to the other has both.
    assert found.longest(OWN, MUSIC) <= Tape.STRETCH, "the agent is not in what the customer hears on hold"


@async_test
async def test_a_recording_is_silent_while_muted_and_over_when_stopped(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    muted, stopped, forth = await begin(hand, "muted"), await begin(hand, "stopped"), await begin(hand, "forth")
    await hand.hears(CUSTOMER)
    path = "/sessions/1000/recordings"
    assert (await hand.native("PATCH", f"{path}/{muted['id']}", {"muted": True})).code == 200
    assert (await hand.native("DELETE", f"{path}/{stopped['id']}")).code == 200
    await hand.hears(CUSTOMER, 1.2)
    assert (await hand.native("PATCH", f"{path}/{muted['id']}", {"muted": False})).code == 200
    again = await begin(hand, "stopped")
    await hand.hears(CUSTOMER)
    await hand.api("recording", "STOP")
    tapes = [await tape(hand, each) for each in (muted, stopped, again, forth)]
    assert tapes[0].silence >= 1.0
    assert tapes[0].seconds(CALLER, OWN) >= 0.8
    for sounding in tapes[1:]:
        assert sounding.silence < 0.4
        assert sounding.seconds(CALLER, OWN) >= 0.4
    length = [len(each.samples) / each.rate for each in tapes]
    assert length[3] - length[1] - length[2] > 1.0, "nothing is recorded while it is stopped"
    assert {stopped["file"], again["file"]} <= {file.name for file in hand.rig.recordings.iterdir()}


@async_test
async def test_without_a_customer_the_agents_phone_is_recorded(hand: Hand) -> None:
    await hand.log_in()
    recording = await begin(hand)
    await hand.talk()
    await hand.hears(CUSTOMER)
    await hand.api("recording", "STOP")
    assert (await tape(hand, recording)).seconds(OWN, CALLER) >= 0.4
