"""The field guide that stewards read: every field in Chinese and English, every code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from hub.catalogue.entries import catalogue

_INTRODUCTION = """\
# 公共字段指南 / Guide to the public fields

Generated from the declarations in `schemas/` by `hub schema --write`; do not edit.

由 `schemas/` 中的声明生成 (`hub schema --write`), 请勿手工修改。

Level 分级: L1 public 公开, L2 internal 内部, L3 personal 个人信息, L4 sensitive 敏感个人信息.
Sharing 共享: unconditional 无条件, conditional 有条件, restricted 不予共享.
Required 必填 measures how complete a golden record is; an empty field never holds a record back.
"""

_SHARING = {"unconditional": "无条件", "conditional": "有条件", "restricted": "不予共享"}
_AUTHORITIES = {
    "public_security": "公安",
    "street_office": "街道",
    "urban_management": "城管",
    "property": "物业",
    "surveying": "测绘",
    "hub": "枢纽",
}


def guide() -> str:
    """Write the guide as Markdown: a chapter for each record type, then the code tables."""
    said = catalogue()
    parts = [_INTRODUCTION, *map(_chapter, said["record_types"]), _tables(said["code_tables"])]
    return "\n".join(parts)


def _chapter(entry: dict[str, Any]) -> str:
    head = [
        f"## {entry['title_zh']} `{entry['name']}`",
        "",
        f"{entry['meaning']} API: `/v1/{entry['collection']}`.",
        "",
    ]
    header = ("code", "name", "名称", "title", "form", "authority", "sharing", "level", "required")
    own = [field for field in entry["fields"] if field["home"] == entry["name"]]
    lines = [*head, *_rows(header, map(_row, entry["fields"])), ""]
    lines += [f"- `{field['name']}` {_note(field)}" for field in own]
    return "\n".join([*lines, ""])


def _row(field: dict[str, Any]) -> tuple[str, ...]:
    return (
        field["code"],
        f"`{field['name']}`",
        field["title_zh"],
        field["title_en"],
        _code(field["format"]),
        f"{_AUTHORITIES[field['authority']]} {field['authority']}",
        _SHARING[field["sharing"]],
        field["level"],
        "是" if field["required"] else "",
    )


def _note(field: dict[str, Any]) -> str:
    return f"{field['title_zh']}: {field['meaning']} ({field['standard']})"


def _code(form: str) -> str:
    """Show a pattern as code; a bar would end the table's cell."""
    word, _, pattern = form.partition("pattern ")
    return f"{word}`{pattern}`".replace("|", "\\|") if pattern else form


def _tables(tables: list[dict[str, Any]]) -> str:
    return "\n".join(["## 代码表 / Code tables", "", *map(_table, tables)])


def _table(table: dict[str, Any]) -> str:
    open_ = "open 可扩充" if table["open"] else "closed 封闭"
    rows = ((code["code"], code["label_zh"], code["label_en"]) for code in table["codes"])
    return "\n".join(
        [
            f"### {table['name']} {table['title_zh']} / {table['title_en']}",
            "",
            f"{table['standard']}; {open_}.",
            "",
            *_rows(("code", "名称", "label"), rows),
            "",
        ]
    )


def _rows(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (header, ("---",) * len(header), *rows):
        yield f"| {' | '.join(row)} |"
