"""Who is who, and who lives, owns and rents where: what matching and merging are measured by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from hub.demo.views.view import true_ids
from hub.demo.world import World


def relations(world: World) -> pd.DataFrame:
    """List the true relations: person, role, the other side, since when, until when."""
    people = world.persons
    here = (people["hh"] >= 0).to_numpy()
    present = here & (people["status"] == "1").to_numpy()
    parts = [
        _homes(world, present & ~people["tenant"].to_numpy(), "hid", "lives_in"),
        _homes(world, present & people["tenant"].to_numpy(), "hid", "rents"),
        _homes(world, present, "hid_second", "second_home"),
        _homes(world, here, "register_hid", "registered_at"),
        _households(world, here),
        _owners(world),
    ]
    return pd.concat(parts, ignore_index=True)


def _homes(world: World, who: np.ndarray, column: str, role: str) -> pd.DataFrame:
    hid = world.persons[column].to_numpy()
    pid = np.flatnonzero(who & (hid >= 0))
    since = world.persons["home_since"].dt.strftime("%Y-%m-%d").to_numpy(dtype=object)[pid]
    frame = pd.DataFrame({"subject": true_ids("person", pid), "role": role})
    frame["object"] = true_ids("house", hid[pid])
    frame["since"] = since if column == "hid" else ""
    return frame


def _households(world: World, who: np.ndarray) -> pd.DataFrame:
    pid = np.flatnonzero(who)
    frame = pd.DataFrame({"subject": true_ids("person", pid), "role": "household"})
    frame["object"] = [f"F{hh:08d}" for hh in world.persons["hh"].to_numpy()[pid]]
    frame["since"] = ""
    return frame


def _owners(world: World) -> pd.DataFrame:
    deeds = world.owners[~world.owners["gone"]]
    parts = []
    for column in ("pid", "partner"):
        known = deeds[deeds[column] >= 0]
        frame = pd.DataFrame(
            {"subject": true_ids("person", known[column].to_numpy()), "role": "owns"}
        )
        frame["object"], frame["since"] = true_ids("house", known["hid"].to_numpy()), ""
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def save(frame: pd.DataFrame, path: Path) -> None:
    """Write a table of truth, as CSV or Parquet by the file's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False, lineterminator="\n")
