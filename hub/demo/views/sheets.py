"""How 人口信息.xlsx is laid out: one sheet a community, each kept in its own manner."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo.chance import Flags, Ints, Text
from hub.demo.views.seen import community_of
from hub.demo.views.view import Stains, View, column
from hub.demo.world import World

STYLES = (
    "two_headers",
    "platform",
    "renamed",
    "broken_headers",
    "forbidden",
    "unknown",
    "reordered",
)
#: Columns that a household shares: merged, or 同上 below the first row.
SHARED = ("户籍地址", "现住址")


def sheet_styles(world: World, made: View) -> pd.DataFrame:
    """Draw how each community keeps its sheet."""
    cid = np.arange(len(world.communities))
    stains = Stains(world.chance, cid, column(world.communities, "code"))
    frame = pd.DataFrame(
        {"name": column(world.communities, "short"), "street": column(world.communities, "street")}
    )
    long = world.chance.hit("sheet.long", cid, 0.3)
    frame["name"] = np.where(long, column(world.communities, "name"), frame["name"])
    for style in STYLES:
        frame[style] = stains.hit("office.sheet_" + style, world.communities["lived"].to_numpy())
    frame["merged_header"] = world.chance.hit("sheet.merged_header", cid, 0.5)
    made.stains.append(stains)
    return frame


def laid_out(
    world: World, made: View, rows: pd.DataFrame, pid: Ints, home: Ints
) -> tuple[pd.DataFrame, pd.DataFrame, Ints]:
    """Order rows by sheet, flat and household; say where a household's cells are shared.

    Gives the rows, their layout and the order in which they were put.
    """
    cid = community_of(world, home)
    hh = world.persons["hh"].to_numpy()[pid]
    order = np.lexsort((np.arange(len(pid)), hh, home, cid))
    rows = rows.iloc[order].reset_index(drop=True)
    cid, hh = cid[order], hh[order]
    assert made.sheets is not None
    platform = made.sheets["platform"].to_numpy()[cid]
    sex = column(rows, "性别")
    rows["性别"] = pd.Series(np.where(platform, _from_zero(sex), sex), dtype="str")
    run = _runs(rows, cid)
    size = np.bincount(run)[run]
    first = np.append(True, run[1:] != run[:-1]) if len(run) else np.zeros(0, dtype=bool)
    leader = np.flatnonzero(first & (size > 1))
    above, merged = _shared(world, made, hh[leader], column(rows, "人员编号")[leader])
    layout = pd.DataFrame({"cid": cid, "run": run, "first": first})
    layout["above"] = np.isin(run, run[leader[above]]) & ~first
    layout["merged"] = np.isin(run, run[leader[merged]])
    return rows, layout, order


def _from_zero(sex: Text) -> Text:
    """Write sexes as the platform exports them: 0 male, 1 female."""
    return np.where(np.isin(sex, ["男", "1"]), "0", "1").astype(object)


def _runs(rows: pd.DataFrame, cid: Ints) -> Ints:
    """Number runs of rows that say the same in the shared columns and stand in one sheet."""
    new = np.ones(len(rows), dtype=bool)
    new[1:] = cid[1:] != cid[:-1]
    for name in SHARED:
        words = column(rows, name)
        new[1:] |= (words[1:] != words[:-1]) | (words[1:] == "")
    return np.cumsum(new) - 1


def _shared(world: World, made: View, hh: Ints, keys: Text) -> tuple[Flags, Flags]:
    stains = Stains(world.chance, hh, keys)
    above = stains.hit("office.same_above")
    merged = stains.hit("office.merged", ~above)
    made.stains.append(stains)
    return above, merged
