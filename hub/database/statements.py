"""Statements and locks: SQL sent and answered, the way there kept as short as it can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

import psycopg2
import psycopg2.extensions
from psycopg2.extensions import cursor
from sqlalchemy import Connection, CursorResult, Dialect, Engine, text
from sqlalchemy.exc import DBAPIError

from hub.database.plans import Keeping
from hub.errors import DatabaseUnavailable

BROKEN = "PostgreSQL broke off; the transaction was not committed"
SEPARATOR = "\x1f"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def execute(connection: Connection, statement: str, **values: object) -> CursorResult[Any]:
    """Execute SQL written with ``:name`` for each value."""
    return connection.execute(text(statement), values)


@dataclass(frozen=True, slots=True)
class Answered:
    """What PostgreSQL answered to the last of the statements that were sent together."""

    rows: Sequence[tuple[Any, ...]]
    rowcount: int

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def scalars(self) -> list[Any]:
        """Return the first column."""
        return [row[0] for row in self.rows]

    def scalar(self) -> Any:
        """Return the first value; None where there is no row."""
        return self.rows[0][0] if self.rows else None

    def one(self) -> tuple[Any, ...]:
        """Return the only row."""
        (row,) = self.rows
        return row

    def one_or_none(self) -> tuple[Any, ...] | None:
        """Return the only row; None where there is none."""
        return self.one() if self.rows else None


def run(connection: Connection, statement: str, values: Mapping[str, Any] = _NOTHING) -> Answered:
    """Execute SQL, as `execute` does, with nothing between us and the driver.

    Of a statement that reads one row SQLAlchemy makes as much work as PostgreSQL. Errors are
    SQLAlchemy's all the same.
    """
    dialect = connection.dialect
    try:
        with driver_cursor(connection) as opened:
            opened.execute(compiled(statement, dialect), values)
            rows = opened.fetchall() if opened.description else []
            return Answered(rows, opened.rowcount)
    except psycopg2.Error as error:
        failed = error
    raise DBAPIError.instance(
        None, None, failed, psycopg2.Error, hide_parameters=True, dialect=dialect
    )


def execute_plain(connection: Connection, statement: str, values: Sequence[object]) -> None:
    """Execute a statement in the driver's own words, as what is done with every request is.

    Nothing is read from it; errors are the driver's, unless the connection broke.
    """
    with driver_cursor(connection) as opened:
        opened.execute(statement, values)


@contextmanager
def driver_cursor(connection: Connection) -> Iterator[cursor]:
    """Open a cursor of the driver's own within SQLAlchemy's transaction, begun where it is not."""
    if not connection.in_transaction():
        connection.begin()
    driver = cast(psycopg2.extensions.connection, connection.connection.driver_connection)
    try:
        with driver.cursor() as opened:
            yield opened
    except psycopg2.Error:
        if not driver.closed:
            raise
    else:
        return
    connection.invalidate()
    raise DatabaseUnavailable(BROKEN)


@lru_cache(maxsize=1_000)
def compiled(statement: str, dialect: Dialect) -> str:
    """Write a statement in the driver's own spelling."""
    return str(text(statement).compile(dialect=dialect))


def advisory_lock(connection: Connection, *words: str) -> None:
    """Wait until nobody else holds the lock of these words; it ends with the transaction."""
    lock = "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"
    run(connection, lock, {"name": SEPARATOR.join(words)})


@contextmanager
def try_advisory_lock(engine: Engine, *words: str) -> Iterator[bool]:
    """Take the lock of these words for a block of code, across transactions, or yield False.

    It has a connection of its own: whichever way the process ends, PostgreSQL lets go of it.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = SEPARATOR.join(words)
        take = "SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"
        held = bool(run(connection, take, {"name": name}).scalar())
        try:
            yield held
        finally:
            if held:
                give = "SELECT pg_advisory_unlock(hashtextextended(:name, 0))"
                run(connection, give, {"name": name})


# How many rows a plan that is kept will meet its planner cannot know, and takes the usual number.
_OF_FEW = "; ".join(
    f"SET LOCAL {name} = off"
    for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit")
)


@contextmanager
def kept_plans(connection: Connection, *, wanted: bool = True) -> Iterator[None]:
    """Have PostgreSQL keep the plans of what is asked within a block, a transaction's or its part.

    What is asked has to be about a few rows of each table.
    """
    if wanted:
        run(connection, _OF_FEW)
    driver = cast(Keeping, connection.connection.driver_connection)
    driver.keeps_plans = wanted
    try:
        yield
    finally:
        driver.keeps_plans = False
