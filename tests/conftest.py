"""What tests stand on: a real PostgreSQL for the whole session, a fresh database for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import hypothesis
import psycopg2
import psycopg2.extensions
import pytest
from pydantic import SecretStr
from sqlalchemy import URL, Engine, make_url

from hub.config import PREFIX, Settings
from hub.database import database_url as url_of
from hub.database import engine as engine_of
from hub.postgres import embedded_url, release
from hub.store.migrations import migrate
from tests.delivery.town import a_town
from tests.mariadb import a_database, a_mariadb

SERVER = "HUB_TESTS_SERVER"
TEMPLATE = "migrated"

# How long an example takes says more about the machine than about the code.
# CI asks whether a change is right, always with the same examples; new ones are looked for by hand.
hypothesis.settings.register_profile("hub", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("hub")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder of the session's server, which all workers share."""
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="hub-tests-"))
        # Under root the server's own account has to get in.
        folder.chmod(0o711)
        os.environ[SERVER] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server, which the last worker has done where there were workers."""
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(SERVER))
        release(folder)
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own settings out of the tests."""
    for name in list(os.environ):
        if name.startswith(PREFIX) and name != SERVER:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def server() -> Callable[[str], str]:
    """Tell the address of a database of the session's server, which makes it where missing."""
    home = Path(os.environ[SERVER])
    with closing(_connected(embedded_url(home, "postgres"))) as connection:
        cursor = connection.cursor()
        # Nobody misses these databases after a power cut, and flushing them is slow.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute(f"ALTER SYSTEM SET {setting} = off")
        cursor.execute("SELECT pg_reload_conf()")
    return lambda name: embedded_url(home, name)


@pytest.fixture(scope="session")
def template(server: Callable[[str], str]) -> str:
    """Make one database as the migrations leave it; tests get copies of it."""
    with closing(_connected(server("postgres"))) as connection, connection.cursor() as cursor:
        # Workers share the server: the first one migrates, the others wait for it.
        cursor.execute("SELECT pg_advisory_lock(hashtext('template'))")
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE])
        if cursor.rowcount == 0:
            _migrated(server("building"))
            cursor.execute(f"ALTER DATABASE building RENAME TO {TEMPLATE}")
    return TEMPLATE


@pytest.fixture
def database_url(server: Callable[[str], str], template: str) -> Iterator[str]:
    """Give one test a migrated database of its own."""
    with a_copy(server("postgres"), template) as name:
        yield make_url(server("postgres")).set(database=name).render_as_string()


@pytest.fixture
def empty_database_url(server: Callable[[str], str]) -> Iterator[str]:
    """Give one test a database without any table."""
    with a_copy(server("postgres"), "template0") as name:
        yield make_url(server("postgres")).set(database=name).render_as_string()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[URL]:
    """Run a MariaDB for the session's long tests."""
    with a_mariadb() as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb: URL) -> Iterator[str]:
    """Give one test an empty MariaDB database."""
    with a_database(mariadb) as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return settings over the test's own migrated database and home."""
    return Settings(home=tmp_path / "home", database_url=SecretStr(database_url))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Connect to the test's own migrated database."""
    made = engine_of(settings, name="test")
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def migrated(server: Callable[[str], str], template: str) -> Settings:
    """Give a hub that knows nothing yet, to be copied and not to be used."""
    return Settings(home=Path(os.environ[SERVER]), database_url=SecretStr(server(template)))


@pytest.fixture(scope="session")
def settled(migrated: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Make one hub that knows the residents of a town; tests get hubs like it."""
    folder = tmp_path_factory.mktemp("settled")
    with a_hub_like(migrated, folder) as settings:
        with a_town(settings, folder) as town:
            town.introduce()
        yield settings


@contextmanager
def a_hub_like(settings: Settings, folder: Path) -> Iterator[Settings]:
    """Copy a hub, which nobody may be using: its database, and its keys into a home of its own."""
    url = url_of(settings)
    server = url.set(database="postgres").render_as_string()
    with a_copy(server, str(url.database)) as name:
        home, address = folder / "home", url.set(database=name).render_as_string()
        if (settings.home / "keys").exists():
            shutil.copytree(settings.home / "keys", home / "keys")
        yield settings.model_copy(update={"home": home, "database_url": SecretStr(address)})


@contextmanager
def a_copy(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    with closing(_connected(server)) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield name
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _migrated(url: str) -> None:
    made = engine_of(Settings(database_url=SecretStr(url)))
    migrate(made)
    made.dispose()


def _connected(url: str) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    connection.autocommit = True
    return connection
