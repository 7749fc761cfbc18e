"""Clusters grow the same from any order, and no veto or judgement is ever overrun."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.matching.candidates import block_keys, candidate_pairs
from hub.matching.features import Features, read_features
from hub.matching.forest import birth_conflict
from hub.matching.grow import Grown, Judged, grow
from hub.matching.score import Scored, read_scored, score
from hub.matching.weights import shipped_weights
from tests.matching.pairs_of_people import (
    AT_HOME,
    MA,
    MA_TWIN,
    MAN,
    PHONE,
    Said,
    a_person,
    caller,
    frame_of,
    owner,
    police,
)

WEIGHTS = shipped_weights()


def scored_pairs(features: Features) -> Scored:
    """Score all candidates."""
    left, right = map(features.positions, candidate_pairs(*block_keys(features)))
    return score(left, right, features, WEIGHTS)


def matched(records: pd.DataFrame, *judgements: Judged) -> Grown:
    """Match all records of a frame."""
    features = read_features(records)
    scored = scored_pairs(features)
    return grow(features, scored, WEIGHTS.link, WEIGHTS.review, judgements)


def people_of(records: pd.DataFrame, grown: Grown) -> set[frozenset[str]]:
    """Return the clusters as sets of the records' keys at their sources."""
    keys = records["source"] + "|" + records["dataset"] + "|" + records["key"]
    labels = pd.Series(grown.labels, index=grown.record_ids)
    groups = keys.groupby(labels.loc[records["record_id"].astype("int64")].to_numpy())
    return {frozenset(group) for _, group in groups}


def together(grown: Grown, *record_ids: int) -> bool:
    labels = pd.Series(grown.labels, index=grown.record_ids)
    return labels.loc[list(record_ids)].nunique() == 1


def a_household(seed: int) -> list[Said]:
    """Invent records of one family and its neighbours, few values shared by many."""
    luck = random.Random(seed)
    makers = (police, a_person, caller, owner)
    names = ("马海明", "马海鸣", "马秀英", "马子轩", "马子涵", "李雪梅", "马女士", "马?明")
    found = []
    for nth in range(luck.randint(2, 14)):
        said: Said = {"person_name": luck.choice(names), "key": f"K{nth}"}
        if luck.random() < 0.6:
            said["birth_date"] = luck.choice(("1980-01-01", "1980-01-11", "2010-05-05"))
        if luck.random() < 0.4:
            said["citizen_id_no"] = luck.choice((MA, MA_TWIN))
        if luck.random() < 0.6:
            said["contact_phone"] = luck.choice((PHONE, "13997000002"))
        if luck.random() < 0.6:
            said |= AT_HOME
        found.append(luck.choice(makers)(**said))
    return found


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_neither_order_nor_numbers_of_records_matter(seed: int, order: random.Random) -> None:
    records = frame_of(*a_household(seed))
    shuffled = list(range(len(records)))
    order.shuffle(shuffled)
    other = records.iloc[shuffled].reset_index(drop=True)
    # Record numbers are given in the order of arrival, so they differ as well.
    other["record_id"] = [str(at) for at in range(1, len(other) + 1)]
    assert people_of(records, matched(records)) == people_of(other, matched(other))


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_no_cluster_holds_two_numbers_or_two_births(seed: int) -> None:
    records = frame_of(*a_household(seed))
    grown = matched(records)
    labels = pd.Series(grown.labels, index=grown.record_ids.astype(str))
    for _, members in records.groupby(labels.loc[records["record_id"]].to_numpy()):
        assert members["citizen_id_no"].nunique() <= 1
        if members["citizen_id_no"].notna().sum() < 2:
            births = members["birth_date"].dropna().unique()
            assert not any(birth_conflict(a, b) for a, b in itertools.combinations(births, 2))


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_judgements_outrank_everything(seed: int, data: st.DataObject) -> None:
    records = frame_of(*a_household(seed))
    ids = st.integers(1, len(records))
    a, b = data.draw(st.tuples(ids, ids).filter(lambda pair: pair[0] < pair[1]))
    assert together(matched(records, (a, b, "same")), a, b)
    assert not together(matched(records, (a, b, "different")), a, b)


def test_different_holds_for_whatever_is_judged_the_same() -> None:
    records = frame_of(police(**MAN), a_person(**MAN), owner(**MAN))
    grown = matched(records, (1, 2, "same"), (2, 3, "different"))
    assert together(grown, 1, 2)
    assert not together(grown, 1, 3)


def test_contradicting_judgements_are_shown() -> None:
    records = frame_of(police(**MAN), a_person(**MAN), owner(**MAN))
    grown = matched(records, (1, 2, "same"), (2, 3, "same"), (1, 3, "different"))
    assert not together(grown, 1, 3)
    assert len(grown.contradictions) == 1


def test_a_caller_who_fits_two_people_is_asked_about() -> None:
    mother = {"person_name": "马秀英", "sex_code": "2", "birth_date": "1955-05-05", **AT_HOME}
    aunt = {"person_name": "马秀兰", "sex_code": "2", "birth_date": "1957-07-07", **AT_HOME}
    records = frame_of(
        police(**mother, contact_phone=PHONE, citizen_id_no=MA),
        police(**aunt, contact_phone=PHONE, citizen_id_no=MA_TWIN),
        caller(person_name="马女士", contact_phone=PHONE, **AT_HOME),
    )
    grown = matched(records)
    assert len(set(grown.labels)) == 3
    assert {review.reason for review in grown.reviews} <= {"fits two", "weak"}
    assert len(grown.reviews) == 2


def test_a_family_never_becomes_one_person() -> None:
    family = [
        {**MAN, "person_name": name, "birth_date": birth, **AT_HOME, "contact_phone": PHONE}
        for name, birth in (
            ("马海明", "1980-01-01"),
            ("马子轩", "2010-05-05"),
            ("马子涵", "2010-05-05"),
            ("马国福", "1952-02-02"),
        )
    ]
    records = frame_of(
        *(make(**member) for member in family for make in (police, a_person)),
        caller(person_name="马先生", contact_phone=PHONE, **AT_HOME),
    )
    people = people_of(records, matched(records))
    assert sorted(map(len, people)) == [1, 2, 2, 2, 2]


def test_a_single_record_meets_the_pairs_it_meets_in_a_batch() -> None:
    records = frame_of(*(one for seed in range(20) for one in a_household(seed)))
    records["key"] = "K" + records["record_id"]
    features = read_features(records)
    holders, keys = block_keys(features)
    whole = np.stack(candidate_pairs(holders, keys))
    for record_id in range(1, len(records) + 1, 7):
        held = np.isin(keys, keys[holders == record_id])
        alone = np.stack(candidate_pairs(holders[held], keys[held], around=[record_id]))
        assert np.array_equal(alone, whole[:, (whole == record_id).any(axis=0)])


def test_a_pair_weighs_the_same_in_any_company() -> None:
    records = frame_of(*(one for seed in range(20) for one in a_household(seed)))
    crowded = frozenset[str]()
    features = read_features(records, crowded)
    whole = scored_pairs(features)
    for nth in range(0, len(whole), 25):
        two = read_features(records.iloc[[whole.left[nth], whole.right[nth]]], crowded)
        assert score([0], [1], two, WEIGHTS).weight[0] == whole.weight[nth]


def test_no_records_make_no_people() -> None:
    grown = matched(frame_of().reset_index(drop=True))
    assert len(grown.labels) == 0
    assert not grown.reviews
    alone = matched(frame_of(police(**MAN)))
    assert np.unique(alone.labels).size == 1


def test_kept_pairs_grow_the_same_clusters() -> None:
    records = frame_of(*(one for seed in range(10) for one in a_household(seed)))
    records["key"] = "K" + records["record_id"]
    features = read_features(records)
    scored = scored_pairs(features)
    kept = scored.worth_knowing(WEIGHTS.review).named(features)
    read = read_scored(kept.left, kept.right, kept.texts(), kept.weight)
    again = grow(features, read.placed(features), WEIGHTS.link, WEIGHTS.review)
    fresh = grow(features, scored, WEIGHTS.link, WEIGHTS.review)
    assert again.labels.tolist() == fresh.labels.tolist()
    assert again.reviews == fresh.reviews
