"""Where a record says it is: the folded address by which dwellings are compared."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from schemas.addresses import compound_key, key_from_parts, key_of_addresses
from schemas.distinct import is_said, read_each, text_column
from schemas.field import Section

#: Class of places that are residential compounds.
_COMPOUND = "01"


def whereabouts(model: type[Section], values: pd.DataFrame) -> pd.DataFrame:
    """Return ``address_key`` (down to the room) and ``compound_key`` of judged records.

    Both are missing where the record says too little. The key's first part is the compound's.
    """
    keys = _nothing(values)
    if model.record_type in ("house", "address"):
        keys = _from_parts(values)
    if model.record_type in ("house", "address", "person", "building"):
        keys = _filled(keys, _column(values, "standard_address"))
    compound = read_each(keys, lambda key: key.partition("|")[0])
    if model.record_type == "geo_entity":
        named = _column(values, "geo_entity_name").where(
            _column(values, "geo_entity_class") == _COMPOUND
        )
        compound = compound_key(named)
    return pd.DataFrame({"address_key": keys.array, "compound_key": compound.array}, values.index)


def _from_parts(values: pd.DataFrame) -> pd.Series:
    if "compound_name" not in values:
        return _nothing(values)
    names = ("compound_name", "building_no", "unit_no", "floor_no", "room_no")
    return key_from_parts(*(_column(values, name) for name in names))


def _filled(keys: pd.Series, said: pd.Series) -> pd.Series:
    """Read the whole address where the parts, which need no reading, do not suffice."""
    lacking = ~is_said(keys)
    if lacking.all():
        return key_of_addresses(said)
    return keys.fillna(key_of_addresses(said.where(lacking))) if lacking.any() else keys


def _column(values: pd.DataFrame, name: str) -> pd.Series:
    return values[name] if name in values else _nothing(values)


def _nothing(values: pd.DataFrame) -> pd.Series:
    return text_column(pa.nulls(len(values), pa.large_string()), values.index)
