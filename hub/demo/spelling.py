"""The many ways in which departments write the same thing, and the ways they get it wrong.

Every function takes and returns whole columns; which rows are concerned is drawn elsewhere.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.demo.chance import Chance, Flags, Ints, Text
from hub.demo.ground import chinese
from hub.demo.identity import citizen_check
from hub.demo.words import ALIKE

SWAPS = {sign: group.replace(sign, "") for group in ALIKE for sign in group}
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
DIGITS = np.array(list("0123456789"), dtype=object)


def joined(*parts: Text | str) -> Text:
    """Write parts one after another."""
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return np.asarray(whole, dtype=object)


def said(words: Text, suffix: str, prefix: str = "") -> Text:
    """Add a word such as 单元 where there is something to add it to."""
    return np.asarray(np.where(words == "", "", prefix + words + suffix), dtype=object)


def misspelt(chance: Chance, question: str, ids: Ints, names: Text, where: Flags) -> Text:
    """Replace a character by one like it."""
    drawn = chance.share(question, ids)
    found = names.copy()
    for at in np.flatnonzero(where):
        found[at] = _misspelt(names[at], float(drawn[at]))
    return found


def can_be_misspelt(names: Text) -> Flags:
    """Say which names hold a character that is easily taken for another."""
    codes, distinct = pd.factorize(names)
    known = np.array(
        [any(sign in SWAPS for sign in str(name)[1:]) for name in distinct], dtype=bool
    )
    return np.asarray(known[codes])


def _misspelt(name: str, drawn: float) -> str:
    places = [at for at, sign in enumerate(name) if at and sign in SWAPS]
    at = places[int(drawn * len(places))]
    others = SWAPS[name[at]]
    return name[:at] + others[int(drawn * 7919) % len(others)] + name[at + 1 :]


def one_digit_off(
    chance: Chance, question: str, ids: Ints, words: Text, low: int, high: int
) -> Text:
    """Change one digit between two places (both included) of words that are long enough."""
    if not len(words):
        return words
    at = chance.whole(question + ".at", ids, low, high)
    more = chance.whole(question + ".more", ids, 1, 9)
    return np.array(
        [
            word[:p] + str((int(word[p]) + m) % 10) + word[p + 1 :]
            for word, p, m in zip(words, at, more, strict=True)
        ],
        dtype=object,
    )


def fifteen(words: Text) -> Text:
    """Write id numbers as before 1999: without century and check."""
    return np.array([word[:6] + word[8:17] for word in words], dtype=object)


def impossible_date(words: Text) -> Text:
    """Put 31 February into id numbers and give them the check that belongs to it."""
    first17 = np.array([word[:10] + "0231" + word[14:17] for word in words], dtype=object)
    return first17 + citizen_check(first17) if len(words) else words


def spaced(words: Text, space: str) -> Text:
    """Put a space between the two characters of a name."""
    return np.array([space.join(word) for word in words], dtype=object)


def nearby(
    chance: Chance, question: str, ids: Ints, days: npt.NDArray[np.datetime64]
) -> npt.NDArray[np.datetime64]:
    """Move dates to others that are as likely: a day, ten days, a month or a year before."""
    steps = np.array([1, 2, 10, 20, 30, 365])[chance.whole(question, ids, 0, 5)]
    return np.asarray(days.astype("M8[D]") - steps.astype("m8[D]"))


def dates(days: npt.NDArray[np.datetime64], form: str) -> Text:
    """Write dates by a strftime form, each distinct date once."""
    codes, distinct = pd.factorize(days.astype("M8[D]"))
    words = pd.DatetimeIndex(distinct).strftime(form).to_numpy(dtype=object)
    return np.asarray(words[codes])


def loose_dates(days: npt.NDArray[np.datetime64], separator: str) -> Text:
    """Write dates without leading zeros: 2021.3.5."""
    codes, distinct = pd.factorize(days.astype("M8[D]"))
    when = pd.DatetimeIndex(distinct)
    words = [f"{at.year}{separator}{at.month}{separator}{at.day}" for at in when]
    return np.asarray(np.array(words, dtype=object)[codes])


def times(moments: npt.NDArray[np.datetime64], form: str) -> Text:
    """Write moments by a strftime form."""
    return pd.DatetimeIndex(moments).strftime(form).to_numpy(dtype=object)


def building_words(chance: Chance, question: str, ids: Ints, no: Text, rate: float) -> Text:
    """Write a building's number: mostly 3号楼, by the rate 3栋, 三幢 or 3#."""
    numbers = pd.to_numeric(pd.Series(no)).fillna(0).astype(int)
    spelled = (
        numbers.map({n: chinese(n) for n in range(1, 100)})
        .fillna(pd.Series(no))
        .to_numpy(dtype=object)
    )
    form = chance.index(question, ids, [1 - rate, rate / 2, rate / 4, rate / 4])
    words = np.select(
        [form == 0, form == 1, form == 2], [no + "号楼", no + "栋", spelled + "幢"], no + "#"
    )
    return np.asarray(np.where(no == "", "", words), dtype=object)
