"""Bringing in leads, and whatever names them.

Leads keep their ids, unless some of these are taken, or promised to a daemon: then all go up by the same. By how much
is kept, so that leads that are added there later, and callbacks, find their places.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, select

from agentd.importing.vicidial.leads import Promise, lead_rows, promises
from agentd.importing.vicidial.notes import Notes
from agentd.importing.vicidial.source import Source
from agentd.storage import bulk, management, tables
from agentd.storage.columns import epoch, moment
from agentd.storage.database import transact

__all__ = ["Leads"]

_BATCH = 500

_Range = tuple[int, int, int]
"""The least and the greatest id there, and by how much the ids are higher here."""


class Leads:
    """The leads of one VICIdial."""

    def __init__(
        self, engine: Engine, source: Source, notes: Notes, now: float, tell: Callable[[int], object], *, dry: bool
    ) -> None:
        """``tell`` is told how many leads have been read."""
        self._engine = engine
        self._source = source
        self._notes = notes
        self._now = now
        self._tell = tell
        self._dry = dry
        self._ranges: list[_Range] = transact(engine, self._reserved)

    def _reserved(self, connection: Connection) -> list[_Range]:
        """The ranges of ids of former times, and one for what has come since."""
        name = f"vicidial {self._source.name} leads"
        progress = bulk.read_progress(connection, name) or bulk.Progress(started=self._now)
        ranges = [(low, high, moved) for low, high, moved in progress.counts.get("ranges", [])]
        span = self._source.range("vicidial_list", "lead_id")
        before = max((high for _, high, _ in ranges), default=None)
        if span is None or (before is not None and span[1] <= before):
            return ranges
        low, high = span[0] if before is None else before + 1, span[1]
        if self._dry:
            return [*ranges, (low, high, 0)]
        moved = bulk.free_range(connection, "lead", low, high)
        if moved:
            self._notes.remark("leads", f"{low} to {high}", f"ids are higher by {moved}, for not all were free")
        progress.line = high
        progress.counts = {"ranges": [*ranges, (low, high, moved)]}
        bulk.keep_progress(connection, name, progress, self._now)
        return [*ranges, (low, high, moved)]

    def id_of(self, lead_id: int) -> int:
        """Give the id here of the lead with that id there; 0 if it has no place."""
        return next((lead_id + moved for low, high, moved in self._ranges if low <= lead_id <= high), 0)

    def bring(self, lists: Mapping[int, bool], *, all_lists: bool) -> None:
        """Bring in the leads of these lists, each with whether it was here before.

        ``all_lists``: the lists are all that there are, and leads of others are to be told.
        """
        totals = {int(key or 0): count for key, count in self._source.count("vicidial_list", "list_id").items()}
        there = {list_id: totals.pop(list_id) for list_id in lists if list_id in totals}
        progress = transact(self._engine, lambda connection: {one: self._progress(connection, one) for one in there})
        for list_id in there:
            if lists[list_id] and not progress[list_id].line:
                self._notes.remark("leads", list_id, "go into a list that was here already")
        left_out = self._notes.number_left_out("leads")
        new = self._bring(progress)
        left_out = self._notes.number_left_out("leads") - left_out
        self._notes.count("leads", new=new, known=max(0, sum(there.values()) - new - left_out))
        if all_lists:
            for list_id, count in totals.items():
                self._notes.left_out("leads", f"those of {list_id}", "their list is not here", count=count)

    def _bring(self, progress: Mapping[int, bulk.Progress]) -> int:
        """Bring in the leads of these lists, from where each was left; gives how many."""
        done = {list_id: one.line for list_id, one in progress.items()}
        rows = lead_rows(self._source, self._notes, done, moment(self._now)) if done else iter(())
        read = 0
        while batch := list(islice(rows, _BATCH)):
            for row in batch:
                progress[row["list_id"]].line = row["id"]
            if not self._dry:
                self._write(batch, progress)
            read += len(batch)
            self._tell(read)
        return read

    def _write(self, batch: Sequence[dict[str, Any]], progress: Mapping[int, bulk.Progress]) -> None:
        rows = [{**row, "id": self.id_of(row["id"])} for row in batch]
        changed = {row["list_id"] for row in batch}

        def write(connection: Connection) -> None:
            bulk.add_missing(connection, tables.leads, rows)
            for list_id in changed:
                bulk.keep_progress(connection, self._name(list_id), progress[list_id], self._now)

        transact(self._engine, write)

    def _progress(self, connection: Connection, list_id: int) -> bulk.Progress:
        return bulk.read_progress(connection, self._name(list_id)) or bulk.Progress(started=self._now)

    def _name(self, list_id: int) -> str:
        return f"vicidial {self._source.name} list {list_id}"

    # --- callbacks -------------------------------------------------------------------------------------------

    def bring_callbacks(self, campaigns: Collection[str], users: Collection[str]) -> None:
        """Bring in the callbacks of these campaigns; those of users who are not here may be kept by anybody."""
        wanted = self._wanted(campaigns, users)
        while batch := list(islice(wanted, _BATCH)):
            here = transact(self._engine, lambda connection, batch=batch: self._keep(connection, batch))  # type: ignore[misc]
            self._notes.count("callbacks", new=len(batch) - here, known=here)

    def _wanted(self, campaigns: Collection[str], users: Collection[str]) -> Iterator[management.Callback]:
        for promise in promises(self._source, self._notes):
            if promise.campaign not in campaigns:
                self._notes.left_out("callbacks", promise.callback_id, "its campaign is not here")
                continue
            anyone = promise.anyone
            if not anyone and promise.user not in users:
                self._notes.remark("callbacks", promise.callback_id, "its user is not here: anybody may keep it")
                anyone = True
            yield self._callback(promise, anyone=anyone)

    def _callback(self, promise: Promise, *, anyone: bool) -> management.Callback:
        return management.Callback(
            lead_id=self.id_of(promise.lead_id),
            campaign=promise.campaign,
            due=epoch(promise.due),
            user=promise.user,
            anyone=anyone,
            comments=promise.comments,
        )

    def _keep(self, connection: Connection, batch: Sequence[management.Callback]) -> int:
        """Make those that are not here; gives how many are."""
        here = 0
        callbacks = tables.callbacks
        for one in batch:
            same = callbacks.c.lead_id == one.lead_id, callbacks.c.due_at == moment(one.due)
            if connection.execute(select(callbacks.c.id).where(*same).limit(1)).one_or_none() is not None:
                here += 1
            elif not self._dry:
                management.put_callback(connection, one, self._now)
        return here
