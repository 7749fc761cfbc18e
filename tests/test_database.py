from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pandas as pd
import psutil
import psycopg2
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.config import Settings
from hub.database import (
    FEW_ROWS,
    advisory_lock,
    check_server,
    copy_in,
    copy_out,
    execute,
    try_advisory_lock,
)
from hub.database import engine as engine_of
from hub.database.copying import FEW_BYTES
from hub.database.cursor import LONG
from hub.errors import ConfigError, DatabaseUnavailable
from hub.postgres import release


@pytest.fixture
def empty(empty_database_url: str, tmp_path: Path) -> Iterator[Engine]:
    made = engine_of(Settings(home=tmp_path, database_url=SecretStr(empty_database_url)))
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def shared(server: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Connect to one database for all the tries of a property."""
    url = server(f"shared_{os.getpid()}")  # type: ignore[operator]
    home = tmp_path_factory.mktemp("home")
    made = engine_of(Settings(home=home, database_url=SecretStr(url)))
    yield made
    made.dispose()


def words(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


# NUL is the one character PostgreSQL cannot hold; rows with it are refused before they get here.
ANYTHING = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1)))


@tries(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ANYTHING, ANYTHING), max_size=5))
def test_any_text_comes_back_as_it_went_in(
    shared: Engine, rows: list[tuple[str | None, str | None]]
) -> None:
    frame = pd.DataFrame({"a": words(*(a for a, _ in rows)), "b": words(*(b for _, b in rows))})
    with shared.begin() as connection:
        execute(connection, "CREATE TEMP TABLE said (a text, b text, n serial) ON COMMIT DROP")
        assert copy_in(connection, "said", ["b", "a"], frame) == len(rows)
        back = copy_out(connection, "SELECT a, b FROM said ORDER BY n")
    pd.testing.assert_frame_equal(back, frame)


@pytest.mark.parametrize("said", [None, "", "\\N", "\\.", '"', '""', "\n", "\r\n", "\t", "NULL"])
@pytest.mark.parametrize("times", [1, FEW_BYTES])
def test_a_column_of_one_awkward_value_comes_back(
    shared: Engine, said: str | None, times: int
) -> None:
    frame = pd.DataFrame({"a": words(*[said] * times)})
    with shared.begin() as connection:
        execute(connection, "CREATE TEMP TABLE said (a text) ON COMMIT DROP")
        copy_in(connection, "said", ["a"], frame)
        back = copy_out(connection, "SELECT a FROM said")
    pd.testing.assert_frame_equal(back, frame)


@pytest.mark.parametrize("said", ["", '"', "a,b", "x"])
@pytest.mark.parametrize("times", [1, FEW_ROWS, FEW_ROWS + 1])
def test_what_is_the_same_in_all_rows_stands_in_each(shared: Engine, said: str, times: int) -> None:
    frame = pd.DataFrame({"a": words(*["x"] * times)})
    with shared.begin() as connection:
        execute(connection, "CREATE TEMP TABLE said (b text, a text) ON COMMIT DROP")
        copy_in(connection, "said", ["a"], frame, same={"b": said})
        back = copy_out(connection, "SELECT a, b FROM said")
    pd.testing.assert_frame_equal(back, frame.assign(b=words(*[said] * times)))


def test_a_query_without_rows_gives_its_columns(shared: Engine) -> None:
    with shared.begin() as connection:
        back = copy_out(connection, "SELECT 1 AS a, 'x' AS \"b, 名\" WHERE false")
    assert list(back) == ["a", "b, 名"]
    assert len(back) == 0
    assert {str(dtype) for dtype in back.dtypes} == {"str"}


def test_values_of_a_query_are_never_read_as_sql(shared: Engine) -> None:
    evil = "x'); DROP TABLE y; -- %(a)s :b"
    with shared.begin() as connection:
        back = copy_out(
            connection,
            "SELECT CAST(:said AS text) AS said, 7 % 4 AS rest WHERE 'b' = ANY(:many)",
            said=evil,
            many=["a", "b"],
        )
    assert back.to_dict("records") == [{"said": evil, "rest": "3"}]


@given(st.lists(ANYTHING.filter(lambda word: word is not None), min_size=1))
@tries(deadline=None, max_examples=50)
def test_a_long_list_arrives_item_by_item(shared: Engine, some: list[str]) -> None:
    words_, numbers = [*some, *["x"] * LONG], [*range(-5, LONG)]
    query = """SELECT array_agg(word), (SELECT array_agg(number)
            FROM unnest(CAST(:numbers AS bigint[])) AS n (number))
        FROM unnest(CAST(:words AS text[])) AS w (word)"""
    with shared.connect() as connection:
        found = execute(connection, query, words=words_, numbers=numbers).one()
        copied = copy_out(connection, "SELECT unnest(CAST(:words AS text[])) AS a", words=words_)
    assert found == (words_, numbers)
    assert list(copied["a"]) == words_


def test_large_frames_go_in_whole(shared: Engine) -> None:
    frame = pd.DataFrame({"a": pd.Series(range(120_001)).astype("str")})
    with shared.begin() as connection:
        execute(connection, "CREATE TEMP TABLE said (a integer) ON COMMIT DROP")
        copy_in(connection, "pg_temp.said", ["a"], frame)
        found = execute(connection, "SELECT count(*), sum(a) FROM said").one()
    assert tuple(found) == (120_001, 120_000 * 120_001 // 2)


def test_what_was_copied_first_in_a_connection_is_committed_with_it(empty: Engine) -> None:
    with empty.begin() as connection:
        execute(connection, "CREATE TABLE said (a text)")
    with empty.connect() as connection:
        copy_in(connection, "said", ["a"], pd.DataFrame({"a": words("x")}))
        connection.commit()
    with empty.begin() as connection:
        assert execute(connection, "SELECT count(*) FROM said").scalar_one() == 1


def test_errors_hold_no_value_of_a_row(empty: Engine) -> None:
    with empty.begin() as connection:
        execute(connection, "CREATE TABLE said (a integer UNIQUE, b integer CHECK (b > 0))")
        execute(connection, "INSERT INTO said VALUES (4711, 1)")
    faulty = [
        ("INSERT INTO said VALUES (:a, 1)", {"a": 4711}),
        ("INSERT INTO said VALUES (1, :b)", {"b": -4711}),
        ("INSERT INTO said VALUES (CAST(:a AS integer), 1)", {"a": "x4711"}),
        ("SELECT CAST(:a AS date)", {"a": "4711-99-99"}),
    ]
    for statement, values in faulty:
        with pytest.raises(DBAPIError) as caught, empty.begin() as connection:
            execute(connection, statement, **values)
        assert "4711" not in str(caught.value)
    bad = pd.DataFrame({"a": words("x4711")})
    wrong = pytest.raises(psycopg2.Error, match="invalid input syntax")
    with empty.connect() as connection, wrong as failed:
        copy_in(connection, "said", ["a"], bad)
    assert "4711" not in str(failed.value)


def test_a_broken_constraint_is_still_told_from_other_errors(empty: Engine) -> None:
    with empty.begin() as connection:
        execute(connection, "CREATE TABLE said (a integer UNIQUE)")
        execute(connection, "INSERT INTO said VALUES (1)")
    with pytest.raises(IntegrityError, match="said_a_key"), empty.begin() as connection:
        execute(connection, "INSERT INTO said VALUES (1)")


def test_a_lock_is_held_to_the_end_of_the_transaction(empty: Engine) -> None:
    with empty.begin() as first, empty.begin() as second:
        advisory_lock(first, "sync", "street_office")
        execute(second, "SET LOCAL lock_timeout = '50ms'")
        advisory_lock(second, "sync", "property")
        with pytest.raises(DBAPIError, match="lock timeout"):
            advisory_lock(second, "sync", "street_office")
    with empty.begin() as third:
        execute(third, "SET LOCAL lock_timeout = '50ms'")
        advisory_lock(third, "sync", "street_office")
        # The server is shared with other tests' databases, and so is its list of locks.
        held = execute(
            third,
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        assert held.scalar_one() == 1


def test_only_one_at_a_time_gets_a_lock_across_transactions(empty: Engine) -> None:
    with try_advisory_lock(empty, "sync", "a") as mine:
        with try_advisory_lock(empty, "sync", "a") as theirs:
            assert (mine, theirs) == (True, False)
        with try_advisory_lock(empty, "sync", "a") as still:
            assert not still
    with try_advisory_lock(empty, "sync", "a") as afterwards:
        assert afterwards


def test_times_are_told_in_the_districts_time_zone(empty: Engine) -> None:
    with empty.begin() as connection:
        said = copy_out(connection, "SELECT timestamptz '2024-05-01T00:00:00Z' AS at")
    assert said["at"].item() == "2024-05-01 08:00:00+08"


def test_what_the_address_says_of_a_connection_holds(
    empty_database_url: str, tmp_path: Path
) -> None:
    more = "&application_name=mine&options=-c%20lock_timeout%3D77ms"
    made = engine_of(Settings(home=tmp_path, database_url=SecretStr(empty_database_url + more)))
    shown = "SELECT current_setting(:name)"
    with made.connect() as connection:
        said = {
            name: execute(connection, shown, name=name).scalar_one()
            for name in ("application_name", "lock_timeout", "timezone")
        }
    made.dispose()
    assert said == {
        "application_name": "mine",
        "lock_timeout": "77ms",
        "timezone": "Asia/Shanghai",
    }


def test_a_connection_that_breaks_is_our_own_error_and_the_next_one_works(empty: Engine) -> None:
    suicide = "SELECT pg_terminate_backend(pg_backend_pid())"
    for ask in (execute, copy_out):
        broken = pytest.raises(DatabaseUnavailable, match="not committed")
        with empty.connect() as connection, broken:
            ask(connection, suicide)
    with empty.connect() as connection:
        assert execute(connection, "SELECT 1").scalar_one() == 1


class Ends:
    """Pages of rows, which go on after their connection was ended in the middle."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end, self._read = end, 0

    def read(self, size: int) -> bytes:
        self._read += 1
        if self._read == 5:
            self._end()
        return b"" if self._read > 500 else b"secret\n" * (size // 7)


def test_a_copy_whose_connection_breaks_prints_nothing_of_its_rows(
    empty: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    with empty.connect() as connection, empty.connect() as other:
        execute(connection, "CREATE TEMP TABLE said (word text)")
        pid = execute(connection, "SELECT pg_backend_pid()").scalar_one()

        def end() -> None:
            execute(other, "SELECT pg_terminate_backend(:pid, 5000)", pid=pid)

        driver = cast("psycopg2.extensions.connection", connection.connection.driver_connection)
        with driver.cursor() as cursor, pytest.raises(psycopg2.OperationalError):
            cursor.copy_expert("COPY said FROM STDIN", Ends(end))
        connection.invalidate()
    assert capfd.readouterr() == ("", "")


def test_an_idle_connection_that_broke_is_not_noticed(empty: Engine) -> None:
    with empty.connect() as connection:
        backend = execute(connection, "SELECT pg_backend_pid()").scalar_one()
    other = empty.connect()
    spare = empty.connect()
    assert execute(spare, "SELECT pg_backend_pid()").scalar_one() != backend
    other.close()
    assert execute(spare, "SELECT pg_terminate_backend(:pid, 20000)", pid=backend).scalar_one()
    with empty.connect() as connection:
        assert execute(connection, "SELECT 1").scalar_one() == 1
    spare.close()


def test_a_server_that_is_not_there_is_one_line_without_the_password(tmp_path: Path) -> None:
    nowhere = SecretStr("postgresql://hub:hush@127.0.0.1:1/hub")
    with pytest.raises(DatabaseUnavailable, match="refused") as caught:
        engine_of(Settings(home=tmp_path, database_url=nowhere)).connect()
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("said", ["mysql://a:hush@b/c", "hush", "sqlite://", "", "http://hush"])
def test_another_kind_of_database_is_a_wrong_setting(tmp_path: Path, said: str) -> None:
    with pytest.raises(ConfigError, match="HUB_DATABASE_URL") as caught:
        engine_of(Settings(home=tmp_path, database_url=SecretStr(said)))
    assert "hush" not in str(caught.value)


def test_the_embedded_server_can_hold_the_hub(empty: Engine) -> None:
    with empty.begin() as connection:
        check_server(connection)
        execute(connection, "CREATE EXTENSION pg_trgm")
        # Without Unicode letters, trigrams of Chinese text would be empty.
        likeness = execute(connection, "SELECT similarity('城东区互助路', '城东区互助巷')")
        assert likeness.scalar_one() > 0.4


def test_a_database_that_knows_no_chinese_letters_is_refused(
    empty: Engine, empty_database_url: str, tmp_path: Path
) -> None:
    made = "CREATE DATABASE plain TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'"
    with empty.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        execute(connection, "DROP DATABASE IF EXISTS plain")
        execute(connection, made)
    url = empty_database_url.replace(empty_database_url.split("?")[0].rsplit("/", 1)[1], "plain")
    plain = engine_of(Settings(home=tmp_path, database_url=SecretStr(url)))
    with plain.connect() as connection, pytest.raises(DatabaseUnavailable, match="LC_CTYPE"):
        check_server(connection)
    plain.dispose()


def again(engine: Engine) -> Engine:
    url = SecretStr(engine.url.render_as_string(hide_password=False))
    return engine_of(Settings(database_url=url))


def test_a_killed_client_leaves_no_lock_behind(empty: Engine) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with try_advisory_lock(again(empty), "sync", "a") as held:
            os.write(writing, b"1" if held else b"0")
            signal.pause()
    assert os.read(reading, 1) == b"1"
    with try_advisory_lock(empty, "sync", "a") as held:
        assert not held
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with empty.begin() as connection:
        execute(connection, "SET LOCAL lock_timeout = '5s'")
        advisory_lock(connection, "sync", "a")


def test_a_forked_process_speaks_on_connections_of_its_own(empty: Engine) -> None:
    assert again(empty) is again(empty)
    with empty.connect() as connection:
        ours = execute(connection, "SELECT pg_backend_pid()").scalar_one()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with again(empty).connect() as connection:
            theirs = execute(connection, "SELECT pg_backend_pid()").scalar_one()
        os.write(writing, str(theirs).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(reading, 20)) != ours


def test_the_embedded_server_is_brought_back_for_the_next_connection(tmp_path: Path) -> None:
    home = Path(tempfile.mkdtemp(prefix="hub-test-"))
    home.chmod(0o711)
    made = engine_of(Settings(home=home))
    try:
        with made.connect() as connection:
            assert execute(connection, "SELECT 1").scalar_one() == 1
        keepers = [
            process
            for process in psutil.process_iter(["cmdline"])
            if [*(process.info["cmdline"] or [])][-1:] == [str(home)]
        ]
        everything = [child for keeper in keepers for child in keeper.children(recursive=True)]
        for process in [*keepers, *everything]:
            process.kill()
        psutil.wait_procs([*keepers, *everything], 20)
        assert everything
        with made.connect() as connection:
            assert execute(connection, "SELECT 1").scalar_one() == 1
    finally:
        made.dispose()
        release(home)
        shutil.rmtree(home)
