"""The lower half of an address: building, unit, floor and room."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.chinese import arabic

NUMERAL = "[一二三四五六七八九十零〇两][一二三四五六七八九十零〇两百]{0,5}"
_SEP = "[-、./,]?"
_HERE = "(?<![0-9A-Z-])"
_LATIN = "[A-Z]{0,2}[0-9]{1,5}[A-Z]?"

_BUILDING_NO = (
    rf"(?:[0-9]{{1,4}}[A-Z]?(?:-[0-9]{{1,3}})?|[A-Z][0-9]{{0,4}}(?:-[0-9]{{1,3}})?|{NUMERAL})"
)
_BUILDING_WORD = "(?:号楼|号栋|号幢|#楼|#栋|#幢|栋楼|幢楼|栋|幢|座|#)"
_UNIT = rf"第?(?P<unit>[0-9]{{1,3}}|[A-Z][0-9]?|{NUMERAL})(?:单元|单(?=[0-9]))"
_ROOM_WORD = "(?:号室|号房|室|房间|房|户|号铺|铺)"
# 3号 is a building only where a unit or a room comes behind it.
_UNIT_OR_ROOM_FOLLOWS = (
    rf"(?={_SEP}(?:第?(?:[0-9]{{1,3}}|[A-Z]|{NUMERAL})单元|[0-9]{{1,2}}-[0-9]{{2,4}}|"
    rf"[0-9]{{3,4}}[A-Z]?(?:{_ROOM_WORD}|号)?(?![0-9A-Z])|{NUMERAL}室))"
)
_BUILDING = (
    rf"第?(?P<building>{_BUILDING_NO})"
    rf"(?:{_BUILDING_WORD}|楼(?={_SEP}{_UNIT.replace('?P<unit>', '?:')})|号{_UNIT_OR_ROOM_FOLLOWS})"
)
_HYPHENED = (
    rf"(?P<first>{_LATIN})-(?P<second>{_LATIN})(?:-(?P<third>{_LATIN}))?(?:-(?P<fourth>{_LATIN}))?"
    rf"(?:{_ROOM_WORD}|号)?(?![0-9A-Z楼栋幢座#单层]|-[0-9])"
)
_FLOOR = (
    rf"(?:(?P<below>负|地下|-|B)(?P<depth>[0-9]{{1,2}}|{NUMERAL})(?:层|楼|F)"
    rf"|(?P<storey>[0-9]{{1,3}}|{NUMERAL})(?:层|楼|F(?![A-Z0-9])))"
)
_BASEMENT = r"(?:负|B)(?P<depth>[1-9]|[一二三四五])(?![0-9A-Z层楼室号-])"
_ROOM = (
    rf"(?P<room>{_LATIN}(?:-[0-9A-Z]{{1,4}})?|[A-Z]|{NUMERAL})"
    rf"(?:{_ROOM_WORD}|号|(?![0-9A-Z单栋幢楼层座期区组弄村院米平人#]))"
)
# Without 室 a number is a room only in a tower or right behind a doorplate: 新都会1958 is a name.
_ROOM_ALONE = (
    rf"(?:(?:{_LATIN}(?:-[0-9A-Z]{{1,4}})?|{NUMERAL})(?:号室|号房|室|房)"
    "|(?:^|(?<=大厦|公寓|中心|广场|大楼|商厦|酒店))[0-9]{3,4}$)"
)

_UNNAMED = re.compile(r"\?P<[a-z]+>")


def _unnamed(pattern: str) -> str:
    return _UNNAMED.sub("?:", pattern)


_START = re.compile(
    _HERE
    + "(?:"
    + "|".join(_unnamed(part) for part in (_BUILDING, _UNIT, _HYPHENED, _FLOOR, _ROOM_ALONE))
    + ")"
)
_TAKE_BUILDING = re.compile(_BUILDING)
_TAKE_SECOND_BUILDING = re.compile(rf"{_SEP}(?P<unit>[A-Z])(?:座|栋|幢)")
_TAKE_HYPHENED = re.compile(_SEP + _HYPHENED)
_TAKE_UNIT = re.compile(
    rf"{_SEP}(?:{_UNIT}|(?P<gate>[0-9]{{1,2}}|{NUMERAL})门(?=[0-9一二三四五六七八九十]))"
)
_TAKE_UNIT_WORD = re.compile(rf"{_SEP}([东西南北中前后甲乙丙丁左右]单元)")
_TAKE_FLOOR = re.compile(rf"[、.,/]?{_FLOOR}|{_SEP}{_BASEMENT.replace('depth', 'cellar')}")
_TAKE_ROOM = re.compile(_SEP + _ROOM)
_TOWER = re.compile(".*(?:大厦|大楼|广场|中心|公寓|酒店|商厦|写字楼|办公楼|商场|[0-9]号)")


@dataclass(slots=True)
class Dwelling:
    """What an address says below the compound; ``before`` and ``rest`` enclose it."""

    before: str
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    rest: str = ""


def read_dwelling(text: str) -> Dwelling:
    """Read building, unit, floor and room from the end of an address."""
    start = _START.search(text)
    if start is None:
        return Dwelling(text)
    found = Dwelling(text[: start.start()])
    at = _read_building(found, text, start.start())
    if found.room is None:
        at = _read_unit(found, text, at)
    if found.room is None:
        at = _read_floor_and_room(found, text, at)
    found.rest += text[at:].strip("、.-/")
    return found


def read_number(text: str) -> str:
    """Write a number of a house in ASCII: 十二 becomes 12, 五〇一 becomes 501."""
    return text if text.isascii() else arabic(text)


def _read_building(found: Dwelling, text: str, at: int) -> int:
    taken = _TAKE_BUILDING.match(text, at)
    if taken:
        found.building = read_number(taken["building"])
        second = _TAKE_SECOND_BUILDING.match(text, taken.end())
        if second:
            found.unit = second["unit"]
        return (second or taken).end()
    taken = _TAKE_HYPHENED.match(text, at)
    if taken is None:
        return at
    numbers = [number for number in taken.groups() if number]
    if len(numbers) == 4:
        found.building, found.unit, found.floor, found.room = numbers
    elif len(numbers) == 3:
        found.building, found.unit, found.room = numbers
    elif len(numbers[1]) >= 3:
        found.building, found.room = numbers
    else:
        found.building = "-".join(numbers)
    return taken.end()


def _read_unit(found: Dwelling, text: str, at: int) -> int:
    taken = _TAKE_UNIT.match(text, at)
    if taken and found.unit is None:
        found.unit = read_number(taken["unit"] or taken["gate"])
        return taken.end()
    taken = _TAKE_UNIT_WORD.match(text, at)
    if taken:
        # 东单元 is no number: it stays in the rest, where the address key finds it.
        found.rest = taken[1]
        return taken.end()
    taken = _TAKE_HYPHENED.match(text, at) if found.building and found.unit is None else None
    if taken is None or taken["fourth"]:
        return at
    if taken["third"]:
        found.unit, found.floor, found.room = taken["first"], taken["second"], taken["third"]
    elif len(taken["second"]) >= 3 and len(taken["first"]) <= 2:
        found.unit, found.room = taken["first"], taken["second"]
    else:
        return at
    return taken.end()


def _read_floor_and_room(found: Dwelling, text: str, at: int) -> int:
    taken = _TAKE_FLOOR.match(text, at)
    depth = taken and (taken["depth"] or taken["cellar"])
    number = read_number(depth or taken["storey"]).lstrip("0") if taken else ""
    if taken and number.isdecimal() and int(number) <= (20 if depth else 200):
        at = taken.end()
        if not depth and _is_building(found, text, at, number):
            found.building = number
        else:
            found.floor = f"-{number}" if depth else number
    taken = _TAKE_ROOM.match(text, at)
    if taken:
        found.room = read_number(taken["room"])
        return taken.end()
    return at


def _is_building(found: Dwelling, text: str, at: int, number: str) -> bool:
    """Tell whether 3楼 names a building: beside no other one, with a room of another floor."""
    if text[at - 1] != "楼" or found.building or found.unit or _TOWER.fullmatch(found.before):
        return False
    room = _TAKE_ROOM.match(text, at)
    return bool(found.before and room and not read_number(room["room"]).startswith(number))
