"""Rows in bulk: frames of text by COPY in and out, and tables filled before they are indexed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
import psycopg2.extensions
import pyarrow as pa
import pyarrow.csv as arrow_csv
from psycopg2.extensions import cursor
from sqlalchemy import Connection, Table, text

from hub.database.plans import Keeping
from hub.database.statements import compiled, driver_cursor, execute
from schemas.distinct import TEXT, Columns, array_of, cells

# As many cells as give COPY a megabyte or more at a time: more gains no speed, only memory.
CELLS_AT_A_TIME = 300_000
# Up to so many rows are written sooner by hand than Arrow has looked at the columns.
FEW_ROWS = 50
# From so many rows on, an index made of rows that are there takes less than adding each.
INDEXED_AFTERWARDS = 50_000
# Up to so many bytes are read sooner by hand than Arrow's threads have been told of them.
FEW_BYTES = 20_000
READ = 2**20
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def copy_in(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: pd.DataFrame | Columns,
    *,
    same: Mapping[str, str] = _NOTHING,
    frozen: bool = False,
) -> int:
    """Append text to a table, column by column; return the number of rows.

    Missing is NULL, empty text is empty text. ``table`` may be qualified by a schema.
    ``same``: what further columns say in every row.
    ``frozen``: the table was made or emptied by this transaction, so that no one need ever ask
    whether its rows are to be seen, and its indexes can answer alone.
    """
    told = [array_of(rows[name]) for name in columns]
    size = len(told[0])
    if not size:
        return 0
    target = _target(table, (*columns, *same), frozen=frozen)
    pages = _written(told, size, same)
    with driver_cursor(connection) as open_cursor:
        for page in _ahead(pages, several=size * len(columns) > CELLS_AT_A_TIME):
            open_cursor.copy_expert(target, page, READ)
    return size


@lru_cache(maxsize=1_000)
def _target(table: str, columns: Sequence[str], *, frozen: bool) -> str:
    """Write the statement that takes in rows, whatever its names hold."""
    # PostgreSQL has names quoted as CSV has cells.
    place, names = ".".join(map(_quoted, table.split("."))), ", ".join(map(_quoted, columns))
    return f"COPY {place} ({names}) FROM STDIN (FORMAT csv{', FREEZE' if frozen else ''})"


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


def _written(columns: Sequence[Any], size: int, same: Mapping[str, str]) -> Iterator[io.BytesIO]:
    """Write columns as pages of CSV.

    Quotes around every value that is there, none around what is missing, tell the two apart.
    """
    if size <= FEW_ROWS:
        rows = zip(*map(cells, columns), strict=True)
        lines = (",".join(map(_quoted, (*row, *same.values()))) for row in rows)
        yield io.BytesIO("\n".join([*lines, ""]).encode())
        return
    told = [pa.array(column, from_pandas=True) for column in columns]
    told += [pa.repeat(word, size) for word in same.values()]
    whole = pa.table(told, names=[str(place) for place in range(len(told))])
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
    columns = read_columns(connection, statement, numbers, **values)
    size = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.RangeIndex(size), copy=False)


def read_columns(
    connection: Connection, statement: str, numbers: Numbers = _NO_NUMBERS, /, **values: object
) -> dict[str, Any]:
    """Read a query's rows as `copy_out` does, but as columns without a frame around them."""
    query = compiled(statement, connection.dialect)
    with driver_cursor(connection) as open_cursor:
        if cast(Keeping, open_cursor.connection).keeps_plans:
            return _read_planned(open_cursor, query, values, numbers)
        query = open_cursor.mogrify(query, values).decode()
        page = io.BytesIO()
        open_cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", page, READ)
    page.seek(0)
    names = next(csv.reader([page.readline().decode()]))
    if len(page.getbuffer()) <= FEW_BYTES:
        return _columns(names, _read_few(page.read().decode(), len(names)), numbers)
    return _columns(names, _read(page.getbuffer(), names, numbers), numbers)


def _read_planned(
    open_cursor: cursor, query: str, values: Mapping[str, object], numbers: Numbers
) -> dict[str, Any]:
    """Read a query's rows by a plan that is kept, which COPY has none of."""
    psycopg2.extensions.register_type(_AS_SENT, open_cursor)
    open_cursor.execute(query, values)
    names = [column.name for column in open_cursor.description or ()]
    rows = open_cursor.fetchall()
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return _columns(names, [pa.array(column, pa.large_string()) for column in columns], numbers)


_JSON_AND_UUID = (114, 199, 3802, 3807, 2950, 2951)

#: Has every value be read as PostgreSQL writes it, which is what COPY would write.
_AS_SENT = psycopg2.extensions.new_type(
    (*psycopg2.extensions.string_types, *_JSON_AND_UUID), "AS_SENT", lambda said, _: said
)


#: A cell of CSV as PostgreSQL writes it, and what ends it.
_CELL = re.compile(r'("(?:[^"]|"")*"|[^,\n]*)([,\n])')


def _read_few(page: str, width: int) -> list[pa.Array]:
    """Read a short page of CSV column by column, sooner than Arrow has called its threads."""
    said = [_unquoted(cell) for cell, _ in _CELL.findall(page)]
    return [pa.array(said[start::width], pa.large_string()) for start in range(width)]


def _unquoted(said: str) -> str | None:
    return said[1:-1].replace('""', '"') if said.startswith('"') else said or None


def _columns(
    names: list[str], columns: Sequence[pa.Array | pa.ChunkedArray], numbers: Numbers
) -> dict[str, Any]:
    return {
        name: np.asarray(column).astype(numbers[name])
        if name in numbers
        else pd.arrays.ArrowStringArray(column, dtype=TEXT)  # type: ignore[call-arg] # stubs lag
        for name, column in zip(names, columns, strict=True)
    }


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
