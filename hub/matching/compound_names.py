"""Names of compounds as they are compared: stem, kind, part, and the door that names a place.

晨岭二小区 is the second part of 晨岭; 绕河北路6弄, 鹤鸣路386号院 are named by where they stand;
祥和大厦 and 祥和小区 are of two kinds; 碧汀花园三期 is not the whole of 碧汀花园.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd
from pypinyin import lazy_pinyin

from schemas.addresses.dwelling import NUMERAL, read_number
from schemas.addresses.spelling import spelt
from schemas.chinese import HAN, fold_names

#: How alike two names are, best first.
LEVELS = (
    "same",
    "spelling",
    "kind left out",
    "long name in front",
    "name in front",
    "shortened",
    "slip",
    "door of the lane",
    "door",
    "kinds alike",
    "other kind",
    "whole and part",
    "begins alike",
    "different",
    "other part",
)

_NO_LETTER = re.compile(rf"[^{HAN}0-9A-Z.、-]")
# Between numbers these mean something: 20-79号, 21、25号.
_LOOSE_SIGN = re.compile("(?<![0-9])[.、-]+|[.、-]+(?![0-9])")
_NUMBERED = re.compile(
    rf"第?({NUMERAL}|[0-9]+)(?=期|区|小区|村|组|里|弄|号|院|社|苑|园|大院|宿舍|幢|栋|座)"
)
# These say no more than that people live there, or that a tower is let as offices.
_EMPTY = re.compile(
    "(?:(?:住宅|居住|生活|家属)?小区|住宅区|生活区|社区|散盘|楼盘|商住楼|住宅楼|写字楼|商务公寓楼)+$"
)
_NUMBERED_ESTATE = re.compile("([0-9]+)小区$")
_BY_DOOR = re.compile(
    rf"(?P<road>[{HAN}]+?(?:[0-9]+弄|大道|路|街|巷|弄|里))"
    r"(?P<doors>[0-9]+(?:[-、.][0-9]+)*)号?(?:院|大院|楼|办公楼|住宅楼)?"
)
#: Kinds by what is said at the end of a name; one family is easily written for another of it.
_KINDS = {
    "tower": ("大厦", "大楼", "商务大厦", "商务楼", "商厦", "办公楼"),
    "garden": ("花园",),
    "flats": ("公寓", "酒店公寓", "酒店式公寓"),
    "village": ("新村",),
    "town": ("新城",),
    "square": ("广场",),
    "centre": ("中心",),
    "dormitory": ("宿舍", "家属院", "家属楼", "家属区", "职工宿舍"),
    "shops": ("商铺", "商城"),
}
#: Runs of doors within so many numbers are one block, and not scattered along a road.
_ONE_BLOCK = 20
#: Kinds that people live in and that are said for each other.
_HOMES = frozenset({"garden", "flats", "village", "town"})
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}
_KIND = re.compile(f"(?:{'|'.join(sorted(_KIND_OF, key=len, reverse=True))})$")
_PART = re.compile(
    "(?P<number>[0-9]+)(?P<word>期|区|村|组|里|弄|号院|院|号|社|幢|栋|座)$"
    "|(?P<way>[东西南北中]|[东西南北][东西南北])(?:小?区|园|村|院|里|苑)?$"
    "|(?P<letter>[A-Z])(?:区|座|栋|幢|组团)$"
)
# What turns one name into that of a neighbour, though it is only put in front.
_NEIGHBOUR = frozenset("东西南北中上下前后大小老新横直内外")


@dataclass(frozen=True, slots=True)
class CompoundName:
    """What a name says; for comparing only."""

    #: The whole name, folded, without words that say nothing.
    said: str
    #: The same with one word for each kind: 大厦 for 大楼.
    plain: str
    #: Without kind and part.
    stem: str
    kind: str
    #: Which part of a compound: the class of its word, and the number or direction.
    part: tuple[str, str] | None
    #: What stands behind a dot: 瑞禾·墨庭花园 is 墨庭花园 of 瑞禾.
    behind: str
    #: Where the name is a door: the road, and the numbers said.
    road: str
    doors: tuple[tuple[int, int], ...]


def fold_compound_names(names: list[str]) -> list[str]:
    """Fold names: one width, simplified, without signs; what brackets say of a part is kept."""
    spoken = pd.Series([_spoken(name) for name in names], dtype="str")
    # The dot is lost in folding, but parts a developer's name from the compound's.
    parts = spoken.str.split("[·・•]", n=1, regex=True, expand=True).reindex(columns=[0, 1])
    first, second = (fold_names(parts[at]).fillna("").str.upper() for at in (0, 1))
    return (first + ("·" + second).where(second != "", "")).tolist()


def _spoken(name: str) -> str:
    text, asides = spelt(name)
    numbered = re.findall("[0-9]+-[0-9]+号", asides)
    return (_EMPTY.sub("", text) if numbered else text) + "".join(numbered)


@lru_cache(maxsize=100_000)
def read_compound_name(folded: str) -> CompoundName:
    """Read a name that `fold_compound_names` has folded."""
    ahead, _, behind = folded.partition("·")
    if behind:
        whole = read_compound_name(ahead + behind)
        return replace(whole, behind=read_compound_name(behind).plain)
    bare = _LOOSE_SIGN.sub("", _NO_LETTER.sub("", folded))
    bare = _NUMBERED.sub(lambda found: read_number(found[1]), bare)
    plain = _NUMBERED_ESTATE.sub(r"\1区", bare)
    plain = _EMPTY.sub("", plain) or bare
    door = _BY_DOOR.fullmatch(plain) or _BY_DOOR.fullmatch(_EMPTY.sub("", bare))
    if door:
        doors = tuple(_ranges(door["doors"]))
        return CompoundName(plain, plain, door["road"], "", None, "", door["road"], doors)
    # 园 and 苑 are said alike and written for each other.
    plain = re.sub("苑(?=$|[东西南北中]?区?$)", "园", plain)
    stem, part = _without_part(plain)
    found = _KIND.search(stem)
    if not (found and found.start()):
        return CompoundName(plain, plain, stem, "", part, "", "", ())
    kind = _KIND_OF[found[0]]
    one_word = stem[: found.start()] + _KINDS[kind][0] + plain[len(stem) :]
    stem = stem[: found.start()]
    stem, part = (stem, part) if part else _without_part(stem)
    return CompoundName(plain, one_word, stem, kind, part, "", "", ())


def _without_part(text: str) -> tuple[str, tuple[str, str] | None]:
    found = _PART.search(text)
    if found is None or found.start() < 2:
        return text, None
    if found["way"]:
        return text[: found.start()], ("way", found["way"])
    if found["letter"]:
        return text[: found.start()], ("letter", found["letter"])
    word = "区" if found["word"] in "区村组社" else found["word"]
    return text[: found.start()], (word, found["number"].lstrip("0"))


def _ranges(doors: str) -> list[tuple[int, int]]:
    found = []
    for piece in re.split("[、.]", doors):
        ends = [int(one) for one in piece.split("-")]
        # 71-8号 is door 8 behind 71, not a range.
        found.append((ends[0], ends[-1] if ends[-1] >= ends[0] else ends[0]))
    return found


@lru_cache(maxsize=500_000)
def compare_compound_names(left: str, right: str) -> str:
    """Tell at which of `LEVELS` two folded names agree; the order of the two is irrelevant."""
    one, other = read_compound_name(left), read_compound_name(right)
    if one.plain == other.plain:
        return "same" if one.said == other.said else "spelling"
    if one.doors or other.doors:
        return _by_doors(one, other)
    if one.part != other.part:
        return _by_parts(one, other)
    if one.stem == other.stem:
        return _by_kinds(one, other)
    short, long = _by_length(one, other)
    return _in_front(one, other) or _slipped(short, long) or _beginning(short, long)


def strange(left: str, right: str) -> bool:
    """Tell whether two folded names are those of two compounds."""
    return compare_compound_names(left, right) in ("different", "begins alike", "other part")


def _by_length(one: CompoundName, other: CompoundName) -> tuple[CompoundName, CompoundName]:
    return (
        (one, other)
        if (len(one.plain), one.plain) <= (len(other.plain), other.plain)
        else (other, one)
    )


def _by_doors(one: CompoundName, other: CompoundName) -> str:
    if not (one.doors and other.doors):
        lane = one.road + other.road
        named = lane in (one.plain, other.plain) and lane[-1] in "巷弄里"
        return "door of the lane" if named else "door"
    if one.road != other.road:
        return "different"
    if not overlap(one.doors, other.doors):
        return "other part"
    doors = [door for run in (*one.doors, *other.doors) for door in run]
    return "spelling" if max(doors) - min(doors) <= _ONE_BLOCK else "whole and part"


def overlap(one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> bool:
    """Tell whether two lists of runs of doors have a door in common."""
    return any(a[0] <= b[1] and b[0] <= a[1] for a in one for b in other)


def _by_parts(one: CompoundName, other: CompoundName) -> str:
    if one.part and other.part:
        if one.stem != other.stem:
            return _beginning(*_by_length(one, other))
        return "other part" if one.part[0] == other.part[0] else "whole and part"
    whole, part = (one, other) if other.part else (other, one)
    if part.stem in (whole.stem, whole.plain):
        return "whole and part"
    return "whole and part" if _in_front(one, other) else _beginning(*_by_length(one, other))


def _by_kinds(one: CompoundName, other: CompoundName) -> str:
    if one.kind == other.kind:
        return "spelling"
    if "shops" in (one.kind, other.kind):
        return "whole and part"
    # 和平 may be anything; 木星阁 is a name of its own with or without 花园.
    if not (one.kind and other.kind) and len(one.stem) >= 3:
        return "kind left out"
    homes = {one.kind, other.kind} <= _HOMES
    return "kinds alike" if homes and len(one.stem) >= 4 else "other kind"


def _in_front(one: CompoundName, other: CompoundName) -> str | None:
    """Tell whether one name has a developer's or a road's name before the other one."""
    for short, long in ((one, other), (other, one)):
        if long.behind and long.behind == short.said and len(short.said) >= 3:
            return "long name in front"
        if not _may_be_one_kind(short.kind, long.kind):
            continue
        ahead = len(long.stem) - len(short.stem)
        whole = short.plain if short.kind == long.kind else short.stem
        if len(whole) < 3 or ahead < 1 or not long.stem.endswith(short.stem):
            continue
        if ahead > 1 or long.stem[0] not in _NEIGHBOUR:
            return "long name in front" if len(short.stem) >= 3 else "name in front"
    return None


def _may_be_one_kind(one: str, other: str) -> bool:
    return one == other or {one, other} <= _HOMES | {""}


def _slipped(short: CompoundName, long: CompoundName) -> str | None:
    if len(short.plain) == len(long.plain) >= 4:
        unlike = [(a, b) for a, b in zip(short.plain, long.plain, strict=True) if a != b]
        if len(unlike) == 1 and _sounds_alike(*unlike[0]):
            return "slip"
    if len(short.plain) >= 4 and _is_shortened(short.plain, long.plain):
        return "shortened"
    return None


def _is_shortened(short: str, long: str) -> bool:
    if len(short) == len(long) or short[0] != long[0] or short[-2:] != long[-2:]:
        return False
    rest = iter(long)
    return len(long) <= 2 * len(short) and all(sign in rest for sign in short)


def _beginning(short: CompoundName, long: CompoundName) -> str:
    if len(short.plain) >= 2 and long.plain.startswith(short.plain):
        return "whole and part"
    return "begins alike" if short.plain[:2] == long.plain[:2] else "different"


@lru_cache(maxsize=10_000)
def _sounds_alike(one: str, other: str) -> bool:
    sounds = [lazy_pinyin(sign)[0] for sign in (one, other)]
    folded = [re.sub("^([zcs])h", r"\1", sound).removesuffix("g") for sound in sounds]
    return folded[0] == folded[1]
