"""Filling a department's form with what is known: recognise its columns, find whom its rows name,
fill what is empty.

Nothing is guessed: a header nobody knows, a row that may be two people, a value that differs from
what stands there are told, and the cell is left as it is.
"""

from hub.jobs.forms.columns import Column, Table, recognised
from hub.jobs.forms.filling import Asked, Filled, fill
from hub.jobs.forms.words import DEPARTMENTS, SUBJECTS

__all__ = [
    "DEPARTMENTS",
    "SUBJECTS",
    "Asked",
    "Column",
    "Filled",
    "Table",
    "fill",
    "recognised",
]
