"""The way to PostgreSQL: engines, bulk COPY of text frames, advisory locks.

Nothing here knows a table. Errors that leave this module hold no value of a row: statements are
shown without their parameters, and PostgreSQL's own words without what it quotes.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from select import POLLIN, poll
from types import MappingProxyType
from typing import Any, Literal, cast

import asyncpg
import pandas as pd
import psycopg2
import psycopg2.extensions
import pyarrow as pa
import pyarrow.csv as arrow_csv
from psycopg2.extensions import cursor
from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Dialect,
    Engine,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError

from hub.config import Settings
from hub.errors import ConfigError, DatabaseUnavailable
from hub.plans import Keeping
from hub.postgres import embedded_url

Level = Literal["READ COMMITTED", "AUTOCOMMIT"]

OLDEST = 15
# As many cells as give COPY a megabyte or more at a time: more gains no speed, only memory.
CELLS_AT_A_TIME = 300_000
# Up to so many rows are written sooner by hand than Arrow has looked at the columns.
FEW_ROWS = 50
# From so many rows on, an index made of rows that are there takes less than adding each.
INDEXED_AFTERWARDS = 50_000
# Up to so many bytes are read sooner by hand than Arrow's threads have been told of them.
FEW_BYTES = 20_000
READ = 2**20
BROKEN = "PostgreSQL broke off; the transaction was not committed"
SEPARATOR = "\x1f"
# Only statements whose plans are kept are prepared.
_OPTIONS = "-c timezone=Asia/Shanghai -c plan_cache_mode=force_generic_plan"
_NOTHING: Mapping[str, Any] = MappingProxyType({})
TEXT = pd.StringDtype(na_value=float("nan"))


def engine(
    settings: Settings, *, name: str = "hub", pool: int = 5, level: Level = "READ COMMITTED"
) -> Engine:
    """Return this process's connections to the hub's database; see to the embedded server.

    ``name`` is what PostgreSQL's own lists of connections show, ``pool`` how many stay open.
    On connections of the level AUTOCOMMIT each statement is a transaction of its own.
    """
    # A forked child must not speak on the connections of its parent.
    door = _Door(_embedded_home(settings), settings.database_role)
    return _engine(database_url(settings), door, settings.key_file, name, pool, level, os.getpid())


@cache
def _engine(
    url: URL, door: _Door, keys: Path, name: str, pool: int, level: Level, _process: int
) -> Engine:
    # What the address itself says goes before.
    usual: dict[str, Any] = {"application_name": name, "connect_timeout": 10}
    leveled: dict[str, Any] = {} if level == "READ COMMITTED" else {"isolation_level": level}
    options = f"{_OPTIONS} {url.query.get('options', '')}".rstrip()
    made = create_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        # What was used last has its plans and tables at hand.
        pool_use_lifo=True,
        **leveled,
        hide_parameters=True,
        # Whoever is on a connection can read what lies sealed behind it (`hub.sealing`).
        execution_options={"keys": keys},
        connect_args={key: usual[key] for key in usual if key not in url.query}
        | {
            "client_encoding": "utf8",
            "connection_factory": Keeping,
            "cursor_factory": _Discreet,
            "options": options,
        },
    )
    event.listen(made, "do_connect", door)
    event.listen(made, "handle_error", _told)
    event.listen(made, "checkout", _check)
    return made


def _embedded_home(settings: Settings) -> Path | None:
    return settings.home if settings.database_url is None else None


def database_url(settings: Settings) -> URL:
    """Return the address of the hub's database, by setting or of the embedded server."""
    if settings.database_url is None:
        return make_url(embedded_url(settings.home))
    return checked_url(settings.database_url.get_secret_value(), "HUB_DATABASE_URL")


def checked_url(said: str, setting: str) -> URL:
    """Read the address of a PostgreSQL database, whichever way its scheme is written."""
    try:
        url = make_url(said)
    except (ArgumentError, ValueError):
        raise ConfigError(f"setting {setting} is not a database URL") from None
    if url.drivername not in {"postgresql", "postgres", "postgresql+psycopg2"}:
        raise ConfigError(f"setting {setting} has to begin with postgresql://")
    return url.set(drivername="postgresql+psycopg2")


def check_server(connection: Connection) -> None:
    """Raise DatabaseUnavailable where a server or database cannot hold the hub."""
    version = int(execute(connection, "SHOW server_version_num").scalar_one()) // 10_000
    if version < OLDEST:
        raise DatabaseUnavailable(f"PostgreSQL {version} is too old: {OLDEST} or newer is needed")
    encoding, letters = connection.execute(
        text("SELECT current_setting('server_encoding'), '西宁' ~ '^[[:alpha:]]+$'")
    ).one()
    if encoding != "UTF8":
        raise DatabaseUnavailable(f"the database's encoding is {encoding}: it has to be UTF8")
    if not letters:
        message = "the database's LC_CTYPE knows no Chinese letters: create it with C.UTF-8"
        raise DatabaseUnavailable(message)


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
        with _cursor(connection) as opened:
            opened.execute(_compiled(statement, dialect), values)
            rows = opened.fetchall() if opened.description else []
            return Answered(rows, opened.rowcount)
    except psycopg2.Error as error:
        failed = error
    raise DBAPIError.instance(
        None, None, failed, psycopg2.Error, hide_parameters=True, dialect=dialect
    )


def copy_in(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    frame: pd.DataFrame,
    *,
    same: Mapping[str, str] = _NOTHING,
    frozen: bool = False,
) -> int:
    """Append a frame of text to a table, column by column; return the number of rows.

    Missing is NULL, empty text is empty text. ``table`` may be qualified by a schema.
    ``same``: what further columns say in every row.
    ``frozen``: the table was made or emptied by this transaction, so that no one need ever ask
    whether its rows are to be seen, and its indexes can answer alone.
    """
    if frame.empty:
        return 0
    target = _target(table, (*columns, *same), frozen=frozen)
    pages = _written(frame, columns, same)
    with _cursor(connection) as open_cursor:
        for page in _ahead(pages, several=frame.size > CELLS_AT_A_TIME):
            open_cursor.copy_expert(target, page, READ)
    return len(frame)


@lru_cache(maxsize=1_000)
def _target(table: str, columns: Sequence[str], *, frozen: bool) -> str:
    """Write the statement that takes in rows, whatever its names hold."""
    # PostgreSQL has names quoted as CSV has cells.
    place, names = ".".join(map(_quoted, table.split("."))), ", ".join(map(_quoted, columns))
    return f"COPY {place} ({names}) FROM STDIN (FORMAT csv{', FREEZE' if frozen else ''})"


@contextmanager
def filled_from_nothing(connection: Connection, table: Table) -> Iterator[None]:
    """Take the indexes off a table that is to be filled anew, and make them when it is.

    It is emptied first. An index made of rows that are there takes a third of the time, and what
    goes into a table emptied by the same transaction needs no log where wal_level is minimal.
    Whoever reads the table waits for the end of the transaction.
    """
    connection.execute(text(f"TRUNCATE {table.name}"))
    for index in table.indexes:
        index.drop(connection)
    yield
    for index in table.indexes:
        index.create(connection)


@contextmanager
def indexed_afterwards(connection: Connection, table: Table, rows: int) -> Iterator[None]:
    """Take the indexes off a table while so many rows come, if they are more than are there.

    What is unique stays so. Whoever reads the table waits for the end of the transaction.
    """
    there = "SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)"
    if rows < INDEXED_AFTERWARDS or rows < execute(connection, there, name=table.name).scalar_one():
        yield
        return
    for index in table.indexes:
        index.drop(connection)
    yield
    for index in table.indexes:
        index.create(connection)


def _ahead(pages: Iterator[io.BytesIO], *, several: bool) -> Iterator[io.BytesIO]:
    """Have each page written while PostgreSQL takes in the one before."""
    if not several:
        yield from pages
        return
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = beside.submit(next, pages, None)
            yield page


def _written(
    frame: pd.DataFrame, columns: Sequence[str], same: Mapping[str, str]
) -> Iterator[io.BytesIO]:
    """Write a frame as pages of CSV.

    Quotes around every value that is there, none around what is missing, tell the two apart.
    """
    if len(frame) <= FEW_ROWS:
        said = frame if list(frame.columns) == list(columns) else frame[list(columns)]
        rows = said.to_numpy(dtype="object", na_value=cast(Any, None)).tolist()
        lines = (",".join(map(_quoted, (*row, *same.values()))) for row in rows)
        yield io.BytesIO("\n".join([*lines, ""]).encode())
        return
    whole = pa.Table.from_pandas(frame[list(columns)], preserve_index=False)
    for name, word in same.items():
        whole = whole.append_column(name, pa.repeat(word, len(whole)))
    style = arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid")
    at_once = max(CELLS_AT_A_TIME // whole.num_columns, 1)
    for start in range(0, whole.num_rows, at_once):
        page = io.BytesIO()
        arrow_csv.write_csv(whole.slice(start, at_once), page, style)
        page.seek(0)
        yield page


def _quoted(cell: object) -> str:
    if cell is None:
        return ""
    doubled = str(cell).replace('"', '""')
    return f'"{doubled}"'


#: What columns of numbers, in which nothing may be missing, are called in a frame and by Arrow.
Numbers = Mapping[str, Literal["int64", "float64"]]
_ARROW = {"int64": pa.int64(), "float64": pa.float64()}
_NO_NUMBERS: Numbers = MappingProxyType({})


def copy_out(
    connection: Connection, statement: str, numbers: Numbers = _NO_NUMBERS, /, **values: object
) -> pd.DataFrame:
    """Read a query's rows as a frame of text; NULL is missing, empty text is empty text.

    ``numbers`` says which columns are read as numbers instead.
    """
    query = _compiled(statement, connection.dialect)
    with _cursor(connection) as open_cursor:
        if cast(Keeping, open_cursor.connection).keeps_plans:
            return _read_planned(open_cursor, query, values, numbers)
        query = open_cursor.mogrify(query, values).decode()
        page = io.BytesIO()
        open_cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", page, READ)
    page.seek(0)
    names = next(csv.reader([page.readline().decode()]))
    if len(page.getbuffer()) <= FEW_BYTES:
        return _frame(names, _read_few(page.read().decode(), len(names)), numbers)
    return _frame(names, _read(page.getbuffer(), names, numbers), numbers)


def _read_planned(
    open_cursor: cursor, query: str, values: Mapping[str, object], numbers: Numbers
) -> pd.DataFrame:
    """Read a query's rows by a plan that is kept, which COPY has none of."""
    psycopg2.extensions.register_type(_AS_SENT, open_cursor)
    open_cursor.execute(query, values)
    names = [column.name for column in open_cursor.description or ()]
    rows = open_cursor.fetchall()
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return _frame(
        names, [pa.chunked_array([column], pa.large_string()) for column in columns], numbers
    )


_JSON_AND_UUID = (114, 199, 3802, 3807, 2950, 2951)

#: Has every value be read as PostgreSQL writes it, which is what COPY would write.
_AS_SENT = psycopg2.extensions.new_type(
    (*psycopg2.extensions.string_types, *_JSON_AND_UUID), "AS_SENT", lambda said, _: said
)


@lru_cache(maxsize=1_000)
def _compiled(statement: str, dialect: Dialect) -> str:
    """Write a statement in the driver's own spelling."""
    return str(text(statement).compile(dialect=dialect))


#: A cell of CSV as PostgreSQL writes it, and what ends it.
_CELL = re.compile(r'("(?:[^"]|"")*"|[^,\n]*)([,\n])')


def _read_few(page: str, width: int) -> list[pa.ChunkedArray]:
    """Read a short page of CSV column by column, sooner than Arrow has called its threads."""
    cells = [_unquoted(said) for said, _ in _CELL.findall(page)]
    return [pa.chunked_array([cells[start::width]], pa.large_string()) for start in range(width)]


def _unquoted(said: str) -> str | None:
    return said[1:-1].replace('""', '"') if said.startswith('"') else said or None


def _frame(names: list[str], columns: list[pa.ChunkedArray], numbers: Numbers) -> pd.DataFrame:
    arrays = {
        name: column.to_numpy().astype(numbers[name])
        if name in numbers
        else pd.arrays.ArrowStringArray(column, dtype=TEXT)  # type: ignore[call-arg] # stubs lag
        for name, column in zip(names, columns, strict=True)
    }
    return pd.DataFrame(arrays, index=pd.RangeIndex(len(columns[0])), copy=False)


def _read(page: memoryview, names: list[str], numbers: Numbers) -> list[pa.ChunkedArray]:
    types = dict.fromkeys(names, pa.large_string())
    types |= {name: _ARROW[number] for name, number in numbers.items()}
    read = arrow_csv.read_csv(
        pa.py_buffer(page),
        # Waking threads takes longer than reading a few rows.
        read_options=arrow_csv.ReadOptions(
            column_names=names, skip_rows=1, use_threads=len(page) > READ
        ),
        # A row of a single NULL is an empty line.
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return list(read.columns)


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


def execute_plain(connection: Connection, statement: str, values: Sequence[object]) -> None:
    """Execute a statement in the driver's own words, as what is done with every request is.

    Nothing is read from it; errors are the driver's, unless the connection broke.
    """
    with _cursor(connection) as opened:
        opened.execute(statement, values)


@contextmanager
def _cursor(connection: Connection) -> Iterator[cursor]:
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


_TAKE_ON = """
SELECT set_config('role', rolname, false) FROM pg_roles
WHERE rolname = %s AND pg_has_role(session_user, oid, 'MEMBER')
"""

#: What only the other driver understands of an address.
_OF_DRIVER = ("connect_timeout", "client_encoding", "keepalives")


#: What is raised where a connection for an event loop fails. The driver takes what a server says
#: that ends for something of its own that went wrong.
FAILURES = (
    *(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError),
    *(OSError, TimeoutError),
)


async def connect(settings: Settings, name: str) -> asyncpg.Connection:
    """Open a connection for an event loop, of which every statement counts at once.

    It is as those of an engine are, but for its driver; an address that this one does not
    understand is an error of its own.
    """
    url = database_url(settings).set(drivername="postgresql").difference_update_query(_OF_DRIVER)
    said = {"application_name": name, "plan_cache_mode": "force_generic_plan"}
    opened = await asyncpg.connect(
        url.render_as_string(hide_password=False), timeout=10, server_settings=said
    )
    if settings.database_role is not None:
        await opened.execute(_TAKE_ON.replace("%s", "$1"), settings.database_role)
    return opened


@dataclass(frozen=True)
class _Door:
    """Opens connections: sees to the embedded server, and says in one line what is wrong."""

    home: Path | None
    role: str | None

    def __call__(self, _dialect: Any, _record: Any, words: list[Any], named: dict[str, Any]) -> Any:
        opened = self._opened(words, named)
        if self.role is not None:
            with opened, opened.cursor() as asking:
                asking.execute(_TAKE_ON, [self.role])
        return opened

    def _opened(self, words: list[Any], named: dict[str, Any]) -> Any:
        try:
            return psycopg2.connect(*words, **named)
        except psycopg2.OperationalError as error:
            failed = error
        try:
            if self.home is not None:
                # Somebody killed the server, perhaps with its keeper: bring it back.
                embedded_url(self.home, anew=True)
                return psycopg2.connect(*words, **named)
        except psycopg2.OperationalError as error:
            failed = error
        raise DatabaseUnavailable(f"PostgreSQL cannot be reached: {failed}") from None


def _told(context: ExceptionContext) -> DatabaseUnavailable | None:
    """Turn a broken connection into our own error."""
    if context.is_disconnect:
        return DatabaseUnavailable(BROKEN)
    return None


def _check(driver: Any, _record: Any, _proxy: Any) -> None:
    """Have a connection that broke while it was idle replaced, before anything is asked on it.

    A server that ends says so: there is something to read where nothing was asked. To look for
    that costs nothing, and to ask the server would cost each read a round trip.
    """
    looking = poll()
    looking.register(driver.fileno(), POLLIN)
    if looking.poll(0):
        raise DisconnectionError


class _Discreet(cursor):
    """A cursor whose errors hold no value of a row, however far up they are printed."""

    def mogrify(self, statement: Any, values: Any = None) -> bytes:
        return super().mogrify(statement, _with_long_lists(values))

    def execute(self, statement: Any, values: Any = None) -> None:
        driver = cast(Keeping, self.connection)
        with _silenced():
            if not (driver.keeps_plans and isinstance(values, Mapping)):
                super().execute(statement, _with_long_lists(values))
                return
            planned, new = driver.planned(self, statement, values)
            # All of it may have been done before.
            super().execute(planned or "SELECT")
            driver.keep(new)

    def executemany(self, *statement: Any, **named: Any) -> None:
        with _silenced():
            super().executemany(*statement, **named)

    def copy_expert(self, *statement: Any, **named: Any) -> None:
        with _silenced():
            super().copy_expert(*statement, **named)


#: From so many items on a list is written as one constant.
LONG = 100


def _with_long_lists(values: Any) -> Any:
    """Write long lists as array text, which is a constant to PostgreSQL.

    The driver writes an array of constants, each of which PostgreSQL reads and looks at by
    itself: of a hundred thousand numbers that takes it as long as all that is done with them.
    """
    if not isinstance(values, Mapping):
        return values
    return {
        name: (_array_text(value) or value) if isinstance(value, list) else value
        for name, value in values.items()
    }


def _array_text(items: list[Any]) -> str | None:
    if len(items) < LONG:
        return None
    kinds = {*map(type, items)}
    if kinds == {int}:
        return "{" + ",".join(map(str, items)) + "}"
    if kinds != {str}:
        return None
    if any(map(_ARRAY_MARKS.search, items)):
        items = [_ARRAY_MARKS.sub(r"\\\g<0>", item) for item in items]
    return '{"' + '","'.join(items) + '"}'


_ARRAY_MARKS = re.compile(r'["\\]')


@contextmanager
def _silenced() -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as error:
        spoken = error
    else:
        return
    # Details and context quote rows, and so does class 22 behind its colon.
    said = spoken.diag.message_primary or str(spoken).split("\n")[0]
    said = said.split(":")[0] if (spoken.pgcode or "").startswith("22") else said
    place = ".".join(filter(None, (spoken.diag.table_name, spoken.diag.column_name)))
    said = f"{said} ({place})" if place else said
    silent = type(spoken)(said)
    silent.__setstate__({"pgcode": spoken.pgcode, "pgerror": said})  # type: ignore[no-untyped-call]
    # Raised outside the handler: the error that quotes is not even its context.
    raise silent
