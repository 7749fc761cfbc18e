from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hub.demo import DIRTS, KEYS, LAGS, District

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])


def police(town: District) -> pd.DataFrame:
    return town.rows("public_security", "residents")


def office(town: District) -> pd.DataFrame:
    return town.rows("street_office", "residents")


def checks(numbers: pd.Series) -> pd.Series:
    """Say which of these 18 digits end in the right sign, counted anew here."""
    signs = np.array([[int(sign) for sign in number[:17]] for number in numbers])
    right = np.array(list("10X98765432"))[(signs * WEIGHTS).sum(axis=1) % 11]
    return pd.Series(right == numbers.str[17].str.upper().to_numpy(), index=numbers.index)


@pytest.mark.parametrize("name", list(DIRTS))
def test_every_dirt_occurs_at_its_rate(town: District, name: str) -> None:
    line = town.counts.set_index("dirt").loc[name]
    rate, expected = DIRTS[name].rate, line["eligible"] * DIRTS[name].rate
    deviation = np.sqrt(expected * (1 - rate))
    assert line["hits"] > 0
    assert abs(line["hits"] - expected) <= 4.5 * deviation + 1


def test_the_table_names_real_datasets_and_says_what_each_dirt_does() -> None:
    known = {*KEYS, ("street_office", "sheets")}
    assert all((dirt.source, dirt.dataset) in known for dirt in DIRTS.values())
    assert all(0 < dirt.rate < 1 and dirt.of and dirt.does for dirt in DIRTS.values())
    assert {lag.source for lag in LAGS} == {source for source, _ in KEYS}


def test_dirty_rows_are_named_by_keys_that_exist(town: District) -> None:
    dirt = town.dirt[town.dirt["dataset"] != "sheets"]
    for (source, dataset), marks in dirt.groupby(["source", "dataset"]):
        keys = set(town.rows(str(source), str(dataset))[KEYS[str(source), str(dataset)]])
        left_out = marks[marks["dirt"] != "office.no_key"]
        unknown = set(left_out["key"]) - keys
        # Rows that have lost their key, and owners whose row stands for a room.
        lost = set(marks.loc[marks["dirt"] == "office.no_key", "key"])
        rooms = set(town.rows("property", "rooms")["room_id"])
        assert unknown <= lost | rooms


def test_streams_are_independent_of_each_other(town: District) -> None:
    marks = town.dirt
    one = set(marks.loc[marks["dirt"] == "office.name_typo", "key"])
    two = set(marks.loc[marks["dirt"] == "office.birth_missing", "key"])
    expected = len(one) * len(two) / len(office(town))
    assert len(one & two) <= expected + 5 * np.sqrt(expected) + 3


def test_police_id_numbers_are_ruined_as_the_table_says(town: District) -> None:
    ids = police(town)["gmsfhm"]
    marks = town.dirt.set_index("dirt")["key"]
    full = ids[ids.str.fullmatch("[0-9]{17}[0-9Xx]") & (ids != "1" * 18)]
    wrong = set(police(town).loc[full.index[~checks(full)], "rybh"])
    again = {key for key in wrong if key.startswith("R64")}
    assert wrong - again == set(marks["police.id_wrong_check"])
    assert ids.str.fullmatch("[0-9]{15}").sum() >= len(marks["police.id_fifteen"])
    assert ids.str.contains("[０-９]").any()
    assert ids.str.fullmatch("[0-9]{17}x").any()
    assert (ids == "1" * 18).any()
    assert ids.str.contains("********", regex=False).any()
    february = full[full.str[10:14] == "0231"]
    assert len(february)
    assert checks(february).all()


def test_police_values_show_their_dirt(town: District) -> None:
    rows = police(town)
    names = rows["xm"]
    assert (rows["csrq"] == "19900000").any()
    assert {"1", "2", "男", "女"} == set(rows["xb"])
    assert rows["mz"].isin(["回", "回族"]).any()
    assert (rows["mz"] == "77").any()
    assert names.str.contains("?", regex=False).any()
    assert names.map(lambda name: any(0xE000 <= ord(sign) <= 0xF8FF for sign in name)).any()
    assert (names == "无名氏").any()
    assert rows["dh"].str.contains("[/、;,]").any()
    assert (rows["czlx"] == "D").any()
    assert (rows["jzdzxz"] == rows["hjdz"]).any()
    addresses = town.rows("public_security", "addresses")
    x = pd.to_numeric(addresses["zbx"], errors="coerce")
    assert (x < 90).any(), "swapped"
    assert {"", "CGCS2000", "GCJ02", "BD09", "WGS84"} == set(addresses["zbxt"])
    assert town.rows("public_security", "cameras")["splj"].str.contains("admin:").any()


def test_office_values_show_their_dirt(town: District) -> None:
    rows = office(town)
    ids, names, births = rows["身份证号"], rows["姓名"], rows["出生日期"]
    assert ids.str.fullmatch(r"9\.90[0-9]{3}E\+17").any()
    assert ids.str.fullmatch("[0-9]{15}000").any()
    assert names.str.fullmatch("[^　]　[^　]").any()
    assert names.str.endswith("(已故)").any()
    assert names.str.endswith("（搬走）").any()
    assert names.str.contains("[0-9]{7}").any()
    assert names.isin(["测试"]).any()
    assert births.str.fullmatch("[0-9]{4}年[0-9]{1,2}月").any()
    for form in (r"[0-9]{4}\.[0-9]+\.[0-9]+", "[0-9]{4}/[0-9]{2}/[0-9]{2}", "@.*"):
        assert births.str.fullmatch(form).mean() > 0.05
    assert {"男", "女", "0", "1", "2"} == set(rows["性别"])
    assert rows["联系电话"].str.fullmatch("[0-9]{7}").any()
    assert rows["联系电话"].str.startswith("0971-").any()
    assert (rows["人员编号"] == "").any()
    keyed = rows.loc[rows["人员编号"] != "", "人员编号"]
    assert keyed.duplicated().any()
    assert keyed.str.fullmatch("SQ[0-9]{3}-[0-9]{6}").all()
    spelled = town.rows("street_office", "houses")["楼栋"]
    for form in ("[0-9]+号楼", "[0-9]+栋", "[一二三四五六七八九十]+幢", "[0-9]+#"):
        assert spelled.str.fullmatch(form).any()


def test_urban_management_values_show_their_dirt(town: District) -> None:
    parts = town.rows("urban_management", "components")
    x = pd.to_numeric(parts["PointX"])
    assert (x == 0).any()
    assert x.between(101, 103).any()
    assert (x > 400_000).mean() > 0.8
    assert parts["BGID"].str.startswith(" ").any()
    assert (parts["ORDate"] == "1900-01-01").any()
    assert (parts.loc[parts["Deleted"] == "1", "ObjState"] == "0").all()
    assert set(parts["ObjID"].str.len()) == {16, 17}
    assert set(town.rows("urban_management", "unitGrids")["BGID"].str.len()) == {14, 15}
    truth = town.truth[town.truth["dataset"] == "components"]
    assert truth["true_id"].is_unique, "a cover listed twice is two components"
    names = town.rows("urban_management", "reporters")["Name"]
    assert names.str.fullmatch(".(先生|女士)").any()
    assert {"", "CGCS2000"} < set(town.rows("urban_management", "places")["CRS"])


def test_property_values_show_their_dirt(town: District) -> None:
    rooms, owners = town.rows("property", "rooms"), town.rows("property", "owners")
    assert rooms["built_up_area"].str.endswith("㎡").any()
    assert rooms["room_num"].str.fullmatch("[0-9]+-[0-9]+-[0-9]{4,}").any()
    assert rooms["update_time"].str.contains("T").any()
    assert owners["name"].str.contains("、").any()
    assert owners["name"].str.len().max() == 12
    assert owners["name"].str.contains("有限公司|置业").any()
    assert owners["link"].value_counts().drop("").max() >= 3, "an agent's telephone"
    assert {"1001", "1002", "1003"} == set(owners["owner_type_cd"])
    assert set(owners["room_id"]) <= set(rooms["room_id"])


def test_owners_in_one_cell_have_a_truth_for_each(town: District) -> None:
    owners = town.rows("property", "owners")
    shared = owners.loc[owners["name"].str.contains("、"), "member_id"]
    told = set(town.truth.loc[town.truth["dataset"] == "owners", "key"])
    assert {f"{key}#{nth}" for key in shared for nth in (1, 2)} <= told
    assert not set(shared) & set(town.truth.loc[town.truth["entity"] == "person", "key"])
