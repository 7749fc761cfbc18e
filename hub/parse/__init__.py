"""Bytes to rows of text: XLSX workbooks, delimited text and JSON, with no guessing of types.

Every cell becomes text as the source wrote it, nothing said becomes a missing entry. What can
not be read raises `Unreadable`; a single row that can not be read is marked and passed on.
"""

from hub.parse.cells import Unreadable, cell_text, ditto_filled, gathered, text_frame
from hub.parse.delimited import read_csv
from hub.parse.rows import read_json, rows_frame
from hub.parse.workbook import Page, read_workbook

__all__ = [
    "Page",
    "Unreadable",
    "cell_text",
    "ditto_filled",
    "gathered",
    "read_csv",
    "read_json",
    "read_workbook",
    "rows_frame",
    "text_frame",
]
