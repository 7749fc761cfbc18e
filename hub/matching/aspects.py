"""What is compared of two persons, but for where they are reached: a table of levels each."""

from __future__ import annotations

from hub.matching.level import Comparison, Holds, Level, absent, anything, same
from hub.matching.pairs import Flags, Pairs


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
        Level("same", "相同", "number_l = number_r", same("number"), u=2.0**-27),
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
        Level("different", "不同", "ELSE", anything, u=0.999),
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
            absent("name", "legible", "title"),
            silent=True,
        ),
        Level("same", "相同", "name_l = name_r", same("name"), rarity="name"),
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
            same("sound"),
        ),
        Level(
            "same where legible",
            "可辨部分相同",
            "coalesce(name_l, legible_l) like legible_r"
            " or coalesce(name_r, legible_r) like legible_l",
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
        # What one person's records hardly ever show is declared: without labels, training takes
        # twins and namesakes for people whose records differ.
        Level(
            "same surname",
            "仅姓相同",
            "surname_l = surname_r",
            same("surname"),
            rarity="surname",
            m=0.0003,
        ),
        Level("different", "不同", "ELSE", anything, m=0.0002),
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
        Level("same", "相同", "birth_l = birth_r", same("birth")),
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
        Level("different", "不同", "ELSE", anything, m=0.004),
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
        Level("same", "相同", "sex_l = sex_r", same("sex")),
        Level("different", "不同", "ELSE", anything, m=0.005),
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
            absent("register"),
            silent=True,
        ),
        Level("one register", "同一名册中两行", "register_l = register_r", same("register")),
        Level("two registers", "两个名册", "ELSE", anything),
    ),
)
