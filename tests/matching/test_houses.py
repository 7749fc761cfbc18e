"""Dwellings whose records leave the unit out find their room, or a steward is asked."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.hashes import text_hashes
from hub.matching import houses
from hub.matching.declared import declared_weights

Said = tuple[str | None, str | None, str | None]


def records(*rows: Said) -> pd.DataFrame:
    """Make records of houses: unit and room (joined by a bar), address, use."""
    frame = pd.DataFrame(list(rows), columns=["door", "standard_address", "house_use"], dtype="str")
    numbers = [*range(1, len(frame) + 1)]
    return frame.assign(
        record_id=numbers,
        source="property",
        dataset="rooms",
        key=[f"RM{number:04}" for number in numbers],
        place="630102001001|康东豪庭|3|" + frame["door"],
    )


def united(
    said: pd.DataFrame, *words: tuple[int, int, str]
) -> tuple[set[frozenset[int]], dict[frozenset[int], str]]:
    """Match all records as resolving does; return the dwellings, and who is asked about why."""
    same = said[["record_id"]].assign(key=text_hashes("place|" + said["place"])).dropna()
    block = houses.index_keys(said)
    found = block.merge(same, on="key", suffixes=("", "_other"))
    low = found[["record_id", "record_id_other"]].min(axis=1)
    high = found[["record_id", "record_id_other"]].max(axis=1)
    pairs = pd.DataFrame({"left": low, "right": high}).drop_duplicates(ignore_index=True)
    kept = houses.weigh(said, pairs.astype("int64"))
    judged = pd.DataFrame(words, columns=["left", "right", "judgement"])
    gathered, asked = houses.unite(said, same, kept, judged)
    groups = pd.Series(gathered.record_ids).groupby(gathered.labels).agg(frozenset)
    pairs_asked = zip(asked["left"], asked["right"], asked["review"], strict=True)
    return set(groups), {frozenset((a, b)): why for a, b, why in pairs_asked}


def a(door: str | None, address: str | None = None, use: str | None = "01") -> Said:
    return door, address, use


def test_a_room_listed_twice_is_one_room() -> None:
    assert united(records(a("1|501"), a("1|501")))[0] == {frozenset({1, 2})}


def test_a_unit_left_out_is_the_first_where_no_other_has_that_room() -> None:
    assert united(records(a("1|501"), a("|501"))) == ({frozenset({1, 2})}, {})
    # That only a second unit is known does not mean that there is no first one.
    found, asked = united(records(a("2|501"), a("|501")))
    assert (len(found), asked) == (2, {frozenset({1, 2}): "weak"})


def test_a_room_of_two_units_is_a_question() -> None:
    found, asked = united(records(a("1|501"), a("2|501"), a("|501")))
    assert len(found) == 3
    assert asked == {frozenset({1, 3}): "fits two", frozenset({2, 3}): "fits two"}


def test_another_use_or_another_door_speaks_against() -> None:
    shop, flat = a("1|101", use="03"), a("|101", use="01")
    assert len(united(records(shop, flat))[0]) == 2
    here, there = a("1|101", "夏都大街291号康东豪庭"), a("|101", "昆仑东路30号康东豪庭")
    assert len(united(records(here, there))[0]) == 2


def test_a_stewards_word_parts_and_joins_whatever_keys_say() -> None:
    said = records(a("1|501"), a("1|501"), a("1|502"), a("1|501"))
    found, _ = united(said, (1, 2, "different"), (1, 3, "same"))
    assert not any({1, 2} <= group for group in found)
    assert any({1, 3} <= group for group in found)
    # The fourth stays with one of the two, always the same one.
    assert found == {frozenset({1, 3, 4}), frozenset({2})}


def test_a_pair_is_explained_step_by_step() -> None:
    said = records(a("1|501", "夏都大街291号"), a("|501", "夏都大街291号"))
    steps = houses.waterfall(said, 1, 2)
    assert list(steps["field"]) == ["prior", "unit", "doors", "use"]
    assert list(steps["level"]) == ["prior", "first left out", "same door", "same"]
    assert steps["total"].iloc[-1] >= declared_weights("houses").link


def test_nothing_and_places_unknown_are_no_error() -> None:
    assert united(records(a("1|501")).iloc[:0]) == (set(), {})
    assert united(records(a(None))) == ({frozenset({1})}, {})


DOORS = st.sampled_from(("1|501", "2|501", "|501", "|502", "1|502", None))


@hypothesis_settings(max_examples=60)
@given(st.lists(st.builds(a, DOORS), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_records_and_their_numbers_do_not_matter(rows: list, chance) -> None:
    said = records(*rows)
    found, asked = united(said)
    mixed = said.sample(frac=1, random_state=chance.randrange(1_000))
    numbers = dict(zip(mixed["record_id"], range(1, len(mixed) + 1), strict=True))
    back = {new: old for old, new in numbers.items()}
    again, asked_again = united(mixed.assign(record_id=mixed["record_id"].map(numbers)))
    assert {frozenset(back[one] for one in group) for group in again} == found
    assert {frozenset(back[one] for one in pair): why for pair, why in asked_again.items()} == asked
