"""The database: how it is connected to, and how a named function runs on it in a thread.

SQLite is a file in WAL mode, MariaDB and MySQL are reached through PyMySQL. A transaction is one function of a
Connection and its arguments; it commits when the function returns, and leaves nothing behind when it raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from agentd.core.errors import DatabaseAway
from agentd.engine.clock import Clock
from agentd.storage.syncing import InThread

__all__ = ["Database", "Threads", "connect", "refused_for_good", "transact"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

READS = "agentd_reads"  # the execution option of a transaction that writes nothing
TIMEOUT = 5.0  # seconds that the database may take for an answer, or another transaction may hold a lock

# Answers of MariaDB that its driver calls operational, and that the same statement would get again: wrong values
# (1264, 1292, 1366, 1406, 1690), a constraint (3819, 4025), a trigger that refuses (1644).
REFUSALS = frozenset({1264, 1292, 1366, 1406, 1644, 1690, 3819, 4025})

DEADLOCK = 1213  # MariaDB: two transactions waited for each other, and this one was undone as a whole
DEADLOCKS = 3  # times that a transaction is tried again after that

_log = Logger(namespace="agentd.storage")


def connect(url: str, *, timeout: float = TIMEOUT) -> Engine:
    """Make an Engine for a URL such as ``sqlite:////var/lib/agentd/agentd.db``; it connects when it is used.

    Raises:
        ValueError: the URL is of no database that agentd works with.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": timeout}, pool_size=8, pool_timeout=timeout)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if backend in {"mysql", "mariadb"}:
        seconds = max(1, round(timeout))
        engine = create_engine(
            parsed.set(drivername=f"{backend}+pymysql"),
            connect_args={
                "charset": "utf8mb4",
                "connect_timeout": seconds,
                "read_timeout": seconds,
                "write_timeout": seconds,
            },
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            pool_recycle=300,
            pool_size=8,
            pool_timeout=timeout,
        )
        event.listen(engine, "connect", _prepare_mariadb)
        return engine
    raise ValueError(f"agentd works with SQLite, MariaDB and MySQL, not with {backend}")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver of Python 3.11 begins transactions where it likes; we begin them ourselves (_begin_sqlite).
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes its lock at the start, and so waits for others instead of failing later.
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _prepare_mariadb(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = 5, "
            "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'"
        )


def refused_for_good(error: Exception) -> bool:
    """Say whether a statement would be refused again, however often it is tried."""
    if isinstance(error, DataError | IntegrityError | NotSupportedError):
        return True
    if isinstance(error, DBAPIError):
        code = error.orig.args[0] if error.orig is not None and error.orig.args else None
        return not error.connection_invalidated and code in REFUSALS
    # The values could not even be put into a statement.
    return isinstance(error, StatementError | TypeError | ValueError | OverflowError)


def _nobody(_name: str, _seconds: float, _good: bool) -> None:
    """Whom to tell when nobody wants to know."""


def transact(engine: Engine, function: Callable[[Connection], _T]) -> _T:
    """Run a function in a transaction, here and now; again if the database gave it up for another's sake."""
    for _ in range(DEADLOCKS):
        try:
            with engine.begin() as connection:
                return function(connection)
        except OperationalError as error:
            if error.orig is None or error.orig.args[:1] != (DEADLOCK,):
                raise
    with engine.begin() as connection:
        return function(connection)


class Threads:
    """A few threads for one purpose; an ``InThread``."""

    def __init__(self, reactor: IReactorFromThreads, count: int, name: str) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(0, count, name)
        self._pool.start()

    def __call__(self, work: Callable[[], _T]) -> Deferred[_T]:
        """Run it as soon as a thread is free."""
        return deferToThreadPool(self._reactor, self._pool, work)

    def stop(self) -> None:
        """Finish what was asked for, and end the threads."""
        self._pool.stop()


class Database:
    """Runs transactions in threads, a bounded number of them, and gives up waiting for them in time."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        in_thread: InThread[Any],
        *,
        patience: float = 3.0,
        waiting: int = 100,
        on_done: Callable[[str, float, bool], object] = _nobody,
    ) -> None:
        """``patience`` is in seconds, ``waiting`` the transactions that may be under way.

        ``on_done`` is told of each transaction's name, its seconds, and whether it committed.
        """
        self.engine = engine
        self._reading = engine.execution_options(**{READS: True})
        self._clock = clock
        self._in_thread = in_thread
        self._patience = patience
        self._waiting = waiting
        self._under_way = 0
        self._on_done = on_done

    def run(
        self, name: str, function: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> Deferred[_T]:
        """Run a function in a transaction; ``name`` is for metrics and the log.

        Fails with DatabaseAway when the database does not answer in time (whether it did what was asked is not
        known then), else with what the function raised: nothing was done then.
        """
        return self._run(self.engine, name, lambda connection: function(connection, *args, **kwargs))

    def read(
        self, name: str, function: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> Deferred[_T]:
        """The same for a function that writes nothing."""
        return self._run(self._reading, name, lambda connection: function(connection, *args, **kwargs))

    def _run(self, engine: Engine, name: str, function: Callable[[Connection], _T]) -> Deferred[_T]:
        if self._under_way >= self._waiting:
            return fail(DatabaseAway("too many transactions wait for the database"))
        self._under_way += 1
        began = self._clock.monotonic()

        def work() -> _T:
            return transact(engine, function)

        def ended(result: Any) -> Any:
            self._under_way -= 1
            failed = isinstance(result, Failure)
            self._on_done(name, self._clock.monotonic() - began, not failed)
            return _as_away(name, result) if failed else result

        return self._in_time(self._in_thread(work).addBoth(ended))

    def _in_time(self, work: Deferred[_T]) -> Deferred[_T]:
        """A Deferred that does not wait longer than our patience; the work itself goes on."""
        answer: Deferred[_T] = Deferred()
        timer = self._clock.later(self._patience, _too_late, answer)

        def ended(result: Any) -> None:
            if timer.active():
                timer.cancel()
            if not answer.called:
                answer.callback(result)

        work.addBoth(ended)
        return answer

    def stop(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def _too_late(answer: Deferred[Any]) -> None:
    if not answer.called:
        answer.errback(DatabaseAway("the database did not answer in time"))


def _as_away(name: str, failure: Failure) -> Any:
    """What the database itself cannot do now is DatabaseAway; mistakes and refusals stay what they are."""
    error = failure.value
    if isinstance(error, SQLAlchemyError) and not refused_for_good(error):
        _log.warn("the database failed in {name}: {error}", name=name, error=error)
        raise DatabaseAway("the database is away") from error
    return failure
