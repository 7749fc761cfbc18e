from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import make_url

from hub.errors import Unavailable
from hub.running.airflow import Airflow, Secrets, environment


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
