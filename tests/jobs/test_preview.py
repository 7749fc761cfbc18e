"""Previews of other weights: told as the real thing would do it, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.errors import WrongUse
from hub.jobs.judgements import RecordKey, Word, judged
from hub.jobs.preview import other_weights, try_weights
from hub.jobs.push import pushed
from hub.jobs.resolve import resolve, resolve_queued
from hub.matching.weights import shipped_weights
from hub.store import tables
from tests.build import rows_frame
from tests.web.people import police, street


@pytest.fixture
def weighed(settings: Settings) -> Iterator[float]:
    """Link one man whom two departments know, without a number; return the pair's weight."""
    for name, row in (police("R1"), street("S1")):
        with pushed(settings, name["source"], name["dataset"], [rows_frame(row)]):
            pass
    with engine(settings).connect() as connection:
        (pair,) = connection.execute(tables.match.select()).all()
    yield pair.weight
    engine(settings).dispose()


def contents(connection: Connection) -> dict[str, list[str]]:
    return {
        name: sorted(map(str, connection.execute(table.select()).all()))
        for name, table in tables.metadata.tables.items()
    }


def test_a_higher_bound_splits_and_is_only_tried(settings: Settings, weighed: float) -> None:
    with engine(settings).connect() as connection:
        before = contents(connection)
    effect = try_weights(settings, other_weights(link=weighed + 1))
    with engine(settings).connect() as connection:
        assert contents(connection) == before
    assert (effect.counts["split"], effect.counts["created"]) == (1, 1)
    split, made = effect.entities[:2]
    assert (split.becomes, split.into, len(split.before)) == ("split", (None,), 2)
    assert {party.key for party in (*split.after, *made.after)} == {"R1", "S1"}
    assert made.entity_id is None
    assert effect.sources == ("public_security", "street_office")


def test_the_preview_is_what_then_happens(settings: Settings, weighed: float) -> None:
    higher = other_weights(link=weighed + 1)
    with engine(settings).begin() as connection:
        done = resolve_queued(connection, full=True, weights=higher)
    assert (done.split, done.created, done.review) == (1, 1, 1)
    back = try_weights(settings, shipped_weights())
    assert back.counts["merged"] == 1
    merged = back.entities[0]
    again = resolve(settings, full=True)
    assert again.merged == 1
    with engine(settings).connect() as connection:
        ids = {row.entity_id for row in connection.execute(tables.link.select())}
    assert ids == set(merged.into)


def test_the_same_weights_change_nothing(settings: Settings, weighed: float) -> None:
    effect = try_weights(settings, other_weights())
    assert (sum(effect.counts.values()), effect.entities, effect.sources) == (0, (), ())


def test_a_word_outlives_a_change_of_weights(settings: Settings, weighed: float) -> None:
    (one, _), (two, _) = police("R1"), street("S1")
    sides = RecordKey(**one), RecordKey(**two)
    for verdict, bounds, entities in (
        ("different", other_weights(link=weighed - 5), 2),
        ("same", other_weights(link=weighed + 5), 1),
    ):
        word = Word("person", *sides, verdict, "核对了档案", "a steward")
        with judged(settings, word) as (_, heeded):
            ids = [heeded.judgement.left.golden_id, heeded.judgement.right.golden_id]
        with engine(settings).begin() as connection:
            resolve_queued(connection, full=True, weights=bounds)
            linked = set(connection.scalars(sa.select(tables.link.c.entity_id)))
        assert linked == set(ids)
        assert len(linked) == entities


def test_weights_come_from_a_file_and_its_bounds_can_be_moved(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    file.write_text(shipped_weights().dump(), encoding="utf-8")
    read = other_weights(file, link=9.5, review=1.5)
    assert (read.link, read.review) == (9.5, 1.5)
    assert read.levels == shipped_weights().levels
    said: list[tuple[Any, dict[str, float], str]] = [
        (tmp_path / "none.json", {}, "cannot be read"),
        (None, {"link": 1.0, "review": 2.0}, "review is above link"),
    ]
    file.write_text("{}")
    said.append((file, {}, "no table of weights"))
    for given, bounds, why in said:
        with pytest.raises(WrongUse, match=why):
            other_weights(given, **bounds)
