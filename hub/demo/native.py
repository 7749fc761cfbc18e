"""Native rows of the four systems: their keys, and what changed between two states."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hub.demo.views.view import View

KEYS = {
    ("public_security", "residents"): "rybh",
    ("public_security", "addresses"): "dzbm",
    ("public_security", "cameras"): "sbbm",
    ("street_office", "residents"): "人员编号",
    ("street_office", "houses"): "房屋编号",
    ("street_office", "grids"): "网格编号",
    ("urban_management", "components"): "ObjID",
    ("urban_management", "unitGrids"): "BGID",
    ("urban_management", "places"): "EntityID",
    ("urban_management", "buildings"): "ModelID",
    ("urban_management", "reporters"): "ReporterID",
    ("property", "rooms"): "room_id",
    ("property", "owners"): "member_id",
}


def keys_of(source: str) -> dict[str, str]:
    """Name the key column of each dataset of a source."""
    return {dataset: key for (owner, dataset), key in KEYS.items() if owner == source}


def changed_rows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a later state that are new or not as they were."""
    was, is_ = (pd.util.hash_pandas_object(frame, index=False) for frame in (before, after))
    return pd.DataFrame(after[~is_.isin(was).to_numpy()])


def as_json_rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    """Write rows as property systems send them: every column, every value text."""
    rows = frame.to_dict("records")
    return [{str(name): str(value) for name, value in row.items()} for row in rows]


def write_first_load(view: View, folder: Path) -> None:
    """Write the property companies' first load: rooms.csv and owners.csv in GB18030."""
    folder.mkdir(parents=True, exist_ok=True)
    for dataset, frame in view.rows.items():
        text = frame.to_csv(index=False, lineterminator="\r\n")
        (folder / f"{dataset}.csv").write_bytes(text.encode("gb18030"))
