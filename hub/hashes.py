"""Fingerprints of rows, records and keys: equal content, equal hash, for ever.

The hashes are stored, so neither Python's ``hash`` nor pandas' (which may change with a release)
will do. They are 128 bits, written as PostgreSQL's ``uuid`` reads them, or numbers of 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import pandas as pd
from pandas.api.extensions import ExtensionArray

from schemas.distinct import cells, text_array

# Text that no cell can hold: what tells "nothing said" from an empty string, and cells apart.
_ABSENT, _BETWEEN = "\x00", "\x1f"


def text_hash(text: str) -> str:
    """Fingerprint one text."""
    return text_digest(text).hex()


def text_digest(text: str) -> bytes:
    """Fingerprint one text as bytes."""
    return blake2b(text.encode(), digest_size=16).digest()


def number_hash(text: str) -> int:
    """Fingerprint one text as a number of 64 bits."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def column_hashes(columns: Iterable[ExtensionArray]) -> list[str]:
    """Fingerprint what each row says in these columns, in this order."""
    rows = zip(*(cells(column, _ABSENT) for column in columns), strict=True)
    return [text_hash(_BETWEEN.join(row)) for row in rows]


def text_hashes(texts: pd.Series) -> pd.Series:
    """Fingerprint each text of a column; missing entries stay missing."""
    hashes = [None if text is None else text_hash(text) for text in cells(texts)]
    return pd.Series(text_array(hashes), index=texts.index, copy=False)
