"""Write golden records, or which records became which, to a file: CSV, NDJSON or Parquet.

Rows stream from the database to the file, so memory does not grow with the table. The file
appears under its name when it is complete, and what was read is in the audit.

CSV of golden records is for spreadsheets: a text that begins like a formula (``= + - @``, tab,
return) gets an apostrophe in front, as spreadsheets themselves mark text. ``links`` is for
programs and keeps every key as it is; so do NDJSON and Parquet.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal, Protocol, get_args

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.errors import WrongUse
from hub.store.audit import Entry, record
from hub.store.bulk_reads import GOLDEN_COLUMNS, LINK_COLUMNS, Page, read_golden, read_links
from hub.store.visible import Caller, View, visible
from schemas import COLLECTIONS, FieldSpec

Format = Literal["csv", "ndjson", "parquet"]
LINKS = "links"
WHAT = (LINKS, *COLLECTIONS)

#: Told how many rows have been written so far.
Watch = Callable[[int], None]

_FORMULA = "^[=+\\-@\t\r]"
_TYPES = {
    "date": pa.date32(),
    "integer": pa.int64(),
    "numeric": pa.float64(),
    "boolean": pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has written."""

    what: str
    format: str
    file: str
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Table:
    """What is to be written: its columns, the fields behind them, its pages."""

    columns: tuple[str, ...]
    specs: dict[str, FieldSpec]
    pages: Iterator[Page]
    #: What is entered in the audit, with the entities of each page.
    read: Entry

    def entities(self, page: Page) -> list[str]:
        """Return which entities a page tells of, each once."""
        place = self.columns.index("id" if "id" in self.columns else "golden_id")
        return list(dict.fromkeys(str(row[place]) for row in page))


class _Writer(Protocol):
    def write(self, page: Page) -> None: ...
    def close(self) -> None: ...


def export(
    settings: Settings,
    what: str,
    form: str,
    file: Path,
    *,
    purpose: str = "steward",
    watch: Watch | None = None,
) -> Exported:
    """Write ``links`` or a collection of golden records to a file; return what was written."""
    if what not in WHAT:
        raise WrongUse(f"there is nothing called {what} to export; there are {', '.join(WHAT)}")
    if form not in get_args(Format):
        raise WrongUse(f"{form} is no format; formats are {', '.join(get_args(Format))}")
    started, rows = time.monotonic(), 0
    with whole_file(file) as target, engine(settings).begin() as connection:
        table = _table(connection, what, purpose)
        writer = _WRITERS[form](target, table)
        for page in table.pages:
            writer.write(page)
            record(connection, replace(table.read, entity_ids=table.entities(page)))
            rows += len(page)
            if watch:
                watch(rows)
        writer.close()
        if not rows:
            record(connection, table.read)
    return Exported(what, form, str(file), rows, round(time.monotonic() - started, 3))


def _table(connection: Connection, what: str, purpose: str) -> _Table:
    """Choose what is read, as the administrator's eyes may see it."""
    if what == LINKS:
        read = Entry("hub export", "export", about=LINKS)
        return _Table(LINK_COLUMNS, {}, read_links(connection), read)
    view: View = visible(Caller("hub export", "admin"), COLLECTIONS[what], purpose=purpose)
    specs = {spec.name: spec for spec in view.specs}
    read = Entry(
        "hub export", "export", purpose, view.model.record_type, fields=view.names, about=what
    )
    return _Table((*GOLDEN_COLUMNS, *view.names), specs, read_golden(connection, view), read)


@contextmanager
def whole_file(file: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only once it has been written to its end."""
    try:
        number, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise WrongUse(f"{file} cannot be written: {error.strerror}") from None
    part = Path(name)
    try:
        with os.fdopen(number, "wb") as target:
            yield target
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _texts(table: _Table, page: Page) -> pa.Table:
    columns = zip(*page, strict=True)
    return pa.table([pa.array(column, pa.string()) for column in columns], list(table.columns))


class _Csv:
    """Comma-separated text: golden records for spreadsheets, links for programs."""

    def __init__(self, target: IO[bytes], table: _Table) -> None:
        self._table = table
        schema = pa.schema([(name, pa.string()) for name in table.columns])
        style = arrow_csv.WriteOptions(quoting_header="none")
        self._file = arrow_csv.CSVWriter(target, schema, write_options=style)
        self._words = [name for name, spec in table.specs.items() if spec.kind.sql == "text"]

    def write(self, page: Page) -> None:
        """Write a page of rows."""
        said = _texts(self._table, page)
        for name in self._words:
            said = said.set_column(said.schema.get_field_index(name), name, _harmless(said[name]))
        self._file.write_table(said)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def _harmless(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Keep spreadsheets from reading texts as formulas."""
    risky = pc.match_substring_regex(texts, _FORMULA)
    if not pc.any(risky).as_py():
        return texts
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


class _Ndjson:
    """One JSON object a line: golden records in the shape of the API's, links flat."""

    def __init__(self, target: IO[bytes], table: _Table) -> None:
        self._target, self._table = target, table
        envelope = len(GOLDEN_COLUMNS) if table.specs else len(table.columns)
        self._natives = [spec.kind.native for spec in table.specs.values()]
        self._envelope, self._names = envelope, table.columns[envelope:]

    def write(self, page: Page) -> None:
        """Write a page of rows."""
        lines = (json.dumps(self._object(row), ensure_ascii=False) for row in page)
        self._target.write("".join(f"{line}\n" for line in lines).encode())

    def close(self) -> None:
        """Finish the file."""

    def _object(self, row: Any) -> dict[str, object]:
        said = dict(zip(self._table.columns[: self._envelope], row, strict=False))
        if not self._table.specs:
            return said
        fields = zip(self._names, self._natives, row[self._envelope :], strict=True)
        return {
            "id": said["id"],
            "version": int(said["version"]),
            "updated_at": said["updated_at"],
            "fields": {name: native(text) for name, native, text in fields if text is not None},
            "marks": json.loads(said["marks"]),
        }


class _Parquet:
    """Parquet with each field in the type of its kind; lists as lists, shapes as GeoJSON text."""

    def __init__(self, target: IO[bytes], table: _Table) -> None:
        self._table = table
        self._schema = pa.schema([(name, self._type(name)) for name in table.columns])
        self._file = pq.ParquetWriter(target, self._schema, compression="zstd")

    def write(self, page: Page) -> None:
        """Write a page of rows."""
        texts = _texts(self._table, page)
        self._file.write_table(
            pa.table([_typed(texts[part.name], part.type) for part in self._schema], self._schema)
        )

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def _type(self, name: str) -> pa.DataType:
        spec = self._table.specs.get(name)
        if spec is None:
            return pa.int64() if name == "version" else pa.string()
        return pa.list_(pa.string()) if spec.kind.many else _TYPES.get(spec.kind.sql, pa.string())


def _typed(texts: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_list(wanted):
        lists = [None if text is None else json.loads(text) for text in texts.to_pylist()]
        return pa.chunked_array([pa.array(lists, wanted)])
    return texts.cast(wanted)


_WRITERS: dict[str, Callable[[IO[bytes], _Table], _Writer]] = {
    "csv": _Csv,
    "ndjson": _Ndjson,
    "parquet": _Parquet,
}
