"""Names of one compound: 邮电局家属院 is what people call 康东豪庭.

Two names are one compound's where places listed under them were found to be one, or where records
that say the one write an address with the other. They hold within a community only.
"""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection

from hub.matching import place_words
from hub.matching.compound_names import compare_compound_names, fold_compound_names
from hub.store import aliases
from hub.store.aliases import ALIAS
from schemas.addresses import compound_key, parse_addresses

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


def placed_words(connection: Connection, community: pd.Series, address_key: pd.Series) -> pd.Series:
    """Give the words of places by which they are compared: one name for each compound."""
    names = aliases.read_aliases(connection, community.dropna().unique().tolist())
    if names.empty:
        return place_words(community, address_key)
    compound = address_key.str.extract(r"^([^|]*)", expand=False)
    one = _one_names(names)
    both = pd.MultiIndex.from_arrays([community, compound])
    known = pd.Series(one.reindex(both).to_numpy(), index=address_key.index, dtype="str")
    renamed = known + address_key.str.replace(r"^[^|]*", "", regex=True)
    return place_words(community, renamed.fillna(address_key))


def _in_texts(said: pd.DataFrame) -> pd.DataFrame:
    """Find the names that addresses of houses say instead of their compound's."""
    if said.empty:
        return said[[]].reindex(columns=ALIAS)
    other = said["other"].notna()
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


def _one_names(names: pd.DataFrame) -> pd.Series:
    """Choose one name for all that hang together in a community: the first of the alphabet."""
    chosen: dict[tuple[str, str], str] = {}
    for community, pairs in names.groupby("community_code"):
        groups: dict[str, set[str]] = {}
        for one, other in zip(pairs["compound_key"], pairs["known_as"], strict=True):
            together = groups.get(one, {one}) | groups.get(other, {other})
            groups |= dict.fromkeys(together, together)
        chosen |= {(str(community), name): min(group) for name, group in groups.items()}
    index = pd.MultiIndex.from_tuples(chosen, names=ALIAS[:2]) if chosen else _NO_NAMES
    return pd.Series(list(chosen.values()), index=index, dtype="str")


_NO_NAMES = pd.MultiIndex.from_arrays([[], []], names=ALIAS[:2])


def _renamed(before: pd.Series, after: pd.Series) -> list[str]:
    names = before.index.union(after.index)
    was, now = (said.reindex(names) for said in (before, after))
    changed = names[(was.fillna("") != now.fillna("")).to_numpy()]
    return sorted(set(changed.get_level_values(1)))
