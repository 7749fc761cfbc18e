"""A state of the demo district: the true world, and what four departments hold of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from hub.demo import truth
from hub.demo.delivery import write_delivery
from hub.demo.later import later
from hub.demo.native import keys_of, write_first_load
from hub.demo.views import property as property_companies
from hub.demo.views import public_security, street_office, urban_management
from hub.demo.views.view import View
from hub.demo.world import TODAY, World, make

VIEWS = {
    "public_security": public_security.view,
    "street_office": street_office.view,
    "urban_management": urban_management.view,
    "property": property_companies.view,
}


@dataclass(frozen=True)
class District:
    """The world and its views at one moment; everything follows from seed, size and day."""

    world: World
    views: dict[str, View]

    def rows(self, source: str, dataset: str) -> pd.DataFrame:
        """Return the native rows of a dataset."""
        return self.views[source].rows[dataset]

    @cached_property
    def truth(self) -> pd.DataFrame:
        """Say for every native row what it is about: source, dataset, key, entity, true_id."""
        return pd.concat([view.truth() for view in self.views.values()], ignore_index=True)

    @cached_property
    def relations(self) -> pd.DataFrame:
        """Say who lives, rents, owns and is registered where, and who makes up a household."""
        return truth.relations(self.world)

    @cached_property
    def dirt(self) -> pd.DataFrame:
        """Name the key of every dirty row."""
        return pd.concat([view.dirt() for view in self.views.values()], ignore_index=True)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Count for every dirt whom it could befall and whom it did."""
        return pd.concat([view.counts() for view in self.views.values()], ignore_index=True)

    def later(self, days: int = 1, share: float = 0.01) -> District:
        """Return the district some days later, with this share of all rows changed."""
        after = survey(later(self.world, days, share))
        _withdraw_what_vanished(self, after)
        return after

    def write(self, folder: Path) -> None:
        """Write what departments deliver as files, and the truth beside (in `truth/`)."""
        write_delivery(self.views["street_office"], folder / "street_office", self.world.now)
        write_first_load(self.views["property"], folder / "property")
        tables = {"records": self.truth, "relations": self.relations, "dirt": self.dirt}
        for name, frame in {**tables, "counts": self.counts}.items():
            truth.save(frame, folder / "truth" / f"{name}.csv")


def district(people: int = 3_000, seed: int = 1, today: str = TODAY) -> District:
    """Make the demo district."""
    return survey(make(people, seed, today))


def survey(world: World) -> District:
    """Let each department write down what it sees of the world."""
    return District(world, {source: view(world) for source, view in VIEWS.items()})


def _withdraw_what_vanished(before: District, after: District) -> None:
    """Keep rows that property companies no longer list, as withdrawn: a push cannot be absent."""
    view = after.views["property"]
    stamp = pd.Timestamp(after.world.now).strftime("%Y-%m-%d %H:%M:%S")
    for dataset, key in keys_of("property").items():
        old, new = before.rows("property", dataset), view.rows[dataset]
        lost = old[~old[key].isin(new[key])].copy()
        fresh = (lost["status_cd"] != "1").to_numpy()
        lost.loc[fresh, "update_time"], lost.loc[fresh, "status_cd"] = stamp, "1"
        view.rows[dataset] = pd.concat([new, lost], ignore_index=True)
    was = before.views["property"].truth()
    stems = was["key"].str.replace(r"#[12]$", "", regex=True)
    known = pd.concat([view.rows["rooms"]["room_id"], view.rows["owners"]["member_id"]])
    told = view.truth()["key"].str.replace(r"#[12]$", "", regex=True)
    view.truths.append(was.loc[stems.isin(known) & ~stems.isin(told)])
