"""Which records speak of the same thing: keys in common, clusters, ids that stay."""

from hub.matching.cluster import cluster
from hub.matching.ids import Assignment, assign_ids
from hub.matching.keys import KEY_FIELDS, keys_in_common, place_words, record_keys

__all__ = [
    "KEY_FIELDS",
    "Assignment",
    "assign_ids",
    "cluster",
    "keys_in_common",
    "place_words",
    "record_keys",
]
