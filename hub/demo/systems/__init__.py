"""The four departments' systems, running for real, each with `start()` and `stop()`.

Each keeps what is written to it, and writes it down in `journal.jsonl` beside its own data.
"""

from hub.demo.systems.property import PropertySystem
from hub.demo.systems.public_security import PublicSecurity
from hub.demo.systems.street_office import StreetOffice
from hub.demo.systems.urban_management import Fault, UrbanManagement

__all__ = ["Fault", "PropertySystem", "PublicSecurity", "StreetOffice", "UrbanManagement"]
