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
from schemas.distinct import Column, arrow, cells, is_said, text_array, text_column

#: Columns of a frame of keys.
KEYS = ["record_id", "key", "use"]


def record_keys(record_type: str, records: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of records: ``record_id``, ``key`` (hash), ``use``.

    ``records`` holds ``record_id``, ``source``, ``dataset``, ``key``, ``place`` (community code
    and folded address, see :func:`place_words`), ``same_as`` (the ``dataset|key`` that a tie of
    role *same* names) and the record type's identifying fields.
    """
    ids = cells(records["record_id"])
    columns: list[list[str]] = [[], [], []]
    listed = _WORDS[record_type](records)
    for words, use in listed:
        # A place is the same words for the house, the address that names it and who lives there.
        prefix = "place|" if words.name == "place" else f"{record_type}|"
        told = is_said(words)
        columns[0] += ids[told].tolist()
        columns[1] += [text_hash(prefix + word) for word in cells(words)[told].tolist()]
        columns[2] += [use] * int(told.sum())
    keys = pd.DataFrame(dict(zip(KEYS, map(text_array, columns), strict=True)))
    # Of the words of one record two may be the same.
    return keys.drop_duplicates(ignore_index=True) if len(listed) > 1 else keys


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
    return text_array(_together(community, address_key))


def _joined(*parts: pd.Series | str) -> pd.Series:
    """Join words and what columns say; where one of these says nothing, there is nothing."""
    return text_column(
        _together(*parts), next(one.index for one in parts if isinstance(one, pd.Series))
    )


def _together(*parts: Column | str) -> pa.Array:
    said = (pa.scalar(one, _TEXT) if isinstance(one, str) else arrow(one) for one in parts)
    return pc.binary_join_element_wise(*said, pa.scalar("|", _TEXT))


_TEXT = pa.large_string()


Words = list[tuple[pd.Series, str]]


def _coded(*columns: str) -> Callable[[pd.DataFrame], Words]:
    def words(records: pd.DataFrame) -> Words:
        return [(_joined(*(records[column] for column in columns)), "same")]

    return words


def _person(records: pd.DataFrame) -> Words:
    # Which records are one person is weighed, not read off a key: see `hub.matching.persons`.
    return [(records["place"], "home")]


def _house(records: pd.DataFrame) -> Words:
    return [
        (records["place"], "same"),
        (_joined("row", records["source"], records["dataset"], records["key"]), "same"),
        (_joined("row", records["source"], records["same_as"]), "same"),
    ]


def _address(records: pd.DataFrame) -> Words:
    # A coded address is the same as another by its code alone; the parsed text may repeat.
    uncoded = records["place"].where(records["address_code"].isna())
    return [
        (_joined("code", records["address_code"]), "same"),
        (_joined("text", uncoded), "same"),
        (records["place"], "home"),
    ]


def _grid(records: pd.DataFrame) -> Words:
    code = records["grid_code"].where(records["grid_type"] != "4", records["unit_grid_code"])
    return [(_joined(records["grid_type"], code), "same")]


_WORDS: dict[str, Callable[[pd.DataFrame], Words]] = {
    "person": _person,
    "house": _house,
    "address": _address,
    "grid": _grid,
    "component": _coded("component_id"),
    "camera": _coded("device_code"),
    "geo_entity": _coded("geo_entity_id"),
    "building": _coded("model_object_id"),
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
