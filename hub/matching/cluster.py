"""Clusters: which records belong together, given what they have in common and what forbids it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True, slots=True)
class Clusters:
    """A label for each record; records with one label are one entity."""

    record_ids: np.ndarray
    labels: np.ndarray


def cluster(
    record_ids: np.ndarray, keys: pd.DataFrame, identities: pd.Series | None = None
) -> Clusters:
    """Group records that share keys, never two that carry different valid identities.

    ``record_ids`` sorted; ``keys`` has ``record_id`` and ``key``; ``identities`` gives, by record
    id, what a cluster may hold only one of (a citizen id number). The order of rows is irrelevant.
    """
    rows = np.searchsorted(record_ids, keys["record_id"].to_numpy())
    columns, distinct = pd.factorize(keys["key"])
    labels = _components(len(record_ids), rows, columns, len(distinct))
    if identities is not None:
        labels = _veto(record_ids, labels, keys, identities)
    return Clusters(record_ids, labels)


def _components(size: int, rows: np.ndarray, columns: np.ndarray, keys: int) -> np.ndarray:
    # A bipartite graph of records and keys: two records that share a key are two steps apart.
    graph = coo_array(
        (np.ones(len(rows), dtype=np.int8), (rows, columns + size)),
        shape=(size + keys, size + keys),
    )
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels[:size])


def _veto(
    record_ids: np.ndarray, labels: np.ndarray, keys: pd.DataFrame, identities: pd.Series
) -> np.ndarray:
    """Regroup the clusters that hold several identities: each identity is a cluster of its own.

    A record without identity stays with the identity it shares most keys with (the lower one
    where it shares as many with several), so the answer does not depend on any order.
    """
    said = identities.reindex(record_ids)
    frame = pd.DataFrame({"record_id": record_ids, "label": labels, "identity": said.to_numpy()})
    several = frame.groupby("label")["identity"].transform("nunique") > 1
    if not several.any():
        return labels
    labels = labels.copy()
    fresh = int(labels.max()) + 1
    mixed = frame[several]
    held = keys.merge(mixed[["record_id", "label"]], on="record_id")
    keys_of = dict(iter(held.groupby("label")))
    for label, group in mixed.groupby("label"):
        parts = _parts(group, keys_of[label])
        labels[group.index] = fresh + parts
        fresh += int(parts.max()) + 1
    return labels


def _parts(group: pd.DataFrame, held: pd.DataFrame) -> np.ndarray:
    identity = group.set_index("record_id")["identity"].astype("str")
    while True:
        known = held.assign(identity=held["record_id"].map(identity)).dropna(subset="identity")
        votes = held[held["record_id"].map(identity).isna()].merge(known, on="key")
        if votes.empty:
            break
        counts = votes.groupby(["record_id_x", "identity"]).size().reset_index(name="shared")
        best = counts.sort_values(
            ["record_id_x", "shared", "identity"], ascending=[True, False, True]
        ).drop_duplicates("record_id_x")
        identity.update(best.set_index("record_id_x")["identity"])
    # What nobody with an identity shares a key with stays together as the remainder.
    codes, _ = pd.factorize(identity.reindex(group["record_id"]).fillna(""), sort=True)
    return np.asarray(codes)
