"""Links of records while they are linked anew: what they were, what they are now."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from hub.store import linking
from schemas.distinct import Columns, cells, is_said, text_array

#: What the columns of links are called among records that are being linked.
_LINKED = {
    "entity_id": "entity_id",
    "home_id": "home_id",
    "community_code": "linked_community",
    "compound_key": "linked_compound",
}


def _numbers(placed: pd.DataFrame) -> np.ndarray:
    return np.asarray(cells(placed["record_id"]).astype(np.int64))


def links_so_far(
    connection: Connection, record_type: str, placed: pd.DataFrame, *, whole: bool
) -> tuple[set[str], bool, Columns]:
    """Return what affected records are linked to so far; see `linking.affected_links`.

    ``placed``: those that were looked at anew. ``whole``: these are all there are.
    """
    if not whole and len(placed) <= linking.FEW:
        return linking.affected_links(connection, record_type)
    before, affected = linking.linked_before(connection)
    # Of all records, those that were not looked at are withdrawn, and nobody else has a home.
    linked = before or bool(is_said(placed["home_id"]).any())
    if not whole and (linked or affected > len(placed)):
        return linking.affected_links(connection, record_type)
    record_ids = _numbers(placed)
    order = np.argsort(record_ids)
    if before and whole:
        # Some may have gone while all were matched.
        gone = linking.linked_no_more(connection, record_type)
        order = order[~np.isin(record_ids[order], list(gone))]
    said = {name: placed[of].array[order] for name, of in _LINKED.items()}
    return before, affected > len(order), {"record_id": record_ids[order], **said}


def links_now(links: Columns, placed: pd.DataFrame, entity_ids: pd.Series) -> Columns:
    """Write the links of all affected records; those not looked at anew keep their place."""
    # Of records that came or went meanwhile, the next resolve will tell.
    rows = pd.Index(_numbers(placed)).get_indexer(pd.Index(links["record_id"]))
    anew = rows >= 0
    told = {"record_id": links["record_id"], "entity_id": entity_ids.array}
    for name in ("community_code", "compound_key"):
        words = cells(links[name]).copy()
        words[anew] = cells(placed[name])[rows[anew]]
        told[name] = text_array(words)
    return told


def concerned(links: Columns, placed: pd.DataFrame, entity_ids: pd.Series) -> set[str]:
    """Return the entities of records that were looked at anew, or that are others' now.

    Most records that a change leads on to stay what they are, and so do their entities.
    """
    anew = np.isin(links["record_id"], _numbers(placed))
    was, now = cells(links["entity_id"]), cells(entity_ids)
    moved = was != now
    return {*now[anew | moved], *was[moved]} - {None}


def fresh(placed: pd.DataFrame) -> np.ndarray:
    """Return the numbers of the records that never were linked before."""
    return np.asarray(_numbers(placed)[~is_said(placed["home_id"])])
