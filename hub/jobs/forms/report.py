"""What is told of a form that was filled: numbers, and where something was left to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.jobs.forms.columns import Table
from hub.model import Title
from hub.parse.filled import name_of
from hub.parse.form import Place

#: What becomes of cells and rows, in the words of the sheet of notes.
WORDS: Mapping[str, Title] = {
    "filled": Title("已填", "filled"),
    "agrees": Title("已有内容，与枢纽一致", "said already, as the hub knows it"),
    "differs": Title(
        "已有内容，与枢纽不同，未改动", "said otherwise than the hub knows it; left so"
    ),
    "unknown": Title("枢纽没有此项内容", "not known to the hub"),
    "masked": Title("按授权只能看到一部分，未填", "seen only in part by your grant; not filled"),
    "denied": Title("未获授权，未填", "not granted; not filled"),
    "wordless": Title("此表没有这一内容的写法，未填", "the form has no word for it; not filled"),
    "merged": Title("合并单元格属于多行，未填", "a merged cell of several rows; not filled"),
    "found": Title("已找到", "found"),
    "several": Title("可能是不止一个，未填", "may be more than one; not filled"),
    "against": Title("证件号与姓名等不相符，未填", "what it says contradicts itself; not filled"),
    "nobody": Title("枢纽中没有找到，未填", "not found; not filled"),
    "little": Title("内容太少，无法确定是谁，未填", "says too little to be found; not filled"),
    "column": Title("没有识别此列，未填", "this column is not recognised; not filled"),
    "over": Title("表格行数不够，未填入的还有", "the form has too few rows; left over"),
}
_NOTES = Title("填表说明", "Notes on filling")
_HEADS = (
    Title("工作表", "Sheet"),
    Title("位置", "Place"),
    Title("列", "Column"),
    Title("说明", "Note"),
)
#: More notes than these are not written down one by one.
MOST_NOTES = 5_000

#: Picks the words of one language.
Pick = Callable[[Title], str]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was left to people: where, of which columns, why, and what is known."""

    sheet: str
    place: str
    columns: str
    state: str
    more: str = ""


@dataclass(slots=True)
class Report:
    """How a form was filled."""

    record_type: str
    tables: list[Table]
    cells: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    notes: list[Note] = field(default_factory=list)
    #: People or houses of the grid that the form has no row for.
    over: int = 0

    def cell(self, state: str) -> None:
        """Count a cell."""
        self.cells[state] += 1

    def row(self, table: Table, row: int, state: str) -> None:
        """Count a row, and note why it was left."""
        self.rows[state] += 1
        if state != "found":
            self.note(table, (row, 0), str(row + 1), "", state)

    def note(
        self, table: Table, _: Place, place: str, columns: str, state: str, more: str = ""
    ) -> None:
        """Note what is left to people."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(table.sheet.name, place, columns, state, more))

    @property
    def left(self) -> int:
        """Return how many rows are about nobody known for sure."""
        return sum(self.rows.values()) - self.rows["found"]

    def document(self) -> dict[str, Any]:
        """Return the report as the API tells it; places and headers, no value."""
        return {
            "record_type": self.record_type,
            "cells": dict(self.cells),
            "rows": dict(self.rows),
            "over": self.over,
            "columns": [_column(table, one) for table in self.tables for one in table.columns],
            "notes": [
                {"sheet": one.sheet, "place": one.place, "columns": one.columns, "state": one.state}
                for one in self.notes
            ],
        }

    def sheet(self, pick: Pick) -> tuple[str, list[list[str]]]:
        """Return the name and the rows of the sheet that tells people what was left to them."""
        told = [[one.sheet, one.place, one.columns, _text(one, pick)] for one in self.notes]
        numbers = (
            f"{pick(WORDS[state])}: {number}"
            for state, number in [*self.cells.items(), *self.rows.items()]
        )
        return pick(_NOTES), [
            [pick(_NOTES), "", "", "; ".join(numbers)],
            [*map(pick, _HEADS)],
            *told,
        ]


def _text(note: Note, pick: Pick) -> str:
    said = pick(WORDS[note.state])
    return f"{said}: {note.more}" if note.more else said


def _column(table: Table, column: Any) -> dict[str, Any]:
    meaning = column.meaning
    return {
        "sheet": table.sheet.name,
        "place": name_of((0, column.place)).rstrip("1"),
        "header": column.header,
        "field": meaning.field if meaning else None,
        "known_by": meaning.how if meaning else "left" if column.left else None,
    }
