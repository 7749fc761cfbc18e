"""Records that share keys are one thing, unless two identities forbid it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from hub.matching import cluster

Graph = tuple[list[int], list[tuple[int, str]], dict[int, str]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw records, the keys they hold, and identities of some of them."""
    size = draw(st.integers(1, 9))
    records = sorted(draw(st.sets(st.integers(1, 99), min_size=size, max_size=size)))
    holds = st.tuples(st.sampled_from(records), st.sampled_from("abcdef"))
    held = draw(st.lists(holds, max_size=18, unique=True))
    identities = draw(st.dictionaries(st.sampled_from(records), st.sampled_from("XYZ")))
    return records, held, identities


def parts(records: list[int], held: list[tuple[int, str]], said: dict[int, str]) -> set[frozenset]:
    keys = pd.DataFrame(held, columns=["record_id", "key"]).astype({"record_id": "int64"})
    identities = pd.Series(said, dtype="str").reindex(records)
    found = cluster(np.array(records), keys, identities)
    groups = pd.Series(found.record_ids).groupby(found.labels).agg(frozenset)
    return set(groups)


def reachable(records: list[int], held: list[tuple[int, str]]) -> set[frozenset]:
    """Search plainly for what hangs together."""
    left, found = set(records), set()
    while left:
        group = {left.pop()}
        while more := {
            other
            for one, key in held
            if one in group
            for other, same in held
            if same == key and other not in group
        }:
            group |= more
        left -= group
        found.add(frozenset(group))
    return found


@given(graphs())
def test_records_hang_together_as_a_plain_search_finds(graph: Graph) -> None:
    records, held, _ = graph
    assert parts(records, held, {}) == reachable(records, held)


@given(graphs())
def test_no_cluster_holds_two_identities(graph: Graph) -> None:
    records, held, identities = graph
    for group in parts(records, held, identities):
        assert len({identities[record] for record in group if record in identities}) <= 1


@given(graphs())
def test_an_identity_parts_only_what_hangs_together_and_no_more_than_it_must(graph: Graph) -> None:
    records, held, identities = graph
    found = parts(records, held, identities)
    for whole in reachable(records, held):
        inside = {group for group in found if group <= whole}
        assert frozenset().union(*inside) == whole
        said = {identities[record] for record in whole if record in identities}
        assert len(inside) == max(1, len(said))


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_keys_is_irrelevant(graph: Graph, chance: object) -> None:
    records, held, identities = graph
    shuffled = sorted(held, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert parts(records, shuffled, identities) == parts(records, held, identities)


def test_a_record_without_identity_goes_where_it_shares_most() -> None:
    held = [(1, "a"), (2, "b"), (2, "c"), (3, "a"), (3, "b"), (3, "c")]
    assert parts([1, 2, 3], held, {1: "X", 2: "Y"}) == {frozenset({1}), frozenset({2, 3})}


def test_an_identity_reaches_through_records_that_have_none() -> None:
    held = [(1, "a"), (2, "a"), (2, "b"), (3, "b"), (3, "c"), (4, "c"), (4, "d"), (5, "d")]
    found = parts([1, 2, 3, 4, 5], held, {1: "X", 5: "Y"})
    assert found == {frozenset({1, 2, 3}), frozenset({4, 5})}


def test_nothing_and_a_single_record_are_clusters_too() -> None:
    assert parts([], [], {}) == set()
    assert parts([7], [], {}) == {frozenset({7})}
