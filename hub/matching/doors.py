"""Roads and door numbers that an address names, as they are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin

from schemas.addresses.dwelling import NUMERAL, read_number
from schemas.addresses.spelling import spelt
from schemas.chinese import HAN

#: How far two addresses agree, best first; ``silent``: at least one names no road.
LEVELS = ("same doors", "same door", "within", "crossing", "same words", "near", "road", "silent",
          "other doors", "other roads")  # fmt: skip

#: Doors this near to each other may be two gates of one compound.
_NEAR = 20

_SHOWN_AREA = re.compile(rf"^[(\[][^)\]]*[)\]]|^[{HAN}]{{2,4}}-[{HAN}]+-")
_DIVISION = re.compile(rf"^(?:[{HAN}]{{2,3}}市)?(?:[{HAN}]{{2,3}}[区县])?")
# Where a door follows, any word is taken for a road: 林司后9号, but not 安汇大厦3号楼.
_ROAD = re.compile(
    rf"(?P<road>[{HAN}]{{1,6}}?(?:[0-9]+弄|大道|[路街巷弄])(?:[0-9]+弄)?"
    rf"|[{HAN}]{{2,6}}(?=[0-9]+(?:-[0-9]+)?号(?![楼栋幢座])))"
    r"(?P<doors>(?:[0-9]+(?:[-~至到][0-9]+)*号?[A-Z]?[、,.]?)*)"
)
_DOOR = re.compile("([0-9]+)(?:[-~至到]([0-9]+))?(?:[-~至到][0-9]+)?")
_LANE = re.compile(f"({NUMERAL}|[0-9]+)弄")
_WAYS = frozenset("东西南北中上下前后横直")
_JOINT = re.compile("^[与和及到近、,]+")

#: First and last door; door 8 behind 71 is 71.008.
Run = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Doors:
    """The roads of an address, and on some of them runs of doors (first and last)."""

    text: str
    roads: tuple[str, ...]
    runs: tuple[tuple[str, Run], ...]


@lru_cache(maxsize=100_000)
def read_doors(address: str) -> Doors:
    """Read the roads and doors of an address such as 中河北路67号、鹤鸣路282-290号."""
    said = address.strip()
    while (shorter := _SHOWN_AREA.sub("", said).strip()) != said:
        said = shorter
    text = _DIVISION.sub("", "".join(spelt(said)))
    text = _LANE.sub(lambda found: read_number(found[1]) + "弄", text)
    roads: list[str] = []
    runs: list[tuple[str, Run]] = []
    for found in _ROAD.finditer(text):
        road = found["road"]
        if found.start():
            road = _JOINT.sub("", road)
        if len(road) < 2:
            continue
        roads.append(road)
        runs += [(road, run) for run in _runs(found["doors"])]
    return Doors(text, tuple(dict.fromkeys(roads)), tuple(dict.fromkeys(runs)))


def _runs(doors: str) -> list[Run]:
    found = []
    for first, second in _DOOR.findall(doors):
        low, high = float(first), float(second or first)
        if high < low:
            low = high = low + high / 1000
        found.append((low, high))
    return found


def with_door(doors: Doors, road: str, runs: tuple[Run, ...]) -> Doors:
    """Add doors that are said elsewhere: in the name of a place."""
    more = tuple((road, run) for run in runs)
    return Doors(doors.text, (*doors.roads, road), tuple(dict.fromkeys((*doors.runs, *more))))


def compare_doors(one: Doors, other: Doors) -> str:
    """Tell at which of `LEVELS` two addresses agree; the order of the two is irrelevant."""
    if not one.roads or not other.roads:
        same = one.text and one.text == other.text
        return "same words" if same and len(one.text) >= 4 else "silent"
    shared = [(a, b) for a in one.roads for b in other.roads if same_road(a, b)]
    if not shared:
        return "other roads"
    runs = [(a, b) for x, a in one.runs for y, b in other.runs if same_road(x, y)]
    if runs:
        return min((_compare_runs(*pair) for pair in runs), key=LEVELS.index)
    if len({a for a, _ in shared}) >= 2 and len({b for _, b in shared}) >= 2:
        return "crossing"
    return "road"


def _compare_runs(one: Run, other: Run) -> str:
    if one == other:
        return "same doors" if one[0] != one[1] else "same door"
    if one[0] <= other[1] and other[0] <= one[1]:
        return "same door" if one[0] == other[0] or one[1] == other[1] else "within"
    apart = max(one[0] - other[1], other[0] - one[1])
    return "near" if apart <= _NEAR else "other doors"


@lru_cache(maxsize=200_000)
def same_road(one: str, other: str) -> bool:
    """Tell whether two words name one road: in front there may stand where it lies.

    Roads that sound alike are taken for one: 文辉路 is a slip for 文晖路.
    """
    if min(len(one), len(other)) < 3:
        return one == other
    tails = {_sound(road[-3:]) for road in (one, other)}
    ways = {road[-4:-3] for road in (one, other)} & _WAYS
    # 东健康路 is not 西健康路, though each may be called 健康路.
    return len(tails) == 1 and not (
        len(ways) > 1 or (ways and one[-4:-3] and other[-4:-3] and one[-4:-3] != other[-4:-3])
    )


@lru_cache(maxsize=50_000)
def _sound(road: str) -> str:
    return " ".join(lazy_pinyin(road))
