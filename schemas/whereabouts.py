"""Where a record says it is: the folded address by which dwellings are compared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from schemas.addresses import compound_key, key_from_parts, key_of_addresses
from schemas.distinct import Texts, arrow, filled, is_said, nothing, read_each, where
from schemas.field import Section

#: Class of places that are residential compounds.
_COMPOUND = "01"


def whereabouts(
    model: type[Section], values: Mapping[str, Texts], size: int
) -> tuple[Texts, Texts]:
    """Return the address key (down to the room) and the compound key of so many judged records.

    Both are missing where the record says too little. The key's first part is the compound's.
    """
    unsaid = nothing(size)
    keys = unsaid
    if model.record_type in ("house", "address") and "compound_name" in values:
        names = ("compound_name", "building_no", "unit_no", "floor_no", "room_no")
        keys = key_from_parts(*(values.get(name, unsaid) for name in names))
    if model.record_type in ("house", "address", "person", "building"):
        keys = _completed(keys, values.get("standard_address", unsaid))
    compound = read_each(keys, lambda key: key.partition("|")[0])
    if model.record_type == "geo_entity":
        compound = _of_compounds(
            values.get("geo_entity_name", unsaid), values.get("geo_entity_class", unsaid)
        )
    return keys, compound


def _completed(keys: Texts, said: Texts) -> Texts:
    """Read the whole address where the parts, which need no reading, do not suffice."""
    lacking = ~is_said(keys)
    if lacking.all():
        return key_of_addresses(said)
    return filled(keys, key_of_addresses(where(lacking, said))) if lacking.any() else keys


def _of_compounds(names: Texts, classes: Texts) -> Texts:
    compounds = np.array([code == _COMPOUND for code in arrow(classes).to_pylist()], np.bool_)
    return compound_key(where(compounds, names))
