"""Paged REST against a real server, and every way such a server fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from hub.errors import ConfigError, SourceUnavailable
from tests.connectors.rest_server import (
    RestServer,
    body,
    code,
    disconnect,
    half_an_answer,
    http,
)
from tests.connectors.stages import RestStage
from tests.fetch.made_up import Lamps, Rest, keys, lamp, lamps, read


class Other(Lamps):
    """A second dataset."""

    name = location = "other"


@pytest.fixture
def rest() -> Iterator[RestStage]:
    with RestServer() as server:
        stage = RestStage(Rest(), server)
        server.rows["lamps"] = lamps(5)
        yield stage


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
