"""Columns of addresses and of their parts, read into the parts that fields hold."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from schemas.addresses.dwelling import Dwelling, read_dwelling
from schemas.addresses.place import read_place, settle_compound
from schemas.addresses.spelling import spelt
from schemas.codes.divisions import division, find_division
from schemas.distinct import Said, read_parts, read_rows
from schemas.kinds.doors import BuildingNo, Doorplate, RoomNo, UnitNo
from schemas.kinds.kind import Kind, is_silent
from schemas.kinds.numbers import Floor

# The forms that the fields of these parts demand; what does not fit goes to the rest.
_FORMS = {
    "doorplate_no": re.compile(Doorplate.pattern),
    "building_no": re.compile(BuildingNo.pattern),
    "unit_no": re.compile(UnitNo.pattern),
    "room_no": re.compile(RoomNo.pattern),
}
_BUILDING, _UNIT, _FLOOR, _ROOM = BuildingNo(), UnitNo(), Floor(), RoomNo()
#: So many numbers, rooms and names of places are remembered: more than a district has.
KNOWN = 1 << 14
_UNIT_WORD = "^([东西南北中前后甲乙丙丁左右]单元)"
_BELOW = re.compile(r"\s*[-－—–−]\s*[0-9０-９]")
_SHORT_ROOM = re.compile("[0-9]{1,2}-[0-9]{3,5}[A-Z]?(?:号室|室|房|户|号)?")


class Address(NamedTuple):
    """The parts that one address names."""

    division: str | None = None
    subdistrict_name: str | None = None
    community_name: str | None = None
    thoroughfare_name: str | None = None
    doorplate_no: str | None = None
    compound_name: str | None = None
    building_no: str | None = None
    unit_no: str | None = None
    floor_no: str | None = None
    room_no: str | None = None
    rest: str | None = None
    #: The county that is named, or the home division where none is.
    division_code: str | None = None


#: Columns of a parsed address, in the order in which the standard address names them.
PARTS = Address._fields[:-1]


def parse_addresses(said: pd.Series, home_division: str | None = None) -> pd.DataFrame:
    """Take a column of addresses apart, each distinct text once.

    Gives the columns of `PARTS` and ``division_code``: the county that an address names (names
    of counties near ``home_division`` may stand alone), the home division where it names none.
    ``rest`` keeps what is no part, so that nothing said is lost.
    """
    parts = read_parts(said, lambda text: parse_address(text, home_division), len(Address._fields))
    named = zip(Address._fields, parts, strict=True)
    return pd.DataFrame({name: part.array for name, part in named}, index=said.index)


def parse_address(said: str, home_division: str | None = None) -> Address:
    """Take one address apart."""
    text, asides = spelt(said)
    code, behind = find_division(text, home_division)
    address = _fitting(_read(text, asides, code, behind))
    if address.division is None and any(address):
        return address._replace(division_code=home_division)
    return address


def standard_text(parts: pd.DataFrame) -> pd.Series:
    """Rebuild the standard address text from its parts; missing where there is no part at all.

    The floor is named only where there is no room; what is no part stands at the end.
    """
    said = parts.reindex(columns=list(PARTS)).astype("str").fillna("")
    word = said["rest"].str.extract(_UNIT_WORD, expand=False).fillna("")
    lettered = said["building_no"].str.fullmatch("[A-Z]")
    floor = said["floor_no"].str.replace("-", "负", regex=False).where(said["room_no"] == "", "")
    text = said["division"] + said["subdistrict_name"] + said["community_name"]
    text += said["thoroughfare_name"] + _with(said["doorplate_no"], "号") + said["compound_name"]
    text += _with(said["building_no"].where(~lettered, ""), "号楼")
    text += _with(said["building_no"].where(lettered, ""), "座")
    text += _with(said["unit_no"], "单元") + word + _with(floor, "层")
    text += _with(said["room_no"], "室") + said["rest"].str.replace(_UNIT_WORD, "", regex=True)
    return text.where(text != "")


def dwelling_parts(building: Said, unit: Said, floor: Said, room: Said) -> dict[str, Said]:
    """Read building, unit, floor and room from columns of their own, however each is written.

    A room that names more than itself (3-1-0501, 2单元501) fills what the other columns lack.
    What cannot be read stays as said, for the fields' kinds to judge.
    """
    names = ("building_no", "unit_no", "floor_no", "room_no")
    parts = read_rows((building, unit, floor, room), read_columns, len(names))
    return dict(zip(names, parts, strict=True))


def read_columns(
    building: str | None, unit: str | None, floor: str | None, room: str | None
) -> tuple[str | None, ...]:
    """Read building, unit, floor and room of one row of such columns."""
    first, in_building, in_unit, in_floor, in_room = _room_parts(room)
    building, unit = _number(_BUILDING, building), _number(_UNIT, unit)
    # Of 1-501 beside building 3 the first number is the unit; alone it is the building.
    beside = first if building is not None and first != building else None
    level = _first(_number(_FLOOR, floor), in_floor)
    if in_room and _BELOW.match(room or "") and (level is None or level.startswith("-")):
        # -101 is in the basement: it is not the flat 101 above it.
        in_room = f"B{in_room}"
    return (
        _first(building, in_building, first),
        _first(unit, in_unit, beside),
        level,
        in_room,
    )


def _first(*said: str | None) -> str | None:
    return next((part for part in said if part is not None), None)


def _read(text: str, asides: str, code: str | None, behind: str) -> Address:
    if is_silent(text):
        return Address(rest=asides or None)
    place = read_place(text, len(text) - len(behind), code is not None)
    county = division(code) if code else None
    if county and county.is_current:
        place.division = county.full_name
    below = read_dwelling(place.after)
    deeper = below.building is not None or below.room is not None or below.unit is not None
    beside = settle_compound(place, below.before, deeper)
    values = (
        place.division, place.subdistrict, place.community, place.road, place.doorplate,
        place.compound, below.building, below.unit, below.floor, below.room,
        below.rest + beside + asides, code,
    )  # fmt: skip
    return Address(*(value or None for value in values))


def _fitting(address: Address) -> Address:
    for part, form in _FORMS.items():
        said = getattr(address, part)
        if said is not None and form.fullmatch(said) is None:
            address = address._replace(**{part: None, "rest": (address.rest or "") + said})
    return address


@lru_cache(KNOWN)
def _room_parts(said: str | None) -> tuple[str | None, ...]:
    """Read a room as (number before it, building, unit, floor, room)."""
    text = spelt(said or "")[0]
    if is_silent(text):
        return (None,) * 5
    if _SHORT_ROOM.fullmatch(text):
        below = read_dwelling(text)
        return below.building, None, None, None, below.room
    room = _ROOM.verdict(text).value
    below = Dwelling("", room=room) if room else read_dwelling(text)
    return None, below.building, below.unit, below.floor, below.room or text


@lru_cache(KNOWN)
def _number(kind: Kind, said: str | None) -> str | None:
    """Read a number; what cannot be read stays as said."""
    if said is None:
        return None
    value, rule, _ = kind.judge_one(said)
    return said if rule else value


def _with(part: pd.Series, word: str) -> pd.Series:
    return part.where(part == "", part + word)
