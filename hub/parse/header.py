"""Finding the header of a sheet: which rows it takes, what its columns are called."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from schemas.chinese import folded

#: How far down a sheet its header is looked for.
HEADER_WITHIN = 12

# One known word may stand in a title or a remark; a header has more of them.
_FEWEST = 2

#: What a second header row adds to the first: （必填）, （18位）.
_REMARK = re.compile(r"[(\[【].*[)\]】]")

#: A merged range: row and column of its first and of its last cell.
Span = tuple[tuple[int, int], tuple[int, int]]

Texts = list[list[str]]


@dataclass(frozen=True)
class Header:
    """The header of a sheet: the columns' names, what stands above, where the rows begin."""

    names: list[str]
    title: str
    first_row: int
    #: What the header's rows say of each column, from above, merged cells spread out.
    parts: list[tuple[str, ...]]


def find_header(top: Texts, spans: Sequence[Span], known: Collection[str]) -> Header | None:
    """Find the one or two rows with the most known headers, or None where there are none.

    A second row repeats the first or refines it: 残疾 over 类别 means 残疾类别.
    """
    texts = _spread(top, spans)
    found: tuple[int, int, int] = (0, 0, 1)
    for height in (1, 2):
        for row in range(len(texts) - height + 1):
            score = len(
                {folded(name) for name in _names(texts[row : row + height], known)} & {*known}
            )
            # One row is preferred to two, an upper row to a lower one, unless more is known so.
            found = max(found, (score, row, height), key=lambda one: one[0])
    score, row, height = found
    if score < _FEWEST:
        return None
    if height == 1 and _goes_on(texts, spans, row, known):
        height = 2
    names = _names(texts[row : row + height], known)
    above = dict.fromkeys(text for line in texts[:row] for text in line if text)
    parts = [*zip(*texts[row : row + height], strict=True)]
    return Header(names, " ".join(above), row + height, parts)


def _spread(top: Texts, spans: Sequence[Span]) -> Texts:
    """Give every cell of a merged range the text of the range's first cell."""
    texts = [list(line) for line in top]
    for (first_row, first), (last_row, last) in spans:
        for row in range(first_row, min(last_row + 1, len(texts))):
            for column in range(first, last + 1):
                texts[row][column] = top[first_row][first]
    return texts


def _names(lines: Texts, known: Collection[str]) -> list[str]:
    columns = enumerate(zip(*lines, strict=True), start=1)
    return [_name(parts, known) or f"第{place}列" for place, parts in columns]


def _name(parts: Sequence[str], known: Collection[str]) -> str:
    """Name a column by both its header cells together, else by the lower, else the upper one.

    Together in either order: 残疾 over 是否 is 是否残疾.
    """
    choices = ["".join(parts), "".join(reversed(parts)), *reversed(parts)]
    meant = next((choice for choice in choices if folded(choice) in known), None)
    return meant or next((choice for choice in reversed(parts) if choice.strip()), "")


def _goes_on(texts: Texts, spans: Sequence[Span], row: int, known: Collection[str]) -> bool:
    """Tell whether the row below a header row belongs to it.

    It does if it is merged with it, repeats it, also with a word more, or only remarks on it.
    """
    if row + 1 >= len(texts):
        return False
    if any(top == row < bottom for (top, _), (bottom, _) in spans):
        return True
    cells = [
        (folded(cell), folded(above))
        for cell, above in zip(texts[row + 1], texts[row], strict=True)
        if cell.strip()
    ]
    if cells and all(_REMARK.fullmatch(cell) for cell, _ in cells):
        return True
    again = sum(cell in known or (above in known and above in cell) for cell, above in cells)
    return _FEWEST <= again > len(cells) // 2
