"""Callers of the city hotline: a name as heard, a telephone, an address as said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo import spelling
from hub.demo.chance import Ints, Text, digits, number
from hub.demo.views.seen import compound_words, home_seen, phone_seen, short_addresses
from hub.demo.views.view import Stains, View, column, table, true_ids
from hub.demo.world import World

SOURCE = "urban_management"


def reporters(world: World, made: View) -> None:
    """Write one row a caller; some called twice from different telephones."""
    people, chance = world.persons, world.chance
    everybody = np.arange(len(people))
    calls = chance.hit("caller", everybody, 0.045) & (people["age"] >= 18).to_numpy()
    pid = np.flatnonzero(
        calls & (people["hh"] >= 0).to_numpy() & (people["phone"] != "").to_numpy()
    )
    keys = np.asarray("BS" + digits(number(pid, 99_999_989, 48_271_939), 8))
    stains = Stains(chance, pid, keys, people["mended"].to_numpy()[pid])
    rows = table(_rows(world, pid, keys, stains))
    twice = stains.hit("urban.caller_twice")
    again = rows[twice].copy()
    again["ReporterID"] = np.asarray("BT" + digits(number(pid[twice], 99_999_989, 48_271_939), 8))
    again["Phone"] = column(people, "phone_before")[pid[twice]]
    frame = pd.concat([rows, again], ignore_index=True)
    made.rows["reporters"] = frame
    made.stains.append(stains)
    made.tell(
        "reporters",
        column(frame, "ReporterID"),
        "person",
        true_ids("person", np.concatenate([pid, pid[twice]])),
    )


def _rows(world: World, pid: Ints, keys: Text, stains: Stains) -> dict[str, Text]:
    people = world.persons
    home = home_seen(world, pid, SOURCE)
    seen = people[f"seen.{SOURCE}"].to_numpy()[pid]
    called = spelling.times(seen, "%Y-%m-%d %H:%M:%S")
    return {
        "ReporterID": keys,
        "Name": _names(world, pid, stains),
        "Phone": phone_seen(world, pid, SOURCE),
        "Address": _addresses(world, pid, home, stains),
        "LastCallTime": called,
        "UpdateTime": called,
        "Deleted": np.full(len(pid), "0", dtype=object),
    }


def _names(world: World, pid: Ints, stains: Stains) -> Text:
    people, chance = world.persons, world.chance
    names = column(people, "name")[pid]
    titled = stains.hit("urban.name_only_title", ~people["abroad"].to_numpy()[pid])
    misheard = stains.hit("urban.name_homophone", ~titled & spelling.can_be_misspelt(names))
    names = spelling.misspelt(chance, "caller.misspelt", pid, names, misheard)
    title = np.where(people["male"].to_numpy()[pid], "先生", "女士").astype(object)
    return np.where(
        titled, np.array([name[:1] for name in names], dtype=object) + title, names
    ).astype(object)


def _addresses(world: World, pid: Ints, home: Ints, stains: Stains) -> Text:
    kid = world.houses["kid"].to_numpy()[home]
    vague = stains.hit("urban.address_vague")
    compound = compound_words(world.chance, world, "caller.compound", pid, kid, 0.3)
    exact = short_addresses(world.chance, world, "caller.address", pid, home, 0.2)
    return np.where(vague, compound, exact).astype(object)
