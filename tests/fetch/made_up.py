"""Made-up sources of one dataset each, the least a connector can be."""

from __future__ import annotations

from typing import Any, ClassVar

from hub.columns import Columns
from hub.connector import Dataset
from hub.fetch import CsvFolder, FolderOfDeliveries, RestPages, SqlTables
from hub.model import Records, Title
from schemas import House
from tests.connectors.stages import Reading


class Lamps(Dataset):
    """The least a dataset can be."""

    name, model, title = "lamps", House, Title("灯", "Lamps")
    location, key, changed_at, trust = "lamps", "id", "changed", 90

    def translate(self, said: Columns) -> list[Records]:
        return [said.records(House, {"room_no": said.take("room")})]

    def sample(self) -> list[dict[str, str]]:
        return [{"id": "1", "room": "101", "changed": "2026-08-01 10:00:00"}]


class Workbook(Lamps):
    """The same rows in a workbook."""

    location, snapshot = "lamps.xlsx", True


class Csv(Lamps):
    """The same rows in a text file."""

    location, encoding = "lamps.csv", "gb18030"


class MoreCsv(Csv):
    """More such rows."""

    name, location = "more", "more.csv"


class Rest(RestPages):
    """A made-up source."""

    name, title, datasets = "made_up", Title("假", "Made up"), (Lamps(),)
    cursor_column = "changed"


class Sql(SqlTables):
    """A made-up source."""

    name, title, datasets = "made_up", Title("假", "Made up"), (Lamps(),)
    time_form: ClassVar = "%Y-%m-%d %H:%M:%S"


class Folder(FolderOfDeliveries):
    """A made-up source."""

    name, title, datasets = "made_up", Title("假", "Made up"), (Workbook(),)


class Files(CsvFolder):
    """A made-up source."""

    name, title, datasets = "made_up", Title("假", "Made up"), (Csv(),)


class TwoFiles(CsvFolder):
    """A made-up source of two datasets."""

    name, title, datasets = "made_up", Title("假", "Made up"), (Csv(), MoreCsv())


def lamps(count: int, changed: str = "2026-08-01 10:00:00") -> list[dict[str, str]]:
    return [{"id": f"{n:04d}", "room": "101", "changed": changed} for n in range(count)]


def lamp(key: str, changed: str = "2026-08-01 10:00:00") -> dict[str, str]:
    return {"id": key, "room": "102", "changed": changed}


def read(stage: Any, cursor: dict[str, str] | None = None) -> Reading:
    found: dict[str, Reading] = stage.read({"lamps": cursor} if cursor else {})
    return found.get("lamps", Reading())


def keys(reading: Reading) -> list[str]:
    return list(reading.frame["id"]) if len(reading.frame) else []
