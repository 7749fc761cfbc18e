"""Rows as they land: the text of each is JSON, whatever its cells say."""

from __future__ import annotations

import orjson
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from hub.store.rows import row_texts

ROWS = st.lists(st.tuples(st.text() | st.none(), st.text() | st.none()), min_size=1)


@given(ROWS)
def test_each_row_is_written_as_json_writes_it(rows: list[tuple[str | None, str | None]]) -> None:
    texts = row_texts(pd.DataFrame(rows, columns=["a", "b"], dtype="str"))
    assert texts.to_pylist() == [orjson.dumps(row).decode() for row in rows]
