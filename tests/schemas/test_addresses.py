"""Addresses: taken apart, rebuilt, and compared by key however they are written."""

from __future__ import annotations

import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.addresses import (
    PARTS,
    address_key,
    compound_key,
    dwelling_parts,
    key_from_parts,
    parse_addresses,
    standard_text,
)
from schemas.kinds.doors import BuildingNo, Doorplate, RoomNo, UnitNo

HOME = "630102"
COUNTY = "青海省西宁市城东区"


def a_column(*said: str | None) -> pd.Series:
    return pd.Series(said, dtype="str")


def parts_of(address: str) -> dict[str, str]:
    row = parse_addresses(a_column(address), HOME).iloc[0]
    return {name: row[name] for name in PARTS if pd.notna(row[name])}


def key_of(address: str) -> str | None:
    key = address_key(parse_addresses(a_column(address), HOME)).iloc[0]
    return None if pd.isna(key) else str(key)


def expected(line: str) -> dict[str, str]:
    """Read a line of the table below: letters for parts, in the order of the address."""
    names = dict(zip("dsvtpcbufro", PARTS, strict=True))
    return {names[word[0]]: word[2:] for word in line.split()}


# d division, s subdistrict, v community (village), t thoroughfare, p doorplate, c compound,
# b building, u unit, f floor, r room, o the rest.
TABLE = {
    # whole addresses
    "青海省西宁市城东区周家泉街道学院社区八一中路36号康乐小区3号楼2单元501室":
        f"d={COUNTY} s=周家泉街道 v=学院社区 t=八一中路 p=36 c=康乐小区 b=3 u=2 r=501",
    "西宁市城东区 八一中路 ３６号 康乐小区 3 号楼 2 单元 501 室":
        f"d={COUNTY} t=八一中路 p=36 c=康乐小区 b=3 u=2 r=501",
    "城东区康乐小区3号楼2单元501室": f"d={COUNTY} c=康乐小区 b=3 u=2 r=501",
    "青海西宁城东区东关大街120号": f"d={COUNTY} t=东关大街 p=120",
    "东关大街街道北关社区居民委员会东关大街120号":
        "s=东关大街街道 v=北关社区 t=东关大街 p=120",
    "大众街街道办事处康南社区": "s=大众街街道 v=康南社区",
    "周家泉街道学院社区3号楼2单元501": "s=周家泉街道 v=学院社区 b=3 u=2 r=501",
    "河南省周口市川汇区七一路街道五一社区七一路中段12号":
        "d=河南省周口市川汇区 s=七一路街道 v=五一社区 t=七一路中段 p=12",
    "北京市朝阳区望京街道望京西园四区410号楼3单元1201室":
        "d=北京市朝阳区 s=望京街道 c=望京西园四区 b=410 u=3 r=1201",
    "内蒙古自治区呼和浩特市新城区中山东路3号":
        "d=内蒙古自治区呼和浩特市新城区 t=中山东路 p=3",
    "青海省海东市互助土族自治县威远镇西大街5号":
        "d=青海省海东市互助土族自治县 s=威远镇 t=西大街 p=5",
    "上海市浦东新区张江镇张江路123弄4号501室":
        "d=上海市浦东新区 s=张江镇 t=张江路 c=123弄 b=4 r=501",
    # buildings, units and rooms as people write them
    "康乐小区3栋2单元501": "c=康乐小区 b=3 u=2 r=501",
    "三幢二单元五〇一": "b=3 u=2 r=501",
    "康乐小区三号楼二单元五百零一室": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区十二栋两单元二十三号": "c=康乐小区 b=12 u=2 r=23",
    "康乐小区3#楼2-501": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区3#2-501": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区3#2单元501": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区3-2-501": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区3—2—501室": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区3/2/501": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区3号楼2-5-501": "c=康乐小区 b=3 u=2 f=5 r=501",
    "康乐小区3栋-501": "c=康乐小区 b=3 r=501",
    "3-1-0501": "b=3 u=1 r=0501",
    "A座1203": "b=A r=1203",
    "康乐小区12号楼1204室": "c=康乐小区 b=12 r=1204",
    "康乐小区第3栋第2单元501号": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区,3号楼,2单元,501室": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区3号楼2门501": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区3楼2单元501": "c=康乐小区 b=3 u=2 r=501",
    "康乐小区1号楼A座1203": "c=康乐小区 b=1 u=A r=1203",
    "康乐小区3-1号楼2单元501": "c=康乐小区 b=3-1 u=2 r=501",
    "康乐小区3号楼2单元501-502室": "c=康乐小区 b=3 u=2 r=501-502",
    "康乐小区3号楼2单元5-1": "c=康乐小区 b=3 u=2 r=5-1",
    "康乐小区3号楼2单元501A": "c=康乐小区 b=3 u=2 r=501A",
    "康乐小区b座1203": "c=康乐小区 b=B r=1203",
    "康乐小区5号2单元501": "c=康乐小区 b=5 u=2 r=501",
    "康乐小区5号501室": "c=康乐小区 b=5 r=501",
    "康乐小区5号": "p=5 c=康乐小区",
    "康乐小区3号楼2单元": "c=康乐小区 b=3 u=2",
    # floors
    "康乐小区3号楼B1层": "c=康乐小区 b=3 f=-1",
    "康乐小区3号楼B1": "c=康乐小区 b=3 f=-1",
    "康乐小区3号楼负一层": "c=康乐小区 b=3 f=-1",
    "康乐小区3号楼地下二层": "c=康乐小区 b=3 f=-2",
    "康乐小区3号楼2单元5楼501": "c=康乐小区 b=3 u=2 f=5 r=501",
    "国都大厦12楼1204室": "c=国都大厦 f=12 r=1204",
    "国都大厦1204": "c=国都大厦 r=1204",
    "八一路36号5层501": "t=八一路 p=36 f=5 r=501",
    # compounds
    "康乐小区南区3号楼2单元501": "c=康乐小区南区 b=3 u=2 r=501",
    "康乐小区（南区）3号楼2单元501": "c=康乐小区南区 b=3 u=2 r=501",
    "康乐小区一期3号楼2单元501": "c=康乐小区一期 b=3 u=2 r=501",
    "晨岭五区12幢3单元402室": "c=晨岭五区 b=12 u=3 r=402",
    "铁路局家属院5号楼1单元101": "c=铁路局家属院 b=5 u=1 r=101",
    "铁路新村5号楼1单元101": "c=铁路新村 b=5 u=1 r=101",
    "开元路小区3幢2单元501": "c=开元路小区 b=3 u=2 r=501",
    "红旗小区3号楼2单元501": "c=红旗小区 b=3 u=2 r=501",
    "幸福西区公寓3号楼2单元501": "c=幸福西区公寓 b=3 u=2 r=501",
    "康乐花园C区A3栋2单元1001": "c=康乐花园C区 b=A3 u=2 r=1001",
    "康乐家属楼3单元501": "c=康乐家属楼 u=3 r=501",
    "万禾新都会1958": "c=万禾新都会1958",
    "康乐小区八一路36号3号楼2单元501室": "t=八一路 p=36 c=康乐小区 b=3 u=2 r=501",
    "36号院3号楼2单元501": "c=36号院 b=3 u=2 r=501",
    # doorplates
    "八一路36号": "t=八一路 p=36",
    "八一路36-2号": "t=八一路 p=36-2",
    "八一路36号附1号": "t=八一路 p=36附1",
    "八一路36附1": "t=八一路 p=36附1",
    "八一路甲36号": "t=八一路 p=36甲",
    "八一路36号乙3号楼": "t=八一路 p=36乙 b=3",
    "八一路三十六号": "t=八一路 p=36",
    "八一路36 康乐小区": "t=八一路 p=36 c=康乐小区",
    "八一路36号院3号楼2单元501": "t=八一路 p=36 b=3 u=2 r=501",
    "八一路36号2单元501室": "t=八一路 p=36 u=2 r=501",
    "八一路36号3-2-501": "t=八一路 p=36 b=3 u=2 r=501",
    "八一路清真巷12号": "t=八一路清真巷 p=12",
    "经七路12号": "t=经七路 p=12",
    "五四大街30号五四小区二十三号楼": "t=五四大街 p=30 c=五四小区 b=23",
    # villages
    "韵家口镇下王家庄村3组12号": "s=韵家口镇 v=下王家庄村 t=3组 p=12",
    "王家庄村三组十二号": "v=王家庄村 t=3组 p=12",
    "李家村村民委员会12号": "v=李家村 p=12",
    "李家村委会12号": "v=李家村 p=12",
    "李家村12号": "v=李家村 p=12",
    "青砖巷新村3幢2单元501": "c=青砖巷新村 b=3 u=2 r=501",
    # what is no part
    "康乐小区3号楼2单元501室（租房）": "c=康乐小区 b=3 u=2 r=501 o=(租房)",
    "康乐小区3号楼2单元5楼东户": "c=康乐小区 b=3 u=2 f=5 o=东户",
    "康乐小区3号楼东单元501": "c=康乐小区 b=3 r=501 o=东单元",
    "学校对面平房": "o=学校对面平房",
    "(下城三塘)永福桥路121号": "t=永福桥路 p=121 o=(下城三塘)",
    "中河北路67号, 中河北路65号": "t=中河北路 p=67 o=中河北路65号",
    "无": "",
    "": "",
}  # fmt: skip


@pytest.mark.parametrize("address", TABLE)
def test_addresses_are_taken_apart(address: str):
    assert parts_of(address) == expected(TABLE[address])


@pytest.mark.parametrize("address", TABLE)
def test_the_standard_text_is_read_as_itself(address: str):
    text = standard_text(parse_addresses(a_column(address), HOME))
    again = standard_text(parse_addresses(text, HOME))
    assert again.equals(text)


def test_the_standard_text_names_all_parts_in_order():
    said = "青海西宁城东区周家泉街道学院社区八一中路36附1康乐小区（一期） a座02单元 B1 (借住)"
    text = standard_text(parse_addresses(a_column(said), HOME)).iloc[0]
    assert text == f"{COUNTY}周家泉街道学院社区八一中路36附1号康乐小区一期A座02单元负1层(借住)"


def test_the_named_county_gives_the_division_and_home_stands_for_silence():
    said = a_column("河南省周口市川汇区七一路12号", "城中区七一路1号", "康乐小区", "无", None)
    codes = parse_addresses(said, HOME)["division_code"]
    assert codes.tolist()[:3] == ["411602", "630103", "630102"]
    assert codes.isna().tolist() == [False, False, False, True, True]
    assert parse_addresses(said)["division_code"].isna().tolist() == [False] + [True] * 4


@pytest.mark.parametrize(
    "spelling",
    [
        "康乐小区3号楼2单元501室", "康乐小区3栋2单元0501", "康乐小区三幢二单元五〇一",
        "康乐 小区 ３＃２单元501", "康乐小区3-2-501", "康乐小区03-02-0501", "康乐3#楼2-501",
        "康乐小区3号2单元501", "西宁市城东区八一中路36号康乐小区3号楼2单元5楼501",
        "青海省西宁市城东区周家泉街道学院社区八一中路36号康乐小区3号楼2单元501室（租）",
        "康乐小区３号楼２单元五百零一室", "康乐小区3楼2单元501室", "康乐住宅小区3号楼2单元501",
        "康乐小区3号楼2单元5楼01", "康乐小区3号楼2单元5层1室", "康乐小区三号楼二单元五楼01号",
        "康乐小区3-2-5-01",
    ],
)  # fmt: skip
def test_spellings_of_one_flat_have_one_key(spelling: str):
    assert key_of(spelling) == "康乐|3|2|501"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("康乐小区南区3号楼2单元501", "康乐小区北区3号楼2单元501"),
        ("康乐小区一期3号楼2单元501", "康乐小区二期3号楼2单元501"),
        ("康乐小区3号楼2单元501", "康乐花园3号楼2单元501"),
        ("康乐小区3号楼2单元501", "康乐小区3号楼501"),
        ("康乐小区3号楼2单元501", "康乐小区3号楼2单元501A"),
        ("康乐小区3号楼东单元501", "康乐小区3号楼西单元501"),
        ("康乐小区3号楼2单元5楼东户", "康乐小区3号楼2单元5楼西户"),
        ("康乐小区3号楼2单元5楼01", "康乐小区3号楼2单元6楼01"),
        ("康乐小区3号楼2单元1层2室", "康乐小区3号楼2单元负1层2室"),
        ("八一路36号501室", "八一路36附1号501室"),
        ("王家庄村3组12号", "王家庄村2组12号"),
        ("张江路123弄4号501室", "金科路123弄4号501室"),
    ],
)
def test_different_homes_have_different_keys(one: str, other: str):
    assert key_of(one) is not None
    assert key_of(other) is not None
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    "address",
    ["康乐小区", "康乐小区3号楼", "康乐小区3号楼2单元", "康乐小区2单元501", "八一路36号",
     "3号楼2单元501", "学院社区", "学校对面", "36号3号楼501", "无"],
)  # fmt: skip
def test_an_address_that_stops_above_the_home_has_no_key(address: str):
    assert key_of(address) is None


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("国都大厦1204室", "国都大厦|||1204"),
        ("八一路36号院3号楼2单元501", "八一路36号|3|2|501"),
        ("八一路36号501室", "八一路36号|||501"),
        ("学院社区3号楼2单元501", "学院社区|3|2|501"),
        ("李家村12号", "李家村12号|||"),
        ("王家庄村三组12号", "王家庄村3组12号|||"),
        ("康乐小区3号楼2单元5楼东户", "康乐|3|2|5层东"),
        ("康乐小区3号楼2单元11楼2室", "康乐|3|2|1102"),
        ("康乐小区3号楼2单元11楼2A室", "康乐|3|2|1102A"),
        ("康乐小区3号楼2单元负1层2室", "康乐|3|2|B102"),
    ],
)
def test_keys_begin_with_the_place_that_holds_the_home(address: str, key: str):
    assert key_of(address) == key


@pytest.mark.parametrize(
    ("compound", "building", "unit", "room"),
    [
        ("康乐小区", "3号楼", "2单元", "501室"),
        ("康乐", "三幢", "二", "五〇一"),
        ("康乐小区", "3#", "02", "0501"),
        ("ＫＬ康乐小区"[2:], "3栋", None, "2-501"),
        ("康乐小区", "3", None, "2单元501室"),
        ("康乐小区", None, None, "3-2-0501"),
        ("康乐小区", "3", "2", "3-2-501"),
        ("康乐小区", "3", "2", "2-501"),
        ("康乐小区3号楼", "", "2", "501"),
        ("城东区八一中路36号康乐小区", "3", "2", "501"),
    ],
)
def test_columns_give_the_same_key_as_the_text(
    compound: str, building: str | None, unit: str | None, room: str
):
    key = key_from_parts(*(a_column(said) for said in (compound, building, unit, None, room)))
    assert key.tolist() == ["康乐|3|2|501"]


@pytest.mark.parametrize(
    ("floor", "room", "door"),
    [("5", "501", "501"), ("5", "01", "501"), ("11", "2", "1102"), ("-1", "02", "B102"),
     (None, "01", "1"), ("1", "12", "12"), ("2", "12", "212"), ("7", "804", "804")],
)  # fmt: skip
def test_a_room_of_two_digits_is_counted_on_its_floor(floor: str | None, room: str, door: str):
    key = key_from_parts(*(a_column(said) for said in ("康乐小区", "3", "2", floor, room)))
    assert key.tolist() == [f"康乐|3|2|{door}"]


@pytest.mark.parametrize("name", ["建国路小区", "德盛东村", "36号院", "梅园社区", "八一路36号"])
def test_any_name_of_a_compound_gives_the_same_key_in_columns_and_text(name: str):
    in_columns = key_from_parts(*map(a_column, (name, "3", "2", "5", "501")))
    assert in_columns.tolist() == [key_of(f"{name}3号楼2单元501室")]
    assert in_columns.notna().all()


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("康乐小区", "康乐", " 康乐小区 ", "康乐住宅小区"), "康乐"),
        (("康乐小区一期", "康乐1期", "康乐第一期", "康乐（一期）"), "康乐1期"),
        (("康乐小区南区", "康乐南区", "康乐小区（南区）"), "康乐南区"),
        (("国都·凤起花园", "国都凤起花园"), "国都凤起花园"),
        (("小区",), "小区"),
    ],
)
def test_names_of_one_compound_fold_to_one_key(names: tuple[str, ...], key: str):
    assert set(compound_key(a_column(*names))) == {key}


def test_a_room_that_names_its_building_fills_the_other_columns():
    nothing = a_column(None, None, None, "3号楼")
    rooms = a_column("3-1-0501", "1-501", "B座1203", "501东")
    parts = dwelling_parts(nothing, a_column(*[None] * 4), a_column("5", "B1", "负一层", ""), rooms)
    assert parts["building_no"].tolist() == ["3", "1", "B", "3"]
    assert parts["unit_no"].fillna("").tolist() == ["1", "", "", ""]
    assert parts["floor_no"].fillna("").tolist() == ["5", "-1", "-1", ""]
    assert parts["room_no"].tolist()[:3] == ["0501", "501", "1203"]


def test_a_room_below_ground_is_not_the_flat_above_it():
    nothing = a_column(*[None] * 5)
    floors = a_column("负一", None, "1", "-1", "1")
    rooms = a_column("-101", "－101室", "-101", "101", "101")
    parts = dwelling_parts(nothing, nothing, floors, rooms)
    assert parts["room_no"].tolist() == ["B101", "B101", "101", "101", "101"]
    assert RoomNo().judge(parts["room_no"]).values.equals(parts["room_no"])


def test_parts_have_the_form_their_fields_demand():
    parts = parse_addresses(a_column(*TABLE), HOME)
    forms = {"doorplate_no": Doorplate, "building_no": BuildingNo, "unit_no": UnitNo}
    for name, kind in {**forms, "room_no": RoomNo}.items():
        said = parts[name].dropna()
        assert len(said) > 0
        assert said.str.fullmatch(kind.pattern).all()
        assert kind().judge(said).values.equals(said)


def test_empty_columns_and_columns_of_nothing_are_read():
    for column in (a_column(), a_column(None), a_column(None, None)):
        parsed = parse_addresses(column, HOME)
        assert len(parsed) == len(column)
        assert parsed.isna().all(axis=None)
        assert standard_text(parsed).isna().all()
        assert address_key(parsed).isna().all()
        assert key_from_parts(column, column, column, column, column).isna().all()
        assert compound_key(column).isna().all()


numbers = st.integers(1, 9999).map(str)
small = st.integers(1, 60).map(str)
maybe = st.sampled_from
names = st.sampled_from(
    ["康乐小区", "夏都家园", "铁路新村", "国投广场A区", "晨岭五区", "康乐小区二期", "省委家属院",
     "七一花园", "三塘苑", "昆仑阳光城南区", "开元路小区", "望江楼公寓"]
)  # fmt: skip
doorplates = st.one_of(
    numbers,
    st.builds("{}-{}".format, small, small),
    st.builds("{}附{}".format, numbers, small),
    st.builds("{}{}".format, numbers, st.sampled_from("甲乙AB")),
)
roads = st.sampled_from(["八一中路", "东关大街", "清真巷", "昆仑大道", "经七路", "共和北路东段"])
standard_parts = st.fixed_dictionaries(
    {
        "division": maybe(["", COUNTY, "河南省周口市川汇区"]),
        "subdistrict_name": maybe(["", "周家泉街道", "东关大街街道"]),
        "community_name": maybe(["", "学院社区", "康乐东村社区"]),
        "thoroughfare_name": roads,
        "doorplate_no": doorplates,
        "compound_name": names,
        "building_no": st.one_of(
            small, st.builds("{}-{}".format, small, small), st.sampled_from(["A", "B3", "12A"])
        ),
        "unit_no": st.one_of(st.just(""), small, st.sampled_from("AB")),
        "room_no": st.one_of(
            st.builds("{}0{}".format, small, st.integers(1, 9)),
            st.sampled_from(["0501", "501A", "B103", "1204-1"]),
        ),
    }
)


@given(standard_parts)
def test_a_rebuilt_address_gives_its_parts_back(parts: dict[str, str]):
    spoken = {name: value for name, value in parts.items() if value}
    frame = pd.DataFrame([spoken], dtype="str")
    text = standard_text(frame).iloc[0]
    assert parts_of(text) == spoken
    assert key_of(text) == address_key(frame).iloc[0]


@given(names, small, small, st.integers(101, 3304))
def test_every_way_of_writing_a_flat_gives_one_key(
    compound: str, building: str, unit: str, room: int
):
    spellings = a_column(
        f"{compound}{building}号楼{unit}单元{room}室",
        f"{compound}{building}栋{unit}单元{room}",
        f"{compound} {building}幢 {unit}单元 0{room}号",
        f"{compound}{building}#{unit}-{room}",
        f"{compound}{building}-{unit}-{room}",
        f"城东区八一中路1号{compound}（出租）第{building}栋第{unit}单元{room}室",
    )
    keys = set(address_key(parse_addresses(spellings, HOME)))
    parts = (compound, f"{building}幢", f"{unit}单元", None, f"0{room}")
    assert keys == set(key_from_parts(*map(a_column, parts)))
    assert len(keys) == 1


soup = st.lists(
    st.sampled_from(
        ["青海省", "西宁市", "城东区", "街道", "社区", "八一路", "36", "号", "附", "-", "#", "号楼",
         "栋", "二", "十", "单元", "五〇一", "室", "层", "负", "B1", "A", "座", "小区", "村", "组",
         "南区", "(", ")", "、", " ", "东户", "甲", "第", "楼", "院", "\U00020000", "F", "０", "无"]
    ),
    max_size=10,
).map("".join)  # fmt: skip


@given(st.lists(st.one_of(st.none(), soup), max_size=6), st.integers(0, 6))
def test_splitting_a_column_changes_nothing(said: list[str | None], cut: int):
    def read(part: list[str | None]) -> pd.DataFrame:
        parsed = parse_addresses(a_column(*part), HOME)
        return parsed.assign(key=address_key(parsed), text=standard_text(parsed))

    halves = [read(said[:cut]), read(said[cut:])]
    whole = read(said)
    assert whole.astype("str").equals(pd.concat(halves, ignore_index=True).astype("str"))


@given(soup)
def test_parts_of_any_text_have_the_form_their_fields_demand(said: str):
    parts = parts_of(said)
    for name, kind in (
        ("doorplate_no", Doorplate),
        ("building_no", BuildingNo),
        ("unit_no", UnitNo),
    ):
        assert pd.Series([parts.get(name, "1")]).str.fullmatch(kind.pattern).all()
    assert -20 <= int(parts.get("floor_no", "1")) <= 200


@pytest.mark.parametrize("sign", ["路", "1-", "一", "小区路", "(", "()", "1号", "村3", "、", "负"])
def test_no_text_however_long_takes_long(sign: str):
    start = time.perf_counter()
    parse_addresses(a_column(sign * 5000, sign * 5000 + "号楼"), HOME)
    assert time.perf_counter() - start < 2


def test_twenty_thousand_addresses_take_a_moment():
    said = a_column(
        *(f"{COUNTY}八一中路{n % 300}号康乐小区{n % 60}号楼{n % 5}单元{n}室" for n in range(20_000))
    )
    start = time.perf_counter()
    assert address_key(parse_addresses(said, HOME)).notna().all()
    assert time.perf_counter() - start < 4
