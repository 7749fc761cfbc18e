"""The golden record: one datum, one source; every value with its origin.

A golden record is a pure function of its live records, the judgements and the rules: nothing here
reads a clock, a database or the order of arrival.
"""

from hub.golden.derive import POSITION, VAGUE_FRAMES, Surroundings, derive
from hub.golden.merge import Authorities, Golden, merge
from hub.golden.rules import RULES, encode_origin, origin_of

__all__ = [
    "POSITION",
    "RULES",
    "VAGUE_FRAMES",
    "Authorities",
    "Golden",
    "Surroundings",
    "derive",
    "encode_origin",
    "merge",
    "origin_of",
]
