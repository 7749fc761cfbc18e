"""Where two persons are reached and live, compared as one aspect."""

from __future__ import annotations

from hub.matching.features import BUILDINGS, COMPOUNDS, DOORS, PHONES, ROOMS, SHARED
from hub.matching.level import Comparison, Level, any_sql, anything, none_sql
from hub.matching.pairs import Flags, Pairs

_PHONE, _ROOM = any_sql(PHONES), any_sql(ROOMS)
_HOUSEHOLD = "(household_l = household_r or registered_l = registered_r)"
_HOME = f"({_ROOM} or {_HOUSEHOLD})"
_NEAR = f"({any_sql(COMPOUNDS)} or {any_sql(DOORS)})"
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
            f"({none_sql(_REACHED, 'l')} or {none_sql(_REACHED, 'r')})"
            f" and ({none_sql(_AT, 'l')} or {none_sql(_AT, 'r')})"
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
            any_sql(BUILDINGS),
            lambda p: p.overlap(BUILDINGS),
            m=0.01,
        ),
        Level("door", "门牌相同，小区名不同", any_sql(DOORS), lambda p: p.overlap(DOORS)),
        Level(
            "compound",
            "同一小区",
            any_sql(COMPOUNDS),
            lambda p: p.overlap(COMPOUNDS),
            m=0.02,
        ),
        Level(
            "shared phone",
            "同用公用电话",
            any_sql(SHARED),
            lambda p: p.overlap(SHARED),
            m=0.004,
            u=2.0**-12,
        ),
        Level("different", "不同", "ELSE", anything),
    ),
)
