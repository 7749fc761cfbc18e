"""What is published of the declarations, for people and for programs; pure functions of them.

entries     every field, record type and code table as JSON
schemata    JSON Schema of a record type
contract    its data contract, Open Data Contract Standard 3.1
versions    what differs between two contracts, and what of it breaks readers
dcat        all record types as linked data, DCAT in JSON-LD
sheet       all data items as the workbook that the platform above takes in
guide       the field guide that stewards read, Chinese and English
published   the files of all these in `schemas/published/`, and whether they are fresh
"""

from hub.catalogue.contract import contract
from hub.catalogue.dcat import dcat
from hub.catalogue.entries import catalogue, code_tables, entry, field_entry, meaning, table_of
from hub.catalogue.guide import guide
from hub.catalogue.published import FOLDER, Breaking, compared, published, stale, write
from hub.catalogue.schemata import json_schema
from hub.catalogue.sheet import sheet
from hub.catalogue.versions import Change, changes, next_version

__all__ = [
    "FOLDER",
    "Breaking",
    "Change",
    "catalogue",
    "changes",
    "code_tables",
    "compared",
    "contract",
    "dcat",
    "entry",
    "field_entry",
    "guide",
    "json_schema",
    "meaning",
    "next_version",
    "published",
    "sheet",
    "stale",
    "table_of",
    "write",
]
