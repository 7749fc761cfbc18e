"""All four departments of the demo district at once: their systems, running, and their settings."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Any, Self

from hub.demo.district import District, district
from hub.demo.systems import PropertySystem, PublicSecurity, StreetOffice, UrbanManagement
from hub.demo.truth import save


class Departments:
    """The departments of a district, each with a system of its own under one folder.

    `database_url` is the police's database: any SQLAlchemy URL; without one they use SQLite.
    `refuses` is the share of proposals that departments turn down.
    """

    def __init__(
        self,
        folder: Path,
        state: District | None = None,
        database_url: str | None = None,
        refuses: float = 0.1,
    ) -> None:
        self.folder = folder.absolute()
        self.state = state if state is not None else district()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.webhook_secret = "whsec_" + b64encode(token_bytes(32)).decode()
        police = database_url or f"sqlite:///{self.folder / 'public_security.sqlite'}"
        journal = self.folder / "public_security.jsonl"
        self.public_security = PublicSecurity(police, journal, refuses)
        self.street_office = StreetOffice(self.folder / "street_office", refuses)
        self.urban_management = UrbanManagement(
            token_urlsafe(24), journal=self.folder / "urban_management.jsonl", refuses=refuses
        )
        self.property = PropertySystem(
            self.folder / "property", self.webhook_secret, refuses=refuses
        )

    def start(self) -> Self:
        """Fill all systems with the first state and start them; write the truth beside."""
        views = self.state.views
        self.public_security.load(views["public_security"]).start()
        self.street_office.deliver(views["street_office"], self.state.world.now)
        self.street_office.start()
        self.urban_management.load(views["urban_management"]).start()
        self.property.load(views["property"]).start()
        self._write_truth()
        return self

    def stop(self) -> None:
        """Stop all systems."""
        for system in (
            self.public_security,
            self.street_office,
            self.urban_management,
            self.property,
        ):
            system.stop()

    def __enter__(self) -> Self:
        """Start all systems."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop all systems."""
        self.stop()

    def environment(self) -> dict[str, str]:
        """Give the hub's settings that connect it to these systems."""
        said = {
            "PUBLIC_SECURITY__URL": self.public_security.url,
            "STREET_OFFICE__FOLDER": str(self.street_office.folder),
            "URBAN_MANAGEMENT__URL": self.urban_management.url,
            "URBAN_MANAGEMENT__TOKEN": self.urban_management.token,
            "PROPERTY__FOLDER": str(self.property.folder),
            "PROPERTY__WEBHOOK_URL": self.property.url,
            "PROPERTY__WEBHOOK_SECRET": self.webhook_secret,
        }
        return {f"HUB_SOURCES__{name}": value for name, value in said.items()}

    def advance(self, days: int = 1, share: float = 0.01) -> dict[str, list[dict[str, str]]]:
        """Let life go on in all systems; return the property rows that wait to be pushed.

        Police and urban management hold the new state at once, the street office delivers it;
        property companies push when they are told to (`departments.property.push`).
        """
        before, after = self.state, self.state.later(days, share)
        self.state = after

        def both(source: str) -> tuple[Any, Any]:
            return before.views[source], after.views[source]

        self.public_security.advance(*both("public_security"))
        self.urban_management.advance(*both("urban_management"))
        self.street_office.deliver(after.views["street_office"], after.world.now)
        self._write_truth()
        return self.property.advance(*both("property"))

    def _write_truth(self) -> None:
        save(self.state.truth, self.folder / "truth" / "records.csv")
        save(self.state.relations, self.folder / "truth" / "relations.csv")
        save(self.state.dirt, self.folder / "truth" / "dirt.csv")
