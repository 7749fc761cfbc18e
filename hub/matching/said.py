"""What single words of a person's record say, and what its facts do."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import orjson
import pandas as pd

from hub.matching.coded import Column, Words, column_at, each_word
from schemas.addresses import compound_key, parse_addresses
from schemas.chinese import folded
from schemas.distinct import cells
from schemas.kinds.identity import has_citizen_check

#: name of a fact → position of a record → what it says
Facts = dict[str, dict[int, str]]

#: The age from which people are spoken of with a title.
_GROWN_AT = 16


_MASK = "[*×XxＸ●○•?？_#]"
_MASKED = re.compile(rf"([0-9]{{1,14}}){_MASK}{{3,}}([0-9]{{0,6}}[0-9X]?)")
_SPOTTED = re.compile(f"(?:[1-9]|{_MASK})(?:[0-9]|{_MASK}){{17}}")
_POWER = re.compile(r"([0-9])\.([0-9]+)E\+?17")
_CUT_OFF = re.compile(r"([1-9][0-9]{14})000(?:\.0+)?")
_TYPED = re.compile("[1-9][0-9]{16}[0-9X]")
_OLD = re.compile("[1-9][0-9]{14}")
_DOCUMENT = re.compile("[A-Z]{1,2}[0-9]{6,10}")
_REPEATED = re.compile(r"(.)\1{9,}|.*123456789012345.*")
_SIGNS = "0123456789X"
_DIGIT = re.compile("[0-9０-９]")
_DAY_UNKNOWN = re.compile("((?:18|19|20)[0-9]{2})(0[1-9]|1[0-2])00")
_DATE = re.compile(r"([12][0-9]{3})(?:[年./-](1[0-2]|0?[1-9])(?![0-9])|(0[1-9]|1[0-2])[0-9]{2}$)")
_MONTH = re.compile(r"([12][0-9]{3})\s*[年./-]\s*(1[0-2]|0?[1-9])\s*(?:月|$)")


def facts_of(said: Words | Sequence[str | None]) -> Facts:
    """Take the facts apart: for each name the records that have it, by position."""
    facts: Facts = {}
    for row, told in enumerate(said):
        for name, value in orjson.loads(told).items() if told is not None else ():
            facts.setdefault(name, {})[row] = str(value)
    return facts


def fact_column(facts: Facts, name: str, size: int) -> Column:
    """Return what all records say of one fact."""
    told = facts.get(name, {})
    return column_at(np.array([*told], dtype=np.int64), [*told.values()], size)


def listed_words(text: str) -> list[str]:
    """Return the words of a fact that may be a list."""
    if not text.startswith("["):
        return [text]
    return [str(one) for one in orjson.loads(text)]


def legible_digits(said: str) -> tuple[str | None, str | None]:
    """Read what is left of an id number: eighteen places, ``?`` for each unknown; or a document."""
    text = folded(said)
    if _REPEATED.fullmatch(text):
        return None, None
    if _TYPED.fullmatch(text):
        cut = _CUT_OFF.fullmatch(text)
        return (cut[1] + "???" if cut else text), None
    if power := _POWER.fullmatch(text):
        # The last digit shown has been rounded.
        return (power[1] + power[2])[:-1][:17].ljust(18, "?"), None
    if masked := _MASKED.fullmatch(text):
        return masked[1] + masked[2].rjust(18 - len(masked[1]), "?"), None
    if _OLD.fullmatch(text):
        return f"{text[:6]}19{text[6:]}?", None
    if _SPOTTED.fullmatch(text):
        # An X is a sign of the number only at its end, and not behind another that masks.
        last = text[17:] if text[16:].rstrip("X").isdecimal() else re.sub(_MASK, "?", text[17:])
        return re.sub(_MASK, "?", text[:17]) + last, None
    if length_slip := _one_sign_off(text):
        return length_slip, None
    return None, text if _DOCUMENT.fullmatch(text) else None


def _one_sign_off(text: str) -> str | None:
    """Read a number with a sign too few or too many: what all the sound ones it may be share."""
    if len(text) == 17:
        tried = {text[:at] + sign + text[at:] for at in range(18) for sign in _SIGNS}
    elif len(text) == 19:
        tried = {text[:at] + text[at + 1 :] for at in range(19)}
    else:
        return None
    places = zip(*filter(has_citizen_check, tried), strict=True)
    return "".join(signs[0] if len(set(signs)) == 1 else "?" for signs in places) or None


def plain_sex(code: str) -> str | None:
    """Keep male and female; other codes compare with nothing."""
    return code if code in ("1", "2") else None


def grown_by(recorded_at: str) -> str | None:
    """Say by which month whoever is called Mr or Ms at that time must have been born."""
    year = recorded_at[:4]
    return f"{int(year) - _GROWN_AT}-12" if year.isdecimal() else None


def month_of(said: str) -> str | None:
    """Read year and month off a date of which the day may be missing."""
    text = folded(said)
    found = _MONTH.match(text) or _DAY_UNKNOWN.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02d}" if found else None


def unlike_birth(births: Column, told: Column) -> Column:
    """Keep what is told of a birth that differs from the one in force in its year and its month."""
    at = np.flatnonzero(births.known & told.known)
    pairs = zip(births.only(at).said(), told.only(at).said(), strict=True)
    return column_at(at, [_unlike(*pair) for pair in pairs], len(births.codes))


def _unlike(birth: str, told: str) -> str | None:
    found = _DATE.match(folded(told))
    if not found:
        return None
    year, month = found[1], f"{int(found[2] or found[3]):02d}"
    return f"{year}-{month}" if birth[:4] != year and birth[5:7] != month else None


def above_room(key: str) -> tuple[str | None, ...]:
    """Give of an address key its place, its building there, and its door wherever that is."""
    place, building, below = [*key.split("|", 2), "", ""][:3]
    if not building:
        return place, None, None
    door = None if below.endswith("|") else f"{building}|{below}"
    return place, f"{place}|{building}", door


def compounds_of(addresses: Column) -> Column:
    """Read the compound off addresses that go no further."""
    if not addresses.words:
        return addresses
    read = parse_addresses(pd.Series(addresses.words, dtype="str"))["compound_name"]
    told = dict(zip(addresses.words, cells(compound_key(read)), strict=True))
    return each_word(addresses, told.__getitem__)


def numbered_address(address: str) -> str | None:
    """Fold an address; without a number it is a whole street or village and tells nobody apart."""
    return folded(address) if _DIGIT.search(address) else None
