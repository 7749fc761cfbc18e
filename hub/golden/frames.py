"""Positions of places: one whose frame is known says more than one that may be anywhere near."""

from __future__ import annotations

import pandas as pd

from hub.golden.derive import VAGUE_FRAMES

_POSITION, _FRAME = "boundary_geometry", "source_crs"


def prefer_known_frames(records: pd.DataFrame) -> pd.DataFrame:
    """Leave out vague positions of entities that have another position in a known frame.

    ``records``: as `hub.golden.merge` takes them. Position and frame come from one record.
    """
    if _FRAME not in records or _POSITION not in records:
        return records
    vague = records[_FRAME].isin(list(VAGUE_FRAMES)) | records[_POSITION].isna()
    known = (~vague).groupby(records["entity_id"]).transform("any")
    left_out = vague & known
    if not left_out.any():
        return records
    return records.assign(**{name: records[name].mask(left_out) for name in (_POSITION, _FRAME)})
