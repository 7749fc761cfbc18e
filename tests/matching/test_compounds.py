"""Compounds are known by name, door and place, and told apart by phase, side and number."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.matching import compounds, doors
from hub.matching.compound_names import (
    LEVELS,
    compare_compound_names,
    fold_compound_names,
    read_compound_name,
)
from hub.matching.declared import declared_weights
from schemas.frames import to_bd09
from schemas.geojson import point_texts

NAMES = [
    ("康乐小区", "康乐", "same"),
    ("云溪蘭园", "云溪兰苑", "same"),
    ("晨岭二小区", "晨岭2区", "same"),
    ("秀岭苑(湟源)", "秀岭苑", "same"),
    ("西康宁路（散盘）", "西康宁路小区", "same"),
    ("绕河北路6弄", "绕河北路六弄", "same"),
    ("启泰世纪大厦", "启泰世纪大楼", "spelling"),
    ("鹤鸣路386号院", "鹤鸣路386号小区", "spelling"),
    ("木星阁花园", "木星阁", "kind left out"),
    ("临川·千禾星城", "千禾星城", "long name in front"),
    ("瑞禾·墨庭花园", "墨庭花园", "long name in front"),
    ("宏宇湖滨公寓", "湖滨公寓", "name in front"),
    ("南岭芳汀苑", "南岭园芳汀苑", "shortened"),
    ("恒裕铂晶中心", "恒裕铂金中心", "slip"),
    ("玉碧一弄12号", "玉碧一弄小区", "door of the lane"),
    ("清河东路298-311号", "清东小区", "door"),
    ("安业天华公寓", "安业天华花园", "kinds alike"),
    ("祥和大厦", "祥和小区", "other kind"),
    ("松鸣小区", "松鸣苑", "whole and part"),
    ("碧汀花园三期", "碧汀花园", "whole and part"),
    ("西岭园", "西岭园望湖苑", "whole and part"),
    ("泰里桦楠居商铺", "泰里桦楠居", "whole and part"),
    ("丰泽东苑", "丰泽南苑", "other part"),
    ("格桑雅舍一期", "格桑雅舍二期", "other part"),
    ("晨岭六区", "晨岭四区", "other part"),
    ("莲塘巷9号小区", "莲塘巷5号小区", "other part"),
    ("清河东路小区（1-207号）", "清河东路小区（208-369号）", "other part"),
    ("万禾城A区", "万禾城B区", "other part"),
    ("横广禄路", "广禄路", "different"),
    ("大安弄", "小安弄", "different"),
    ("时代名苑", "时代雅苑", "begins alike"),
    ("青砖巷小区", "中远鹭栖花园", "different"),
]


@pytest.mark.parametrize(("left", "right", "level"), NAMES)
def test_names_agree_as_far_as_people_mean_one_place(left: str, right: str, level: str) -> None:
    one, other = fold_compound_names([left, right])
    assert compare_compound_names(one, other) == compare_compound_names(other, one) == level


def test_every_level_of_agreement_has_its_weight_and_no_other_has() -> None:
    name, told, *_ = declared_weights("compounds").aspects
    assert set(name.levels) == set(LEVELS)
    assert set(told.levels) == set(doors.LEVELS)


@given(st.text("东西南北一二三12号弄区期·花园公寓大厦小AB路巷-()（）", max_size=12))
def test_any_name_can_be_read_and_is_the_same_as_itself(name: str) -> None:
    (folded,) = fold_compound_names([name])
    read_compound_name(folded)
    assert compare_compound_names(folded, folded) == "same"


ADDRESSES = [
    ("鹤鸣路193-205号", "(城东长庆)鹤鸣路193-205号, 威乙巷8号", "same doors"),
    ("城东-武林-鹤鸣路290号", "杭州市城东区鹤鸣路290号", "same door"),
    ("香积寺路37~69号", "香积寺路59号", "within"),
    ("体育场路与建国北路交叉口", "[城东 ] 建国北路、体育场路口", "crossing"),
    ("晨岭路171号", "晨岭路179号", "near"),
    ("文晖路", "文辉路80号", "road"),
    ("石祥路71-8号", "石祥路71-4号", "near"),
    ("中山北路412号", "中山北路96号", "other doors"),
    ("东康宁路27号", "西康宁路27号", "other roads"),
    ("林司后9号", "城东林司后9号", "same door"),
    ("", "中山北路412号", "silent"),
    ("和平饭店附近", "和平饭店附近", "same words"),
]


@pytest.mark.parametrize(("left", "right", "level"), ADDRESSES)
def test_addresses_agree_down_to_the_door(left: str, right: str, level: str) -> None:
    one, other = doors.read_doors(left), doors.read_doors(right)
    assert doors.compare_doors(one, other) == doors.compare_doors(other, one) == level


_TEXTS = ("name", "address", "crs", "community", "series")


def places(*rows: dict[str, object]) -> pd.DataFrame:
    """Make records of compounds; ``at`` is longitude and latitude."""
    frame = pd.DataFrame(list(rows), columns=["at", *_TEXTS])
    frame = frame.astype(dict.fromkeys(_TEXTS, "str"))
    lon, lat = (np.array([one[axis] for one in frame["at"]], dtype=float) for axis in (0, 1))
    numbers = range(1, len(frame) + 1)
    series = frame["series"].fillna("")
    return pd.DataFrame(
        {
            "record_id": [*numbers],
            "source": "urban_management",
            "dataset": "places",
            "key": [f"{one or f'site{n}-'}{n:03}" for one, n in zip(series, numbers, strict=True)],
            "geo_entity_name": frame["name"].astype("str"),
            "geo_entity_class": "01",
            "boundary_geometry": point_texts(lon, lat),
            "source_crs": frame["crs"].fillna("CGCS2000").astype("str"),
            "positional_accuracy_m": pd.Series([None] * len(frame), dtype="str"),
            "community_code": frame["community"].astype("str"),
            "evidence": [
                json.dumps({"address": said or ""}) for said in frame["address"].fillna("")
            ],
        }
    )


def place(name: str, address: str = "", at: tuple[float, float] = (101.79, 36.61), **said: str):
    return {"name": name, "address": address, "at": at, **said}


def united(
    records: pd.DataFrame, *words: tuple[int, int, str]
) -> tuple[set[frozenset[int]], set[tuple[frozenset[int], str]]]:
    """Match all records; return the compounds, and the pairs asked about with the reason."""
    keys = compounds.index_keys(records)
    both = keys.merge(keys, on="key", suffixes=("", "_other"))
    both = both[both["record_id"] < both["record_id_other"]].drop_duplicates(
        ["record_id", "record_id_other"]
    )
    pairs = pd.DataFrame({"left": both["record_id"], "right": both["record_id_other"]})
    judged = pd.DataFrame(words, columns=["left", "right", "judgement"])
    nothing = pd.DataFrame({"record_id": pd.Series(dtype="int64"), "key": pd.Series(dtype="str")})
    kept = compounds.weigh(records, pairs.reset_index(drop=True))
    gathered, asked = compounds.unite(records, nothing, kept, judged)
    groups = pd.Series(gathered.record_ids).groupby(gathered.labels).agg(frozenset)
    reviews = zip(asked["left"], asked["right"], asked["review"], strict=True)
    return set(groups), {(frozenset((a, b)), why) for a, b, why in reviews}


FAR = (101.85, 36.61)


def test_one_name_in_two_places_is_two_compounds() -> None:
    found, asked = united(places(place("幸福小区"), place("幸福小区", at=FAR)))
    assert found == {frozenset({1}), frozenset({2})}
    assert asked == set()


def test_an_unknown_frame_supports_a_match_and_does_not_make_one() -> None:
    lon, lat = to_bd09(np.array([101.79]), np.array([36.61]))
    shown = (float(lon[0]), float(lat[0]))
    named = places(place("幸福小区"), place("幸福小区", at=shown, crs="UNKNOWN"))
    assert united(named)[0] == {frozenset({1, 2})}
    others = places(place("幸福小区"), place("安泰花园", at=shown, crs="UNKNOWN"))
    assert united(others)[0] == {frozenset({1}), frozenset({2})}
    # The name alone, without anything that supports it, is a question.
    alone, asked = united(
        places(place("幸福小区", at=(float("nan"), 0)), place("幸福小区", at=shown, crs="UNKNOWN"))
    )
    assert (len(alone), asked) == (2, {(frozenset({1, 2}), "weak")})


def test_a_position_far_off_in_an_unknown_frame_does_not_part_what_name_and_door_join() -> None:
    said = (
        place("星辉年华", "文晖路139号"),
        place("星辉年华小区", "城东文晖路139号", FAR, crs="UNKNOWN"),
    )
    assert united(places(*said))[0] == {frozenset({1, 2})}


def test_phases_and_sides_stay_apart_at_one_door_and_spot() -> None:
    rows = [place(f"格桑雅舍{part}", "民和路120号") for part in ("一期", "二期", "", "东区")]
    found, asked = united(places(*rows))
    assert len(found) == 4
    # Whether the whole means a part is a question; two phases are two.
    assert frozenset({1, 2}) not in {pair for pair, _ in asked}
    assert frozenset({1, 3}) in {pair for pair, _ in asked}


def test_one_list_names_a_compound_once_unless_name_and_door_say_otherwise() -> None:
    twice = [
        place("千禾星城", "东新路8号", series="A"),
        place("临川千禾星城", "", series="B"),
        place("临川千禾星城公寓", "", series="B"),
    ]
    found, _ = united(places(*twice))
    assert frozenset({2, 3}) not in found
    surely = [
        place("小校场", "体育场路8号", series="B"),
        place("小校场小区", "体育场路8号", series="B"),
    ]
    assert united(places(*surely))[0] == {frozenset({1, 2})}


def test_two_developers_towers_of_one_surname_are_not_chained() -> None:
    rows = [
        place("凌云金融中心大楼", "绕河北路63号"),
        place("金融中心大楼", "绕河北路63号"),
        place("阳光金融中心大楼", "绕河北路63号"),
    ]
    found, _ = united(places(*rows))
    assert not any({1, 3} <= group for group in found)


def test_a_popular_name_is_found_by_outline_and_door() -> None:
    records = places(place("康东豪庭", "夏都大街291号"), place("邮电局家属院", "夏都大街291号"))
    square = json.dumps(
        {
            "type": "Polygon",
            "coordinates": [
                [
                    [101.79, 36.61],
                    [101.791, 36.61],
                    [101.791, 36.611],
                    [101.79, 36.611],
                    [101.79, 36.61],
                ]
            ],
        }
    )
    assert united(records)[0] == {frozenset({1}), frozenset({2})}
    assert united(records.assign(boundary_geometry=square))[0] == {frozenset({1, 2})}


def test_a_stewards_word_outranks_names_and_places_transitively() -> None:
    records = places(
        *(place("幸福小区", "民和路120号") for _ in range(3)), place("安泰花园", at=FAR)
    )
    assert united(records)[0] == {frozenset({1, 2, 3}), frozenset({4})}
    found, _ = united(records, (1, 2, "different"), (1, 4, "same"))
    assert not any({1, 2} <= group for group in found)
    assert any({1, 4} <= group for group in found)


def test_nothing_and_one_record_are_matched_as_many_are() -> None:
    assert united(places(place("幸福小区"))) == ({frozenset({1})}, set())
    nobody = places(place("幸福小区")).iloc[:0]
    assert compounds.index_keys(nobody).empty
    silent = (
        places(place("幸福小区"))
        .assign(**dict.fromkeys(("geo_entity_name", "boundary_geometry", "evidence"), None))
        .astype({"geo_entity_name": "str", "boundary_geometry": "str", "evidence": "str"})
    )
    assert len(united(silent)[0]) == 1


STEMS = ("康乐", "安泰", "晨岭", "临川千禾星城", "千禾星城")
TAILS = ("", "小区", "花园", "花苑", "一期", "二期", "东区", "大厦")
ROWS = st.builds(
    place,
    st.builds(str.__add__, st.sampled_from(STEMS), st.sampled_from(TAILS)),
    st.sampled_from(("", "民和路120号", "民和路118-122号", "互助路8号")),
    st.sampled_from(((101.79, 36.61), (101.7915, 36.61), FAR)),
    crs=st.sampled_from(("CGCS2000", "UNKNOWN")),
    series=st.sampled_from("AB"),
)


@hypothesis_settings(max_examples=60)
@given(st.lists(ROWS, min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_records_and_their_numbers_do_not_matter(rows: list, chance) -> None:
    records = places(*rows)
    found, asked = united(records)
    mixed = records.sample(frac=1, random_state=chance.randrange(1_000))
    numbers = dict(zip(mixed["record_id"], range(1, len(mixed) + 1), strict=True))
    back = {new: old for old, new in numbers.items()}
    again, asked_again = united(mixed.assign(record_id=mixed["record_id"].map(numbers)))
    assert {frozenset(back[one] for one in group) for group in again} == found
    assert {(frozenset(back[one] for one in pair), why) for pair, why in asked_again} == asked
    # No cluster holds two phases, or two sides, of one compound.
    names = dict(zip(records["record_id"], records["geo_entity_name"], strict=True))
    for group in found:
        for left, right in combinations(sorted(group), 2):
            one, other = fold_compound_names([names[left], names[right]])
            assert compare_compound_names(one, other) != "other part"
