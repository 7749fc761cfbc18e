"""Compounds of one name in several communities, told apart by what else records say.

A door tells where a record is, and rooms that one register lists with one manager and one year of
building are taken to be of one compound. What is found is kept beside the compounds' communities,
under the name and the detail.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from hub.matching.doors import read_doors
from hub.store import aliases
from schemas.distinct import cells

#: A detail, or a compound, lies where at least this share of what records say agrees.
AGREEMENT = 0.8

_DETAIL = ["compound_key", "community_code"]


def elected(votes: pd.DataFrame) -> dict[str, str]:
    """Return where compounds lie: ``compound_key``, ``community_code``, ``votes`` of records."""
    compounds, counts = cells(votes["compound_key"]), votes["votes"].to_numpy()
    which, _ = pd.factorize(compounds)
    clear = counts >= AGREEMENT * np.bincount(which, counts)[which]
    return dict(zip(compounds[clear], cells(votes["community_code"])[clear], strict=True))


def place_namesakes(connection: Connection, contested: Sequence[str]) -> dict[str, str]:
    """Say of details of contested names, each written ``name|detail``, in which community it is."""
    if not contested:
        return {}
    records = aliases.details_in(connection, contested)
    doors = _doors(records)
    by_door = elected(_votes(doors, records["community_code"]))
    groups = _groups(records)
    there = records["community_code"].fillna(_first(doors, by_door, records.index))
    return by_door | elected(_votes(groups, there))


def communities_of(connection: Connection, records: pd.DataFrame) -> dict[str, str]:
    """Return by record id where records lie whose compound's name alone does not tell.

    ``records``: ``record_id`` and ``compound_key``; those that stay unknown are not returned.
    """
    known = aliases.placed_details(connection, [*records["compound_key"].dropna().unique()])
    if not known:
        return {}
    names = {key.split("|")[0] for key in known}
    asked = records.loc[records["compound_key"].isin(names), "record_id"]
    said = aliases.details_of(connection, [int(one) for one in asked])
    found = _first(_doors(said), known, said.index)
    found = found.fillna(_first(_groups(said), known, said.index))
    there = found.notna().to_numpy()
    return dict(zip(cells(said["record_id"])[there], cells(found)[there], strict=True))


def _doors(records: pd.DataFrame) -> pd.Series:
    """Return the doors that records name, each as ``name|end of the road|door``, by row."""
    rows = [
        (row, f"{name}|{road[-3:]}|{run[0]:g}")
        for row, name, address in zip(
            records.index, records["compound_key"], records["address"].fillna(""), strict=True
        )
        for road, run in read_doors(address).runs
    ]
    return pd.Series([word for _, word in rows], index=[row for row, _ in rows], dtype="str")


def _groups(records: pd.DataFrame) -> pd.Series:
    name = records["compound_key"] + "|" + records["register"]
    said: pd.Series = name + "|" + records["company"] + "|" + records["year"]
    return said.dropna()


def _votes(details: pd.Series, community: pd.Series) -> pd.DataFrame:
    there = community.reindex(details.index)
    frame = pd.DataFrame({"compound_key": details.to_numpy(), "community_code": there.to_numpy()})
    return frame.dropna().groupby(_DETAIL).size().rename("votes").reset_index()


def _first(details: pd.Series, known: dict[str, str], index: pd.Index) -> pd.Series:
    """Say by row where the first detail that is known lies."""
    found = details.map(known).dropna()
    return found[~found.index.duplicated()].reindex(index).astype("str")
