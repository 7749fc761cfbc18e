"""Positions of places: one whose frame is known says more than one that may be anywhere near."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.golden.derive import VAGUE_FRAMES
from schemas.distinct import Columns, cells, is_said, text_array

_POSITION, _FRAME = "boundary_geometry", "source_crs"


def prefer_known_frames(records: Columns) -> Columns:
    """Leave out vague positions of entities that have another position in a known frame.

    ``records``: as `hub.golden.merge` takes them. Position and frame come from one record.
    """
    if _FRAME not in records or _POSITION not in records:
        return records
    vague = np.isin(cells(records[_FRAME]).astype(str), VAGUE_FRAMES) | ~is_said(records[_POSITION])
    entities, _ = pd.factorize(cells(records["entity_id"]))
    left_out = vague & np.isin(entities, entities[~vague])
    if not left_out.any():
        return records
    kept = {
        name: np.where(left_out, np.array(None), cells(records[name]))
        for name in (_POSITION, _FRAME)
    }
    return {**records, **{name: text_array(column) for name, column in kept.items()}}
