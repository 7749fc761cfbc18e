"""The ground: real communities of Chengdong, invented polygons that part it without gaps.

Governance grids are cells around drawn seeds; a community is the union of its grids, so
that both part the district exactly. Unit grids part each community again, finer.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry as Shape

from hub.demo.chance import Chance, Floats, Ints, Text

# Streets and towns lie roughly as in the city: old town in the west, towns in the east.
OUTLINE = shapely.Polygon(
    [(101.780, 36.588), (101.800, 36.578), (101.835, 36.571), (101.872, 36.566), (101.915, 36.560),
     (101.932, 36.574), (101.926, 36.598), (101.905, 36.621), (101.868, 36.634), (101.830, 36.639),
     (101.801, 36.632), (101.784, 36.618)]
)  # fmt: skip
TO_METRES = Transformer.from_crs(4490, 4543, always_xy=True)
CHINESE_DIGITS = "〇一二三四五六七八九十"


def communities(chance: Chance, people: int) -> pd.DataFrame:
    """List the communities with their codes; few people live in few of them."""
    source = files("hub.demo").joinpath("tables/divisions.csv")
    with source.open("rb") as stream:
        table = pd.read_csv(stream, dtype="str", keep_default_na=False)
    short = table["village"].str.replace(r"(居民委员会|村民委员会)$", "", regex=True)
    count = len(table)
    rank = np.argsort(np.argsort(chance.share("community.lived", np.arange(count))))
    villages = table["village"].str.contains("村民委员会|村村民", regex=True).to_numpy()
    # The first places go to two committees for each village, as in the whole district.
    lived = rank < min(count, max(8, people // 400))
    weight = np.where(villages, 0.45, 1.0) * (
        0.5 + chance.share("community.weight", np.arange(count))
    )
    return pd.DataFrame(
        {
            "code": table["village_code"],
            "name": table["village"],
            "short": short.where(short.str.endswith(("社区", "村")), short + "村"),
            "street_code": table["street_code"],
            "street": table["street"],
            "village": villages,
            "lived": lived,
            "weight": np.where(lived, weight, 0.0),
        }
    )


def grids(chance: Chance, towns: pd.DataFrame) -> tuple[pd.DataFrame, list[Shape]]:
    """Part the district into governance grids; return them and the communities' outlines."""
    owner, seeds = _seeds(chance, len(towns))
    cells = _cells(seeds, OUTLINE)
    nth = pd.Series(owner).groupby(owner).cumcount().to_numpy() + 1
    frame = pd.DataFrame({"cid": owner, "nth": nth, "type": "1"})
    frame["boundary"] = cells
    outlines = [shapely.union_all(cells[owner == cid]) for cid in range(len(towns))]
    frame = pd.concat([frame, _dedicated(chance, frame)], ignore_index=True)
    code = towns["code"].to_numpy(dtype=object)[frame["cid"]]
    short = towns["short"].to_numpy(dtype=object)[frame["cid"]]
    frame["code"] = [f"{c}{n:03d}" for c, n in zip(code, frame["nth"], strict=True)]
    frame["name"] = [
        f"{s}第{chinese(n)}网格" if n < 900 else f"{s}农贸市场专属网格"
        for s, n in zip(short, frame["nth"], strict=True)
    ]
    frame["police"] = "630102" + code_of_station(frame["cid"].to_numpy(), frame["nth"].to_numpy())
    return frame, outlines


def unit_grids(chance: Chance, towns: pd.DataFrame, outlines: list[Shape]) -> pd.DataFrame:
    """Part each community into some twenty unit grids, numbered with 15 or (old) 14 digits."""
    parts = []
    for cid, outline in enumerate(outlines):
        points = inside(chance, f"unit.{cid}", [outline] * 18, np.arange(18))
        cells = _cells(points, outline)
        old = chance.share("unit.old", np.array([cid]))[0] < 0.3
        code = str(towns["code"].iloc[cid])
        width = 2 if old else 3
        names = [f"{code}{nth + 1:0{width}d}" for nth in range(len(cells))]
        parts.append(pd.DataFrame({"cid": cid, "code": names, "boundary": cells}))
    return pd.concat(parts, ignore_index=True)


def inside(chance: Chance, question: str, areas: list[Shape], ids: Ints) -> Floats:
    """Draw a point in each area, well within it."""
    shrunk = shapely.buffer(np.asarray(areas, dtype=object), -0.0004)
    solid = np.where(shapely.is_empty(shrunk), np.asarray(areas, dtype=object), shrunk)
    left, low, right, high = shapely.bounds(solid).T
    found = np.array(shapely.get_coordinates(shapely.point_on_surface(solid)))
    open_ = np.ones(len(ids), dtype=bool)
    for turn in range(25):
        x = left + chance.share(f"{question}.x{turn}", ids) * (right - left)
        y = low + chance.share(f"{question}.y{turn}", ids) * (high - low)
        good = open_ & shapely.contains_xy(solid, x, y)
        found[good] = np.column_stack([x, y])[good]
        open_ &= ~good
    return np.asarray(found)


def rounded(shapes: Any, decimals: int = 7) -> Text:
    """Write shapes as WKT; seven decimals of a degree are about a centimetre."""
    words: Text = np.array(
        shapely.to_wkt(shapes, rounding_precision=decimals, trim=True), dtype="O"
    )
    return words


def in_metres(shape: Any) -> Any:
    """Project a shape to easting and northing (EPSG 4543)."""
    return shapely.transform(
        shape, lambda at: np.column_stack(TO_METRES.transform(at[:, 0], at[:, 1]))
    )


def chinese(number: int) -> str:
    """Write a number up to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else CHINESE_DIGITS[tens]) + "十" if tens else ""
    return head + (CHINESE_DIGITS[ones] if ones or not tens else "")


def code_of_station(cid: Ints, nth: Ints) -> Text:
    """Give the last six characters of the police district that covers a grid."""
    return np.array(
        [
            f"Q{c // 8 + 1:01d}{c % 8 + 1:02d}{(n + 1) // 2 % 100:02d}"
            for c, n in zip(cid, nth, strict=True)
        ],
        dtype=object,
    )


def _seeds(chance: Chance, count: int) -> tuple[Ints, Floats]:
    """Give each community an area of its own, by halving, and three to six seeds in it."""
    areas: dict[int, Shape] = {}
    open_: list[tuple[int, int, Shape]] = [(0, count, OUTLINE)]
    while open_:
        first, last, area = open_.pop()
        if last - first == 1:
            areas[first] = area
            continue
        middle = (first + last) // 2
        one, two = _halved(area, (middle - first) / (last - first))
        open_ += [(first, middle, one), (middle, last, two)]
    sizes = chance.whole("grid.count", np.arange(count), 3, 6)
    owner = np.repeat(np.arange(count), sizes)
    return owner, inside(
        chance, "grid.seed", [areas[int(cid)] for cid in owner], np.arange(len(owner))
    )


def _halved(area: Shape, share: float) -> tuple[Shape, Shape]:
    """Cut an area across its longer side so that the first part has this share of it."""
    left, low, right, high = area.bounds
    across = (right - left) * 0.8 > high - low
    near, far = 0.0, 1.0
    for _ in range(20):
        at = (near + far) / 2
        box = (left, low, left + (right - left) * at, high)
        if not across:
            box = (left, high - (high - low) * at, right, high)
        first = shapely.intersection(area, shapely.box(*box))
        near, far = (at, far) if first.area < area.area * share else (near, at)
    return first, shapely.difference(area, first)


def _cells(points: Floats, outline: Shape) -> Text:
    """Part an area into the cells nearest to each point, in the order of the points."""
    cloud = shapely.multipoints(points)
    cells = shapely.get_parts(shapely.voronoi_polygons(cloud, extend_to=outline, ordered=True))
    return np.asarray(shapely.intersection(cells, outline), dtype=object)


def _dedicated(chance: Chance, frame: pd.DataFrame) -> pd.DataFrame:
    """Add a market with a dedicated grid of its own to every fourth community."""
    first = frame.drop_duplicates("cid")
    chosen = first[chance.hit("grid.dedicated", first["cid"].to_numpy(), 0.25)]
    at = inside(chance, "grid.market", list(chosen["boundary"]), chosen["cid"].to_numpy())
    made = pd.DataFrame({"cid": chosen["cid"].to_numpy(), "nth": 901, "type": "2"})
    made["boundary"] = shapely.box(
        at[:, 0] - 6e-4, at[:, 1] - 4e-4, at[:, 0] + 6e-4, at[:, 1] + 4e-4
    )
    return made
