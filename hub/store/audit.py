"""Who read or wrote what, for which purpose: told before anybody hears of it, never changed.

Entries make a chain: the hash of each covers its content and the hash before it. The database's
own functions write them (`audit_append`), one transaction after the other, so that no entry is
ever outside the chain; a transaction waits for the one before it only from its last statement to
its commit. Two ways lead there:

- `record` tells of what a transaction writes: kept with it, or not at all;
- a `Journal` tells of what was read: one commit for all who have read meanwhile.

What is read on the event loop is on disk before it is answered, and in the chain a moment later
(`hub.store.spooled`).

An entry names fields and entities, never a value.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from weakref import WeakKeyDictionary

import orjson
import psycopg2
from psycopg2.extensions import connection as DriverConnection
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from hub.database import execute_plain
from hub.errors import DatabaseUnavailable, HubError


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a caller read or wrote."""

    caller: str
    action: str
    purpose: str | None = None
    record_type: str | None = None
    entity_ids: Sequence[str] = ()
    fields: Sequence[str] = ()
    #: What it concerns besides entities: a batch, an export, the rows of a source.
    about: str | None = None
    #: The address the call came from.
    origin: str | None = None

    def document(self) -> Mapping[str, object]:
        """Return the entry as the database takes it."""
        return {name: getattr(self, name) for name in Entry.__slots__}


_APPEND = "SELECT audit_append(%s::jsonb)"


def record(connection: Connection, entry: Entry) -> None:
    """Write an entry with what else the connection's transaction writes.

    It is written right before the commit: whoever writes to the audit holds up all others, and
    the transaction may have much to do yet.
    """
    driver = cast(DriverConnection, connection.connection.driver_connection)
    if driver.autocommit:
        _append(connection, [entry])
        return
    if connection not in _told:
        _told[connection] = []
        event.listen(connection, "commit", _write_told)
        event.listen(connection, "rollback", _forget_told)
    _told[connection].append(entry)


#: What transactions under way will have told.
_told: WeakKeyDictionary[Connection, list[Entry]] = WeakKeyDictionary()


def _write_told(connection: Connection) -> None:
    entries, _told[connection] = _told[connection], []
    if entries:
        _append(connection, entries)


def _forget_told(connection: Connection) -> None:
    _told[connection] = []


def _append(connection: Connection, entries: Sequence[Entry]) -> None:
    connection.exec_driver_sql(_APPEND, (_documents(entries),))


def _documents(entries: Sequence[Entry]) -> str:
    return orjson.dumps([entry.document() for entry in entries]).decode()


@dataclass(eq=False)
class _Told:
    """What one reader tells, and what came of it."""

    entries: Sequence[Entry]
    kept: bool = False
    failure: Exception | None = None


@dataclass
class Journal:
    """Keeps what readers tell, all that have come meanwhile by one commit.

    It has no thread of its own: who comes first writes, for whoever has come by then.
    """

    engine: Engine
    _waiting: list[_Told] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _connection: Connection | None = None

    def keep(self, entries: Sequence[Entry]) -> None:
        """Return when the entries are durable; raise what kept them from that."""
        mine = _Told(entries)
        with self._guard:
            self._waiting.append(mine)
        with self._turn:
            if not mine.kept and mine.failure is None:
                self._keep_all()
        if mine.failure is not None:
            raise mine.failure

    def close(self) -> None:
        """Give the connection back."""
        with self._turn:
            self._let_go()

    def _keep_all(self) -> None:
        with self._guard:
            group, self._waiting = self._waiting, []
        failure: Exception | None = None
        try:
            self._write([entry for told in group for entry in told.entries])
        except (HubError, DBAPIError, psycopg2.Error) as error:
            self._let_go()
            failure = error
        for told in group:
            told.kept, told.failure = failure is None, failure

    def _write(self, entries: Sequence[Entry]) -> None:
        was_open, said = self._connection is not None, _documents(entries)
        try:
            execute_plain(self._opened(), _APPEND, (said,))
        except DatabaseUnavailable:
            if not was_open:
                raise
            # The server was started again since; what it may have kept twice does no harm.
            self._let_go()
            execute_plain(self._opened(), _APPEND, (said,))

    def _opened(self) -> Connection:
        if self._connection is None:
            opened = self.engine.connect()
            self._connection = opened.execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
