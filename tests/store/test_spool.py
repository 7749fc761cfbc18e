"""The spool of what was told of readings: on disk at once, in the audit once, whatever is killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from hub.config import Settings
from hub.database import engine as engine_of
from hub.database import execute
from hub.jobs import audit as jobs
from hub.store.audit import Entry
from hub.store.roles import API_ROLE
from hub.store.spool import FOLDER, HALF, NOTHING, Found, Spool, SpoolFull, Waiting, found
from hub.store.spooled import Spooled, settle
from tests.loops import run_to_its_end

ROOT = Path(__file__).parents[2]


def an_entry(caller: str) -> Entry:
    return Entry(caller, "read", "care", "person", entity_ids=("P1",), fields=("person_name",))


def said(caller: str, ago: timedelta = timedelta()) -> bytes:
    return orjson.dumps({**an_entry(caller).document(), "read_at": datetime.now(UTC) - ago})


def left_behind(home: Path, *entries: bytes) -> Spool:
    """Leave a spool as a process does that is killed: what it holds, and no lock."""
    spool = Spool(home / FOLDER)
    spool.append(entries)
    spool.confirm()
    spool.close()
    return spool


def in_home(home: Path) -> list[Found]:
    """Look at the spools of a home, from a copy: looking removes what was left behind."""
    copy = home.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home / FOLDER, copy / FOLDER)
    return list(found(copy))


def file_of(home: Path) -> Path:
    (file,) = (home / FOLDER).iterdir()
    return file


def callers(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(execute(connection, "SELECT caller FROM audit ORDER BY audit_id").scalars())


def test_what_was_appended_is_read_back_by_others(tmp_path: Path) -> None:
    spool = Spool(tmp_path / FOLDER)
    spool.append([b"a", b"b"])
    spool.confirm()
    spool.append([b"c"])
    assert spool.waiting(10) == Waiting(1, [b"a", b"b"])
    (one,) = found(tmp_path)
    assert one == Found(spool.id, True, [Waiting(1, [b"a", b"b", b"c"])])
    assert [(tmp_path / FOLDER).stat().st_mode, file_of(tmp_path).stat().st_mode] == [
        0o40700,
        0o100600,
    ]
    spool.confirm()
    spool.forget(3)
    spool.close()
    assert list(found(tmp_path)) == []


def test_what_was_not_served_is_withdrawn(tmp_path: Path) -> None:
    spool = Spool(tmp_path / FOLDER)
    spool.append([b"a", b"b", b"c"])
    spool.confirm([0, 2])
    assert spool.waiting(10) == Waiting(1, [NOTHING, b"b", NOTHING, NOTHING])
    spool.close()
    (one,) = in_home(tmp_path)
    assert one.entries == [Waiting(1, [NOTHING, b"b", NOTHING, NOTHING])]


def test_a_torn_end_is_not_read(tmp_path: Path) -> None:
    left_behind(tmp_path, b"a" * 50, b"b" * 50, b"c" * 50)
    whole = file_of(tmp_path).read_bytes()
    end = whole.rindex(b"c") + 1
    for cut in (1, 20, 50, 60):
        torn = whole[: end - cut] + bytes(len(whole) - end + cut)
        file_of(tmp_path).write_bytes(torn)
        assert in_home(tmp_path)[0].entries == [Waiting(1, [b"a" * 50, b"b" * 50])]
    for changed in range(2 * 66, end):
        file_of(tmp_path).write_bytes(
            whole[:changed] + bytes([whole[changed] ^ 1]) + whole[changed + 1 :]
        )
        assert in_home(tmp_path)[0].entries == [Waiting(1, [b"a" * 50, b"b" * 50])]


def test_halves_are_used_in_turn_and_never_over_what_waits(tmp_path: Path) -> None:
    spool, entry, kept = Spool(tmp_path / FOLDER), b"x" * 100_000, 0
    for _ in range(5):
        with suppress(SpoolFull):
            while True:
                spool.append([entry])
                spool.confirm()
                kept += 1
        (one,) = found(tmp_path)
        waiting = spool.waiting(kept)
        # What is left of an earlier turn has a lower number, and was taken over.
        assert one.entries[-1].first + len(one.entries[-1].entries) == kept + 1
        assert one.entries[-1].first <= waiting.first
        assert len(waiting.entries) * len(entry) > HALF // 2
        spool.forget(spool.waits * 3 // 4)
    assert kept > 3 * HALF // len(entry)
    assert not spool.broken
    spool.close()


def test_what_was_left_behind_is_taken_over_once(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    left_behind(settings.home, *(said(f"c-{number}") for number in range(5)))
    aside = tmp_path / "aside"
    shutil.copytree(settings.home / FOLDER, aside)
    assert settle(engine, settings.home) == 0
    assert list((settings.home / FOLDER).iterdir()) == []
    # As if it had been killed between the commit and the removal.
    shutil.copytree(aside, settings.home / FOLDER, dirs_exist_ok=True)
    assert settle(engine, settings.home) == 0
    assert callers(engine) == [f"c-{number}" for number in range(5)]
    assert jobs.verify(settings) == []


def test_what_was_taken_over_in_part_goes_on_where_it_ended(
    engine: Engine, settings: Settings
) -> None:
    entries = [said(f"c-{number}") for number in range(5)]
    spool = left_behind(settings.home, *entries[:3], NOTHING, *entries[3:])
    take_over(engine, spool.id, 1, *entries[:2])
    assert settle(engine, settings.home) == 0
    assert callers(engine) == [f"c-{number}" for number in range(5)]


def test_entries_that_were_passed_over_are_told_of(engine: Engine, settings: Settings) -> None:
    spool = left_behind(settings.home, said("c-1"))
    take_over(engine, spool.id, 4, said("c-4"))
    assert settle(engine, settings.home) == 0
    with engine.connect() as connection:
        rows = execute(connection, "SELECT caller, action, about FROM audit ORDER BY audit_id")
        assert rows.all() == [("hub audit", "spool gap", "entries 1 to 3"), ("c-4", "read", None)]
    assert jobs.verify(settings) == []


def take_over(engine: Engine, whose: UUID, first: int, *entries: bytes) -> None:
    with engine.begin() as connection:
        execute(
            connection,
            "SELECT audit_take_over(:whose, :first, CAST(:entries AS jsonb))",
            whose=whose,
            first=first,
            entries=f"[{b','.join(entries).decode()}]",
        )


def test_what_joins_the_chain_late_says_when_it_was_read(
    engine: Engine, settings: Settings
) -> None:
    left_behind(settings.home, said("late", timedelta(hours=3)), said("soon"))
    settle(engine, settings.home)
    with engine.connect() as connection:
        late, soon = execute(connection, "SELECT about, at FROM audit ORDER BY audit_id").all()
    word, told = late.about.rsplit(" ", 1)
    assert word == "read at"
    read_for = late.at - datetime.fromisoformat(told)
    assert timedelta(hours=3) < read_for < timedelta(hours=3, minutes=1)
    assert soon.about is None
    assert soon.at == late.at


def test_the_apis_role_takes_over_and_does_nothing_else(engine: Engine, settings: Settings) -> None:
    bounded = engine_of(settings.model_copy(update={"database_role": API_ROLE}), name="api")
    left_behind(settings.home, said("c-1"))
    assert settle(bounded, settings.home) == 0
    assert callers(engine) == ["c-1"]
    forbidden = (
        *("SELECT * FROM audit_spool", "DELETE FROM audit_spool"),
        *("UPDATE audit_spool SET taken = 0", "TRUNCATE audit_spool"),
        "INSERT INTO audit_spool (spool, taken, at) VALUES (gen_random_uuid(), 9, now())",
    )
    for statement in forbidden:
        with bounded.connect() as connection, pytest.raises(DBAPIError, match="denied"):
            execute(connection, statement)
    bounded.dispose()


KEEPING = """
import asyncio, sys
from hub.config import load_settings
from hub.store.spooled import Spooled
from tests.store.test_spool import an_entry

async def keep():
    spooled = Spooled(load_settings())
    await spooled.ready()
    for number in range(1_000_000):
        spooled.keep([an_entry(f"{sys.argv[1]}-{number}"), an_entry("nobody")])
        spooled.confirm([1])
        print(number, flush=True)
        await asyncio.sleep(0)

asyncio.run(keep())
"""


def keeping(settings: Settings, name: str) -> subprocess.Popen[str]:
    """Start a process that keeps entries, and says of each that it is kept, until it is killed."""
    command = [sys.executable, "-c", KEEPING, name]
    environment = os.environ | settings.environment()
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("kill_after", [1, 37, 400])
def test_each_entry_of_processes_that_are_killed_is_in_the_audit_once(
    engine: Engine, settings: Settings, kill_after: int
) -> None:
    kept = {}
    with keeping(settings, "a") as one, keeping(settings, "b") as other:
        for name, process in (("a", one), ("b", other)):
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(kill_after)]
            # While both live, what they hold is waited for, and nothing is taken from them.
            assert settle(engine, settings.home, patience=30) == 0
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines()
            kept[name] = [int(line) for line in lines if line.endswith("\n")]
    assert settle(engine, settings.home) == 0
    assert list((settings.home / FOLDER).iterdir()) == []
    told = callers(engine)
    for name, numbers in kept.items():
        mine = [int(one.partition("-")[2]) for one in told if one.startswith(f"{name}-")]
        # One more may be told of that nobody heard of any more.
        assert mine == list(range(len(mine)))
        assert numbers == list(range(len(numbers)))
        assert len(numbers) <= len(mine) <= len(numbers) + 1
    # Only the last may be told of that nobody has withdrawn any more.
    assert told.count("nobody") <= len(kept)
    assert jobs.verify(settings) == []


def test_a_process_that_ends_has_everything_taken_over(engine: Engine, settings: Settings) -> None:
    async def keep() -> None:
        spooled = Spooled(settings)
        await spooled.ready()
        for number in range(50):
            spooled.keep([an_entry(f"c-{number}")])
            spooled.confirm()
        await spooled.close()

    run_to_its_end(keep)
    assert callers(engine) == [f"c-{number}" for number in range(50)]
    assert list((settings.home / FOLDER).iterdir()) == []


def test_while_postgresql_is_away_the_spool_fills_and_is_left_to_the_next(
    engine: Engine, settings: Settings
) -> None:
    away = settings.model_copy(
        update={"database_url": type(settings.database_url)("postgresql:///none?host=/nowhere")}
    )

    async def keep() -> int:
        spooled, kept = Spooled(away), 0
        await spooled.ready()
        with suppress(SpoolFull):
            while True:
                spooled.keep([an_entry(f"c-{kept + place}") for place in range(500)])
                spooled.confirm()
                kept += 500
        await spooled.close()
        return kept

    kept = run_to_its_end(keep)
    assert settle(engine, settings.home) == 0
    assert callers(engine) == [f"c-{number}" for number in range(kept)]


def test_without_a_folder_nothing_is_kept(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / FOLDER).write_text("in the way")

    async def keep() -> None:
        spooled = Spooled(settings)
        for _ in range(2):
            with pytest.raises(OSError, match=r"exists|no spool"):
                await spooled.ready()
        await spooled.close()

    run_to_its_end(keep)


def test_who_looks_at_a_spool_first_has_it_alone(engine: Engine, settings: Settings) -> None:
    spool = left_behind(settings.home, said("c-1"))
    with open(file_of(settings.home), "rb") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)
        assert settle(engine, settings.home, patience=0) == 1
    assert [one.id for one in in_home(settings.home)] == [spool.id]
    assert settle(engine, settings.home) == 0
    assert callers(engine) == ["c-1"]
