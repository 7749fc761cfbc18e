"""How far two records agree: for each aspect of a person a table of levels, best first.

Each level is written twice: as SQL, so that Splink can train the model and its Spark backend can
run it, and as a function of whole columns of pairs, by which the hub itself compares. A test
holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.matching.features import (
    BUILDINGS,
    COMPOUNDS,
    DOORS,
    PHONES,
    ROOMS,
    SHARED,
    Features,
)
from hub.matching.pairs import Flags, Pairs

Holds = Callable[[Pairs], Flags]


@dataclass(frozen=True)
class Level:
    """One degree of agreement; it holds where no better one does."""

    name: str
    zh: str
    sql: str
    holds: Holds
    #: The column whose rarity adds to the weight: a rare name in common says more.
    rarity: str | None = None
    #: How often two records of one person agree so, where few training records show it.
    m: float | None = None
    #: How often different people agree so, where that is too seldom to be sampled.
    u: float | None = None
    #: Nothing to compare: the level weighs nothing.
    silent: bool = False


@dataclass(frozen=True)
class Comparison:
    """One aspect of a person and its levels; the columns are those shown when explaining."""

    name: str
    zh: str
    columns: tuple[str, ...]
    levels: tuple[Level, ...]

    def compare(self, pairs: Pairs) -> npt.NDArray[np.int8]:
        """Return for each pair the position of its level."""
        found = np.full(len(pairs), len(self.levels) - 1, dtype=np.int8)
        open_ = np.arange(len(pairs))
        for place, level in enumerate(self.levels[:-1]):
            if not len(open_):
                break
            holds = level.holds(pairs)
            found[open_[holds]] = place
            open_, pairs = open_[~holds], pairs.only(~holds)
        return found


def _absent(*columns: str) -> Holds:
    """Hold where one side says nothing in any of these columns."""
    return lambda pairs: ~pairs.comparable(*columns)


def _same(column: str) -> Holds:
    return lambda pairs: pairs.same(column)


def _anything(pairs: Pairs) -> Flags:
    return np.ones(len(pairs), dtype=np.bool_)


def _any_sql(columns: tuple[str, ...]) -> str:
    """Write that one of several columns on one side equals one of them on the other."""
    other = ", ".join(f"{name}_r" for name in columns)
    return "(" + " or ".join(f"{name}_l in ({other})" for name in columns) + ")"


def _none_sql(columns: tuple[str, ...], side: str) -> str:
    return f"coalesce({', '.join(f'{name}_{side}' for name in columns)}) is null"


def _places_sql(wrong: bool) -> str:
    """Count the places of two id numbers that are legible in both and differ, or agree."""
    sign = "<>" if wrong else "="
    spots = (
        f"case when substr(digits_l, {at}, 1) <> '?' and substr(digits_r, {at}, 1) <> '?' "
        f"and substr(digits_l, {at}, 1) {sign} substr(digits_r, {at}, 1) then 1 else 0 end"
        for at in range(1, 19)
    )
    return "(" + " + ".join(spots) + ")"


_WRONG, _RIGHT = _places_sql(True), _places_sql(False)
#: Fewer legible places in common than these tell nothing.
_LEGIBLE = 10


def _legible(wrong: int, right: int) -> Holds:
    """Hold where so few places of two numbers differ and so many agree."""
    return lambda pairs: (pairs.digits[1] <= wrong) & (pairs.digits[0] >= right)


def _incomparable(pairs: Pairs) -> Flags:
    return ~pairs.same("number") & (pairs.digits[0] + pairs.digits[1] < _LEGIBLE)


NUMBER = Comparison(
    "number",
    "证件号码",
    ("number", "digits"),
    (
        Level(
            "absent",
            "无法比较",
            "coalesce(number_l <> number_r, true) and (digits_l is null or digits_r is null"
            f" or {_WRONG} + {_RIGHT} < {_LEGIBLE})",
            _incomparable,
            silent=True,
        ),
        # Numbers are given once in the country: two people share one only by mistake.
        Level("same", "相同", "number_l = number_r", _same("number"), u=2.0**-27),
        Level(
            "same where legible",
            "可辨部分相同（含出生日期）",
            f"{_WRONG} = 0 and {_RIGHT} >= 14",
            _legible(0, 14),
            m=0.004,
            u=2.0**-27,
        ),
        Level(
            "same at both ends",
            "首尾相同（中间遮挡）",
            f"{_WRONG} = 0 and {_RIGHT} >= {_LEGIBLE}",
            _legible(0, _LEGIBLE),
            m=0.004,
            u=2.0**-18,
        ),
        # Both sound and different is never a slip: the check character would have caught it.
        Level(
            "two wrong digits",
            "错一两位",
            f"{_WRONG} <= 2 and {_RIGHT} >= 13 and (number_l is null or number_r is null)",
            lambda p: _legible(2, 13)(p) & ~p.both("number"),
            u=2.0**-25,
        ),
        Level("different", "不同", "ELSE", _anything, u=0.999),
    ),
)

NAME = Comparison(
    "name",
    "姓名",
    ("name", "legible", "former", "surname", "title"),
    (
        Level(
            "absent",
            "无法比较",
            "coalesce(name_l, legible_l, title_l) is null"
            " or coalesce(name_r, legible_r, title_r) is null",
            _absent("name", "legible", "title"),
            silent=True,
        ),
        Level("same", "相同", "name_l = name_r", _same("name"), rarity="name"),
        Level(
            "former name",
            "与曾用名相同",
            "name_l = former_r or former_l = name_r or former_l = former_r",
            lambda p: p.overlap(("name", "former")),
            m=0.004,
            u=2.0**-17,
        ),
        Level(
            "same sound",
            "读音相同",
            "sound_l = sound_r",
            _same("sound"),
        ),
        Level(
            "same where legible",
            "可辨部分相同",
            "coalesce(name_l, legible_l) like legible_r or coalesce(name_r, legible_r) like legible_l",
            lambda p: p.legibly_alike,
            m=0.004,
            u=2.0**-15,
        ),
        Level(
            "part of the other",
            "一方为另一方的一部分",
            "(least(length(name_l), length(name_r)) >= 3"
            " and abs(length(name_l) - length(name_r)) >= 2"
            " and (starts_with(name_l, name_r) or starts_with(name_r, name_l)))",
            lambda p: p.part_of_other,
            m=0.003,
            u=2.0**-14,
        ),
        Level(
            "one slip",
            "错漏一字",
            "list_has_any(string_split(slips_l, '|'), string_split(slips_r, '|'))"
            " or damerau_levenshtein(latin_l, latin_r) <= 2",
            lambda p: p.one_slip,
            m=0.003,
        ),
        Level(
            "surname and title",
            "同姓，仅有称呼",
            "surname_l = surname_r and coalesce(title_l, title_r) is not null"
            " and not coalesce(birth_month_l > grown_r, birth_month_r > grown_l, false)",
            lambda p: p.same("surname") & p.either("title") & ~p.titled_child,
            rarity="surname",
        ),
        Level(
            "same surname", "仅姓相同", "surname_l = surname_r", _same("surname"), rarity="surname"
        ),
        Level("different", "不同", "ELSE", _anything),
    ),
)

_DATE_PARTS = ((1, 4), (6, 2), (9, 2))


def _equal_parts_sql(first: tuple[int, int], second: tuple[int, int]) -> str:
    return " and ".join(
        f"substr(birth_l, {at}, {size}) = substr(birth_r, {at}, {size})"
        for at, size in (first, second)
    )


BIRTH = Comparison(
    "birth",
    "出生日期",
    ("birth", "birth_month"),
    (
        # An id number holds the birth date, so beside equal numbers it says nothing more.
        Level(
            "absent",
            "无法比较",
            "birth_month_l is null or birth_month_r is null or number_l = number_r",
            lambda p: ~p.both("birth_month") | p.same("number"),
            silent=True,
        ),
        Level("same", "相同", "birth_l = birth_r", _same("birth")),
        Level(
            "same month, day unknown",
            "年月相同，日不详",
            "birth_month_l = birth_month_r and (birth_l is null or birth_r is null)",
            lambda p: p.same("birth_month") & ~p.both("birth"),
            m=0.01,
            u=2.0**-16,
        ),
        Level(
            "one slip",
            "错一处",
            "damerau_levenshtein(birth_l, birth_r) = 1"
            " or (substr(birth_l, 1, 4) = substr(birth_r, 1, 4)"
            " and substr(birth_l, 6, 2) = substr(birth_r, 9, 2)"
            " and substr(birth_l, 9, 2) = substr(birth_r, 6, 2))",
            lambda p: p.birth_slip,
        ),
        Level(
            "one part differs",
            "年、月、日有一项不同",
            " or ".join(
                f"({_equal_parts_sql(_DATE_PARTS[a], _DATE_PARTS[b])})"
                for a, b in ((0, 1), (0, 2), (1, 2))
            ),
            lambda p: p.both("birth") & (p.equal_birth_parts >= 2),
        ),
        Level(
            "same year",
            "仅年份相同",
            "substr(birth_month_l, 1, 4) = substr(birth_month_r, 1, 4)",
            lambda p: p.same_birth_year,
            m=0.004,
        ),
        Level("different", "不同", "ELSE", _anything),
    ),
)

SEX = Comparison(
    "sex",
    "性别",
    ("sex",),
    (
        Level(
            "absent",
            "无法比较",
            "sex_l is null or sex_r is null or number_l = number_r",
            lambda p: ~p.both("sex") | p.same("number"),
            silent=True,
        ),
        Level("same", "相同", "sex_l = sex_r", _same("sex")),
        Level("different", "不同", "ELSE", _anything),
    ),
)

_PHONE, _ROOM = _any_sql(PHONES), _any_sql(ROOMS)
_HOUSEHOLD = "(household_l = household_r or registered_l = registered_r)"
_HOME = f"({_ROOM} or {_HOUSEHOLD})"
_NEAR = f"({_any_sql(COMPOUNDS)} or {_any_sql(DOORS)})"
_REACHED = (*PHONES, *SHARED)
_AT = (*ROOMS, *COMPOUNDS)


def _nothing_in_common(pairs: Pairs) -> Flags:
    said = pairs.comparable(*_REACHED) | pairs.comparable(*_AT)
    return ~(said | pairs.both("household") | pairs.both("registered"))


def _at_home(pairs: Pairs) -> Flags:
    return pairs.overlap(ROOMS) | pairs.same("household") | pairs.same("registered")


def _nearby(pairs: Pairs) -> Flags:
    return pairs.overlap(COMPOUNDS) | pairs.overlap(DOORS)


# Telephone, dwelling and household are one aspect: a family shares all of them at once, so
# counted apart they would make one person of a whole family.
CONTACT = Comparison(
    "contact",
    "电话与住址",
    (*PHONES, *SHARED, *ROOMS, *COMPOUNDS, "household", "registered"),
    (
        Level(
            "absent",
            "无法比较",
            f"({_none_sql(_REACHED, 'l')} or {_none_sql(_REACHED, 'r')})"
            f" and ({_none_sql(_AT, 'l')} or {_none_sql(_AT, 'r')})"
            " and (household_l is null or household_r is null)"
            " and (registered_l is null or registered_r is null)",
            _nothing_in_common,
            silent=True,
        ),
        Level(
            "phone and home",
            "电话与住处相同",
            f"{_PHONE} and {_HOME}",
            lambda p: p.overlap(PHONES) & _at_home(p),
        ),
        Level(
            "phone and neighbourhood",
            "电话相同，同一小区",
            f"{_PHONE} and {_NEAR}",
            lambda p: p.overlap(PHONES) & _nearby(p),
            u=2.0**-21,
        ),
        Level("phone", "电话相同", _PHONE, lambda p: p.overlap(PHONES)),
        Level(
            "home and household",
            "住处与户相同",
            f"{_ROOM} and {_HOUSEHOLD}",
            lambda p: p.overlap(ROOMS) & (p.same("household") | p.same("registered")),
        ),
        Level("home", "住处相同", _ROOM, lambda p: p.overlap(ROOMS)),
        Level("household", "同户", _HOUSEHOLD, _at_home),
        Level(
            "building",
            "同一楼栋",
            _any_sql(BUILDINGS),
            lambda p: p.overlap(BUILDINGS),
            m=0.01,
        ),
        Level("door", "门牌相同，小区名不同", _any_sql(DOORS), lambda p: p.overlap(DOORS)),
        Level(
            "compound",
            "同一小区",
            _any_sql(COMPOUNDS),
            lambda p: p.overlap(COMPOUNDS),
            m=0.02,
        ),
        Level(
            "shared phone",
            "同用公用电话",
            _any_sql(SHARED),
            lambda p: p.overlap(SHARED),
            m=0.004,
            u=2.0**-12,
        ),
        Level("different", "不同", "ELSE", _anything),
    ),
)

REGISTER = Comparison(
    "register",
    "名册",
    ("register",),
    (
        Level(
            "absent",
            "无法比较",
            "register_l is null or register_r is null",
            _absent("register"),
            silent=True,
        ),
        Level("one register", "同一名册中两行", "register_l = register_r", _same("register")),
        Level("two registers", "两个名册", "ELSE", _anything),
    ),
)

#: All that is compared of two persons.
COMPARISONS = (NUMBER, NAME, BIRTH, SEX, CONTACT, REGISTER)


def compare(features: Features, left: npt.ArrayLike, right: npt.ArrayLike) -> npt.NDArray[np.int8]:
    """Return the level of each pair (a row) in each comparison (a column)."""
    pairs = Pairs(features, np.asarray(left, np.int64), np.asarray(right, np.int64))
    return np.stack([comparison.compare(pairs) for comparison in COMPARISONS], axis=1)
