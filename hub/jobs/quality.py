"""Measuring golden records against what is expected of them, and sources by their values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from functools import cache

import connectors
from hub.config import District, Settings
from hub.connector import Dataset
from hub.database import engine
from hub.jobs.cross_checks import cross_check
from hub.jobs.resolve import CHINA
from hub.quality import Report, validate_table
from hub.store import quality_figures as store
from hub.store.quality_figures import WHOLE, Counts, Figure
from schemas import MODELS, fields


def measure(settings: Settings) -> list[Report]:
    """Check across records, keep the day's figures, then run the expectations over what is served.

    The expectations look at all golden records, by type.
    """
    cross_check(settings)
    measure_sources(settings)
    return [validate_table(engine(settings), record_type) for record_type in MODELS]


def measure_sources(settings: Settings, day: date | None = None) -> int:
    """Keep how complete, valid, timely and agreeing the sources' values are; return how many."""
    today = day or datetime.now(CHINA).date()
    with engine(settings).begin() as connection:
        figures: dict[tuple[str, str, str, str], Figure] = {}
        for record_type, spoken in _by_type().items():
            named = frozenset().union(*spoken.values())
            names = [spec.name for spec in fields(MODELS[record_type]) if spec.name in named]
            for one in store.measure(connection, record_type, names, spoken, today):
                figures[one.source, one.dataset, record_type, one.field] = one
        for (source, dataset, said, name), invalid in store.invalid_counts(connection).items():
            # A row of which nothing could be read is a record of the dataset's own type.
            record_type = said or _home(source, dataset)
            place = (source, dataset, record_type, name)
            known = figures.get(place, Figure(today, *place, Counts()))
            counts = replace(known.counts, invalid=known.counts.invalid + invalid)
            figures[place] = replace(known, counts=counts)
        return store.keep_figures(connection, figures.values())


def _by_type() -> dict[str, dict[tuple[str, str], frozenset[str]]]:
    """Return by record type which fields each dataset speaks of."""
    found: dict[str, dict[tuple[str, str], frozenset[str]]] = defaultdict(dict)
    for source, connector in connectors.CONNECTORS.items():
        for dataset in connector.datasets:
            for record_type, names in spoken_fields(dataset).items():
                found[record_type][source, dataset.name] = names
    return found


@cache
def spoken_fields(dataset: Dataset) -> dict[str, frozenset[str]]:
    """Return by record type the fields that a dataset's rows speak of, whatever they say."""
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for part in dataset.records(dataset.no_rows, District()).records:
        found[part.model.record_type] |= frozenset(part.fields)
    return dict(found)


def _home(source: str, dataset: str) -> str:
    connector = connectors.CONNECTORS.get(source)
    known = connector.dataset(dataset) if connector else None
    return known.model.record_type if known else WHOLE
