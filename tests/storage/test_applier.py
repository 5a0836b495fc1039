"""The database follows the journal: through outages, restarts, refusals and restored backups."""

from __future__ import annotations

import shutil
from copy import deepcopy
from pathlib import Path

import pytest
import pytest_twisted
from sqlalchemy import func, select, text, update

from agentd.core.errors import DatabaseAway
from agentd.core.model import Lead, Phone
from agentd.core.records import LeadCreated, PhoneSet
from agentd.storage.applier import ApplierState
from agentd.storage.database import connect
from agentd.storage.errors import PositionRefused, SchemaRefused
from agentd.storage.journal import JournalLimits
from agentd.storage.migrating import migrate
from agentd.storage.positions import JournalFacts, accept_journal
from agentd.storage.segments import segments
from agentd.storage.tables import api_log, journal_rejects, positions, schema_version
from tests.storage.following import Storage
from tests.storage.helpers import api_call
from tests.storage.mariadb import MariaDB
from tests.storage.shift import Shift


def datas(url: str) -> list[str]:
    """The numbers of the API log's rows, in order."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(select(api_log.c.data).order_by(api_log.c.seq)).scalars())
    finally:
        engine.dispose()


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


@pytest_twisted.ensureDeferred
async def test_what_is_journalled_is_soon_in_the_database(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    assert storage.applier.status().state is ApplierState.LIVE
    storage.write(api_call(0))
    storage.write(api_call(1))
    assert storage.applier.status().behind == 2
    await storage.applier.reached(2)
    assert datas(url) == ["0", "1"]
    status = storage.applier.status()
    assert (status.position, status.behind, status.since) == (2, 0, None)
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_nobody_needs_to_wait_for_it(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    storage.write(api_call(0))
    while storage.applier.status().behind:
        await storage.moment(0.01)
    assert datas(url) == ["0"]
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_a_stop_brings_in_what_is_left(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    for number in range(1500):
        storage.write(api_call(number))
    await storage.stop()
    assert datas(url) == numbers(1500)


@pytest_twisted.ensureDeferred
async def test_a_start_goes_on_where_the_database_is(tmp_path: Path, url: str) -> None:
    for start in range(3):
        storage = Storage(tmp_path / "journal", url)
        await storage.applier.start()
        for number in range(300):
            storage.write(api_call(300 * start + number))
        await storage.stop()
    assert datas(url) == numbers(900)


@pytest_twisted.ensureDeferred
async def test_a_start_without_a_database_brings_everything_back_and_it_catches_up_later(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'not yet' / 'agentd.db'}"
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start(patience=0.05)
    storage.write(PhoneSet("502", Phone("502", "PJSIP/502")), api_call(0))
    await storage.stop()
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start(patience=0.05)
    assert set(storage.state.phones) == {"502"}
    assert storage.applier.status().state in {ApplierState.STARTING, ApplierState.AWAY}
    storage.write(api_call(1))
    (tmp_path / "not yet").mkdir()
    migrate(url)
    await storage.applier.reached(3)
    assert datas(url) == ["0", "1"]
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_a_refused_record_is_reported(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    with storage.engine.begin() as connection:
        column = "api_log" if storage.engine.dialect.name == "sqlite" else "api_log FOR EACH ROW"
        condition = (
            "WHEN NEW.data = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END"
            if storage.engine.dialect.name == "sqlite"
            else "IF NEW.data = 'bad' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF"
        )
        connection.exec_driver_sql(f"CREATE TRIGGER refuses BEFORE INSERT ON {column} {condition}")
    await storage.applier.start()
    for number in range(5):
        storage.write(api_call(number, data="bad" if number == 2 else str(number)))
    await storage.applier.reached(5)
    assert storage.applier.status().rejected == 1
    assert storage.applier.status().state is ApplierState.LIVE
    assert datas(url) == ["0", "1", "3", "4"]
    with storage.engine.begin() as connection:
        assert connection.execute(select(journal_rejects.c.seq)).scalars().all() == [3]
        connection.exec_driver_sql("DROP TRIGGER refuses")
    await storage.stop()


# --- positions and schemas that do not fit -------------------------------------------------------------------


@pytest_twisted.ensureDeferred
async def test_another_journal_is_refused_until_it_is_accepted(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "one", url)
    await storage.applier.start()
    storage.write(api_call(0))
    await storage.stop()
    other = Storage(tmp_path / "two", url)
    with pytest.raises(PositionRefused, match=r"restore the journal's folder.*--accept-journal"):
        await other.applier.start()
    other.write(api_call(1))
    assert other.applier.status().state is ApplierState.REFUSED
    await other.stop()
    assert datas(url) == ["0"]
    other = Storage(tmp_path / "two", url)
    journal = other.journal
    with other.engine.begin() as connection:
        accept_journal(connection, JournalFacts("pbx1", journal.name, journal.first, journal.last), 0.0)
    await other.applier.start()
    await other.applier.reached(1)
    await other.stop()
    assert sorted(datas(url)) == ["0", "1"]


@pytest_twisted.ensureDeferred
async def test_a_database_older_than_the_oldest_segment_is_refused(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    for number in range(1000):
        storage.write(api_call(number))
    await storage.stop()
    segments(tmp_path / "journal")[0][1].unlink()
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(update(positions).values(seq=5))
    engine.dispose()
    again = Storage(tmp_path / "journal", url)
    with pytest.raises(PositionRefused, match="oldest record that is kept"):
        await again.applier.start()
    await again.stop()


@pytest_twisted.ensureDeferred
async def test_a_journal_that_lost_what_the_database_has_is_refused(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    storage.write(api_call(0))
    await storage.applier.reached(1)
    await storage.journal.synced(1)
    shutil.copytree(tmp_path / "journal", tmp_path / "backup")
    storage.write(api_call(1))
    await storage.stop()
    restored = Storage(tmp_path / "backup", url)
    with pytest.raises(PositionRefused, match="the journal ends at 1"):
        await restored.applier.start()
    await restored.stop()


@pytest_twisted.ensureDeferred
async def test_a_restored_database_catches_up_even_while_the_daemon_runs(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    for number in range(1000):
        storage.write(api_call(number))
    await storage.applier.reached(1000)
    with storage.engine.begin() as connection:
        connection.execute(text("DELETE FROM api_log WHERE seq > 10"))
        connection.execute(update(positions).values(seq=10))
    storage.write(api_call(1000))
    while len(datas(url)) < 1001:
        await storage.moment(0.02)
    assert datas(url) == numbers(1001)
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_a_database_without_tables_stops_the_start(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "journal", f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(SchemaRefused, match="agentd migrate"):
        await storage.applier.start()
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_a_database_of_a_newer_agentd_stops_the_start_unless_it_is_compatible(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'agentd.db'}"
    migrate(url)
    storage = Storage(tmp_path / "journal", url)
    with storage.engine.begin() as connection:
        connection.execute(update(schema_version).values(version=9, compatible=8))
    with pytest.raises(SchemaRefused, match="newer agentd"):
        await storage.applier.start()
    await storage.stop()
    storage = Storage(tmp_path / "journal", url)
    with storage.engine.begin() as connection:
        connection.execute(update(schema_version).values(version=9, compatible=1))
    await storage.applier.start()
    assert storage.applier.status().state is ApplierState.LIVE
    await storage.stop()


# --- reading one's own writes --------------------------------------------------------------------------------


@pytest_twisted.ensureDeferred
async def test_a_read_sees_what_was_journalled_before_it(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    for number in range(1, 30):
        lead = Lead(number, 101, "NEW", "1", f"72755512{number:02}", {"first_name": "Bob"})
        storage.write(LeadCreated(lead, "1000"))
        assert await storage.store.lead(number) == lead
    assert await storage.store.lead(30) is None
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_the_newest_lead_with_a_number_is_found_in_the_named_lists(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    for number, list_id in ((1, 101), (2, 102), (3, 101)):
        storage.write(LeadCreated(Lead(number, list_id, "NEW", "1", "7275551212"), "1000"))
    find = storage.store.find_lead
    assert (await find((), "7275551212")).id == 3
    assert (await find((102,), "7275551212")).id == 2
    assert (await find((101, 102), "7275551212")).id == 3
    assert await find((103,), "7275551212") is None
    assert await find((), "7275551213") is None
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_a_read_fails_in_a_second_when_the_database_cannot_keep_up(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "journal", f"sqlite:///{tmp_path / 'nowhere' / 'agentd.db'}")
    await storage.applier.start(patience=0.05)
    storage.write(api_call(0))
    began = storage.clock.monotonic()
    with pytest.raises(DatabaseAway):
        await storage.store.lead(1)
    assert 0.9 < storage.clock.monotonic() - began < 2
    await storage.stop()


# --- MariaDB goes away ---------------------------------------------------------------------------------------


async def commands_for(storage: Storage, seconds: float, count: int) -> int:
    """Write a record every few milliseconds for so long; gives the count after it."""
    end = storage.clock.monotonic() + seconds
    while storage.clock.monotonic() < end:
        storage.write(api_call(count))
        count += 1
        await storage.moment(0.005)
    return count


@pytest_twisted.ensureDeferred
async def test_every_record_arrives_once_and_in_order_after_mariadb_was_frozen_for_5_s(
    tmp_path: Path, mariadb: MariaDB
) -> None:
    url = mariadb.new_database("frozen")
    migrate(url)
    storage = Storage(tmp_path / "journal", url, timeout=1.0)
    await storage.applier.start()
    count = await commands_for(storage, 0.3, 0)
    mariadb.freeze()
    try:
        count = await commands_for(storage, 5.0, count)
        with pytest.raises(DatabaseAway):
            await storage.store.lead(1)
        assert storage.applier.status().state is ApplierState.AWAY
    finally:
        mariadb.thaw()
    count = await commands_for(storage, 0.3, count)
    await storage.applier.reached(count)
    assert count > 500
    assert datas(url) == numbers(count)
    await storage.stop()


@pytest.mark.parametrize("how", ["stop", "kill"])
@pytest_twisted.ensureDeferred
async def test_every_record_arrives_once_and_in_order_after_mariadb_was_gone_for_5_s(
    tmp_path: Path, mariadb: MariaDB, how: str
) -> None:
    url = mariadb.new_database("gone")
    migrate(url)
    storage = Storage(tmp_path / "journal", url, timeout=1.0)
    await storage.applier.start()
    count = await commands_for(storage, 0.3, 0)
    getattr(mariadb, how)()
    try:
        count = await commands_for(storage, 5.0, count)
        assert storage.applier.status().state is ApplierState.AWAY
        assert storage.applier.status().behind
    finally:
        mariadb.start()
    await storage.applier.reached(count)
    assert datas(url) == numbers(count)
    assert storage.applier.status().state is ApplierState.LIVE
    with storage.engine.connect() as connection:
        assert connection.execute(select(func.max(positions.c.seq))).scalar_one() == count
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_a_start_while_mariadb_is_gone_brings_all_sessions_and_calls_back(
    tmp_path: Path, mariadb: MariaDB
) -> None:
    url = mariadb.new_database("start")
    migrate(url)
    storage = Storage(tmp_path / "journal", url, timeout=1.0)
    await storage.applier.start()
    shift = Shift(storage.journal, storage.state, 3)
    while len(storage.state.sessions) < 3 or not storage.state.calls:
        shift.step()
    sessions, calls = deepcopy(storage.state.sessions), deepcopy(storage.state.calls)
    await storage.stop()
    mariadb.stop()
    try:
        storage = Storage(tmp_path / "journal", url, timeout=1.0)
        began = storage.clock.monotonic()
        await storage.applier.start()
        assert storage.clock.monotonic() - began < 2.5
        assert storage.state.sessions == sessions
        assert storage.state.calls == calls
        again = Shift(storage.journal, storage.state, 4, storage.opened.at + 1)
        again.run(20)
        last = storage.journal.last
    finally:
        mariadb.start()
    await storage.applier.reached(last)
    assert storage.applier.status().state is ApplierState.LIVE
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_a_commit_whose_answer_is_lost_is_neither_lost_nor_doubled(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database commits, and the connection breaks before it can say so; also: it breaks before it commits."""
    storage = Storage(tmp_path / "journal", url, limits=JournalLimits(segment=64 << 10, reserve=1024))
    await storage.applier.start()
    dialect, losses = storage.engine.dialect, iter(("after", "before", "", "after", "after", "", "before"))
    commit = dialect.do_commit

    def lose(connection: object) -> None:
        loss = next(losses, "")
        if loss != "before":
            commit(connection)
        if loss:
            raise dialect.dbapi.OperationalError(2013, "Lost connection")

    monkeypatch.setattr(dialect, "do_commit", lose)
    for number in range(20):
        storage.write(api_call(number))
        await storage.applier.reached(number + 1)
    assert datas(url) == numbers(20)
    await storage.stop()
