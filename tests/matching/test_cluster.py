"""Records that share keys are one thing, by way of others too, in any order."""

from __future__ import annotations

import random

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from hub.matching import cluster

Held = list[tuple[int, str]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[int], Held]:
    """Draw records and the keys they hold."""
    size = draw(st.integers(1, 9))
    records = sorted(draw(st.sets(st.integers(1, 99), min_size=size, max_size=size)))
    holds = st.tuples(st.sampled_from(records), st.sampled_from("abcdef"))
    return records, draw(st.lists(holds, max_size=18, unique=True))


def parts(records: list[int], held: Held) -> set[frozenset[int]]:
    bare = [(record, None) for record in records if record not in dict(held)]
    rows = pd.DataFrame([*held, *bare], columns=["record_id", "key"])
    labels = cluster(rows.astype({"record_id": "int64", "key": "str"}))
    return {frozenset(group) for group in labels.groupby(labels).groups.values()}


def reachable(records: list[int], held: Held) -> set[frozenset[int]]:
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
def test_records_hang_together_as_a_plain_search_finds(graph: tuple[list[int], Held]) -> None:
    records, held = graph
    assert parts(records, held) == reachable(records, held)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_keys_is_irrelevant(
    graph: tuple[list[int], Held], chance: random.Random
) -> None:
    records, held = graph
    shuffled = sorted(held, key=lambda _: chance.random())
    assert parts(records, shuffled) == parts(records, held)


def test_nothing_is_nothing() -> None:
    assert parts([], []) == set()
