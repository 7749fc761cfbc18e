"""Where records are: said by themselves, by their position, or by the compound they name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from hub.hashes import cells
from hub.jobs.aliases import placed_words
from hub.jobs.namesakes import communities_of
from hub.jobs.whereabouts import Areas
from hub.store.compounds import compounds_placed
from schemas import Section
from schemas.distinct import is_said, text_array


def place(
    connection: Connection, areas: Areas, model: type[Section], said: pd.DataFrame
) -> pd.DataFrame:
    """Say of each record where it is: its community, and the words of its place.

    ``said``: records as `hub.store.linking.affected_records` returns them. Added are
    ``community_code`` and ``place``.
    """
    community = said["said_community"]
    if model.record_type in ("address", "geo_entity", "component", "camera"):
        located = areas.locate_records(connection, model)
        community = _filled(community, said["record_id"], located)
    if model.record_type in ("house", "person"):
        if model.record_type == "house":
            # A grid's code begins with its community's.
            community = community.fillna(said["grid_code"].str[:12])
        compounds = said["compound_key"]
        if (open_ := ~is_said(community) & is_said(compounds)).any():
            known = compounds_placed(connection, list(compounds[open_].unique()))
            community = _filled(community, compounds, known)
        if (lost := ~is_said(community) & is_said(compounds)).any():
            found = communities_of(connection, said[lost])
            community = _filled(community, said["record_id"], found)
    placed = said.copy(deep=False)
    placed["community_code"] = community
    placed["place"] = placed_words(connection, community, said["address_key"])
    return placed


def _filled(said: pd.Series, words: pd.Series, known: Mapping[str, str]) -> pd.Series:
    """Fill what is missing by what is known of the words beside it."""
    told = cells(said)
    empty = np.flatnonzero(pd.isna(told))
    if not (len(empty) and known):
        return said
    told = told.copy()
    told[empty] = [known.get(word) for word in cells(words)[empty].tolist()]
    return pd.Series(text_array(told), index=said.index)
