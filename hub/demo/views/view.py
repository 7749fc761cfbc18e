"""A department's view: its rows, whom they are about, and which of them are dirty."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from hub.demo.chance import Chance, Flags, Ints, Text, digits
from hub.demo.errors import DIRTS

TRUTH = ["source", "dataset", "key", "entity", "true_id"]
#: The letter of the true id of each record type; companies are no record type of the hub.
LETTERS = {"person": "P", "house": "H", "address": "A", "grid": "G", "component": "C",
           "camera": "V", "geo_entity": "E", "building": "B", "company": "Z"}  # fmt: skip


@dataclass
class View:
    """What one source holds in one state of the world."""

    source: str
    #: The native rows of each dataset, columns and values as in the interface agreement.
    rows: dict[str, pd.DataFrame] = field(default_factory=dict)
    #: One line (or more) for each native row: what it is about in truth.
    truths: list[pd.DataFrame] = field(default_factory=list)
    stains: list[Stains] = field(default_factory=list)
    #: How a workbook lays its rows out, where there is one (see street_office).
    layout: pd.DataFrame | None = None
    sheets: pd.DataFrame | None = None

    def tell(self, dataset: str, keys: Text, entity: str, true_ids: Text) -> None:
        """Note what rows are about."""
        lines = {"source": self.source, "dataset": dataset, "key": keys, "entity": entity}
        self.truths.append(pd.DataFrame({**lines, "true_id": true_ids})[TRUTH])

    def truth(self) -> pd.DataFrame:
        """Return the truth about all rows."""
        return pd.concat(self.truths, ignore_index=True).drop_duplicates(ignore_index=True)

    def dirt(self) -> pd.DataFrame:
        """Return the key of every dirty row: dirt, source, dataset, key."""
        return pd.concat([stains.marks() for stains in self.stains], ignore_index=True)

    def counts(self) -> pd.DataFrame:
        """Return for each dirt how many rows it could befall and how many it did."""
        return pd.concat([stains.counts() for stains in self.stains], ignore_index=True)


class Stains:
    """The dirt on one dataset: drawn by its own stream at its declared rate, and remembered."""

    def __init__(self, chance: Chance, ids: Ints, keys: Text, spared: Flags | None = None) -> None:
        self.chance = chance
        self.ids = ids
        self.keys = keys
        self._open = np.ones(len(ids), dtype=bool) if spared is None else ~spared
        self._hits: dict[str, tuple[int, Flags]] = {}

    def hit(self, name: str, where: Flags | None = None) -> Flags:
        """Say which rows this dirt befalls, among those it can befall."""
        can = self._open if where is None else self._open & where
        found = can & self.chance.hit("dirt." + name, self.ids, DIRTS[name].rate)
        self._hits[name] = (int(can.sum()), found)
        return np.asarray(found)

    def marks(self) -> pd.DataFrame:
        """Return one line a hit."""
        lines = [
            pd.DataFrame(
                {"dirt": name, "source": DIRTS[name].source, "dataset": DIRTS[name].dataset,
                 "key": self.keys[found]}
            )
            for name, (_, found) in self._hits.items()
        ]  # fmt: skip
        return pd.concat(lines, ignore_index=True)

    def counts(self) -> pd.DataFrame:
        """Return one line a dirt."""
        rows = [(name, can, int(found.sum())) for name, (can, found) in self._hits.items()]
        return pd.DataFrame(rows, columns=["dirt", "eligible", "hits"])


def true_ids(entity: str, numbers: Ints) -> Text:
    """Write the true id of entities of one type."""
    return np.asarray(LETTERS[entity] + digits(numbers, 8))


def column(frame: pd.DataFrame, name: str) -> Text:
    """Take a column of words as an array."""
    return frame[name].to_numpy(dtype=object)


def at(frame: pd.DataFrame, name: str, positions: Ints) -> Text:
    """Take words of a frame by position; where the position is -1, nothing."""
    words = frame[name].to_numpy(dtype=object)
    return np.asarray(np.where(positions >= 0, words[positions], ""), dtype=object)


def either(where: Flags, this: Text | str, that: Text | str) -> Text:
    """Take words from one column where something holds, else from the other."""
    return np.where(where, this, that).astype(object)


def table(rows: dict[str, Text]) -> pd.DataFrame:
    """Make a frame of text columns."""
    return pd.DataFrame({name: pd.Series(words, dtype="str") for name, words in rows.items()})
