"""Makes the exports that were asked for: NDJSON files in ``$HUB_HOME/exports``, one at a time.

An export is read from one snapshot together with the feed's end, so that the feed goes on from
exactly what was written. What a process that ended left undone, the next one makes from the start.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain, count, islice
from pathlib import Path

import orjson
from sqlalchemy import Connection

from hub.database import try_advisory_lock
from hub.errors import NotFound
from hub.store import audit, feed
from hub.store.callers import find_caller
from hub.store.exports import (
    Export,
    File,
    done_exports,
    expire_exports,
    finish_export,
    get_export,
    give_up,
    note_export,
    unfinished,
)
from hub.store.feed_reads import last_position
from hub.store.golden_reads import Filter, GoldenRecord, list_golden
from hub.store.visible import Denied, View, visible
from hub.web.api.records import document
from hub.web.problems import log_failure
from hub.web.running import Hub
from schemas import MODELS

ROWS_A_FILE = 100_000
ROWS_AT_A_TIME = 2_000
# Somebody else's export, left undone, is looked for so often.
_LOOK_EVERY = 30.0
# So often a moment is looked for at which nothing waits to be numbered.
_TRIES = 1_000


class Exporter:
    """One thread that makes what is asked for, in the order it was asked."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._asked = threading.Event()
        self._thread = threading.Thread(target=self._work, name="hub exports", daemon=True)

    def start(self) -> None:
        """Begin, first with what was left undone."""
        self._asked.set()
        self._thread.start()

    def wake(self) -> None:
        """Say that something new was asked for."""
        self._asked.set()

    def stop(self) -> None:
        """End after the page that is being written."""
        self._hub.ending.set()
        self._asked.set()
        self._thread.join(timeout=10)

    def _work(self) -> None:
        while not self._hub.ending.is_set():
            self._asked.wait(_LOOK_EVERY)
            self._asked.clear()
            try:
                self._make_all()
            except Exception as error:
                # The database may be away for a while; the thread must outlive that.
                log_failure({"type": "export", "method": "export"}, error)

    def _make_all(self) -> None:
        with self._hub.transaction() as connection:
            for gone in expire_exports(connection):
                shutil.rmtree(folder(self._hub, gone), ignore_errors=True)
            waiting, done = unfinished(connection), done_exports(connection)
        for export_id in done:
            self._dispose(export_id)
        for export_id in waiting:
            with try_advisory_lock(self._hub.engine, "export", export_id) as mine:
                if mine and not self._hub.ending.is_set():
                    self._make(export_id)

    def _make(self, export_id: str) -> None:
        with self._hub.transaction() as connection:
            export = get_export(connection, export_id)
            if export.state not in ("queued", "running"):
                return
            note_export(connection, export_id, state="running")
        try:
            self._write(export)
        except Exception as error:
            log_failure({"type": "export", "method": "export"}, error)
            # A part of it may be what is no longer granted.
            shutil.rmtree(folder(self._hub, export_id), ignore_errors=True)
            with self._hub.transaction() as connection:
                note_export(connection, export_id, state="failed")

    def _dispose(self, export_id: str) -> None:
        """Remove files of what was granted once and is no more (Decree 809, Art 27)."""
        with self._hub.transaction() as connection:
            export = get_export(connection, export_id)
        if export.view is None or self._still_granted(export, export.view):
            return
        with self._hub.transaction() as connection:
            give_up(connection, export_id)
        shutil.rmtree(folder(self._hub, export_id), ignore_errors=True)

    def _still_granted(self, export: Export, signature: str) -> bool:
        try:
            return self._view(export).signature == signature
        except (Denied, NotFound):
            return False

    def _write(self, export: Export) -> None:
        into = folder(self._hub, export.export_id)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True, mode=0o700)
        with self._moment() as reading:
            view = self._view(export)
            position = last_position(reading)
            records = self._records(reading, view, export)
            files = list(_files(into, view.model.collection, records))
        if not self._hub.ending.is_set():
            with self._hub.transaction() as connection:
                finish_export(connection, export.export_id, files, position, view.signature)

    @contextmanager
    def _moment(self) -> Iterator[Connection]:
        """Read from a snapshot in which the feed tells of all there is: nothing is told twice."""
        for tries in count(1):
            with self._hub.transaction(snapshot=True) as reading:
                if feed.is_numbered(reading) or tries >= _TRIES:
                    yield reading
                    return
            with self._hub.transaction() as connection:
                feed.number_changes(connection)

    def _view(self, export: Export) -> View:
        """Return what the client may see now, whatever it was when the export was asked for."""
        with self._hub.transaction() as connection:
            client = find_caller(connection, export.client_id)
        if client is None:
            raise NotFound("the client was shut out")
        caller = self._hub.entitlements.read(client)
        model = MODELS[export.record_type]
        return visible(caller, model, names=export.fields, purpose=export.purpose)

    def _records(
        self, connection: Connection, view: View, export: Export
    ) -> Iterator[GoldenRecord]:
        """Yield the golden records, each page of them in the audit before it is written."""
        after = ""
        while not self._hub.ending.is_set():
            if not self._still_granted(export, view.signature):
                raise Denied("what was granted has changed while it was exported")
            found = list_golden(connection, view, Filter(), after=after, limit=ROWS_AT_A_TIME)
            if not found:
                return
            after = found[-1].id
            if view.personal:
                with self._hub.transaction() as writing:
                    audit.record(writing, _entry(export, view, [one.id for one in found]))
            yield from found


def _entry(export: Export, view: View, ids: list[str]) -> audit.Entry:
    return audit.Entry(
        caller=export.client_id,
        action="export",
        purpose=export.purpose,
        record_type=export.record_type,
        entity_ids=ids,
        fields=view.personal,
        about=f"export {export.export_id}",
    )


def folder(hub: Hub, export_id: str) -> Path:
    """Return the folder of an export's files."""
    return hub.settings.home / "exports" / export_id


def _files(into: Path, stem: str, records: Iterator[GoldenRecord]) -> Iterator[File]:
    """Write golden records to files of a bounded length."""
    number = 0
    while (first := next(records, None)) is not None:
        number += 1
        some = chain([first], islice(records, ROWS_A_FILE - 1))
        yield _written(into / f"{stem}-{number:04}.ndjson", some)


def _written(file: Path, records: Iterator[GoldenRecord]) -> File:
    digest, rows, size = sha256(), 0, 0
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        for record in records:
            line = orjson.dumps(document(record)) + b"\n"
            target.write(line)
            digest.update(line)
            rows, size = rows + 1, size + len(line)
        target.flush()
        os.fsync(target.fileno())
    return File(file.name, rows, size, digest.hexdigest())
