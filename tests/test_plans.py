from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.exc import DataError

from hub.config import Settings
from hub.database import copy_out, engine, kept_plans, run

#: Asks for every way in which values are written.
MANY_TYPES = """
SELECT s.said, 7 AS number, 1.50 AS numeric, true AS yes, NULL AS nothing, '' AS empty,
    '100%; ''really''' AS text, CAST('{"b": 1, "a": [1, 2]}' AS jsonb) AS document,
    CAST(:day AS date) AS day, CAST(:at AS timestamptz) AS at, CAST(:ids AS bigint[]) AS ids,
    CAST('00000000-0000-0000-0000-00000000000a' AS uuid) AS uuid, CAST(:some AS text) IS NULL AS no
FROM unnest(CAST(:words AS text[])) AS s (said) WHERE s.said <> ALL(:none) ORDER BY 1
"""
VALUES = {
    "day": "2021-03-05",
    "at": datetime(2021, 3, 5, 6, 7, 8, tzinfo=ZoneInfo("Asia/Shanghai")),
    "ids": [1, 2**40],
    "some": None,
    "words": ["一", 'a "quoted" word', "50%", "one; two"],
    "none": [],
}


@pytest.fixture
def connection(empty_database_url: str, tmp_path: Path) -> Iterator[Connection]:
    made = engine(Settings(home=tmp_path, database_url=SecretStr(empty_database_url)))
    with made.connect() as opened:
        yield opened
    made.dispose()


def prepared(connection: Connection) -> int:
    return int(run(connection, "SELECT count(*) FROM pg_prepared_statements").scalar())


def test_a_plan_that_is_kept_reads_what_copy_reads(connection: Connection) -> None:
    copied = copy_out(connection, MANY_TYPES, {"number": "int64"}, **VALUES)
    with kept_plans(connection):
        kept = copy_out(connection, MANY_TYPES, {"number": "int64"}, **VALUES)
        none = copy_out(connection, MANY_TYPES, **VALUES | {"words": []})
    assert kept.equals(copied)
    assert kept.dtypes.equals(copied.dtypes)
    assert list(none.columns) == list(copied.columns)
    assert none.empty


def test_a_statement_is_prepared_once_however_often_it_is_asked(connection: Connection) -> None:
    with kept_plans(connection):
        answers = [run(connection, "SELECT :n + 1", {"n": n}).scalar() for n in range(5)]
    assert answers == [1, 2, 3, 4, 5]
    assert prepared(connection) == 1
    assert run(connection, "SELECT :n + 2", {"n": 1}).scalar() == 3
    assert prepared(connection) == 1


def test_plans_outlive_a_transaction_that_is_undone(connection: Connection) -> None:
    begin = "CREATE TEMP TABLE IF NOT EXISTS few (n bigint); INSERT INTO few SELECT :n; ANALYZE few"
    for n in (1, 2):
        with kept_plans(connection):
            run(connection, begin, {"n": n})
            assert run(connection, "SELECT n FROM few").scalars() == [n]
        connection.rollback()
    assert prepared(connection) == 2


def test_statements_sent_together_see_what_the_first_has_written(connection: Connection) -> None:
    run(connection, "CREATE TABLE few (n bigint)")
    both = "INSERT INTO few SELECT unnest(:some); SELECT count(*) FROM few"
    with kept_plans(connection):
        assert [run(connection, both, {"some": [1, 2]}).scalar() for _ in range(2)] == [2, 4]


def test_what_fails_is_asked_again(connection: Connection) -> None:
    for _ in range(2):
        with kept_plans(connection), pytest.raises(DataError, match="division"):
            run(connection, "SELECT 1 / :n", {"n": 0})
        connection.rollback()
    with kept_plans(connection):
        assert run(connection, "SELECT 1 / :n", {"n": 1}).scalar() == 1
