"""Sources read from their SQL tables, by the time of change that each row carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pandas as pd
from pydantic import SecretStr, field_validator
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from hub.connector import Connector, Cursor, Dataset, Delivery, SourceSettings
from hub.errors import ConfigError, SourceUnavailable
from hub.fetch.begun import begun
from hub.fetch.watermark import Watermark
from hub.parse import text_frame
from hub.parse.cells import PAGE_ROWS

# What is spoken where an address names no driver and the usual one is not among ours.
_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}


class SqlSettings(SourceSettings):
    """Where the database is: any URL that SQLAlchemy understands."""

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _is_a_url(cls, url: SecretStr) -> SecretStr:
        try:
            make_url(url.get_secret_value())
        except ArgumentError:
            raise ValueError("is not a database URL") from None
        return url


class SqlTables(Connector):
    """Tables, one a dataset; rows changed since the last read, less an overlap for late commits."""

    settings = SqlSettings
    #: How times of change are written in the tables.
    time_form: ClassVar[str]

    def deliveries(
        self, settings: SqlSettings, cursors: Mapping[str, Cursor]
    ) -> Iterator[Delivery]:
        """Yield what is new since the cursors."""
        engine = self.engine(settings)
        for dataset in self.datasets:
            column = str(dataset.changed_at)
            mark = Watermark(cursors.get(dataset.name), column, self.time_form)
            since = mark.since
            pages = begun(self._pages(engine, dataset, mark))
            if pages is not None:
                label = f"since {since}" if since else "all"
                yield Delivery(dataset, label, pages, mark.cursor)

    def check(self, settings: SqlSettings) -> None:
        """Raise SourceUnavailable unless the source can be read."""
        engine = self.engine(settings)
        for dataset in self.datasets:
            with self._connected(engine, dataset) as connection:
                _columns(connection, dataset)

    def _pages(self, engine: Engine, dataset: Dataset, mark: Watermark) -> Iterator[pd.DataFrame]:
        with self._connected(engine, dataset) as connection:
            columns = _columns(connection, dataset)
            # Databases that keep names in capitals say them so; in SQL they are the same.
            time, key = (_same(columns, name) for name in (mark.column, dataset.key))
            if time is None or key is None:
                # Without these a table cannot be read; that a column is gone can be told.
                yield text_frame(columns, [()] * len(columns))
                return
            quoted = connection.dialect.identifier_preparer.quote
            statement = text(_statement(dataset, quoted(time), quoted(key), since=mark.since))
            columns = [mark.column if name == time else name for name in columns]
            since = mark.since
            found = connection.execute(statement, {"since": since} if since else {})
            for rows in found.yield_per(PAGE_ROWS).partitions():
                page = text_frame(columns, zip(*rows, strict=True))
                mark.see(page)
                yield page

    def engine(self, settings: SqlSettings) -> Engine:
        """Return the way to the source's database."""
        url = make_url(settings.url.get_secret_value())
        file = url.database if url.get_backend_name() == "sqlite" else None
        if file and file != ":memory:" and not Path(file).is_file():
            # SQLite would make an empty database there.
            raise SourceUnavailable(f"source {self.name}: there is no database file")
        if url.drivername in _DRIVERS:
            url = url.set(drivername=_DRIVERS[url.drivername])
        try:
            return create_engine(url, poolclass=NullPool)
        except (SQLAlchemyError, ImportError):
            driver = url.drivername
            raise ConfigError(f"source {self.name}: no driver for {driver} installed") from None

    @contextmanager
    def _connected(self, engine: Engine, dataset: Dataset) -> Iterator[Connection]:
        try:
            with engine.connect() as connection:
                yield connection.execution_options(stream_results=True)
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or type(error).__name__)
            message = f"source {self.name}, dataset {dataset.name}: {reason}"
            raise SourceUnavailable(message) from None


def _columns(connection: Connection, dataset: Dataset) -> list[str]:
    return list(connection.execute(text(f"SELECT * FROM {dataset.location} WHERE 1 = 0")).keys())


def _same(columns: Sequence[str], name: str) -> str | None:
    """Return a column as the database writes it, whichever letters are capitals."""
    return next((one for one in columns if one.upper() == name.upper()), None)


def _statement(dataset: Dataset, time: str, key: str, *, since: str | None) -> str:
    # A row without a time could change unseen: it is read every time.
    changed = f" WHERE {time} >= :since OR {time} IS NULL OR {time} = ''" if since else ""
    return f"SELECT * FROM {dataset.location}{changed} ORDER BY {time}, {key}"
