"""The keys that identity numbers are sealed by: new ones, and sealing what lies there by them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import Connection

import connectors
from hub.config import Settings
from hub.connector import Dataset
from hub.database import advisory_lock, engine
from hub.jobs.steps import CHUNK
from hub.sealing import Seals, add_key, identity_fields, seals_of, with_opened, with_sealed
from hub.store import landing, quarantine
from hub.store.rows import row_texts
from schemas import MODELS
from schemas.distinct import text_array


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many landed rows and quarantine entries were written anew, and by which key."""

    key: str
    rows: int
    entries: int


def rotate(settings: Settings) -> str:
    """Make a key that seals from now on; return its id. Older ones go on opening."""
    return add_key(settings.key_file)


def reseal(settings: Settings) -> Resealed:
    """Seal by the newest key what lies sealed by older ones, or not at all.

    Rows landed before there were keys get their keyed fingerprints with it, so that the next
    sync knows them again. Datasets are done one at a time, each in a transaction of its own.
    """
    rows = 0
    for source, connector in connectors.CONNECTORS.items():
        for dataset in connector.datasets:
            with engine(settings).begin() as connection:
                rows += _reseal_rows(connection, source, dataset)
    with engine(settings).begin() as connection:
        seals = seals_of(connection)
        entries = _reseal_entries(connection, seals)
    return Resealed(seals.newest, rows, entries)


def _reseal_rows(connection: Connection, source: str, dataset: Dataset) -> int:
    advisory_lock(connection, "dataset", source, dataset.name)
    seals, changed = seals_of(connection), 0
    for keys, sealed in landing.landed_pages(connection, source, dataset.name, CHUNK):
        rows = with_opened(seals, sealed, dataset.identity)
        hashes = seals.fingerprints(row_texts(rows).cast(pa.large_binary()).to_pylist())
        texts = row_texts(with_sealed(seals, rows, dataset.identity))
        told = {"key": keys, "hash": text_array(hashes), "row": text_array(texts)}
        changed += landing.write_again(connection, source, dataset.name, told)
    return changed


def _reseal_entries(connection: Connection, seals: Seals) -> int:
    fields = {(name, one) for name in MODELS for one in identity_fields(name)}
    entries = quarantine.quoting(connection, sorted(fields))
    said = seals.seal(seals.open(entries["said"]))
    return quarantine.quote_again(connection, entries.assign(said=said))
