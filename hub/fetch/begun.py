"""Looking at the first page of a dataset before it is announced."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pandas as pd

from hub.errors import SourceUnavailable


def begun(pages: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame] | None:
    """Return pages of which there is at least one, or None.

    A failure is left for whoever reads the pages, so that other datasets are still announced.
    """
    try:
        first = next(pages, None)
    except SourceUnavailable as error:
        return _failing(error)
    return None if first is None else chain([first], pages)


def _failing(error: SourceUnavailable) -> Iterator[pd.DataFrame]:
    raise error
    yield
