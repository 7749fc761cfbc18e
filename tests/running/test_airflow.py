from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from hub.config import Settings
from hub.database import engine, execute
from hub.errors import ConfigError, Unavailable
from hub.running.airflow import Airflow, Secrets, environment
from hub.running.up import airflow_url

# The server's database of that name is one for all of them.
pytestmark = pytest.mark.xdist_group("airflow")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    metadata = make_url("postgresql+psycopg2://hub@/airflow?host=/run/hub&sslmode=require")
    return environment(tmp_path, metadata, 8080)


def test_both_drivers_get_the_address_in_their_own_words(settings: dict[str, str]) -> None:
    assert settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == (
        "postgresql+psycopg2://hub@/airflow?host=%2Frun%2Fhub&sslmode=require"
    )
    assert settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] == (
        "postgresql+asyncpg://hub@/airflow?host=%2Frun%2Fhub&ssl=require"
    )


def test_nothing_listens_beyond_this_machine_and_nothing_is_reported(
    settings: dict[str, str],
) -> None:
    assert settings["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].startswith("http://127.0.0.1:8080/")
    assert settings["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert settings["DO_NOT_TRACK"] == "1"


def test_secrets_are_made_once_differ_between_homes_and_are_read_by_nobody_else(
    tmp_path: Path,
) -> None:
    here, again, there = (Secrets(tmp_path / name) for name in ("a", "a", "b"))
    assert (here.password, here.jwt, here.fernet) == (again.password, again.jwt, again.fernet)
    assert not {here.password, here.jwt, here.fernet} & {there.password, there.jwt, there.fernet}
    for file in (tmp_path / "a").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_airflow_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    airflow = Airflow(tmp_path, 1)
    assert not airflow.is_up()
    with pytest.raises(Unavailable, match=r"does not answer at http://127\.0\.0\.1:1"):
        airflow.runs()
    airflow.close()


def test_on_a_server_of_your_own_airflow_gets_a_database_beside_the_hubs(
    server: Callable[[str], str], tmp_path: Path
) -> None:
    ours = Settings(home=tmp_path, database_url=SecretStr(server("beside")))
    assert airflow_url(ours).database == "airflow"
    assert airflow_url(ours) == airflow_url(ours)
    with engine(ours).connect() as connection:
        found = "SELECT count(*) FROM pg_database WHERE datname = 'airflow'"
        assert execute(connection, found).scalar_one() == 1


def test_without_the_right_to_make_it_one_line_says_what_to_do(
    server: Callable[[str], str], tmp_path: Path
) -> None:
    url = server("restricted")
    ours = Settings(home=tmp_path, database_url=SecretStr(url))
    with engine(ours).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        execute(connection, "DROP DATABASE IF EXISTS airflow")
        execute(connection, "DROP ROLE IF EXISTS restricted")
        execute(connection, "CREATE ROLE restricted")
    limited = make_url(url).update_query_dict({"options": "-c role=restricted"})
    theirs = SecretStr(limited.render_as_string(hide_password=False))
    with pytest.raises(ConfigError, match="HUB_AIRFLOW_DATABASE_URL"):
        airflow_url(Settings(home=tmp_path, database_url=theirs))


def test_a_database_that_was_set_is_taken_as_it_is(tmp_path: Path) -> None:
    said = SecretStr("postgres://a:b@c/d")
    url = airflow_url(Settings(home=tmp_path, airflow_database_url=said))
    assert (url.drivername, url.database) == ("postgresql+psycopg2", "d")
