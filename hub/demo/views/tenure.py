"""Owners, their families and tenants, as property companies note them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hub.demo import spelling
from hub.demo.chance import Flags, Ints, Text, digits, number
from hub.demo.identity import mobiles
from hub.demo.things import owner_company
from hub.demo.views.documents import spoilt_ids
from hub.demo.views.seen import full_addresses, home_seen, phone_seen
from hub.demo.views.view import Stains, View, at, column, either, table, true_ids
from hub.demo.world import World

SOURCE = "property"
TIME = "%Y-%m-%d %H:%M:%S"
#: Their system holds no longer names.
LONGEST = 12


def managed(world: World) -> Flags:
    """Say which houses lie in compounds with a property company."""
    return np.asarray(world.compounds["managed"].to_numpy()[world.houses["kid"].to_numpy()])


def room_ids(hid: Ints) -> Text:
    """Give the key of rooms, which owners' rows name too."""
    return np.asarray("7520" + digits(number(hid, 9_999_999_967, 387_420_489), 10))


def owners(world: World, made: View) -> None:
    """Write owners, family members and tenants of the managed rooms."""
    rooms = Stains(
        world.chance, np.arange(len(world.houses)), room_ids(np.arange(len(world.houses)))
    )
    developer = rooms.hit(
        "property.developer_owns", managed(world) & world.houses["dwelling"].to_numpy()
    )
    sales = _sales(world, developer)
    people = pd.concat([sales, _family(world), _tenants(world)], ignore_index=True)
    keys = np.asarray(
        column(people, "prefix")
        + digits(number(people["number"].to_numpy(), 999_999_937, 48_271), 9)
    )
    stains = Stains(world.chance, people["number"].to_numpy(), keys, _mended(world, people))
    frame = table(_rows(world, people, keys, stains, rooms))
    made.rows["owners"] = frame
    made.stains += [stains, rooms]
    _tell(world, made, people, keys)


def _sales(world: World, developer: Flags) -> pd.DataFrame:
    """List owners, one line a room and owner; what is unsold is the developer's."""
    deeds = world.owners
    kept = managed(world)[deeds["hid"].to_numpy()] & ~(developer[deeds["hid"].to_numpy()])
    frame = deeds[kept].copy()
    frame["number"], frame["prefix"], frame["kind"] = np.flatnonzero(kept), "MO", "1001"
    written = frame[f"seen.{SOURCE}"].to_numpy()
    person = world.persons[f"seen.{SOURCE}"].to_numpy()[frame["pid"].clip(lower=0)]
    frame["since"] = np.where(frame["pid"] >= 0, np.maximum(written, person), written)
    unsold = np.flatnonzero((world.houses["unsold"] | developer) & managed(world))
    made = pd.DataFrame({"hid": unsold, "pid": -1, "company": True, "partner": -1, "gone": False})
    made["number"], made["prefix"], made["kind"] = unsold + 400_000_000, "MD", "1001"
    made["since"] = world.houses[f"seen.{SOURCE}"].to_numpy()[unsold]
    frame["developer"], made["developer"] = False, True
    return pd.DataFrame(pd.concat([frame, made], ignore_index=True))


def _family(world: World) -> pd.DataFrame:
    """List grown members of owners' households."""
    people = world.persons
    own = (people["hh"] >= 0) & ~people["tenant"] & (people["age"] >= 16)
    owner = people.index.isin(world.owners["pid"]) | people.index.isin(world.owners["partner"])
    return _residents(world, np.flatnonzero(own & ~owner), "property.family", 0.5, "MF", "1002")


def _tenants(world: World) -> pd.DataFrame:
    people = world.persons
    heads = people["tenant"] & people["role"].isin(["head", "lodger"])
    return _residents(world, np.flatnonzero(heads), "property.tenant", 0.6, "MT", "1003")


def _residents(
    world: World, pid: Ints, question: str, rate: float, prefix: str, kind: str
) -> pd.DataFrame:
    home = home_seen(world, pid, SOURCE)
    kept = managed(world)[home] & world.chance.hit(question, pid, rate)
    frame = pd.DataFrame({"hid": home[kept], "pid": pid[kept], "company": False, "partner": -1})
    frame["number"], frame["prefix"], frame["kind"], frame["developer"] = (
        pid[kept],
        prefix,
        kind,
        False,
    )
    frame["since"] = world.persons[f"seen.{SOURCE}"].to_numpy()[pid[kept]]
    frame["gone"] = (world.persons["status"] != "1").to_numpy()[pid[kept]] | world.persons[
        "withdrawn"
    ].to_numpy()[pid[kept]]
    return frame


def _mended(world: World, people: pd.DataFrame) -> Flags:
    pid = people["pid"].to_numpy()
    return np.asarray((pid >= 0) & world.persons["mended"].to_numpy()[pid])


def _rows(
    world: World, people: pd.DataFrame, keys: Text, stains: Stains, rooms: Stains
) -> dict[str, Text]:
    hid, numbers, chance = people["hid"].to_numpy(), people["number"].to_numpy(), world.chance
    person = people["pid"].to_numpy() >= 0
    first, second = _phones(world, people, stains, rooms)
    located = chance.hit("owner.location", numbers, 0.4)
    withdrawn = stains.hit("property.owner_withdrawn") | people["gone"].to_numpy()
    return {
        "member_id": keys,
        **_named(world, people, stains),
        "link": first,
        "link2": second,
        "owner_type_cd": column(people, "kind"),
        "room_id": room_ids(hid),
        "room_location": either(located, full_addresses(world, hid, "城东区"), ""),
        "move_in_date": _moved_in(world, people),
        "age": either(person & chance.hit("owner.age", numbers, 0.3), "30", ""),
        "status_cd": either(withdrawn, "1", "0"),
        "update_time": spelling.times(people["since"].to_numpy(), TIME),
    }


def _named(world: World, people: pd.DataFrame, stains: Stains) -> dict[str, Text]:
    """Write name and id number: one person's, two people's in one cell, or a company's."""
    pid, partner, numbers = (people[name].to_numpy() for name in ("pid", "partner", "number"))
    together = stains.hit("property.owners_in_one_cell", partner >= 0)
    both = together & world.chance.hit("owner.both_ids", numbers, 0.4)
    names, ids = _names(world, pid, stains), _ids(world, pid, stains)
    shared = spelling.joined(names, "、", at(world.persons, "name", partner))
    ids = either(both & (ids != ""), ids + "、" + at(world.persons, "id", partner), ids)
    firm, nameless = firms(world, people), world.chance.hit("owner.no_code", numbers, 0.2)
    firm_code = either(nameless, "", at(world.companies, "code", firm))
    whole = either(pid >= 0, either(together, shared, names), at(world.companies, "name", firm))
    cut = [word[:LONGEST].removesuffix("、") for word in whole]
    return {"name": np.array(cut, dtype=object), "id_card": either(pid >= 0, ids, firm_code)}


def firms(world: World, people: pd.DataFrame) -> Ints:
    """Give the company behind each row that is no person's: the developer, or an investor."""
    hid = people["hid"].to_numpy()
    kid = world.houses["kid"].to_numpy()[hid]
    builder = owner_company(world.chance, world.companies, "developer", "compound.developer", kid)
    landlord = owner_company(world.chance, world.companies, "landlord", "owner.firm", hid)
    return np.asarray(np.where(people["developer"], builder, landlord))


def _ids(world: World, pid: Ints, stains: Stains) -> Text:
    clean, other = at(world.persons, "id", pid), at(world.persons, "document", pid)
    ids = spoilt_ids(stains, "property", clean, dict.fromkeys(("missing", "masked", "wrong_digit")))
    instead = stains.hit("property.id_other_document", other != "")
    return np.where(instead, other, ids).astype(object)


def _names(world: World, pid: Ints, stains: Stains) -> Text:
    names = at(world.persons, "name", pid)
    typo = stains.hit("property.name_typo", spelling.can_be_misspelt(names))
    names = spelling.misspelt(world.chance, "property.misspelt", stains.ids, names, typo)
    two = (pd.Series(names, dtype="str").str.len() == 2).to_numpy()
    apart = stains.hit("property.name_spaced", two & ~typo)
    names[apart] = spelling.spaced(names[apart], " ")
    return names


def _phones(world: World, people: pd.DataFrame, stains: Stains, rooms: Stains) -> tuple[Text, Text]:
    """Give the first telephone, sometimes the agent's, and the second, which counts for nothing."""
    pid, hid = people["pid"].to_numpy(), people["hid"].to_numpy()
    known = np.maximum(pid, 0)
    found = np.where(pid >= 0, phone_seen(world, known, SOURCE), "").astype(object)
    typo = stains.hit("property.phone_typo", found != "")
    found[typo] = spelling.one_digit_off(
        world.chance, "property.phone.off", stains.ids[typo], found[typo], 4, 10
    )
    let = np.zeros(len(world.houses), dtype=bool)
    let[world.persons.loc[world.persons["tenant"], "hid"].to_numpy()] = True
    agency = rooms.hit("property.agent_phone", let & managed(world))
    agents = mobiles(
        world.chance, "agent.phone", 60_000_000 + world.houses["kid"].to_numpy()[hid] // 3
    )
    through = agency[hid] & (column(people, "kind") == "1001")
    second = np.where(through, found, at(world.persons, "phone_second", pid))
    return np.where(through, agents, found).astype(object), second.astype(object)


def _moved_in(world: World, people: pd.DataFrame) -> Text:
    pid = people["pid"].to_numpy()
    since = world.persons["home_since"].to_numpy()[np.maximum(pid, 0)]
    lives = (pid >= 0) & (world.persons["hid"].to_numpy()[pid] == people["hid"].to_numpy())
    return np.where(lives, spelling.dates(since, "%Y-%m-%d"), "").astype(object)


def _tell(world: World, made: View, people: pd.DataFrame, keys: Text) -> None:
    """Note whom each row is about: of two in one cell, `#1` and `#2`; and which house."""
    pid, partner = people["pid"].to_numpy(), people["partner"].to_numpy()
    names = column(made.rows["owners"], "name")
    shared = pd.Series(names, dtype="str").str.contains("、", regex=False).to_numpy()
    alone = (pid >= 0) & ~shared
    made.tell("owners", keys[alone], "person", true_ids("person", pid[alone]))
    for nth, who in ((1, pid), (2, partner)):
        made.tell("owners", keys[shared] + f"#{nth}", "person", true_ids("person", who[shared]))
    firm = pid < 0
    made.tell("owners", keys[firm], "company", true_ids("company", firms(world, people)[firm]))
    owner = column(people, "kind") == "1001"
    made.tell("owners", keys[owner], "house", true_ids("house", people["hid"].to_numpy()[owner]))
