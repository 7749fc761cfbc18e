"""The transports against real servers, folders and databases, and everything they go through."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest
import sqlalchemy as sa

from hub.columns import Columns
from hub.connector import Dataset
from hub.errors import ConfigError, SourceUnavailable
from hub.fetch import CsvFolder, FolderOfDeliveries, RestPages, SqlTables
from hub.model import Records, Title
from schemas import House
from tests.connectors.rest_server import (
    RestServer,
    body,
    code,
    disconnect,
    half_an_answer,
    http,
)
from tests.connectors.stages import CsvStage, FolderStage, Reading, RestStage, SqlStage


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


def lamps(count: int, changed: str = "2026-08-01 10:00:00") -> list[dict[str, str]]:
    return [{"id": f"{n:04d}", "room": "101", "changed": changed} for n in range(count)]


def lamp(key: str, changed: str = "2026-08-01 10:00:00") -> dict[str, str]:
    return {"id": key, "room": "102", "changed": changed}


@pytest.fixture
def rest() -> Iterator[RestStage]:
    with RestServer() as server:
        stage = RestStage(Rest(), server)
        server.rows["lamps"] = lamps(5)
        yield stage


def read(stage: Any, cursor: dict[str, str] | None = None) -> Reading:
    found: dict[str, Reading] = stage.read({"lamps": cursor} if cursor else {})
    return found.get("lamps", Reading())


def keys(reading: Reading) -> list[str]:
    return list(reading.frame["id"]) if len(reading.frame) else []


# REST: pages


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_all_pages_are_read_whatever_the_last_one_holds(rest: RestStage, count: int) -> None:
    rest.server.rows["lamps"] = lamps(count)

    assert keys(read(rest)) == [row["id"] for row in lamps(count)]


def test_every_page_is_asked_for_once_when_nothing_moves(rest: RestStage) -> None:
    read(rest)

    assert [request["pageNum"] for request in rest.server.requests] == ["1", "2", "3"]


def test_a_server_that_sends_shorter_pages_than_asked_for_loses_no_row(rest: RestStage) -> None:
    rest.server.largest_page = 1

    assert len(keys(read(rest))) == 5


def test_a_row_that_slips_past_when_another_moves_is_found_by_reading_again(
    rest: RestStage,
) -> None:
    def move(dataset: str, number: int) -> None:
        # Between the first two pages row 0000 changes and goes to the end.
        if number == 2 and rest.server.rows["lamps"][0]["id"] == "0000":
            rest.server.rows["lamps"].append(lamp("0000", "2026-08-02 10:00:00"))
            del rest.server.rows["lamps"][0]

    rest.server.before_page = move

    reading = read(rest)

    assert set(keys(reading)) == {"0000", "0001", "0002", "0003", "0004"}
    assert not reading.signals
    assert reading.cursor == {"changed_at": "2026-08-02 10:00:00"}


def test_a_row_added_while_reading_is_read(rest: RestStage) -> None:
    def add(dataset: str, number: int) -> None:
        if number == 2 and len(rest.server.rows["lamps"]) == 5:
            rest.server.rows["lamps"].insert(0, lamp("9999"))

    rest.server.before_page = add

    assert set(keys(read(rest))) == {"0000", "0001", "0002", "0003", "0004", "9999"}


def test_a_key_that_the_source_lists_twice_comes_twice_and_ends(rest: RestStage) -> None:
    rest.server.rows["lamps"] = [*lamps(3), lamp("0001")]

    reading = read(rest)

    assert sorted(keys(reading)) == ["0000", "0001", "0001", "0002"]
    assert not reading.signals


def test_rows_that_never_rest_are_kept_and_read_from_the_same_time_again(rest: RestStage) -> None:
    def grow(dataset: str, number: int) -> None:
        rest.server.rows["lamps"].append(lamp(f"new{len(rest.server.rows['lamps'])}"))

    rest.server.before_page = grow
    before = {"changed_at": "2026-07-01 00:00:00"}

    reading = read(rest, before)

    assert {"0000", "0004"} <= set(keys(reading))
    assert [signal.kind for signal in reading.signals] == ["rows.moving"]
    assert reading.cursor == before


def test_a_source_that_keeps_rows_back_is_an_error_and_not_a_short_read(rest: RestStage) -> None:
    rest.server.total_of = lambda count: count + 7

    with pytest.raises(SourceUnavailable, match="sent 5 of the 12 rows it announced"):
        read(rest)


# REST: cursors


def test_the_next_read_asks_from_ten_minutes_before_the_newest_change(rest: RestStage) -> None:
    cursor = read(rest).cursor
    rest.server.requests.clear()

    read(rest, dict(cursor or {}))

    assert rest.server.requests[0]["updatedSince"] == "2026-08-01 09:50:00"


def test_a_mistyped_year_does_not_hide_the_changes_to_come(rest: RestStage) -> None:
    rest.server.rows["lamps"].append(lamp("0009", "2926-08-01 10:00:00"))

    assert read(rest).cursor == {"changed_at": "2026-08-01 10:00:00"}


def test_a_state_that_is_no_time_means_reading_all(rest: RestStage) -> None:
    assert len(keys(read(rest, {"changed_at": "soon"}))) == 5


# REST: faults


@pytest.mark.parametrize(
    "fault",
    [
        http(500),
        http(502),
        http(429, Retry_After="0"),
        http(429),
        code(500),
        body(b"<html>"),
        body(b'{"code": 200}'),
        body(b'{"code": 200, "total": "many", "rows": []}'),
        body(b'{"code": 200, "total": 1, "rows": 3}'),
        body(b"[]"),
        disconnect,
        half_an_answer,
    ],
    ids=range(12),
)
def test_a_passing_fault_is_tried_again_and_leaves_no_trace(rest: RestStage, fault: Any) -> None:
    rest.server.faults = [fault]

    assert len(keys(read(rest))) == 5


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (http(503), "HTTP 503"),
        (code(500), "code 500"),
        (body(b"<html>"), "an answer that is not as agreed"),
        (disconnect, "no answer"),
        (half_an_answer, "no answer"),
    ],
)
def test_a_lasting_fault_is_told_in_one_line(rest: RestStage, fault: Any, reason: str) -> None:
    rest.server.faults = [fault] * 2

    with pytest.raises(SourceUnavailable) as caught:
        read(rest)

    assert str(caught.value).startswith("source made_up, dataset lamps: ")
    assert reason in str(caught.value)
    assert "秘密" not in str(caught.value)
    assert rest.server.url not in str(caught.value)


@pytest.mark.parametrize("fault", [http(401), http(403), code(401)], ids=range(3))
def test_a_refused_token_is_not_tried_again(rest: RestStage, fault: Any) -> None:
    rest.server.faults = [fault] * 2

    with pytest.raises(SourceUnavailable, match="the token was refused"):
        read(rest)

    assert len(rest.server.requests) == 1


def test_a_wait_beyond_patience_is_told_instead_of_waited(rest: RestStage) -> None:
    rest.server.faults = [http(429, Retry_After="3600")]

    with pytest.raises(SourceUnavailable, match="asks to come back in 3600 seconds"):
        read(rest)


def test_a_date_to_come_back_at_is_understood(rest: RestStage) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    rest.server.faults = [http(429, Retry_After=moment)]

    with pytest.raises(SourceUnavailable, match=r"asks to come back in 7[12]\d\d seconds"):
        read(rest)


def test_a_fault_on_a_later_page_gives_no_cursor(rest: RestStage) -> None:
    (delivery,) = rest.connector.deliveries(rest.settings, {})
    pages = iter(delivery.pages)
    next(pages)
    rest.server.faults = [http(500)] * 2

    with pytest.raises(SourceUnavailable):
        list(pages)


def test_a_dataset_that_fails_leaves_the_others_to_be_read() -> None:
    class Two(Rest):
        datasets = (Lamps(), Other())

    with RestServer() as server:
        stage = RestStage(Two(), server)
        server.rows = {"lamps": lamps(1), "other": lamps(1)}
        server.faults = [http(500)] * 2
        first, second = stage.connector.deliveries(stage.settings, {})

        with pytest.raises(SourceUnavailable):
            list(first.pages)
        assert [len(page) for page in second.pages] == [1]


class Other(Lamps):
    """A second dataset."""

    name = location = "other"


@pytest.mark.parametrize(
    "wrong",
    [{"url": "no url"}, {"url": "http://x", "tries": "often"}, {"url": "http://x", "token": "密"}],
)
def test_a_wrong_setting_is_told_without_its_value(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        Rest().settings_from({"token": "secret"} | wrong)

    assert "source made_up: setting" in str(caught.value)
    assert wrong["url"] not in str(caught.value) or wrong["url"] == "http://x"
    assert "often" not in str(caught.value)
    assert "密" not in str(caught.value)


# Deliveries in folders


def a_folder(path: Path) -> FolderStage:
    return FolderStage(Folder(), path)


def test_deliveries_are_taken_in_the_order_of_their_names_each_once(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    for count in (1, 2, 3):
        stage.put(Workbook(), lamps(count))
        stage.deliver()

    found = list(stage.connector.deliveries(stage.settings, {}))

    labels = ["20260901T000001", "20260901T000002", "20260901T000003"]
    assert [delivery.label for delivery in found] == labels
    assert all(delivery.snapshot for delivery in found)
    rest = stage.connector.deliveries(stage.settings, {"lamps": found[1].next_cursor()})
    assert [delivery.label for delivery in rest] == labels[2:]


def test_a_delivery_without_its_mark_is_not_complete(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.put(Workbook(), lamps(1))

    assert stage.read() == {}


def test_a_dataset_without_a_file_is_not_touched(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.deliver()

    assert stage.read() == {}


def test_folders_of_other_names_are_no_deliveries(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.put(Workbook(), lamps(1))
    stage.deliver()
    (tmp_path / "inbox" / "20260901T000001").rename(tmp_path / "inbox" / "old")

    assert stage.read() == {}


def test_a_flawed_file_is_held_and_a_later_one_takes_its_place(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.file(Workbook()).write_bytes(b"no workbook")
    stage.deliver()
    stage.put(Workbook(), lamps(2))
    stage.deliver()

    flawed, good = stage.connector.deliveries(stage.settings, {})

    assert flawed.flaw == "lamps.xlsx is not an XLSX workbook"
    assert list(flawed.pages) == []
    assert good.flaw is None
    assert sum(len(page) for page in good.pages) == 2


# Files read when changed


def test_a_file_is_read_again_only_when_its_content_has_changed(tmp_path: Path) -> None:
    stage = CsvStage(Files(), tmp_path)
    stage.put(Csv(), lamps(2))
    first = read(stage)
    stage.file(Csv()).touch()

    assert first.cursor == {"sha256": hashlib.sha256(stage.file(Csv()).read_bytes()).hexdigest()}
    assert keys(read(stage, dict(first.cursor))) == []
    stage.put(Csv(), lamps(3))
    assert len(keys(read(stage, dict(first.cursor)))) == 3


def test_a_file_that_is_not_there_yet_is_nothing(tmp_path: Path) -> None:
    assert CsvStage(Files(), tmp_path).read() == {}


# SQL


@pytest.fixture(params=["sqlite", "postgresql"])
def sql(request: pytest.FixtureRequest, tmp_path: Path) -> SqlStage:
    if request.param == "sqlite":
        (tmp_path / "source.db").touch()
        url = f"sqlite:///{tmp_path / 'source.db'}"
    else:
        url = request.getfixturevalue("empty_database_url")
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
