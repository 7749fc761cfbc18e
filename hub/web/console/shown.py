"""Values as people read them: codes by their labels, yes and no, points, lists; names of things.

Nothing here reads or decides who sees what: it writes what a view has given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from connectors import CONNECTORS
from hub.jobs.resolve import CHINA
from hub.web.console.words import Words, meanings
from schemas import FieldSpec, Section, field, fields
from schemas.codes import CodeTable, communities, division
from schemas.kinds import (
    Boolean,
    Coded,
    CommunityCode,
    DivisionCode,
    Geometry,
    GridCode,
    Integer,
    ListOf,
    SubdistrictCode,
)
from schemas.kinds.kind import Kind

#: By record type, the fields a thing is known by, the first that has a value being its name.
NAMES: Mapping[str, tuple[str, ...]] = {
    "person": ("person_name", "citizen_id_no", "id_document_no"),
    "house": ("standard_address", "house_code"),
    "address": ("standard_address", "address_code"),
    "grid": ("grid_name", "grid_code", "unit_grid_code"),
    "component": ("component_name", "component_id"),
    "camera": ("device_name", "device_code"),
    "geo_entity": ("geo_entity_name", "geo_entity_id"),
    "building": ("building_code", "model_object_id"),
}
#: What tells things of one name apart in a list.
TELLING: Mapping[str, tuple[str, ...]] = {
    "person": ("sex_code", "birth_date", "standard_address"),
    "house": ("house_use", "resident_count"),
    "address": ("compound_name", "address_code"),
    "grid": ("grid_type", "grid_code"),
    "component": ("component_id", "component_status"),
    "camera": ("device_type", "device_status"),
    "geo_entity": ("geo_entity_class", "geo_entity_id"),
    "building": ("building_structure", "storeys_above_ground"),
}

NOTHING_NAMED: Mapping[str, str] = MappingProxyType({})


class Telling(Protocol):
    """What says something of a thing: its golden record, or one record of it."""

    @property
    def fields(self) -> Mapping[str, object]:
        """Return what it says, by field."""


def listed_fields(model: type[Section]) -> frozenset[str]:
    """Return the fields that a list shows of each thing."""
    return frozenset(NAMES[model.record_type] + TELLING[model.record_type])


def title_of(t: Words, spec: FieldSpec) -> str:
    """Return what a field is called."""
    return t.pick(spec.title_zh, spec.title_en)


def meaning_of(t: Words, spec: FieldSpec) -> str:
    """Return what a field means, in a sentence or two."""
    return t.pick(meanings()[spec.name], spec.meaning)


def type_title(t: Words, model: type[Section]) -> str:
    """Return what one thing of a record type is called."""
    return t("type." + model.record_type)


def types_title(t: Words, model: type[Section]) -> str:
    """Return what things of a record type are called where many are meant."""
    return t("types." + model.record_type)


def name_of(t: Words, model: type[Section], record: Telling) -> str:
    """Return what a thing is called."""
    said = (record.fields.get(name) for name in NAMES[model.record_type])
    return str(next(filter(None, said), t("record.unnamed")))


def telling(t: Words, model: type[Section], record: Telling) -> str:
    """Return in a line what tells a thing from others of its name."""
    said = [
        _alone(t, field(model, name), record.fields[name])
        for name in TELLING[model.record_type]
        if record.fields.get(name) is not None
    ]
    return t("record.between").join(said)


def _alone(t: Words, spec: FieldSpec, value: object) -> str:
    """Write a value where no title stands before it: a bare number says nothing."""
    text = written(t, spec, value)
    return f"{title_of(t, spec)} {text}" if isinstance(spec.kind, Integer) else text


def written(
    t: Words, spec: FieldSpec, value: object, grids: Mapping[str, str] = NOTHING_NAMED
) -> str:
    """Write a value, masked or whole, as people read it; ``grids`` are names of grids by code."""
    if isinstance(spec.kind, GridCode) and str(value) in grids:
        return f"{grids[str(value)]} ({value})"
    return "" if value is None else _written(t, spec.kind, value)


def _written(t: Words, kind: Kind, value: Any) -> str:
    if isinstance(kind, ListOf) and isinstance(value, list):
        said = t("record.between").join(_written(t, kind.item, one) for one in value)
        # That there is none was said, too.
        return said or t("value.none")
    if isinstance(kind, Coded):
        return labels(t, kind.codes).get(str(value), str(value))
    if isinstance(kind, Boolean):
        return t("value.yes" if value else "value.no")
    if isinstance(kind, DivisionCode):
        known = division(str(value))
        return f"{known.name} ({value})" if known else str(value)
    if isinstance(kind, CommunityCode | SubdistrictCode):
        place = communities().title(str(value))
        return f"{place} ({value})" if place else str(value)
    if isinstance(kind, Geometry) and isinstance(value, Mapping):
        return _place(t, value)
    return str(value)


def labels(t: Words, table: CodeTable) -> Mapping[str, str]:
    """Return the labels of a table's codes."""
    return table.labels if t.language == "zh" else {**table.labels, **table.labels_en}


def _place(t: Words, geometry: Mapping[str, Any]) -> str:
    if geometry.get("type") == "Point":
        return ", ".join(f"{part:.6f}" for part in geometry["coordinates"])
    return t("value.outline")


def source_title(t: Words, source: str) -> str:
    """Return what a source is called."""
    known = CONNECTORS.get(source)
    return t.title(known.title) if known else t("source.hub") if source == "hub" else source


def authority_title(t: Words, authority: str) -> str:
    """Return who answers for a field."""
    return t("authority." + authority)


def moment(at: datetime | None) -> str:
    """Write a time as people in the district read it."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if at else ""


def day(said: object) -> str:
    """Write the day of a time that may be given as text."""
    return moment(said)[:10] if isinstance(said, datetime) else str(said or "")[:10]


def specs_of(model: type[Section], names: Sequence[str]) -> list[FieldSpec]:
    """Return the fields of these names, in the order of their declaration."""
    return [spec for spec in fields(model) if spec.name in names]
