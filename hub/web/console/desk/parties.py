"""Records by what they say of themselves, beside the keys that their sources give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from sqlalchemy import Connection

from hub.store.match_reads import Party
from hub.store.provenance_reads import witnesses
from hub.store.visible import Denied
from hub.web.access import Access
from hub.web.console import shown
from hub.web.console.words import Words
from schemas import MODELS

#: By record, its name and what tells it apart, as far as the caller sees them.
Said = Mapping[int, tuple[str, str]]


def party_told(t: Words, party: Party) -> str:
    """Name a record by its source and key."""
    return f"{shown.source_title(t, party.source)} {party.key}"


def said_by(
    t: Words,
    access: Access,
    connection: Connection,
    action: str,
    parties: Iterable[tuple[str, Party]],
) -> Said:
    """Return what records, by their types, say of themselves; the audit is told of the action."""
    found: dict[int, tuple[str, str]] = {}
    in_order = sorted(parties, key=lambda one: (one[0], one[1].record_id))
    for record_type, group in groupby(in_order, key=lambda one: one[0]):
        model, members = MODELS[record_type], [party for _, party in group]
        try:
            view = access.view(model, shown.listed_fields(model))
        except Denied:
            continue
        said = witnesses(connection, view, [one.record_id for one in members])
        access.tell(
            connection, action, view, sorted({one.golden_id or "" for one in members} - {""})
        )
        found |= {
            number: (shown.name_of(t, model, one), shown.telling(t, model, one))
            for number, one in said.items()
        }
    return found


def side_told(t: Words, party: Party, said: Said) -> dict[str, str]:
    """Write one side of a pair for a list: its key, its name, and what tells it apart."""
    name, about = said.get(party.record_id, ("", ""))
    return {"told": party_told(t, party), "name": name, "about": about}
