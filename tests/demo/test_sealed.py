"""Over the demo district, read for real: identity numbers lie sealed wherever rows are kept raw.

Golden records, records and what they are matched by hold the canonical number, by design: they are
what is served, under grants. Rows as sent are kept for stewards and for translating them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, District, district
from hub.jobs.batches import rebuild
from hub.jobs.keys import reseal, rotate
from hub.jobs.resolve import resolve
from hub.jobs.sync import sync
from hub.sealing import MARK, seals
from hub.store import tables
from hub.store.quarantine import to_mend
from hub.store.source_reads import find_row

#: Where rows, or values of them, are kept as their sources sent them, or news of these.
RAW = ("landing", "staged_row", "staged_fault", "quarantine", "signal", "batch", "cursor")
_NUMBER = re.compile("[1-9][0-9]{16}[0-9Xx]|[1-9][0-9]{14}")
_COLUMNS = (
    ("public_security", "residents", "gmsfhm"),
    ("street_office", "residents", "身份证号"),
    ("property", "owners", "id_card"),
)


@pytest.fixture(scope="module")
def small() -> District:
    return district(500, seed=11)


@pytest.fixture
def hub(settings: Settings, small: District, tmp_path: Path) -> Iterator[Settings]:
    with Departments(tmp_path / "departments", small) as departments:
        made = settings.model_copy(update={"sources": sources_of(departments)})
        assert sync(made).failures == {}
        yield made
        engine(made).dispose()


def sources_of(departments: Departments) -> dict[str, dict[str, str]]:
    sources: dict[str, dict[str, str]] = {}
    for name, value in departments.environment().items():
        _, source, setting = name.lower().split("__")
        sources.setdefault(source, {})[setting] = value
    return sources


def numbers_of(town: District) -> set[str]:
    """Return every identity number, of eighteen or fifteen digits, that a department holds."""
    return {
        number
        for source, dataset, column in _COLUMNS
        for cell in town.views[source].rows[dataset][column]
        for number in _NUMBER.findall(str(cell))
    }


def raw_text(settings: Settings) -> str:
    with engine(settings).connect() as connection:
        return "\n".join(
            text
            for name in RAW
            for text in connection.scalars(sa.text(f'SELECT t::text FROM "{name}" t'))
        )


def count(settings: Settings, query: str) -> int:
    with engine(settings).connect() as connection:
        return int(connection.scalar(sa.text(query)) or 0)


def test_no_identity_number_of_the_district_stands_where_rows_are_kept_raw(
    hub: Settings, small: District
) -> None:
    numbers = numbers_of(small)
    assert len(numbers) > 300
    text = raw_text(hub)
    assert text.count(MARK) > len(numbers)
    assert [number for number in numbers if number in text] == []
    # What is served is the canonical value: the same numbers, under grants.
    assert count(hub, "SELECT count(*) FROM record_person WHERE citizen_id_no IS NOT NULL") > 300


def test_sealed_rows_are_known_again_and_translated_as_they_were_said(hub: Settings) -> None:
    resolve(hub)
    records = "SELECT count(DISTINCT content_hash) FROM record_person"
    before = count(hub, records)
    again = sync(hub)
    assert sum(batch.accepted for batch in again.batches) == 0
    rebuild(hub)
    assert count(hub, records) == before
    assert count(hub, "SELECT count(*) FROM resolve_queue") == 0


def test_rows_and_quarantine_are_read_as_they_were_said(hub: Settings, small: District) -> None:
    said = small.views["public_security"].rows["residents"]
    key, number = said.loc[said["gmsfhm"] != "", ["rybh", "gmsfhm"]].iloc[0]
    with engine(hub).connect() as connection:
        landed = find_row(connection, "public_security", "residents", str(key))
        mend = list(to_mend(connection, "public_security", ("blank", "quarantine")))
        quoted = connection.scalars(
            sa.select(tables.quarantine.c.said).where(tables.quarantine.c.field == "citizen_id_no")
        ).all()
    assert landed is not None
    assert landed.row["gmsfhm"] == number
    assert quoted
    assert all(text.startswith(MARK) for text in quoted if text)
    assert not [one for one in mend if (one.said or "").startswith(MARK)]


def test_a_new_key_takes_over_what_older_ones_sealed(hub: Settings) -> None:
    old = seals(hub.key_file).newest
    new = rotate(hub)
    assert old in raw_text(hub)
    done = reseal(hub)
    assert (done.key, done.rows > 0, done.entries > 0) == (new, True, True)
    assert f"{MARK}{old}:" not in raw_text(hub)
    assert sum(batch.accepted for batch in sync(hub).batches) == 0
    assert reseal(hub).rows == 0
