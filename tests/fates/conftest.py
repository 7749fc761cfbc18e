"""All the dirt of all sources, taken through the real transports into one hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from hub.config import Settings
from hub.database import engine
from hub.jobs.resolve import resolve
from hub.jobs.sync import Synced, sync
from tests.conftest import a_copy
from tests.connectors.rest_server import RestServer

pytest.register_assert_rewrite("tests.fates.cases")

from tests.fates import city, estate, police, street  # noqa: E402
from tests.fates.cases import Found, Row, Table  # noqa: E402
from tests.fates.found import RowKey, everything, found  # noqa: E402
from tests.fates.sources import (  # noqa: E402
    a_csv,
    a_platform,
    a_workbook,
    connected,
    deliver,
    fill_database,
)
from tests.jobs.world import World, city_settings  # noqa: E402


def rows(tables: tuple[Table, ...]) -> dict[str, list[Row]]:
    """Return the rows of the cases by dataset."""
    return {table.dataset: [case.row for case in table] for table in tables}


def street_files() -> dict[str, bytes]:
    """Write the street office's files: residents in the sheets of two communities."""
    said = rows(street.TABLES)
    here, there = [], []
    for row in said["residents"]:
        plain = {name: word for name, word in row.items() if name != street.PLATFORM}
        (there if street.PLATFORM in row else here).append(plain)
    return {
        "residents": a_workbook({
            (street.SHEET, "北关社区人口信息统计表"): here,
            (street.PLATFORM_SHEET, "慈幼社区人口信息（综治平台导出）"): there,
        }),
        "houses": a_workbook({("房屋信息", "房屋信息表"): said["houses"]}),
        "grids": a_csv(said["grids"]),
    }  # fmt: skip


@pytest.fixture(scope="session")
def all_dirt(
    server: Callable[[str], str], template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Synced]]:
    """Give a hub that has read and resolved every case, the police's from PostgreSQL."""
    folder = tmp_path_factory.mktemp("all_dirt")
    with ExitStack() as stack:
        hub, theirs = (
            make_url(server("postgres")).set(
                database=stack.enter_context(a_copy(server("postgres"), one))
            )
            for one in (template, "template0")
        )
        fill_database(theirs.render_as_string(), rows(police.TABLES))
        deliver(folder / "street", "20260801T120000", **street_files())
        (folder / "property").mkdir()
        for dataset, said in rows(estate.TABLES).items():
            (folder / "property" / f"{dataset}.csv").write_bytes(a_csv(said))
        platform = stack.enter_context(a_platform(rows(city.TABLES), page_size=50))
        settings = connected(
            Settings(home=folder / "home", database_url=SecretStr(hub.render_as_string())),
            public_security={"url": theirs.render_as_string()},
            street_office={"folder": str(folder / "street")},
            urban_management=platform,
            property={"folder": str(folder / "property")},
        )
        done = sync(settings)
        resolve(settings)
        yield settings, done
        engine(settings).dispose()


@pytest.fixture(scope="session")
def ends(all_dirt: tuple[Settings, Synced]) -> Mapping[RowKey, Found]:
    """Tell what has become of every row."""
    with engine(all_dirt[0]).connect() as connection:
        return found(connection)


class Hub(World):
    """A hub with all four sources, each of which holds what a test gives it."""

    def __init__(self, settings: Settings, folder: Path, platform: RestServer) -> None:
        (folder / "street" / "inbox").mkdir(parents=True)
        (folder / "property").mkdir()
        self.database = f"sqlite:///{folder / 'police.sqlite'}"
        fill_database(self.database, {})
        self.estate = folder / "property"
        sources = {
            "public_security": {"url": self.database},
            "street_office": {"folder": str(folder / "street")},
            "urban_management": city_settings(platform),
            "property": {"folder": str(self.estate)},
        }
        super().__init__(connected(settings, **sources), folder / "street", platform)

    def move_police(self, database: str) -> None:
        """Let the police keep their tables in another database."""
        self.database = database
        sources = self.settings.sources | {"public_security": {"url": database}}
        self.settings = connected(self.settings, **sources)

    def register(self, **said: list[Row]) -> None:
        """Let these be the rows of the police's tables."""
        fill_database(self.database, said)

    def load(self, **said: list[Row] | bytes) -> None:
        """Let these be the files of the property companies."""
        for dataset, rows in said.items():
            content = rows if isinstance(rows, bytes) else a_csv(rows)
            (self.estate / f"{dataset}.csv").write_bytes(content)

    def answer(self, **said: list[Row]) -> None:
        """Let these be the rows of the platform."""
        self.city.rows = {dataset: [dict(row) for row in rows] for dataset, rows in said.items()}

    def found(self) -> Mapping[RowKey, Found]:
        """Tell what has become of every row."""
        with self.connected() as connection:
            return found(connection)

    def everything(self) -> str:
        """Return all text the hub keeps."""
        with self.connected() as connection:
            return everything(connection)

    def signals(self) -> set[tuple[str, str, str, str | None, int]]:
        """Return the signals: source, dataset, kind, column, count."""
        return {
            (one[0], one[1], one[2], one[3], one[4])
            for one in self.ask("SELECT source, dataset, kind, column_name, count FROM signal")
        }


@pytest.fixture
def hub(settings: Settings, tmp_path: Path) -> Iterator[Hub]:
    """Give a test a hub of its own."""
    with RestServer() as platform:
        made = Hub(settings, tmp_path / "sources", platform)
        yield made
        engine(made.settings).dispose()
