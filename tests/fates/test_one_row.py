"""What becomes of dirt (sources.md), row by row, on rows through the real transports."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hub.config import Settings
from hub.jobs.push import ledger_of
from hub.jobs.sync import Synced
from tests.fates import city, estate, police, street
from tests.fates.cases import Case, Found
from tests.fates.found import RowKey

TABLES = (*police.TABLES, *street.TABLES, *city.TABLES, *estate.TABLES)
#: What stands for passwords in the cases.
SECRET = "eim123"
CASES = [case for table in TABLES for case in table]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_becomes_of_dirt(case: Case, ends: Mapping[RowKey, Found]) -> None:
    end = ends[case.source, case.dataset, case.key]
    for expected in case.ends:
        expected.check(end, case.record_type)
    assert {(entry.field, entry.rule) for entry in end.entries} == case.faults
    # The raw row shows how it came, but for what must not be kept.
    kept = {name: word for name, word in case.row.items() if name in end.row and SECRET not in word}
    assert {name: end.row[name] or "" for name in kept} == kept
    assert SECRET not in str(end.row)


def test_every_row_is_counted_once(all_dirt: tuple[Settings, Synced]) -> None:
    done = all_dirt[1]
    assert done.failures == {}
    assert {(one.source, one.dataset): one.received for one in done.batches} == {
        (table.source, table.dataset): len(table.cases) for table in TABLES
    }
    assert all(ledger_of(batch).balanced and batch.state == "kept" for batch in done.batches)


def test_each_key_is_a_case_of_its_own() -> None:
    keys = [(case.source, case.dataset, case.key) for case in CASES]
    assert len(keys) == len(set(keys))
