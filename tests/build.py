"""Made-up things for tests: only what a test is about has to be said."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from schemas import MODELS, Section, fields

_numbers = itertools.count(1)

Said = dict[str, str | None]


def a_record(**said: str | int | None) -> Said:
    """Return a record as the survivorship takes it; anything not said is as good as any."""
    number = next(_numbers)
    usual: dict[str, str | int | None] = {
        "entity_id": "E1",
        "record_id": number,
        "source": "public_security",
        "dataset": "residents",
        "key": f"K{number:04}",
        "address_key": None,
        "first_at": "2026-01-01T00:00:00+08:00",
        "since": None,
    }
    return {name: None if one is None else str(one) for name, one in (usual | said).items()}


def since(**times: str) -> str:
    """Write since when values are as they are, where that is not since the record began."""
    return json.dumps(times)


def members(model: type[Section], *records: Said) -> dict[str, Any]:
    """Make the columns of an entity's members out of records."""
    columns = [*a_record(), *(spec.name for spec in fields(model))]
    frame = pd.DataFrame(list(records), columns=columns).astype("str")
    arrays = {str(name): column.array for name, column in frame.items()}
    return {**arrays, "record_id": frame["record_id"].astype("int64").to_numpy()}


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def an_id_number(number: int, *, born: str = "19800101", division: str = "630102") -> str:
    """Return a valid citizen id number (GB 11643) of a made-up person."""
    body = f"{division}{born}{number:03}"
    rest = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[rest]


def a_square(west: float, south: float, size: float = 0.01) -> str:
    """Return the WKT of a square, in degrees."""
    east, north = west + size, south + size
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON (({', '.join(f'{x:.7f} {y:.7f}' for x, y in corners)}))"


def a_grid(number: int = 1, **said: str) -> dict[str, str]:
    """Return a row of the street office's grids; grid n is a square of its own."""
    code = f"630102001{number // 100 + 1:03}{number % 100:03}"
    usual = {
        "网格编号": code,
        "网格名称": f"第{number}网格",
        "网格类型": "社区网格",
        "社区代码": code[:12],
        "网格长": "韩梅",
        "联系电话": "0971-8123456",
        "网格员": "赵一、钱二",
        "边界": a_square(101.70 + 0.01 * (number % 20), 36.50 + 0.01 * (number // 20)),
        "更新时间": "2026-08-01",
    }
    return usual | said


def a_resident(number: int = 1, **said: str) -> dict[str, str]:
    """Return a row of the street office's residents."""
    usual = {
        "人员编号": f"SQ001-{number:06}",
        "姓名": f"马{chr(0x4E00 + number // 500)}{chr(0x5000 + number % 500)}",
        "身份证号": an_id_number(number % 1000, born=f"{1950 + number // 1000 % 50}0101"),
        "性别": "",
        "民族": "回",
        "联系电话": f"139{number:08}",
        "户籍性质": "户籍",
        "现住址": f"康乐小区{number % 40 + 1}号楼{number % 3 + 1}单元{number % 6 + 1}01室",
        "更新时间": "2026-08-01 09:00:00",
    }
    columns = (
        "出生日期 政治面貌 学历 婚姻状况 从业状况 户籍地址 户号 与户主关系 是否独居老人 是否空巢 "
        "是否退役军人 是否残疾 残疾类别 残疾等级 是否低保 紧急联系人 紧急联系电话 走访日期 "
        "居住开始日期 网格编号 备注"
    )
    return dict.fromkeys(columns.split(), "") | usual | said


def a_house(number: int = 1, **said: str) -> dict[str, str]:
    """Return a row of the street office's houses."""
    usual = {
        "房屋编号": f"FW{number:05}",
        "小区": "康乐小区",
        "楼栋": f"{number % 40 + 1}号楼",
        "单元": f"{number % 3 + 1}单元",
        "楼层": f"{number % 6 + 1}",
        "房号": f"{number % 6 + 1}01",
        "房屋地址": "",
        "房屋用途": "住宅",
        "居住状态": "自住",
        "安全隐患": "",
        "实住人数": "3",
        "网格编号": "",
        "更新时间": "2026-08-01 09:00:00",
    }
    return usual | said


def a_component(number: int = 1, **said: str) -> dict[str, str]:
    """Return a row of the urban-management platform's components."""
    usual = {
        "ObjID": f"63010202010{number:05}",
        "ObjName": "路灯",
        "LargeClass": "02",
        "SmallClass": "01",
        "DeptCode1": "",
        "DeptCode2": "",
        "DeptName2": "城东区城市管理局",
        "DeptCode3": "",
        "DeptName3": "",
        "BGID": "",
        "ObjState": "完好",
        "ORDate": "2015-06-01",
        "CHDate": "",
        "PointX": f"{101.705 + 0.01 * (number % 20):.7f}",
        "PointY": f"{36.505 + 0.01 * (number // 20):.7f}",
        "DataSource": "实测",
        "SZJDDM": "",
        "SZSQDM": "",
        "UpdateTime": "2026-08-01 09:00:00",
        "Deleted": "0",
    }
    return usual | said


def a_place(number: int = 1, **said: str) -> dict[str, str]:
    """Return a row of the urban-management platform's places."""
    usual = {
        "EntityID": f"CD-C-{number:04}",
        "Name": f"康乐{number}小区",
        "Class": "01",
        "SZSQDM": "",
        "Address": "",
        "Boundary": f"POINT ({101.705 + number % 20 / 100:.7f} {36.505 + number // 20 / 100:.7f})",
        "CRS": "CGCS2000",
        "Accuracy": "",
        "UpdateTime": "2026-08-01 09:00:00",
        "Deleted": "0",
    }
    return usual | said


def rows_frame(*rows: Mapping[str, str]) -> pd.DataFrame:
    """Make the page of rows that a source sends."""
    return pd.DataFrame(list(rows), dtype="str")


def the_model(record_type: str) -> type[Section]:
    """Return a record type's model."""
    return MODELS[record_type]
