"""Where a record says it is: the folded address by which dwellings are compared."""

from __future__ import annotations

import pandas as pd

from schemas.addresses import PARTS, address_key, compound_key, key_from_parts, parse_addresses
from schemas.field import Section

#: Class of places that are residential compounds.
_COMPOUND = "01"


def whereabouts(model: type[Section], values: pd.DataFrame) -> pd.DataFrame:
    """Return ``address_key`` (down to the room) and ``compound_key`` of judged records.

    Both are missing where the record says too little. The key's first part is the compound's.
    """
    keys = pd.Series([None] * len(values), index=values.index, dtype="str")
    if model.record_type in ("house", "address"):
        keys = _from_parts(values)
    if model.record_type in ("house", "address", "person", "building"):
        keys = keys.fillna(_from_text(_column(values, "standard_address")))
    compound = keys.str.extract(r"^([^|]*)", expand=False)
    if model.record_type == "geo_entity":
        named = _column(values, "geo_entity_name").where(
            _column(values, "geo_entity_class") == _COMPOUND
        )
        compound = compound_key(named)
    return pd.DataFrame({"address_key": keys, "compound_key": compound})


def _from_parts(values: pd.DataFrame) -> pd.Series:
    return key_from_parts(
        *(_column(values, name) for name in ("compound_name", "building_no", "unit_no", "room_no"))
    )


def _from_text(said: pd.Series) -> pd.Series:
    codes, distinct = pd.factorize(said)
    parts = parse_addresses(pd.Series(distinct, dtype="str"), None)
    keys = address_key(parts[list(PARTS)] if set(PARTS) <= set(parts) else parts)
    # A missing address has code -1 and so takes the None at the end.
    return pd.Series([*keys, None], dtype="str").take(codes).set_axis(said.index)


def _column(values: pd.DataFrame, name: str) -> pd.Series:
    if name in values:
        return values[name]
    return pd.Series([None] * len(values), index=values.index, dtype="str")
