"""The steps of a batch's journey, each within a transaction that its caller owns.

land → translate → validate → keep. A batch's state says which step comes next, so that any step
may be tried again, by anyone, after any kind of death.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from hub.hashes import cells
from hub.jobs.intake import Intake
from hub.judging import judge
from hub.model import Signal
from hub.parse import Unreadable
from hub.quality import Report
from hub.sealing import Seals, identity_fields, seals_of, with_opened
from hub.store import batches, guard, records, superseding
from hub.store import signals as store
from hub.store.batches import BatchRow
from schemas import Section

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
    nothing = dataset.admit(pd.DataFrame(columns=list(dataset.agreement.columns))).frame
    parts = dataset.records(nothing, District()).records
    return tuple(dict.fromkeys(part.model.record_type for part in parts))


def taken(connection: Connection, batch_id: int) -> BatchRow:
    """Return a batch whose dataset nobody else is at work on until the transaction ends."""
    return batches.take_batch(connection, batch_id)


def land(connection: Connection, source: str, delivery: Delivery) -> int:
    """Land a delivery as a batch and return the batch's id."""
    began = perf_counter()
    dataset, snapshot = delivery.dataset, delivery.snapshot
    batch_id = batches.open_batch(
        connection, source, dataset.name, delivery.label, snapshot=snapshot
    )
    intake = Intake(connection, source, dataset, batch_id, snapshot, delivery.named)
    flaw = _take_in(intake, delivery)
    missing = intake.stage_missing() if snapshot and not flaw else 0
    intake.report(delivery.signals)
    batches.update_batch(
        connection,
        batch_id,
        state="landed",
        flaw=flaw,
        received=intake.received,
        unchanged=intake.unchanged,
        repeated=intake.repeated,
        missing=missing,
        next_cursor=delivery.next_cursor() if not flaw or snapshot else None,
        layout_id=batches.layout_of(connection, dataset.agreement.columns),
        seconds=perf_counter() - began,
    )
    _keep_signals(connection, batch_id, intake.signals)
    return batch_id


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


def translate(connection: Connection, batch_id: int, district: District) -> None:
    """Translate and judge the landed rows of a batch."""
    began = perf_counter()
    batch = taken(connection, batch_id)
    if batch.state != "landed":
        return
    dataset = dataset_of(batch.source, batch.dataset)
    columns = batches.names_of(connection, batch.layout_id or 0)
    seals = seals_of(connection)
    signals: list[Signal] = []
    for chunk, row_keys in batches.staged_rows(connection, batch_id, columns, CHUNK):
        ordinals = pd.Series(chunk.index)
        rows = with_opened(seals, chunk, dataset.identity)
        translation = dataset.records(rows, district)
        signals += translation.signals
        for said in translation.records:
            judged = judge(said, ordinals, row_keys)
            records.stage_records(connection, said.model, batch_id, judged.records)
            records.stage_faults(connection, batch_id, _sealed(seals, said.model, judged.faults))
            records.stage_ties(connection, batch_id, judged.ties)
    types = types_of(batch.source, batch.dataset)
    if batch.received > records.MANY:
        records.analyze_staged(connection, types)
    records.settle_outcomes(connection, batch_id, types)
    _keep_signals(connection, batch_id, signals)
    _advance(connection, batch, began, state="translated")


def _sealed(seals: Seals, model: type[Section], faults: pd.DataFrame) -> pd.DataFrame:
    """Return faults with what they quote of identity numbers sealed.

    A number that is only warned of stands in its record, and needs no second copy.
    """
    fields = identity_fields(model.record_type)
    found = np.array([name in fields for name in cells(faults["field"])], dtype=np.bool_)
    if not found.any():
        return faults
    quoted = found & (cells(faults["fate"]) != "warn")
    sealed = seals.seal(faults["said"].where(quoted)) if quoted.any() else None
    return faults.assign(said=faults["said"].mask(found, sealed))


def tables_of(connection: Connection, batch_id: int) -> list[str]:
    """Return the record types of which a translated batch holds enough to be judged as a table."""
    batch = batches.get_batch(connection, batch_id)
    if batch.state != "translated":
        return []
    types = types_of(batch.source, batch.dataset)
    return [name for name in types if records.count_staged(connection, name, batch_id) >= TABLE]


def validate(connection: Connection, batch_id: int, reports: Sequence[Report] = ()) -> None:
    """Hold a batch that is flawed, unlike what is expected, or would change too much.

    ``reports`` are what the expectations over the whole batch found, where they were asked.
    """
    began = perf_counter()
    batch = taken(connection, batch_id)
    if batch.state != "translated":
        return
    flaw = batch.flaw or _unexpected(reports)
    if batch.snapshot and not flaw:
        types = types_of(batch.source, batch.dataset)
        flaw = guard.mass_change(connection, batch, types)
    if flaw and batch.snapshot:
        _take_cursor(connection, batch)
    elif flaw:
        # It is read again until it can be kept: the newest reading is the one to look at.
        batches.replace_held(connection, batch)
    state = "held" if flaw else "validated"
    quality = [report.document() for report in reports]
    _advance(connection, batch, began, state=state, flaw=flaw, quality=quality or None)


def _unexpected(reports: Sequence[Report]) -> str | None:
    """Name the fields that critical expectations found wrong: kinds should have seen to them."""
    found = {
        f"{check.field or 'rows'} ({check.rule})"
        for report in reports
        for check in report.found
        if check.severity == "critical"
    }
    return f"not as expected: {', '.join(sorted(found))}" if found else None


def keep(connection: Connection, batch_id: int, decided_by: str | None = None) -> list[int]:
    """Keep a validated batch: its records, its cursor and its ledger, all at once.

    Returns which entries of the queue it has made, where these are few.
    A held batch is kept only where ``decided_by`` names the steward who released it.
    """
    began = perf_counter()
    batch = taken(connection, batch_id)
    if batch.state != "validated" and not (decided_by and batch.held):
        return []
    types = types_of(batch.source, batch.dataset)
    overtaken, still_there = records.drop_overtaken(connection, batch, types)
    queued = records.keep_records(connection, batch, types)
    superseding.settle(connection, batch, types)
    records.keep_landing(connection, batch)
    records.keep_faults(connection, batch)
    if not (batch.held and batch.snapshot):
        # A snapshot was read to its end when it was held; the next may have been read since.
        _take_cursor(connection, batch)
    batches.replace_held(connection, batch)
    staged = batches.discard_staged(connection, batch_id)
    counts = {name: staged.get(name, 0) for name in ("accepted", "quarantined", "withdrawn")}
    counts |= {"repeated": batch.repeated + overtaken, "missing": batch.missing - still_there}
    store.close_settled(connection, batch)
    done = {"state": "kept", "finished_at": sa.func.now(), "decided_by": decided_by}
    _advance(connection, batch, began, **counts, **done)
    return queued


def _advance(connection: Connection, batch: BatchRow, began: float, **changes: Any) -> None:
    seconds = batch.seconds + perf_counter() - began
    batches.update_batch(connection, batch.batch_id, seconds=seconds, **changes)


def _take_cursor(connection: Connection, batch: BatchRow) -> None:
    if not batch.delivered:
        # What is pushed is not read: there is no place to go on from.
        return
    state = batches.next_cursor(connection, batch.batch_id)
    if state is not None:
        batches.keep_cursor(connection, batch.source, batch.dataset, batch.batch_id, state)


def _keep_signals(connection: Connection, batch_id: int, signals: list[Signal]) -> None:
    if not signals:
        return
    told = pd.DataFrame(
        [(one.kind, one.name, one.word, one.count) for one in signals],
        columns=["kind", "column_name", "detail", "count"],
    )
    store.keep_signals(connection, batches.get_batch(connection, batch_id), told)
