"""Rows as they land: each a JSON array of text, written and read by whole columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from hub.database import FEW_ROWS
from hub.sealing import Seals
from schemas.distinct import Rows, Texts, arrow, stacked, text_array, unstacked

#: What makes an object of an array, a line each.
_OPEN, _END = '{"row":', "}\n"
_WORDS = {
    word: pa.scalar(word, pa.large_string())
    for word in ("", "[", "]", ",", '"', "null", _OPEN, _END)
}
#: What JSON does not let stand in a text as it is, by the byte.
_ESCAPED = np.isin(np.arange(256), [*range(32), *b'"\\'])

_ROW = pa.schema([("row", pa.list_(pa.string()))])


def row_cells(texts: pa.Array) -> pa.Array:
    """Read JSON arrays of text: their cells one behind the other."""
    if len(texts) <= FEW_ROWS:
        said = [cell for text in texts.to_pylist() for cell in orjson.loads(text)]
        return pa.array(said, pa.large_string())
    lines = pc.binary_join_element_wise(_WORDS[_OPEN], texts, _WORDS[_END], _WORDS[""])
    said = lines.buffers()[2].slice(0, pc.sum(pc.binary_length(lines)).as_py() or 0)
    # Arrow reads objects, a line each, and nothing that goes over the border of a block.
    read = arrow_json.read_json(
        pa.BufferReader(said),
        arrow_json.ReadOptions(use_threads=False, block_size=said.size + 1),
        arrow_json.ParseOptions(explicit_schema=_ROW),
    )
    return read["row"].combine_chunks().flatten().cast(pa.large_string())


def row_columns(texts: Texts, names: Sequence[str]) -> dict[str, Texts]:
    """Read rows that have landed in columns of these names."""
    cells, width = row_cells(arrow(texts)), len(names)
    by_column = np.arange(len(cells)).reshape(-1, max(width, 1)).T.ravel()
    parts = unstacked(cells.take(pa.array(by_column)), width)
    return dict(zip(names, map(text_array, parts), strict=True))


def row_texts(rows: Rows) -> pa.Array:
    """Write each row as a JSON array of text, nothing said as null."""
    columns = unstacked(_quoted(stacked(rows.values())), len(rows))
    return pc.binary_join_element_wise(
        _WORDS["["], pc.binary_join_element_wise(*columns, _WORDS[","]), _WORDS["]"], _WORDS[""]
    )


def _quoted(said: pa.Array) -> pa.Array:
    """Write texts as JSON does, what is missing as null."""
    quoted = pc.binary_join_element_wise(_WORDS['"'], said, _WORDS['"'], _WORDS[""])
    if len(places := _to_escape(said)):
        mask = np.zeros(len(said), np.bool_)
        mask[places] = True
        cells = [orjson.dumps(cell).decode() for cell in said.filter(pa.array(mask)).to_pylist()]
        quoted = pc.replace_with_mask(quoted, pa.array(mask), pa.array(cells, pa.large_string()))
    return pc.fill_null(quoted, _WORDS["null"])


def _to_escape(said: pa.Array) -> np.ndarray:
    """Find the texts that JSON does not let stand as they are."""
    _, ends, written = said.buffers()
    signs = np.flatnonzero(_ESCAPED[np.frombuffer(written or b"", "uint8")])
    if not len(signs):
        return signs
    bounds = np.frombuffer(ends, "int64")[said.offset :][: len(said) + 1]
    places = np.unique(np.searchsorted(bounds, signs, side="right")) - 1
    # What stands beside the texts is others'.
    return np.asarray(places[(places >= 0) & (places < len(said))])


def row_object(text: str, names: Sequence[str], seals: Seals) -> Mapping[str, str | None]:
    """Read a landed row as an object of its source's own column names, what is sealed opened."""
    said = (cell and seals.as_said(cell) for cell in orjson.loads(text))
    # Of rows that nobody could read nothing is kept.
    return dict(zip(names, said, strict=False))
