"""The steps of a batch's journey, each within a transaction that its caller owns.

land → translate → validate → keep. A batch's state says which step comes next, so that any step
may be tried again, by anyone, after any kind of death. Each step takes a batch by its number and
writes what became of it; who takes it through several at once has a `Journey`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

import connectors
from hub.config import District
from hub.connector import Dataset, Delivery
from hub.errors import NotFound
from hub.jobs.intake import Intake
from hub.judging import JudgedRecords, judge
from hub.model import Places, Signal
from hub.parse import Unreadable
from hub.quality import Report
from hub.sealing import Seals, identity_fields, seals_of, with_opened
from hub.store import batches, guard, records, staging, superseding
from hub.store import signals as store
from hub.store.batches import BatchRow
from schemas import Section
from schemas.distinct import Rows, Texts, cells, where

#: Rows translated at a time: enough for whole-column work, little enough for memory.
CHUNK = 20_000

#: Records of a type from which on a batch is judged as a table as well: the library that does it
#: takes longer to import than fewer take to be translated and kept.
TABLE = 5_000


def dataset_of(source: str, name: str) -> Dataset:
    """Return a dataset; NotFound where the hub has no connector for it."""
    connector = connectors.CONNECTORS.get(source)
    dataset = connector.dataset(name) if connector else None
    if dataset is None:
        raise NotFound(f"there is no dataset {name} of a source {source}")
    return dataset


@cache
def types_of(source: str, name: str) -> tuple[str, ...]:
    """Return the record types that rows of a dataset give."""
    dataset = dataset_of(source, name)
    parts = dataset.records(dataset.no_rows, District()).records
    return tuple(dict.fromkeys(part.model.record_type for part in parts))


def taken(connection: Connection, batch_id: int) -> BatchRow:
    """Return a batch whose dataset nobody else is at work on until the transaction ends."""
    return batches.take_batch(connection, batch_id)


def land(connection: Connection, source: str, delivery: Delivery) -> int:
    """Land a delivery as a batch and return the batch's id."""
    journey = Journey.land(connection, source, delivery)
    journey.write()
    return journey.batch.batch_id


def translate(connection: Connection, batch_id: int, district: District) -> None:
    """Translate and judge the landed rows of a batch."""
    with _going_on(connection, batch_id) as journey:
        journey.translate(district)


def validate(connection: Connection, batch_id: int, reports: Sequence[Report] = ()) -> None:
    """Hold a batch that is flawed, unlike what is expected, or would change too much.

    ``reports`` are what the expectations over the whole batch found, where they were asked.
    """
    with _going_on(connection, batch_id) as journey:
        journey.validate(reports)


def keep(connection: Connection, batch_id: int, decided_by: str | None = None) -> list[int]:
    """Keep a validated batch: its records, its cursor and its ledger, all at once.

    Returns which entries of the queue it has made, where these are few.
    A held batch is kept only where ``decided_by`` names the steward who released it.
    """
    with _going_on(connection, batch_id) as journey:
        return journey.keep(decided_by)


def tables_of(connection: Connection, batch_id: int) -> list[str]:
    """Return the record types of which a translated batch holds enough to be judged as a table."""
    batch = batches.get_batch(connection, batch_id)
    if batch.state != "translated":
        return []
    types = types_of(batch.source, batch.dataset)
    return [name for name in types if staging.count_staged(connection, name, batch_id) >= TABLE]


class Journey:
    """A batch on its way, within one transaction: its dataset is nobody else's until that ends.

    A step leaves alone a batch that is not at it. What the steps have made of the batch is here;
    the ledger has it once it is written, and kept batches always.
    """

    def __init__(
        self, connection: Connection, batch: BatchRow, columns: Sequence[str] | None = None
    ) -> None:
        self.batch = batch
        self._connection, self._written = connection, batch
        #: The rows to translate, where they have just landed and are few.
        self._at_hand: Sequence[tuple[Places, Texts, Rows]] | None = None
        #: The columns its rows have landed in, where it was opened in this transaction.
        self._columns = columns

    @classmethod
    def land(cls, connection: Connection, source: str, delivery: Delivery) -> Journey:
        """Land a delivery as a batch."""
        began = perf_counter()
        dataset, snapshot = delivery.dataset, delivery.snapshot
        columns = dataset.agreement.columns
        batch = batches.open_batch(
            connection, source, dataset.name, delivery.label, columns, snapshot=snapshot
        )
        journey = cls(connection, batch, columns)
        intake = Intake(connection, source, dataset, batch.batch_id, snapshot, named=delivery.named)
        flaw = _take_in(intake, delivery)
        journey._at_hand = intake.at_hand
        missing = intake.stage_missing() if snapshot and not flaw else 0
        intake.report(delivery.signals)
        cursor = delivery.next_cursor() if not flaw or snapshot else None
        if cursor is not None:
            batches.update_batch(connection, batch.batch_id, next_cursor=cursor)
        journey._keep_signals(intake.signals)
        counts = {name: getattr(intake, name) for name in ("received", "unchanged", "repeated")}
        journey._advance(began, state="landed", flaw=flaw, missing=missing, **counts)
        return journey

    def translate(self, district: District) -> None:
        """Translate and judge the landed rows."""
        began, batch, connection = perf_counter(), self.batch, self._connection
        if batch.state != "landed":
            return
        dataset = dataset_of(batch.source, batch.dataset)
        seals = seals_of(connection)
        signals: list[Signal] = []
        turned = False
        for ordinals, row_keys, rows in self._staged_rows(seals, dataset.identity):
            translation = dataset.records(rows, district)
            signals += translation.signals
            for said in translation.records:
                judged = judge(said, ordinals, row_keys)
                self._stage(seals, said.model, judged)
                turned |= judged.turned
        types = types_of(batch.source, batch.dataset)
        if batch.received > records.MANY:
            staging.analyze_staged(connection, types)
        if turned:
            staging.settle_outcomes(connection, batch.batch_id, types)
        self._keep_signals(signals)
        self._advance(began, state="translated")

    def validate(self, reports: Sequence[Report] = ()) -> None:
        """Hold the batch if it is flawed, unlike what is expected, or would change too much."""
        began, batch = perf_counter(), self.batch
        if batch.state != "translated":
            return
        flaw = batch.flaw or _unexpected(reports)
        if batch.snapshot and not flaw:
            types = types_of(batch.source, batch.dataset)
            flaw = guard.mass_change(self._connection, batch, types)
        if flaw and batch.snapshot:
            self._take_cursor()
        elif flaw:
            # It is read again until it can be kept: the newest reading is the one to look at.
            batches.replace_held(self._connection, batch)
        if reports:
            quality = [report.document() for report in reports]
            batches.update_batch(self._connection, batch.batch_id, quality=quality)
        self._advance(began, state="held" if flaw else "validated", flaw=flaw)

    def keep(self, decided_by: str | None = None) -> list[int]:
        """Keep the batch; return which entries of the queue it has made, where these are few.

        A held one is kept only where ``decided_by`` names the steward who released it.
        """
        began, batch, connection = perf_counter(), self.batch, self._connection
        if batch.state != "validated" and not (decided_by and batch.held):
            return []
        overtaken = still_there = 0
        queued: list[int] = []
        types = types_of(batch.source, batch.dataset)
        if self._columns is None:
            # Nothing overtakes a batch that was opened in this transaction.
            overtaken, still_there = records.drop_overtaken(connection, batch, types)
        if batch.brings:
            queued = records.keep_records(connection, batch, types)
            superseding.settle(connection, batch, types)
            records.keep_rows(connection, batch, types)
        if not (batch.held and batch.snapshot):
            # A snapshot was read to its end when it was held; the next may have been read since.
            self._take_cursor()
        batches.replace_held(connection, batch)
        store.close_settled(connection, batch)
        counts = {"repeated": batch.repeated + overtaken, "missing": batch.missing - still_there}
        self._advance(began, state="kept", **counts)
        done = {"decided_by": decided_by, "finished_at": sa.func.now()}
        self.batch = batches.finish_batch(connection, batch.batch_id, **self._changes(), **done)
        self._written = self.batch
        return queued

    def write(self) -> None:
        """Write what the steps have made of the batch, if they have, into the ledger."""
        if changes := self._changes():
            batches.update_batch(self._connection, self.batch.batch_id, **changes)
        self._written = self.batch

    def _changes(self) -> dict[str, Any]:
        now, then = self.batch, self._written
        changed = (name for name in BatchRow.__slots__ if getattr(now, name) != getattr(then, name))
        return {name: getattr(now, name) for name in changed}

    def _advance(self, began: float, **changes: Any) -> None:
        seconds = self.batch.seconds + perf_counter() - began
        self.batch = replace(self.batch, seconds=seconds, **changes)

    def _staged_rows(
        self, seals: Seals, identity: Sequence[str]
    ) -> Iterator[tuple[Places, Texts, Rows]]:
        """Return the rows to translate as their source said them, with ordinals and keys."""
        if self._at_hand is not None:
            yield from self._at_hand
            self._at_hand = None
            return
        connection, batch = self._connection, self.batch
        columns = self._columns or batches.names_of(connection, batch.layout_id or 0)
        for ordinals, keys, sealed in staging.staged_rows(
            connection, batch.batch_id, columns, CHUNK
        ):
            yield ordinals, keys, with_opened(seals, sealed, identity)

    def _stage(self, seals: Seals, model: type[Section], judged: JudgedRecords) -> None:
        connection, batch_id = self._connection, self.batch.batch_id
        staging.stage_records(connection, model, batch_id, judged.records)
        staging.stage_faults(connection, batch_id, _sealed(seals, model, judged.faults))
        staging.stage_ties(connection, batch_id, judged.ties)

    def _take_cursor(self) -> None:
        batch, connection = self.batch, self._connection
        if not batch.delivered:
            # What is pushed is not read: there is no place to go on from.
            return
        state = batches.next_cursor(connection, batch.batch_id)
        if state is not None:
            batches.keep_cursor(connection, batch.source, batch.dataset, batch.batch_id, state)

    def _keep_signals(self, signals: Sequence[Signal]) -> None:
        if not signals:
            return
        told = pd.DataFrame(
            [(one.kind, one.name, one.word, one.count) for one in signals],
            columns=["kind", "column_name", "detail", "count"],
        )
        store.keep_signals(self._connection, self.batch, told)


@contextmanager
def _going_on(connection: Connection, batch_id: int) -> Iterator[Journey]:
    """Go on with a batch by its number, and write what has become of it."""
    journey = Journey(connection, taken(connection, batch_id))
    yield journey
    journey.write()


def _take_in(intake: Intake, delivery: Delivery) -> str | None:
    """Take in the pages of a delivery; say why it has to be held, if it has."""
    flaw = delivery.flaw
    try:
        for page in delivery.pages:
            intake.take(page)
    except Unreadable as error:
        flaw = str(error)
    if flaw:
        # What could be read of a broken file proves nothing about the rest of it.
        intake.forget()
        return flaw
    intake.finish()
    missing = ", ".join(sorted(intake.missing_columns))
    return f"agreed columns are missing: {missing}" if missing else None


def _sealed(seals: Seals, model: type[Section], faults: Rows) -> Rows:
    """Return faults with what they quote of identity numbers sealed.

    A number that is only warned of stands in its record, and needs no second copy.
    """
    fields = identity_fields(model.record_type)
    found = np.array([name in fields for name in cells(faults["field"])], dtype=np.bool_)
    if not found.any():
        return faults
    quoted = found & (cells(faults["fate"]) != "warn")
    said = faults["said"]
    return {**faults, "said": where(found, seals.seal(where(quoted, said)), said)}


def _unexpected(reports: Sequence[Report]) -> str | None:
    """Name the fields that critical expectations found wrong: kinds should have seen to them."""
    found = {
        f"{check.field or 'rows'} ({check.rule})"
        for report in reports
        for check in report.found
        if check.severity == "critical"
    }
    return f"not as expected: {', '.join(sorted(found))}" if found else None
