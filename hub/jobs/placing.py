"""Where records are: said by themselves, by their position, or by the compound they name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from sqlalchemy import Connection

from hub.jobs.aliases import placed_words
from hub.jobs.namesakes import communities_of
from hub.jobs.whereabouts import Areas
from hub.store.compounds import compounds_placed
from schemas import Section
from schemas.distinct import Column, Columns, arrow, cells, chosen_rows, is_said, text_array


def place(
    connection: Connection, areas: Areas, model: type[Section], said: Columns
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
            of_grid = pc.utf8_slice_codeunits(arrow(said["grid_code"]), 0, 12)
            community = text_array(pc.coalesce(arrow(community), of_grid))
        compounds = said["compound_key"]
        if (open_ := ~is_said(community) & is_said(compounds)).any():
            known = compounds_placed(connection, list({*cells(compounds)[open_]}))
            community = _filled(community, compounds, known)
        if (lost := ~is_said(community) & is_said(compounds)).any():
            found = communities_of(connection, pd.DataFrame(chosen_rows(said, lost)))
            community = _filled(community, said["record_id"], found)
    place = placed_words(connection, community, said["address_key"])
    return pd.DataFrame({**said, "community_code": community, "place": place}, copy=False)


def _filled(said: Column, words: Column, known: Mapping[str, str]) -> Column:
    """Fill what is missing by what is known of the words beside it."""
    told = cells(said)
    empty = np.flatnonzero(pd.isna(told))
    if not (len(empty) and known):
        return said
    told = told.copy()
    told[empty] = [known.get(word) for word in cells(words)[empty].tolist()]
    return text_array(told)
