"""Cells of columns; fingerprints of rows, records and keys: equal content, equal hash, for ever.

The hashes are stored, so neither Python's ``hash`` nor pandas' (which may change with a release)
will do. They are 128 bits, written as PostgreSQL's ``uuid`` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import pandas as pd

# Text that no cell can hold: what tells "nothing said" from an empty string, and cells apart.
_ABSENT, _BETWEEN = "\x00", "\x1f"


def cells(column: pd.Series, absent: str | None = None) -> np.ndarray:
    """Return a column's cells as Python objects, what is missing as ``absent``."""
    return np.asarray(column.array.to_numpy(dtype="object", na_value=absent), dtype=object)


def text_hash(text: str) -> str:
    """Fingerprint one text."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


def row_hashes(frame: pd.DataFrame) -> pd.Series:
    """Fingerprint each row of a text frame; the order of the columns counts, their names do not."""
    columns = [cells(frame[name], _ABSENT) for name in frame.columns]
    texts: Iterable[str] = map(_BETWEEN.join, zip(*columns, strict=True))
    return pd.Series(map(text_hash, texts), index=frame.index, dtype="str")


def text_hashes(texts: pd.Series) -> pd.Series:
    """Fingerprint each text of a column; missing entries stay missing."""
    said = texts.dropna()
    return pd.Series(map(text_hash, said), index=said.index, dtype="str").reindex(texts.index)
