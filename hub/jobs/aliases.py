"""Names of one compound: 邮电局家属院 is what people call 康东豪庭.

Two names are one compound's where places listed under them were found to be one, or where records
that say the one write an address with the other. They hold within a community only.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from pandas.api.extensions import ExtensionArray
from sqlalchemy import Connection

from hub.matching import place_words
from hub.matching.compound_names import compare_compound_names, fold_compound_names
from hub.store import aliases
from hub.store.aliases import ALIAS
from schemas.addresses import compound_key, parse_addresses
from schemas.distinct import Column, arrow, cells, distinct, read_rows, text_array

#: Two names are taken for one compound's where so many records say both, and this share of all
#: that write an address with any name; one slip of a pen is not enough.
_LEAST, _SHARE = 2, 0.5


def find_aliases(connection: Connection, touched: list[str] | None) -> list[str]:
    """Find again by which names the touched compounds, or all, go; return names that go otherwise.

    What comes back are the names of compounds whose records must be looked at again.
    """
    if touched == []:
        return []
    said = aliases.names_of_places(connection, touched)
    now = pd.concat([said, _in_texts(aliases.names_in_texts(connection, touched))])
    now = now[~_parts_of_one(now)].drop_duplicates()
    old = aliases.read_aliases(connection, compounds=touched)
    if {*old.itertuples(index=False, name=None)} == {*now.itertuples(index=False, name=None)}:
        return []
    before = aliases.read_aliases(connection)
    aliases.change_aliases(connection, old, now)
    return _renamed(_one_names(before), _one_names(aliases.read_aliases(connection)))


def placed_words(connection: Connection, community: Column, address_key: Column) -> ExtensionArray:
    """Give the words of places by which they are compared: one name for each compound."""
    names = aliases.read_aliases(connection, distinct(community)[0])
    if names.empty:
        return place_words(community, address_key)
    one = _one_names(names)

    def words(there: str | None, address: str | None) -> tuple[str | None]:
        if there is None or address is None:
            return (None,)
        name, bar, rest = address.partition("|")
        return (f"{there}|{one.get((there, name), name)}{bar}{rest}",)

    (placed,) = read_rows((pd.Series(community), pd.Series(address_key)), words, 1)
    return text_array(arrow(placed))


def _in_texts(said: pd.DataFrame) -> pd.DataFrame:
    """Find the names that addresses of houses say instead of their compound's."""
    other = said["other"].notna()
    if not other.any():
        return said.loc[other, []].reindex(columns=ALIAS)
    parsed = parse_addresses(said.loc[other, "other"])
    named = compound_key(parsed["compound_name"]).reindex(said.index)
    # An address may name its compound in another spelling; one that names none says nothing.
    known = named.fillna(said["compound_key"].where(~other))
    votes = said.assign(known_as=known).dropna(subset="known_as")
    votes = votes.groupby(ALIAS)["count"].sum().reset_index()
    total = votes.groupby(ALIAS[:2])["count"].transform("sum")
    clear = (votes["count"] >= _LEAST) & (votes["count"] >= _SHARE * total)
    return votes.loc[clear & (votes["known_as"] != votes["compound_key"]), ALIAS]


def _parts_of_one(names: pd.DataFrame) -> pd.Series:
    """Tell which pairs of names are those of two parts, or of a compound and a part of it."""
    one, other = (fold_compound_names(names[column].tolist()) for column in ALIAS[1:])
    parts = [
        compare_compound_names(*pair) in ("other part", "whole and part")
        for pair in zip(one, other, strict=True)
    ]
    return pd.Series(parts, index=names.index, dtype="bool")


#: By community and name of a compound: the name that stands for all its names.
_Names = Mapping[tuple[str, str], str]


def _one_names(names: pd.DataFrame) -> _Names:
    """Choose one name for all that hang together in a community: the first of the alphabet."""
    groups: dict[tuple[str, str], set[str]] = {}
    for community, *pair in zip(*(cells(names[column]) for column in ALIAS), strict=True):
        together = set().union(*(groups.get((community, name), {name}) for name in pair))
        groups |= {(community, name): together for name in together}
    return {place: min(group) for place, group in groups.items()}


def _renamed(before: _Names, after: _Names) -> list[str]:
    places = before.keys() | after.keys()
    return sorted({place[1] for place in places if before.get(place) != after.get(place)})
