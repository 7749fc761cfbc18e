"""Ids that stay: which entity id a cluster carries on, which ids give way, which come back.

Conventions (pitfall 4.2): an id is random and minted once; a merge keeps the id with the most
members, the older one where they are equal; after a split the id stays with the part that holds
the record it was minted for, and the other parts get back the ids they had before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from secrets import token_hex

import pandas as pd


@dataclass(frozen=True, slots=True)
class Assignment:
    """What becomes of ids: each record's, the new ones, and who gave way to whom."""

    #: record_id → entity_id
    entity_ids: pd.Series
    minted: list[str]
    #: losing id → winning id
    merged: dict[str, str]
    #: every id that lives no more → the id by which its record is found now
    redirects: dict[str, str]
    #: id that stays → ids that members of it went to
    split: dict[str, list[str]] = field(default_factory=dict)


def assign_ids(members: pd.DataFrame, letter: str) -> Assignment:
    """Give each cluster an id.

    ``members``: one row a record with ``record_id``, ``label``, ``entity_id`` (its id so far) and
    ``home_id`` (the first id it ever had); both empty for a record not linked before.
    """
    members = members.sort_values("record_id")
    chosen = _simple(members)
    hard = members[~members["label"].isin(chosen.index)]
    chosen = pd.concat([chosen, _contested(hard, set(chosen))])
    labels = members["label"].drop_duplicates()
    fresh = labels[~labels.isin(chosen.index)]
    minted = [letter + token_hex(16) for _ in range(len(fresh))]
    chosen = pd.concat([chosen, pd.Series(minted, index=fresh.to_numpy(), dtype="str")])
    entity_ids = members.set_index("record_id")["label"].map(chosen)
    merged, split = _moves(members, entity_ids)
    redirects = merged | _former_homes(members, entity_ids)
    return Assignment(entity_ids, minted, merged, redirects, split)


def _simple(members: pd.DataFrame) -> pd.Series:
    """Choose for clusters whose records all have one id that no other cluster's records have."""
    pairs = members.dropna(subset="entity_id")[["label", "entity_id"]].drop_duplicates()
    alone = ~pairs["label"].duplicated(keep=False) & ~pairs["entity_id"].duplicated(keep=False)
    # A record that comes back without an id may claim its old one: that needs the long way.
    homes = members.loc[members["entity_id"].isna()].dropna(subset="home_id")
    alone &= ~pairs["label"].isin(homes["label"]) & ~pairs["entity_id"].isin(homes["home_id"])
    return pairs[alone].set_index("label")["entity_id"]


def _contested(members: pd.DataFrame, taken: set[str]) -> pd.Series:
    """Choose where clusters and ids have met or parted: strongest claim first, each id once."""
    chosen: dict[int, str] = {}
    claimed = members["entity_id"].notna() | members["home_id"].notna()
    for label, entity_id in _claims(members) if claimed.any() else ():
        if label not in chosen and entity_id not in taken:
            chosen[label] = entity_id
            taken.add(entity_id)
    return pd.Series(chosen, dtype="str")


def _claims(members: pd.DataFrame) -> Iterator[tuple[int, str]]:
    now = members.dropna(subset="entity_id")
    anchored = now[now["entity_id"] == now["home_id"]]
    held = now.groupby(["label", "entity_id"]).agg(
        size=("record_id", "size"), oldest=("record_id", "min")
    )
    held["anchor"] = anchored.groupby(["label", "entity_id"])["record_id"].min()
    held = held.reset_index()
    # The part with the record an id was minted for has the first claim to it.
    first = held.groupby("entity_id")["anchor"].transform("min")
    held["rival"] = first.notna() & (held["anchor"] != first)
    order = held.sort_values(["rival", "size", "oldest"], ascending=[True, False, True])
    yield from zip(order["label"], order["entity_id"], strict=True)
    homes = members.dropna(subset="home_id").sort_values("record_id")
    yield from zip(homes["label"], homes["home_id"], strict=True)


def _moves(
    members: pd.DataFrame, entity_ids: pd.Series
) -> tuple[dict[str, str], dict[str, list[str]]]:
    before = members.set_index("record_id")["entity_id"].dropna()
    moved = pd.DataFrame({"old": before, "new": entity_ids.reindex(before.index)})
    moved = moved.drop_duplicates().sort_values(["old", "new"])
    alive = set(entity_ids)
    merged: dict[str, str] = {}
    split: dict[str, list[str]] = {}
    for old, new in zip(moved["old"], moved["new"], strict=True):
        if old == new:
            continue
        if old in alive:
            split.setdefault(old, []).append(new)
        else:
            # An id whose members parted to several gives way to the first; redirects are single.
            merged.setdefault(old, new)
    return merged, split


def _former_homes(members: pd.DataFrame, entity_ids: pd.Series) -> dict[str, str]:
    """Say of ids that records once began with, and nobody has now, where their record is."""
    homes = members.dropna(subset="home_id").sort_values("record_id").drop_duplicates("home_id")
    gone = homes[~homes["home_id"].isin(entity_ids)]
    return dict(zip(gone["home_id"], entity_ids.reindex(gone["record_id"]), strict=True))
