"""Chance that depends on nothing but a seed, a question and who is asked about.

Every draw is a hash of (seed, name of the question, number of the entity). So each
dirt has a stream of its own, a person keeps his luck whatever the size of the
district, and a later state differs from an earlier one only where something happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Text = npt.NDArray[np.object_]


class Chance:
    """Answers the same question about the same entity always alike."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def share(self, question: str, ids: Ints) -> Floats:
        """Draw a number in [0, 1) for each id."""
        word = blake2b(f"{self.seed}:{question}".encode(), digest_size=8).digest()
        salt = np.uint64(int.from_bytes(word, "big"))
        drawn = _mixed(_mixed(ids.astype(np.uint64)) ^ salt) >> np.uint64(11)
        return drawn.astype(np.float64) * 2.0**-53

    def hit(self, question: str, ids: Ints, rate: float) -> Flags:
        """Say for each id whether something of this rate befalls it."""
        return self.share(question, ids) < rate

    def whole(self, question: str, ids: Ints, low: int | Ints, high: int | Ints) -> Ints:
        """Draw a whole number between low and high, both included."""
        span = np.asarray(high, dtype=np.int64) - low + 1
        return np.asarray(low + (self.share(question, ids) * span).astype(np.int64))

    def index(self, question: str, ids: Ints, weights: Sequence[float]) -> Ints:
        """Draw a position by weight."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        drawn = self.share(question, ids) * edges[-1]
        found = np.searchsorted(edges, drawn, side="right").astype(np.int64)
        return np.asarray(np.minimum(found, len(edges) - 1))

    def pick(
        self, question: str, ids: Ints, words: Sequence[str], weights: Sequence[float] | None = None
    ) -> Text:
        """Draw one of the words, evenly or by weight."""
        positions = self.index(question, ids, weights or [1.0] * len(words))
        return np.array(words, dtype=object)[positions]

    def normal(self, question: str, ids: Ints, mean: float, deviation: float) -> Floats:
        """Draw from a bell curve."""
        radius = np.sqrt(-2 * np.log(1 - self.share(question + ".radius", ids)))
        angle = 2 * np.pi * self.share(question + ".angle", ids)
        return np.asarray(mean + deviation * radius * np.cos(angle))

    def wait(self, question: str, ids: Ints, mean: float | Floats) -> Floats:
        """Draw a waiting time whose mean is given."""
        return np.asarray(-mean * np.log(1 - self.share(question, ids)))

    def shuffle(self, question: str, count: int) -> Ints:
        """Bring 0 … count-1 into a random order."""
        return np.argsort(self.share(question, np.arange(count)), kind="stable")


def number(ids: Ints, prime: int, factor: int) -> Ints:
    """Scatter ids over 0 … prime-1, each on its own: keys that tell nothing of their order."""
    return np.asarray((ids % prime) * factor % prime)


def digits(values: Ints, width: int) -> Text:
    """Write whole numbers with leading zeros."""
    if not len(values):
        return np.array([], dtype=object)
    return np.array(np.char.zfill(values.astype(f"U{max(width, 20)}"), width), dtype=object)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    # SplitMix64: every bit of the input moves every bit of the output; overflow is meant.
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
