"""No row is ever lost: every native row of a whole district is found again by its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from hub.config import Carrying, Settings
from hub.database import engine
from hub.demo import KEYS, Departments, District, district
from hub.jobs.push import ledger_of, pushed
from hub.jobs.resolve import resolve
from hub.jobs.sync import Synced, sync
from hub.store.migrations import migrate
from schemas import MODELS, fields


@contextmanager
def a_district(
    folder: Path, state: District, settings: Settings
) -> Iterator[tuple[Departments, Settings]]:
    """Run the four departments' systems over a state, and connect a hub to them."""
    prefix = "HUB_SOURCES__"
    with Departments(folder, state) as departments:
        said: dict[str, dict[str, str]] = {}
        for name, value in departments.environment().items():
            source, setting = name.removeprefix(prefix).lower().split("__")
            said.setdefault(source, {})[setting] = value
        yield departments, settings.model_copy(update={"sources": said})


def read_all(settings: Settings) -> Synced:
    """Read and resolve everything; every batch must be kept and account for its rows."""
    done = sync(settings)
    assert done.failures == {}
    for batch in done.batches:
        assert batch.state == "kept", batch
        assert ledger_of(batch).balanced, batch
    resolve(settings)
    return done


def ask(settings: Settings, query: str) -> pd.DataFrame:
    with engine(settings).connect() as connection:
        found = connection.execute(sa.text(query))
        return pd.DataFrame(map(tuple, found.all()), columns=list(found.keys()), dtype="str")


def check_that_no_row_is_lost(settings: Settings, state: District, done: Synced) -> None:
    """Find every native row as a record or in the quarantine, and count the repeated ones."""
    landed = ask(settings, "SELECT source, dataset, key, state FROM landing")
    held = ask(settings, "SELECT source, dataset, key FROM quarantine WHERE fate = 'quarantine'")
    records = pd.concat([
        ask(settings, f"SELECT DISTINCT source, dataset, row_key AS key FROM record_{name}")
        for name in MODELS
    ])  # fmt: skip
    for (source, dataset), column in KEYS.items():
        keys = state.rows(source, dataset)[column].str.strip()
        here = [part[(part["source"] == source) & (part["dataset"] == dataset)] for part in
                (landed, records, held)]  # fmt: skip
        rows, made, kept_back = here
        # A company that owns and a row without a key are found where they belong.
        named = set(keys[keys != ""])
        assert named <= set(rows["key"]), (source, dataset)
        unmade = named - set(made["key"])
        assert unmade <= set(kept_back["key"]) | _companies(state, source, dataset)
        batches = [
            batch for batch in done.batches if (batch.source, batch.dataset) == (source, dataset)
        ]
        keyless = int((keys == "").sum())
        found = rows["key"].str.startswith("?")
        assert sum(batch.received for batch in batches) == len(keys)
        assert sum(batch.repeated for batch in batches) == len(keys) - len(rows)
        assert len(rows) - int(found.sum()) == len(named)
        assert int(found.sum()) <= keyless
        assert set(rows.loc[found, "key"]) <= set(kept_back["key"])


def _companies(state: District, source: str, dataset: str) -> set[str]:
    """Return the keys of rows that only name a company as somebody's relative or tenant."""
    if (source, dataset) != ("property", "owners"):
        return set()
    rows = state.rows(source, dataset)
    return set(rows.loc[rows["owner_type_cd"] != "1001", "member_id"])


def served(settings: Settings, record_type: str) -> pd.DataFrame:
    """Return the golden records of a type as sets of source keys and values, whatever their ids."""
    names = ", ".join(
        f"g.{spec.name}::text" for spec in fields(MODELS[record_type]) if spec.name != "person_id"
    )
    query = f"""SELECT string_agg(r.source || '|' || r.dataset || '|' || r.key, ' ' ORDER BY
            r.source, r.dataset, r.key) AS keys, g.marks::text, {names}
        FROM golden_{record_type} g JOIN link l ON l.entity_id = g.entity_id
        JOIN record_{record_type} r ON r.record_id = l.record_id
        WHERE g.retired_at IS NULL AND r.withdrawn_at IS NULL
        GROUP BY g.entity_id, g.marks, {names}"""
    return ask(settings, query).sort_values("keys", ignore_index=True)


def said(settings: Settings, record_type: str) -> pd.DataFrame:
    """Return the live records of a type: what they say, their evidence, their place."""
    names = ", ".join(f"{spec.name}::text" for spec in fields(MODELS[record_type]))
    query = f"""SELECT source || '|' || dataset || '|' || key AS keys, row_key, evidence, notes,
            address_key, compound_key, {names}
        FROM record_{record_type} WHERE withdrawn_at IS NULL"""
    return ask(settings, query).sort_values("keys", ignore_index=True)


def check_the_same(
    one: pd.DataFrame, other: pd.DataFrame, but: Callable[[str], bool] = lambda _: False
) -> None:
    """Compare two tables row by row; rows of some keys may differ in what they say."""
    assert list(one["keys"]) == list(other["keys"])
    differs = (one.fillna("") != other.fillna("")).any(axis=1)
    assert [keys for keys in one.loc[differs, "keys"] if not but(keys)] == []


def _dates_may_count(keys: str) -> bool:
    """Tell whether two records of an entity come from one source.

    The newer value wins among these, and a fresh hub cannot know since when a value is said.
    """
    sources = [key.split("|")[0] for key in keys.split()]
    return len(sources) > len(set(sources))


def a_hub(settings: Settings, name: str) -> Settings:
    """Return another hub with an empty database beside the first one's."""
    url = sa.make_url(settings.database_url.get_secret_value() if settings.database_url else "")
    with sa.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {url.database}_{name}"))
    told = url.set(database=f"{url.database}_{name}").render_as_string(hide_password=False)
    made = settings.model_copy(update={"database_url": SecretStr(told)})
    migrate(engine(made))
    return made


def drop(settings: Settings, other: Settings) -> None:
    engine(other).dispose()
    url = sa.make_url(other.database_url.get_secret_value() if other.database_url else "")
    with engine(settings).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"DROP DATABASE {url.database} WITH (FORCE)"))


def go_on(departments: Departments, settings: Settings) -> None:
    """Let some days pass, and take in what has changed: read, or pushed by property companies."""
    for dataset, rows in departments.advance(days=3, share=0.05).items():
        with pushed(settings, "property", dataset, [pd.DataFrame(rows, dtype="str")]) as (
            _,
            result,
        ):
            assert result.ledger.balanced
    read_all(settings)


def check_a_district(folder: Path, settings: Settings, people: int, seed: int) -> None:
    # While a change is on its way to the others, what they still say disputes nothing; a fresh hub
    # has nothing on its way.
    settings = settings.model_copy(update={"carrying": Carrying(changes=False)})
    with a_district(folder, district(people, seed=seed), settings) as (departments, connected):
        done = read_all(connected)
        check_that_no_row_is_lost(connected, departments.state, done)
        again = sync(connected)
        assert sum(batch.accepted for batch in again.batches) == 0
        assert all(ledger_of(batch).balanced for batch in again.batches)
        go_on(departments, connected)
        departments.property.load(departments.state.views["property"])
        fresh = a_hub(connected, "fresh")
        read_all(fresh)
        for record_type in MODELS:
            check_the_same(*(said(one, record_type) for one in (connected, fresh)))
            served_now = (served(one, record_type) for one in (connected, fresh))
            check_the_same(*served_now, but=_dates_may_count)
        drop(connected, fresh)
        engine(connected).dispose()


def test_every_row_of_a_district_is_found_again_and_a_later_state_ends_like_a_fresh_hub(
    settings: Settings, tmp_path: Path
) -> None:
    check_a_district(tmp_path, settings, people=2_000, seed=7)


@pytest.mark.long
def test_no_row_of_fifty_thousand_people_is_lost(settings: Settings, tmp_path: Path) -> None:
    check_a_district(tmp_path, settings, people=50_000, seed=11)
