"""Sources read from a paged REST interface that answers ``{code, total, rows}``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import AnyHttpUrl, Field, SecretStr, field_validator

from hub.columns import stripped
from hub.connector import Connector, Cursor, Dataset, Delivery, SourceSettings
from hub.errors import SourceUnavailable
from hub.fetch.begun import begun
from hub.fetch.http import Answer, Api
from hub.fetch.watermark import Watermark
from hub.model import Signal

#: How often a dataset is read through when its rows move between pages meanwhile.
PASSES = 4

_Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]


class RestSettings(SourceSettings):
    """Where the interface is, the token that opens it, and how patiently it is asked."""

    url: AnyHttpUrl
    token: SecretStr
    page_size: int = Field(500, gt=0)
    #: Attempts at one page, the seconds before the second one, the longest wait between two.
    tries: int = Field(5, gt=0)
    pause: float = Field(0.5, ge=0)
    patience: float = Field(60, ge=0)
    timeout: float = Field(30, gt=0)

    @field_validator("token")
    @classmethod
    def _fits_a_header(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if not (text.isascii() and text.isprintable()):
            raise ValueError("holds characters that no token has")
        return token


class RestPages(Connector):
    """Pages of rows changed since the last read, less an overlap for what moved meanwhile."""

    settings = RestSettings
    #: Column of the times of change that the interface is asked by, and how they are written.
    cursor_column: ClassVar[str]
    time_form: ClassVar[str] = "%Y-%m-%d %H:%M:%S"

    def deliveries(
        self, settings: RestSettings, cursors: Mapping[str, Cursor]
    ) -> Iterator[Delivery]:
        """Yield what is new since the cursors."""
        for dataset in self.datasets:
            mark = Watermark(cursors.get(dataset.name), self.cursor_column, self.time_form)
            reading = _Reading(self._api(settings), dataset, mark, settings.page_size)
            pages = begun(reading.pages())
            if pages is not None:
                label = f"since {reading.since}" if reading.since else "all"
                yield Delivery(
                    dataset, label, pages, reading.cursor, named=True, signals=reading.signals
                )

    def check(self, settings: RestSettings) -> None:
        """Raise SourceUnavailable unless the source can be read."""
        with self._api(settings) as api:
            for dataset in self.datasets:
                api.page(dataset, 1, 1, None)

    def _api(self, settings: RestSettings) -> Api:
        return Api(
            self.name,
            str(settings.url),
            settings.token.get_secret_value(),
            tries=settings.tries,
            pause=settings.pause,
            patience=settings.patience,
            timeout=settings.timeout,
        )


class _Reading:
    """One dataset read to its end: again from the start as long as its rows move between pages.

    A row changed while pages are read moves to another page, and another row slips past
    unseen. It shows: pages differ in their total, or hold fewer keys than the total says.
    """

    def __init__(self, api: Api, dataset: Dataset, mark: Watermark, page_size: int) -> None:
        self.signals: list[Signal] = []
        self.since = mark.since
        self._api, self._dataset, self._mark, self._page_size = api, dataset, mark, page_size
        self._before = mark.cursor()
        self._keys: list[_Hashes] = []
        self._rows: list[_Hashes] = []

    def pages(self) -> Iterator[pd.DataFrame]:
        """Yield each version of each row; one seen in an earlier pass is not given again."""
        with self._api:
            for attempt in range(PASSES):
                known = _joined(self._rows) if attempt else None
                one = _Pass()
                for answer in self._answers():
                    fresh = self._fresh(answer.rows, known)
                    one.count(answer, len(fresh))
                    if len(fresh):
                        yield fresh
                if one.steady and self._complete(one, again=attempt > 0):
                    return
        self.signals.append(Signal("rows.moving", self._dataset.name))

    def cursor(self) -> Cursor:
        """Return how far the dataset has been read: no further than before if rows kept moving."""
        return self._before if self.signals else self._mark.cursor()

    def _complete(self, one: _Pass, *, again: bool) -> bool:
        if len(_joined(self._keys)) >= one.total:
            return True
        if not again or one.new:
            return False
        # Nothing moved, so the source itself lists a key twice, unless rows stay away.
        if one.received >= one.total:
            return True
        raise SourceUnavailable(
            f"source {self._api.source}, dataset {self._dataset.name}: "
            f"sent {one.received} of the {one.total} rows it announced"
        )

    def _answers(self) -> Iterator[Answer]:
        received, number = 0, 1
        while True:
            answer = self._api.page(self._dataset, number, self._page_size, self.since)
            yield answer
            received, number = received + len(answer.rows), number + 1
            if received >= answer.total or not len(answer.rows):
                return

    def _fresh(self, rows: pd.DataFrame, known: _Hashes | None) -> pd.DataFrame:
        self._mark.see(rows)
        keys, versions = self._hashes(rows)
        self._keys.append(keys)
        self._rows.append(versions)
        if known is None:
            return rows
        return rows[~np.isin(versions, known)].reset_index(drop=True)

    def _hashes(self, rows: pd.DataFrame) -> tuple[_Hashes, _Hashes]:
        nothing = pd.Series([""] * len(rows), dtype="str")
        columns = (self._dataset.key, self._mark.column)
        key, time = (
            stripped(rows[name]).fillna("") if name in rows else nothing for name in columns
        )
        hashed = [
            pd.util.hash_array(part.to_numpy(dtype=object)) for part in (key, key + "\n" + time)
        ]
        return hashed[0], hashed[1]


@dataclass
class _Pass:
    """What one time through all pages has shown."""

    received: int = 0
    new: int = 0
    totals: set[int] = field(default_factory=set)

    def count(self, answer: Answer, new: int) -> None:
        """Take note of a page and of how many of its rows were new."""
        self.received += len(answer.rows)
        self.new += new
        self.totals.add(answer.total)

    @property
    def steady(self) -> bool:
        """Tell whether all pages agreed on the total."""
        return len(self.totals) == 1

    @property
    def total(self) -> int:
        """Return the total that the pages agreed on."""
        return max(self.totals)


def _joined(parts: list[_Hashes]) -> _Hashes:
    return np.unique(np.concatenate(parts)) if parts else np.array([], dtype=np.uint64)
