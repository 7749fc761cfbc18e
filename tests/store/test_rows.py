"""Rows as they land: the text of each is JSON, whatever its cells say."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from hub.database import FEW_ROWS
from hub.store.rows import row_columns, row_texts
from schemas.distinct import Rows, cells, text_array

ROWS = st.lists(st.tuples(st.text() | st.none(), st.text() | st.none()), min_size=1)


def columns_of(rows: list[tuple[str | None, str | None]]) -> Rows:
    return {
        name: text_array(said) for name, said in zip("ab", zip(*rows, strict=True), strict=True)
    }


@given(ROWS)
def test_each_row_is_written_as_json_writes_it(rows: list[tuple[str | None, str | None]]) -> None:
    texts = row_texts(columns_of(rows))
    assert texts.to_pylist() == [orjson.dumps(row).decode() for row in rows]


@given(ROWS, st.sampled_from([1, FEW_ROWS + 1]))
def test_rows_are_read_back_as_they_were_written(
    rows: list[tuple[str | None, str | None]], times: int
) -> None:
    columns = columns_of(rows * times)
    read = row_columns(text_array(row_texts(columns)), ["a", "b"])
    assert {name: cells(said).tolist() for name, said in read.items()} == {
        name: cells(said).tolist() for name, said in columns.items()
    }
