"""How far two records agree, aspect by aspect."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hub.matching.aspects import BIRTH, NAME, NUMBER, REGISTER, SEX
from hub.matching.contact import CONTACT
from hub.matching.features import Features
from hub.matching.pairs import Pairs

#: All that is compared of two persons.
COMPARISONS = (NUMBER, NAME, BIRTH, SEX, CONTACT, REGISTER)


def compare(features: Features, left: npt.ArrayLike, right: npt.ArrayLike) -> npt.NDArray[np.int8]:
    """Return the level of each pair (a row) in each comparison (a column)."""
    pairs = Pairs(features, np.asarray(left, np.int64), np.asarray(right, np.int64))
    return np.stack([comparison.compare(pairs) for comparison in COMPARISONS], axis=1)
