"""Names as they are compared: surname and given name, sound, titles, signs that cannot be read.

A name is read once for each distinct spelling. What comes out is for comparing only and is never
shown as anybody's name.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd
from pypinyin import lazy_pinyin

from hub.matching.coded import Column, each_parts
from schemas.chinese import HAN, fold_names, written_name
from schemas.distinct import cells

# Lists of surnames, their own readings, and what people are called behind them.
_LISTS = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
#: Surnames of two characters or more.
COMPOUND_SURNAMES = frozenset(_LISTS["compound surnames"].split())
# A longer name has a surname only if it begins with one of these or with a compound surname;
# otherwise it is one of a people that has none.
_SURNAMES = frozenset(_LISTS["surnames"])
#: How surnames are read where that differs from the usual reading of the character.
_READINGS: dict[str, str] = _LISTS["readings"]
#: What callers are called behind their surname, and the sex that says.
_TITLES: dict[str, str | None] = _LISTS["titles"]
#: The longest first; shorter ones than these may as well end a name.
_BEHIND_NAMES = tuple(sorted((title for title in _TITLES if len(title) >= 2), key=len)[::-1])
#: What stands before a surname instead of a given name: 老王, 小李.
_FAMILIAR = frozenset(_LISTS["familiar"])

_ILLEGIBLE = re.compile("[?\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd□■〓*_×●]")
_LATIN = re.compile("[a-z]+")
_HAN = re.compile(f"[{HAN}]")
_HAN_NAME = re.compile(f"[{HAN}_]+")


@dataclass(frozen=True, slots=True)
class ReadName:
    """What a name says: missing parts are None."""

    #: The whole name, folded; None where it is only a surname with a title, or partly illegible.
    name: str | None = None
    #: A partly illegible name, with ``_`` for each sign that cannot be read.
    legible: str | None = None
    surname: str | None = None
    given: str | None = None
    #: ``1`` where a title stands instead of the given name.
    title: str | None = None
    title_sex: str | None = None
    #: How it sounds, without tones and without what speakers of the region do not tell apart.
    sound: str | None = None
    #: The name with each sign in turn left open, and its given name turned around, joined by
    #: ``|``: two names that share one of these differ by one slip.
    slips: str | None = None
    #: The name, where it is in Latin letters.
    latin: str | None = None


PARTS = tuple(part.name for part in fields(ReadName))


def read_names(said: Column, parts: Sequence[str] = PARTS) -> dict[str, Column]:
    """Read a column of names into columns of these parts."""
    # The folded key lacks the spaces that part Latin names, so both are read.
    folded = cells(fold_names(pd.Series(said.words, dtype="str")), "") if said.words else ()
    read = dict(zip(said.words, map(read_name, said.words, folded), strict=True))

    def taken(name: str) -> tuple[str | None, ...]:
        return tuple(getattr(read[name], part) for part in parts)

    return dict(zip(parts, each_parts(said, taken, len(parts)), strict=True))


@lru_cache(maxsize=50_000)
def read_name(written: str, folded: str) -> ReadName:
    """Read one name, as written and as folded by `schemas.chinese.fold_names`."""
    tokens = _LATIN.findall(_without_accents(written))
    if tokens and not _HAN.search(folded):
        # Which part is the surname, and which comes first, depends on who wrote it down.
        whole = " ".join(sorted(tokens))
        return ReadName(name=whole, sound=whole, latin=whole)
    text = _ILLEGIBLE.sub("_", folded)
    if text[:1] in _FAMILIAR and _is_surname(text[1:]):
        return ReadName(surname=text[1:], title="1")
    surname, rest = split_surname(text)
    if surname and rest in _TITLES:
        return ReadName(surname=surname, title="1", title_sex=_TITLES[rest])
    if title := _title_behind(text):
        full = read_name("", text.removesuffix(title))
        return replace(full, title_sex=_TITLES[title])
    if "_" in text:
        return _illegible(text, surname)
    sound = _sound(surname, rest)
    return ReadName(
        text or None, None, surname, rest or None, sound=sound or None, slips=_slips(text, rest)
    )


def _is_surname(text: str) -> bool:
    return text in _SURNAMES or text in COMPOUND_SURNAMES


def _title_behind(text: str) -> str | None:
    """Return the title that stands behind a full name."""
    for title in filter(text.endswith, _BEHIND_NAMES):
        surname, given = split_surname(text.removesuffix(title))
        if surname and given and _is_surname(surname):
            return title
    return None


def split_surname(name: str) -> tuple[str | None, str]:
    """Part a name into surname and given name; names of peoples without surnames have none."""
    for length in (4, 3, 2):
        if name[:length] in COMPOUND_SURNAMES and len(name) > length:
            return name[:length], name[length:]
    if not name or name[0] == "_" or not _HAN_NAME.fullmatch(name):
        return None, name
    # Titles are as long as given names, so a title never lengthens a name beyond three.
    if len(name) <= 3 or (len(name) == 4 and name[0] in _SURNAMES):
        return name[0], name[1:]
    return None, name


def _illegible(text: str, surname: str | None) -> ReadName:
    if len(text.replace("_", "")) >= 2:
        return ReadName(legible=text, surname=surname)
    # 王** says no more than 王某.
    return ReadName(surname=surname, title="1") if surname else ReadName()


def _sound(surname: str | None, given: str) -> str:
    reading = _READINGS.get(surname or "") or _reading(surname or "")
    return _blurred(f"{reading} {_reading(given)}".strip())


def _slips(name: str, given: str) -> str | None:
    """List what a name may become by one slip; of two signs one is too much to be a slip."""
    if len(name) < 3:
        return None
    spots = range(len(name))
    found = [f"{name[:at]}_{name[at + 1 :]}" for at in spots]
    if len(name) > 3:
        found += [name, *(name[:at] + name[at + 1 :] for at in spots)]
    turned = "".join(sorted(given))
    return "|".join([*found, f"{name.removesuffix(given)}~{turned}"])


@cache
def _reading(text: str) -> str:
    return " ".join(lazy_pinyin(text, v_to_u=False)) if text else ""


def _blurred(sound: str) -> str:
    """Fold what much of the country says alike: zh and z, n and ng, l and n at the start."""
    sound = re.sub(r"\b([zcs])h", r"\1", sound)
    sound = re.sub(r"ng\b", "n", sound)
    return re.sub(r"\bn", "l", sound)


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", written_name(text)).casefold()
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
