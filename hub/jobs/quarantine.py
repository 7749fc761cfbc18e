"""The quarantine as stewards work on it: how much of what, and lists for departments to mend by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

import connectors
from hub.config import Settings
from hub.connector import Dataset
from hub.database import engine
from hub.errors import WrongUse
from hub.jobs.batches import Witness
from hub.jobs.export import whole_file
from hub.jobs.intake import KEYLESS
from hub.store import quarantine as store
from hub.store.audit import Entry, record
from hub.store.quarantine import ASPECTS, Count, ToMend
from hub.store.source_reads import Asked, list_quarantine
from hub.store.visible import Caller, SourcesView, visible_sources
from schemas import MODELS, field
from schemas.rules import RULES

CALLER = "hub quarantine"

#: What the columns of a sheet hold; the key's column comes first, under its source's own name.
HEADER = ("字段", "问题", "所报内容", "处理方式", "发现时间")
_WIDTHS = (24, 20, 44, 40, 12, 20)
#: The columns of the first sheet and their widths; and by what it counts, the fate last.
_OVERVIEW = {"数据": 24, "字段": 20, "问题": 44, "处理方式": 20, "数量": 10, "涉及编号": 10}
_BY = ("dataset", "record_type", "field", "rule", "fate")
_ADVICE = (
    "请在本单位系统中核实更正，更正后的数据再次交换时，相应条目自动消除；无须回传本表。",
    "各工作表首列为本单位系统中的编号；“所报内容”为本单位所报原值。",
    "本表含个人信息，请按本单位数据管理要求保管。",
)
_FATES = {"blank": "该值未采用", "quarantine": "整条未采用", "warn": "已采用，请核实"}
_CHINA = ZoneInfo("Asia/Shanghai")
#: Rows that fit on a sheet below its header, signs that fit in a cell.
_MOST_ROWS, _LONGEST = 1_048_575, 32_767


@dataclass(frozen=True, slots=True)
class Exported:
    """What has been written for a department: how many things to mend, by dataset."""

    source: str
    file: str
    entries: Mapping[str, int]


def count_quarantine(settings: Settings, by: Sequence[str]) -> list[Count]:
    """Count what is open by some of source, dataset, record_type, field, rule, fate."""
    strange = [name for name in by if name not in ASPECTS]
    if strange or not by:
        raise WrongUse(f"entries are counted by {', '.join(ASPECTS)}")
    with engine(settings).connect() as connection:
        return store.count_open(connection, by)


def read_quarantine(settings: Settings, asked: Asked, limit: int) -> list[Mapping[str, Any]]:
    """List entries, newest first; the values as sent are not among what is shown."""
    view = visible_sources(Caller(CALLER, "admin"))
    with engine(settings).connect() as connection:
        return list_quarantine(connection, view, asked, said=False, before=None, limit=limit)


def export_quarantine(
    settings: Settings,
    source: str,
    file: Path,
    *,
    warnings: bool = False,
    view: SourcesView = store.EVERY,
    witness: Witness | None = None,
) -> Exported:
    """Write what a department should mend to a workbook, one sheet a dataset, in its own words.

    Before these goes a sheet that says what is wrong how often.

    It quotes what the department said, so that it has to be handled like the department's data;
    what the one who asks may not see is left out. ``witness`` writes into the audit who that is.
    """
    if source not in connectors.CONNECTORS:
        raise WrongUse(f"there is no source {source}; there are {', '.join(connectors.CONNECTORS)}")
    fates = ("quarantine", "blank", *(["warn"] if warnings else []))
    with whole_file(file) as target, engine(settings).begin() as connection:
        (witness or _witness(source))(connection)
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(target, options) as book:
            _write_overview(book, source, store.count_open(connection, _BY, source), fates)
            written = _write(book, source, store.to_mend(connection, source, fates, view))
    return Exported(source, str(file), written)


def _witness(source: str) -> Witness:
    entry = Entry(CALLER, "export", "steward", fields=["said"], about=f"quarantine of {source}")
    return lambda connection: record(connection, entry)


def _write_overview(book: Any, source: str, counts: Iterable[Count], fates: Sequence[str]) -> None:
    """Write the first sheet: what is wrong how often, and what to do about it."""
    connector = connectors.CONNECTORS[source]
    titles = {dataset.name: dataset.title.zh for dataset in connector.datasets}
    sheet = book.add_worksheet("说明")
    head = book.add_format({"bold": True, "bottom": 1})
    bold = book.add_format({"bold": True, "font_size": 14})
    sheet.write_string(0, 0, f"{connector.title.zh}待整改清单", bold)
    sheet.write_string(1, 0, f"导出时间 {datetime.now(_CHINA):%Y-%m-%d %H:%M}")
    for at, line in enumerate(_ADVICE, start=2):
        sheet.write_string(at, 0, line)
    first = 3 + len(_ADVICE)
    for place, (name, width) in enumerate(_OVERVIEW.items()):
        sheet.set_column(place, place, width)
        sheet.write_string(first, place, name, head)
    # The fates decide which entries are listed; those of the others would be looked for in vain.
    listed = [one for one in counts if one.aspects[-1] in fates]
    for row, one in enumerate(listed, start=first + 1):
        for place, word in enumerate(_counted(one, titles)):
            sheet.write(row, place, word)


def _counted(one: Count, titles: Mapping[str, str]) -> Iterator[str | int]:
    dataset, record_type, name, rule, fate = one.aspects
    yield titles.get(str(dataset), str(dataset))
    yield _title(record_type, name)
    yield RULES[str(rule)].zh
    yield _FATES[str(fate)]
    yield one.entries
    yield one.keys


def _write(book: Any, source: str, entries: Iterable[ToMend]) -> dict[str, int]:
    """Write the sheets of a source's datasets, also of those with nothing to mend."""
    datasets = {dataset.name: dataset for dataset in connectors.CONNECTORS[source].datasets}
    written = dict.fromkeys(datasets, 0)
    for name, part in groupby(entries, key=lambda entry: entry.dataset):
        for number, rows in enumerate(_batched(part), start=1):
            title = datasets[name].title.zh + (f" {number}" if number > 1 else "")
            written[name] += _write_sheet(book, title, datasets[name], rows)
    for name in (name for name, count in written.items() if not count):
        _write_sheet(book, datasets[name].title.zh, datasets[name], ())
    return written


def _batched(entries: Iterator[ToMend]) -> Iterator[list[ToMend]]:
    while part := list(islice(entries, _MOST_ROWS)):
        yield part


def _write_sheet(book: Any, title: str, dataset: Dataset, entries: Iterable[ToMend]) -> int:
    """Write one sheet; every cell is text, so that nothing in it passes for a formula."""
    sheet = book.add_worksheet(title)
    text = book.add_format({"num_format": "@", "quote_prefix": True})
    head = book.add_format({"bold": True, "bottom": 1})
    for place, (name, width) in enumerate(zip((dataset.key, *HEADER), _WIDTHS, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, head)
    sheet.freeze_panes(1, 1)
    row, last = 0, len(HEADER)
    for row, entry in enumerate(entries, start=1):
        for place, word in enumerate(_words(entry)):
            sheet.write_string(row, place, word[:_LONGEST], text)
    sheet.autofilter(0, 0, row, last)
    return row


def _words(entry: ToMend) -> Iterator[str]:
    yield "" if entry.key.startswith(KEYLESS) else entry.key
    yield _title(entry.record_type, entry.field)
    yield RULES[entry.rule].zh
    yield entry.said or ""
    yield _FATES[entry.fate]
    yield entry.since.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M")


def _title(record_type: str | None, name: str | None) -> str:
    if record_type is None or name is None:
        return "整条记录"
    return field(MODELS[record_type], name).title_zh
