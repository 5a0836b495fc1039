"""The client: its way to a live link, and what it does when one ends."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError
from twisted.internet.testing import MemoryReactorClock

from agentd.ami import AMIClient, LinkState, Tuning
from agentd.ami.actions import Hangup, Ping
from agentd.ami.errors import LinkDown, LinkLost
from agentd.ami.link import MOVES, Backoff, Link
from tests.wire.ami_kit import Office, error, logged, offices_closed, result

__all__ = ["logged", "offices_closed"]

WAY_UP = ["connecting", "greeting", "authenticating", "booting", "syncing", "live"]


# --- the way up ------------------------------------------------------------------------------------------------------


def test_the_way_up_has_its_states_in_order() -> None:
    office = Office()
    live = office.client.when_live()
    office.client.start()
    office.client.start()
    office.pbx.accept()
    assert office.states == WAY_UP[:2]
    office.pbx.greet()
    assert office.states == WAY_UP[:3]
    office.pbx.answer("Challenge", "Challenge: 1")
    (login,) = office.pbx.asked()
    assert login["Events"] == "system", "no flood of events before they are chosen"
    office.pbx.answer("Login")
    assert office.states == WAY_UP[:4]
    assert not live.called
    office.pbx.boot()
    assert office.states == WAY_UP[:5]
    office.pbx.subscribe()
    assert office.states == WAY_UP
    result(live)
    result(office.client.when_live())
    assert office.pbx.tries == 1


def test_each_waiter_for_the_link_has_a_deferred_of_its_own() -> None:
    office = Office()
    first, second = office.client.when_live(), office.client.when_live()
    first.cancel()
    error(first, CancelledError)
    office.live()
    result(second)


@pytest.mark.parametrize(("challenge", "first_action"), [(None, "Challenge"), (False, "Login"), (True, "Challenge")])
def test_the_secret_is_sent_only_where_that_was_chosen(challenge: bool | None, first_action: str) -> None:
    office = Office(challenge=challenge)
    office.client.start()
    office.pbx.accept()
    office.pbx.greet()
    assert office.pbx.asked()[0]["Action"] == first_action


def test_over_tls_the_challenge_is_not_needed() -> None:
    client = AMIClient("agentd", "hush", "tls:127.0.0.1:5039", reactor=MemoryReactorClock())
    assert not client._challenge


def test_no_action_leaves_before_the_link_is_up() -> None:
    office = Office()
    early = error(office.client.send(Ping()), LinkLost)
    assert not early.sent
    office.client.start()
    office.pbx.log_in()
    assert "booting" in str(error(office.client.ping(), LinkLost))
    error(office.client.collect(Ping()), LinkLost)
    assert office.pbx.asked() == []


@pytest.mark.parametrize(
    ("reach", "seconds", "step"),
    [
        (lambda pbx: None, 5, "connection"),
        (lambda pbx: pbx.accept(), 5, "greeting"),
        (lambda pbx: (pbx.accept(), pbx.greet()), 10, "login"),
        (lambda pbx: pbx.log_in(), 60, "FullyBooted"),
        (lambda pbx: (pbx.log_in(), pbx.boot()), 30, "event filters"),
    ],
)
def test_each_step_has_a_deadline_and_then_the_next_try_comes(reach: Any, seconds: float, step: str) -> None:
    office = Office(tuning={"ping_interval": 1000, "action_timeout": 1000, "login_timeout": 10})
    office.client.start()
    reach(office.pbx)
    office.clock.advance(seconds - 0.01)
    assert office.states[-1] != "disconnected"
    office.clock.advance(0.02)
    assert office.states[-1] == "disconnected"
    assert office.pbx.protocol is None or office.pbx.far.closing
    assert step in office.client.link.reason or step == "login"
    office.clock.advance(1)
    assert office.pbx.tries == 2


# --- the link ends ---------------------------------------------------------------------------------------------------


def test_a_lost_link_fails_what_is_pending_comes_back_and_repeats_nothing() -> None:
    snapshot_runs: list[int] = []
    office = Office(synchronise=lambda client: snapshot_runs.append(1))
    pbx = office.live()
    asked = office.client.hangup("agd-1")
    down = office.client.link.when_down()
    pbx.asked()
    pbx.cut()
    lost = error(asked, LinkLost)
    assert lost.sent
    assert lost.action == Hangup("agd-1", 16)
    result(down)
    assert office.client.state is LinkState.DISCONNECTED
    live = office.client.when_live()
    assert not live.called
    office.clock.advance(1)
    pbx.bring_up()
    result(live)
    assert pbx.asked() == []
    assert len(snapshot_runs) == 2
    assert office.client.counters.connects == 2


def test_the_delay_grows_up_to_the_longest_and_starts_anew_after_a_link_that_held() -> None:
    office = Office()
    office.client.start()
    for delay in (1, 2, 4, 5, 5):
        tries = office.pbx.tries
        office.pbx.refuse(ConnectError())
        office.clock.advance(delay - 0.01)
        assert office.pbx.tries == tries
        office.clock.advance(0.02)
        assert office.pbx.tries == tries + 1
    office.pbx.bring_up()
    office.pbx.cut()
    office.clock.advance(4.9)
    assert office.pbx.tries == 6, "it was live for too short a time"
    office.clock.advance(0.2)
    office.pbx.bring_up()
    office.clock.advance(5)
    office.pbx.cut()
    office.clock.advance(1)
    assert office.pbx.tries == 8


def test_delays_have_some_luck_in_them() -> None:
    tuning = Tuning(retry_first=1, retry_factor=1, retry_jitter=0.3)
    assert Backoff(tuning, lambda: 0.0).delay() == pytest.approx(0.7)
    assert Backoff(tuning, lambda: 1.0).delay() == pytest.approx(1.3)


def test_a_wrong_secret_is_an_alarm_and_no_storm(logged: list[dict[str, Any]]) -> None:
    alarms: list[str] = []
    office = Office(secret="hush-hush", on_alarm=alarms.append)
    office.client.start()

    def refused() -> None:
        office.pbx.accept()
        office.pbx.greet()
        office.pbx.answer("Challenge", "Challenge: 1")
        office.pbx.answer("Login", "Message: Authentication failed", status="Error")

    refused()
    assert alarms == ["Asterisk refuses user 'agentd': Authentication failed"]
    assert office.client.alarm == alarms[0]
    office.clock.advance(59.9)
    assert office.pbx.tries == 1
    office.clock.advance(0.2)
    assert office.pbx.tries == 2
    refused()
    assert office.client.counters.refusals == 2
    office.clock.advance(60)
    office.pbx.bring_up()
    assert office.client.alarm is None
    assert any(event["log_level"].name == "critical" for event in logged)
    assert not any("hush-hush" in str(value) for event in logged for value in event.values())


def test_a_pbx_that_falls_silent_is_left_for_a_new_link() -> None:
    office = Office(tuning={"ping_interval": 10, "ping_deadline": 3})
    pbx = office.live()
    office.clock.advance(10)
    pbx.answer("Ping", "Ping: Pong")
    office.clock.advance(3)
    office.clock.advance(10)
    assert [asked["Action"] for asked in pbx.asked()] == ["Ping"]
    office.clock.advance(3)
    assert pbx.far.aborted
    assert "silent" in office.client.link.reason
    office.clock.advance(1)
    assert pbx.tries == 2


# --- stop ------------------------------------------------------------------------------------------------------------


def test_stop_closes_the_link_for_good() -> None:
    office = Office()
    pbx = office.live()
    asked = office.client.ping()
    stopped = office.client.stop()
    result(stopped)
    error(asked, LinkLost)
    assert office.states[-2:] == ["closing", "disconnected"]
    assert pbx.far.closing
    assert not pbx.far.aborted
    office.clock.advance(1000)
    assert pbx.tries == 1
    assert office.clock.getDelayedCalls() == []
    result(office.client.stop())


@pytest.mark.parametrize(
    "reach",
    [
        lambda pbx: None,
        lambda pbx: pbx.accept(),
        lambda pbx: (pbx.accept(), pbx.greet()),
        lambda pbx: pbx.log_in(),
        lambda pbx: (pbx.log_in(), pbx.boot()),
        lambda pbx: pbx.refuse(ConnectError()),
        lambda pbx: (pbx.bring_up(), pbx.cut()),
    ],
)
def test_stop_ends_every_stage(reach: Any) -> None:
    office = Office()
    office.client.start()
    waiting = office.client.when_live()
    reach(office.pbx)
    waiting.addErrback(lambda _: None)
    result(office.client.stop())
    assert office.client.state is LinkState.DISCONNECTED
    office.clock.advance(1000)
    assert office.pbx.tries == 1
    assert office.clock.getDelayedCalls() == []


def test_stop_tells_those_who_wait_for_a_link() -> None:
    office = Office()
    office.client.start()
    waiting, down = office.client.when_live(), office.client.link.when_down()
    office.client.stop()
    error(waiting, LinkDown)
    assert result(down) == "stopped"


def test_a_peer_that_does_not_close_is_dropped() -> None:
    office = Office()
    pbx = office.live()
    pbx.far.hangs = True
    stopped = office.client.stop()
    assert not stopped.called
    office.clock.advance(2)
    assert pbx.far.aborted
    result(stopped)


def test_a_stopped_client_can_be_started_again() -> None:
    office = Office()
    office.live()
    result(office.client.stop())
    office.client.start()
    office.pbx.bring_up()
    assert office.client.state is LinkState.LIVE


def test_a_client_that_is_still_being_stopped_is_not_started() -> None:
    office = Office()
    office.live().far.hangs = True
    stopped = office.client.stop()
    with pytest.raises(LinkDown):
        office.client.start()
    office.clock.advance(2)
    result(stopped)
    office.client.start()
    assert office.pbx.tries == 2


@pytest.mark.parametrize("state", ["connecting", "syncing", "live", "disconnected"])
def test_stop_may_be_called_from_a_watcher_of_the_link(state: str) -> None:
    office = Office(synchronise=lambda client: None)
    stopped: list[Deferred[None]] = []

    def watcher(now: LinkState, reason: str) -> None:
        if now.value == state and not stopped:
            stopped.append(office.client.stop())

    office.client.link.watch(watcher)
    office.client.start()
    if state != "connecting":
        office.pbx.log_in()
        office.pbx.boot()
        if office.pbx.far.connected:
            office.pbx.subscribe()
    if state == "disconnected":
        office.pbx.cut()
    result(stopped[0])
    assert office.client.state is LinkState.DISCONNECTED
    office.clock.advance(1000)
    assert office.pbx.tries <= 1
    assert not office.client._running
    assert office.clock.getDelayedCalls() == []


# --- the table -------------------------------------------------------------------------------------------------------


def test_the_table_of_moves_is_whole_and_every_state_can_end() -> None:
    assert set(MOVES) == set(LinkState)
    for state, following in MOVES.items():
        if state is not LinkState.DISCONNECTED:
            assert LinkState.DISCONNECTED in following


def test_a_move_that_may_not_be_is_refused() -> None:
    link = Link("pbx")
    with pytest.raises(ValueError, match="from disconnected to live"):
        link.move(LinkState.LIVE)
    assert link.state is LinkState.DISCONNECTED


def test_a_watcher_can_leave_and_one_that_raises_stops_nobody() -> None:
    link = Link("pbx")
    seen: list[str] = []
    link.watch(lambda state, reason: 1 / 0)
    leave = link.watch(lambda state, reason: seen.append(state.value))
    link.move(LinkState.CONNECTING)
    leave()
    link.move(LinkState.DISCONNECTED)
    assert seen == ["connecting"]
