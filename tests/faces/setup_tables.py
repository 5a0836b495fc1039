"""What is set up, in a real database in memory, for a house whose other tables are dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import StaticPool, create_engine, event, func, insert, select
from twisted.internet.defer import Deferred, fail, maybeDeferred

from agentd.core.errors import DatabaseAway
from agentd.core.records import CampaignSet, GroupAliasSet, InGroupSet, PhoneSet, StatusSet, UserSet
from agentd.engine.kinds import Change
from agentd.storage import management as m
from agentd.storage.columns import moment
from agentd.storage.database import transact
from agentd.storage.schema import VERSION
from agentd.storage.tables import audit_log, leads, metadata, schema_version
from tests.faces.house import START, House
from tests.faces.people import reference

_PUTS: dict[type[Any], Callable[..., Any]] = {
    UserSet: lambda connection, record: m.put_user(connection, record.user),
    PhoneSet: lambda connection, record: m.put_phone(connection, record.phone),
    CampaignSet: lambda connection, record: m.put_campaign(connection, record.campaign),
    InGroupSet: lambda connection, record: m.put_ingroup(connection, record.ingroup),
    GroupAliasSet: lambda connection, record: m.put_group_alias(connection, record.alias),
    StatusSet: lambda connection, record: m.put_status(connection, record.status),
}


class SetupTables:
    """Takes the place of a house's store for all that is set up; it has what the World has.

    ``away``: it does not answer. ``slow``: changes are made at once, and told when :meth:`go_on` is called.
    """

    def __init__(self, house: House) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        event.listen(self._engine, "connect", _leave_transactions_alone)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        self.away = self.slow = False
        self.takes = 0.0
        self._house = house
        self._waiting: list[Deferred[None]] = []
        with self._engine.begin() as connection:
            metadata.create_all(connection)
            connection.execute(insert(schema_version).values(id=1, version=VERSION, compatible=VERSION))
            m.put_list(connection, 101, "The house's list", "TESTCAMP")
            for record in reference():
                _PUTS[type(record)](connection, record)
        for name in ("things", "thing", "carry_out", "empty_list", "audit"):
            setattr(house.store, name, getattr(self, name))

    def things(self, *values: Any) -> Deferred[Any]:
        return self._run(m.find_things, *values)

    def thing(self, *values: Any) -> Deferred[Any]:
        return self._run(m.read_thing, *values)

    def carry_out(self, change: Change) -> Deferred[Any]:
        done = self._run(m.carry_out, change)
        if not self.slow:
            return done
        told: Deferred[None] = Deferred()
        self._waiting.append(told)
        return told.addCallback(lambda _: done)

    def empty_list(self, *values: Any) -> Deferred[Any]:
        """It takes as long as ``takes`` says."""
        later: Deferred[None] = Deferred()
        self._house.clock.later(self.takes, later.callback, None)
        return later.addCallback(lambda _: self._run(m.empty_list, *values))

    def audit(self, *values: Any) -> Deferred[Any]:
        return self._run(m.find_audit, *values)

    def _run(self, function: Callable[..., Any], *values: Any) -> Deferred[Any]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        return maybeDeferred(transact, self._engine, lambda connection: function(connection, *values))

    # --- for tests ---------------------------------------------------------------------------------------

    @property
    def changes(self) -> int:
        """How many rows the audit log has."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(audit_log)).scalar_one())

    @property
    def waiting(self) -> int:
        """How many changes were made and not told."""
        return len(self._waiting)

    def go_on(self) -> None:
        """Tell of the first change that was made and not told."""
        self._waiting.pop(0).callback(None)

    def put_leads(self, list_id: int, *ids: int) -> None:
        """Leads of a list."""
        now = moment(START)
        row = {"list_id": list_id, "status": "NEW", "user": "", "phone_code": "1", "phone_number": "7275551212"}
        more = {"entry_date": now, "modify_date": now, "called_count": 0, "called_since_last_reset": 0}
        with self._engine.begin() as connection:
            connection.execute(insert(leads), [{"id": one, **row, **more} for one in ids])


def _leave_transactions_alone(connection: Any, _record: object) -> None:
    connection.isolation_level = None
