"""What is sent to a source, and what may come of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.connector import Dataset
from hub.written import Row

#: Who sends, in the words of those who receive.
SENDER = "区级数据枢纽"


@dataclass(frozen=True, slots=True)
class Parcel:
    """Cells of one row of a source that are to be changed; the id makes sending twice safe."""

    delivery_id: str
    dataset: Dataset
    key: str
    #: column → what the hub knows it to say, what it should say
    cells: Mapping[str, tuple[str | None, str]]
    basis: str
    at: datetime

    @property
    def changes(self) -> dict[str, str]:
        """Return what the cells should say."""
        return {column: wanted for column, (_, wanted) in self.cells.items()}


#: What has become of a parcel: the target has it and will answer; has taken it; will not take
#: it; has not got it; may or may not have it.
Fate = Literal["handed", "accepted", "refused", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a parcel, why, and how many seconds the target asks to be left alone."""

    fate: Fate
    reason: str | None = None
    after: float | None = None
    #: Whether the target as a whole is away, so that other parcels would fare no better.
    down: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A target's answer to what it was handed before: it has done it, or will not."""

    done: bool
    reason: str | None = None
    #: Whether the answer itself says that the source's own data say so now.
    shown: bool = False


class Target(ABC):
    """A source as one that takes changes.

    Nothing here raises because of the other side: whatever goes wrong there is an outcome.
    """

    @abstractmethod
    def send(self, parcel: Parcel) -> Outcome:
        """Send a parcel; the same one sent twice has one effect."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections."""


class Answering(ABC):
    """A target that answers later than it is sent to."""

    @abstractmethod
    def replies(self, parcels: Sequence[Parcel]) -> dict[str, Reply]:
        """Return the answers that have come, by delivery id."""


class Readable(ABC):
    """A target of which single rows can be read back."""

    @abstractmethod
    def read(self, dataset: Dataset, key: str) -> Row | None:
        """Return a row as it is at the source now; None where that cannot be told."""
