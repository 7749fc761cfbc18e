"""The catalogue as the workbook that the platform above takes in: Decree 809, articles 12 to 15."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import xlsxwriter

from hub.catalogue.contract import VERSION
from hub.catalogue.entries import form, home, meaning, table_of
from schemas import MODELS, FieldSpec, Section, fields

_ENTRIES = (
    *("目录名称", "目录代码", "内容说明", "数据项数", "提供单位", "数据格式"),
    *("更新频率", "共享属性", "共享方式", "使用条件", "最高级别", "目录版本"),
)
_ITEMS = (
    *("目录名称", "数据项代码", "数据项名称", "英文名称", "字段名", "格式", "代码表", "标准"),
    *("来源部门", "共享属性", "共享依据", "使用条件", "敏感级别", "说明"),
)
_SHARING = {"unconditional": "无条件共享", "conditional": "有条件共享", "restricted": "不予共享"}
_BASIS = {
    "unconditional": "政务数据共享条例第十四条",
    "conditional": "政务数据共享条例第十四条、第二十条",
    "restricted": "公共安全视频图像信息系统管理条例第二十条、第二十三条",
}
_USE = {
    "unconditional": "履行职责需要即可使用",
    "conditional": "经申请批准, 按批准的用途、范围和期限使用",
    "restricted": "仅来源部门使用",
}
_WHO = {
    "public_security": "公安",
    "street_office": "街道办事处",
    "urban_management": "城市管理",
    "property": "物业服务企业",
    "surveying": "自然资源 (测绘)",
    "hub": "区数据主管部门",
}


def sheet() -> bytes:
    """Write the workbook: one sheet of record types, one of every data item in its own type."""
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        _write(book, "政务数据目录", _ENTRIES, map(_entry, MODELS.values()))
        owned = ((model, spec) for model in MODELS.values() for spec in fields(model))
        items = (_item(model, spec) for model, spec in owned if home(spec) == model.record_type)
        _write(book, "数据项", _ITEMS, items)
    return target.getvalue()


def _write(book: Any, name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    page = book.add_worksheet(name)
    page.write_row(0, 0, head, book.add_format({"bold": True, "bottom": 1}))
    page.freeze_panes(1, 0)
    page.set_column(0, 20, 18)
    for place, row in enumerate(rows, start=1):
        page.write_row(place, 0, row)


def _entry(model: type[Section]) -> tuple[Any, ...]:
    specs = fields(model)
    classes = [one for one in _SHARING if any(spec.sharing == one for spec in specs)]
    providers = dict.fromkeys(_WHO[spec.authority] for spec in specs)
    return (
        *(model.title_zh, model.collection, meaning(model), len(specs), "、".join(providers)),
        *("JSON、NDJSON、CSV、Parquet", "每日", "、".join(_SHARING[one] for one in classes)),
        *("服务接口、批量交换、文件下载", "; ".join(_USE[one] for one in classes)),
        *(max(spec.level for spec in specs), VERSION),
    )


def _item(model: type[Section], spec: FieldSpec) -> tuple[str, ...]:
    return (
        *(model.title_zh, spec.code, spec.title_zh, spec.title_en, spec.name, form(spec)),
        *(table_of(spec) or "", spec.standard, _WHO[spec.authority], _SHARING[spec.sharing]),
        *(_BASIS[spec.sharing], _USE[spec.sharing], spec.level, spec.meaning),
    )
