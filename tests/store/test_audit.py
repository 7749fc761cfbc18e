"""The audit's chain: whatever somebody does to it, both verifiers say where."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from hub import audit_check
from hub.config import Settings
from hub.database import engine as engine_of
from hub.database import execute
from hub.jobs import audit as jobs
from hub.store.audit import Entry, Journal, record
from hub.store.roles import API_ROLE

ENTRIES = 12
WHOLE = "every entry is as it was written\n"

#: An auditor's machine: Python, the script, the export, and nothing of ours.
SCRIPT = [sys.executable, "-I", audit_check.__file__]


def an_entry(number: int = 0, **said: Any) -> Entry:
    given = {"purpose": "care", "record_type": "person", "fields": ("person_name",), **said}
    return Entry(f"c-{number}", "read", entity_ids=(f"P{number:032}",), origin="::1", **given)


def append(engine: Engine, *entries: Entry) -> None:
    journal = Journal(engine)
    journal.keep(entries)
    journal.close()


def append_at(connection: Connection, at: str, *entries: Entry) -> None:
    """Append as if it were another time, as only the owner of the tables can."""
    said = json.dumps([dict(entry.document()) for entry in entries])
    execute(connection, "SELECT audit_chain(CAST(:said AS jsonb), :at)", said=said, at=at)


@contextmanager
def tampering(engine: Engine) -> Iterator[Connection]:
    """Connect as somebody who may do anything, guards put aside; nothing stays."""
    with engine.connect() as connection, connection.begin() as transaction:
        execute(connection, "SET LOCAL session_replication_role = replica")
        yield connection
        transaction.rollback()


def found_by_both(connection: Connection, folder: Path) -> list[str]:
    """Check the audit as the connection sees it, by `hub audit verify` and by the script."""
    lines = list(jobs.chain(connection))
    file = folder / "export"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = subprocess.run([*SCRIPT, str(file)], capture_output=True, text=True, check=False)
    faults = list(audit_check.faults(lines, {}))
    assert done.stdout == ("\n".join(faults) + "\n" if faults else WHOLE)
    assert done.returncode == bool(faults), done.stderr
    return faults


@pytest.fixture
def chained(engine: Engine) -> Engine:
    """An audit of days that are over and sealed, and of today."""
    with engine.begin() as connection:
        for number in range(1, ENTRIES + 1):
            day = f"2026-{9 + number // 6:02}-{10 + number // 3:02}"
            append_at(connection, f"{day} 12:00:00+08", an_entry(number, about='“核\n验” "\\ \x7f'))
    return engine


def test_an_audit_that_nobody_touched_is_whole(
    chained: Engine, settings: Settings, tmp_path: Path
) -> None:
    sealed = jobs.seal(settings)
    assert [root.audit_id for root in sealed] == [2, 5, 8, 11, 12]
    assert jobs.seal(settings) == []
    append(chained, an_entry(13), an_entry(14))
    assert jobs.verify(settings) == []
    assert jobs.verify(settings, unsealed=True) == []
    file = tmp_path / "export"
    assert jobs.export(settings, file) == ENTRIES + 2
    roots = jobs.roots_file(settings)
    done = subprocess.run([*SCRIPT, file, roots], capture_output=True, text=True, check=True)
    assert done.stdout == WHOLE
    # What was exported is told, too.
    assert jobs.export(settings, file, since=sealed[-1].day) == 4


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    at=st.integers(1, ENTRIES),
    other=st.integers(1, ENTRIES),
    way=st.sampled_from(
        [
            *("delete", "caller", "action", "purpose", "record_type", "entity_ids", "fields"),
            *("about", "origin", "at", "hash", "swap contents", "swap rows", "forge"),
        ]
    ),
    sealed=st.booleans(),
)
def test_both_verifiers_name_the_place(
    chained: Engine, tmp_path: Path, at: int, other: int, way: str, sealed: bool
) -> None:
    with tampering(chained) as connection:
        if sealed:
            execute(connection, SEALED)
        tamper(connection, way, at, other)
        faults = found_by_both(connection, tmp_path)
    note(f"{faults}")
    if way.startswith("swap") and at == other:
        assert faults == []
        return
    assert faults
    named = [number for number in range(1, ENTRIES + 1) for one in faults if says(one, number)]
    # Somebody who makes up hashes as well is seen where the chain goes on.
    assert at in named or (way == "forge" and at + 1 in named)
    if way == "swap rows":
        assert other in named
    if way not in ("forge", "at"):
        assert set(named) <= {at, other} if way.startswith("swap") else {at}
        assert way != "delete" or any("deleted" in one for one in faults)


SEALED = """INSERT INTO audit_root (day, audit_id, hash)
    SELECT DISTINCT ON (at::date) at::date, audit_id, hash FROM audit ORDER BY at::date, audit_id DESC"""


def says(fault: str, number: int) -> bool:
    """Tell whether a fault names an entry, by itself or as one of several in a row."""
    first, *more = map(int, re.findall(r"(?:entry|entries|at|to) ([0-9]+)", fault))
    several = range(first, more[0] + 1) if fault.startswith("entries") else ()
    return number in (first, *more, *several)


def tamper(connection: Connection, way: str, at: int, other: int) -> None:
    names = "caller, action, purpose, record_type, entity_ids, fields, about, origin"
    if way == "delete":
        execute(connection, "DELETE FROM audit WHERE audit_id = :at", at=at)
    elif way in ("swap contents", "swap rows"):
        columns = names + (", hash" if way == "swap rows" else "")
        swap = f"""UPDATE audit a SET ({columns}) = (SELECT {columns} FROM audit b
            WHERE b.audit_id = :at + :other - a.audit_id) WHERE audit_id IN (:at, :other)"""
        execute(connection, swap, at=at, other=other)
    elif way == "forge":
        # The entry is made to fit its hash: only those after it tell.
        execute(connection, "UPDATE audit SET caller = 'x' WHERE audit_id = :at", at=at)
        lines = [line for line in jobs.chain(connection) if "entry" in line]
        before = lines[at - 2]["hash"] if at > 1 else "00" * 32
        forged = audit_check.hashed(before, lines[at - 1]["entry"])
        hashed = "UPDATE audit SET hash = decode(:hash, 'hex') WHERE audit_id = :at"
        execute(connection, hashed, hash=forged, at=at)
    else:
        changed = {
            "entity_ids": "array_append(entity_ids, 'P0')",
            "fields": "'{}'",
            "at": "at + interval '1 microsecond'",
            "hash": "sha256(hash)",
        }.get(way, f"coalesce({way}, '') || ' '")
        execute(connection, f"UPDATE audit SET {way} = {changed} WHERE audit_id = :at", at=at)


@given(data=st.data())
@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_an_export_whose_lines_were_moved_or_left_out_says_where(
    chained: Engine, data: st.DataObject
) -> None:
    with chained.connect() as connection:
        lines = list(jobs.chain(connection))
    at = data.draw(st.integers(0, ENTRIES - 1))
    to = data.draw(st.integers(0, ENTRIES))
    moved = lines.pop(at)
    if to < ENTRIES:
        lines.insert(to, moved)
    faults = list(audit_check.faults(lines, {}))
    assert faults == [] if to == at else any(says(fault, at + 1) for fault in faults)


def test_an_audit_written_anew_from_some_entry_on_does_not_fit_the_roots_kept_elsewhere(
    chained: Engine, settings: Settings
) -> None:
    jobs.seal(settings)
    with chained.begin() as connection:
        execute(connection, "SET LOCAL session_replication_role = replica")
        lines = [line for line in jobs.chain(connection) if "entry" in line]
        execute(connection, "DELETE FROM audit WHERE audit_id >= 7")
        execute(connection, "DELETE FROM audit_root WHERE audit_id >= 7")
        execute(connection, "DELETE FROM audit_head WHERE audit_id >= 7")
        head = "INSERT INTO audit_head SELECT audit_id, at, hash FROM audit WHERE audit_id = 6"
        execute(connection, head)
        for line in lines[6:]:
            append_at(connection, line["entry"][1], an_entry(99))
        execute(connection, SEALED + " ON CONFLICT DO NOTHING")
        alone = list(audit_check.faults(jobs.chain(connection), {}))
    assert alone == []
    (first, *_) = jobs.verify(settings)
    assert first == "entry 8 is not the one that its day's root was made of: changed"


def test_the_apis_role_adds_and_does_nothing_else(engine: Engine, settings: Settings) -> None:
    append(engine, an_entry(1))
    bounded = engine_of(settings.model_copy(update={"database_role": API_ROLE}), name="api")
    append(bounded, an_entry(2))
    forbidden = (
        *("UPDATE audit SET caller = 'x'", "DELETE FROM audit", "TRUNCATE audit"),
        "INSERT INTO audit (audit_id, at, caller, action, entity_ids, fields, hash)"
        " VALUES (9, now(), 'c', 'a', '{}', '{}', '')",
        *("DELETE FROM audit_head", "UPDATE audit_root SET audit_id = 1", "DROP TABLE audit"),
        *("ALTER TABLE audit DISABLE TRIGGER ALL", "SELECT audit_chain('[]', now())"),
        "SET session_replication_role = replica",
    )
    for statement in forbidden:
        with bounded.connect() as connection, pytest.raises(DBAPIError, match=r"denied|owner"):
            execute(connection, statement)
    for statement in ("UPDATE audit SET caller = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="only added to"):
            execute(connection, statement)
    month = "SELECT tableoid::regclass::text FROM audit LIMIT 1"
    with engine.connect() as connection:
        part = execute(connection, month).scalar_one()
        with pytest.raises(DBAPIError, match="only added to"):
            execute(connection, f"TRUNCATE {part}")
    bounded.dispose()
    assert jobs.verify(settings) == []


def test_writers_and_readers_at_once_make_one_chain(engine: Engine, settings: Settings) -> None:
    journals = [Journal(engine) for _ in range(3)]

    def read(number: int) -> None:
        for _ in range(20):
            journals[number % 3].keep([an_entry(number)])

    def write(number: int) -> None:
        for kept in range(20):
            with engine.connect() as connection, connection.begin() as transaction:
                record(connection, an_entry(100 + number))
                if kept % 2:
                    transaction.rollback()

    threads = [threading.Thread(target=act, args=(n,)) for n in range(4) for act in (read, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for journal in journals:
        journal.close()
    assert jobs.verify(settings) == []
    with engine.connect() as connection:
        kept = execute(connection, "SELECT caller, count(*) FROM audit GROUP BY caller").all()
    assert dict(map(tuple, kept)) == {f"c-{n}": 20 for n in range(4)} | {
        f"c-{100 + n}": 10 for n in range(4)
    }


def test_months_are_kept_three_years_and_dropped_once_their_root_is_kept(
    engine: Engine, settings: Settings
) -> None:
    with engine.begin() as connection:
        # The chain begins anew, before any month of today's.
        for month in ("2021-03-15", "2021-03-31", "2021-04-01", "2022-12-01"):
            append_at(connection, f"{month} 23:30:00+08", an_entry(), an_entry(1))
    assert jobs.turn_months(settings) == []
    jobs.seal(settings)
    assert jobs.turn_months(settings)[:2] == ["audit_2021_03", "audit_2021_04"]
    append(engine, an_entry(2))
    assert jobs.verify(settings) == []
    with tampering(engine) as connection:
        first = execute(connection, "SELECT min(audit_id) FROM audit").scalar_one()
        execute(connection, "DELETE FROM audit WHERE audit_id = :first", first=first)
        assert list(audit_check.faults(jobs.chain(connection), {})) != []


def test_a_transaction_that_sees_an_older_state_cannot_fork_the_chain(engine: Engine) -> None:
    append(engine, an_entry(1))
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        transaction = connection.begin()
        record(connection, an_entry(2))
        with pytest.raises(DBAPIError, match="READ COMMITTED"):
            transaction.commit()
