"""How far a source that is asked for changes has been read, by its own times of change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pandas as pd

from hub.columns import stripped
from hub.connector import Cursor

#: How long a change may take to become visible: rows this old are read again (and recognised).
OVERLAP = timedelta(minutes=10)

# A mistyped year in one row must not hide all changes until that year comes.
_AHEAD = timedelta(days=1)

_CHINA = timezone(timedelta(hours=8))
_STATE = "changed_at"


class Watermark:
    """The newest time of change seen in a column whose values sort as text."""

    def __init__(self, cursor: Cursor | None, column: str, form: str) -> None:
        self.column, self._form = column, form
        self.newest: str | None = (cursor or {}).get(_STATE)

    @property
    def since(self) -> str | None:
        """Return from which time on rows are to be read; None means all of them."""
        try:
            newest = datetime.strptime(self.newest or "", self._form)  # noqa: DTZ007  local time
        except ValueError:
            return None
        return (newest - OVERLAP).strftime(self._form)

    def see(self, rows: pd.DataFrame) -> None:
        """Take note of the times of change of some rows."""
        if self.column not in rows:
            return
        said = stripped(rows[self.column]).dropna()
        times = pd.to_datetime(said, format=self._form, errors="coerce")
        limit = (datetime.now(_CHINA) + _AHEAD).replace(tzinfo=None)
        newest = said[(times <= limit).to_numpy()].max() if len(said) else None
        if isinstance(newest, str):
            self.newest = max(newest, self.newest or "")

    def cursor(self) -> Cursor:
        """Return the state to commit with the rows."""
        return {_STATE: self.newest} if self.newest else {}
