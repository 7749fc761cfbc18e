"""What is published of the declarations, for people and for programs; pure functions of them.

entries     every field, record type and code table as JSON
schemata    JSON Schema of a record type
contract    its data contract, Open Data Contract Standard 3.1
guide       the field guide that stewards read, Chinese and English
published   the files of all these in `schemas/published/`, and whether they are fresh
"""

from hub.catalogue.contract import contract
from hub.catalogue.entries import catalogue, code_tables, entry, field_entry, meaning, table_of
from hub.catalogue.guide import guide
from hub.catalogue.published import FOLDER, published, stale, write
from hub.catalogue.schemata import json_schema

__all__ = [
    "FOLDER",
    "catalogue",
    "code_tables",
    "contract",
    "entry",
    "field_entry",
    "guide",
    "json_schema",
    "meaning",
    "published",
    "stale",
    "table_of",
    "write",
]
