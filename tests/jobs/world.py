"""A hub with two real sources: the street office's folder and the platform's REST interface."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import sqlalchemy as sa
from sqlalchemy import Connection

import connectors
from hub.config import Settings
from hub.database import engine
from hub.jobs import batches as decisions
from hub.jobs.push import ledger_of
from hub.jobs.resolve import Resolved, resolve
from hub.jobs.sync import Synced, sync
from hub.store import tables
from hub.store.batches import BatchRow, get_batch
from tests.connectors.rest_server import TOKEN, RestServer

Rows = Sequence[Mapping[str, str]]
STREET, CITY = "street_office", "urban_management"

#: Tables that tell of the work itself, not of what is known.
_WORK = {"batch", "source_run", "relation"}


class World:
    """Sources under the test's control, and the hub that reads them."""

    def __init__(self, settings: Settings, folder: Path, city: RestServer) -> None:
        self.settings = settings
        self.city = city
        self._inbox = folder / "inbox"
        self._now = datetime(2026, 9, 1, tzinfo=UTC)

    def deliver(self, **files: Rows | bytes) -> None:
        """Put a delivery into the street office's inbox: rows, or a file's bytes, by dataset."""
        self._now += timedelta(hours=1)
        folder = self._inbox / f"{self._now:%Y%m%dT%H%M%S}"
        folder.mkdir(parents=True)
        for name, said in files.items():
            dataset = connectors.CONNECTORS[STREET].dataset(name)
            assert dataset is not None
            file = folder / dataset.location
            if isinstance(said, bytes):
                file.write_bytes(said)
            elif file.suffix == ".csv":
                file.write_bytes(csv_bytes(said))
            else:
                file.write_bytes(workbook_bytes(北关社区=said))
        (folder / "_SUCCESS").touch()

    def sync(self, *sources: str) -> Synced:
        """Read the sources; every finished batch must account for each of its rows."""
        done = sync(self.settings, sources or None)
        for batch in done.batches:
            assert ledger_of(batch).balanced, batch
            assert batch.state in ("kept", "held"), batch
        return done

    def sync_one(self, *sources: str) -> BatchRow:
        """Read the sources, from which one batch must come."""
        done = self.sync(*sources)
        assert done.failures == {}
        (batch,) = done.batches
        return batch

    def resolve(self, *, full: bool = False) -> Resolved:
        return resolve(self.settings, full=full)

    def batch(self, batch_id: int) -> BatchRow:
        with self.connected() as connection:
            return get_batch(connection, batch_id)

    def release(self, batch: BatchRow) -> BatchRow:
        released = decisions.release(self.settings, batch.batch_id, "an inspector")
        assert ledger_of(released).balanced
        return released

    def refuse(self, batch: BatchRow) -> BatchRow:
        return decisions.refuse(self.settings, batch.batch_id, "an inspector")

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        with engine(self.settings).connect() as connection:
            yield connection

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.connected() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), values)]

    def one(self, query: str, **values: Any) -> Any:
        ((found,),) = self.ask(query, **values)
        return found

    def states(self, source: str, dataset: str) -> dict[str, str]:
        """Return the state in which each key has landed."""
        query = "SELECT key, state FROM landing WHERE source = :source AND dataset = :dataset"
        return dict(self.ask(query, source=source, dataset=dataset))  # type: ignore[arg-type]

    def live(self, record_type: str) -> set[str]:
        """Return the keys of live records."""
        query = f"SELECT key FROM record_{record_type} WHERE withdrawn_at IS NULL"
        return {key for (key,) in self.ask(query)}

    def golden(self, record_type: str, *names: str) -> set[tuple[Any, ...]]:
        """Return these fields of all golden records that are served."""
        query = f"SELECT {', '.join(names)} FROM golden_{record_type} WHERE retired_at IS NULL"
        return set(self.ask(query))

    def open_faults(self) -> set[tuple[str, str | None, str]]:
        """Return key, field and rule of the quarantine entries that are open."""
        query = "SELECT key, field, rule FROM quarantine WHERE released_at IS NULL"
        return set(self.ask(query))  # type: ignore[arg-type]

    def rows_written(self) -> dict[str, str]:
        """Fingerprint the versions of all rows: it changes with any row written, even the same."""
        versions = "md5(string_agg(ctid::text || xmin::text, ',' ORDER BY ctid))"
        names = tables.metadata.tables.keys() - _WORK
        return {name: self.one(f'SELECT {versions} FROM "{name}"') for name in sorted(names)}


def csv_bytes(rows: Rows, *, encoding: str = "gb18030") -> bytes:
    """Write rows as a delimited file with a header row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def workbook_bytes(**sheets: Rows) -> bytes:
    """Write a workbook with a title above each sheet's header."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(["信息登记表"])
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append([said or None for said in row.values()])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def city_settings(city: RestServer) -> dict[str, str]:
    return {"url": city.url, "token": TOKEN, "pause": "0", "page_size": "50"}
