"""The demo district: an invented population over the real streets of Xining Chengdong.

`district(people, seed, today)` draws the true world and what four departments hold of it, with
all their dirt (`errors.DIRTS`) and the truth of who is who; `.later(days, share)` is the same
district after some days. `Departments` runs the four systems for real. Nothing here uses the
hub's connectors or its matching: the same facts are written down a second time on purpose, so
that a test against the demo district is a test.
"""

from hub.demo.departments import Departments
from hub.demo.district import District, district
from hub.demo.errors import DIRTS, LAGS, SPOILS, Dirt, Lag
from hub.demo.native import KEYS, changed_rows

__all__ = [
    "DIRTS",
    "KEYS",
    "LAGS",
    "SPOILS",
    "Departments",
    "Dirt",
    "District",
    "Lag",
    "changed_rows",
    "district",
]
