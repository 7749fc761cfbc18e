"""Chinese addresses: taken apart, written in one way, and compared by key.

Pure functions of whole columns; each distinct text is read once.
"""

from schemas.addresses.keys import (
    address_key,
    compound_key,
    key_from_parts,
    key_of_addresses,
)
from schemas.addresses.parts import (
    PARTS,
    dwelling_parts,
    parse_addresses,
    standard_text,
)

__all__ = [
    "PARTS",
    "address_key",
    "compound_key",
    "dwelling_parts",
    "key_from_parts",
    "key_of_addresses",
    "parse_addresses",
    "standard_text",
]
