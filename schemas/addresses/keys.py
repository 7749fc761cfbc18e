"""Keys by which addresses are compared: one key for one dwelling, however it is written."""

from __future__ import annotations

import re

import pandas as pd

from schemas.addresses.dwelling import NUMERAL, read_number
from schemas.addresses.parts import PARTS, dwelling_parts, parse_addresses
from schemas.addresses.spelling import spelt
from schemas.chinese import HAN
from schemas.distinct import read_each

_NO_LETTER = re.compile(rf"[^{HAN}0-9A-Z]")
_NUMBERED = re.compile(rf"第?({NUMERAL}|[0-9]+)(?=期|区|村|组|里|弄|号|院|社|苑|园|小区|大院|宿舍)")
# 小区 says no more than that people live there: 康乐小区 is 康乐, 康乐小区南区 is 康乐南区.
_COMPOUND_WORD = re.compile(
    "(?:住宅|生活|居住|家属)?小区(?=$|(?:[东南西北中]|[0-9]+|[A-Z])(?:区|期|苑|院|$))"
)
_TOWER = ".*(?:大厦|大楼|公寓|中心|广场|商厦|酒店|楼)"
# A number is a name only beside its road: 张江路123弄.
_NUMBERED_ONLY = "[0-9]+(?:弄|号院|院|号)"
_UNIT_WORD = "^([东西南北中前后甲乙丙丁左右])单元"
_DOOR_WORD = "([东西南北中左右])(?:边户|户|室|门)"


def compound_key(names: pd.Series) -> pd.Series:
    """Fold names of compounds for comparing: width, signs, numerals, the word 小区.

    Parts of a compound stay apart: 南区 is not 北区, 一期 is not 二期.
    """
    return read_each(names, _compound_key)


def address_key(parts: pd.DataFrame) -> pd.Series:
    """Give the key of the dwelling that parsed parts name; missing where they stop above one.

    The key is ``place|building|unit|room``, its place the folded name of the compound. There the
    building may lack only where the compound is one itself (a tower). Without a compound the
    place is road and doorplate, or the community where it names a building. In a village a
    doorplate is a home and needs no room. An unknown unit stays empty; leading zeros do not count.
    """
    said = parts.reindex(columns=list(PARTS)).astype("str")
    building, unit, room = _dwelling(said)
    below = "|" + unit + "|" + room
    compound = compound_key(said["compound_name"])
    compound = compound.where(~compound.str.fullmatch(_NUMBERED_ONLY), _road(said) + compound)
    is_tower = said["compound_name"].str.fullmatch(_TOWER)
    on_road = _road_key(said) + "|" + building + below
    villager = said["community_name"].str.endswith("村")
    keys = (compound + "|" + building + below).where((building != "") | is_tower)
    keys = keys.fillna(on_road.where(room != ""))
    in_community = compound_key(said["community_name"]) + "|" + building + below
    keys = keys.fillna(in_community.where((building != "") & compound.isna()))
    return keys.where(room != "").fillna(on_road.where(villager & compound.isna())).astype("str")


def key_from_parts(
    compound: pd.Series, building: pd.Series, unit: pd.Series, room: pd.Series
) -> pd.Series:
    """Give the key of a dwelling that comes in columns of its own: the same as of its address."""
    place = parse_addresses(compound)
    spelling = read_each(compound, lambda name: spelt(name)[0])
    nothing = pd.Series(None, index=compound.index, dtype="str")
    own = dwelling_parts(building, unit, nothing, room)
    for part in ("building_no", "unit_no", "room_no"):
        place[part] = own[part].fillna(place[part])
    unnamed = place["compound_name"].isna() & place["doorplate_no"].isna()
    place["compound_name"] = place["compound_name"].where(~unnamed, spelling)
    return address_key(place)


def _compound_key(name: str) -> str | None:
    bare = _NO_LETTER.sub("", "".join(spelt(name)))
    bare = _NUMBERED.sub(lambda found: read_number(found[1]), bare)
    return _COMPOUND_WORD.sub("", bare) or bare or None


def _road(said: pd.DataFrame) -> pd.Series:
    return said["thoroughfare_name"].fillna("")


def _road_key(said: pd.DataFrame) -> pd.Series:
    """Give road and doorplate; a villagers' group or bare doorplate needs its village beside."""
    road = said["thoroughfare_name"]
    in_village = road.isna() | road.str.endswith("组")
    road = road.where(~in_village, said["community_name"] + _road(said))
    return road + _bare(said["doorplate_no"]) + "号"


def _dwelling(said: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Give building, unit and room for a key, reading words of the rest such as 东单元, 西户."""
    unit_word = said["rest"].str.extract(_UNIT_WORD, expand=False)
    door_word = said["rest"].str.extract(_DOOR_WORD, expand=False)
    unit = _bare(said["unit_no"]).str.removesuffix("单元").fillna(unit_word).fillna("")
    door = said["floor_no"] + "层" + door_word
    room = _bare(said["room_no"]).fillna(door).fillna("")
    return _bare(said["building_no"]).fillna(""), unit, room


def _bare(numbers: pd.Series) -> pd.Series:
    upper = numbers.str.upper()
    return upper.str.replace("(^|-)0+(?=[0-9A-Z])", r"\1", regex=True)
