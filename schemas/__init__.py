"""The hub's words: the 108 public fields, the eight record types that carry them, their rules.

Imports nothing of ours from outside this package; everything else derives from it.
"""

from schemas.address import Address
from schemas.building import Building
from schemas.camera import Camera
from schemas.component import Component
from schemas.field import FieldSpec, Section, field, fields
from schemas.geo_entity import GeoEntity
from schemas.grid import Grid
from schemas.house import House
from schemas.person import Person

#: The record types by name, each after those it refers to: grids and places locate the rest.
MODELS: dict[str, type[Section]] = {
    model.record_type: model
    for model in (Grid, GeoEntity, Address, Building, House, Person, Component, Camera)
}

#: The record types by the name of their API collection.
COLLECTIONS: dict[str, type[Section]] = {model.collection: model for model in MODELS.values()}

__all__ = [
    "COLLECTIONS",
    "MODELS",
    "Address",
    "Building",
    "Camera",
    "Component",
    "FieldSpec",
    "GeoEntity",
    "Grid",
    "House",
    "Person",
    "Section",
    "field",
    "fields",
]
