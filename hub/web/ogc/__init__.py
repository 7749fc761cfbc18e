"""The hub as OGC API - Features: what lies on a map, for the programs that draw maps.

Part 1 (OGC 17-069r4): Core, GeoJSON, OpenAPI 3.0. Its reads are those of `/v1`: the same views, the
same audit, the same problems; only that a wrong parameter is answered with 400, as the standard
has it.
"""
