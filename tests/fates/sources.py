"""The four departments as real systems that hold whatever rows a test gives them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import sqlalchemy as sa

from hub.config import Settings
from tests.connectors.rest_server import TOKEN, RestServer
from tests.fates import police
from tests.fates.cases import Row

Rows = Sequence[Row]
TABLES = {"residents": "zk_rkxx", "addresses": "zk_dzxx", "cameras": "zk_spsb"}


def fill_database(url: str, rows: Mapping[str, Rows]) -> None:
    """Make the police's tables, every column VARCHAR, and fill them."""
    engine = sa.create_engine(url)
    meta = sa.MetaData()
    with engine.begin() as connection:
        for dataset, name in TABLES.items():
            said = rows.get(dataset, [])
            columns = (sa.Column(one, sa.VARCHAR(400)) for one in (said or _clean(dataset))[0])
            table = sa.Table(name, meta, *columns)
            table.drop(connection, checkfirst=True)
            table.create(connection)
            if said:
                connection.execute(table.insert(), [dict(row) for row in said])
    engine.dispose()


def _clean(dataset: str) -> Rows:
    return [next(table.clean(0) for table in police.TABLES if table.dataset == dataset)]


def write_sheet(book: openpyxl.Workbook, name: str, title: str, rows: Rows) -> None:
    """Add a sheet: a title row, a header row, the rows."""
    sheet = book.create_sheet(name)
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(rows[0]))
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([said or None for said in row.values()])


def a_workbook(sheets: Mapping[tuple[str, str], Rows]) -> bytes:
    """Write a workbook whose sheets have names and titles."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for (name, title), rows in sheets.items():
        write_sheet(book, name, title, rows)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return the bytes of a workbook."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def a_csv(rows: Rows, encoding: str = "gb18030") -> bytes:
    """Write rows as a delimited file with a header row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def deliver(folder: Path, name: str, **files: bytes) -> None:
    """Put a complete delivery into the street office's inbox."""
    names = {"residents": "人口信息.xlsx", "houses": "房屋信息.xlsx", "grids": "网格信息.csv"}
    target = folder / "inbox" / name
    target.mkdir(parents=True)
    for dataset, content in files.items():
        (target / names[dataset]).write_bytes(content)
    (target / "_SUCCESS").touch()


@contextmanager
def a_platform(rows: Mapping[str, Rows], page_size: int = 500) -> Iterator[dict[str, str]]:
    """Serve the platform's rows; give the settings by which it is reached."""
    with RestServer() as server:
        server.rows = {dataset: [dict(row) for row in said] for dataset, said in rows.items()}
        yield {"url": server.url, "token": TOKEN, "pause": "0", "page_size": str(page_size)}


def connected(settings: Settings, **sources: Mapping[str, str]) -> Settings:
    """Connect a hub to sources."""
    said = {name: dict(values) for name, values in sources.items()}
    return settings.model_copy(update={"sources": said})
