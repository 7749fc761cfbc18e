"""How departments ruin id numbers: one fault a number, each at its declared rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hub.demo import spelling
from hub.demo.chance import Flags, Text
from hub.demo.views.view import Stains


def _each(form: Callable[[str], str]) -> Callable[[Text], Text]:
    return lambda words: np.array([form(word) for word in words], dtype=object)


def _wrong_digit(word: str) -> str:
    """Change one digit somewhere in birth date or sequence, so that the check fails."""
    at = 6 + int(word[14:17]) % 11
    digit = (int(word[at]) + 1 + int(word[15]) % 9) % 10
    return f"{word[:at]}{digit}{word[at + 1 :]}"


WRITE: dict[str, Callable[[Text], Text]] = {
    "missing": _each(lambda _: ""),
    "placeholder": _each(lambda _: "111111111111111111"),
    "fifteen": spelling.fifteen,
    "wrong_check": _each(lambda word: word[:-1] + ("7" if word[-1] == "3" else "3")),
    "wrong_digit": _each(_wrong_digit),
    "unknown_date": spelling.impossible_date,
    "masked": _each(lambda word: word[:6] + "********" + word[14:]),
    "full_width": _each(lambda word: word.translate(spelling.FULL_WIDTH)),
    "lower_x": _each(str.lower),
    "excel_power": _each(lambda word: f"{word[0]}.{word[1:6]}E+17"),
    "excel_zeros": _each(lambda word: word[:15] + "000"),
}


def spoilt_ids(stains: Stains, system: str, clean: Text, cases: Mapping[str, Flags | None]) -> Text:
    """Write id numbers with the faults of a system; each can befall only where it is said to."""
    ids, free = clean.copy(), clean != ""
    for fault, where in cases.items():
        hit = stains.hit(f"{system}.id_{fault}", free if where is None else free & where)
        ids[hit] = WRITE[fault](clean[hit])
        free &= ~hit
    return ids


def ends_in_x(words: Text) -> Flags:
    """Say which id numbers end in X."""
    return np.array([word[-1:] == "X" for word in words], dtype=bool)
