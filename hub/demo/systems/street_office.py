"""The street office's system: a folder it puts deliveries into, and one it finds returns in.

The office reads every `outbox/回流_<id>.xlsx`, enters what it can, answers with a
`回执_<id>.csv`, and delivers the entered values with its next snapshot.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Self
from zlib import crc32

import numpy as np
import pandas as pd
from openpyxl import load_workbook

from hub.demo.delivery import finish, write_delivery
from hub.demo.native import keys_of
from hub.demo.systems.journal import Journal, Rounds
from hub.demo.views.view import View

HEADER = ["数据集", "编号", "字段", "原值", "新值", "来源", "时间"]
RECEIPT = ["数据集", "编号", "字段", "结果", "原因"]
DONE, NOT_DONE = "已更新", "不予更新"
DATASETS = keys_of("street_office")
#: The office calls its datasets by their files, the hub by their names: both are understood.
CALLED = {"人口信息": "residents", "房屋信息": "houses", "网格信息": "grids"}


class StreetOffice:
    """The office: its rows, its folders, and the clerk who enters what comes back."""

    def __init__(self, folder: Path, refuses: float = 0.1, seconds: float = 0.5) -> None:
        self.folder = folder
        self.refuses = refuses
        self.journal = Journal(folder / "journal.jsonl")
        #: What was entered by hand: (dataset, key, column) → value.
        self.entered: dict[tuple[str, str, str], str] = {}
        self._view: View | None = None
        self._rounds = Rounds("street_office", self.answer, seconds)
        for name in ("inbox", "outbox"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def deliver(self, view: View, at: np.datetime64, spoil: str | None = None) -> Path:
        """Put a complete delivery of a view, with all values entered so far, into the inbox."""
        self._view = view
        for (dataset, key, field), value in self.entered.items():
            frame = view.rows[dataset]
            frame.loc[frame[DATASETS[dataset]] == key, field] = value
        return write_delivery(view, self.folder, at, spoil)

    def start(self) -> Self:
        """Begin to answer returns."""
        self._rounds.start()
        return self

    def stop(self) -> None:
        """Answer no more."""
        self._rounds.stop()

    def answer(self) -> int:
        """Enter and answer every return that has no receipt yet; return how many there were."""
        waiting = [
            path
            for path in sorted((self.folder / "outbox").glob("回流_*.xlsx"))
            if not _receipt(path).exists()
        ]
        for path in waiting:
            lines = [self._enter(line) for line in _read(path)]
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerows([RECEIPT, *lines])
            finish(_receipt(path), text.getvalue())
        return len(waiting)

    def _enter(self, line: dict[str, str]) -> list[str]:
        dataset = CALLED.get(line["数据集"], line["数据集"])
        key, field, value = line["编号"], line["字段"], line["新值"]
        reason = self._reason_against(dataset, key, field)
        if not reason:
            self.entered[dataset, key, field] = value
        result = NOT_DONE if reason else DONE
        self.journal.note(
            {"dataset": dataset, "key": key, "field": field, "result": result, "reason": reason}
        )
        return [line["数据集"], key, field, result, reason]

    def _reason_against(self, dataset: str, key: str, field: str) -> str:
        if self._view is None or dataset not in DATASETS:
            return "无此数据集"
        frame: pd.DataFrame = self._view.rows[dataset]
        if field not in frame.columns or field == DATASETS[dataset]:
            return "字段不可更新"
        if not (frame[DATASETS[dataset]] == key).any():
            return "编号不存在"
        if crc32(f"{key}{field}".encode()) % 1000 < self.refuses * 1000:
            return "经核实与实际不符"
        return ""


def _receipt(path: Path) -> Path:
    return path.with_name(path.stem.replace("回流_", "回执_") + ".csv")


def _read(path: Path) -> list[dict[str, str]]:
    """Read a return by its header, whatever the order of the columns."""
    book = load_workbook(path, read_only=True)
    rows = [
        ["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].values
    ]
    book.close()
    header = rows[0] if rows else HEADER
    return [dict.fromkeys(HEADER, "") | dict(zip(header, row, strict=False)) for row in rows[1:]]
