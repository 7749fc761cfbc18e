"""Ids stay: through merges and splits, withdrawals and returns."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.matching import Assignment, assign_ids
from schemas.distinct import text_array

Row = tuple[int, int, str | None, str | None]


def assigned(*rows: Row, ended: dict[str, float] | None = None) -> Assignment:
    """Assign ids to rows of record, cluster, id so far, first id; those gave way at times."""
    numbers = {
        "record_id": np.array([row[0] for row in rows], dtype=np.int64),
        "label": np.array([row[1] for row in rows], dtype=np.int64),
    }
    words = {
        "entity_id": text_array([row[2] for row in rows]),
        "home_id": text_array([row[3] for row in rows]),
    }
    return assign_ids({**numbers, **words}, "P", lambda _: ended or {})


def ids(assignment: Assignment) -> dict[int, str]:
    return {int(record): str(said) for record, said in assignment.entity_ids.items()}


def test_new_clusters_get_new_ids_of_the_type() -> None:
    found = assigned((1, 0, None, None), (2, 0, None, None), (3, 1, None, None))
    said = ids(found)
    assert said[1] == said[2] != said[3]
    assert all(re.fullmatch("P[0-9a-f]{32}", one) for one in said.values())
    assert sorted(found.minted) == sorted(set(said.values()))
    assert (found.merged, found.split) == ({}, {})


def test_unchanged_clusters_keep_their_ids_and_newcomers_join() -> None:
    found = assigned((1, 0, "A", "A"), (2, 1, "B", "B"), (3, 1, None, None))
    assert ids(found) == {1: "A", 2: "B", 3: "B"}
    assert (found.minted, found.merged, found.split) == ([], {}, {})


def test_a_merge_keeps_the_id_with_most_members() -> None:
    found = assigned((1, 0, "A", "A"), (2, 0, "B", "B"), (3, 0, "B", "B"))
    assert set(ids(found).values()) == {"B"}
    assert found.merged == {"A": "B"}


def test_a_merge_of_equals_keeps_the_oldest_id() -> None:
    found = assigned((5, 0, "B", "B"), (2, 0, "Z", "Z"))
    assert set(ids(found).values()) == {"Z"}
    assert found.merged == {"B": "Z"}


def test_a_merge_keeps_the_id_with_most_members_even_if_its_first_record_is_gone() -> None:
    found = assigned((1, 0, "A", "A"), (2, 0, "B", "C"), (3, 0, "B", "D"))
    assert set(ids(found).values()) == {"B"}


def test_a_split_leaves_the_id_with_its_first_record_and_gives_former_ids_back() -> None:
    found = assigned((1, 0, "A", "A"), (2, 1, "A", "B"), (3, 1, "A", "B"))
    assert ids(found) == {1: "A", 2: "B", 3: "B"}
    assert found.split == {"A": ["B"]}
    assert (found.minted, found.merged) == ([], {})


def test_a_part_that_never_had_an_id_of_its_own_gets_a_new_one() -> None:
    found = assigned((1, 0, "A", "A"), (2, 1, "A", "A"))
    said = ids(found)
    assert said[1] == "A"
    assert said[2] == found.minted[0]
    assert found.split == {"A": found.minted}


def test_a_record_that_comes_back_alone_has_its_id_again() -> None:
    assert ids(assigned((1, 0, None, "A"))) == {1: "A"}


def test_a_record_that_comes_back_to_others_takes_theirs() -> None:
    assert ids(assigned((1, 0, None, "A"), (2, 0, "B", "B"))) == {1: "B", 2: "B"}


def test_nothing_is_assigned_to_nothing() -> None:
    assert ids(assigned()) == {}


class Life:
    """Entities through a history of regroupings, as the tables remember them."""

    def __init__(self) -> None:
        self.now: dict[int, str] = {}
        self.home: dict[int, str] = {}
        self.ever: set[str] = set()
        self.ended: dict[str, float] = {}
        self.time = 0

    def regroup(self, groups: dict[int, int]) -> Assignment:
        rows = [
            (record, label, self.now.get(record), self.home.get(record))
            for record, label in groups.items()
        ]
        found = assigned(*rows, ended=self.ended)
        assert not self.ever & set(found.minted)
        self.ever |= set(found.minted)
        self.now = ids(found)
        self.home |= {r: said for r, said in self.now.items() if r not in self.home}
        for said in found.minted if found.split else ():
            named = [record for record, now in self.now.items() if now == said]
            if all(self.home[record] != said for record in named):
                self.home |= dict.fromkeys(named, said)
        self.home |= found.homes
        self.time += 1
        gone = found.redirects.keys() - self.ended.keys()
        self.ended = {one: at for one, at in self.ended.items() if one not in self.now.values()}
        self.ended |= dict.fromkeys(gone, self.time)
        return found


groupings = st.lists(
    st.dictionaries(st.integers(1, 6), st.integers(0, 3), min_size=1, max_size=6),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40)
@given(groupings)
def test_an_id_is_one_clusters_own_and_a_cluster_has_one_id(history: list[dict[int, int]]) -> None:
    life = Life()
    for groups in history:
        life.regroup(groups)
        pairs = {(label, life.now[record]) for record, label in groups.items()}
        assert len(pairs) == len(set(groups.values())) == len({said for _, said in pairs})


@settings(max_examples=40)
@given(groupings)
def test_whatever_repeats_itself_changes_nothing(history: list[dict[int, int]]) -> None:
    life = Life()
    for groups in history:
        life.regroup(groups)
        before = dict(life.now)
        again = life.regroup(groups)
        assert life.now == before
        assert (again.minted, again.merged, again.split) == ([], {}, {})


@settings(max_examples=40)
@given(st.dictionaries(st.integers(1, 6), st.integers(0, 3), min_size=2))
def test_a_split_restores_what_was_before_the_merge(groups: dict[int, int]) -> None:
    life = Life()
    life.regroup(groups)
    before = dict(life.now)
    life.regroup(dict.fromkeys(groups, 0))
    assert len(set(life.now.values())) == 1
    life.regroup(groups)
    assert life.now == before


@settings(max_examples=40)
@given(groupings, st.integers(0, 3))
@example([{1: 0, 2: 0, 3: 1}, {1: 0, 2: 0, 6: 1}, {1: 0, 2: 0, 3: 3, 4: 0, 5: 0, 6: 3}], 3)
@example([{1: 0, 2: 0}, {1: 0}, {1: 0, 2: 1}], 0)
@example([{1: 0, 2: 1}, {1: 0, 2: 0}, {2: 0}, {2: 0, 3: 1}], 0)
@example([{1: 0, 2: 1}, {1: 0, 2: 0}, {2: 0}, {2: 0, 3: 0}], 0)
@example([{1: 1, 2: 0, 3: 0}, {3: 0}, {1: 0, 2: 1, 3: 0, 4: 1}], 1)
@example([{1: 0, 2: 0, 3: 0, 5: 0}, {1: 1, 2: 0, 3: 0}, {3: 0}, {1: 0, 2: 1, 3: 0, 4: 0, 5: 1}], 1)
def test_a_split_restores_what_was_before_the_merge_whatever_went_before(
    history: list[dict[int, int]], others: int
) -> None:
    life = Life()
    for groups in history:
        life.regroup(groups)
    before = dict(life.now)
    joined = {record: max(label, others) for record, label in groups.items()}
    life.regroup(joined)
    life.regroup(groups)
    assert life.now == before


@settings(max_examples=40)
@given(groupings)
def test_ids_that_gave_way_are_none_that_live(history: list[dict[int, int]]) -> None:
    life = Life()
    for groups in history:
        found = life.regroup(groups)
        alive = set(life.now.values())
        assert not alive & set(found.merged)
        assert alive >= set(found.merged.values())
        assert alive >= set(found.split)
