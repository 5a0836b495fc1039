"""Events out of the journal's files are those that were told live, ids and all."""

from __future__ import annotations

from pathlib import Path

from agentd.core.records import DeadlineSet
from agentd.engine.bus import Bus, Place, Told
from agentd.engine.ports import Entry
from tests.faces.native import Native
from tests.storage.helpers import Desk


def a_working_day() -> list[Entry]:
    """What a house wrote into its journal: sessions, calls, a lost phone, a lost link."""
    native = Native()
    native.ask("POST", "/sessions", {"agent": "1001", "phone": "521"})
    native.house.log_in()
    native.ask("PATCH", "/sessions/1000", {"state": "mission"})
    native.ask("POST", "/sessions/1000/calls", {"lead_id": 123456})
    native.ask("POST", "/sessions/1000/calls", {"number": "7275551200"})
    native.ask("PATCH", "/sessions/1000", {"state": "paused", "code": "LUNCH"})
    native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "SALE"})
    native.ask("DELETE", "/sessions/1000/calls/current")
    native.house.until(lambda: native.snapshot()["state"] == "WRAPUP")
    native.house.link_down()
    native.house.link_up()
    native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "A"})
    native.house.phone_lost()
    native.house.advance(20)
    native.ask("DELETE", "/sessions/1000?at_once=true")
    return native.house.journal.entries


def told_of(bus: Bus, since: Place) -> list[Told]:
    """Everything after a place, read as a reader of the stream does it."""
    found: list[Told] = []
    while since != bus.here:
        missed = Desk.done(bus.missed(since))
        assert missed is not None
        found += missed.events
        since = missed.upto
    return found


def shown(told: list[Told]) -> list[tuple[object, ...]]:
    return [(one.id, one.at, one.event) for one in told]


def test_a_daemon_that_reads_its_files_again_tells_the_same(tmp_path: Path) -> None:
    day = a_working_day()
    desk = Desk(tmp_path)
    bus, live = Bus(desk.journal, 0), []
    bus.follow(live.append, list)
    for entry in day:
        bus.tell(desk.write(entry.record))
    assert len({one.event.name for one in live}) >= 15
    desk.abandon()

    again = Desk(tmp_path)
    restarted = Bus(again.journal, again.journal.last)
    assert again.journal.last == len(day)
    for seen in (0, 10, len(live) // 2, len(live) - 1):
        assert shown(told_of(restarted, live[seen].place)) == shown(live[seen + 1 :])
    assert shown(told_of(restarted, Place(1, 0))) == shown(live)
    again.abandon()


def test_a_reader_far_behind_in_the_files_is_told_that_it_is_too_far(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    bus = Bus(desk.journal, 0, size=1)
    for entry in a_working_day():
        bus.tell(desk.write(entry.record))
    for _ in range(1000):
        bus.tell(desk.write(DeadlineSet("wrapup", "1000", None)))
    assert Desk.done(bus.missed(Place(2, 0))) is None
    assert bus.place_of(bus.here_id) == bus.here
    desk.abandon()
