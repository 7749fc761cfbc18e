"""A real district's grids, places and facilities, where their files are at hand.

The files are the departments' own formats: the street office's folder is copied, so that the
hub may write to it, and the urban-management rows are served by the same server as the invented
ones. No file holds personal data; there are no residents, houses or cameras.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Self

import pandas as pd

import hub
from hub.demo.native import keys_of
from hub.demo.systems import UrbanManagement
from hub.demo.views.view import View

#: Beside the project's folder, where the files are kept that may not be copied into it.
FILES = Path(hub.__file__).parents[2] / "shared" / "data" / "real_district"

_DISTRICT = {"DIVISION": "330103", "AREA_CODE": "0571", "EPSG": "4549"}


class RealDistrict:
    """The two departments of the real district, running."""

    def __init__(self, folder: Path, files: Path = FILES) -> None:
        self.office = folder.absolute() / "street_office"
        self.files = files
        self.urban_management = UrbanManagement(refuses=0.0)

    def __enter__(self) -> Self:
        """Copy the street office's deliveries and start urban management's server."""
        shutil.copytree(self.files / "street_office", self.office, dirs_exist_ok=True)
        keys = keys_of("urban_management")
        rows = {dataset: self._rows(dataset, key) for dataset, key in keys.items()}
        self.urban_management.load(View("urban_management", rows)).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.urban_management.stop()

    def environment(self) -> dict[str, str]:
        """Give the hub's settings that connect it to these systems, and for their district."""
        sources = {
            "STREET_OFFICE__FOLDER": str(self.office),
            "URBAN_MANAGEMENT__URL": self.urban_management.url,
            "URBAN_MANAGEMENT__TOKEN": self.urban_management.token,
        }
        district = {f"HUB_DISTRICT__{name}": value for name, value in _DISTRICT.items()}
        return district | {f"HUB_SOURCES__{name}": value for name, value in sources.items()}

    def _rows(self, dataset: str, key: str) -> pd.DataFrame:
        file = self.files / "urban_management" / f"{dataset}.json"
        if not file.exists():
            return pd.DataFrame({key: []}, dtype="str")
        return pd.DataFrame(json.loads(file.read_text(encoding="utf-8")), dtype="str")
