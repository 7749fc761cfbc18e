"""Numbers that pass their checks and can belong to nobody.

Citizen id numbers begin with 99, a division that does not exist; telephone numbers lie in
segments that no operator holds; credit codes name a division 99 too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo.chance import Chance, Ints, Text, digits

CITIZEN_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CITIZEN_CHECKS = np.array(list("10X98765432"), dtype=object)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PREFIXES = [
    f"99{county:02d}{part:02d}" for county in range(1, 11) for part in (1, 2, 3, 21, 22, 23)
]
EMPTY_SEGMENTS = ("142", "143", "154", "160", "161", "163", "164", "168", "169", "179")


def citizen_check(first17: Text) -> Text:
    """Give the check character (GB 11643) for each seventeen digits."""
    codes = np.array(first17, dtype="U17").view(np.uint32).reshape(len(first17), 17)
    sums = ((codes.astype(np.int64) - ord("0")) * CITIZEN_WEIGHTS).sum(axis=1)
    return np.asarray(CITIZEN_CHECKS[sums % 11])


def citizen_ids(chance: Chance, ids: Ints, birth: Text, sex: Ints) -> Text:
    """Number people as the police would: prefix, birth date, sequence by sex, check.

    Whoever is born later in the list gets the next sequence number, so that numbers are
    unique and adding people changes no number given before.
    """
    prefix = np.where(
        chance.hit("id.local", ids, 0.6),
        "990102",
        chance.pick("id.prefix", ids, PREFIXES),
    ).astype(object)
    stem = prefix + birth
    nth = pd.DataFrame({"stem": stem, "sex": sex}).groupby(["stem", "sex"]).cumcount().to_numpy()
    start, _ = pd.factorize(birth)
    sequence = (nth * 2 + start * 38) % 996 + 2 + (sex == 1)
    first17 = stem + digits(sequence, 3)
    return np.asarray(first17 + citizen_check(first17))


def credit_codes(ids: Ints) -> Text:
    """Give a unified social credit code (GB 32100) to each company."""
    return np.array([_credit_code(int(number)) for number in ids], dtype=object)


def _credit_code(number: int) -> str:
    body = f"91990102MA{number * 7919 % 9999991:07d}"
    total = sum(CREDIT_ALPHABET.index(sign) * pow(3, at, 31) for at, sign in enumerate(body))
    return body + CREDIT_ALPHABET[(31 - total % 31) % 31]


def mobiles(chance: Chance, question: str, ids: Ints) -> Text:
    """Give a mobile number to each id, different for different ids."""
    segment = np.array(EMPTY_SEGMENTS, dtype=object)
    # 99,999,989 is prime, so that the product runs through all eight-digit endings.
    ending = ids * 48_271_939 % 99_999_989
    return np.asarray(segment[chance.whole(question, ids, 0, len(segment) - 1)] + digits(ending, 8))


def landlines(ids: Ints) -> Text:
    """Give a seven-digit local number; none begins with 9 in the real district."""
    return np.asarray("9" + digits(ids * 48_271 % 999_983, 6))
