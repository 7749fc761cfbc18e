"""Pushing: a source hands rows to the hub itself, and is told what became of each.

The same steps as a sync, in one transaction: what was answered is durable, what was not answered
never happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from connectors import CONNECTORS
from hub.columns import UNREADABLE
from hub.config import District, Settings
from hub.connector import Dataset, Delivery
from hub.database import engine, kept_plans
from hub.jobs import steps, sync
from hub.jobs.authorities import authorities
from hub.jobs.intake import KEYLESS
from hub.jobs.resolve import resolve, resolve_queued
from hub.judging import judge
from hub.matching.features import read_features
from hub.matching.weights import shipped_weights
from hub.model import Ledger, Problem, PushedRow, PushResult, Title
from hub.parse import rows_frame
from hub.store import batches, feed, records, staging
from hub.store.batches import BatchRow
from hub.store.staging import Staged
from schemas.distinct import cells, is_said, size_of
from schemas.rules import RULES

#: Up to so many rows are taken in by plans that are kept.
FEW = 50

#: Up to so many rows are linked and published before the answer (design §8).
MOST_AT_ONCE = 1_000


@contextmanager
def pushed(
    settings: Settings, source: str, dataset: str, pages: Iterable[pd.DataFrame]
) -> Iterator[tuple[Connection, PushResult]]:
    """Take in rows and link them, within a transaction that ends with the ``with`` block.

    What the caller writes over the connection is committed with the rows (an idempotency key);
    leaving the block by an exception undoes both.
    """
    with engine(settings).connect() as connection, connection.begin():
        result = _push(connection, settings, source, dataset, pages)
        yield connection, result
        # Whatever the size: what is waiting is that of a push.
        with kept_plans(connection):
            feed.number_changes(connection)


def warm_up(district: District) -> None:
    """Read all tables of words and weights that the first pushes would otherwise wait for."""
    for source, connector in CONNECTORS.items():
        for dataset in connector.datasets:
            steps.types_of(source, dataset.name)
            rows = dataset.admit(rows_frame(dataset.sample())).rows
            for said in dataset.records(rows, district).records:
                judged = judge(said, np.arange(size_of(rows)), dataset.key_of(rows))
                if said.model.record_type == "person":
                    named = {"record_id": "0", "source": source, "dataset": dataset.name}
                    read_features(pd.DataFrame({**judged.records, **named}))
    shipped_weights()
    authorities()


def try_push(
    settings: Settings, source: str, dataset: str, pages: Iterable[pd.DataFrame]
) -> PushResult:
    """Say what would become of rows, and change nothing."""
    with engine(settings).connect() as connection, connection.begin() as transaction:
        result = _push(connection, settings, source, dataset, pages)
        transaction.rollback()
    return result


@contextmanager
def landed(
    settings: Settings, source: str, dataset: str, pages: Iterable[pd.DataFrame]
) -> Iterator[tuple[Connection, PushResult]]:
    """Only land rows, however many, page by page; `finish_landed` goes on with them."""
    with engine(settings).begin() as connection:
        journey = steps.Journey.land(connection, source, _delivery(source, dataset, pages))
        journey.write()
        batch = journey.batch
        yield (
            connection,
            PushResult(batch.batch_id, batch.state, ledger_of(batch), None, batch.flaw),
        )


def waiting(settings: Settings) -> list[int]:
    """Return the pushes that have landed and were never finished, oldest first."""
    with engine(settings).connect() as connection:
        found = batches.find_batches(
            connection, label=batches.PUSH, states=sync.UNFINISHED, newest_first=False
        )
    return [batch.batch_id for batch in found]


def finish_landed(settings: Settings, batch_id: int) -> None:
    """Take a landed push through its remaining steps and link what it brought."""
    sync.finish(settings, batch_id)
    resolve(settings, cause={"kind": "batch", "batch_id": batch_id})


def ledger_of(batch: BatchRow) -> Ledger:
    """Return the ledger of a batch; a held one counts when it is released."""
    if batch.state not in ("kept", "validated"):
        return Ledger()
    names = Ledger.__slots__
    return Ledger(**{name: getattr(batch, name) for name in names})


def _delivery(source: str, dataset: str, pages: Iterable[pd.DataFrame]) -> Delivery:
    return Delivery(
        dataset=steps.dataset_of(source, dataset),
        label=batches.PUSH,
        pages=pages,
        # What is pushed is not read: there is no place to go on from.
        next_cursor=lambda: None,
        named=True,
    )


def _push(
    connection: Connection,
    settings: Settings,
    source: str,
    dataset: str,
    pages: Iterable[pd.DataFrame],
) -> PushResult:
    delivery = _delivery(source, dataset, pages)
    first, *others = (*pages, pd.DataFrame())
    rows = pd.concat([first, *others], ignore_index=True) if len(others) > 1 else first
    # Nothing pushed is nothing missing.
    delivery.pages = [rows] if len(rows) else []
    with kept_plans(connection, wanted=len(rows) <= FEW):
        return _taken_in(connection, settings, source, delivery, rows)


def _taken_in(
    connection: Connection, settings: Settings, source: str, delivery: Delivery, rows: pd.DataFrame
) -> PushResult:
    dataset = delivery.dataset.name
    journey = steps.Journey.land(connection, source, delivery)
    journey.translate(settings.district)
    journey.validate()
    brings = journey.batch.brings
    staged = staging.staged_outcomes(connection, journey.batch.batch_id) if brings else []
    queued = journey.keep()
    journey.write()
    batch = journey.batch
    if batch.state == "kept" and brings:
        cause = {"kind": "batch", "batch_id": batch.batch_id}
        # What else waits was not pushed here: who syncs resolves it.
        resolve_queued(connection, only=queued, cause=cause, carrying=settings)
    outcomes = _outcomes(delivery.dataset, rows, staged)
    keys = [*dict.fromkeys(one.key for _, one in outcomes if one.key)]
    ids = records.golden_ids(connection, source, dataset, steps.types_of(source, dataset), keys)
    told = tuple(
        PushedRow(
            index,
            _said(one.key),
            "held" if batch.held else one.outcome,
            ids.get(one.key or ""),
            tuple(_problem(field, rule) for field, rule in one.faults),
        )
        for index, one in outcomes
    )
    return PushResult(batch.batch_id, batch.state, ledger_of(batch), told, batch.flaw)


def _said(key: str | None) -> str | None:
    return None if key is None or key.startswith(KEYLESS) else key


def _outcomes(
    dataset: Dataset, rows: pd.DataFrame, staged: Sequence[Staged]
) -> list[tuple[int, Staged]]:
    """Say what became of each row, by its place in the push.

    That is as staged; what is not staged was unchanged, or repeated by a newer row.
    """
    if len(staged) == len(rows) and UNREADABLE not in rows:
        return [(one.ordinal, one) for one in staged]
    admitted = dataset.admit(rows)
    keys = cells(dataset.key_of(admitted.rows)).tolist()
    times = cells(dataset.recorded_at(admitted.rows), "").tolist()
    newest: dict[str | None, tuple[str, int]] = {}
    for ordinal, (key, time) in enumerate(zip(keys, times, strict=True)):
        newest[key] = max(newest.get(key, (time, ordinal)), (time, ordinal))
    known = {one.ordinal: one for one in staged}
    # Rows nobody could read were counted after those that somebody could.
    bad = is_said(rows[UNREADABLE]) if UNREADABLE in rows else np.zeros(len(rows), np.bool_)
    places = np.concatenate([np.flatnonzero(~bad), np.flatnonzero(bad)]).tolist()
    keys += [None] * (len(places) - len(keys))
    told = [
        (place, known.get(n) or _unstaged(n, key, newest.get(key)))
        for n, (place, key) in enumerate(zip(places, keys, strict=True))
    ]
    return sorted(told, key=itemgetter(0))


def _unstaged(ordinal: int, key: str | None, newest: tuple[str, int] | None) -> Staged:
    last = key is None or newest is None or newest[1] == ordinal
    return Staged(ordinal, key, "unchanged" if last else "repeated", ())


def _problem(field: str | None, rule: str) -> Problem:
    return Problem(field, rule, Title(RULES[rule].zh, RULES[rule].en))
