"""Life goes on: the same district some days later.

People move, change their telephone, marry into other rooms of the statistics, die, are born or
leave; flats are sold; parts break; departments mend what was wrong. About the asked share of
every dataset's rows changes, and every changed row says a newer time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.demo.chance import Chance, Flags, Ints, Text
from hub.demo.errors import LAGS
from hub.demo.identity import citizen_ids, mobiles
from hub.demo.names import full_names
from hub.demo.world import THINGS, World

Moments = npt.NDArray[np.datetime64]
EVENTS = ("move", "leave", "phone", "death", "withdraw", "correct", "visit", "birth")
WEIGHTS = (22, 8, 14, 4, 5, 20, 14, 13)
#: Of the police's rows that change, so many are committed late: their time lies before the
#: newest one of the state before, by up to ten minutes.
LATE = 0.05
LATEST = 600


def later(world: World, days: int = 1, share: float = 0.01) -> World:
    """Return the district after so many days, in which this share of the rows changed."""
    if days < 1 or not 0 <= share <= 1:
        raise ValueError("days must be at least 1, the share between 0 and 1")
    chance = Chance(world.seed * 1_000_003 + int(world.now.astype("M8[s]").astype(np.int64)))
    now = world.now + np.timedelta64(days, "D")
    people = world.persons.copy()
    pid = np.arange(len(people))
    touched = chance.hit("touched", pid, share) & (people["hh"] >= 0).to_numpy()
    touched &= ~people["withdrawn"].to_numpy() & (people["status"] == "1").to_numpy()
    event = np.where(touched, chance.pick("event", pid, EVENTS, WEIGHTS), "")
    event = np.where((event == "death") & (people["age"] < 40), "visit", event)
    mother = ~people["male"].to_numpy() & people["age"].between(20, 42).to_numpy()
    event = np.where((event == "birth") & ~mother, "phone", event).astype(object)
    when = _moments(chance, world.now, now, len(people))
    _happen(chance, world, people, event, when)
    _commit_late(chance, world, people, event)
    born = _born(chance, world, people, np.flatnonzero(event == "birth"), when)
    flats = _homes(chance, world, people, event, when, share)
    deeds = _sold(chance, world, people, now, share)
    everybody = pd.concat([people, born], ignore_index=True)
    everybody["id"] = _numbered(world, everybody)
    changed = {name: _touched(chance, world, name, now, share) for name in THINGS}
    return world.evolve(now=now, persons=everybody, houses=flats, owners=deeds, **changed)


def _moments(chance: Chance, start: np.datetime64, end: np.datetime64, count: int) -> Moments:
    """Draw a moment for each, after the state before and not after this one."""
    span = int((end - start) / np.timedelta64(1, "s"))
    return start + chance.whole("moment", np.arange(count), 1, span).astype("m8[s]")


def _happen(chance: Chance, world: World, people: pd.DataFrame, event: Text, when: Moments) -> None:
    pid, day = np.arange(len(people)), when.astype("M8[D]").astype("M8[s]")
    free = np.flatnonzero(world.houses["dwelling"] & ~world.houses["unsold"])
    target = free[(chance.share("move.to", pid) * len(free)).astype(int)]
    moves, calls = event == "move", event == "phone"
    people.loc[moves, "hid_before"] = people.loc[moves, "hid"]
    people.loc[moves, "hid"] = target[moves]
    people.loc[moves, "home_since"] = day[moves]
    people.loc[calls, "phone_before"] = people.loc[calls, "phone"]
    turn = int(world.now.astype("M8[D]").astype(np.int64)) % 1_000
    people.loc[calls, "phone"] = mobiles(chance, "phone.new", pid + 10_000_000 + turn * 13)[calls]
    people.loc[calls, "phone_since"] = day[calls]
    people.loc[event == "leave", "status"] = "2"
    people.loc[event == "death", "status"] = "3"
    gone = (event == "withdraw") | (event == "leave") & chance.hit("leave.gone", pid, 0.5)
    people.loc[gone, "withdrawn"] = True
    people.loc[event == "correct", "mended"] = True
    visited = np.isin(event, ["visit", "move", "phone"])
    people.loc[visited, "visited"] = day[visited]
    for lag in LAGS:
        people.loc[event != "", f"seen.{lag.source}"] = when[event != ""]


def _commit_late(chance: Chance, world: World, people: pd.DataFrame, event: Text) -> None:
    """Let the police commit a few rows with a time before the newest one already read."""
    pid = np.arange(len(people))
    late = np.isin(event, ["correct", "visit", "death", "leave"]) & chance.hit(
        "late", pid, LATE * 2
    )
    newest = world.persons["seen.public_security"].max().to_datetime64().astype("M8[s]")
    back = chance.whole("late.by", pid, 1, LATEST).astype("m8[s]")
    people.loc[late, "seen.public_security"] = (newest - back)[late]


def _born(
    chance: Chance, world: World, people: pd.DataFrame, mothers: Ints, when: Moments
) -> pd.DataFrame:
    """Register newborns with their mothers' households."""
    born = people.iloc[mothers].copy().reset_index(drop=True)
    pid = np.arange(len(people), len(people) + len(born))
    male, family = chance.hit("born.sex", pid, 0.52), born["family"].to_numpy()
    group = born["group"].to_numpy(dtype=object)
    name = full_names(world.chance, pid, group, family, male, born["abroad"].to_numpy())
    day = when[mothers].astype("M8[D]").astype("M8[s]")
    born[["former_name", "education", "work", "phone_second", "disability"]] = ""
    born[["disability_level", "inflow", "id", "document"]] = ""
    born[["alone", "nest", "veteran", "tenant", "mended"]] = False
    return born.assign(
        male=male,
        birth=day,
        home_since=day,
        age=0,
        role="child",
        relation=np.where(male, "20", "30"),
        name=name,
        marital="10",
        politics="13",
        emergency_name=people["name"].to_numpy(dtype=object)[mothers],
        emergency_phone=people["phone"].to_numpy(dtype=object)[mothers],
    )


def _numbered(world: World, people: pd.DataFrame) -> np.ndarray:
    """Number the newborn as well; all others keep the numbers they have."""
    day = people["birth"].dt.strftime("%Y%m%d").to_numpy(dtype=object)
    sex = np.where(people["male"], 1, 2)
    fresh = citizen_ids(world.chance, np.arange(len(people)), day, sex)
    foreign = (people["document_type"] != "111").to_numpy()
    return np.where(foreign, "", fresh)


def _homes(
    chance: Chance, world: World, people: pd.DataFrame, event: Text, when: Moments, share: float
) -> pd.DataFrame:
    """Touch the flats that people left or entered, and as many more as the share asks for."""
    flats = world.houses.copy()
    hid, drawn = np.arange(len(flats)), chance.share("house.touched", np.arange(len(flats)))
    stirred = np.flatnonzero(np.isin(event, ["move", "leave", "death", "withdraw", "birth"]))
    moments = np.full(len(flats), np.datetime64("NaT", "s"))
    for column in ("hid", "hid_before"):
        homes = people[column].to_numpy()[stirred]
        moments[homes[homes >= 0]] = when[stirred][homes >= 0]
    mended = drawn < max(0.0, share - float((~np.isnat(moments)).mean()))
    late = _moments(chance, world.now, when.max(), len(flats))
    moments[mended] = late[mended]
    for lag in LAGS:
        # Addresses do not change because people move: the police look at others.
        where = drawn < share if lag is LAGS[0] else ~np.isnat(moments)
        flats.loc[where, f"seen.{lag.source}"] = (late if lag is LAGS[0] else moments)[where]
    flats.loc[mended & (flats["hazard"] != ""), "hazard"] = ""
    flats["area"] = flats["area"] + 0.5 * (mended & flats["dwelling"])
    flats.loc[mended & chance.hit("house.gone", hid, 0.05) & ~flats["dwelling"], "gone"] = True
    return flats


def _sold(
    chance: Chance, world: World, people: pd.DataFrame, now: np.datetime64, share: float
) -> pd.DataFrame:
    """Sell some flats: the old owner's row is withdrawn, the buyer's is new."""
    deeds = world.owners.copy()
    number = np.arange(len(deeds))
    when = _moments(chance, world.now, now, len(deeds))
    sold = (
        chance.hit("sold", number, share * 0.25)
        & ~deeds["gone"].to_numpy()
        & (deeds["pid"] >= 0).to_numpy()
    )
    again: Flags = chance.hit("deed.again", number, share * 0.25) | sold
    deeds.loc[again, "seen.property"] = when[again]
    deeds.loc[sold, "gone"] = True
    adults = np.flatnonzero((people["hh"] >= 0) & (people["age"] >= 25) & (people["status"] == "1"))
    fresh = deeds[sold].copy()
    buyer = adults[(chance.share("buyer", number[sold]) * len(adults)).astype(int)]
    fresh["pid"], fresh["partner"], fresh["gone"], fresh["company"] = buyer, -1, False, False
    return pd.DataFrame(pd.concat([deeds, fresh], ignore_index=True))


def _touched(
    chance: Chance, world: World, name: str, now: np.datetime64, share: float
) -> pd.DataFrame:
    """Let this share of other things change state, or at least be looked at again."""
    frame: pd.DataFrame = getattr(world, name).copy()
    ids = np.arange(len(frame))
    hit = chance.hit("touched." + name, ids, share)
    frame.loc[hit, "seen"] = _moments(chance, world.now, now, len(frame))[hit]
    if "state" in frame:
        states = chance.pick("state." + name, ids, ["1", "2", "3"], [6, 3, 1])
        frame.loc[hit, "state"] = states[hit]
    if name == "components":
        frame.loc[hit & chance.hit("component.gone", ids, 0.1), "gone"] = True
    if name == "grids":
        frame.loc[hit, "leaders"] = frame["leaders"] + 1
    return frame
