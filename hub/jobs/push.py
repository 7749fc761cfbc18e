"""Pushing: a source hands rows to the hub itself, and is told what became of each.

The same steps as a sync, in one transaction: what was answered is durable, what was not answered
never happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

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
from hub.jobs.resolve import resolve, resolve_queued
from hub.judging import judge
from hub.matching.features import read_features
from hub.matching.weights import shipped_weights
from hub.model import Ledger, Problem, PushedRow, PushResult, Title, text_series
from hub.parse import rows_frame
from hub.store import batches, feed, records
from hub.store.batches import BatchRow
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
            rows = dataset.admit(rows_frame(dataset.sample())).frame
            for said in dataset.records(rows, district).records:
                judged = judge(said, np.arange(len(rows)), dataset.key_of(rows))
                if said.model.record_type == "person":
                    named = {"record_id": "0", "source": source, "dataset": dataset.name}
                    read_features(judged.records.assign(**named))
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
    staged, faults = records.staged_outcomes(connection, journey.batch.batch_id)
    queued = journey.keep()
    journey.write()
    batch = journey.batch
    if batch.state == "kept":
        cause = {"kind": "batch", "batch_id": batch.batch_id}
        # What else waits was not pushed here: who syncs resolves it.
        resolve_queued(connection, only=queued, cause=cause, carrying=settings)
    outcomes = _outcomes(delivery.dataset, rows, staged, held=batch.held)
    keys = [key for key in outcomes["key"].unique() if isinstance(key, str)]
    ids = records.golden_ids(connection, source, dataset, steps.types_of(source, dataset), keys)
    columns = (outcomes[name].tolist() for name in ("index", "ordinal", "key", "outcome"))
    told = tuple(
        PushedRow(index, _said(key), outcome, ids.get(key), _problems(faults, ordinal))
        for index, ordinal, key, outcome in sorted(zip(*columns, strict=True))
    )
    return PushResult(batch.batch_id, batch.state, ledger_of(batch), told, batch.flaw)


def _said(key: object) -> str | None:
    return str(key) if isinstance(key, str) and not key.startswith("?") else None


def _outcomes(
    dataset: Dataset, rows: pd.DataFrame, staged: pd.DataFrame, *, held: bool
) -> pd.DataFrame:
    """Say what became of each row: ``index`` in the push, ``ordinal``, ``key``, ``outcome``.

    That is as staged; what is not staged was unchanged, or repeated by a newer row.
    """
    if len(staged) == len(rows) and UNREADABLE not in rows:
        names = ("ordinal", "key", "outcome")
        columns = {"index": staged["ordinal"], **{name: staged[name] for name in names}}
        return pd.DataFrame({**columns, "outcome": "held"} if held else columns)
    admitted = dataset.admit(rows)
    # Rows nobody could read were counted after those that somebody could.
    bad = rows[UNREADABLE].notna().to_numpy() if UNREADABLE in rows else np.zeros(len(rows), bool)
    index = np.concatenate([np.flatnonzero(~bad), np.flatnonzero(bad)])
    told = pd.DataFrame({"index": index, "ordinal": range(len(index))})
    told["key"] = pd.Series(dataset.key_of(admitted.frame)).reindex(told.index)
    at = pd.Series(dataset.recorded_at(admitted.frame)).reindex(told.index).fillna("")
    newest = told.assign(at=at).sort_values(["at", "ordinal"])
    last = ~newest["key"].duplicated(keep="last") | newest["key"].isna()
    outcome = text_series(["unchanged"] * len(told)).where(last.sort_index(), "repeated")
    here = staged.set_index("ordinal").reindex(told["ordinal"])
    told["key"] = here["key"].fillna(told["key"])
    told["outcome"] = "held" if held else here["outcome"].fillna(outcome)
    return told


def _problems(faults: dict[int, list[tuple[str | None, str]]], index: int) -> tuple[Problem, ...]:
    return tuple(
        Problem(field, rule, Title(RULES[rule].zh, RULES[rule].en))
        for field, rule in faults.get(index, ())
    )
