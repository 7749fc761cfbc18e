"""Landing: pages of rows as the source sends them become staged rows of a batch.

Rows known unchanged go no further than being counted; of repeated keys the newest row counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from hub.connector import Dataset
from hub.model import Flags, Places, Signal
from hub.sealing import seals_of, with_sealed
from hub.store import batches, staging
from hub.store.rows import row_texts
from schemas.distinct import Columns, Rows, Texts, cells, chosen_rows, is_said, size_of, text_array

Objects = npt.NDArray[np.object_]

#: The keys that have landed, and the hashes of their rows.
_Known = tuple[pd.Index, Texts]

#: Keys of rows that have none of their own begin with this.
KEYLESS = "?"

#: Up to so many rows are kept at hand for their translation.
FEW = 1_000

#: Why whole rows are held, the graver reason first.
_RULES = [np.array(name, dtype=object) for name in ("record.unreadable", "record.no_key")]


@dataclass(frozen=True)
class _Page:
    """Rows that were let in, with what tells them apart."""

    rows: Rows
    ordinals: Places
    keys: Objects
    hashes: Objects
    #: Each row as it lands, but for what is sealed.
    texts: pa.Array
    #: Why a row is held, or None.
    rules: Objects

    def only(self, chosen: Flags) -> _Page:
        """Return some of the rows."""
        if chosen.all():
            return self
        return _Page(
            chosen_rows(self.rows, chosen),
            self.ordinals[chosen],
            self.keys[chosen],
            self.hashes[chosen],
            self.texts.filter(pa.array(chosen)),
            self.rules[chosen],
        )


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
        self._known: _Known | None = self._landed(None) if snapshot else None
        #: Every key seen so far; where its row was dropped as unchanged, the row's ordinal.
        self._seen: dict[str, int | None] = {}
        self._repeats = False
        self._signals: dict[tuple[str, str, str | None], int] = {}
        self._missing: set[str] = set()
        self._came: set[str] = set()
        self.received = self.unchanged = self.repeated = 0
        #: The staged rows to translate, with ordinals and keys, where they are few; else None.
        self.at_hand: list[tuple[Places, Texts, Rows]] | None = []

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
        if size_of(admitted.rows) or not admitted.unreadable:
            # Rows nobody could read do not show which columns they have.
            self._missing.update(admitted.missing)
            self._came |= {*self._dataset.agreement.required}.difference(admitted.missing)
        read = self._read(admitted.rows)
        keys = read.keys
        self.received += len(keys)
        self._stage_unreadable(admitted.unreadable)
        seen = np.fromiter(map(self._seen.__contains__, keys), "bool", len(keys))
        again = _repeated(keys) | seen
        landed = self._is_landed(read)
        same, lost = landed & ~again, np.zeros(len(keys), "bool")
        if again.any():
            won, lost = self._newest_landed(read, landed, again & ~seen)
            same |= won
            again &= ~(same | lost)
            self._repeats |= bool(again.any())
            self._revive(keys[again].tolist())
        self.unchanged += int(same.sum())
        self.repeated += int(lost.sum())
        self._seen |= dict.fromkeys(keys)
        self._seen |= dict(zip(keys[same], read.ordinals[same].tolist(), strict=True))
        going = ~(same | lost)
        if going.any():
            self._stage(read.only(going))

    def forget(self) -> None:
        """Drop all that was taken in, as if nothing had come."""
        staging.discard_staged(self._connection, self._batch_id)
        self.received = self.unchanged = self.repeated = 0
        self.at_hand = None

    def finish(self) -> None:
        """Settle repeated keys once all pages are in."""
        if not self._repeats:
            return
        repeated, unchanged = staging.settle_repeats(self._connection, self._batch_id)
        self.repeated += repeated
        self.unchanged += unchanged

    def stage_missing(self) -> int:
        """Stage the withdrawal of every landed key that the pages did not hold; count them."""
        keys, hashes = self._known if self._known is not None else self._landed(None)
        here = cells(keys.array)[is_said(hashes)]
        gone = sorted(key for key in here if key not in self._seen)
        staging.stage_missing(self._connection, self._batch_id, gone)
        return len(gone)

    def _read(self, rows: Rows) -> _Page:
        texts = row_texts(rows)
        hashes = self._seals.fingerprints(texts.cast(pa.large_binary()).to_pylist())
        keys = cells(self._dataset.key_of(rows))
        keyless = keys == np.array(None)
        broken = pc.match_substring(texts, "\\u0000").to_numpy(zero_copy_only=False)
        rules = np.select([broken, keyless], _RULES, default=np.array(None))
        # A row without a key is known by what it says, so that it is not kept twice.
        keys[keyless] = [KEYLESS + hashes[place] for place in keyless.nonzero()[0]]
        keys[broken] = [key.replace("\x00", "") for key in keys[broken]]
        ordinals = np.arange(self.received, self.received + len(keys))
        return _Page(rows, ordinals, keys, np.array(hashes, dtype=object), texts, rules)

    def _stage(self, read: _Page) -> None:
        """Stage rows, what identifies a person sealed.

        Rows known unchanged have been recognised by their fingerprints and need no sealing.
        """
        texts, keys = read.texts, text_array(read.keys)
        if self._dataset.identity:
            texts = row_texts(with_sealed(self._seals, read.rows, self._dataset.identity))
        columns = {
            "ordinal": read.ordinals,
            "key": keys,
            "hash": text_array(read.hashes),
            "row": text_array(texts),
            "recorded_at": self._dataset.recorded_at(read.rows),
        }
        sound = self._put(columns, read.rules)
        if self.at_hand is None or self._repeats or self.received > FEW:
            self.at_hand = None
            return
        rows = read.rows if sound.all() else chosen_rows(read.rows, sound)
        self.at_hand.append((read.ordinals[sound], keys[sound], rows))

    def _stage_unreadable(self, places: Sequence[str]) -> None:
        """Stage rows nobody could read: where they stand is all there is to keep of them."""
        if not places:
            return
        keys = []
        for ordinal, place in enumerate(places, self.received):
            key = f"{KEYLESS}{self._dataset.location} {place}"
            # Places are counted by the page: what stands there on another page is another row.
            keys.append(f"{key} @{ordinal}" if key in self._seen else key)
        size = len(keys)
        columns = {
            "ordinal": np.arange(self.received, self.received + size),
            "key": text_array(keys),
            "hash": text_array(self._seals.fingerprints(map(str.encode, keys))),
            "row": text_array(["[]"] * size),
        }
        self.received += size
        self._seen |= dict.fromkeys(keys)
        self._put(columns, np.array(["record.unreadable"] * size, dtype=object))

    def _put(self, columns: Columns, rules: Objects) -> Flags:
        """Stage rows, and why some of them are held; tell which are sound."""
        sound: Flags = rules == np.array(None)
        outcome = np.where(sound, "accepted", "quarantined").astype(object)
        staging.stage_rows(self._connection, self._batch_id, {**columns, "outcome": outcome})
        if not sound.all():
            held = chosen_rows({"ordinal": columns["ordinal"], "key": columns["key"]}, ~sound)
            held["rule"] = rules[~sound]
            staging.stage_row_faults(self._connection, self._batch_id, held)
        return sound

    def _revive(self, keys: Iterable[str]) -> None:
        """Stage again the unchanged row of a key that turns out to be repeated."""
        seen = {key: self._seen.get(key) for key in dict.fromkeys(keys)}
        dropped = {key: ordinal for key, ordinal in seen.items() if ordinal is not None}
        if not dropped:
            return
        staging.stage_landed(
            self._connection, self._batch_id, self._source, self._dataset.name, dropped
        )
        self.unchanged -= len(dropped)

    def _newest_landed(self, read: _Page, landed: Flags, repeated: Flags) -> tuple[Flags, Flags]:
        """Tell which of the repeated rows are the newest of their key and as landed; which lose.

        All rows of these keys stand on one page, so that nothing has to be staged to know.
        """
        rows = chosen_rows(read.rows, repeated)
        found = pd.DataFrame({"key": read.keys[repeated], "at": repeated.nonzero()[0]})
        found = found.assign(recorded_at=self._dataset.recorded_at(rows), landed=landed[repeated])
        order = found.sort_values(["recorded_at", "at"], na_position="first")
        newest = order.drop_duplicates("key", keep="last")
        newest = newest[newest["landed"]]
        won, lost = np.zeros(len(landed), "bool"), np.zeros(len(landed), "bool")
        won[newest["at"]] = True
        lost[found.loc[found["key"].isin(newest["key"]), "at"]] = True
        return won, lost & ~won

    def _is_landed(self, read: _Page) -> Flags:
        """Tell which rows are, under their keys, what landed last."""
        keys, hashes = self._landed_of(read.keys)
        places = keys.get_indexer(pd.Index(text_array(read.keys)))
        # What is nowhere is missing, and equal to nothing.
        return np.asarray(cells(hashes.take(places, allow_fill=True)) == read.hashes)

    def _landed_of(self, keys: Objects) -> _Known:
        if self._known is None and len(keys) > batches.FEW_KEYS:
            self._known = self._landed(None)
        return self._landed([*dict.fromkeys(keys)]) if self._known is None else self._known

    def _landed(self, keys: list[str] | None) -> _Known:
        landed, hashes = batches.landed_keys(
            self._connection, self._source, self._dataset.name, keys
        )
        return pd.Index(landed), hashes


def _repeated(keys: Objects) -> Flags:
    """Tell which keys stand more than once on a page."""
    if len({*keys}) == len(keys):
        return np.zeros(len(keys), "bool")
    return pd.Series(keys, dtype="str").duplicated(keep=False).to_numpy()
