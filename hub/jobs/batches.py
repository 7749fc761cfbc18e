"""What stewards decide about batches, and building everything again from what has landed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

import sqlalchemy as sa
from sqlalchemy import Connection

import connectors
from hub.config import Settings
from hub.database import engine
from hub.errors import Conflict
from hub.jobs import steps
from hub.jobs.resolve import Resolved, Watch, resolve
from hub.store import batches, landing, staging
from hub.store.batches import BatchRow

#: Called within the transaction of a decision, to write it into the audit.
Witness = Callable[[Connection], None]


def release(
    settings: Settings,
    batch_id: int,
    steward: str,
    reason: str | None = None,
    *,
    link: bool = True,
    witness: Witness = lambda _: None,
) -> BatchRow:
    """Keep a held batch after all, on a steward's word, and link what it brings.

    Without ``link`` what it brings waits for the next resolve, as after a sync.
    """
    with engine(settings).begin() as connection:
        batch = _held(connection, batch_id)
        if batch.received == 0:
            raise Conflict(f"batch {batch_id} holds no rows: {batch.flaw}; refuse it")
        for other in batches.held_beside(connection, batch):
            if batch.snapshot and other.batch_id > batch_id:
                # The newer one was compared with what is known now, without this one.
                raise Conflict(f"batch {other.batch_id} is newer: decide on that one first")
        steps.keep(connection, batch_id, decided_by=steward)
        batches.update_batch(connection, batch_id, reason=reason)
        witness(connection)
    if link:
        resolve(settings, cause={"kind": "batch", "batch_id": batch_id})
    return _read(settings, batch_id)


def refuse(
    settings: Settings,
    batch_id: int,
    steward: str,
    reason: str | None = None,
    *,
    witness: Witness = lambda _: None,
) -> BatchRow:
    """Put a held batch aside for good; the last good state stays."""
    with engine(settings).begin() as connection:
        _held(connection, batch_id)
        staging.discard_staged(connection, batch_id)
        batches.update_batch(
            connection,
            batch_id,
            state="refused",
            decided_by=steward,
            reason=reason,
            finished_at=sa.func.now(),
        )
        witness(connection)
    return _read(settings, batch_id)


def rebuild(settings: Settings, watch: Watch | None = None) -> Resolved:
    """Translate every landed row again by today's rules, and link and publish everything."""
    for source, connector in connectors.CONNECTORS.items():
        for dataset in connector.datasets:
            (watch or (lambda _: None))(f"{source} {dataset.name}")
            with engine(settings).begin() as connection:
                _translate_again(connection, settings, source, dataset.name)
    return resolve(settings, full=True, watch=watch, cause={"kind": "rebuild"})


def _translate_again(connection: Connection, settings: Settings, source: str, dataset: str) -> None:
    began = perf_counter()
    columns: Sequence[str] = steps.dataset_of(source, dataset).agreement.columns
    batch = batches.open_batch(
        connection, source, dataset, batches.REBUILD, columns, snapshot=False
    )
    batch_id = batch.batch_id
    received = landing.stage_all_landed(connection, batch_id, source, dataset, columns)
    batches.update_batch(
        connection,
        batch_id,
        state="landed",
        received=received,
        seconds=perf_counter() - began,
    )
    steps.translate(connection, batch_id, settings.district)
    steps.validate(connection, batch_id)
    steps.keep(connection, batch_id)


def _held(connection: Connection, batch_id: int) -> BatchRow:
    batch = steps.taken(connection, batch_id)
    if not batch.held:
        raise Conflict(f"batch {batch_id} is not held: it is {batch.state}")
    return batch


def _read(settings: Settings, batch_id: int) -> BatchRow:
    with engine(settings).connect() as connection:
        return batches.get_batch(connection, batch_id)
