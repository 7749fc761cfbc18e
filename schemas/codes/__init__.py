"""Code tables: the standards' and the hub's own, divisions of China, communities of a district.

Each table is a data file beside this module; `SOURCES.md` says where they come from.
"""

from schemas.codes.communities import Communities, communities
from schemas.codes.divisions import (
    Division,
    current_division,
    division,
    find_division,
    find_divisions,
    is_known_division,
)
from schemas.codes.table import CodeTable, code_table, table_names

__all__ = [
    "CodeTable",
    "Communities",
    "Division",
    "code_table",
    "communities",
    "current_division",
    "division",
    "find_division",
    "find_divisions",
    "is_known_division",
    "table_names",
]
