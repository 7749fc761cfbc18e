"""The administrative divisions of China down to the county, those abolished since 1980 included.

A person's number keeps the code of the county of first registration, so old codes stay known
for ever; where the succession is clear, an old code leads to the current one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from schemas.chinese import settled
from schemas.codes.table import code_table, records
from schemas.distinct import Said, read_parts


@dataclass(frozen=True, slots=True)
class Division:
    """A province, city or county: its code, its names from the province down, its fate."""

    code: str
    level: str
    path: tuple[str, ...]
    is_current: bool
    #: The code that holds today for an abolished one, where the succession is clear.
    successor: str | None
    #: Full names that the same code stood for before.
    former_names: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the division's own name, such as 城东区."""
        return self.path[-1]

    @property
    def full_name(self) -> str:
        """Return the name with province and city, such as 青海省西宁市城东区."""
        return "".join(self.path)


def division(code: str) -> Division | None:
    """Find a division by its six-digit code, current or abolished."""
    return _register().get(code)


def is_known_division(code: str) -> bool:
    """Tell whether six digits are, or once were, the code of a division."""
    return code in _register()


def current_division(code: str) -> str | None:
    """Find the code that holds today for a code, abolished or not; None where that is unclear."""
    found = _register().get(code)
    if found is None:
        return None
    return found.code if found.is_current else found.successor


def find_divisions(addresses: Said, home: str | None = None) -> tuple[Said, Said]:
    """Find the county at the front of each address: its code, and the rest.

    The rest is what follows the recognised names, or the whole address where none is
    recognised. With ``home``, the code of a county, names may begin with its city or with a
    county of its city: 城东区八一路. A city alone has no code.
    """
    codes, rest = read_parts(addresses, lambda address: find_division(address, home), 2)
    return codes, rest


def find_division(address: str, home: str | None = None) -> tuple[str | None, str]:
    """Find the county at the front of one address: its code, if it has one, and what follows."""
    return _front(address, _names(home))


@dataclass(frozen=True, slots=True)
class _Names:
    """Spellings of counties and of what lies above them, with the code where it is a county."""

    codes: dict[str, str | None]
    lengths: tuple[int, ...]
    starts: frozenset[str]


def _front(address: str, names: _Names) -> tuple[str | None, str]:
    text = settled(address, "NFKC", spaces=False)
    if text[:2] in names.starts:
        for length in names.lengths:
            front = text[:length]
            if len(front) == length and front in names.codes:
                return names.codes[front], text[length:]
    return None, text


@cache
def _names(home: str | None) -> _Names:
    codes: dict[str, str | None] = {}
    # Current names are written last, so that they win over abolished ones of the same spelling.
    for found in sorted(_register().values(), key=lambda each: each.is_current):
        code = found.code if found.level == "county" or found.code in _undivided() else None
        codes |= dict.fromkeys(_spellings(found, home), code)
    lengths = tuple(sorted({len(spelling) for spelling in codes}, reverse=True))
    return _Names(codes, lengths, frozenset(spelling[:2] for spelling in codes))


def _spellings(found: Division, home: str | None) -> Iterator[str]:
    """Give the ways a division is written at the front of an address.

    Names without their kind (青海, 西宁) count only inside a chain that ends in a county, since
    北京路 is a street; whole names of provinces and cities count alone.
    """
    *above, own = found.path
    if _NO_NAME.search(own):
        return
    yield from found.former_names
    if found.level != "county":
        yield from {found.full_name, own}
        return
    chains = [""] if home is not None and found.code[:4] == home[:4] else []
    if above:
        chains += _forms(above[0])
    if len(above) > 1:
        cities = _forms(above[1])
        chains += [province + city for province in _forms(above[0]) for city in cities] + cities
    yield from (chain + form for chain in chains for form in _county_forms(own))


def _county_forms(name: str) -> set[str]:
    """Give a county's name with and without its peoples: 门源回族自治县, 门源县."""
    return {name, _AUTONOMOUS.sub(lambda found: found.group(1)[-1], name)}


def _forms(name: str) -> list[str]:
    """Give the name of a province or city with and without its peoples and its kind."""
    plain = _AUTONOMOUS.sub(lambda found: found.group(1)[-1].replace("区", ""), name)
    forms = {name, plain, *(_KIND.sub("", form) for form in (name, plain))}
    return sorted(form for form in forms if len(form) > 1)


@cache
def _peoples() -> str:
    labels = code_table("GB/T 3304").labels.values()
    short = {label.removesuffix("族") for label in labels if label.endswith("族")}
    return "|".join(sorted({*(label for label in labels if "族" in label), *short}, key=len)[::-1])


_AUTONOMOUS = re.compile(rf"(?<=..)(?:{_peoples()}|各族)+(自治(?:区|州|县|旗))$")
_KIND = re.compile("(?:自治区|特别行政区|省|市|地区|盟|州)$")
_NO_NAME = re.compile("^(?:市辖区|县|市)$|直辖")


@cache
def _undivided() -> frozenset[str]:
    """Return the codes of cities without counties, such as 441900: addresses end with them."""
    divided = {code[:4] for code, each in _register().items() if each.level == "county"}
    codes = (code for code, each in _register().items() if each.level == "city")
    return frozenset(code for code in codes if code[:4] not in divided)


@cache
def _register() -> dict[str, Division]:
    return {
        row["code"]: Division(
            code=row["code"],
            level=row["level"],
            path=tuple(row["path"].split("/")),
            is_current=row["current"] == "1",
            successor=row["successor"] or None,
            former_names=tuple(filter(None, row["former"].split("|"))),
        )
        for row in records("divisions.csv")
    }
