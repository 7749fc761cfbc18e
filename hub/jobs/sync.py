"""Syncing: reading sources to their end, batch by batch.

The steps are the functions that the DAGs call, each with ids only; `sync` calls them in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from time import perf_counter

import pandas as pd

import connectors
from hub.config import Settings
from hub.connector import Connector, Delivery, SourceSettings
from hub.database import engine, try_advisory_lock
from hub.errors import Conflict, DatabaseUnavailable, HubError, WrongUse
from hub.jobs import steps
from hub.jobs.finishing import Finishers, finished
from hub.processes import context
from hub.quality import validate_batch
from hub.store import batches, runs
from hub.store.batches import BatchRow

#: Called with what is being done now, for a progress bar.
Watch = Callable[[str], None]

#: Processes beside this one have this loaded when they start.
context().set_forkserver_preload([__name__])

UNFINISHED = ("landed", "translated", "validated")


@dataclass(slots=True)
class Synced:
    """What a sync did: every batch with its ledger, and the sources that could not be read."""

    batches: list[BatchRow] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def connected(settings: Settings) -> dict[str, tuple[Connector, SourceSettings]]:
    """Return the sources that have their settings, with these."""
    found = {}
    for name, connector in connectors.CONNECTORS.items():
        said = connector.settings_from(settings.sources.get(name, {}))
        if said is not None:
            found[name] = (connector, said)
    return found


def sync(
    settings: Settings, sources: Sequence[str] | None = None, watch: Watch | None = None
) -> Synced:
    """Read sources (all connected ones unless named) to their end; one's failure stops no other.

    Sources are read side by side, each dataset by dataset: while one is waited for, rows of
    another are taken in, and a large batch that has landed is finished on another core.
    """
    began = perf_counter()
    chosen = _chosen(settings, sources)
    # Where the run is broken off, the finishers' processes end first, and readers at their next
    # page: so none of them is waited for long.
    steps_left = (translate, validate, keep)
    with (
        ThreadPoolExecutor(max(len(chosen), 1)) as readers,
        Finishers(settings, *steps_left) as taking,
    ):
        stop = Event()
        read = partial(_read_to_end, settings, finishers=taking, stop=stop, watch=watch)
        try:
            readings = list(readers.map(read, chosen))
        except BaseException:
            stop.set()
            raise
    batch_ids = [batch_id for reading in readings for batch_id in reading.finished]
    failures = {reading.source: reading.failure for reading in readings if reading.failure}
    with engine(settings).connect() as connection:
        found = [batches.get_batch(connection, batch_id) for batch_id in batch_ids]
    return Synced(found, failures, perf_counter() - began)


@dataclass(slots=True)
class _Reading:
    """How far the reading of one source came."""

    source: str
    begun: list[int] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    failure: str | None = None


def _read_to_end(
    settings: Settings, source: str, finishers: Finishers, stop: Event, watch: Watch | None
) -> _Reading:
    """Read a source to its end and see its batches finished, as one run of it."""
    run_id = _begin_run(settings, source)
    reading, under_way = _Reading(source), []
    try:
        for batch_id, finishing in _read(settings, source, finishers, stop, watch):
            reading.begun.append(batch_id)
            under_way.append(finishing)
    except DatabaseUnavailable:
        # Nothing can be read into a hub that is not there: one failure, not one a source.
        raise
    except HubError as error:
        reading.failure = str(error)
    for batch_id, finishing in zip(reading.begun, under_way, strict=True):
        try:
            finished(finishing)
        except DatabaseUnavailable:
            raise
        except HubError as error:
            reading.failure = reading.failure or str(error)
        else:
            reading.finished.append(batch_id)
    _end_run(settings, run_id, reading.begun, reading.failure)
    return reading


def land(settings: Settings, source: str, airflow_run: str | None = None) -> list[int]:
    """Land the next delivery of each dataset of a source; return the batches to go on with.

    Among them are batches that were landed before and never finished.
    """
    run_id = _begin_run(settings, source, airflow_run)
    try:
        batch_ids = _landed(settings, source)
    except HubError as error:
        _end_run(settings, run_id, [], str(error))
        raise
    _end_run(settings, run_id, batch_ids)
    return batch_ids


def _landed(settings: Settings, source: str) -> list[int]:
    with try_advisory_lock(engine(settings), "source", source) as held:
        if not held:
            raise Conflict(f"source {source} is being read by someone else")
        found = unfinished(settings, source)
        waiting = {batch.dataset for batch in found}
        batch_ids = [batch.batch_id for batch in found]
        for delivery in _deliveries(settings, source):
            if delivery.dataset.name not in waiting:
                waiting.add(delivery.dataset.name)
                batch_ids.append(_land(settings, source, delivery).batch_id)
        return batch_ids


def translate(settings: Settings, batch_id: int) -> None:
    """Translate a landed batch; one that is further already is left alone."""
    with engine(settings).begin() as connection:
        steps.translate(connection, batch_id, settings.district)


def validate(settings: Settings, batch_id: int) -> None:
    """Let a translated batch pass, or hold it for a steward.

    A batch large enough to be called a table is looked at as one, by Great Expectations; a
    small one has been judged value by value, and there is nothing more to be said of it.
    """
    with engine(settings).connect() as connection:
        types = steps.tables_of(connection, batch_id)
    reports = [validate_batch(engine(settings), name, batch_id) for name in types]
    with engine(settings).begin() as connection:
        steps.validate(connection, batch_id, reports)


def keep(settings: Settings, batch_id: int) -> None:
    """Keep a batch that passed; one that is held or kept already is left alone."""
    with engine(settings).begin() as connection:
        steps.keep(connection, batch_id)


def finish(settings: Settings, batch_id: int) -> None:
    """Take a landed batch through its remaining steps."""
    for step in (translate, validate, keep):
        step(settings, batch_id)


def unfinished(settings: Settings, source: str) -> list[BatchRow]:
    """Return the batches of a source that landed and were never finished, oldest first."""
    with engine(settings).connect() as connection:
        return batches.find_batches(connection, source=source, states=UNFINISHED)[::-1]


def _begin_run(settings: Settings, source: str, airflow_run: str | None = None) -> int:
    with engine(settings).begin() as connection:
        return runs.begin_run(connection, source, airflow_run)


def _end_run(
    settings: Settings, run_id: int, batch_ids: Sequence[int], failure: str | None = None
) -> None:
    with engine(settings).begin() as connection:
        runs.end_run(connection, run_id, batch_ids, failure)


def _chosen(settings: Settings, sources: Sequence[str] | None) -> list[str]:
    known = connected(settings)
    for name in sources or ():
        if name not in connectors.CONNECTORS:
            raise WrongUse(
                f"there is no source {name}; there are {', '.join(connectors.CONNECTORS)}"
            )
        if name not in known:
            raise WrongUse(f"source {name} is not connected: it has no settings")
    return list(sources or known)


def _read(
    settings: Settings, source: str, finishers: Finishers, stop: Event, watch: Watch | None
) -> Iterator[tuple[int, Future[None]]]:
    """Land what a source has, and begin to finish it; of each dataset one batch at a time."""
    tell = watch or (lambda _: None)
    with try_advisory_lock(engine(settings), "source", source) as held:
        if not held:
            raise Conflict(f"source {source} is being read by someone else")
        under_way: dict[str, Future[None]] = {}
        for batch in unfinished(settings, source):
            yield batch.batch_id, finishers.begin(batch.batch_id, _to_translate(batch))
        for delivery in _deliveries(settings, source):
            name = delivery.dataset.name
            if name in under_way:
                # What is new in a delivery is told by the one before it.
                finished(under_way[name])
            tell(f"{source} {name} {delivery.label}")
            delivery.pages = _until(stop, delivery.pages)
            batch = _land(settings, source, delivery)
            under_way[name] = finishers.begin(batch.batch_id, _to_translate(batch))
            yield batch.batch_id, under_way[name]


def _until(stop: Event, pages: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for page in pages:
        if stop.is_set():
            raise HubError("the run was broken off; run again to go on")
        yield page


def _to_translate(batch: BatchRow) -> int:
    return batch.received - batch.unchanged - batch.repeated


def _deliveries(settings: Settings, source: str) -> Iterator[Delivery]:
    connector, said = connected(settings)[source]
    with engine(settings).connect() as connection:
        cursors = batches.cursors(connection, source)
    yield from connector.deliveries(said, cursors)


def _land(settings: Settings, source: str, delivery: Delivery) -> BatchRow:
    with engine(settings).begin() as connection:
        return batches.get_batch(connection, steps.land(connection, source, delivery))
