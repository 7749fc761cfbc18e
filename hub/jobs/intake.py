"""Landing: pages of rows as the source sends them become staged rows of a batch.

Rows known unchanged go no further than being counted; of repeated keys the newest row counts.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from hub.connector import Dataset
from hub.model import Signal
from hub.sealing import seals_of, with_sealed
from hub.store import batches
from hub.store.rows import row_texts
from schemas.distinct import arrow, cells, filled, is_said, text_array

Flags = npt.NDArray[np.bool_]

#: Keys of rows that have none of their own begin with this.
KEYLESS = "?"

#: Why whole rows are held, the graver reason first.
_RULES = [np.array(name, dtype=object) for name in ("record.unreadable", "record.no_key")]


class Intake:
    """Takes the pages of one batch in and keeps count of the rows."""

    def __init__(
        self,
        connection: Connection,
        source: str,
        dataset: Dataset,
        batch_id: int,
        snapshot: bool,
        named: bool = False,
    ) -> None:
        self._connection, self._named = connection, named
        self._source, self._dataset, self._batch_id = source, dataset, batch_id
        self._seals = seals_of(connection)
        self._known: pd.DataFrame | None = self._landed(None) if snapshot else None
        #: Every key seen so far; where its row was dropped as unchanged, the row's ordinal.
        self._seen: dict[str, int | None] = {}
        self._repeats = False
        self._signals: dict[tuple[str, str, str | None], int] = {}
        self._missing: set[str] = set()
        self._came: set[str] = set()
        self.received = self.unchanged = self.repeated = 0

    @property
    def signals(self) -> list[Signal]:
        """Return what the pages told about the source, counts added up."""
        return [
            Signal(kind, name, n, word)
            for (kind, name, word), n in self._signals.items()
            if kind != "column.missing" or name in self.missing_columns
        ]

    @property
    def missing_columns(self) -> set[str]:
        """Return the agreed columns that did not come: in any page or, of named rows, in all."""
        return self._missing - self._came if self._named else self._missing

    def report(self, signals: Iterable[Signal]) -> None:
        """Add signals to those of the pages."""
        for signal in signals:
            place = (signal.kind, signal.name, signal.word)
            self._signals[place] = self._signals.get(place, 0) + signal.count

    def take(self, page: pd.DataFrame) -> None:
        """Take in a page: stage what is new, different, repeated or unreadable."""
        admitted = self._dataset.admit(page)
        self.report(admitted.signals)
        if len(admitted.frame) or not len(admitted.unreadable):
            # Rows nobody could read do not show which columns they have.
            self._missing.update(admitted.missing)
            self._came |= {*self._dataset.agreement.required}.difference(admitted.missing)
        rows = self._rows(admitted.frame)
        self.received += len(rows)
        self._stage_unreadable(admitted.unreadable)
        keys = cells(rows["key"])
        seen = np.fromiter(map(self._seen.__contains__, keys), "bool", len(keys))
        again = rows["key"].duplicated(keep=False).to_numpy() | seen
        landed = self._is_landed(rows)
        same, lost = landed & ~again, np.zeros(len(keys), "bool")
        if again.any():
            won, lost = self._newest_landed(admitted.frame, rows, landed, again & ~seen)
            same |= won
            again &= ~(same | lost)
            self._repeats |= bool(again.any())
            self._revive(rows.loc[again, "key"])
        self.unchanged += int(same.sum())
        self.repeated += int(lost.sum())
        self._seen |= dict.fromkeys(keys)
        self._seen |= dict(zip(keys[same], rows["ordinal"].to_numpy()[same].tolist(), strict=True))
        going = ~(same | lost)
        if going.any():
            self._stage(self._sealed(admitted.frame, self._timed(admitted.frame, rows, going)))

    def forget(self) -> None:
        """Drop all that was taken in, as if nothing had come."""
        batches.discard_staged(self._connection, self._batch_id)
        self.received = self.unchanged = self.repeated = 0

    def finish(self) -> None:
        """Settle repeated keys once all pages are in."""
        if not self._repeats:
            return
        repeated, unchanged = batches.settle_repeats(self._connection, self._batch_id)
        self.repeated += repeated
        self.unchanged += unchanged

    def stage_missing(self) -> int:
        """Stage the withdrawal of every landed key that the pages did not hold; count them."""
        known = self._known if self._known is not None else self._landed(None)
        here = known.index[known["hash"].notna()]
        gone = sorted(key for key in here if key not in self._seen)
        batches.stage_missing(self._connection, self._batch_id, gone)
        return len(gone)

    def _rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        texts = row_texts(frame)
        hashes = self._seals.fingerprints(texts.cast(pa.large_binary()).to_pylist())
        keys = self._dataset.key_of(frame)
        keyless = ~is_said(keys)
        broken = pc.match_substring(texts, "\\u0000").to_numpy(zero_copy_only=False)
        rules = np.select([broken, keyless], _RULES, default=np.array(None))
        if keyless.any():
            # A row without a key is known by what it says, so that it is not kept twice.
            keys = filled(keys, text_array([KEYLESS + said for said in hashes]))
        if broken.any():
            keys = text_array(pc.replace_substring(arrow(keys), "\x00", ""))
        columns = {
            "ordinal": np.arange(self.received, self.received + len(frame)),
            "key": keys,
            "hash": text_array(hashes),
            "row": text_array(texts),
            "rule": text_array(rules),
        }
        return pd.DataFrame(columns, index=frame.index)

    def _sealed(self, frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows that are to be staged with what identifies a person sealed.

        Only these: rows known unchanged have been recognised by their fingerprints.
        """
        if not self._dataset.identity:
            return rows
        chosen = frame if len(rows) == len(frame) else frame.loc[rows.index]
        texts = row_texts(with_sealed(self._seals, chosen, self._dataset.identity))
        return rows.assign(row=text_array(texts))

    def _timed(self, frame: pd.DataFrame, rows: pd.DataFrame, chosen: Flags) -> pd.DataFrame:
        """Return some rows with their source's own time: most never need it."""
        whole = bool(chosen.all())
        at = self._dataset.recorded_at(frame if whole else frame[chosen])
        return (rows if whole else rows[chosen]).assign(recorded_at=at)

    def _stage(self, rows: pd.DataFrame) -> None:
        held = is_said(rows["rule"])
        outcome = text_array(np.where(held, "quarantined", "accepted"))
        staged = {name: column.array for name, column in rows.items() if name != "rule"}
        batches.stage_rows(
            self._connection, self._batch_id, pd.DataFrame(staged | {"outcome": outcome})
        )
        if held.any():
            batches.stage_row_faults(
                self._connection, self._batch_id, rows.loc[held, ["ordinal", "key", "rule"]]
            )

    def _stage_unreadable(self, places: pd.Series) -> None:
        """Stage rows nobody could read: where they stand is all there is to keep of them."""
        if places.empty:
            return
        rows = pd.DataFrame({"key": KEYLESS + self._dataset.location + " " + places})
        rows["ordinal"] = range(self.received, self.received + len(rows))
        # Places are counted by the page: what stands there on another page is another row.
        again = rows["key"].map(self._seen.__contains__).astype("bool")
        rows["key"] = rows["key"].mask(again, rows["key"] + " @" + rows["ordinal"].astype("str"))
        rows["hash"] = self._seals.fingerprints(map(str.encode, rows["key"]))
        rows["row"], rows["rule"] = "[]", "record.unreadable"
        self.received += len(rows)
        self._seen |= dict.fromkeys(rows["key"])
        self._stage(rows)

    def _revive(self, keys: pd.Series) -> None:
        """Stage again the unchanged row of a key that turns out to be repeated."""
        seen = {key: self._seen.get(key) for key in keys.unique()}
        dropped = {key: ordinal for key, ordinal in seen.items() if ordinal is not None}
        if not dropped:
            return
        batches.stage_landed(
            self._connection, self._batch_id, self._source, self._dataset.name, dropped
        )
        self.unchanged -= len(dropped)

    def _newest_landed(
        self, frame: pd.DataFrame, rows: pd.DataFrame, landed: Flags, repeated: Flags
    ) -> tuple[Flags, Flags]:
        """Tell which of the repeated rows are the newest of their key and as landed; which lose.

        All rows of these keys stand on one page, so that nothing has to be staged to know.
        """
        found = self._timed(frame, rows, repeated)
        found = found.assign(landed=landed[repeated], at=repeated.nonzero()[0])
        order = found.sort_values(["recorded_at", "ordinal"], na_position="first")
        newest = order.drop_duplicates("key", keep="last")
        newest = newest[newest["landed"]]
        won, lost = np.zeros(len(rows), "bool"), np.zeros(len(rows), "bool")
        won[newest["at"]] = True
        lost[found.loc[found["key"].isin(newest["key"]), "at"]] = True
        return won, lost & ~won

    def _is_landed(self, rows: pd.DataFrame) -> Flags:
        """Tell which rows are, under their keys, what landed last."""
        known = self._landed_of(rows["key"])
        places = known.index.get_indexer(pd.Index(rows["key"]))
        # What is nowhere is missing, and equal to nothing.
        landed = known["hash"].array.take(places, allow_fill=True)
        return np.asarray(cells(landed) == cells(rows["hash"]))

    def _landed_of(self, keys: pd.Series) -> pd.DataFrame:
        if self._known is None and len(keys) > batches.FEW_KEYS:
            self._known = self._landed(None)
        return self._landed(list(keys.unique())) if self._known is None else self._known

    def _landed(self, keys: list[str] | None) -> pd.DataFrame:
        landed = batches.landed_keys(self._connection, self._source, self._dataset.name, keys)
        return landed.set_index("key")
