"""The rules by which a golden value is chosen or derived, and how an origin is written down.

An origin is one small number a field: which member record gave the value, and by which rule.
"""

from __future__ import annotations

import numpy as np

#: Rule names; their place in this tuple is what is stored, so it is append-only.
RULES = ("authority", "stand_in", "position", "home", "age", "minted", "census")

_WIDTH = 8
#: Where a field has no value.
NOBODY = -1


def encode_origin(member: np.ndarray, rule: str) -> np.ndarray:
    """Write origins: the place of the record among the members, and the rule."""
    return np.asarray(member * _WIDTH + RULES.index(rule), dtype=np.int16)


def member_of(codes: np.ndarray) -> np.ndarray:
    """Return the places of the records that origins name; 0 where there is no value."""
    return np.asarray(np.maximum(codes, 0) // _WIDTH, dtype=np.int64)


def origin_of(code: int) -> tuple[int, str] | None:
    """Read an origin: place of the record among the members, and rule; None for no value."""
    return None if code < 0 else (code // _WIDTH, RULES[code % _WIDTH])
