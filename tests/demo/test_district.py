from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from hub.demo import KEYS, District, changed_rows, district
from hub.demo.world import make

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def bytes_in(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def true_check(number: str) -> str:
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, WEIGHTS, strict=False)) % 11]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        made = district(600, seed=5)
        made.write(tmp_path / name)
        made.later(2, 0.1).write(tmp_path / f"{name}-later")
    assert bytes_in(tmp_path / "one") == bytes_in(tmp_path / "two")
    assert bytes_in(tmp_path / "one-later") == bytes_in(tmp_path / "two-later")


def test_another_seed_gives_another_district() -> None:
    one, two = make(600, seed=5).persons, make(600, seed=6).persons
    assert (one["id"].to_numpy() != two["id"].to_numpy()[: len(one)]).mean() > 0.9


@pytest.mark.parametrize("people", [500, 501, 999, 3_000])
def test_a_district_has_as_many_residents_as_asked_for(people: int) -> None:
    assert (make(people).persons["hh"] >= 0).sum() == people


@pytest.mark.parametrize("people", [0, 499, 1_000_001])
def test_sizes_that_make_no_district_are_refused(people: int) -> None:
    with pytest.raises(ValueError, match="500"):
        make(people)


def test_no_id_number_can_belong_to_anybody(town: District) -> None:
    ids = town.world.persons["id"]
    ids = ids[ids != ""]
    assert ids.is_unique
    assert ids.str.startswith("99").all()
    assert all(number[17] == true_check(number) for number in ids[:2_000])
    odd = ids.str[16].astype(int) % 2 == 1
    assert (odd == town.world.persons.loc[ids.index, "male"]).all()
    assert (pd.to_datetime(ids.str[6:14]) == town.world.persons.loc[ids.index, "birth"]).all()


@pytest.mark.parametrize(
    ("source", "dataset", "column"),
    [
        ("public_security", "residents", "gmsfhm"),
        ("street_office", "residents", "身份证号"),
        ("property", "owners", "id_card"),
    ],
)
def test_every_native_id_number_begins_with_99(
    town: District, source: str, dataset: str, column: str
) -> None:
    said = town.rows(source, dataset)[column]
    # Passports, permits and companies' codes begin otherwise or are not of 18 digits.
    numbers = said[said.str.fullmatch("[0-9]{17}[0-9Xx]")]
    numbers = numbers[numbers != "1" * 18]
    assert len(numbers) > 5_000
    assert numbers.str.startswith("99").all()


def test_no_telephone_lies_in_a_segment_in_use(town: District) -> None:
    phones = town.rows("public_security", "residents")["dh"].str.extract("([0-9]{11})")[0].dropna()
    used = {"142", "143", "154", "160", "161", "163", "164", "168", "169", "179"}
    assert set(phones.str[:3]) == used


@pytest.mark.parametrize(("source", "dataset"), list(KEYS))
def test_every_native_row_has_its_truth(town: District, source: str, dataset: str) -> None:
    of_dataset = town.truth[(town.truth["source"] == source) & (town.truth["dataset"] == dataset)]
    told = of_dataset["key"].str.replace(r"#[12]$", "", regex=True)
    rows = town.rows(source, dataset)
    assert set(rows[KEYS[source, dataset]]) == set(told)
    assert of_dataset["true_id"].str.fullmatch("[A-Z][0-9]{8}").all()


def test_keys_are_unique_but_for_the_office_s_repetitions(town: District) -> None:
    for (source, dataset), key in KEYS.items():
        keys = town.rows(source, dataset)[key]
        repeated = set(keys[keys.duplicated()])
        if (source, dataset) == ("street_office", "residents"):
            dirt = town.dirt
            repeated -= set(dirt.loc[dirt["dirt"] == "office.key_repeated", "key"]) | {""}
        assert not repeated, (source, dataset)


def test_grids_part_every_community_without_gap_or_overlap(village: District) -> None:
    world = village.world
    common = world.grids[world.grids["type"] == "1"]
    for cid, outline in enumerate(world.outlines):
        parts = common.loc[common["cid"] == cid, "boundary"].to_numpy()
        assert len(parts) >= 3
        assert np.isclose(sum(part.area for part in parts), outline.area, rtol=1e-9)
    whole = shapely.union_all(world.outlines)
    assert np.isclose(whole.area, sum(one.area for one in world.outlines), rtol=1e-9)


def test_buildings_stand_in_the_grid_of_their_compound(town: District) -> None:
    world = town.world
    kid = world.buildings["kid"].to_numpy()
    grid = world.grids["boundary"].to_numpy()[world.compounds["gid"].to_numpy()[kid]]
    assert shapely.contains_xy(grid, world.buildings["lon"], world.buildings["lat"]).all()


def test_people_are_as_in_a_real_district(town: District) -> None:
    people = town.world.persons[town.world.persons["hh"] >= 0]
    assert people["name"].duplicated().mean() > 0.05, "homonyms"
    assert people["name"].str.contains("·").any(), "names with a middle dot"
    assert (people["role"] == "twin").any()
    assert {"1", "2", "3", "4", "5"} == set(people["category"])
    assert people["group"].value_counts(normalize=True)["03"] > 0.25
    children = people[people["role"].isin(["child", "twin"])]
    heads = people[people["role"] == "head"].set_index("hh")
    older = (children["birth"] - children["hh"].map(heads["birth"])).dt.days / 365.25
    assert older.min() > 15
    shared = people.loc[people["phone"] != "", "phone"].value_counts()
    assert shared.max() >= 3, "family telephones"


def test_owners_have_several_flats_and_companies_own_some(town: District) -> None:
    owners = town.world.owners
    assert owners.loc[owners["pid"] >= 0, "pid"].value_counts().max() >= 3
    assert owners["company"].any()
    assert (owners["partner"] >= 0).any()


def test_systems_disagree_about_homes_and_telephones(town: District) -> None:
    people = town.truth[town.truth["entity"] == "person"].drop_duplicates("key")
    truth = people.set_index("key")["true_id"]
    police = town.rows("public_security", "residents").set_index("rybh")["dh"]
    office = town.rows("street_office", "residents").set_index("人员编号")["联系电话"]
    both = pd.DataFrame({"police": police.groupby(truth.reindex(police.index).to_numpy()).first()})
    both["office"] = office.groupby(truth.reindex(office.index).to_numpy()).first()
    mobile = both[(both["police"].str.len() == 11) & (both["office"].str.len() == 11)]
    assert 0.01 < (mobile["police"] != mobile["office"]).mean() < 0.25


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_a_later_state_differs_by_the_asked_share(
    town: District, town_later: District, share: float
) -> None:
    after = town_later if share == 0.05 else town.later(3, share)
    for source, dataset in KEYS:
        before = town.rows(source, dataset)
        changed = len(changed_rows(before, after.rows(source, dataset)))
        if len(before) > 5_000:
            assert 0.7 * share < changed / len(before) < 1.9 * share, (source, dataset)


def test_nothing_changes_when_nothing_happens(village: District) -> None:
    after = village.later(1, 0.0)
    for source, dataset in KEYS:
        assert not len(changed_rows(village.rows(source, dataset), after.rows(source, dataset)))


def test_changed_rows_say_a_newer_time_but_for_late_commits(
    town: District, town_later: District
) -> None:
    after = town_later
    before = town.rows("public_security", "residents")
    changed = changed_rows(before, after.rows("public_security", "residents"))
    newest = before["gxsj"].max()
    late = changed[changed["gxsj"] <= newest]
    back = pd.to_datetime(newest, format="%Y%m%d%H%M%S") - pd.to_datetime(
        late["gxsj"], format="%Y%m%d%H%M%S"
    )
    assert 0 < len(late) < 0.1 * len(changed)
    assert back.max() <= pd.Timedelta(minutes=10)
    reporters = changed_rows(
        town.rows("urban_management", "reporters"), after.rows("urban_management", "reporters")
    )
    assert (
        reporters["UpdateTime"] > town.rows("urban_management", "reporters")["UpdateTime"].max()
    ).all()


def test_a_later_state_has_births_deaths_moves_and_withdrawals(
    town: District, town_later: District
) -> None:
    after = town_later
    old, new = town.world.persons, after.world.persons
    same = new.iloc[: len(old)]
    assert len(new) > len(old)
    assert ((old["status"] == "1") & (same["status"] == "3")).any()
    assert (old["hid"] != same["hid"]).any()
    assert (old["phone"] != same["phone"]).any()
    assert (old["id"] == same["id"]).all(), "nobody gets another number"
    police = after.rows("public_security", "residents").set_index("rybh")["czlx"]
    before = town.rows("public_security", "residents").set_index("rybh")["czlx"]
    assert ((police.reindex(before.index) == "D") & (before != "D")).any()
    gone = set(town.rows("street_office", "residents")["人员编号"])
    gone -= set(after.rows("street_office", "residents")["人员编号"])
    assert gone, "rows gone from the snapshot"
    sold = after.rows("property", "owners").set_index("member_id")["status_cd"]
    was = town.rows("property", "owners").set_index("member_id")["status_cd"]
    assert ((sold.reindex(was.index) == "1") & (was == "0")).any()
    parts = after.rows("urban_management", "components").set_index("ObjID")["Deleted"]
    had = town.rows("urban_management", "components").set_index("ObjID")["Deleted"]
    assert ((parts.reindex(had.index) == "1") & (had == "0")).any()


def test_property_rows_never_vanish_but_are_withdrawn(town: District, town_later: District) -> None:
    after = town_later
    for dataset in ("rooms", "owners"):
        key = KEYS["property", dataset]
        kept = after.rows("property", dataset)[key]
        assert set(town.rows("property", dataset)[key]) <= set(kept)
        told = after.truth.loc[after.truth["dataset"] == dataset, "key"]
        assert set(kept) == set(told.str.replace(r"#[12]$", "", regex=True))


def test_relations_name_people_and_houses_of_the_truth(village: District) -> None:
    relations = village.relations
    roles = {"lives_in", "rents", "owns", "second_home", "registered_at", "household"}
    assert roles == set(relations["role"])
    assert relations["subject"].str.fullmatch("P[0-9]{8}").all()
    homes = relations[relations["role"] != "household"]
    assert homes["object"].str.fullmatch("H[0-9]{8}").all()


def test_a_small_district_takes_few_seconds(tmp_path: Path) -> None:
    import time

    started = time.perf_counter()
    district(3_000).write(tmp_path)
    assert time.perf_counter() - started < 10, "3 s on an idle machine"


@pytest.mark.long
def test_a_large_district_takes_a_minute(tmp_path: Path) -> None:
    import time

    started = time.perf_counter()
    district(200_000).write(tmp_path)
    assert time.perf_counter() - started < 120, "60 s on an idle machine"
