"""Keys by which addresses are compared: one key for one dwelling, however it is written."""

from __future__ import annotations

import re
from functools import lru_cache

import pandas as pd

from schemas.addresses.dwelling import NUMERAL, read_number
from schemas.addresses.parts import KNOWN, PARTS, Address, parse_address, read_columns
from schemas.addresses.spelling import spelt
from schemas.chinese import HAN
from schemas.distinct import Said, read_each, read_rows

_NO_LETTER = re.compile(rf"[^{HAN}0-9A-Z]")
_NUMBERED = re.compile(rf"第?({NUMERAL}|[0-9]+)(?=期|区|村|组|里|弄|号|院|社|苑|园|小区|大院|宿舍)")
# 小区 says no more than that people live there: 康乐小区 is 康乐, 康乐小区南区 is 康乐南区.
_COMPOUND_WORD = re.compile(
    "(?:住宅|生活|居住|家属)?小区(?=$|(?:[东南西北中]|[0-9]+|[A-Z])(?:区|期|苑|院|$))"
)
_TOWER = re.compile(".*(?:大厦|大楼|公寓|中心|广场|商厦|酒店|楼)")
# A number is a name only beside its road: 张江路123弄.
_NUMBERED_ONLY = re.compile("[0-9]+(?:弄|号院|院|号)")
_UNIT_WORD = re.compile("([东西南北中前后甲乙丙丁左右])单元")
_DOOR_WORD = re.compile("([东西南北中左右])(?:边户|户|室|门)")
_ON_FLOOR = re.compile("([0-9]{1,2})([A-Z]?)")
_ZEROS = re.compile("(^|-)0+(?=[0-9A-Z])")


def compound_key(names: Said) -> Said:
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
    said = parts.reindex(columns=list(PARTS))
    columns = [said[name] for name in PARTS]
    return read_rows(columns, lambda *row: (_key(Address(*row)),), 1)[0]


def key_of_addresses(said: Said) -> Said:
    """Give the keys of the dwellings that whole addresses name."""
    return read_each(said, lambda text: _key(parse_address(text)))


def key_from_parts(compound: Said, building: Said, unit: Said, floor: Said, room: Said) -> Said:
    """Give the key of a dwelling that comes in columns of its own: the same as of its address."""
    return read_rows((compound, building, unit, floor, room), _key_from_parts, 1)[0]


def _key_from_parts(
    compound: str | None,
    building: str | None,
    unit: str | None,
    floor: str | None,
    room: str | None,
) -> tuple[str | None]:
    place = _placed(compound)
    number, stairs, level, door = read_columns(building, unit, floor, room)
    return (
        _key(
            place._replace(
                building_no=place.building_no if number is None else number,
                unit_no=place.unit_no if stairs is None else stairs,
                floor_no=place.floor_no if level is None else level,
                room_no=place.room_no if door is None else door,
            )
        ),
    )


@lru_cache(KNOWN)
def _placed(compound: str | None) -> Address:
    """Read the name of a compound, which may say more than a name."""
    if compound is None:
        return Address()
    place = parse_address(compound)
    if place.compound_name is None and place.doorplate_no is None:
        return place._replace(compound_name=spelt(compound)[0])
    return place


def _key(said: Address) -> str | None:
    building, unit, room = _dwelling(said)
    below = f"|{building}|{unit}|{room}"
    compound = _compound_key(said.compound_name)
    villager = (said.community_name or "").endswith("村") and compound is None
    if compound is not None and (building or _TOWER.fullmatch(said.compound_name or "")):
        if _NUMBERED_ONLY.fullmatch(compound):
            compound = (said.thoroughfare_name or "") + compound
        return compound + below if room else None
    road = _road(said)
    if room and road is not None:
        return road + below
    community = _compound_key(said.community_name) if building and compound is None else None
    if room and community is not None:
        return community + below
    return road + below if villager and road is not None else None


@lru_cache(KNOWN)
def _compound_key(name: str | None) -> str | None:
    if name is None:
        return None
    bare = _NO_LETTER.sub("", "".join(spelt(name)))
    bare = _NUMBERED.sub(lambda found: read_number(found[1]), bare)
    return _COMPOUND_WORD.sub("", bare) or bare or None


def _road(said: Address) -> str | None:
    """Give road and doorplate; a villagers' group or bare doorplate needs its village beside."""
    road = said.thoroughfare_name
    if road is None or road.endswith("组"):
        if said.community_name is None:
            return None
        road = said.community_name + (road or "")
    return None if said.doorplate_no is None else f"{road}{_bare(said.doorplate_no)}号"


def _dwelling(said: Address) -> tuple[str, str, str]:
    """Give building, unit and room for a key, reading words of the rest such as 东单元, 西户."""
    rest = said.rest or ""
    unit, room = said.unit_no, said.room_no
    if unit is None:
        word = _UNIT_WORD.match(rest)
        unit = word[1] if word else ""
    else:
        unit = _bare(unit).removesuffix("单元")
    if room is None:
        word = _DOOR_WORD.search(rest) if said.floor_no is not None else None
        room = f"{said.floor_no}层{word[1]}" if word else ""
    else:
        room = _numbered(room, said.floor_no)
    return _bare(said.building_no or ""), unit, room


def _numbered(room: str, floor: str | None) -> str:
    """Give a room's number with its floor, which a number of two digits leaves to be said.

    In old houses 12 is the second room of floor 1, and says so.
    """
    short = _ON_FLOOR.fullmatch(room.upper())
    if short is None or floor is None or floor == short[1][:-1]:
        return _bare(room)
    return floor.replace("-", "B") + short[1].zfill(2) + short[2]


def _bare(number: str) -> str:
    return _ZEROS.sub(r"\1", number.upper())
