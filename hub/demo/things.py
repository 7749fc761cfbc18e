"""What stands in the district besides homes: companies, components, cameras, facilities."""

from __future__ import annotations

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry as Shape

from hub.demo.chance import Chance, Flags, Floats, Ints, digits
from hub.demo.ground import inside
from hub.demo.identity import credit_codes
from hub.demo.words import MANAGERS

# Large class, small class and name, as in the urban-management tables; owner by kind.
COMPONENTS = (
    ("01", "01", "上水井盖", "water"),
    ("01", "02", "污水井盖", "drain"),
    ("01", "03", "雨水井盖", "drain"),
    ("01", "04", "雨水箅子", "drain"),
    ("01", "05", "电力井盖", "power"),
    ("01", "07", "通讯井盖", "telecom"),
    ("01", "20", "路灯", "road"),
    ("01", "38", "公共厕所", "clean"),
    ("02", "01", "停车场", "road"),
    ("02", "05", "交通信号灯", "road"),
    ("03", "05", "垃圾箱", "clean"),
    ("04", "01", "行道树", "green"),
)
MANHOLES = frozenset({"01", "02", "03", "05", "07"})
OWNERS = {
    "water": "西宁供水（示范）有限公司",
    "drain": "西宁排水（示范）有限公司",
    "power": "城东供电（示范）公司",
    "telecom": "青海通信（示范）有限公司",
    "road": "城东区市政设施管理中心（示范）",
    "clean": "城东区环境卫生中心（示范）",
    "green": "城东区园林绿化中心（示范）",
}
FACILITIES = (
    "小学",
    "中学",
    "社区卫生服务站",
    "幼儿园",
    "农贸市场",
    "文化活动中心",
    "养老服务站",
    "派出所",
)


def companies(chance: Chance, estates: pd.DataFrame, landlords: int) -> pd.DataFrame:
    """List developers, property companies, companies that own flats, and utilities."""
    bases = list(dict.fromkeys(estates.loc[estates["kind"] != "village", "base"]))
    names = [
        (f"青海{base[:2]}置业（示范）有限公司", "developer")
        for base in dict.fromkeys(b[:2] for b in bases)
    ]
    names += [(f"西宁{word}物业服务（示范）有限公司", "manager") for word in MANAGERS]
    trades = ("商贸", "建材", "餐饮", "运输", "科技")
    names += [
        (f"青海示范{nth + 1}号{trades[nth % len(trades)]}有限公司", "landlord")
        for nth in range(landlords)
    ]
    names += [(name, kind) for kind, name in OWNERS.items()]
    names += [("城东公安分局（示范）", "police"), ("城东区城市管理局（示范）", "police")]
    frame = pd.DataFrame(names, columns=["name", "kind"])
    frame["code"] = credit_codes(np.arange(len(frame)) + 1_000 + chance.seed % 997)
    return frame


def components(chance: Chance, units: pd.DataFrame, count: int) -> pd.DataFrame:
    """Put components into unit grids, with old codes of 16 digits and new ones of 17."""
    mid = np.arange(count)
    frame = pd.DataFrame({"uid": chance.whole("component.unit", mid, 0, len(units) - 1)})
    kind = chance.index("component.kind", mid, [3, 3, 3, 3, 2, 2, 6, 1, 1, 1, 3, 4])
    table = np.array(COMPONENTS, dtype=object)
    frame["large"], frame["name"], frame["owner"] = table[kind, 0], table[kind, 2], table[kind, 3]
    new = chance.hit("component.new", mid, 0.4)
    frame["small"] = np.where(new, "0" + table[kind, 1], table[kind, 1])
    frame["code"] = "630102" + frame["large"] + frame["small"] + digits(mid + 1, 6)
    frame["manhole"] = (frame["large"] == "01") & np.isin(
        table[kind, 1].astype(str), list(MANHOLES)
    )
    at = inside(chance, "component.at", list(units["boundary"].iloc[frame["uid"]]), mid)
    frame["lon"], frame["lat"] = at[:, 0], at[:, 1]
    frame["cid"] = units["cid"].to_numpy()[frame["uid"]]
    frame["state"] = chance.pick("component.state", mid, list("12345"), [90, 5, 2, 2, 1])
    frame["set_days"] = chance.whole("component.set", mid, 200, 6000)
    frame["gone"] = False
    return frame


def cameras(chance: Chance, grids: pd.DataFrame, lived: Flags, count: int) -> pd.DataFrame:
    """Put cameras at street corners of the inhabited communities."""
    vid = np.arange(count)
    where = np.flatnonzero(lived[grids["cid"].to_numpy()])
    frame = pd.DataFrame({"gid": where[chance.whole("camera.grid", vid, 0, len(where) - 1)]})
    at = inside(chance, "camera.at", list(grids["boundary"].iloc[frame["gid"]]), vid)
    frame["lon"], frame["lat"] = at[:, 0], at[:, 1]
    frame["code"] = "63010200" + "00" + "132" + "7" + digits(vid + 1, 6)
    frame["type"] = chance.pick("camera.type", vid, list("1234"), [3, 2, 5, 1])
    frame["azimuth"] = chance.whole("camera.azimuth", vid, 0, 7) * 45
    frame["view"] = chance.whole("camera.view", vid, 40, 110)
    frame["state"] = chance.pick("camera.state", vid, list("1234"), [90, 5, 3, 2])
    frame["days"] = chance.whole("camera.days", vid, 2, 6) * 15
    return frame


def facilities(chance: Chance, towns: pd.DataFrame, outlines: list[Shape]) -> pd.DataFrame:
    """Give every community a few public facilities."""
    cid = np.repeat(np.arange(len(towns)), 3)
    fid = np.arange(len(cid))
    frame = pd.DataFrame({"cid": cid, "kind": chance.pick("facility.kind", fid, FACILITIES)})
    at: Floats = inside(chance, "facility.at", [outlines[int(one)] for one in cid], fid)
    frame["lon"], frame["lat"] = at[:, 0], at[:, 1]
    nth = frame.groupby(["cid", "kind"]).cumcount().to_numpy()
    short = towns["short"].str.removesuffix("社区").to_numpy(dtype=object)[cid]
    frame["name"] = (
        short
        + frame["kind"]
        + np.where(nth > 0, "（" + (nth + 1).astype(str).astype(object) + "部）", "")
    )
    return frame


def owner_company(chance: Chance, firms: pd.DataFrame, kind: str, question: str, ids: Ints) -> Ints:
    """Draw the company of a kind that stands behind each id."""
    of_kind = np.flatnonzero(firms["kind"] == kind)
    return np.asarray(of_kind[chance.whole(question, ids, 0, len(of_kind) - 1)])
