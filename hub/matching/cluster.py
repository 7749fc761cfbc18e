"""Clusters: which records belong together, given the keys that they have in common."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.matching.groups import hanging_together


def cluster(keys: pd.DataFrame) -> pd.Series:
    """Group records that share keys, be it by way of others; return their labels by record id.

    ``keys`` has ``record_id`` and ``key``; a record without any has an empty one. Records with
    one label are one entity. The order of rows is irrelevant.
    """
    record_ids, records = np.unique(keys["record_id"].to_numpy(np.int64), return_inverse=True)
    codes, distinct = pd.factorize(keys["key"])
    said = codes >= 0
    # Two records that share a key are two steps apart: the key lies between them.
    size = len(record_ids) + len(distinct)
    labels = hanging_together(size, records[said], codes[said] + len(record_ids))
    return pd.Series(labels[: len(record_ids)], index=record_ids, copy=False)
