"""The journal: what was written is there again, whatever happened; what is damaged is said."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from agentd.core.model import Phone
from agentd.core.records import AfterSet, IdsGranted, PhoneSet, Record
from agentd.storage import spare
from agentd.storage.errors import JournalDamaged, JournalForeign, JournalLocked
from agentd.storage.journal import JournalLimits
from agentd.storage.opening import open_journal
from agentd.storage.segments import segments
from tests.storage.helpers import NOW, SMALL, Desk, api_call


def newest(folder: Path) -> Path:
    return segments(folder)[-1][1]


def phone(number: int) -> PhoneSet:
    return PhoneSet(str(number), Phone(str(number), f"PJSIP/{number}"))


def test_a_new_journal_is_empty_and_has_a_name_of_its_own(tmp_path: Path) -> None:
    one, two = Desk(tmp_path / "one"), Desk(tmp_path / "two")
    assert one.journal.last == 0
    assert one.journal.name != two.journal.name
    assert not one.journal.full


def test_what_was_written_is_there_after_a_kill(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(501), phone(502))
    desk.timers.advance(5)
    desk.write(IdsGranted("call", 1000, 1999))
    name, state = desk.journal.name, desk.state
    desk.abandon()
    again = Desk(tmp_path)
    assert again.journal.name == name
    assert again.journal.last == 3
    assert again.opened.at == NOW + 5
    assert again.state == state
    assert set(again.state.phones) == {"501", "502"}


def test_every_segment_begins_with_the_state_so_that_older_ones_are_not_needed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number in range(400):
        desk.write(phone(number % 50), api_call(number))
    state = desk.state
    assert len(segments(tmp_path)) > 2
    desk.abandon()
    for _, path in segments(tmp_path)[:-2]:
        path.unlink()
    again = Desk(tmp_path)
    assert again.state == state
    assert again.journal.last == 800


def test_a_turn_that_does_not_fit_goes_into_the_next_segment_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(1))
    desk.write(*[api_call(number, data="x" * 1000) for number in range(30)])
    assert [first for first, _ in segments(tmp_path)] == [1, 2]
    state = desk.state
    desk.abandon()
    again = Desk(tmp_path)
    assert again.journal.last == 31
    assert again.state == state
    assert [entry.seq for entry in Desk.done(again.journal.entries_after(0))] == list(range(1, 32))


def test_a_state_larger_than_a_segment_gets_a_larger_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(*[PhoneSet(str(n), Phone(str(n), "PJSIP/" + "x" * 200)) for n in range(200)])
    for number in range(300):
        desk.write(api_call(number))
    state = desk.state
    desk.abandon()
    assert Desk(tmp_path).state == state


@pytest.mark.parametrize("cut", [1, 5, 60, 150])
def test_a_torn_last_line_is_dropped_and_the_next_takes_its_place(tmp_path: Path, cut: int) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(1))
    kept = desk.journal._end
    desk.write(phone(2))
    end = desk.journal._end
    desk.abandon()
    with newest(tmp_path).open("r+b") as file:
        file.seek(max(kept, end - cut))
        file.write(bytes(end - max(kept, end - cut)))
    again = Desk(tmp_path)
    assert set(again.state.phones) == {"1"}
    assert again.write(phone(3))[0].seq == 2
    again.abandon()
    assert set(Desk(tmp_path).state.phones) == {"1", "3"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_half_a_turn_is_never_there(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Wherever the writing of a turn was cut, all its records are there or none."""
    folder = tmp_path_factory.mktemp("journal")
    desk = Desk(folder)
    desk.write(phone(1))
    before = desk.journal._end
    desk.write(phone(2), phone(3), phone(4))
    end = desk.journal._end
    desk.abandon()
    cut = data.draw(st.integers(before, end))
    with newest(folder).open("r+b") as file:
        file.seek(cut)
        file.write(bytes(end - cut))
    again = Desk(folder)
    assert set(again.state.phones) == ({"1", "2", "3", "4"} if cut == end else {"1"})
    again.close()


def test_a_damaged_line_among_synced_ones_stops_the_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(1))
    place = desk.journal._end
    desk.write(phone(2))
    Desk.done(desk.journal.synced(2))
    desk.write(phone(3))
    desk.abandon()
    with newest(tmp_path).open("r+b") as file:
        file.seek(place + 40)
        file.write(b"#")
    with pytest.raises(JournalDamaged, match="record 2 is lost"):
        Desk(tmp_path)


def test_a_damaged_last_line_after_a_clean_end_stops_the_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(1))
    place = desk.journal._end
    desk.write(phone(2))
    desk.close()
    with newest(tmp_path).open("r+b") as file:
        file.seek(place + 40)
        file.write(b"#")
    with pytest.raises(JournalDamaged, match="record 2 is lost"):
        Desk(tmp_path)


def test_a_power_cut_that_lost_an_earlier_unsynced_line_loses_the_later_ones_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(1))
    Desk.done(desk.journal.synced(1))
    place = desk.journal._end
    desk.write(phone(2))
    length = desk.journal._end - place
    desk.write(phone(3))
    desk.abandon()
    with newest(tmp_path).open("r+b") as file:
        file.seek(place)
        file.write(bytes(length))
    again = Desk(tmp_path)
    assert set(again.state.phones) == {"1"}
    again.write(phone(4))
    again.abandon()
    assert set(Desk(tmp_path).state.phones) == {"1", "4"}


def test_a_power_cut_that_lost_the_end_of_the_segment_before_loses_the_unsynced_one_after_it(tmp_path: Path) -> None:
    never: Deferred[None] = Deferred()
    desk = Desk(tmp_path)
    desk.journal._sync._in_thread = lambda work: never
    number = 0
    while len(segments(tmp_path)) == 1:
        number += 1
        place = desk.journal._end
        desk.write(phone(number))
    desk.abandon()
    with segments(tmp_path)[0][1].open("r+b") as file:
        file.seek(place - 10)
        file.write(bytes(10))
    again = Desk(tmp_path)
    assert again.journal.last == number - 2
    assert len(again.state.phones) == number - 2
    again.write(phone(1000))
    again.abandon()
    assert Desk(tmp_path).journal.last == number - 1


def test_a_segment_that_is_gone_stops_the_start_and_says_what_to_do(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(1))
    desk.close()
    path = newest(tmp_path)
    path.write_bytes(b"#" + path.read_bytes()[1:])
    with pytest.raises(JournalDamaged, match="move it away"):
        Desk(tmp_path)


def test_two_daemons_cannot_share_a_journal(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with pytest.raises(JournalLocked):
        Desk(tmp_path)
    desk.close()
    Desk(tmp_path)


def test_the_journal_of_another_daemon_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.close()
    with pytest.raises(JournalForeign, match="pbx1"):
        open_journal(tmp_path, "pbx2", desk.journal._clock, lambda _: Deferred(), list, SMALL)


# --- syncing -------------------------------------------------------------------------------------------------


class Disk:
    """Syncs when it is told to."""

    def __init__(self) -> None:
        self.works: list[tuple[Deferred[object], object]] = []

    def __call__(self, work: object) -> Deferred[object]:
        done: Deferred[object] = Deferred()
        self.works.append((done, work))
        return done

    def work(self) -> None:
        done, work = self.works.pop(0)
        done.callback(work())  # type: ignore[operator]

    def break_down(self) -> None:
        self.works.pop(0)[0].errback(OSError(errno.EIO, "the disk is broken"))


def test_all_who_wait_for_the_disk_are_served_by_one_sync(tmp_path: Path) -> None:
    desk, disk, fired = Desk(tmp_path), Disk(), []
    desk.journal._sync._in_thread = disk
    for number in (1, 2, 3):
        desk.write(phone(number))
        desk.journal.synced(number).addCallback(lambda _, n=number: fired.append(n))
    assert len(disk.works) == 1
    assert fired == []
    disk.work()
    assert fired == [1]
    disk.work()
    assert fired == [1, 2, 3]
    assert disk.works == []


def test_a_wait_can_be_cancelled_without_the_others(tmp_path: Path) -> None:
    desk, disk, fired = Desk(tmp_path), Disk(), []
    desk.journal._sync._in_thread = disk
    desk.write(phone(1))
    gone = desk.journal.synced(1)
    gone.addErrback(lambda failure: fired.append("cancelled"))
    desk.journal.synced(1).addCallback(lambda _: fired.append("synced"))
    gone.cancel()
    disk.work()
    assert fired == ["cancelled", "synced"]


def test_a_disk_that_fails_ends_the_daemon_and_is_not_asked_again(tmp_path: Path) -> None:
    desk, disk, failed = Desk(tmp_path), Disk(), []
    desk.journal._sync._in_thread = disk
    desk.write(phone(1))
    desk.journal.synced(1).addErrback(failed.append)
    disk.break_down()
    assert [error.errno for error in desk.fatal] == [errno.EIO]
    desk.journal.synced(1).addErrback(failed.append)
    assert [failure.value.errno for failure in failed] == [errno.EIO, errno.EIO]
    assert disk.works == []


def test_what_nobody_waits_for_is_synced_soon(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(1))
    assert desk.journal._sync.synced == 0
    desk.timers.advance(0.5)
    assert desk.journal._sync.synced == 1


# --- a full disk ---------------------------------------------------------------------------------------------


def no_room(path: Path, size: int) -> None:
    raise OSError(errno.ENOSPC, "no room")


def write_for_ever(desk: Desk) -> None:
    while True:
        desk.write(phone(1))


def test_when_the_disk_is_full_only_the_reserve_is_left_and_room_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = spare.allocate
    monkeypatch.setattr(spare, "allocate", no_room)
    desk = Desk(tmp_path, JournalLimits(segment=16 << 10, reserve=4 << 10))
    assert not desk.journal.full
    while not desk.journal.full:
        desk.write(phone(1))
    assert 0 < desk.journal.free < 4 << 10
    used = desk.journal.last
    with pytest.raises(OSError, match="reserve") as caught:
        write_for_ever(desk)
    assert caught.value.errno == errno.ENOSPC
    assert desk.journal.last > used + 10
    assert desk.journal.full
    monkeypatch.setattr(spare, "allocate", room)
    desk.timers.advance(5)
    assert not desk.journal.full
    assert desk.journal.free >= 16 << 10
    desk.write(phone(1))
    last = desk.journal.last
    desk.abandon()
    assert Desk(tmp_path).journal.last == last


def test_a_full_disk_does_not_stop_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    desk.write(phone(1))
    desk.abandon()
    monkeypatch.setattr(spare, "allocate", no_room)
    again = Desk(tmp_path)
    again.write(phone(2))
    assert set(again.state.phones) == {"1", "2"}


def test_a_record_of_the_wrong_type_is_not_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with pytest.raises(OSError, match="after"):
        desk.journal.write([AfterSet("1000", 5)], NOW)  # type: ignore[arg-type]
    assert desk.journal.last == 0


# --- reading -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, 57, 480, 499, 500])
def test_entries_come_from_memory_and_segments_without_gap_or_double(tmp_path: Path, after: int) -> None:
    desk = Desk(tmp_path)
    for number in range(250):
        desk.write(api_call(2 * number), api_call(2 * number + 1))
    entries = Desk.done(desk.journal.entries_after(after))
    assert [entry.seq for entry in entries] == list(range(after + 1, 501))
    assert [entry.record.data for entry in entries] == [str(number) for number in range(after, 500)]


def test_entries_that_are_unknown_or_too_many_are_none(tmp_path: Path) -> None:
    desk = Desk(tmp_path, JournalLimits(segment=16 << 10, reserve=1024, resume=10))
    for number in range(20):
        desk.write(api_call(number))
    assert Desk.done(desk.journal.entries_after(21)) is None
    assert Desk.done(desk.journal.entries_after(-1)) is None
    assert Desk.done(desk.journal.entries_after(9)) is None
    assert len(Desk.done(desk.journal.entries_after(10))) == 10


def test_applied_segments_stay_seven_days_and_then_go(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number in range(500):
        desk.write(api_call(number))
    Desk.done(desk.journal.synced(500))
    count = len(segments(tmp_path))
    second = segments(tmp_path)[1][0]
    Desk.done(desk.journal.housekeep(second - 1))
    desk.timers.advance(6 * 86400)
    Desk.done(desk.journal.housekeep(500))
    assert len(segments(tmp_path)) == count
    desk.timers.advance(1.5 * 86400)
    Desk.done(desk.journal.housekeep(500))
    assert desk.journal.first == second
    assert Desk.done(desk.journal.entries_after(0)) is None
    desk.timers.advance(7 * 86400)
    Desk.done(desk.journal.housekeep(500))
    assert len(segments(tmp_path)) == 1


def test_nothing_is_removed_that_a_restored_database_has_not(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number in range(500):
        desk.write(api_call(number))
    Desk.done(desk.journal.housekeep(500))
    desk.timers.advance(8 * 86400)
    Desk.done(desk.journal.housekeep(3))
    assert desk.journal.first == 1
    assert len(Desk.done(desk.journal.entries_after(0))) == 500


def test_a_reader_finds_damage_in_an_older_segment(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number in range(500):
        desk.write(api_call(number))
    path = segments(tmp_path)[0][1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(JournalDamaged, match="damaged"):
        Desk.done(desk.journal.read(0, 1000))


def test_the_journal_is_not_for_other_eyes(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    desk = Desk(folder)
    desk.write(phone(1))
    assert os.stat(folder).st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.segment"))


@settings(max_examples=30, deadline=None)
@given(
    turns=st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=8), max_size=60), kills=st.sets(st.integers(0, 59))
)
def test_kills_between_any_turns_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory, turns: list[list[int]], kills: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    desk = Desk(folder)
    written: list[Record] = []
    for number, turn in enumerate(turns):
        records = [phone(extension) for extension in turn]
        desk.write(*records)
        written += records
        if number in kills:
            state = desk.state
            desk.abandon()
            desk = Desk(folder)
            assert desk.state == state
    assert [entry.record for entry in Desk.done(desk.journal.entries_after(0))] == written
    desk.close()
