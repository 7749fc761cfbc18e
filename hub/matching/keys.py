"""Keys: what records of one thing have in common, hashed.

Equal keys of use ``same`` link two records; keys of use ``home`` tell where a person lives, or
which house an address names, and are only looked up.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

from hub.hashes import text_hash
from schemas.distinct import Column, arrow, cells, text_array

#: Columns of a frame of keys.
KEYS = ["record_id", "key", "use"]


def record_keys(record_type: str, records: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of records: ``record_id``, ``key`` (hash), ``use``.

    ``records`` holds ``record_id``, ``source``, ``dataset``, ``key``, ``place`` (community code
    and folded address, see :func:`place_words`), ``same_as`` (the ``dataset|key`` that a tie of
    role *same* names) and the record type's identifying fields.
    """
    ids = cells(records["record_id"])
    listed = _WORDS[record_type](records)
    held: list[tuple[str, str, str]] = []
    for kind, words, use in listed:
        held += [
            (record_id, text_hash(f"{kind}|{word}"), use)
            for record_id, word in zip(ids, words.to_pylist(), strict=True)
            if word is not None
        ]
    # Of the words of one record two may be the same.
    each_once = dict.fromkeys(held) if len(listed) > 1 else held
    columns = zip(*each_once, strict=True) if held else ((), (), ())
    return pd.DataFrame(dict(zip(KEYS, map(text_array, columns), strict=True)), copy=False)


def keys_in_common(records: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Return the keys that link records, for `cluster`; a record without any has an empty one."""
    same = cells(keys["use"]) == "same"
    linked = cells(keys["record_id"])[same].astype(np.int64)
    every = cells(records["record_id"]).astype(np.int64)
    without = every[~np.isin(every, linked)]
    words = [*cells(keys["key"])[same], *[None] * len(without)]
    both = {"record_id": np.concatenate([linked, without]), "key": text_array(words)}
    return pd.DataFrame(both, copy=False)


def place_words(community: Column, address_key: Column) -> ExtensionArray:
    """Join community and folded address; a place without a community stands for nothing."""
    return text_array(_joined(arrow(community), arrow(address_key)))


def _joined(*parts: pa.Array | str) -> pa.Array:
    """Join words and what columns say; where one of these says nothing, there is nothing."""
    said = (pa.scalar(one, _TEXT) if isinstance(one, str) else one for one in parts)
    return pc.binary_join_element_wise(*said, pa.scalar("|", _TEXT))


_TEXT = pa.large_string()

#: Of what kind of thing words speak, the words, and what equal ones are used for.
Words = list[tuple[str, pa.Array, str]]

#: A place is the same words for the house, the address that names it and who lives there.
_PLACE = "place"


def _coded(record_type: str, column: str) -> Callable[[pd.DataFrame], Words]:
    return lambda records: [(record_type, arrow(records[column]), "same")]


def _person(records: pd.DataFrame) -> Words:
    # Which records are one person is weighed, not read off a key: see `hub.matching.persons`.
    return [(_PLACE, arrow(records["place"]), "home")]


def _house(records: pd.DataFrame) -> Words:
    names = ("place", "source", "dataset", "key", "same_as")
    place, source, dataset, key, same_as = (arrow(records[name]) for name in names)
    return [
        (_PLACE, place, "same"),
        ("house", _joined("row", source, dataset, key), "same"),
        ("house", _joined("row", source, same_as), "same"),
    ]


def _address(records: pd.DataFrame) -> Words:
    place, code = arrow(records["place"]), arrow(records["address_code"])
    # A coded address is the same as another by its code alone; the parsed text may repeat.
    uncoded = pc.if_else(code.is_null(), place, pa.scalar(None, _TEXT))
    return [
        ("address", _joined("code", code), "same"),
        ("address", _joined("text", uncoded), "same"),
        (_PLACE, place, "home"),
    ]


def _grid(records: pd.DataFrame) -> Words:
    code = records["grid_code"].where(records["grid_type"] != "4", records["unit_grid_code"])
    return [("grid", _joined(arrow(records["grid_type"]), arrow(code)), "same")]


_WORDS: dict[str, Callable[[pd.DataFrame], Words]] = {
    "person": _person,
    "house": _house,
    "address": _address,
    "grid": _grid,
    "component": _coded("component", "component_id"),
    "camera": _coded("camera", "device_code"),
    "geo_entity": _coded("geo_entity", "geo_entity_id"),
    "building": _coded("building", "model_object_id"),
}

#: The public fields each record type is keyed by.
KEY_FIELDS: dict[str, tuple[str, ...]] = {
    "person": (),
    "house": ("grid_code",),
    "address": ("address_code",),
    "grid": ("grid_type", "grid_code", "unit_grid_code"),
    "component": ("component_id",),
    "camera": ("device_code",),
    "geo_entity": (
        *("geo_entity_id", "geo_entity_name", "geo_entity_class", "boundary_geometry"),
        *("source_crs", "positional_accuracy_m", "evidence"),
    ),
    "building": ("model_object_id",),
}
