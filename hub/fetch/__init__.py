"""How sources are read: folders of files, paged REST, SQL tables.

The only part of the hub that speaks to departments' systems. A transport is a `Connector`
without datasets; a connector in `connectors/` takes one and adds what the rows mean.
"""

from hub.fetch.folders import CsvFolder, CsvSettings, FolderOfDeliveries, FolderSettings
from hub.fetch.rest import RestPages, RestSettings
from hub.fetch.sql import SqlSettings, SqlTables

__all__ = [
    "CsvFolder",
    "CsvSettings",
    "FolderOfDeliveries",
    "FolderSettings",
    "RestPages",
    "RestSettings",
    "SqlSettings",
    "SqlTables",
]
