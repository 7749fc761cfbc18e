"""Codes of a table, given as code, label or usual short form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from schemas.chinese import folded
from schemas.codes import CodeTable, code_table
from schemas.kinds.kind import Kind, Verdict

_SPREADSHEET_NUMBER = re.compile(r"([0-9]+)\.0+")


@dataclass(frozen=True)
class Coded(Kind):
    """A code of one table; what the table lacks is blanked."""

    table: str

    @property
    def codes(self) -> CodeTable:
        """Return the table with its labels."""
        return code_table(self.table)

    def verdict(self, said: str) -> Verdict:
        """Find the code for a code, label or short form, with or without leading zeros."""
        code = self._find(folded(said))
        return Verdict(code) if code else Verdict(None, "code.unknown")

    def json_schema(self) -> dict[str, Any]:
        """List the codes."""
        return {"type": "string", "enum": list(self.codes.labels)}

    def _find(self, word: str) -> str | None:
        whole = _SPREADSHEET_NUMBER.fullmatch(word)
        word = whole.group(1) if whole else word
        width = max(map(len, self.codes.labels))
        # 不详 and 未知 never come here: they are silence, not a code.
        spellings = (word, word.zfill(width), word.lstrip("0")) if word.isdecimal() else (word,)
        return next(filter(None, map(self.codes.get, spellings)), None)
