"""Columns of addresses and of their parts, read into the parts that fields hold."""

from __future__ import annotations

import re

import pandas as pd

from schemas.addresses.dwelling import Dwelling, read_dwelling
from schemas.addresses.place import read_place, settle_compound
from schemas.addresses.spelling import spelt
from schemas.codes.divisions import division, find_divisions
from schemas.distinct import read_parts
from schemas.kinds.doors import BuildingNo, Doorplate, RoomNo, UnitNo
from schemas.kinds.kind import Kind, is_silent
from schemas.kinds.numbers import Floor

#: Columns of a parsed address, in the order in which the standard address names them.
PARTS = (
    "division", "subdistrict_name", "community_name", "thoroughfare_name", "doorplate_no",
    "compound_name", "building_no", "unit_no", "floor_no", "room_no", "rest",
)  # fmt: skip

# The forms that the fields of these parts demand; what does not fit goes to the rest.
_FORMS = {
    "doorplate_no": Doorplate.pattern,
    "building_no": BuildingNo.pattern,
    "unit_no": UnitNo.pattern,
    "room_no": RoomNo.pattern,
}
_UNIT_WORD = "^([东西南北中前后甲乙丙丁左右]单元)"
_SHORT_ROOM = re.compile("[0-9]{1,2}-[0-9]{3,5}[A-Z]?(?:号室|室|房|户|号)?")


def parse_addresses(said: pd.Series, home_division: str | None = None) -> pd.DataFrame:
    """Take a column of addresses apart, each distinct text once.

    Gives the columns of `PARTS` and ``division_code``: the county that an address names (names
    of counties near ``home_division`` may stand alone), the home division where it names none.
    ``rest`` keeps what is no part, so that nothing said is lost.
    """
    codes, distinct = pd.factorize(said.astype("str"))
    spellings = [spelt(text) for text in distinct.tolist()]
    fronts = find_divisions(pd.Series([text for text, _ in spellings], dtype="str"), home_division)
    known = zip(spellings, fronts["division"], fronts["rest"], strict=True)
    rows = [
        _read(text, asides, code if isinstance(code, str) else None, rest)
        for (text, asides), code, rest in known
    ]
    frame = _fitting(pd.DataFrame(rows, columns=[*PARTS, "division_code"], dtype="str"))
    is_home = frame["division"].isna() & frame.notna().any(axis=1)
    frame["division_code"] = frame["division_code"].mask(is_home, home_division)
    # A missing value has code -1 and so takes the empty row put at the end.
    frame = frame.reindex(range(len(rows) + 1)).astype("str")
    return frame.take(codes).set_axis(said.index)


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


def dwelling_parts(
    building: pd.Series, unit: pd.Series, floor: pd.Series, room: pd.Series
) -> pd.DataFrame:
    """Read building, unit, floor and room from columns of their own, however each is written.

    A room that names more than itself (3-1-0501, 2单元501) fills what the other columns lack.
    What cannot be read stays as said, for the fields' kinds to judge.
    """
    first, in_building, in_unit, in_floor, in_room = read_parts(room, _room_parts, 5)
    buildings, units = _numbers(BuildingNo(), building), _numbers(UnitNo(), unit)
    # Of 1-501 beside building 3 the first number is the unit; alone it is the building.
    beside = first.where((first != buildings) & buildings.notna())
    return pd.DataFrame(
        {
            "building_no": buildings.fillna(in_building).fillna(first),
            "unit_no": units.fillna(in_unit).fillna(beside),
            "floor_no": _numbers(Floor(), floor).fillna(in_floor),
            "room_no": in_room,
        }
    )


def _read(text: str, asides: str, code: str | None, behind: str) -> tuple[str | None, ...]:
    if is_silent(text):
        return (None,) * (len(PARTS) - 1) + (asides or None, None)
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
    return tuple(value or None for value in values)


def _fitting(frame: pd.DataFrame) -> pd.DataFrame:
    for part, form in _FORMS.items():
        wrong = frame[part].notna() & ~frame[part].str.fullmatch(form)
        if wrong.any():
            moved = frame["rest"].fillna("") + frame[part].fillna("")
            frame["rest"] = frame["rest"].where(~wrong, moved)
            frame[part] = frame[part].where(~wrong)
    return frame


def _room_parts(said: str) -> tuple[str | None, ...]:
    """Read a room as (number before it, building, unit, floor, room)."""
    text = spelt(said)[0]
    if is_silent(text):
        return (None,) * 5
    if _SHORT_ROOM.fullmatch(text):
        below = read_dwelling(text)
        return below.building, None, None, None, below.room
    room = RoomNo().verdict(text).value
    below = Dwelling("", room=room) if room else read_dwelling(text)
    return None, below.building, below.unit, below.floor, below.room or text


def _numbers(kind: Kind, said: pd.Series) -> pd.Series:
    judged = kind.judge(said)
    return judged.values.where(judged.rules.isna(), said.astype("str"))


def _with(part: pd.Series, word: str) -> pd.Series:
    return part.where(part == "", part + word)
