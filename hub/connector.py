"""What a connector is: a source, its datasets, and how their rows become records.

A connector is one file in `connectors/`. It says which columns each dataset has and what they
mean; how its files, tables or pages are read is one of the transports in `hub.fetch`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.columns import Admitted, Agreement, Columns, Spelling, admit, stripped
from hub.config import District
from hub.errors import ConfigError
from hub.model import Flags, Records, Signal, Title
from hub.parse import Page
from hub.written import Written
from schemas import Section, fields
from schemas.distinct import Rows, Texts, cells, nothing, size_of
from schemas.kinds import read_times

#: How far a dataset has been read: JSON that is committed together with the data.
Cursor = Mapping[str, Any]


@dataclass(frozen=True)
class Translation:
    """What a batch of rows means in public fields, and what it tells about its source."""

    records: list[Records]
    signals: list[Signal]


class Dataset(ABC):
    """One kind of row a source has: its columns, and what they mean in public fields.

    Translation must look at each row by itself: splitting a batch changes no value.
    """

    #: Name in URLs, exports and ledgers.
    name: ClassVar[str]
    title: ClassVar[Title]
    #: Record type the rows are foremost about.
    model: ClassVar[type[Section]]
    #: File, table or path in the source where the rows are.
    location: ClassVar[str]
    #: Column of the row's key in its source.
    key: ClassVar[str]
    #: Column with the source's own time of the row, if it has one.
    changed_at: ClassVar[str | None] = None
    #: Column and value by which the source marks a row as withdrawn.
    withdrawal: ClassVar[tuple[str, str] | None] = None
    #: Whether a delivery holds all rows, so that a row that is gone is withdrawn.
    snapshot: ClassVar[bool] = False
    #: Text encoding of the files, where the source delivers text files.
    encoding: ClassVar[str] = "utf-8"
    #: Other headers the agreed columns are known to come under.
    aliases: ClassVar[Mapping[str, str]] = {}
    #: Columns that hold identity numbers: rows are kept with these sealed.
    identity: ClassVar[tuple[str, ...]] = ()
    #: Columns that must not be stored, besides those no source may bring.
    forbidden: ClassVar[tuple[str, ...]] = ()
    #: Fields for which the source speaks in the place of another authority.
    acts_for: ClassVar[Mapping[str, frozenset[str]]] = {}
    #: Fields whose values say less than the field means: they are served as provisional.
    tentative: ClassVar[frozenset[str]] = frozenset()
    #: Fields of others that a remark in passing speaks of: their authority is asked to check.
    asks: ClassVar[frozenset[str]] = frozenset()
    #: How the source spells what the hub tells it.
    spelling: ClassVar[Spelling] = Spelling()
    #: Whose word counts among sources that are not the authority: the lower number.
    trust: ClassVar[int]

    @abstractmethod
    def translate(self, said: Columns) -> list[Records]:
        """Say what the rows mean: take, decode or ignore every column."""

    @abstractmethod
    def sample(self) -> list[dict[str, str]]:
        """Return made-up rows, usual and dirty ones, for the conformance suite and the docs."""

    def rows_of(self, page: Page) -> pd.DataFrame:
        """Return the rows of a sheet, with what title and sheet name say about each of them."""
        return page.frame

    def __getstate__(self) -> dict[str, Any]:
        """Hand a dataset to another process without what it has worked out, which is not data."""
        worked_out = {"agreement", "written"}
        return {name: said for name, said in self.__dict__.items() if name not in worked_out}

    @cached_property
    def agreement(self) -> Agreement:
        """Return the columns agreed on with the source, as the translation asks for them."""
        said = self._columns({}, District())
        self.translate(said)
        envelope = (self.key, self.changed_at, self.withdrawal and self.withdrawal[0])
        required = dict.fromkeys(name for name in envelope if name) | said.required
        return Agreement(
            required=tuple(required),
            optional=tuple(name for name in said.may_come if name not in required),
            ignored=frozenset(said.ignored - required.keys()),
            aliases=self.aliases,
            forbidden=frozenset(self.forbidden),
        )

    @cached_property
    def written(self) -> Mapping[tuple[str, str], Written]:
        """Return where fields can be written back, by record type and name: where they are read.

        Not in columns that name a row or tell when it was written.
        """
        said = self._columns(self.no_rows, District(), self.spelling)
        self.translate(said)
        fixed = {self.key, self.changed_at, self.withdrawal and self.withdrawal[0]}
        return {
            place: written
            for place, written in said.written.items()
            if fixed.isdisjoint(written.columns)
        }

    @property
    def no_rows(self) -> Rows:
        """Return the agreed columns, without a row."""
        return dict.fromkeys(self.agreement.columns, nothing(0))

    def admit(self, frame: pd.DataFrame) -> Admitted:
        """Let in the agreed columns of a page, and report on the others."""
        return admit(self.agreement, frame)

    def records(self, rows: Rows, district: District) -> Translation:
        """Translate admitted rows into records; positions in them count from 0."""
        said = self._columns(rows, district)
        records = self.translate(said)
        for part in records:
            _check_fields(part)
        return Translation(records, said.signals)

    def key_of(self, rows: Rows) -> Texts:
        """Return the key of each row; a missing entry means that the row has none."""
        return column_of(rows, self.key)

    def recorded_at(self, rows: Rows) -> Texts:
        """Return the source's own time of each row, ``YYYY-MM-DD HH:MM:SS`` in China."""
        return read_times(column_of(rows, self.changed_at))

    def withdrawn(self, rows: Rows) -> Flags:
        """Tell which rows the source marks as withdrawn."""
        if self.withdrawal is None:
            return np.zeros(size_of(rows), np.bool_)
        column, mark = self.withdrawal
        return np.asarray(cells(column_of(rows, column)) == mark, np.bool_)

    def _columns(self, rows: Rows, district: District, spelling: Spelling | None = None) -> Columns:
        return Columns(
            rows,
            district,
            keys=self.key_of(rows),
            recorded_at=self.recorded_at(rows),
            withdrawn=self.withdrawn(rows),
            spelling=spelling,
        )


def column_of(rows: Rows, name: str | None) -> Texts:
    """Return a column of rows, stripped of blanks; one that is not there says nothing."""
    if name is None or name not in rows:
        return nothing(size_of(rows))
    return stripped(rows[name])


def _check_fields(records: Records) -> None:
    strange = records.fields.keys() - {spec.name for spec in fields(records.model)}
    if strange:
        names = ", ".join(sorted(strange))
        raise LookupError(f"a {records.model.record_type} carries no field {names}")


def fields_of(model: type[Section], authority: str) -> frozenset[str]:
    """Name the fields of a record type for which an authority's word counts."""
    return frozenset(spec.name for spec in fields(model) if spec.authority == authority)


@dataclass
class Delivery:
    """Rows of one dataset on their way in.

    ``pages`` are frames of text in the source's words, before anything is dropped; reading them
    may raise SourceUnavailable (nothing of the delivery may be kept) or `hub.parse.Unreadable`
    (the dataset is to be held, as where ``flaw`` says why nothing could be read). ``next_cursor``
    and ``signals`` count once all pages have been read; the cursor is committed with the data.
    """

    dataset: Dataset
    label: str
    pages: Iterable[pd.DataFrame]
    next_cursor: Callable[[], Cursor | None]
    snapshot: bool = False
    flaw: str | None = None
    #: Whether each row says itself which columns it has: a column that any page has came.
    named: bool = False
    signals: list[Signal] = field(default_factory=list)


class SourceSettings(BaseModel):
    """Settings of a source: text from the environment or from hub.toml."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    #: A new batch of each dataset is expected within so many hours; None: as often as is usual.
    expected_hours: float | None = Field(None, gt=0)


class Connector(ABC):
    """Our code for one source."""

    name: ClassVar[str]
    title: ClassVar[Title]
    datasets: ClassVar[tuple[Dataset, ...]]
    settings: ClassVar[type[SourceSettings]]
    #: Whether there is a system to be read; else its rows are entered in the hub itself.
    has_system: ClassVar[bool] = True
    #: How the source takes changes (a name of `hub.delivery.targets`); None: it takes none.
    takes: ClassVar[str | None] = None

    @abstractmethod
    def deliveries(self, settings: Any, cursors: Mapping[str, Cursor]) -> Iterator[Delivery]:
        """Yield what is new since the cursors, dataset by dataset; nothing where nothing is."""

    @abstractmethod
    def check(self, settings: Any) -> None:
        """Raise SourceUnavailable, saying why, unless the source can be read with the settings."""

    def dataset(self, name: str) -> Dataset | None:
        """Find a dataset by its name."""
        return next((dataset for dataset in self.datasets if dataset.name == name), None)

    def settings_from(self, said: Mapping[str, str]) -> SourceSettings | None:
        """Read the source's settings; None where it is not connected, ConfigError if one is bad."""
        given = {name: value for name, value in said.items() if value != ""}
        try:
            return self.settings(**given) if self.connected(given) else None
        except ValidationError as error:
            faults = (f"{part['loc'][0]}: {part['msg']}" for part in error.errors())
            raise ConfigError(f"source {self.name}: setting {'; '.join(faults)}") from None

    def connected(self, said: Mapping[str, str]) -> bool:
        """Tell whether the settings without which there is no source have been given."""
        needed = (n for n, info in self.settings.model_fields.items() if info.is_required())
        return all(name in said for name in needed)
