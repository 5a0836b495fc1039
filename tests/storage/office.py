"""One who changes what is set up, and a World that hears of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, func, insert, select

from agentd.core.evolving import evolve
from agentd.core.model import State
from agentd.engine.kinds import Action, By, Change, Changed, Kind, Named, ThingQuery
from agentd.engine.ports import AuditQuery, AuditRow
from agentd.storage import management as m
from agentd.storage.columns import moment
from agentd.storage.database import transact
from agentd.storage.reference import read_reference
from agentd.storage.tables import leads
from tests.storage.helpers import NOW

BY = By("boss", "cli", NOW + 0.25)


class Office:
    """One who changes what is set up, and a World that hears of it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.state = State()

    def do(
        self, action: Action, named: Named, by: By = BY, /, expected: set[str] | None = None, **values: Any
    ) -> Changed:
        wanted = None if expected is None else frozenset(expected)
        change = Change(action, named, by, values, wanted)
        changed = transact(self.engine, lambda connection: m.carry_out(connection, change))
        for record in changed.records:
            evolve(self.state, record, NOW)
        return changed

    def create(self, kind: Kind, key: str, campaign: str = "", /, **values: Any) -> Any:
        return self.do(Action.CREATE, Named(kind, key, campaign), **values).thing

    def change(self, kind: Kind, key: str, campaign: str = "", /, **values: Any) -> Any:
        return self.do(Action.CHANGE, Named(kind, key, campaign), **values).thing

    def delete(self, kind: Kind, key: str, campaign: str = "", /, **more: Any) -> Changed:
        return self.do(Action.DELETE, Named(kind, key, campaign), **more)

    def read(self, kind: Kind, key: str, campaign: str = "") -> Any:
        with self.engine.connect() as connection:
            return m.read_thing(connection, Named(kind, key, campaign))

    def find(self, kind: Kind, /, **query: Any) -> list[str]:
        with self.engine.connect() as connection:
            return [kind.key_of(thing) for thing in m.find_things(connection, kind, ThingQuery(**query))]

    def audit(self, **query: Any) -> list[AuditRow]:
        with self.engine.connect() as connection:
            return m.find_audit(connection, AuditQuery(**query))

    def reference(self) -> State:
        """What another daemon would load."""
        state = State()
        with self.engine.connect() as connection:
            for record in read_reference(connection):
                evolve(state, record, NOW)
        return state

    def put_leads(self, list_id: int, *ids: int) -> None:
        row = {
            "list_id": list_id,
            "status": "NEW",
            "user": "",
            "phone_code": "1",
            "phone_number": "7275551212",
            "entry_date": moment(NOW),
            "modify_date": moment(NOW),
            "called_count": 0,
            "called_since_last_reset": 0,
        }
        with self.engine.begin() as connection:
            connection.execute(insert(leads), [{"id": one, **row} for one in ids])

    def count(self, table: Any) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
