"""Real sources to read from, one for each transport, filled with whatever rows a test has.

A stage lets a connector of its transport be read without knowing the connector: the conformance
suite runs on any connector by the transport it has taken.
"""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
import sqlalchemy as sa

from hub.connector import Connector, Cursor, Dataset, SourceSettings
from hub.fetch import CsvFolder, FolderOfDeliveries, RestPages, SqlTables
from hub.model import Signal
from hub.parse import Unreadable
from tests.connectors.rest_server import TOKEN, RestServer

Row = dict[str, str]
TITLE = "信息登记表"


@dataclass
class Reading:
    """What one reading of a dataset gave."""

    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    signals: list[Signal] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    flaw: str | None = None
    cursor: Cursor | None = None

    @property
    def held(self) -> bool:
        return self.flaw is not None or bool(self.missing)


class Stage(ABC):
    """A source that one connector reads."""

    #: Whether the source can be asked for what came after a time.
    has_times = True

    def __init__(self, connector: Connector) -> None:
        self.connector = connector

    @property
    @abstractmethod
    def settings(self) -> SourceSettings:
        """Return the settings by which the source is reached."""

    @abstractmethod
    def put(self, dataset: Dataset, rows: list[Row], columns: list[str] | None = None) -> None:
        """Let these be the rows that the source holds from now on."""

    @abstractmethod
    def garble(self, dataset: Dataset) -> bool:
        """Let the source speak in another encoding; False where it has none of its own."""

    def future(self, dataset: Dataset) -> Cursor:
        """Return the cursor of somebody who has read further than the source goes."""
        return {"changed_at": "2999-01-01 00:00:00"}

    def deliver(self) -> None:  # noqa: B027  most sources have no such moment
        """Hand over what has been put, where the source has such a moment."""

    def read(self, cursors: Mapping[str, Cursor] | None = None) -> dict[str, Reading]:
        """Read all there is since the cursors."""
        read: dict[str, Reading] = {}
        for delivery in self.connector.deliveries(self.settings, cursors or {}):
            reading = read.setdefault(delivery.dataset.name, Reading())
            reading.flaw = delivery.flaw
            try:
                for page in delivery.pages:
                    _take(reading, delivery.dataset, page)
            except Unreadable as error:
                reading.flaw = str(error)
            reading.signals += delivery.signals
            reading.cursor = delivery.next_cursor()
        return read


def _take(reading: Reading, dataset: Dataset, page: pd.DataFrame) -> None:
    admitted = dataset.admit(page)
    reading.frame = pd.concat([reading.frame, pd.DataFrame(admitted.rows)], ignore_index=True)
    reading.signals += admitted.signals
    reading.missing += admitted.missing
    reading.unreadable += list(admitted.unreadable)


def _columns(rows: list[Row], columns: list[str] | None) -> list[str]:
    return columns or list(dict.fromkeys(name for row in rows for name in row))


class FolderStage(Stage):
    """Deliveries in an inbox: workbooks with one sheet a community, and text files."""

    def __init__(self, connector: Connector, folder: Path) -> None:
        super().__init__(connector)
        self.folder, self.number = folder, 1
        self._delivery.mkdir(parents=True)

    @property
    def settings(self) -> SourceSettings:
        return self.connector.settings(folder=self.folder)

    @property
    def _delivery(self) -> Path:
        return self.folder / "inbox" / f"20260901T{self.number:06d}"

    def file(self, dataset: Dataset) -> Path:
        return self._delivery / dataset.location

    def put(self, dataset: Dataset, rows: list[Row], columns: list[str] | None = None) -> None:
        if dataset.location.endswith(".xlsx"):
            write_workbook(self.file(dataset), rows, _columns(rows, columns))
        else:
            write_csv(self.file(dataset), rows, _columns(rows, columns), dataset.encoding)

    def garble(self, dataset: Dataset) -> bool:
        return _garbled(self.file(dataset), dataset)

    def future(self, dataset: Dataset) -> Cursor:
        return {"delivery": "29990101T000000"}

    def deliver(self) -> None:
        (self._delivery / "_SUCCESS").touch()
        self.number += 1
        self._delivery.mkdir()


class CsvStage(Stage):
    """Files that are read again when they have changed."""

    has_times = False

    def __init__(self, connector: Connector, folder: Path) -> None:
        super().__init__(connector)
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def settings(self) -> SourceSettings:
        return self.connector.settings(folder=self.folder)

    def file(self, dataset: Dataset) -> Path:
        return self.folder / dataset.location

    def put(self, dataset: Dataset, rows: list[Row], columns: list[str] | None = None) -> None:
        write_csv(self.file(dataset), rows, _columns(rows, columns), dataset.encoding)

    def garble(self, dataset: Dataset) -> bool:
        return _garbled(self.file(dataset), dataset)


class RestStage(Stage):
    """A REST interface with pages of two rows, so that every reading turns pages."""

    def __init__(self, connector: RestPages, server: RestServer) -> None:
        super().__init__(connector)
        server.cursor_column = connector.cursor_column
        self.server = server

    @property
    def settings(self) -> SourceSettings:
        return self.connector.settings(
            url=self.server.url, token=TOKEN, page_size=2, tries=2, pause=0, patience=0
        )

    def put(self, dataset: Dataset, rows: list[Row], columns: list[str] | None = None) -> None:
        names = _columns(rows, columns)
        self.server.rows[dataset.location] = [{n: row.get(n, "") for n in names} for row in rows]

    def garble(self, dataset: Dataset) -> bool:
        return False


class SqlStage(Stage):
    """Tables of text."""

    def __init__(self, connector: SqlTables, url: str) -> None:
        super().__init__(connector)
        self.url, self.engine = url, sa.create_engine(url, poolclass=sa.NullPool)
        for dataset in connector.datasets:
            self.put(dataset, [], list(dataset.agreement.columns))

    @property
    def settings(self) -> SourceSettings:
        return self.connector.settings(url=self.url)

    def put(self, dataset: Dataset, rows: list[Row], columns: list[str] | None = None) -> None:
        names = _columns(rows, columns)
        table = sa.Table(dataset.location, sa.MetaData(), *(sa.Column(n, sa.Text) for n in names))
        with self.engine.begin() as connection:
            table.drop(connection, checkfirst=True)
            table.create(connection)
            if rows:
                values = [{n: row.get(n) or None for n in names} for row in rows]
                connection.execute(table.insert(), values)

    def garble(self, dataset: Dataset) -> bool:
        return False

    def future(self, dataset: Dataset) -> Cursor:
        return {"changed_at": "29990101000000"}


@contextmanager
def staged(connector: Connector, folder: Path, url: str | None = None) -> Iterator[Stage]:
    """Set up a source for a connector by the transport it takes."""
    if isinstance(connector, FolderOfDeliveries):
        yield FolderStage(connector, folder)
    elif isinstance(connector, CsvFolder):
        yield CsvStage(connector, folder)
    elif isinstance(connector, RestPages):
        with RestServer() as server:
            yield RestStage(connector, server)
    elif isinstance(connector, SqlTables):
        yield SqlStage(connector, url or f"sqlite:///{_database_file(folder)}")
    else:
        raise NotImplementedError(f"no stage for the transport of {connector.name}")


def _database_file(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.db").touch()
    return folder / "source.db"


def write_workbook(path: Path, rows: list[Row], columns: list[str]) -> None:
    """Write a workbook with a title row; rows go to the sheet that their ``@工作表`` names."""
    names = [name for name in columns if not name.startswith("@")]
    book = openpyxl.Workbook(write_only=True)
    sheets = {(row.get("@工作表") or "Sheet1", bool(row.get("@性别代码"))): None for row in rows}
    for name, from_zero in sheets or {("Sheet1", False): None}:
        sheet = book.create_sheet(name)
        sheet.append([TITLE + ("（综治平台导出）" if from_zero else "")])
        sheet.append(names)
        for row in rows:
            if (row.get("@工作表") or "Sheet1") == name:
                sheet.append([row.get(column) or None for column in names])
    book.save(path)


def write_csv(path: Path, rows: list[Row], columns: list[str], encoding: str) -> None:
    """Write a text file with a header row."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def _garbled(path: Path, dataset: Dataset) -> bool:
    if path.suffix == ".xlsx":
        return False
    text = path.read_text(encoding=dataset.encoding)
    path.write_text(text, encoding="gb18030" if dataset.encoding == "utf-8" else "utf-8")
    return True
