"""Write the street office's deliveries: inbox/<time>/ with its three files and _SUCCESS."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from hub.demo.chance import Chance, Text
from hub.demo.errors import SPOILS
from hub.demo.views.sheets import SHARED
from hub.demo.views.view import View, column
from hub.demo.workbook import Sheet, write_workbook

PEOPLE, HOUSES, GRIDS, DONE = "人口信息.xlsx", "房屋信息.xlsx", "网格信息.csv", "_SUCCESS"
ALIASES = {
    "身份证号": ("公民身份号码", "证件号码"),
    "联系电话": ("电话", "手机"),
    "现住址": ("居住地址", "家庭住址"),
}
BROKEN = {
    "联系电话": "联系\n电话",
    "姓名": "姓  名",
    "户籍地址": "户籍\n地址",
    "身份证号": "身份证号 ",
    "与户主关系": "与户主\n关系",
    "更新时间": "更新\n时间",
}
FORBIDDEN = ("重点人员", "宗教信仰", "刑满释放")
#: Headers that a second header row refines, under a wider one.
GROUPS = {
    "残疾情况": ("是否残疾", "残疾类别", "残疾等级"),
    "紧急联系": ("紧急联系人", "紧急联系电话"),
}
GROUPED = frozenset(name for group in GROUPS.values() for name in group)


def write_delivery(view: View, folder: Path, at: np.datetime64, spoil: str | None = None) -> Path:
    """Write all datasets as one complete delivery; `spoil` names what is wrong with it."""
    if spoil is not None and spoil not in SPOILS:
        raise ValueError(f"unknown spoil {spoil}; there are {', '.join(SPOILS)}")
    target = folder / "inbox" / pd.Timestamp(at).strftime("%Y%m%dT%H%M%S")
    target.mkdir(parents=True, exist_ok=True)
    _write_people(view, target / PEOPLE, spoil)
    houses = view.rows["houses"]
    write_workbook(target / HOUSES, [Sheet("房屋信息", [list(houses.columns)], _texts(houses))])
    grids = view.rows["grids"]
    (target / GRIDS).write_bytes(grids.to_csv(index=False, lineterminator="\r\n").encode("gb18030"))
    if spoil != "no_success":
        (target / DONE).touch()
    return target


def _texts(frame: pd.DataFrame) -> list[Text]:
    return [column(frame, name) for name in frame.columns]


def _write_people(view: View, path: Path, spoil: str | None) -> None:
    if spoil == "zero_bytes":
        path.touch()
        return
    if spoil == "not_a_workbook":
        path.write_text("<html><body>系统登录超时，请重新登录</body></html>", encoding="utf-8")
        return
    assert view.layout is not None
    assert view.sheets is not None
    layout = view.layout
    starts = np.flatnonzero(np.diff(layout["cid"].to_numpy(), prepend=-1))
    ends = np.append(starts[1:], len(layout))
    spans = enumerate(zip(starts.tolist(), ends.tolist(), strict=True))
    write_workbook(path, (_sheet(view, a, b, spoil, nth == 0) for nth, (a, b) in spans))


def _sheet(view: View, start: int, end: int, spoil: str | None, first: bool) -> Sheet:
    assert view.layout is not None
    assert view.sheets is not None
    rows, layout = view.rows["residents"].iloc[start:end], view.layout.iloc[start:end]
    cid = int(layout["cid"].iloc[0])
    style = view.sheets.iloc[cid]
    if spoil in ("headers_only", "half_the_rows"):
        kept = (np.arange(len(rows)) % 2 == 0) & (spoil == "half_the_rows")
        rows, layout = rows[kept], layout[kept].assign(above=False, merged=False)
    rows = _with_extras(rows, style, Chance(cid))
    names = _ordered(list(rows.columns), style)
    if spoil == "column_missing" and first:
        names.remove("身份证号")
    heads, merges = _heads(names, style, cid, spoil == "column_renamed" and first)
    shared = [names.index(name) for name in SHARED]
    merges += _shared_ranges(layout, len(heads), shared)
    return Sheet(str(style["name"])[:31], heads, _columns(rows, layout, names), merges)


def _columns(rows: pd.DataFrame, layout: pd.DataFrame, names: list[str]) -> list[Text]:
    above, hidden = layout["above"].to_numpy(), (layout["merged"] & ~layout["first"]).to_numpy()
    found = []
    for name in names:
        words = column(rows, name)
        if name in SHARED:
            words = np.where(above, "同上", np.where(hidden, "", words)).astype(object)
        if name == "身份证号":
            words = _as_numbers(words)
        found.append(words)
    return found


def _as_numbers(ids: Text) -> Text:
    """Make number cells of half of the ids whose last digits Excel has lost."""
    words = pd.Series(ids, dtype="str")
    ruined = words.str.fullmatch(r"[0-9]{15}000").to_numpy() & (words.str[14] < "5").to_numpy()
    return np.where(ruined, "#" + ids, ids).astype(object)


def _with_extras(rows: pd.DataFrame, style: pd.Series, chance: Chance) -> pd.DataFrame:
    """Add columns that should not be there: forbidden ones, and one nobody agreed on."""
    nth = np.arange(len(rows))
    extra = {}
    if style["forbidden"]:
        for name in FORBIDDEN:
            extra[name] = np.where(chance.hit(name, nth, 0.05), "是", "否").astype(object)
    if style["unknown"]:
        extra["房东姓名"] = np.where(nth % 5 == 0, "不详", "").astype(object)
    return rows.assign(**extra)


def _ordered(names: list[str], style: pd.Series) -> list[str]:
    """Put the headers of some sheets in another order, groups staying together."""
    if not style["reordered"]:
        return names
    tail = ["网格编号", "户号", "与户主关系"]
    rest = [name for name in names if name not in tail]
    return rest[:2] + tail + rest[2:]


def _heads(
    names: list[str], style: pd.Series, cid: int, odd: bool
) -> tuple[list[list[str]], list[tuple[int, int, int, int]]]:
    """Write the title row and one or two header rows; give their merged ranges."""
    said = [_header(name, style, cid) for name in names]
    if odd:
        said[names.index("身份证号")] = "证件编号2"
    title = f"{style['street']}{style['name']}人口信息统计表"
    title += "（综治平台导出）" if style["platform"] else "（2026年）"
    heads, merges = [[title], said], [(0, 0, 0, len(names) - 1)]
    if style["two_headers"] and not style["merged_header"]:
        heads.append(said)
    elif style["two_headers"]:
        upper, more = _grouped(names, said)
        lower = [word if name in GROUPED else "" for name, word in zip(names, said, strict=True)]
        heads = [[title], upper, lower]
        merges += more
    return heads, merges


def _grouped(
    names: list[str], said: list[str]
) -> tuple[list[str], list[tuple[int, int, int, int]]]:
    """Set wider headers over their groups; the other headers reach over both rows."""
    upper, merges = list(said), []
    for wide, group in GROUPS.items():
        left = names.index(group[0])
        upper[left : left + len(group)] = [wide] + [""] * (len(group) - 1)
        merges.append((1, left, 1, left + len(group) - 1))
    merges += [(1, at, 2, at) for at, name in enumerate(names) if name not in GROUPED]
    return upper, merges


def _header(name: str, style: pd.Series, cid: int) -> str:
    if style["renamed"] and name in ALIASES:
        return ALIASES[name][cid % 2]
    return BROKEN.get(name, name) if style["broken_headers"] else name


def _shared_ranges(
    layout: pd.DataFrame, head: int, columns: list[int]
) -> list[tuple[int, int, int, int]]:
    merged = np.flatnonzero(layout["merged"])
    run = layout["run"].to_numpy()[merged]
    if not len(run):
        return []
    cut = np.flatnonzero(np.diff(run)) + 1
    tops, bottoms = merged[np.append(0, cut)], merged[np.append(cut - 1, len(run) - 1)]
    return [
        (int(top) + head, at, int(bottom) + head, at)
        for top, bottom in zip(tops, bottoms, strict=True)
        for at in columns
    ]


def finish(path: Path, text: str) -> None:
    """Write a small file so that nobody ever sees half of it."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
