"""Rows as they land: the text of each is JSON, whatever its cells say."""

from __future__ import annotations

import orjson
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from hub.database import FEW_ROWS
from hub.store.rows import row_frame, row_texts
from schemas.distinct import text_array

ROWS = st.lists(st.tuples(st.text() | st.none(), st.text() | st.none()), min_size=1)


@given(ROWS)
def test_each_row_is_written_as_json_writes_it(rows: list[tuple[str | None, str | None]]) -> None:
    texts = row_texts(pd.DataFrame(rows, columns=["a", "b"], dtype="str"))
    assert texts.to_pylist() == [orjson.dumps(row).decode() for row in rows]


@given(ROWS, st.sampled_from([1, FEW_ROWS + 1]))
def test_rows_are_read_back_as_they_were_written(
    rows: list[tuple[str | None, str | None]], times: int
) -> None:
    frame = pd.DataFrame(rows * times, columns=["a", "b"], dtype="str")
    texts = text_array(row_texts(frame))
    pd.testing.assert_frame_equal(row_frame(texts, ["a", "b"]), frame)
