"""Tables of real databases: SQLite, PostgreSQL, and MariaDB in the long tests."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from hub.errors import ConfigError, SourceUnavailable
from tests.connectors.stages import SqlStage
from tests.fetch.made_up import Lamps, Sql, keys, lamp, lamps, read


@pytest.fixture(
    params=["sqlite", "postgresql", pytest.param("mariadb", marks=pytest.mark.long)],
)
def sql(request: pytest.FixtureRequest, tmp_path: Path) -> SqlStage:
    if request.param == "sqlite":
        (tmp_path / "source.db").touch()
        url = f"sqlite:///{tmp_path / 'source.db'}"
    else:
        urls = {"postgresql": "empty_database_url", "mariadb": "mariadb_url"}
        url = request.getfixturevalue(urls[request.param])
    stage = SqlStage(Sql(), url)
    stage.put(Lamps(), lamps(5))
    return stage


def test_a_late_commit_within_ten_minutes_is_found(sql: SqlStage) -> None:
    cursor = read(sql).cursor
    sql.put(Lamps(), [*lamps(5), lamp("late", "2026-08-01 09:50:00")])

    assert "late" in keys(read(sql, dict(cursor or {})))


def test_older_rows_are_not_read_again(sql: SqlStage) -> None:
    sql.put(Lamps(), [lamp("old", "2026-07-01 10:00:00"), lamp("new")])

    assert keys(read(sql, dict(read(sql).cursor or {}))) == ["new"]


def test_a_row_without_a_time_is_read_every_time(sql: SqlStage) -> None:
    sql.put(Lamps(), [lamp("timeless", ""), lamp("new")])

    assert sorted(keys(read(sql, dict(read(sql).cursor or {})))) == ["new", "timeless"]


def test_a_table_without_its_times_is_told_as_a_missing_column(sql: SqlStage) -> None:
    sql.put(Lamps(), lamps(2), ["id", "room"])

    reading = read(sql)

    assert reading.missing == ["changed"]
    assert reading.cursor == {}


def test_columns_in_capitals_are_the_same_columns(sql: SqlStage) -> None:
    names = (sa.sql.quoted_name(name, quote=True) for name in ("ID", "ROOM", "Changed"))
    table = sa.Table("lamps", sa.MetaData(), *(sa.Column(name, sa.VARCHAR(50)) for name in names))
    rows = [tuple(row.values()) for row in lamps(3)]
    with sql.engine.begin() as connection:
        table.drop(connection)
        table.create(connection)
        connection.execute(table.insert().values(rows))

    first = read(sql)

    assert sorted(keys(first)) == sorted(row["id"] for row in lamps(3))
    assert first.cursor == {"changed_at": max(row["changed"] for row in lamps(3))}
    assert not first.missing
    assert keys(read(sql, dict(first.cursor or {})))


def test_reading_writes_nothing_and_leaves_no_lock(sql: SqlStage) -> None:
    delivery = next(iter(sql.connector.deliveries(sql.settings, {})))
    list(delivery.pages)

    with sql.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE lamps"))
    with pytest.raises(SourceUnavailable, match=r"source made_up, dataset lamps: .*lamps"):
        read(sql)


def test_many_rows_come_in_pages(sql: SqlStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.fetch.sql.PAGE_ROWS", 2)
    (delivery,) = sql.connector.deliveries(sql.settings, {})

    assert [len(page) for page in delivery.pages] == [2, 2, 1]


def test_a_table_of_any_size_is_read_with_the_memory_of_a_page(
    sql: SqlStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.fetch.sql.PAGE_ROWS", 100)
    sql.put(Lamps(), [row | {"room": "1" * 2_000} for row in lamps(8_000)])
    (delivery,) = sql.connector.deliveries(sql.settings, {})
    tracemalloc.start()
    count = sum(len(page) for page in delivery.pages)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 8_000
    assert peak < 4_000_000


@pytest.mark.long
@pytest.mark.parametrize("driver", ["mysql", "mariadb", "mysql+pymysql"])
def test_mariadb_is_read_in_its_own_letters_and_whatever_it_is_called(
    mariadb_url: str, driver: str
) -> None:
    url = sa.make_url(mariadb_url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    columns = ", ".join(f"{name} VARCHAR(255)" for name in ("id", "room", "changed"))
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE lamps ({columns}) CHARACTER SET gbk"))
        row = {"id": "灯1", "room": "祁连路３號", "changed": "2026-08-01 10:00:00"}
        connection.execute(sa.text("INSERT INTO lamps VALUES (:id, :room, :changed)"), row)
    said = url.set(drivername=driver).render_as_string(hide_password=False)
    connector = Sql()
    settings = connector.settings_from({"url": said})
    connector.check(settings)
    (delivery,) = connector.deliveries(settings, {})
    assert [page.to_dict("records") for page in delivery.pages] == [[row]]


@pytest.mark.parametrize("url", ["no url at all", "mssql+pyodbc://u:secret@h/d"])
def test_an_address_that_cannot_be_used_is_a_wrong_setting(url: str) -> None:
    def check() -> None:
        Sql().check(Sql().settings_from({"url": url}))

    with pytest.raises(ConfigError) as caught:
        check()

    assert "secret" not in str(caught.value)


def test_a_password_is_in_no_message(tmp_path: Path) -> None:
    settings = Sql().settings_from({"url": "postgresql+psycopg2://user:secret@127.0.0.1:9/x"})

    with pytest.raises(SourceUnavailable) as caught:
        Sql().check(settings)

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pages_are_text_whatever_the_columns_hold(tmp_path: Path) -> None:
    (tmp_path / "source.db").touch()
    stage = SqlStage(Sql(), f"sqlite:///{tmp_path / 'source.db'}")
    with stage.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE lamps"))
        connection.execute(sa.text("CREATE TABLE lamps (id INTEGER, room REAL, changed TEXT)"))
        connection.execute(sa.text("INSERT INTO lamps VALUES (7, 101.0, '2026-08-01 10:00:00')"))

    (row,) = read(stage).frame.to_dict("records")

    assert row == {"id": "7", "changed": "2026-08-01 10:00:00", "room": "101"}
    assert isinstance(read(stage).frame.dtypes.iloc[0], pd.StringDtype)
